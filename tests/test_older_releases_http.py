"""`?release=N`: what a release said, it says for as long as it is kept; after that, and before, it is said why not."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from graph.parsing import Submission
from graph.releases import Releases
from service import create_app
from service.settings import Settings
from tests.history import FIRST, offering, publish, withdraw

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ACCESS = "physical-accessibility"
DATA = (
    "/gaps.json?limit=0",
    "/gaps.json?limit=0&level=entry&basis=roles&sector=museums",
    "/gaps.csv?limit=0",
    "/gaps.ttl?sector=museums",
    "/shared.json?limit=0",
    "/shared.csv",
    "/offerings.json?q=test&limit=0",
    "/competencies.csv?limit=0",
    "/queries/gaps.json?limit=0",
    "/queries/describe-competency.ttl?competency=leadership",
    "/checks.json",
    f"/competency/{ACCESS}.ttl",
    f"/gap/museums--{ACCESS}.nt",
    f"/competency/{ACCESS}.jsonld?profile=schema",
    "/scheme/sectors.ttl?profile=skos",
)
PAGES = ("/", "/gaps", "/shared", "/offerings", "/queries", "/queries/gaps", f"/competency/{ACCESS}", "/sparql")
COUNT = quote("SELECT (COUNT(*) AS ?n) WHERE { ?s a <https://w3id.org/trivium/ns#Offering> }")


LAST = 5  # as many as are kept
AS_NEWEST = dict[tuple[int, str], bytes]


def role() -> Submission:
    """A role, which changes the share of every other role of its sector."""
    row = "a-role,A role,Does it.,museums,https://example.org/r\n"
    return Submission("role.csv", f"id,label_en,definition_en,sectors,sources\n{row}".encode())


def happen(data: Path) -> Iterator[int]:
    """Five releases: an offering comes, a role comes, the offering is edited, and goes."""
    yield 1
    for number, one in enumerate((offering(), role(), offering(title="Another test")), 2):
        publish(data, one)
        yield number
    withdraw(data, FIRST + 2)
    yield LAST


@pytest.fixture(scope="module")
def lived(starter_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AS_NEWEST]:
    """A graph with five releases, and what each said while it was the newest."""
    data = Path(shutil.copytree(starter_data, tmp_path_factory.mktemp("lived") / "data"))
    client = create_app(Settings(data=data, look_seconds=0)).test_client()
    said = {(number, one): client.get(one).data for number in happen(data) for one in DATA}
    return data, said


@pytest.fixture(scope="module")
def app(lived: tuple[Path, AS_NEWEST]) -> Iterator[Flask]:
    app = create_app(Settings(data=lived[0], look_seconds=0, older_releases=2))
    yield app
    app.extensions["trivium.sparql"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def changing(lived: tuple[Path, AS_NEWEST], tmp_path: Path) -> Path:
    """A copy of the graph with five releases, to be changed."""
    return Path(shutil.copytree(lived[0], tmp_path / "data"))


def with_release(address: str, number: int) -> str:
    return f"{address}{'&' if '?' in address else '?'}release={number}"


def test_an_older_release_says_what_it_said_when_it_was_the_newest(
    client: FlaskClient, lived: tuple[Path, AS_NEWEST]
) -> None:
    """Every release, in any order, from views that are opened beside the newest and forgotten in between."""
    said = lived[1]
    assert len({said[number, "/gaps.csv?limit=0"] for number in range(1, LAST + 1)}) == LAST
    for number in (3, 1, 4, 2, 5):
        for one in DATA:
            answer = client.get(with_release(one, number))
            assert answer.status_code == 200, one
            assert answer.headers["Trivium-Release"] == str(number)
            assert without_links(answer.data) == without_links(said[number, one]), (number, one)


def without_links(content: bytes) -> bytes:
    """An answer without the address where it goes on, which names the release."""
    return re.sub(rb'"next": ?"[^"]*"|"next":"[^"]*"', b"", content)


def test_what_came_later_is_not_there_yet_and_what_was_withdrawn_is_there_still(client: FlaskClient) -> None:
    assert client.get("/offering/a-test.ttl").status_code == 410
    assert client.get("/offering/a-test.ttl?release=1").status_code == 404
    assert b"Another test" in client.get("/offering/a-test.ttl?release=4").data
    assert b"Another test" in client.get("/offering/a-test?release=4", headers=BROWSER).data
    led = client.get("/id/offering/a-test?release=4", headers={"Accept": "text/turtle"})
    assert (led.status_code, led.headers["Location"]) == (303, "/offering/a-test.ttl?release=4")


def test_sparql_asks_an_older_release_too(client: FlaskClient) -> None:
    counts = []
    for number in (1, 2, LAST):
        answer = client.get(f"/sparql.csv?query={COUNT}&release={number}")
        assert answer.headers["Trivium-Release"] == str(number)
        counts.append(int(answer.text.split()[1]))
    assert counts[1] == counts[0] + 1
    assert counts[2] == counts[0]
    form = {"query": "ASK { ?offering <http://www.w3.org/2004/02/skos/core#prefLabel> 'Another test'@en }"}
    assert b"true" in client.post("/sparql.csv", data=form | {"release": "4"}).data
    assert b"false" in client.post("/sparql.csv", data=form).data


@pytest.mark.parametrize("path", ["/gaps.json", "/", "/competency/leadership.ttl", "/sparql.json?query=ASK{}"])
def test_a_release_that_was_never_made_is_not_found(client: FlaskClient, path: str) -> None:
    answer = client.get(with_release(path, 99))
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert f"the newest is {LAST}" in answer.get_json(force=True)["detail"]


@pytest.mark.parametrize("text", ["0", "-1", "x", "1.5", "latest"])
def test_what_is_no_number_of_a_release_is_refused(client: FlaskClient, text: str) -> None:
    answer = client.get(f"/gaps.json?release={text}")
    assert (answer.status_code, answer.get_json(force=True)["parameter"]) == (400, "release")


def test_one_that_is_no_longer_kept_is_gone_and_those_that_are_kept_are_named(changing: Path) -> None:
    app = create_app(Settings(data=changing, look_seconds=0))
    client = app.test_client()
    assert client.get("/gaps.json?release=2").status_code == 200
    Releases(changing).prune(keep=2)
    for path in ("/gaps.json", "/role/archivist.ttl", "/sparql.json?query=ASK{}"):
        problem = client.get(with_release(path, 2))
        assert problem.status_code == 410
        assert problem.headers["Cache-Control"] == "no-store"
        assert problem.get_json(force=True)["kept"] == [4, 5]
    assert app.extensions["trivium.older"].numbers() == [], "the files of a release that is gone are held open"
    assert client.get("/gaps.json?release=4").status_code == 200


def test_only_a_few_are_open_and_the_one_used_least_recently_goes_first(
    client: FlaskClient, app: Flask, data: Path
) -> None:
    for number in (1, 2, 1, 3, LAST):
        client.get(f"/gaps.json?release={number}")
    assert app.extensions["trivium.older"].numbers() == [1, 3]


def test_a_page_of_an_older_release_says_so_and_stays_in_it(client: FlaskClient) -> None:
    for path in PAGES:
        page = client.get(with_release(path, 2), headers=BROWSER)
        assert page.status_code == 200, path
        assert "This is release 2" in page.text
        assert f'<a href="{path}">To the newest release</a>' in page.text
        links = set(re.findall(r'href="(/[^"#]*)"', page.text))
        assert not [
            one
            for one in links - {path}
            if re.match(r"/(competency|gap|role|offering)/", one) and "release=2" not in one
        ]
        assert {f"{one}?release=2" for one in ("/gaps", "/shared", "/roles", "/queries", "/sparql")} <= links
        assert not [one for one in links if one.startswith(("/docs", "/dumps", "/ns")) and "release" in one]
        leading = [one for one in links if one not in (path, "/") and "release=2" in one and "profile" not in one]
        for one in sorted(leading)[:12]:
            answer = client.get(one.replace("&amp;", "&"), headers=BROWSER)
            assert answer.status_code in (200, 303), one
    newest = client.get(f"/competency/{ACCESS}", headers=BROWSER).text
    assert "This is release" not in newest
    assert 'href="/roles"' in newest


def test_a_form_on_an_older_page_asks_the_same_release(client: FlaskClient) -> None:
    for path in ("/", "/gaps", "/shared", "/offerings", "/queries/gaps", "/sparql"):
        page = client.get(with_release(path, 2), headers=BROWSER).text
        forms = re.findall(r"<form[^>]*method=.get.*?</form>", page, re.DOTALL)
        assert forms
        assert all('name="release" value="2"' in one for one in forms), path


def test_a_list_of_an_older_release_goes_on_in_it(client: FlaskClient) -> None:
    answer = client.get("/gaps.json?release=2&limit=5")
    assert answer.json is not None
    assert answer.json["release"] == 2
    assert "release=2" in answer.json["next"]
    assert client.get(answer.json["next"]).headers["Trivium-Release"] == "2"


def test_what_names_its_release_may_be_kept_for_long(changing: Path) -> None:
    client = create_app(Settings(data=changing, look_seconds=0)).test_client()
    here, json = with_release("/gaps", LAST), {"Accept": "application/json"}
    assert client.get("/gaps.json").headers["Cache-Control"] == "public, no-cache"
    pinned, page = client.get(here, headers=json), client.get(here, headers=BROWSER)
    assert "immutable" in pinned.headers["Cache-Control"]
    assert page.headers["Cache-Control"] == "public, no-cache", "it will have to say that it is an older one"
    publish(changing, offering())
    assert client.get(here, headers=json).data == pinned.data
    older = client.get(here, headers=BROWSER | {"If-None-Match": page.headers["ETag"]})
    assert older.status_code == 200
    assert f"This is release {LAST}" in older.text
    assert older.headers["Cache-Control"] == "public, max-age=86400"
    same = client.get(here, headers=BROWSER | {"If-None-Match": older.headers["ETag"]})
    assert (same.status_code, same.headers["Trivium-Release"]) == (304, str(LAST))


def test_an_older_answer_leads_to_the_newest_as_a_memento_does(client: FlaskClient) -> None:
    answer = client.get("/gaps.json?sector=museums&release=2")
    assert answer.headers["Memento-Datetime"].endswith("GMT")
    link = next(one for one in answer.headers.getlist("Link") if "latest-version" in one)
    assert link == '</gaps.json?sector=museums>; rel="original latest-version canonical"'
    assert '<link rel="canonical" href="/gaps">' in client.get("/gaps?release=2", headers=BROWSER).text
    thing = client.get("/role/archivist?release=2", headers=BROWSER)
    canonical = [one for one in thing.headers.getlist("Link") if "canonical" in one]
    assert canonical == ['<https://w3id.org/trivium/id/role/archivist>; rel="canonical"']
    assert "Memento-Datetime" not in client.get("/gaps.json").headers


@pytest.mark.parametrize("path", ["/gaps.atom", "/offerings.ics", "/changes", "/dumps/", "/ns", "/feed.json"])
def test_what_is_of_no_single_release_does_not_take_one(client: FlaskClient, path: str) -> None:
    answer = client.get(with_release(path, 1))
    assert (answer.status_code, answer.get_json(force=True)["parameter"]) == (400, "release")


@pytest.mark.parametrize(
    "path",
    ["/", "/gaps.csv", "/shared.csv", "/roles.csv", "/queries/gaps.csv", "/role/archivist.nt", "/changes.csv",
     "/oai?verb=Identify", "/sitemap.xml", "/sparql?query=ASK{}", "/feed.atom", "/gaps.ttl"],
)  # fmt: skip
def test_everything_from_a_release_says_which(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Trivium-Release"] == str(LAST)
    if answer.mimetype != "text/html":
        assert "Trivium-Release" in answer.headers["Access-Control-Expose-Headers"]
