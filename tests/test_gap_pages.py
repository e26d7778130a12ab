"""The pages of `/gaps`: the same figures as the data, honest counts, evidence, and a filter that is live."""

import re
import shutil
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from lxml import etree
from playwright.sync_api import Browser, Page, expect

BROWSER: Final = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
CHROMIUM: Final = shutil.which("chromium")
needs_browser = pytest.mark.skipif(not CHROMIUM, reason="NO BROWSER WAS TESTED: chromium is not installed")

QUERIES: Final = (
    "",
    "sector=museums&level=entry",
    "state=transferable&free=true&language=en",
    "area=technology&basis=roles&region=us",
    "competency=leadership&upcoming=true",
)
ONE: Final = "competency=online-exhibitions-and-digital-storytelling&sector=archives"
WIDEST_PAGE: Final = 150_000  # bytes


def parsed(client: FlaskClient, path: str) -> etree._Element:
    response = client.get(path, headers=BROWSER)
    assert (response.status_code, response.mimetype) == (200, "text/html"), path
    return etree.HTML(response.text)


def items(client: FlaskClient, query: str) -> list[dict[str, Any]]:
    response = client.get(f"/gaps.json?{query}&limit=0".replace("?&", "?"))
    assert response.json is not None
    found: list[dict[str, Any]] = response.json["items"]
    return found


def text(element: etree._Element) -> str:
    return " ".join("".join(str(one) for one in element.itertext()).split())


def slug(iri: str) -> str:
    return iri.rpartition("/")[2]


def in_cell(cell: etree._Element) -> tuple[str, str]:
    """The gap that a cell leads to."""
    arguments = parse_qs(urlsplit(str(cell.get("href"))).query)
    return arguments["competency"][0], arguments["sector"][0]


@pytest.mark.parametrize("query", QUERIES)
def test_the_matrix_shows_the_figures_of_the_data(client: FlaskClient, query: str) -> None:
    page = parsed(client, f"/gaps?{query}&limit=0")
    cells = {in_cell(one): text(one) for one in page.iterfind(".//table//a[@class]") if "cell" in str(one.get("class"))}
    known = {(slug(one["competency"]["iri"]), slug(one["sector"]["iri"])): one for one in items(client, query)}
    assert known.keys() <= cells.keys()
    if "state=" not in query:
        assert known.keys() == cells.keys()
    for gap, one in known.items():
        said = cells[gap]
        assert said.startswith(one["state"].replace("-", " ").capitalize() + ". ")
        assert re.search(rf"(?<!\d){one['supply']} offerings?$", said), said
        assert _near(said, one["demand"]), (said, one["demand"])
        assert one["basis"] is None or f" {one['basis']}" in said
    lines = len({competency for competency, _ in cells})
    assert text(page.xpath("//*[@data-outcome]")[0]).startswith(
        f"{len(known)} gap{'' if len(known) == 1 else 's'}, of {lines} "
    )


def _near(said: str, demand: float | None) -> bool:
    """Whether a cell shows a demand that has these four decimals: in per cent, with one decimal at most."""
    if demand is None:
        return "not known" in said
    shown = re.search(r"Demand ([\d.]+)\s%", said)
    return shown is not None and abs(float(shown[1]) - demand * 100) <= 0.05 + 0.005


def test_the_matrix_goes_on_where_it_stopped(client: FlaskClient) -> None:
    found: list[str] = []
    address: str | None = "/gaps?limit=40"
    while address:
        page = parsed(client, address)
        found += [text(one) for one in page.iterfind(".//tbody/tr/th[@scope='row']")]
        following = page.xpath("//a[@rel='next']")
        address = str(following[0].get("href")) if following else None
    labels = {one["competency"]["label"]: one["competency"]["area"]["label"] for one in items(client, "")}
    assert sorted(found) == sorted(labels)
    assert found == sorted(found, key=lambda label: (labels[label].casefold(), label.casefold()))


@pytest.mark.parametrize("query", QUERIES)
def test_the_ranked_list_is_that_of_the_data(client: FlaskClient, query: str) -> None:
    rows = parsed(client, f"/gaps?view=list&limit=0&{query}").findall(".//table/tbody/tr")
    known = items(client, query)
    assert [text(name) for row in rows for name in row.iterfind("th")] == [one["competency"]["label"] for one in known]
    for row, one in zip(rows, known, strict=True):
        cells = {str(cell.get("data-label")): text(cell) for cell in row.iterfind("td")}
        assert cells["Sector"] == one["sector"]["label"]
        assert cells["State"].startswith(one["state"].replace("-", " ").capitalize())
        assert cells["Current supply"].startswith(f"{one['supply']} offering")
        score = "none" if one["score"] is None else f"{one['score']:.4f}{one['demand']:.4f} ÷ (1 + {one['supply']})"
        assert cells["Score"] == score


