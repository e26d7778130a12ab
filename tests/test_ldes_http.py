"""The event stream: a client that takes it all, and stays in step, holds what the newest release says; nothing else."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, parse

from graph.namespaces import DCT, kind_and_slug
from graph.releases import Releases
from service import create_app
from service.settings import Settings
from tests.harvesters import Said, Statements, StreamClient, ldes, tree
from tests.history import lived, make_long, offering, publish

SYNTAXES = {"ttl": RdfFormat.TURTLE, "jsonld": RdfFormat.JSON_LD, "nt": RdfFormat.N_TRIPLES}
ROOT = "http://127.0.0.1:8080/ldes"
ROWS = 50_400  # a change log of 100 pages of 500 and one more


@pytest.fixture
def client(data: Path) -> Iterator[FlaskClient]:
    with create_app(Settings(data=data, look_seconds=0)).test_client() as client:
        yield client


@pytest.fixture(scope="module")
def long(starter_data: Path, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A service whose log tells of one release that made very many offerings."""
    data = Path(shutil.copytree(starter_data, tmp_path_factory.mktemp("long") / "data"))
    make_long(data, ROWS)
    return create_app(Settings(data=data)).test_client()


def release_of(data: Path) -> dict[NamedNode, set[tuple[NamedNode, object]]]:
    """What the newest release says of every entity; what was merged into another is none any more."""
    newest = Releases(data).newest()
    assert newest is not None
    found = dict[NamedNode, set[tuple[NamedNode, object]]]()
    for quad in newest.dataset().quads():
        if isinstance(quad.subject, NamedNode) and kind_and_slug(quad.subject):
            found.setdefault(quad.subject, set()).add((quad.predicate, quad.object))
    return {iri: said for iri, said in found.items() if not any(name == DCT.isReplacedBy for name, _ in said)}


def pages_of(client: FlaskClient) -> dict[str, bytes]:
    """The pages that never change again."""
    found, number = dict[str, bytes](), 0
    while (answer := client.get(f"/ldes/{number}")).status_code == 200:
        if "immutable" in answer.headers["Cache-Control"]:
            assert "max-age=31536000" in answer.headers["Cache-Control"]
            found[f"/ldes/{number}"] = answer.data
        number += 1
    return found


def test_who_follows_holds_what_the_newest_release_says(client: FlaskClient, data: Path) -> None:
    follower = StreamClient(client, ROOT)
    assert follower.follow()
    assert follower.replica() == (release_of(data), set())
    finished = pages_of(client)
    assert finished.keys() == {address.removeprefix("http://127.0.0.1:8080") for address in follower.finished}
    told = list[str]()
    for step, happened in enumerate(lived(data, seed=9, steps=10)):
        told.append(happened.split()[0])
        if step % 3 == 2:
            before = len(follower.fetched)
            assert follower.follow()
            assert len(follower.fetched) - before <= 3, "finished pages are not fetched again"
            assert follower.replica()[0] == release_of(data), happened
    assert {"added", "edited", "merged", "withdrawn"} == set(told)
    assert follower.follow()
    late = StreamClient(client, ROOT)
    assert late.follow()
    assert late.replica() == follower.replica()
    assert late.replica()[0] == release_of(data)
    assert late.replica()[1]
    assert finished.items() <= pages_of(client).items(), "a page that never changes did"


def test_who_is_interrupted_and_goes_on_misses_nothing(client: FlaskClient, data: Path) -> None:
    """It is stopped after every page, while things go on happening, and starts again at the root."""
    follower, rounds = StreamClient(client, ROOT), 0
    happening = lived(data, seed=6, steps=4)
    while not _one_page_more(follower):
        rounds += 1
        next(happening, None)
    assert rounds > 2, "it was interrupted"
    assert not list(happening)
    assert follower.follow()
    assert follower.replica()[0] == release_of(data)
    assert all(follower.fetched.count(one) == 1 for one in follower.finished)


def _one_page_more(follower: StreamClient) -> bool:
    """Follow until one page was fetched beside the root; whether that was all."""
    begun = len(follower.fetched) + 1
    return follower.follow(lambda: len(follower.fetched) > begun)


