"""`/shared` as a page: what it draws, what its tables count, and where every number leads."""

import html
import re
from collections import Counter
from typing import Any

from flask.testing import FlaskClient
from playwright.sync_api import Browser

from graph.resources import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
NUMBER = re.compile(r'<a href="(/shared\?[^"]+)#list">(?:<strong>)?(\d+)')
COMPARISON = "/compare?a=sector/art-museums&b=sector/archives&c=role/archivist"


def asked(client: FlaskClient, address: str) -> dict[str, Any]:
    response = client.get(address)
    assert response.status_code == 200, address
    answer: dict[str, Any] = response.get_json()
    return answer


def listed(client: FlaskClient, address: str) -> int:
    """How many competencies the list at an address of the page holds."""
    total: int = asked(client, html.unescape(address).replace("/shared?", "/shared.json?", 1))["total"]
    return total


def test_every_number_of_the_page_leads_to_a_list_of_so_many(client: FlaskClient) -> None:
    page = client.get("/shared.html?basis=roles").get_data(as_text=True).replace("/shared.html?", "/shared?")
    found = NUMBER.findall(page)
    assert {"only", "area", "importance", "level", "count"} <= {
        name for address, _ in found for name in re.findall(r"(\w+)=", address)
    }
    assert len(found) > 60
    for address, number in found[::3]:
        assert listed(client, address) == int(number), address


def test_the_figure_draws_each_combination_of_sectors(client: FlaskClient) -> None:
    items = asked(client, "/shared.json?limit=0")["items"]
    counted = Counter(tuple(sorted(one["iri"].rpartition("/")[2] for one in item["sectors"])) for item in items)
    told = {tuple(one["sectors"]): one["total"] for one in asked(client, "/shared.json?limit=1")["combinations"]}
    assert told == counted
    page = client.get("/shared.html").get_data(as_text=True)
    drawn = page.partition("<svg viewBox")[2].partition("</svg>")[0]
    assert [int(one) for one in re.findall(r'<text class="count"[^>]*>(\d+)</text>', drawn)] == [*told.values()]
    table = page.partition('<table class="twin">')[2].partition("</table>")[0]
    assert [int(one) for one in re.findall(r'<td class="number">(\d+)</td>', table)] == [*told.values()]
    sums = dict(re.findall(r'<tspan class="sum">(\d+)</tspan></text>\s*<rect class="whole of-sector-(\w+)"', drawn))
    assert {sector: int(number) for number, sector in sums.items()} == Counter(
        one["iri"].rpartition("/")[2] for item in items for one in item["sectors"]
    )


def test_level_and_importance_are_those_of_the_requirements(client: FlaskClient) -> None:
    required = asked(client, "/queries/competencies-by-level.json?level=entry&limit=0")["items"]
    at_entry = {one["competency"]["iri"] for one in required}
    found = asked(client, "/shared.json?level=entry&limit=0")["items"]
    every = asked(client, "/shared.json?limit=0")["items"]
    needed = {one["competency"]["iri"] for one in every}
    assert {one["competency"]["iri"] for one in found} == at_entry & needed
    assert all(("entry" in one["levels"]) == (one["competency"]["iri"] in at_entry) for one in every)
    by_importance = Counter(one["importance"] for one in every)
    for name in ("essential", "optional", "survey-only"):
        assert asked(client, f"/shared.json?importance={name}")["total"] == by_importance[name]


def test_what_is_needed_by_just_these(client: FlaskClient) -> None:
    found = asked(client, "/shared.json?only=museums,libraries&limit=0")
    assert found["total"] > 0
    for one in found["items"]:
        assert {sector["iri"].rpartition("/")[2] for sector in one["sectors"]} == {"libraries", "museums"}
    problem = client.get("/shared.json?only=museums,galleries")
    assert (problem.status_code, problem.get_json()["parameter"]) == (400, "only")
    assert problem.get_json()["allowed"] == ["archives", "libraries", "museums"]


def test_the_pages_are_accessible_in_both_themes_and_reflow(browser: Browser, served: str) -> None:
    assert AXE.exists(), "axe-core is missing: run `make editor`"
    context = browser.new_context(base_url=served, viewport={"width": 320, "height": 800})
    page = context.new_page()
    for path in ("/shared", "/compare", COMPARISON):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        page.evaluate(AXE.read_text(encoding="utf-8"))
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found = page.evaluate("axe.run(document)")["violations"]
            assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found] == [], (path, scheme)
    context.close()
