"""Feeds: read without a complaint, the same entities and tombstones as the change log, gaps as they open and close."""

import json
import random
import shutil
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import feedparser  # type: ignore[import-untyped]
import pytest
from flask.testing import FlaskClient
from lxml import etree

from graph.changes import ChangeLog
from graph.differences import Change
from graph.journal import State
from graph.namespaces import ID
from graph.parsing import Submission
from graph.publication import Publisher, Terms
from graph.releases import Release, Releases
from service import create_app
from service.feed_pages import ENTRIES
from service.settings import Settings

ADDRESS = "https://example.org"
ATOM, GONE, HISTORY = (
    "{http://www.w3.org/2005/Atom}",
    "{http://purl.org/atompub/tombstones/1.0}",
    "{http://purl.org/syndication/history/1.0}",
)
HEADER = "id,label_en,provider,type,mode,level,competencies,sectors,source,page_date\n"
ROW = "{id},{title},aaslh,webinar,online-live,entry,{competency},{sector},https://example.org/{id},2026-11\n"
COMPETENCIES = ("physical-accessibility", "digital-preservation", "leadership")
TESS = Terms("tess")
FIRST = 13  # the number of the first contribution after the starter graph
CLOSED = "Museums · Accessible services and spaces: closed, missing before, thin now"
OPENED = "Museums · Accessible services and spaces: opened, thin before, missing now"


@pytest.fixture
def data(starter_data: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(starter_data, tmp_path / "data", ignore=shutil.ignore_patterns("dumps*")))


@pytest.fixture
def client(data: Path) -> Iterator[FlaskClient]:
    with create_app(Settings(data=data, base=ADDRESS, look_seconds=0)).test_client() as client:
        yield client


def publish(
    data: Path,
    id: str = "a-test",
    title: str = "A test",
    competency: str = COMPETENCIES[0],
    sector: str = "",
) -> Release:
    row = ROW.format(id=id, title=title, competency=competency, sector=sector)
    with Publisher.open(data) as publisher:
        newest = publisher.releases.newest()
        assert newest is not None
        return publisher.contribute([Submission("offering.csv", (HEADER + row).encode())], TESS, newest.as_of)


def withdraw(data: Path, number: int) -> None:
    with Publisher.open(data) as publisher:
        newest = publisher.releases.newest()
        assert newest is not None
        publisher.journal.move(number, [State.PUBLISHED], State.WITHDRAWING, "", "tess")
        publisher.publish(newest.as_of)


def document(client: FlaskClient, address: str) -> etree._Element:
    """One document of a feed, after feedparser has read it without a complaint."""
    response = client.get(address.removeprefix(ADDRESS), headers={"Host": "elsewhere.example"})
    assert (response.status_code, response.mimetype) == (200, "application/atom+xml"), (address, response.text)
    read = feedparser.parse(response.data, response_headers={"content-type": response.content_type})
    assert not read.bozo, read.get("bozo_exception")
    assert "elsewhere.example" not in response.text
    found = etree.fromstring(response.data)
    for name in ("id", "title", "updated", "author"):
        assert len(found.findall(ATOM + name)) == 1, name
    for entry in found.iter(f"{ATOM}entry"):
        for name in ("id", "title", "updated", "content"):
            assert len(entry.findall(ATOM + name)) == 1, name
    times = [datetime.fromisoformat(one.text or "") for one in found.iterfind(f"{ATOM}entry/{ATOM}updated")]
    assert times == sorted(times, reverse=True)
    return found


def link(found: etree._Element, relation: str) -> str | None:
    addresses = [one.get("href") for one in found.findall(f"{ATOM}link") if one.get("rel") == relation]
    assert len(addresses) <= 1
    return addresses[0] if addresses else None


def documents(client: FlaskClient, address: str) -> Iterator[etree._Element]:
    """The newest document and its archives, from the newest down, as RFC 5005 has them read."""
    following: str | None = address
    while following:
        found = document(client, following)
        assert link(found, "self") == (following if following.startswith(ADDRESS) else ADDRESS + following)
        yield found
        following = link(found, "prev-archive")
        assert following == link(found, "next")


