"""`/pathways` over HTTP: the same way on the page, in JSON and in CSV, and what a reader says about themself."""

import csv
import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from graph.resources import ONTOLOGY

ID = "https://w3id.org/trivium/id/"
BROWSER = {"Accept": "text/html"}
WAY = "/pathways{}?from=archivist&to=museum-registrar"


def asked(client: FlaskClient, path: str) -> dict[str, Any]:
    response = client.get(path)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = json.loads(response.data)
    return found


def required(role: str) -> dict[str, dict[str, str]]:
    """What the file that people filled in says that a role requires, by competency."""
    with (ONTOLOGY / "starter" / "requirement.csv").open(encoding="utf-8") as file:
        return {row["competency"]: row for row in csv.DictReader(file) if row["role"] == role}


def slug(iri: str) -> str:
    return iri.rpartition("/")[2]


class Page(HTMLParser):
    """The links, headings and form fields of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fields: list[dict[str, str | None]] = []
        self.actions: list[dict[str, str | None]] = []
        self.scripts = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "a":
            self.links.append(found.get("href") or "")
        if tag in ("input", "select"):
            self.fields.append(found)
        if tag == "form":
            self.actions.append(found)
        self.scripts += tag == "script" and "complete.js" not in str(dict(attrs).get("src"))

    def ticked(self, name: str) -> dict[str, bool]:
        """The boxes of a name, and whether each is ticked."""
        boxes = (one for one in self.fields if one.get("type") == "checkbox" and one.get("name") == name)
        return {str(one["value"]): "checked" in one for one in boxes}


def page(client: FlaskClient, path: str) -> Page:
    response = client.get(path, headers=BROWSER)
    assert response.status_code == 200, response.text
    return Page(response.text)


@pytest.mark.parametrize(("held", "wanted"), [("librarian", "archivist"), ("archivist", "museum-registrar")])
def test_what_carries_over_and_what_is_missing_is_what_the_roles_say(
    client: FlaskClient, held: str, wanted: str
) -> None:
    found = asked(client, f"/pathways.json?from={held}&to={wanted}")
    states = {slug(one["competency"]["iri"]): one for one in found["items"]}
    before, after = required(held), required(wanted)
    assert states.keys() == after.keys()
    assert {name for name, one in states.items() if one["state"] == "carried"} == before.keys() & after.keys()
    for name, one in states.items():
        assert (one["importance"], one["level"]) == (after[name]["importance"], after[name]["level"] or None)
        if one["state"] == "carried":
            assert one["level_held"] == (before[name]["level"] or None)
    importances = [one["importance"] for one in found["items"]]
    assert importances == sorted(importances)  # essential, optional


def test_the_set_teaches_what_gaps_count_as_supply(client: FlaskClient) -> None:
    """Each offering that is chosen for a competency is supply in a gap of a sector of the role that is wanted."""
    found = asked(client, WAY.format(".json"))
    assert found["proven"] is True
    sectors = [slug(one["iri"]) for one in found["sectors"]]
    assert "museums" in sectors
    for one in found["items"]:
        name = slug(one["competency"]["iri"])
        gaps = [asked(client, f"/gaps.json?competency={name}&sector={sector}")["items"][0] for sector in sectors]
        supply = {iri for gap in gaps for iri in gap["evidence"]["offerings"]}
        assert bool(supply) == (one["state"] == "missing")
        assert {*one.get("offerings", ())} <= supply
        if one["state"] == "uncovered" and not any(gap["evidence"]["elsewhere"] for gap in gaps):
            stale = gaps[0]["evidence"]["stale"]
            assert one["uncovered"] == {
                "why": "stale" if stale else "nobody",
                "total": len(stale),
                "offerings": stale[:5],
                "sectors": [],
            }
    taught = {iri for one in found["offerings"] for iri in one["teaches"]}
    assert taught == {one["competency"]["iri"] for one in found["items"] if one["state"] == "missing"}


def test_the_question_of_the_catalogue_says_the_same(client: FlaskClient) -> None:
    found = asked(client, WAY.format(".json"))
    rows = asked(client, "/queries/compare-roles.json?from_role=archivist&to_role=museum-registrar&limit=0")["items"]
    states = {"both": {"carried"}, "new role": {"missing", "uncovered"}}
    told = {row["competency"]["iri"]: states[row["required_by"]] for row in rows if row["required_by"] != "old role"}
    assert told.keys() == {one["competency"]["iri"] for one in found["items"]}
    assert all(one["state"] in told[one["competency"]["iri"]] for one in found["items"])


def test_table_page_and_json_tell_the_same(client: FlaskClient) -> None:
    found = asked(client, WAY.format(".json"))
    rows = list(csv.DictReader(io.StringIO(client.get(WAY.format(".csv")).text)))
    assert [(row["competency_iri"], row["state"]) for row in rows] == [
        (one["competency"]["iri"], one["state"]) for one in found["items"]
    ]
    for row, one in zip(rows, found["items"], strict=True):
        assert row["offering_iri"] == ";".join(one.get("offerings", ()))
        assert row["why"] == one.get("uncovered", {}).get("why", "")
    text = client.get(WAY.format(""), headers=BROWSER).text
    counts = [sum(one["state"] == state for one in found["items"]) for state in ("carried", "missing", "uncovered")]
    tally = text[text.index('<ul class="figures tally"') :]
    assert [int(number) for number in re.findall(r"<strong>(\d+)</strong>", tally[: tally.index("</ul>")])] == counts
    links = Page(text).links
    assert {f"/offering/{slug(one['offering']['iri'])}" for one in found["offerings"]} <= {*links}


def costs(found: dict[str, Any]) -> tuple[int, dict[str, float]]:
    return found["cost"]["unknown"], found["cost"]["known"]


def test_the_cheapest_set_takes_unknown_prices_last(client: FlaskClient) -> None:
    few, cheap = (asked(client, f"{WAY.format('.json')}&by={by}&currency=USD") for by in ("number", "cost"))
    assert len(few["offerings"]) <= len(cheap["offerings"])
    assert cheap["cost"]["compared_in"] == "USD"

    def comparable(found: dict[str, Any]) -> tuple[int, float]:
        prices = [one["price"] for one in found["offerings"]]
        known = [one["amount"] for one in prices if one and one["currency"] in (None, "USD")]
        return len(prices) - len(known), sum(known)

    assert comparable(cheap) <= comparable(few)
    assert costs(cheap)[0] == sum(one["price"] is None for one in cheap["offerings"])
    for one in cheap["offerings"]:
        assert one["price"] is None or (one["price"]["amount"] == 0) == (one["price"]["currency"] is None)


def test_limits_leave_fewer_offerings_and_say_so(client: FlaskClient) -> None:
    every, free = (asked(client, f"{WAY.format('.json')}{limits}") for limits in ("", "&free=true"))
    assert free["candidates"] < every["candidates"]
    assert {one["price"]["amount"] for one in free["offerings"]} == {0}
    before = {one["competency"]["iri"]: one["state"] for one in every["items"]}
    for one in free["items"]:
        if one["state"] == "uncovered":
            was_taught = before[one["competency"]["iri"]] == "missing"
            assert was_taught == (one["uncovered"]["why"] == "limits")
    essential = asked(client, f"{WAY.format('.json')}&optional=false")
    states = {(one["importance"], one["state"]) for one in essential["items"]}
    assert ("optional", "not-sought") in states
    assert not states & {("optional", "missing"), ("optional", "uncovered"), ("essential", "not-sought")}


def test_what_is_for_other_sectors_is_named_apart(client: FlaskClient) -> None:
    found = asked(client, "/pathways.json?from=librarian&to=archivist")
    elsewhere = [one["uncovered"] for one in found["items"] if one.get("uncovered", {}).get("why") == "elsewhere"]
    assert elsewhere
    taken = {one["offering"]["iri"] for one in found["offerings"]}
    for one in elsewhere:
        assert one["sectors"]
        assert f"{ID}sector/archives" not in {sector["iri"] for sector in one["sectors"]}
        assert not taken & {*one["offerings"]}
    sectors = {sector["iri"] for one in elsewhere for sector in one["sectors"]}
    wider = asked(client, f"/pathways.json?from=librarian&to=archivist&sector={slug(min(sectors))}")
    assert [one["iri"] for one in wider["sectors"]] == [min(sectors)]
    assert wider["items"] != found["items"]


def test_competencies_are_chosen_one_by_one_and_with_a_role(client: FlaskClient) -> None:
    names = ("disaster-planning-and-response", "preventive-conservation")
    found = asked(client, f"/pathways.json?want={','.join(names)}")
    assert {slug(one["competency"]["iri"]) for one in found["items"]} == {*names}
    assert {one["importance"] for one in found["items"]} == {"essential"}
    assert found["sectors"] == []
    both = asked(client, f"/pathways.json?to=archivist&want={names[1]}&from=librarian&have={names[0]}")
    states = {slug(one["competency"]["iri"]): one["state"] for one in both["items"]}
    assert states.keys() == required("archivist").keys() | {names[1]}
    held = required("librarian").keys() | {names[0]}
    assert {name for name, state in states.items() if state == "carried"} == held & states.keys()


def test_what_a_form_sends_several_times_becomes_one_address(client: FlaskClient) -> None:
    response = client.get("/pathways?to=archivist&free=&have=outreach&have=digitization&lang=es", headers=BROWSER)
    assert response.status_code == 303
    assert response.headers["Location"] == "/pathways?to=archivist&lang=es&have=outreach,digitization"
    assert client.get("/pathways?to=archivist&to=librarian").status_code == 400


def test_what_a_reader_can_is_kept_by_nobody_else(client: FlaskClient) -> None:
    view = client.application.extensions["trivium.release"].view()
    address = "/pathways?to=web-archivist&have=digitization"
    for headers in (BROWSER, {"Accept": "application/json"}):
        response = client.get(address, headers=headers)
        assert response.headers["Cache-Control"] == "private, no-cache"
        assert view.bodies.get(response.get_etag()[0]) is None
        again = client.get(address, headers={**headers, "If-None-Match": response.headers["ETag"]})
        assert (again.status_code, again.headers["Cache-Control"]) == (304, "private, no-cache")
    shared = client.get("/pathways?to=web-archivist", headers=BROWSER)
    assert shared.headers["Cache-Control"] == "public, no-cache"
    assert view.bodies.get(shared.get_etag()[0]) is not None


def test_a_reader_ticks_what_they_can_without_a_script(client: FlaskClient) -> None:
    """The boxes are what is wanted; what carries over is ticked; what the form sends is the way that is left."""
    found = asked(client, "/pathways.json?from=librarian&to=archivist")
    shown = page(client, "/pathways?from=librarian&to=archivist&free=true")
    assert not shown.scripts
    assert {one.get("method") for one in shown.actions} <= {"get", "post"}  # the one that logs out posts
    boxes = shown.ticked("have")
    assert boxes == {slug(one["competency"]["iri"]): one["state"] == "carried" for one in found["items"]}
    hidden = {one["name"]: one["value"] for one in shown.fields if one.get("type") == "hidden"}
    assert (hidden["to"], hidden["free"]) == ("archivist", "true")
    assert "from" not in hidden
    one, *_ = (name for name, ticked in boxes.items() if not ticked)
    after = page(client, f"/pathways?to=archivist&free=true&have={one}")
    assert after.ticked("have") == {name: name == one for name in boxes}


def test_the_page_begins_with_a_form_and_examples_that_work(client: FlaskClient) -> None:
    shown = page(client, "/pathways")
    assert {"from", "to"} <= {one.get("name") for one in shown.fields}
    assert len(shown.ticked("want")) == len(shown.ticked("have")) == 130
    examples = [
        link
        for link in shown.links
        if link.startswith("/pathways?") and not {"release", "lang"} & parse_qs(link[10:]).keys()
    ]
    assert len(examples) == 3
    for link in examples:
        assert "What to take" in client.get(link, headers=BROWSER).text
    assert asked(client, "/pathways.json")["items"] == []


def test_the_nearest_roles_elsewhere_lead_on(client: FlaskClient) -> None:
    found = asked(client, "/pathways.json?from=archivist")
    assert len(found["nearest"]) == 5
    assert all(one["similarity"] > 0 for one in found["nearest"])
    shown = page(client, "/pathways?from=archivist&free=true")
    ways = [parse_qs(urlsplit(link).query) for link in shown.links if "from=archivist&free=true&to=" in link]
    assert [one["to"] for one in ways] == [[slug(one["iri"])] for one in found["nearest"]]
    for one in ways:
        assert asked(client, f"/pathways.json?from=archivist&to={one['to'][0]}")["items"]


@pytest.mark.parametrize(
    ("query", "parameter", "words"),
    [
        ("to=archivst", "to", "there is no role `archivst`."),
        ("from=archivist&to=archivist", "to", "this is the role that is held already"),
        ("to=archivist&have=outreachh", "have", "there is no competency `outreachh`."),
        ("to=archivist&by=cost&currency=dollars", "currency", "write its code of three letters, such as USD"),
        ("to=archivist&until=soon", "until", "is not a day of the calendar"),
    ],
)
def test_what_leads_nowhere_says_how_to_mend_it(client: FlaskClient, query: str, parameter: str, words: str) -> None:
    response = client.get(f"/pathways.json?{query}")
    problem = json.loads(response.data)
    assert (response.status_code, problem["parameter"]) == (400, parameter)
    assert words in problem["detail"]


def links_of_role(client: FlaskClient) -> Iterator[str]:
    yield from (link for link in page(client, "/role/archivist").links if link.startswith("/pathways?"))


def test_the_page_of_a_role_leads_to_its_ways(client: FlaskClient) -> None:
    links = [*links_of_role(client)]
    assert {"/pathways?to=archivist", "/pathways?from=archivist"} < {*links}
    for link in links:
        assert client.get(link, headers=BROWSER).status_code == 200