def counts(page: etree._Element, name: str) -> dict[str, int]:
    """The choices of a part of the filter, and the number beside each."""
    options = {str(one.get("value")): text(one) for one in page.iterfind(f".//select[@name='{name}']/option")}
    return {value: int(said.rpartition("(")[2].rstrip(")")) for value, said in options.items() if value}


def with_choice(query: str, name: str, value: str) -> str:
    others = [one for one in query.split("&") if one and not one.startswith(f"{name}=")]
    return "&".join([*others, f"{name}={value}"])


@pytest.mark.parametrize("query", QUERIES)
def test_a_count_is_what_the_choice_would_leave(client: FlaskClient, query: str) -> None:
    """Of the choices of long lists, the first few are tried."""
    page = parsed(client, f"/gaps?{query}")
    for name in ("sector", "area", "state"):
        found = counts(page, name)
        assert found, name
        for value, count in list(found.items())[:4]:
            assert count == len(items(client, with_choice(query, name, value))), (name, value)
    for value, count in counts(page, "basis").items():
        whatever = re.sub("&?state=[^&]*", "", with_choice(query, "basis", value))
        assert count == sum(one["demand"] is not None for one in items(client, whatever))
    for name in ("level", "mode", "region", "language", "free", "upcoming"):
        for value, count in list(counts(page, name).items())[:3]:
            whatever = re.sub("&?state=[^&]*", "", with_choice(query, name, value))
            offered = {iri for one in items(client, whatever) for iri in one["evidence"]["offerings"]}
            assert count == len(offered), (name, value)


def test_regions_and_languages_are_those_of_the_data(client: FlaskClient) -> None:
    page = parsed(client, "/gaps?region=atlantis")
    regions = counts(page, "region")
    assert regions["atlantis"] == 0
    assert all(count for value, count in regions.items() if value != "atlantis")
    chosen = page.xpath("//select[@name='region']/option[@selected]")
    assert [one.get("value") for one in chosen] == ["atlantis"]
    shown = [text(one) for one in page.iterfind(".//select[@name='region']/option")]
    assert any(one.startswith("United States (") for one in shown)


@pytest.mark.parametrize(
    "query", [ONE, f"{ONE}&level=entry", f"{ONE}&basis=roles", "competency=leadership&sector=museums"]
)
def test_a_gap_has_a_page_with_its_evidence(client: FlaskClient, query: str) -> None:
    page, (one,) = parsed(client, f"/gaps?{query}"), items(client, query)
    links = {str(a.get("href")) for a in page.iter("a")}
    for iris in one["evidence"].values():
        assert {iri.removeprefix("https://w3id.org/trivium/id") for iri in iris} <= links
    assert f"{one['demand']:.4f} ÷ (1 + {one['supply']}) = {one['score']:.4f}" in text(page)
    for title, name in (
        ("Roles of the sector that require it", "roles"),
        ("Offerings that count", "offerings"),
        ("Offerings elsewhere that could be opened", "elsewhere"),
        ("Offerings last seen too long ago", "stale"),
    ):
        rows = page.xpath("//table[caption=$title]/tbody/tr", title=title)
        assert len(rows) == len(one["evidence"][name]), title
    counting = [row for row in page.iter("tr") if cells_of(row).get("Counts") == "yes"]
    assert len(counting) == len(one["evidence"]["needs"])


def test_the_page_of_a_gap_says_who_claims_and_since_when(client: FlaskClient) -> None:
    page, (one,) = parsed(client, f"/gaps?{ONE}"), items(client, ONE)
    assert one["state"] == "stale"
    counted = [row for row in page.iter("tr") if cells_of(row).get("Counts") == "yes"]
    assert len(counted) == 1
    figure = cells_of(counted[0])
    assert re.fullmatch(r"20\d\d", figure["Year"])
    assert int(figure["Respondents"]) > 0
    assert (figure["Kind"], figure["Stated by"]) == (one["kind"].replace("-", " "), "trivium")
    assert figure["Figure"].startswith(f"{one['demand'] * 100:.0f}")
    dates = [cells_of(row)["Last known"] for row in page.iter("tr") if "Last known" in cells_of(row)]
    assert len(dates) == len(one["evidence"]["stale"])
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", one) for one in dates)
    assert dates == sorted(dates, reverse=True)