def test_the_root_says_what_the_stream_is(client: FlaskClient) -> None:
    said = Statements.of(client.get("/ldes").data)
    [stream] = [one for one in said if said.values(one, tree("view"))]
    assert stream == NamedNode("https://w3id.org/trivium/id/dataset/changes")
    for name in ("timestamp", "sequence", "versionOf", "versionDelete"):
        assert said.one(stream, ldes(f"{name}Path"))
    assert said.one(stream, ldes("versionDeleteObject"))
    assert said.one(stream, ldes("pollingInterval"))
    answer = client.get("/id/dataset/changes", headers={"Accept": "text/turtle"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/ldes.ttl")


@pytest.mark.parametrize("suffix", ["", ".ttl"])
def test_the_root_states_that_everything_is_kept(client: FlaskClient, data: Path, suffix: str) -> None:
    """The policy begins with the first member and sets no other limit, also when there is more than one release."""
    publish(data, offering())
    said = Statements.of(client.get(f"/ldes{suffix}").data)
    policy = said.one(NamedNode(ROOT + suffix), ldes("retentionPolicy"))
    limits = {name: value for name, value in said[policy] if name.value.startswith(ldes("").value)}
    first = Statements.of(client.get("/ldes/0").data)
    stream = NamedNode("https://w3id.org/trivium/id/dataset/changes")
    path = said.one(stream, ldes("timestampPath"))
    assert isinstance(path, NamedNode)
    times = {first.one(member, path) for member in first.values(stream, tree("member"))}
    assert limits == {ldes("startingFrom"): min(times, key=str)}
    assert (NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), ldes("RetentionPolicy")) in said[policy]


def test_every_member_has_what_the_shape_of_the_stream_demands(client: FlaskClient) -> None:
    root, page = Statements.of(client.get("/ldes").data), Statements.of(client.get("/ldes/0").data)
    [stream] = [one for one in root if root.values(one, tree("view"))]
    shape = root.one(stream, tree("shape"))
    sh = "http://www.w3.org/ns/shacl#"
    paths = [root.one(one, NamedNode(f"{sh}path")) for one in root.values(shape, NamedNode(f"{sh}property"))]
    assert len(paths) == 3
    for member in page.values(stream, tree("member")):
        for path in paths:
            assert isinstance(path, NamedNode)
            assert page.one(member, path)


def test_a_member_leads_to_its_entity(client: FlaskClient) -> None:
    page = Statements.of(client.get("/ldes/0").data)
    member = page.values(NamedNode("https://w3id.org/trivium/id/dataset/changes"), tree("member"))[0]
    assert isinstance(member, NamedNode)
    path = member.value.removeprefix("https://w3id.org/trivium").partition("#")[0]
    assert client.get(path, follow_redirects=True).status_code == 200


@pytest.mark.parametrize("path", ["/ldes", "/ldes/0"])
def test_every_syntax_says_the_same_and_names_the_address_it_was_asked_at(client: FlaskClient, path: str) -> None:
    def stated(suffix: str) -> set[str]:
        answer = client.get(f"{path}.{suffix}")
        assert (answer.status_code, answer.mimetype) == (200, SYNTAXES[suffix].media_type)
        quads = parse(answer.data, SYNTAXES[suffix])
        return {str(quad.triple).replace(f".{suffix}>", ">").replace(f".{suffix}#", "#") for quad in quads}

    assert stated("ttl") == stated("jsonld") == stated("nt")
    if path == "/ldes":
        assert f"<{ROOT}.nt/0>" not in client.get("/ldes.nt").text
        assert f"<{ROOT}/0.nt>" in client.get("/ldes.nt").text
        assert f"tree#view> <{ROOT}.nt>" in client.get("/ldes.nt").text


def test_the_last_page_is_asked_for_every_time_and_costs_a_304(client: FlaskClient, data: Path) -> None:
    last = len(pages_of(client))
    answer = client.get(f"/ldes/{last}")
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert "immutable" not in answer.text
    again = client.get(f"/ldes/{last}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    publish(data, offering())
    changed = client.get(f"/ldes/{last}", headers={"If-None-Match": answer.headers["ETag"]})
    assert changed.status_code == 200


def test_a_worker_that_is_behind_asks_for_patience(data: Path) -> None:
    """Another worker may name a page that this one does not see yet; 404 would end the harvest."""
    make_long(data, 500)
    behind = create_app(Settings(data=data, look_seconds=3600)).test_client()
    assert behind.get("/ldes").status_code == 200
    publish(data, offering())
    answer = behind.get("/ldes/1")
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "1")
    assert behind.get("/ldes/2").status_code == 404


@pytest.mark.parametrize("number", ["100000", "-1", "00", "x", "9" * 5000])
def test_a_page_that_there_is_not_is_404(client: FlaskClient, number: str) -> None:
    assert client.get(f"/ldes/{number}").status_code == 404


def test_relations_are_true_of_what_is_behind_them(long: FlaskClient) -> None:
    """The root leads to 100 pages; from the last of them each page leads to the next, so all members are reached."""
    follower = StreamClient(long, ROOT)
    assert follower.follow()
    assert len(follower.seen) == ROWS
    root = Statements.of(long.get("/ldes").data)
    nodes = {root.one(one, tree("node")) for one in root.values(NamedNode(ROOT), tree("relation"))}
    assert nodes == {NamedNode(f"{ROOT}/{number}") for number in range(100)}
    assert follower.finished[f"{ROOT}/99"] == [f"{ROOT}/100"]
    assert follower.finished[f"{ROOT}/98"] == []
    open_ended = [one for one in nodes if len(_bounds(root, one)) == 1]
    assert open_ended == [NamedNode(f"{ROOT}/99")], "only the one that leads on is without an end"


def test_members_of_a_page_lie_within_the_bounds_of_its_relations(client: FlaskClient, data: Path) -> None:
    for _ in lived(data, seed=7, steps=3):
        pass
    root = Statements.of(client.get("/ldes").data)
    stream = NamedNode("https://w3id.org/trivium/id/dataset/changes")
    for node in {root.one(one, tree("node")) for one in root.values(NamedNode(ROOT), tree("relation"))}:
        assert isinstance(node, NamedNode)
        page = Statements.of(client.get(node.value.removeprefix("http://127.0.0.1:8080")).data)
        path = root.one(stream, ldes("timestampPath"))
        assert isinstance(path, NamedNode)
        times = [_time(page[member], path) for member in page.values(stream, tree("member"))]
        assert times
        for kind, bound in _bounds(root, node).items():
            limit = min(times) if "Greater" in kind else max(times)
            assert limit >= bound if "Greater" in kind else limit <= bound


def _bounds(root: Statements, node: object) -> dict[str, datetime]:
    found = dict[str, datetime]()
    for relation in root.values(NamedNode(ROOT), tree("relation")):
        if root.one(relation, tree("node")) == node:
            kind = root.one(relation, NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"))
            found[str(kind)] = _time(root[relation], tree("value"))
    return found


def _time(said: Said, path: NamedNode) -> datetime:
    [value] = [one for name, one in said if name == path]
    return datetime.fromisoformat(str(getattr(value, "value", "")))
