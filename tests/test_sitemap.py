"""The sitemap: valid, every page of it there, and its entities and times those of the change log."""

import random
import shutil
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from urllib.robotparser import RobotFileParser

import pytest
from flask.testing import FlaskClient
from lxml import etree

from graph.changes import Changed, ChangeLog, Selection
from graph.differences import Change
from graph.journal import State
from graph.namespaces import ID, kind_and_slug
from graph.parsing import Submission
from graph.publication import Publisher, Terms
from graph.releases import Releases
from graph.resources import ROOT
from graph.sitemap_files import PLACES
from service import create_app
from service.settings import Settings

ADDRESS = "https://example.org"
SCHEMAS = ROOT.parent / "shared" / "validators" / "sitemap"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
KINDS = {
    *("competency", "role", "offering", "provider", "sector", "area", "framework", "scheme"),
    *("survey", "need", "gap"),
}
FIRST = 13  # the number of the first contribution after the starter graph
TESS = Terms("tess")
PROVIDERS = "id,name,homepage,country,region,kind,sources\n"
PROVIDER = "{id},{name},https://example.org/{id},ES,Murcia,university,https://example.org/{id}\n"

official = pytest.mark.skipif(
    not SCHEMAS.exists(), reason=f"the schemas of sitemaps.org are not at ../shared/validators ({SCHEMAS}): NOT CHECKED"
)


@pytest.fixture
def data(starter_data: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(starter_data, tmp_path / "data", ignore=shutil.ignore_patterns("dumps*")))


@pytest.fixture
def client(data: Path) -> Iterator[FlaskClient]:
    with create_app(Settings(data=data, base=ADDRESS, look_seconds=0)).test_client() as client:
        yield client


def publish(data: Path, rows: str) -> None:
    with Publisher.open(data) as publisher:
        newest = publisher.releases.newest()
        assert newest is not None
        publisher.contribute([Submission("provider.csv", (PROVIDERS + rows).encode())], TESS, newest.as_of)


def withdraw(data: Path, number: int) -> None:
    with Publisher.open(data) as publisher:
        newest = publisher.releases.newest()
        assert newest is not None
        publisher.journal.move(number, [State.PUBLISHED], State.WITHDRAWING, "", "tess")
        publisher.publish(newest.as_of)


def read(client: FlaskClient, path: str) -> dict[str, str]:
    """The addresses of a sitemap or an index, by path, each with its `lastmod`, "" for none."""
    response = client.get(path, headers={"Host": "elsewhere.example"})
    assert (response.status_code, response.mimetype) == (200, "application/xml"), path
    document = etree.fromstring(response.data)
    found = {}
    for one in document:
        address = one.findtext(f"{SITEMAP}loc") or ""
        assert address.startswith(f"{ADDRESS}/"), address
        found[address.removeprefix(ADDRESS)] = one.findtext(f"{SITEMAP}lastmod") or ""
    assert len(found) == len(document), f"{path} names an address twice"
    return found


def things(client: FlaskClient) -> dict[str, str]:
    """Every thing of the sitemap as `kind/slug`, with its `lastmod`."""
    index = read(client, "/sitemap.xml")
    files = [read(client, path) for path in index if "-pages-" not in path]
    found = {path.lstrip("/"): at for file in files for path, at in file.items()}
    assert len(found) == sum(map(len, files)), "a thing is named in two files"
    return found


def logged(data: Path) -> list[Changed]:
    """The last row of everything that the sitemap may list."""
    newest = Releases(data).newest()
    assert newest is not None
    with ChangeLog(data) as log:
        return log.standing(newest.number, Selection(sorted(KINDS)))


def expected(data: Path) -> dict[str, str]:
    there = (one for one in logged(data) if one.change is not Change.WITHDRAWN)
    return {one.entity.value.removeprefix(ID.iri): one.at.isoformat() for one in there}


@official
def test_the_official_schemas_take_every_file(client: FlaskClient) -> None:
    index, sitemap = (etree.XMLSchema(etree.parse(SCHEMAS / name)) for name in ("siteindex.xsd", "sitemap.xsd"))
    index.assertValid(etree.fromstring(client.get("/sitemap.xml").data))
    for path in read(client, "/sitemap.xml"):
        sitemap.assertValid(etree.fromstring(client.get(path).data))


def test_the_things_and_their_times_are_those_of_the_change_log(client: FlaskClient, data: Path) -> None:
    """A random walk of additions, edits and withdrawals; after each step, and at its end for whoever starts then."""
    chance, numbers = random.Random(11), count(FIRST)
    mine = dict[int, str]()
    for step in range(6):
        if mine and step in (3, 5):
            withdraw(data, mine.popitem()[0])
        else:
            id = f"school-{chance.randrange(3)}"
            publish(data, PROVIDER.format(id=id, name=f"School {step}"))
            mine[next(numbers)] = id
        assert things(client) == expected(data), step
    gone = {one.entity.value.removeprefix(ID.iri) for one in logged(data) if one.change is Change.WITHDRAWN}
    assert gone
    assert not gone & things(client).keys()
    assert things(create_app(Settings(data=data, base=ADDRESS)).test_client()) == things(client)
    assert {path.partition("/")[0] for path in things(client)} == KINDS