def cells_of(row: etree._Element) -> dict[str, str]:
    return {str(cell.get("data-label")): text(cell) for cell in row.iterfind("td")}


def test_a_cell_keeps_the_filter(client: FlaskClient) -> None:
    page = parsed(client, "/gaps?area=technology&level=entry&free=true&state=missing")
    address = str(page.xpath("//a[starts-with(@class, 'cell')]")[0].get("href"))
    arguments = parse_qs(urlsplit(address).query)
    assert arguments.keys() == {"competency", "sector", "level", "free"}
    assert "counting only what fits: Entry, free: true" in text(parsed(client, address))


@pytest.mark.parametrize("path", ["/gaps?area=technology", f"/gaps?{ONE}&level=entry"])
def test_everything_can_be_taken_away(client: FlaskClient, path: str) -> None:
    page = parsed(client, path)
    section = page.xpath("//section[@class='take']")[0]
    links = {text(a): str(a.get("href")) for a in section.iter("a")}
    assert list(links)[:6] == ["CSV", "XLSX", "JSON", "JSON-LD", "Turtle", "Permalink to this release"]
    for address in links.values():
        assert client.get(address).status_code == 200, address
    assert {"release"} <= parse_qs(urlsplit(links["Permalink to this release"]).query).keys()


def test_the_first_view_is_light(client: FlaskClient) -> None:
    """Not compressed; what the page loads with it."""
    page = client.get("/gaps", headers=BROWSER)
    loaded = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
    assert len(loaded) == 4
    sizes = {"/gaps": len(page.data)}
    for one in loaded:
        with client.get(one) as response:
            sizes[one] = len(response.data)
    assert sum(sizes.values()) < WIDEST_PAGE, sizes


@pytest.fixture
def opened(browser: Browser, served: str) -> Iterator[Page]:
    """A page that fails the test if a script fails, or the content security policy refuses something."""
    context = browser.new_context(base_url=served)
    context.set_default_timeout(10_000)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    context.close()
    assert not faults


@needs_browser
def test_the_filter_is_live_and_follows_the_keyboard(opened: Page) -> None:
    opened.goto("/gaps")
    opened.evaluate("window.same = true")  # so that a page that is loaded anew is noticed
    area = opened.get_by_role("combobox", name="Area", exact=True)
    area.focus()
    opened.keyboard.type("Tech")
    expect(opened).to_have_url(re.compile(r"/gaps\?area=technology"))
    status = opened.locator("main").get_by_role("status")
    expect(status).to_contain_text("gaps, of")
    expect(area).to_be_focused()
    first = status.inner_text()
    opened.get_by_role("combobox", name="Level", exact=True).select_option("entry")
    expect(opened).to_have_url(re.compile("area=technology.*level=entry"))
    state = opened.get_by_role("combobox", name="State", exact=True)
    expect(state.locator("option[value=missing]")).to_have_text(re.compile(r"Missing \(\d+\)"))
    state.select_option("missing")
    expect(status).not_to_have_text(first)
    opened.go_back()
    expect(opened).to_have_url(re.compile("level=entry(?!.*state)"))
    expect(state).to_have_value("")
    expect(status).to_have_text(first)
    assert opened.evaluate("window.same") is True
    opened.locator(".cell").first.focus()
    opened.keyboard.press("Enter")
    expect(opened).to_have_url(re.compile("competency=.*level=entry"))
    expect(opened.get_by_role("heading", name="How it is reckoned")).to_be_visible()


@needs_browser
def test_the_same_without_scripts(browser: Browser, served: str) -> None:
    context = browser.new_context(base_url=served, java_script_enabled=False)
    page = context.new_page()
    page.goto("/gaps?view=list")
    page.get_by_role("combobox", name="Sector", exact=True).select_option("museums")
    page.get_by_role("button", name="Show gaps").click()
    expect(page).to_have_url(re.compile("sector=museums.*view=list"))
    expect(page.locator("[data-outcome]")).to_have_text("130 gaps")
    page.get_by_role("link", name=re.compile("^Evidence")).first.click()
    expect(page.get_by_role("heading", name="How it is reckoned")).to_be_visible()
    context.close()
