"""What makes offerings visible: the calendar, what is new, offerings by others, and the types of offering."""

import re
import shutil
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from playwright.sync_api import Browser

from graph.journal import State
from graph.parsing import Submission
from graph.publication import Publisher, Terms
from graph.resources import ROOT
from service import create_app
from service.settings import Settings

AS_OF = date(2026, 11, 23)
FIRST = 13  # the number of the first contribution after the starter graph
BASE = "https://w3id.org/trivium/id/"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
ATOM = "{http://www.w3.org/2005/Atom}"
OFFERINGS = """id,label_en,provider,url,type,mode,level,free,competencies,sectors,source,page_date
course,A course,aaslh,https://example.org/course,course,hybrid,entry,true,leadership,,https://example.org/course,2026-11
talk,A talk,aaslh,https://example.org/talk,panel,online-live,entry,,leadership,archives,https://example.org/talk,2026-11
"""
SESSIONS = """offering,start_date,end_date,location,mode,source
course,2026-12-01,2026-12-03,Here,in-person,https://example.org/dates
talk,2026-12-01,,There,,https://example.org/dates
course,2027-01-10,,,,https://example.org/dates
talk,2026-12,,,,https://example.org/dates
talk,2027,,,,https://example.org/dates
course,2026-10-01,2026-12-20,Long,,https://example.org/dates
course,2026-10-02,2026-11-22,Over,,https://example.org/dates
"""


def asked(client: FlaskClient, address: str) -> dict[str, Any]:
    response = client.get(address)
    assert response.status_code == 200, address
    answer: dict[str, Any] = response.get_json()
    return answer


def page(client: FlaskClient, address: str) -> str:
    response = client.get(address, headers={"Accept": "text/html"})
    assert response.status_code == 200, address
    return response.get_data(as_text=True)