def test_a_file_is_newer_just_when_something_in_it_changed(client: FlaskClient, data: Path) -> None:
    before = read(client, "/sitemap.xml")
    publish(data, PROVIDER.format(id="school", name="A school"))
    added = read(client, "/sitemap.xml")
    changed = {path for path, at in added.items() if at != before[path]}
    assert changed == {"/sitemap-provider-1.xml", "/sitemap-pages-1.xml"}
    assert added["/sitemap-provider-1.xml"] == read(client, "/sitemap-provider-1.xml")["/provider/school"]
    withdraw(data, FIRST)
    withdrawn = read(client, "/sitemap.xml")
    assert withdrawn["/sitemap-provider-1.xml"] > added["/sitemap-provider-1.xml"]
    assert "/provider/school" not in read(client, "/sitemap-provider-1.xml")


def test_many_things_are_spread_over_files_and_keep_their_place(client: FlaskClient, data: Path) -> None:
    publish(data, "".join(PROVIDER.format(id=f"a-{number}", name=f"A {number}") for number in range(PLACES)))
    assert things(client) == expected(data)
    first, second = (read(client, f"/sitemap-provider-{number}.xml") for number in (1, 2))
    assert len(first) == PLACES
    assert len(second) == sum(one.kind == "provider" for one in logged(data)) - PLACES
    publish(data, PROVIDER.format(id="aa", name="First by name"))
    assert read(client, "/sitemap-provider-1.xml") == first
    assert read(client, "/sitemap-provider-2.xml").keys() == second.keys() | {"/provider/aa"}
    assert client.get("/sitemap-provider-3.xml").status_code == 404


def test_every_page_that_is_listed_answers(client: FlaskClient) -> None:
    pages = read(client, "/sitemap-pages-1.xml")
    assert {"/", "/gaps", "/roles", "/offerings", "/docs", "/dumps/"} <= pages.keys()
    for path in pages:
        with client.get(path, headers={"Accept": "text/html"}) as response:
            assert (response.status_code, response.mimetype) == (200, "text/html"), path
    for path in read(client, "/sitemap.xml"):
        for listed in list(read(client, path))[:3]:
            with client.get(listed, headers={"Accept": "text/html"}) as response:
                assert (response.status_code, response.mimetype) == (200, "text/html"), listed
    for at in filter(None, pages.values()):
        assert datetime.fromisoformat(at).tzinfo


def test_a_list_is_as_new_as_the_newest_of_its_kind(client: FlaskClient, data: Path) -> None:
    publish(data, PROVIDER.format(id="school", name="A school"))
    pages, found = read(client, "/sitemap-pages-1.xml"), things(client)
    for kind, path in {"provider": "/providers", "role": "/roles", "gap": "/gaps"}.items():
        assert pages[path] == max(at for thing, at in found.items() if thing.startswith(f"{kind}/"))
    assert pages["/providers"] > pages["/roles"]
    assert pages["/docs"] == ""


@pytest.mark.parametrize("path", ["/sitemap-provider-2.xml", "/sitemap-label-1.xml", "/sitemap-nothing-1.xml"])
def test_a_sitemap_that_is_not_there(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert "/sitemap.xml" in response.get_json(force=True)["detail"]


def test_nothing_has_changed_is_a_304(client: FlaskClient) -> None:
    etag = client.get("/sitemap.xml").headers["ETag"]
    assert client.get("/sitemap.xml", headers={"If-None-Match": etag}).status_code == 304


def test_robots_may_read_everything_but_what_is_costly(client: FlaskClient) -> None:
    response = client.get("/robots.txt", headers={"Accept": "text/html"})
    assert (response.status_code, response.mimetype) == (200, "text/plain")
    rules = RobotFileParser()
    rules.parse(response.text.splitlines())
    assert rules.site_maps() == [f"{ADDRESS}/sitemap.xml"]
    assert client.get("/sitemap.xml").status_code == 200
    refused = [line.removeprefix("Disallow: ") for line in response.text.splitlines() if line.startswith("Disallow")]
    assert refused == ["/sparql*query=", "/queries/*?", "/*release="]
    for path in (*read(client, "/sitemap-pages-1.xml"), "/gaps?sector=museums", "/dumps/latest/trivium.nq.gz"):
        assert not any(matches(rule, path) for rule in refused), path
    for path in ("/sparql?query=ASK%7B%7D", "/sparql.csv?x=1&query=A", "/queries/gaps?sector=museums"):
        assert any(matches(rule, path) for rule in refused), path


def matches(rule: str, path: str) -> bool:
    """RFC 9309, 2.2.3: from the beginning of the path, `*` is anything."""
    *parts, last = rule.split("*")
    for number, part in enumerate([*parts, last]):
        place = path.find(part)
        if place < 0 or (number == 0 and place):
            return False
        path = path[place + len(part) :]
    return True


def test_the_identifiers_of_the_listed_lead_to_the_listed(client: FlaskClient) -> None:
    """The page is listed, not the identifier that leads to it."""
    for thing in list(things(client))[::200]:
        kind, slug = kind_and_slug(ID.iri + thing) or ("", "")
        led = client.get(f"/id/{kind}/{slug}", headers={"Accept": "text/html"})
        assert (led.status_code, led.headers["Location"]) == (303, f"/{thing}")