def replayed(client: FlaskClient, address: str) -> tuple[dict[str, str], dict[str, str]]:
    """The entities that a subscriber knows after reading all of a feed, and the tombstones, each with its time."""
    newest = dict[str, tuple[datetime, str, bool]]()
    for found in documents(client, address):
        said = [(one.findtext(f"{ATOM}id") or "", one.findtext(f"{ATOM}updated") or "", True) for one in
                found.iter(f"{ATOM}entry")]  # fmt: skip
        said += [(one.get("ref") or "", one.get("when") or "", False) for one in found.iter(f"{GONE}deleted-entry")]
        for id, at, is_there in said:
            if id not in newest or newest[id][0] < datetime.fromisoformat(at):
                newest[id] = (datetime.fromisoformat(at), at, is_there)
    alive = {id: at for id, (_, at, there) in newest.items() if there}
    return alive, {id: at for id, (_, at, there) in newest.items() if not there}


def logged(data: Path) -> tuple[dict[str, str], dict[str, str]]:
    """The same from the change log itself."""
    newest = Releases(data).newest()
    assert newest is not None
    with ChangeLog(data) as log:
        rows = log.standing(newest.number)
    there = {one.entity.value: one.at.isoformat() for one in rows if one.change is not Change.WITHDRAWN}
    gone = {one.entity.value: one.at.isoformat() for one in rows if one.change is Change.WITHDRAWN}
    return there, gone


def titles(client: FlaskClient, address: str) -> list[str]:
    return [one.text or "" for one in document(client, address).iterfind(f"{ATOM}entry/{ATOM}title")]


def test_the_entities_and_tombstones_are_those_of_the_change_log(client: FlaskClient, data: Path) -> None:
    """A random walk of additions, edits and withdrawals."""
    chance, numbers, offered = random.Random(5), count(FIRST), list[int]()
    for step in range(7):
        if step in (3, 6):
            withdraw(data, offered.pop())
        else:
            competency = chance.choice(COMPETENCIES)
            publish(data, f"o-{chance.randrange(3)}", f"A test {step}", competency, chance.choice(["", "museums"]))
            offered.append(next(numbers))
    there, gone = logged(data)
    assert gone
    assert replayed(client, "/feed.atom") == (there, gone)
    assert replayed(client, "/changes.atom") == (there, gone)
    kind = f"{ID.iri}offering/"
    of_kind = replayed(client, "/changes.atom?kind=offering")
    assert of_kind == tuple({id: at for id, at in one.items() if id.startswith(kind)} for one in (there, gone))
    assert json_replayed(client) == (set(there), set(gone))


def json_replayed(client: FlaskClient) -> tuple[set[str], set[str]]:
    newest = dict[str, bool]()
    following: str | None = "/feed.json"
    while following:
        found = json_document(client, following)
        for item in found["items"]:
            newest.setdefault(item["id"], "_trivium" not in item)
        following = found.get("next_url")
    return {id for id, there in newest.items() if there}, {id for id, there in newest.items() if not there}


def json_document(client: FlaskClient, address: str) -> dict[str, Any]:
    """One document of the JSON Feed, with what version 1.1 requires of it."""
    response = client.get(address.removeprefix(ADDRESS), headers={"Accept": "text/html"})
    assert (response.status_code, response.mimetype) == (200, "application/feed+json")
    found: dict[str, Any] = json.loads(response.data)
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    assert found["title"]
    assert found["feed_url"] == (address if address.startswith(ADDRESS) else ADDRESS + address)
    assert found["home_page_url"].startswith(f"{ADDRESS}/changes")
    ids = [item["id"] for item in found["items"]]
    assert len(set(ids)) == len(ids)
    for item in found["items"]:
        assert item["content_text"]
        assert datetime.fromisoformat(item["date_modified"]).tzinfo
    return found


def entries(found: etree._Element) -> list[bytes]:
    return [etree.tostring(one) for one in found.iter(f"{ATOM}entry")]


def test_an_archive_stays_as_it_is_while_more_is_published(client: FlaskClient, data: Path) -> None:
    before = list(documents(client, "/feed.atom?kind=offering"))
    publish(data, "new", "New")
    after = list(documents(client, "/feed.atom?kind=offering"))
    archives = [entries(one) for one in before[1:]]
    assert len(archives) == 3
    assert archives == [entries(one) for one in after[1:]]
    assert [one.find(f"{HISTORY}archive") is not None for one in after] == [False, True, True, True]
    assert {one.findtext(f"{ATOM}id") for one in after} == {f"{ADDRESS}/feed.atom?kind=offering"}
    assert {link(one, "current") for one in after[1:]} == {f"{ADDRESS}/feed.atom?kind=offering"}
    assert [link(one, "next-archive") for one in after[1:]] == [None, *(link(one, "self") for one in after[1:-1])]
    for one in after:
        assert len(one.findall(f"{ATOM}entry")) == ENTRIES
    assert after[0].findtext(f"{ATOM}entry/{ATOM}title") == "New: added"


