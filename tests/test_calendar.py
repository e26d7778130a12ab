"""The calendar: read by icalendar with all that RFC 5545 requires, and true to the sessions under every filter."""

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar

from graph.changes import ChangeLog
from graph.journal import State
from graph.namespaces import ID, entity
from graph.parsing import Submission
from graph.publication import Publisher, Terms
from graph.releases import Releases
from service import create_app
from service.settings import Settings

ADDRESS = "https://example.org"
AS_OF = date(2026, 11, 23)
TESS = Terms("tess")
FIRST = 13  # the number of the first contribution after the starter graph
OFFERINGS = "id,label_en,provider,url,type,mode,level,free,competencies,sectors,source,page_date\n"
ROW = '{id},"{title}",aaslh,https://example.org/about/{id},course,{mode},{level},{free},{competency},,https://example.org/{id},2026-11\n'
SESSIONS = "offering,start_date,end_date,location,mode,source\n"
LONG = "Bücher, Bände; und Blätter: " + "für Archive, Bibliotheken und Museen " * 5 + "\\ Ende"


@pytest.fixture
def data(starter_data: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(starter_data, tmp_path / "data", ignore=shutil.ignore_patterns("dumps*")))


@pytest.fixture
def client(data: Path) -> Iterator[FlaskClient]:
    with create_app(Settings(data=data, base=ADDRESS, look_seconds=0)).test_client() as client:
        yield client


def contribute(data: Path, name: str, text: str) -> None:
    with Publisher.open(data) as publisher:
        publisher.contribute([Submission(name, text.encode())], TESS, AS_OF)


def offering(
    data: Path, id: str, title: str = "", mode: str = "hybrid", competency: str = "leadership", free: str = ""
) -> None:
    row = ROW.format(id=id, title=title or id, mode=mode, level="entry", free=free, competency=competency)
    contribute(data, "offering.csv", OFFERINGS + row)


def sessions(data: Path, *rows: str) -> None:
    contribute(data, "session.csv", SESSIONS + "".join(f"{row},https://example.org/dates\n" for row in rows))


def withdraw(data: Path, number: int) -> None:
    with Publisher.open(data) as publisher:
        publisher.journal.move(number, [State.PUBLISHED], State.WITHDRAWING, "", "tess")
        publisher.publish(AS_OF)


def calendar(client: FlaskClient, query: str = "") -> tuple[Any, dict[str, Any]]:
    """The calendar as icalendar reads it, and its events by UID, with what every one of them must have."""
    response = client.get(f"/offerings.ics{query}", headers={"Host": "elsewhere.example"})
    assert (response.status_code, response.content_type) == (200, "text/calendar; charset=utf-8"), response.text
    assert b"elsewhere.example" not in response.data
    lines = response.data.split(b"\r\n")
    assert lines.pop() == b""
    assert not [line for line in lines if b"\n" in line or b"\r" in line or len(line) > 75]
    found: Any = Calendar.from_ical(response.data)
    assert not found.errors
    assert (str(found["version"]), str(found["prodid"])) == ("2.0", "-//Trivium//Offerings//EN")
    assert found.subcomponents
    events: list[Any] = found.walk("VEVENT")
    for one in events:
        assert not one.errors
        for name in ("uid", "dtstamp", "dtstart", "sequence", "status", "summary", "url", "description"):
            assert name in one, name
        assert type(one["dtstart"].dt) is date
        assert one["dtstart"].params["VALUE"] == "DATE"
        assert one["dtstamp"].dt.utcoffset() == timedelta(0)
    by_uid = {str(one["uid"]): one for one in events}
    assert len(by_uid) == len(events)
    return found, by_uid


def uid(slug: str) -> str:
    return entity("session", slug).value


def test_a_calendar_without_sessions_is_a_calendar(client: FlaskClient) -> None:
    """The sessions of the starter graph are over; a calendar may still not be without a component."""
    found, events = calendar(client)
    assert not events
    assert [one.name for one in found.subcomponents] == ["VTIMEZONE"]
    assert "refresh-interval" in found
    raw = client.get("/offerings.ics").text
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT12H\r\n" in raw
    assert f"SOURCE;VALUE=URI:{ADDRESS}/offerings.ics\r\n" in raw


def test_an_event_says_what_the_session_says(client: FlaskClient, data: Path) -> None:
    offering(data, "course", LONG)
    sessions(data, 'course,2026-12-01,2026-12-03,"Murcia, Spain",in-person', "course,2027-01-10,,,")
    _, events = calendar(client)
    assert set(events) == {uid("course--2026-12-01--murcia-spain"), uid("course--2027-01-10")}
    first, second = events[uid("course--2026-12-01--murcia-spain")], events[uid("course--2027-01-10")]
    assert str(first["summary"]) == LONG
    assert (first["dtstart"].dt, first["dtend"].dt) == (date(2026, 12, 1), date(2026, 12, 4))
    assert str(first["location"]) == "Murcia, Spain"
    assert str(first["url"]) == "https://example.org/about/course"
    assert str(first["status"]) == "CONFIRMED"
    assert first.categories == ["Leadership"]
    for words in ("American Association for State and Local History", "In person", f"{ADDRESS}/offering/course"):
        assert words in str(first["description"])
    assert (second["dtstart"].dt, "dtend" in second, "location" in second) == (date(2027, 1, 10), False, False)


