"""Whatever way one harvests by, one gets the same: what there is, and what was withdrawn.

To test another way, write a harvester, `(client) -> (entities, withdrawn)` in IRIs, and add it to `HARVESTERS`.
"""

import gzip
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from lxml import etree
from pyoxigraph import NamedNode, RdfFormat, parse

from service import create_app
from service.settings import Settings
from tests.harvesters import StreamClient, SyncClient, capabilities
from tests.history import lived

ID = "https://w3id.org/trivium/id/"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
ATOM = "{http://www.w3.org/2005/Atom}"
TOMBSTONES = "{http://purl.org/atompub/tombstones/1.0}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
Harvest = tuple[set[str], set[str]]


def by_stream(client: FlaskClient) -> Harvest:
    """All of the event stream."""
    follower = StreamClient(client, "/ldes")
    assert follower.follow()
    there, gone = follower.replica()
    return {one.value for one in there}, {one.value for one in gone}


def by_change_list(client: FlaskClient) -> Harvest:
    """The change list of ResourceSync, from its beginning."""
    follower = SyncClient(client)
    follower.replay(capabilities(client)["changelist"].whole(client))
    return follower.there, follower.gone


def by_resource_list(client: FlaskClient) -> Harvest:
    """The resource list of ResourceSync; what was deleted is in the change list only."""
    listed = {one.links["describes"] for one in capabilities(client)["resourcelist"].whole(client)}
    return listed, by_change_list(client)[1]


def by_log(client: FlaskClient) -> Harvest:
    """The change log, as the service shows it."""
    answer = client.get("/changes.json?limit=0").json
    assert answer is not None
    last = {one["entity"]["iri"]: one["change"] for one in reversed(answer["items"])}
    gone = {iri for iri, change in last.items() if change == "withdrawn"}
    return last.keys() - gone, gone


def by_oai_pmh(client: FlaskClient) -> Harvest:
    """Every header of OAI-PMH, page by page."""
    there, gone, query = set[str](), set[str](), "metadataPrefix=oai_dc"
    while query:
        answer = etree.fromstring(client.get(f"/oai?verb=ListIdentifiers&{query}").data)
        for head in answer.iterfind(f".//{OAI}header"):
            iri = str(head.findtext(f"{OAI}identifier")).replace("oai:w3id.org:", "https://w3id.org/")
            (gone if head.get("status") == "deleted" else there).add(iri)
        token = answer.findtext(f".//{OAI}resumptionToken")
        query = f"resumptionToken={token}" if token else ""
    return there, gone


def by_atom(client: FlaskClient) -> Harvest:
    """The feed of changes and its archives, the newest first: what is said of a thing first is what holds."""
    said: dict[str, bool] = {}
    address: str | None = "/feed.atom"
    while address:
        feed = etree.fromstring(client.get(address).data)
        for entry in feed:
            if entry.tag == f"{ATOM}entry":
                said.setdefault(str(entry.findtext(f"{ATOM}id")), False)
            elif entry.tag == f"{TOMBSTONES}deleted-entry":
                said.setdefault(str(entry.get("ref")), True)
        older = [link.get("href") for link in feed.iterfind(f"{ATOM}link[@rel='prev-archive']")]
        address = "/" + older[0].partition("://")[2].partition("/")[2] if older and older[0] else None
    return {iri for iri, gone in said.items() if not gone}, {iri for iri, gone in said.items() if gone}


HARVESTERS: tuple[Callable[[FlaskClient], Harvest], ...] = (
    by_stream,
    by_change_list,
    by_resource_list,
    by_log,
    by_oai_pmh,
    by_atom,
)


@pytest.fixture(scope="module")
def lived_through(
    starter_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[FlaskClient, Harvest]]:
    """A service after a random history, with what a harvester that came earlier has seen there."""
    data = Path(shutil.copytree(starter_data, tmp_path_factory.mktemp("cross") / "data"))
    app = create_app(Settings(data=data, look_seconds=0, dump_seconds=120))
    told = [happened.split()[0] for happened in lived(data, seed=21, steps=12)]
    assert {*told} == {"added", "edited", "withdrawn"}
    client = app.test_client()
    yield client, (dumped(client), by_log(client)[1])
    app.extensions["trivium.dumps"].close()


def dumped(client: FlaskClient) -> set[str]:
    """The entities of the N-Quads of the newest release."""
    with client.get("/dumps/latest/trivium.nq.gz", follow_redirects=True) as answer:
        quads = parse(gzip.decompress(answer.data), RdfFormat.N_QUADS)
        return {
            quad.subject.value
            for quad in quads
            if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(ID)
        }


@pytest.mark.parametrize("harvester", HARVESTERS, ids=lambda one: one.__name__)
def test_every_way_gives_what_the_dump_has_and_the_same_tombstones(
    lived_through: tuple[FlaskClient, Harvest], harvester: Callable[[FlaskClient], Harvest]
) -> None:
    client, (there, gone) = lived_through
    assert gone
    assert harvester(client) == (there, gone)


def test_the_sitemap_lists_the_pages_of_its_kinds_and_nothing_that_is_gone(
    lived_through: tuple[FlaskClient, Harvest],
) -> None:
    client, (there, _) = lived_through
    index = etree.fromstring(client.get("/sitemap.xml").data)
    files = [str(one.text).partition("://")[2].partition("/")[2] for one in index.iter(f"{SITEMAP}loc")]
    things = [name for name in files if not name.startswith("sitemap-pages-")]
    places = {
        str(one.text) for name in things for one in etree.fromstring(client.get(f"/{name}").data).iter(f"{SITEMAP}loc")
    }
    listed = {ID + place.partition("://")[2].partition("/")[2] for place in places}
    kinds = {iri.removeprefix(ID).partition("/")[0] for iri in listed}
    assert {"offering", "competency", "role", "gap"} <= kinds
    assert listed == {iri for iri in there if iri.removeprefix(ID).partition("/")[0] in kinds}


def test_what_is_there_answers_and_what_is_gone_is_410(lived_through: tuple[FlaskClient, Harvest]) -> None:
    """Everything that ever changed after the first release, and a sample of the rest."""
    client, (there, gone) = lived_through
    answer = client.get("/changes.json?limit=0").json
    assert answer is not None
    changed = {one["entity"]["iri"] for one in answer["items"] if one["release"] > 1}
    assert gone <= changed
    for iri in changed | set(sorted(there)[::200]):
        status = client.get(f"/{iri.removeprefix(ID)}.nt").status_code
        assert status == (410 if iri in gone else 200), iri