def test_a_feed_is_as_new_as_its_newest_entry(client: FlaskClient, data: Path) -> None:
    quiet = document(client, "/feed.atom?kind=role").findtext(f"{ATOM}updated")
    release = publish(data)
    assert document(client, "/feed.atom?kind=role").findtext(f"{ATOM}updated") == quiet
    newest = document(client, "/feed.atom?kind=offering").findtext(f"{ATOM}updated")
    assert datetime.fromisoformat(newest or "") == release.created
    empty = document(client, "/changes.atom?kind=role&change=withdrawn")
    assert empty.find(f"{ATOM}entry") is None
    assert empty.findtext(f"{ATOM}updated") == quiet


def test_links_of_entries_lead_to_their_pages(client: FlaskClient, data: Path) -> None:
    publish(data)
    for address in ("/feed.atom", "/gaps.atom?sector=museums"):
        for entry in document(client, address).findall(f"{ATOM}entry")[:5]:
            [target] = [one.get("href") or "" for one in entry.findall(f"{ATOM}link")]
            assert client.get(target.removeprefix(ADDRESS)).status_code == 200, target


def test_a_gap_is_closed_and_opened_again(client: FlaskClient, data: Path) -> None:
    address = "/gaps.atom?sector=museums&state=missing"
    before = titles(client, address)
    assert before
    assert all(title.endswith(": new, missing now") for title in before)
    closing = publish(data)
    withdraw(data, FIRST)
    assert titles(client, address) == [OPENED, CLOSED, *before]
    assert titles(client, "/gaps.atom?sector=archives&state=thin")[:2] == [
        "Archives · Accessible services and spaces: opened, thin before, missing now",
        "Archives · Accessible services and spaces: closed, missing before, thin now",
    ]
    found = document(client, address)
    [_, closed] = found.findall(f"{ATOM}entry")[:2]
    iri = f"{ID.iri}gap/museums--physical-accessibility"
    assert closed.findtext(f"{ATOM}id") == f"{iri}#release-{closing.number}"
    assert datetime.fromisoformat(closed.findtext(f"{ATOM}updated") or "") == closing.created
    assert [one.get("term") for one in closed.findall(f"{ATOM}category")] == ["closed", "thin"]
    ids = [one.findtext(f"{ATOM}id") for one in found.iter(f"{ATOM}entry")]
    assert len(set(ids)) == len(ids)
    assert link(found, "alternate") == f"{ADDRESS}/gaps?sector=museums&state=missing"


def test_other_gaps_are_not_told_of(client: FlaskClient, data: Path) -> None:
    others = (
        "/gaps.atom?sector=museums&state=covered",
        "/gaps.atom?sector=museums&competency=leadership",
        "/gaps.atom?area=preservation-and-conservation",
        "/gaps.atom?sector=public-libraries&state=covered",
    )
    before = [titles(client, address) for address in others]
    publish(data, sector="museums")
    assert [titles(client, address) for address in others] == before
    for address in ("/gaps.atom", "/gaps.atom?sector=museums", "/gaps.atom?competency=physical-accessibility"):
        assert titles(client, address)[:1] == [CLOSED], address
    area = client.get("/gaps.json?competency=physical-accessibility").json["items"][0]["competency"]["area"]  # type: ignore[index]
    assert CLOSED in titles(client, f"/gaps.atom?area={area['iri'].rpartition('/')[2]}")


def test_the_turns_of_gaps_are_those_of_the_change_log(client: FlaskClient, data: Path) -> None:
    """All archives of a feed together, against the rows of the log chosen by hand."""
    for competency in COMPETENCIES:
        publish(data, f"o-{competency}", competency=competency)
    newest = Releases(data).newest()
    assert newest is not None
    with ChangeLog(data) as log:
        rows = log.newest(newest.number, ["gap"])
    for sector in ("museums", "archives", "public-libraries"):
        for state in ("", "missing", "thin"):
            wanted = {
                f"{one.entity.value}#release-{one.release}"
                for one in rows
                if one.entity.value.startswith(f"{ID.iri}gap/{sector}--")
                and one.state != one.state_before
                and (not state or state in (one.state, one.state_before))
            }
            query = f"sector={sector}" + (f"&state={state}" if state else "")
            read = documents(client, f"/gaps.atom?{query}")
            assert {one.text for found in read for one in found.iterfind(f"{ATOM}entry/{ATOM}id")} == wanted, query


