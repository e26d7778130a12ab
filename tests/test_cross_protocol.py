"""Whatever way one harvests by, one gets the same: what there is, and what was withdrawn, mergers among it.

To test another way, write a follower (`tests/followers.py`) and add it to `FOLLOWERS`. Each harvests while things
happen: as it is, and by one that is left now and then and gone on with from what it remembers.
"""

import gzip
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest
from flask.testing import FlaskClient
from lxml import etree
from pyoxigraph import NamedNode, Quad, RdfFormat, parse
from werkzeug.serving import make_server

from service import create_app
from service.settings import Settings
from tests.followers import (
    ATOM,
    ID,
    TOMBSTONES,
    AtomReader,
    Crawler,
    Follower,
    JsonReader,
    LogReader,
    ScytheReader,
    SickleReader,
    restored,
)
from tests.harvesters import Harvest, StreamClient, SyncClient, capabilities
from tests.history import lived

IS_REPLACED_BY = NamedNode("http://purl.org/dc/terms/isReplacedBy")
SEED, STEPS, STRIDE = 74, 14, 4
Mergers = dict[str, str]


@dataclass(frozen=True)
class Place:
    """Where a service is: for those that call it directly, and for those that come over the network."""

    client: FlaskClient
    address: str


FOLLOWERS: dict[str, Callable[[Place], Follower]] = {
    "stream": lambda place: StreamClient(place.client, "/ldes"),
    "resourcesync": lambda place: SyncClient(place.client),
    "log": lambda place: LogReader(place.client),
    "sickle": lambda place: SickleReader(f"{place.address}/oai"),
    "scythe": lambda place: ScytheReader(f"{place.address}/oai"),
    "atom": lambda place: AtomReader(place.client),
    "json-feed": lambda place: JsonReader(place.client),
    "sitemap": lambda place: Crawler(place.client),
}


@dataclass
class Harvesting:
    """A follower at work. Each harvest that comes to its end is followed by the next."""

    follower: Follower
    ended: int = 0
    left: int = 0

    def __post_init__(self) -> None:
        self.running = self.follower.steps()

    def advance(self) -> None:
        """Go on by some pages, or to the end; the next time another harvest begins."""
        for _ in range(STRIDE):
            try:
                next(self.running)
            except StopIteration:
                self.ended += 1
                self.running = self.follower.steps()
                break

    def leave(self) -> None:
        """Be ended in the middle; another goes on with what was remembered."""
        self.left += 1
        self.follower = restored(self.follower)
        self.running = self.follower.steps()

    def catch_up(self) -> None:
        """Come to the end, and harvest once more."""
        for running in (self.running, self.follower.steps()):
            for _ in running:
                pass


@dataclass(frozen=True)
class World:
    """A service after a random history, those that harvested meanwhile, and what the dump of the end has."""

    place: Place
    steady: dict[str, Harvesting]
    left: dict[str, Harvesting]
    dump: list[Quad]
    told: list[str]

    @property
    def there(self) -> set[str]:
        """The entities of the dump."""
        about = {quad.subject.value for quad in self.dump if isinstance(quad.subject, NamedNode)}
        return {iri for iri in about if iri.startswith(ID)} - self.mergers.keys()

    @property
    def mergers(self) -> Mergers:
        """What the dump says was merged, and into what."""
        stated = [quad for quad in self.dump if quad.predicate == IS_REPLACED_BY]
        return {quad.subject.value: quad.object.value for quad in stated}  # type: ignore[union-attr]

    def expected(self, name: str) -> Harvest:
        """What a follower must know in the end. The sitemap has the pages of some kinds, and no tombstones."""
        if name != "sitemap":
            return self.there, harvested(LogReader(self.place.client))[1]
        kinds = {
            "area",
            "competency",
            "framework",
            "gap",
            "need",
            "offering",
            "provider",
            "role",
            "scheme",
            "sector",
            "survey",
        }
        return {iri for iri in self.there if iri.removeprefix(ID).partition("/")[0] in kinds}, set()


def harvested(follower: Follower) -> Harvest:
    """What one knows that comes once."""
    for _ in follower.steps():
        pass
    return follower.harvest()