@pytest.fixture(scope="module")
def dated(starter_data: Path, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client of the starter graph with sessions that are not over."""
    data = Path(shutil.copytree(starter_data, tmp_path_factory.mktemp("dated") / "data"))
    with Publisher.open(data) as publisher:
        for name, text in (("offering.csv", OFFERINGS), ("session.csv", SESSIONS)):
            publisher.contribute([Submission(name, text.encode())], Terms("tess"), AS_OF)
    return create_app(Settings(data=data)).test_client()


def slugs(found: dict[str, Any]) -> list[str]:
    return [one["session"]["iri"].rpartition("/")[2] for one in found["items"]]


def test_the_calendar_has_the_sessions_that_are_not_over_and_leads_to_its_days(dated: FlaskClient) -> None:
    found = asked(dated, "/calendar.json?limit=0")
    assert found["total"] == 6
    assert not [one for one in slugs(found) if one.endswith("--over")]
    assert found["months"] == [
        {"month": "2026-10", "sessions": 1},
        {"month": "2026-12", "sessions": 3},
        {"month": "2027-01", "sessions": 1},
    ]
    assert slugs(asked(dated, "/calendar.json?month=2027-01")) == ["course--2027-01-10"]
    text = page(dated, "/calendar?month=2026-12")
    assert '<a href="#day-2026-12-01" aria-label="2 sessions on 1 December 2026">2</a>' in text
    assert re.findall(r'<h3 id="(day-[^"]+)"', text) == ["day-2026-12-01"]
    undated = text.partition("the day is not stated")[2].partition("<h3>")[0]
    running = text.partition("Begun earlier, and not over")[2].partition("<h2>")[0]
    assert "A talk" in undated
    assert "since 1 October 2026" in running
    assert "to 20 December 2026" in running
    assert "A talk" in text.partition("Known to the year only")[2]


def test_a_language_filters(client: FlaskClient) -> None:
    spanish = asked(client, "/offerings/for.json?language=es&limit=0")["items"]
    listed = {one["iri"] for one in asked(client, "/offerings.json?language=es&limit=0")["items"]}
    assert {one["offering"]["iri"] for one in spanish} <= listed
    assert spanish


@pytest.mark.parametrize("query", ["", "?mode=hybrid", "?sector=museums", "?free=true&q=course", "?region=us"])
def test_the_calendar_and_the_one_to_subscribe_to_have_the_same_days(dated: FlaskClient, query: str) -> None:
    events: Any = Calendar.from_ical(dated.get(f"/offerings.ics{query}").data)
    subscribed = {str(one["uid"]) for one in events.walk("VEVENT")}
    items = asked(dated, f"/calendar.json{query}{'&' if query else '?'}limit=0")["items"]
    shown = {one["session"]["iri"] for one in items if len(one["starts"]) == len("2026-12-01")}
    assert shown == subscribed
    assert shown
    assert f'href="/offerings.ics{query.replace("&", "&amp;")}"' in page(dated, f"/calendar{query}")


def test_a_calendar_without_sessions_says_what_that_means(client: FlaskClient) -> None:
    assert asked(client, "/calendar.json")["total"] == 0
    text = page(client, "/calendar")
    assert "That does not mean that there is none" in text
    problem = client.get("/calendar.json?month=2026-13")
    assert (problem.status_code, problem.get_json()["parameter"]) == (400, "month")


def test_what_is_new_is_what_the_change_log_says_was_created(dated: FlaskClient) -> None:
    [month] = {one["created"][:7] for one in asked(dated, "/releases.json")["items"]}
    created = asked(dated, "/changes.json?change=created&limit=0")["items"]
    counted = Counter(one["kind"] for one in created)
    found = asked(dated, f"/new.json?month={month}&limit=0")
    assert found["counts"] == {kind: counted[kind] for kind in found["counts"]}
    assert {one["entity"]["iri"].rpartition("/")[2] for one in found["items"][:2]} == {"course", "talk"}
    assert found["total"] == counted["offering"]
    text = page(dated, "/new?kind=session")
    assert '<a href="/changes.atom?kind=session&amp;change=created">' in text
    assert 'aria-current="true"' in text
    problem = dated.get("/new.json?month=1999-01")
    assert (problem.status_code, problem.get_json()["allowed"]) == (400, [month])


def test_what_was_withdrawn_is_new_no_more(data: Path) -> None:
    with Publisher.open(data) as publisher:
        publisher.contribute([Submission("offering.csv", OFFERINGS.encode())], Terms("tess"), AS_OF)
        publisher.journal.move(FIRST, [State.PUBLISHED], State.WITHDRAWING, "", "tess")
        publisher.publish(AS_OF)
    client = create_app(Settings(data=data)).test_client()
    names = {one["entity"]["iri"].rpartition("/")[2] for one in asked(client, "/new.json?limit=0")["items"]}
    assert names
    assert not names & {"course", "talk"}


def by_hand(client: FlaskClient, provider: str, sectors: list[str]) -> dict[str, set[str]]:
    """The offerings by others, with what they meet, from the gaps and their evidence."""
    own = {one["iri"] for one in asked(client, f"/offerings.json?provider={provider}&limit=0")["items"]}
    gaps = [gap for sector in sectors for gap in asked(client, f"/gaps.json?sector={sector}&limit=0")["items"]]
    every = asked(client, "/gaps.json?limit=0")["items"]
    teaches = {
        gap["competency"]["iri"]
        for gap in every
        if own & {*gap["evidence"]["offerings"], *gap["evidence"]["elsewhere"]}
    }
    found: dict[str, set[str]] = defaultdict(set)
    for gap in gaps:
        if gap["demand"] and gap["competency"]["iri"] not in teaches:
            for offering in gap["evidence"]["offerings"]:
                if offering not in own:
                    found[offering].add(gap["competency"]["iri"])
    return found


def test_offerings_by_others_meet_what_the_audience_needs_and_the_provider_does_not_teach(client: FlaskClient) -> None:
    found = asked(client, "/offerings/for.json?provider=aaslh&limit=0")
    sectors = [one["iri"].rpartition("/")[2] for one in found["sectors"]]
    expected = by_hand(client, "aaslh", sectors)
    assert expected
    told = {one["offering"]["iri"]: {met["competency"]["iri"] for met in one["meets"]} for one in found["items"]}
    assert told == expected
    for one in found["items"]:
        assert one["weight"] == pytest.approx(sum(met["demand"] for met in one["meets"]), abs=0.001)
        assert all(not provider["iri"].endswith("/aaslh") for provider in one["providers"])
    weights = [one["weight"] for one in found["items"]]
    assert weights == sorted(weights, reverse=True)


def test_for_a_sector_nobody_is_left_out_and_a_filter_filters(client: FlaskClient) -> None:
    gaps = asked(client, "/gaps.json?sector=archives&free=true&limit=0")["items"]
    expected = {offering for gap in gaps if gap["demand"] for offering in gap["evidence"]["offerings"]}
    found = asked(client, "/offerings/for.json?sector=archives&free=true&limit=0")["items"]
    assert {one["offering"]["iri"] for one in found} == expected != set()
    every = asked(client, "/offerings/for.json?limit=0")
    assert [one["iri"].rpartition("/")[2] for one in every["sectors"]] == ["archives", "libraries", "museums"]
    problem = client.get("/offerings/for.json?provider=nobody")
    assert (problem.status_code, problem.get_json()["parameter"]) == (400, "provider")


def test_the_same_list_as_a_page_a_feed_and_in_the_page_of_another(client: FlaskClient) -> None:
    items = asked(client, "/offerings/for.json?provider=aaslh&limit=0")["items"]
    iris = [one["offering"]["iri"] for one in items]
    feed = ElementTree.fromstring(client.get("/offerings/for.atom?provider=aaslh").data)
    assert {one.findtext(f"{ATOM}id") for one in feed.iter(f"{ATOM}entry")} == set(iris[:50])
    text = page(client, "/offerings/for?provider=aaslh")
    shown = re.findall(r'<li><a href="(/offering/[^"]+)"', text)
    assert [f"{BASE}{one[1:]}" for one in shown] == iris[:50]
    assert 'href="/offerings/for.atom?provider=aaslh"' in text
    assert 'href="/embed?show=offerings-for&amp;provider=aaslh"' in text
    embedded = client.get("/embed/offerings-for?provider=aaslh&limit=3")
    assert "frame-ancestors *" in embedded.headers["Content-Security-Policy"]
    assert [f"{BASE}{one[1:]}" for one in re.findall(r'<li><a href="(/offering/[^"]+)"', embedded.text)] == iris[:3]
    assert 'href="/offerings/for?provider=aaslh"' in embedded.text
    snippet = page(client, "/embed?show=offerings-for&provider=aaslh")
    assert "/embed/offerings-for?provider=aaslh" in snippet


def test_every_type_of_offering_has_a_page(client: FlaskClient) -> None:
    overview = page(client, "/offerings/types")
    names = re.findall(r'href="/offerings/types/([^"]+)"', overview)
    assert {"exchange", "residency", "panel", "conference-session"} <= set(names)
    for name in names:
        total = asked(client, f"/offerings.json?type={name}&limit=1")["total"]
        text = page(client, f"/offerings/types/{name}")
        if total:
            assert f"{total} {'is' if total == 1 else 'are'} known here" in text, name
            assert f'href="/offerings?type={name}"' in text
        else:
            assert "None is known here. That does not mean that there is none" in text, name
    text = page(client, "/offerings/types/exchange")
    assert "A stay or visit at another institution" in text
    assert "/gaps?sector=archives&amp;competency=" in text
    assert client.get("/offerings/types/banquet").status_code == 404


def test_the_pages_are_accessible_in_both_themes_and_reflow(browser: Browser, served: str) -> None:
    assert AXE.exists(), "axe-core is missing: run `make editor`"
    context = browser.new_context(base_url=served, viewport={"width": 320, "height": 800})
    page = context.new_page()
    for path in ("/calendar", "/new", "/offerings/for?provider=aaslh", "/offerings/types/exchange"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        page.evaluate(AXE.read_text(encoding="utf-8"))
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found = page.evaluate("axe.run(document)")["violations"]
            assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found] == [], (path, scheme)
    context.close()