@pytest.mark.parametrize(
    ("address", "parameter", "words"),
    [
        ("/gaps.atom?level=entry", "level", "cannot be followed"),
        ("/gaps.atom?mode=hybrid", "mode", "sector, competency, area, state"),
        ("/gaps.atom?free=true", "free", "cannot be followed"),
        ("/gaps.atom?upcoming=true", "upcoming", "cannot be followed"),
        ("/gaps.atom?region=US", "region", "cannot be followed"),
        ("/gaps.atom?language=en", "language", "cannot be followed"),
        ("/gaps.atom?basis=roles", "basis", "cannot be followed"),
        ("/gaps.atom?limit=5", "limit", "follow the links"),
        ("/changes.atom?offset=5", "offset", "follow the links"),
        ("/gaps.atom?sector=museum", "sector", "museums"),
        ("/gaps.atom?sector=all", "sector", "not a sector"),
        ("/gaps.atom?archive=99", "archive", "1 to 3"),
        ("/gaps.atom?sector=museums&state=thin&archive=1", "archive", "no archive yet"),
        ("/gaps.json?archive=1", "archive", ".atom"),
        ("/changes.csv?archive=1", "archive", ".atom"),
        ("/feed.atom?kind=offerin", "kind", "offering"),
        ("/feed.json?limit=5", "limit", "no such parameter"),
    ],
)
def test_what_cannot_be_followed_is_refused(client: FlaskClient, address: str, parameter: str, words: str) -> None:
    response = client.get(address)
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    problem = response.get_json(force=True)
    assert problem["parameter"] == parameter
    assert words in problem["detail"]


def test_an_argument_that_changes_nothing_is_followed(client: FlaskClient) -> None:
    assert titles(client, "/gaps.atom?sector=museums&basis=any&level=") == titles(client, "/gaps.atom?sector=museums")


@pytest.mark.parametrize("address", ["/feed.atom", "/feed.json", "/changes.atom?kind=role", "/gaps.atom?state=thin"])
def test_what_has_not_changed_is_a_304(client: FlaskClient, data: Path, address: str) -> None:
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    publish(data)
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_feed_is_found_by_the_accept_header_too(client: FlaskClient) -> None:
    response = client.get("/gaps?sector=museums", headers={"Accept": "application/atom+xml"})
    assert link(etree.fromstring(response.data), "self") == f"{ADDRESS}/gaps.atom?sector=museums"


def test_titles_are_in_the_language_asked_for(client: FlaskClient) -> None:
    found = titles(client, "/gaps.atom?sector=museums&competency=disaster-planning-and-response&lang=es")
    assert any("Planificación y respuesta ante desastres" in title for title in found)


@pytest.mark.parametrize(
    ("path", "feeds"),
    [
        ("/", {"/feed.atom", "/feed.json", "/gaps.atom"}),
        ("/gaps?sector=museums&state=missing", {"/gaps.atom?sector=museums&state=missing"}),
        ("/gaps?sector=museums&level=entry&offset=50", {"/gaps.atom?sector=museums"}),
        ("/changes?kind=offering&offset=0", {"/changes.atom?kind=offering"}),
        ("/offerings?mode=hybrid&limit=5", {"/offerings.ics?mode=hybrid"}),
    ],
)
def test_pages_lead_to_their_feeds(client: FlaskClient, path: str, feeds: set[str]) -> None:
    page = etree.HTML(client.get(path, headers={"Accept": "text/html"}).text)
    heads = {one.get("href"): one.get("type") for one in page.iterfind(".//head/link[@rel='alternate']")}
    anchors = {one.get("href") for one in page.iter("a")}
    assert {href for href in heads if href} == feeds
    assert feeds & anchors
    for href, kind in heads.items():
        response = client.get(href or "")
        assert (response.status_code, response.mimetype) == (200, kind), href
    assert all(parse_qs(urlsplit(href or "").query).keys() <= {"sector", "state", "kind", "mode"} for href in heads)


def test_a_label_that_xml_cannot_carry_does_no_harm(client: FlaskClient, data: Path) -> None:
    publish(data, title='"<b>&amp; ]]> </entry>"')
    assert "<b>&amp; ]]> </entry>: added" in titles(client, "/feed.atom?kind=offering")