@pytest.fixture(scope="module")
def world(starter_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Between any two things that happen each follower fetches some pages, and some are left."""
    data = Path(shutil.copytree(starter_data, tmp_path_factory.mktemp("cross") / "data"))
    settings = Settings(data=data, look_seconds=0, dump_seconds=120)
    app = create_app(settings)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    place = Place(app.test_client(), f"http://127.0.0.1:{server.server_port}")
    steady, left = ({name: Harvesting(made(place)) for name, made in FOLLOWERS.items()} for _ in range(2))
    told = []
    for step, happened in enumerate(lived(data, SEED, STEPS)):
        told.append(happened.split()[0])
        for one in (*steady.values(), *left.values()):
            one.advance()
        for number, one in enumerate(left.values()):
            if (step + number) % 3 == 0:
                one.leave()
    for one in (*steady.values(), *left.values()):
        one.catch_up()
    yield World(place, steady, left, dumped(place.client), told)
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["trivium.dumps"].close()


def dumped(client: FlaskClient) -> list[Quad]:
    """The N-Quads of the newest release."""
    with client.get("/dumps/latest/trivium.nq.gz", follow_redirects=True) as answer:
        return list(parse(gzip.decompress(answer.data), RdfFormat.N_QUADS))


def test_everything_has_happened_and_everybody_was_at_it_meanwhile(world: World) -> None:
    """Otherwise the others would show less than their names say."""
    assert {*world.told} == {"added", "edited", "withdrawn", "merged"}
    assert world.mergers
    assert all(one.ended for one in world.steady.values())
    assert all(one.left for one in world.left.values())


@pytest.mark.parametrize("name", FOLLOWERS)
def test_who_harvested_while_it_happened_knows_the_end(world: World, name: str) -> None:
    assert world.steady[name].follower.harvest() == world.expected(name)


@pytest.mark.parametrize("name", FOLLOWERS)
def test_who_was_interrupted_and_went_on_knows_the_end(world: World, name: str) -> None:
    assert world.left[name].follower.harvest() == world.expected(name)


@pytest.mark.parametrize("name", FOLLOWERS)
def test_who_comes_only_then_gets_what_the_dump_has_and_the_same_tombstones(world: World, name: str) -> None:
    """A resource list of ResourceSync has no tombstones; its change list has, from the beginning."""
    there, gone = world.expected(name)
    assert gone or name == "sitemap"
    late = FOLLOWERS[name](world.place)
    assert harvested(late) == (there, set() if name == "resourcesync" else gone)
    if isinstance(late, SyncClient):
        whole = SyncClient(world.place.client)
        whole.replay(capabilities(world.place.client)["changelist"].whole(world.place.client))
        assert whole.harvest() == (there, gone)


def mergers_of_the_stream(client: FlaskClient) -> Mergers:
    follower = StreamClient(client, "/ldes")
    follower.follow()
    tombstones = follower.tombstones()
    return {iri.value: said[IS_REPLACED_BY] for iri, said in tombstones.items() if IS_REPLACED_BY in said}


def mergers_of_the_log(client: FlaskClient) -> Mergers:
    last = {one["entity"]["iri"]: one for one in reversed(client.get("/changes.json?limit=0").get_json()["items"])}
    return {iri: one["replaced_by"]["iri"] for iri, one in last.items() if "replaced_by" in one}


def mergers_of_atom(client: FlaskClient) -> Mergers:
    feed = etree.fromstring(client.get("/feed.atom?kind=offering").data)
    stones = feed.iterfind(f"{TOMBSTONES}deleted-entry")
    links = {str(one.get("ref")): one.find(f"{ATOM}link[@rel='{IS_REPLACED_BY.value}']") for one in stones}
    return {iri: str(link.get("href")) for iri, link in links.items() if link is not None}


def mergers_of_json_feed(client: FlaskClient) -> Mergers:
    about = {
        one["id"]: one.get("_trivium", {})
        for one in client.get("/feed.json?kind=offering").get_json(force=True)["items"]
    }
    return {iri: said["replaced_by"] for iri, said in about.items() if "replaced_by" in said}


@pytest.mark.parametrize(
    "told",
    [mergers_of_the_stream, mergers_of_the_log, mergers_of_atom, mergers_of_json_feed],
    ids=lambda one: one.__name__,
)
def test_what_was_merged_is_a_tombstone_that_says_into_what(
    world: World, told: Callable[[FlaskClient], Mergers]
) -> None:
    found = told(world.place.client)
    assert found == world.mergers
    assert found.keys() <= world.expected("log")[1]


def test_what_is_there_answers_what_was_merged_leads_on_and_the_rest_is_410(world: World) -> None:
    """Everything that ever changed after the first release, and a sample of what is there."""
    there, gone = world.expected("log")
    client, mergers = world.place.client, world.mergers
    answer = client.get("/changes.json?limit=0").get_json()
    changed = {one["entity"]["iri"] for one in answer["items"] if one["release"] > 1}
    assert gone <= changed
    answered = set[tuple[bool, int]]()
    for iri in changed | set(sorted(there)[::200]):
        end = iri
        while end in mergers:
            end = mergers[end]
        found = client.get(f"/{iri.removeprefix(ID)}.nt")
        answered.add((iri in mergers, found.status_code))
        if end in gone:
            assert found.status_code == 410, iri
        elif end != iri:
            assert (found.status_code, found.headers["Location"]) == (301, f"/{end.removeprefix(ID)}.nt")
        else:
            assert found.status_code == 200, iri
    assert answered == {(False, 200), (False, 410), (True, 301), (True, 410)}