def test_what_is_not_over_is_shown_and_what_has_no_day_is_counted(client: FlaskClient, data: Path) -> None:
    offering(data, "course")
    sessions(
        data,
        "course,2026-11-22,,over,",
        "course,2026-11-23,,today,",
        "course,2026-10-01,2026-11-23,running,",
        "course,2026-10-02,2026-11-22,ended,",
        "course,2026-12-05,2027-01,vague,",
        "course,2026-11,,month,",
        "course,2027,,year,",
        "course,2026-10,,past,",
    )
    found, events = calendar(client)
    there = {one.rpartition("--")[2] for one in events}
    assert there == {"today", "running", "vague"}
    assert " 2 more are known only to the month or the year" in str(found["x-wr-caldesc"])
    vague = events[uid("course--2026-12-05--vague")]
    assert "dtend" not in vague
    assert "It ends in 2027-01." in str(vague["description"])


def test_the_filters_are_those_of_the_list(client: FlaskClient, data: Path) -> None:
    offering(data, "one", mode="online-live", free="true")
    offering(data, "two", competency="digital-preservation")
    sessions(data, "one,2026-12-01,,,", "two,2026-12-02,,,")
    for query, expected in {
        "": {"one", "two"},
        "?competency=leadership": {"one"},
        "?mode=hybrid": {"two"},
        "?free=true": {"one"},
        "?provider=aaslh&level=entry&limit=1": {"one", "two"},
        "?level=advanced": set(),
        "?sector=museums": {"one", "two"},
        "?q=two": {"two"},
    }.items():
        _, events = calendar(client, query)
        assert {one.removeprefix(f"{ID.iri}session/").partition("--")[0] for one in events} == expected, query
        listed = client.get("/offerings.json", query_string=dict(parse_qsl(query[1:])) | {"limit": "0"}).json
        assert listed is not None
        assert expected <= {item["iri"].rpartition("/")[2] for item in listed["items"]}, query
    assert "Leadership" in str(calendar(client, "?competency=leadership")[0]["name"])
    assert client.get("/offerings.ics?competency=leadershi").status_code == 400


def test_the_sequence_rises_with_every_change(client: FlaskClient, data: Path) -> None:
    offering(data, "course")
    sessions(data, "course,2026-12-01,,Murcia,")
    mine = uid("course--2026-12-01--murcia")
    seen = [calendar(client)[1][mine]]
    offering(data, "other")
    assert calendar(client)[1][mine].to_ical() == seen[0].to_ical()
    sessions(data, "course,2026-12-01,2026-12-02,Murcia,")
    seen.append(calendar(client)[1][mine])
    offering(data, "course", "Another title")
    seen.append(calendar(client)[1][mine])
    sequences = [int(one["sequence"]) for one in seen]
    assert sequences == sorted(set(sequences))
    assert [one["dtstamp"].dt for one in seen] == sorted(one["dtstamp"].dt for one in seen)
    assert (seen[1]["dtend"].dt, str(seen[2]["summary"])) == (date(2026, 12, 3), "Another title")
    newest = Releases(data).newest()
    assert newest is not None
    with ChangeLog(data) as log:
        last = log.last(entity("offering", "course"), newest.number)
    assert last is not None
    assert (sequences[-1], seen[-1]["dtstamp"].dt) == (last.number, last.at.replace(microsecond=0))


def test_what_was_withdrawn_is_cancelled_if_it_was_still_to_come(client: FlaskClient, data: Path) -> None:
    offering(data, "course", "A course")
    sessions(data, "course,2026-12-01,2026-12-02,Murcia,", "course,2026-11-01,,,", "course,2026-12,,,")
    mine = uid("course--2026-12-01--murcia")
    before = calendar(client)[1][mine]
    withdraw(data, FIRST + 1)
    for query in ("", "?competency=leadership", "?provider=aaslh"):
        _, events = calendar(client, query)
        assert set(events) == {mine}, query
        assert str(events[mine]["status"]) == "CANCELLED"
        assert int(events[mine]["sequence"]) > int(before["sequence"])
        assert events[mine]["dtstart"].dt == before["dtstart"].dt
        assert str(events[mine]["summary"]) == "Cancelled: A course"
    assert not calendar(client, "?competency=digital-preservation")[1]
    sessions(data, "course,2026-12-01,2026-12-02,Murcia,")
    again = calendar(client)[1][mine]
    assert str(again["status"]) == "CONFIRMED"
    assert int(again["sequence"]) > int(events[mine]["sequence"])


def test_a_session_whose_offering_is_withdrawn_too_is_cancelled_in_the_whole_calendar(
    client: FlaskClient, data: Path
) -> None:
    offering(data, "course", "A course")
    sessions(data, "course,2026-12-01,,,")
    withdraw(data, FIRST + 1)
    withdraw(data, FIRST)
    assert {str(one["status"]) for one in calendar(client, "?lang=en")[1].values()} == {"CANCELLED"}
    assert not calendar(client, "?provider=aaslh")[1]


def test_what_has_not_changed_is_a_304(client: FlaskClient, data: Path) -> None:
    first = client.get("/offerings", headers={"Accept": "text/calendar"})
    assert (first.status_code, first.mimetype) == (200, "text/calendar")
    etag = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/offerings", headers={"Accept": "text/calendar", **etag}).status_code == 304
    offering(data, "course")
    assert client.get("/offerings", headers={"Accept": "text/calendar", **etag}).status_code == 200
