"""The query editor in a real browser: written, completed, run, shared, mended, by keyboard; and the page without it."""

import re
import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Locator, Page, expect

from graph.resources import ROOT

CHROMIUM = shutil.which("chromium")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
BUILT = (ROOT / "service" / "static" / "editor" / "editor.js").is_file() and AXE.is_file()
pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="NO BROWSER WAS TESTED: chromium is not installed on this machine"),
    pytest.mark.skipif(not BUILT, reason="THE QUERY EDITOR WAS NOT TESTED: it is not built, run `make editor`"),
]

SECTORS = (
    'SELECT ?sector ?name WHERE { ?sector a trv:Sector ; skos:prefLabel ?name FILTER(LANG(?name) = "en") } LIMIT 3'
)
COUNTED = """SELECT ?area (COUNT(DISTINCT ?competency) AS ?competencies)
WHERE { ?competency trv:inArea ?area } GROUP BY ?area ORDER BY DESC(?competencies)"""
COUNTRIES = """SELECT * { VALUES (?country ?weight) { ("US" 1) ("ES" 9) ("US" 2) ("SG" 1) (UNDEF 4) } }"""
GRAPH = "CONSTRUCT { ?role skos:related ?other } WHERE { ?role trv:practisedIn ?other }"
WRONG = "SELECT ?sector\nWHERE {\n  ?sector a trv:Sector ;; WHAT\n}\nLIMIT 3\n"


@pytest.fixture
def page(browser: Browser, served: str) -> Iterator[Page]:
    """A page that fails the test if a script fails, if the policy refuses something, or if another host is asked."""
    context = browser.new_context(base_url=served, permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(10_000)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    page.on("request", lambda asked: faults.append(asked.url) if not asked.url.startswith(served) else None)
    yield page
    page.wait_for_load_state("networkidle")  # or a file that is being sent stays open
    context.close()
    assert not faults


def editor(page: Page, query: str = "", address: str = "/sparql") -> Locator:
    """The editor of an opened page, with a query typed into it, if one is given."""
    page.goto(address)
    written = page.get_by_role("textbox", name="Query")
    expect(page.get_by_label("Begin from a question")).to_be_visible()
    if query:
        write(page, written, query)
    return written


def write(page: Page, written: Locator, query: str) -> None:
    written.focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(query)
    expect(page.locator("textarea#query")).to_have_value(query)


def text(page: Page) -> Locator:
    """What is shown in the editor."""
    return page.locator(".yasqe .CodeMirror-code")


def run(page: Page) -> Locator:
    """The answer to what is in the editor."""
    page.get_by_role("button", name="Run").click()
    return page.get_by_role("region", name="Answer", exact=True)


def asked(page: Page, name: str = "query") -> str:
    """The query in the address of the page."""
    return parse_qs(urlsplit(page.url).query)[name][0]


def test_a_query_is_typed_and_answered_as_a_table(page: Page) -> None:
    written = editor(page)
    written.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("ASK { ?s ?p ?o }")
    expect(run(page)).to_contain_text("True")
    write(page, written, SECTORS)
    answer = run(page)
    expect(answer.get_by_role("columnheader")).to_contain_text(["sector", "name"])
    expect(answer.locator("tbody tr")).to_have_count(3)
    expect(page.get_by_role("status")).to_contain_text("3 rows in")
    link = answer.get_by_role("link").first
    expect(link).to_have_attribute("href", re.compile("^/id/sector/"))
    expect(page.locator(".downloads a")).to_have_text(["CSV", "TSV", "JSON", "SRX"])
    downloaded = page.request.get(page.get_by_role("link", name="CSV").get_attribute("href") or "")
    assert downloaded.text().startswith("sector,name")


def test_a_table_is_sorted_and_narrowed(page: Page) -> None:
    editor(page, SECTORS.replace("LIMIT 3", ""))
    answer = run(page)
    names = answer.locator("tbody td:nth-child(2)")
    answer.get_by_role("button", name="name").click()
    expect(answer.get_by_role("columnheader", name="name")).to_have_attribute("aria-sort", "ascending")
    ascending = names.all_inner_texts()
    answer.get_by_role("button", name="name").click()
    expect(answer.get_by_role("columnheader", name="name")).to_have_attribute("aria-sort", "descending")
    assert names.all_inner_texts() == ascending[::-1] != ascending
    page.get_by_label("Only rows with").fill("muse")
    expect(names.first).to_contain_text(re.compile("muse", re.IGNORECASE))
    assert 0 < names.count() < len(ascending)


def test_an_example_is_chosen_and_run(page: Page) -> None:
    written = editor(page)
    choice = page.get_by_label("Begin from a question")
    groups = choice.locator("optgroup").evaluate_all("all => all.map((one) => one.label)")
    assert groups == sorted(groups)
    assert "Roles" in groups
    choice.select_option("requirements-of-role")
    page.get_by_role("button", name="Put it into the editor").click()
    expect(text(page)).to_contain_text("# What must a person in this role know and be able to do?")
    expect(written).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".views tbody tr").first).to_contain_text("id:competency/archival-arrangement-and-description")


def test_prefixes_of_ours_are_declared_and_no_mistake(page: Page) -> None:
    page.goto(f"/sparql?{urlencode({'query': 'ASK { ?s a trv:Sector }'})}")
    expect(text(page)).to_contain_text("PREFIX trv: <https://w3id.org/trivium/ns#>")
    expect(page.locator(".parseErrorIcon")).to_have_count(0)


def test_a_link_opens_the_query_and_its_answer(page: Page, browser: Browser) -> None:
    editor(page, SECTORS)
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_role("status")).to_have_text("The link is copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert page.get_by_role("link", name="Link to this query").evaluate("one => one.href") == copied
    run(page)
    expect(page.locator(".views tbody tr")).to_have_count(3)
    assert page.url == copied
    page.goto("about:blank")
    editor(page, address=copied)
    expect(text(page)).to_contain_text("?sector a trv:Sector")
    expect(page.locator(".views tbody tr")).to_have_count(3)
    expect(page.locator("#answer")).to_be_hidden()
    assert asked(page) == SECTORS


def test_an_error_is_marked_at_its_line(page: Page) -> None:
    written = editor(page, WRONG)
    page.get_by_role("button", name="Run").click()
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("This is not a SPARQL 1.1 query")
    place = page.request.get("/sparql.json", params={"query": WRONG}).json()
    marked = page.locator(".wrong-line")
    expect(marked.locator(".CodeMirror-line")).to_have_text(WRONG.splitlines()[place["line"] - 1])
    expect(marked.locator(".wrong-place")).to_have_count(1)
    assert asked(page, "draft") == WRONG
    problem.get_by_role("button", name=f"Go to line {place['line']}").click()
    expect(written).to_be_focused()
    page.locator(".parseErrorIcon").hover()  # its own explanation would have broken the policy
    page.keyboard.type(" ")
    expect(problem).to_be_hidden()
    expect(marked).to_have_count(0)


def test_what_is_refused_is_said(page: Page) -> None:
    editor(page, "SELECT * { SERVICE <https://example.org/> { ?s ?p ?o } }")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("alert")).to_contain_text("This query is not answered here")


@pytest.mark.parametrize(
    ("typed", "offered", "completed"),
    [
        ("SELECT * { ?one a compet", "trv:Competency", "a trv:Competency"),
        ("SELECT * { ?one trv:teac", "trv:teaches", "?one trv:teaches"),
        (
            "SELECT * { ?one trv:teaches <disaster-pl",
            "Disaster planning and response",
            "<https://w3id.org/trivium/id/competency/",
        ),
        ("PREFIX sko", "skos:", "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>"),
    ],
    ids=["class", "property", "competency", "prefix"],
)
def test_completion_is_offered_and_taken_by_keyboard(page: Page, typed: str, offered: str, completed: str) -> None:
    editor(page, " ")
    page.keyboard.type(typed)
    expect(page.locator("textarea#query")).to_have_value(re.compile(re.escape(typed.split()[-1])))
    page.keyboard.press("Control+Space")
    hint = page.locator(".CodeMirror-hint").filter(has_text=offered).first
    expect(hint).to_be_visible()
    expect(hint).to_have_class(re.compile("CodeMirror-hint-active"))
    page.keyboard.press("Enter")
    expect(text(page)).to_contain_text(completed)


def test_everything_is_done_by_keyboard(page: Page) -> None:
    written = editor(page)
    choice = page.get_by_label("Begin from a question")
    choice.focus()
    page.keyboard.type("Which roles are practised")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(written).to_be_focused()
    expect(text(page)).to_contain_text("Which roles are practised in more than one sector?")
    page.keyboard.press("Control+Enter")
    rows = page.locator(".views tbody tr")
    expect(rows.first).to_be_visible()
    page.keyboard.press("Tab")  # the editor does not keep it
    expect(page.get_by_role("button", name="Run")).to_be_focused()
    for name in ("Link to this query", "Copy the link", "Plain field", "CSV", "TSV", "JSON", "SRX", "Table", "Chart"):
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Chart")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".bars tr").first).to_be_visible()


def test_a_plain_field_takes_the_place_of_the_editor(page: Page) -> None:
    editor(page)
    toggle = page.get_by_role("button", name="Plain field")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    field = page.get_by_role("textbox", name="Query")
    expect(field).to_be_focused()
    field.fill(SECTORS)
    expect(run(page).locator("tbody tr")).to_have_count(3)
    assert asked(page) == SECTORS
    toggle.click()
    expect(text(page)).to_contain_text("?sector a trv:Sector")


def test_numbers_are_drawn_as_bars(page: Page) -> None:
    editor(page, COUNTED)
    answer = run(page)
    answer.get_by_role("button", name="Chart").click()
    bars = answer.locator(".bars rect")
    assert bars.count() == 12
    widths = bars.evaluate_all("all => all.map((one) => one.getBoundingClientRect().width)")
    figures = [int(text) for text in answer.locator(".bars .number").all_inner_texts()]
    assert figures == sorted(figures, reverse=True)
    assert [width / widths[0] for width in widths] == pytest.approx([one / figures[0] for one in figures], abs=0.02)
    assert page.url.endswith("#chart")


def test_a_graph_is_drawn_as_a_network(page: Page) -> None:
    editor(page, GRAPH)
    answer = run(page)
    answer.get_by_role("button", name="Network").click()
    words = answer.get_by_role("img").last.get_attribute("aria-label") or ""
    things, statements = map(int, re.findall(r"\d+", words))
    assert things == answer.locator(".network circle").count() > 10
    assert statements == answer.locator(".network line").count() > 10


def test_countries_are_shaded_on_a_map(page: Page) -> None:
    editor(page, COUNTRIES)
    answer = run(page)
    answer.get_by_role("button", name="Map").click()
    world = answer.locator(".world > svg")
    expect(world).to_have_attribute("aria-label", re.compile("^weight by country: 3 countries, most in Spain 9"))
    answer.get_by_label("What is counted").select_option("rows")
    expect(world).to_have_attribute("aria-label", re.compile("United States 2, Spain 1"))
    figure = answer.locator(".world")
    assert figure.locator(".shade-5 title").all_text_contents() == ["United States: 2"]
    assert figure.locator(".shade-3 title").all_text_contents() == ["Spain: 1"]
    expect(figure).to_contain_text("Too small for this map: Singapore.")
    expect(figure).to_contain_text("Rows without a place: 1.")
    assert [one.strip() for one in figure.locator(".key li").all_inner_texts()] == ["up to 1", "up to 2"]
    assert page.url.endswith("#map")


def test_places_are_points_on_a_map(page: Page) -> None:
    editor(page, 'SELECT * { VALUES ?where { "POINT(0 0)" "POINT(-3.7 40.4)" } }')
    answer = run(page)
    answer.get_by_role("button", name="Map").click()
    points = answer.locator(".world circle")
    expect(points).to_have_count(2)
    null, madrid = (one.evaluate("one => [one.cx.baseVal.value, one.cy.baseVal.value]") for one in points.all())
    assert madrid[0] < null[0]
    assert madrid[1] < null[1]


def test_languages_are_no_countries(page: Page) -> None:
    editor(page, 'SELECT * { VALUES ?language { "en" "es" "QQ" } }')
    expect(run(page).get_by_role("button", name="Map")).to_be_disabled()


def test_what_is_cut_is_said(page: Page) -> None:
    def cut(route: Any) -> None:
        answered = route.fetch()
        route.fulfill(response=answered, headers={**answered.headers, "Trivium-Truncated": "true"})

    editor(page, SECTORS)
    note = page.locator(".note.cut")
    expect(note).to_be_hidden()
    page.route("**/sparql", cut)
    run(page)
    expect(note).to_be_visible()
    expect(note).to_contain_text("This answer was cut at the limit")
    page.unroute("**/sparql")
    run(page)
    expect(note).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_keeps_the_rules_of_accessibility(browser: Browser, served: str, scheme: Any) -> None:
    """Every rule of axe-core, over all of the page, the parts of others too; with each view and with a problem."""
    context = browser.new_context(base_url=served, color_scheme=scheme, bypass_csp=True)
    context.set_default_timeout(10_000)
    page = context.new_page()
    editor(page)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    checked(page)
    for query, views in (
        (COUNTED, ("Table", "Chart", "Response")),
        (COUNTRIES, ("Map",)),
        (GRAPH, ("Network",)),
        (WRONG, ()),
    ):
        write(page, page.get_by_role("textbox", name="Query"), query)
        page.get_by_role("button", name="Run").click()
        for view in views:
            page.get_by_role("button", name=view, exact=True).click()
            checked(page)
    expect(page.get_by_role("alert")).to_be_visible()
    checked(page)
    context.close()


def checked(page: Page) -> None:
    found = page.evaluate("axe.run(document)")["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found] == []


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_is_wider_than_the_window(browser: Browser, served: str, width: int) -> None:
    context = browser.new_context(base_url=served, viewport={"width": width, "height": 800})
    context.set_default_timeout(10_000)
    page = context.new_page()
    editor(page, "SELECT * { ?s ?p ?o } LIMIT 30")
    run(page)
    expect(page.locator(".views tbody tr")).to_have_count(30)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_the_page_is_whole_without_scripts(browser: Browser, served: str) -> None:
    context = browser.new_context(base_url=served, java_script_enabled=False)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto("/sparql")
    expect(page.get_by_label("Begin from a question")).to_be_hidden()
    page.get_by_label("Query").fill(SECTORS)
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#answer tbody tr")).to_have_count(3)
    assert asked(page) == SECTORS
    context.close()


def test_the_limits_are_those_of_the_settings(client: FlaskClient) -> None:
    text = client.get("/sparql", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "may take 10 seconds" in text
    assert "100,000 rows" in text
    assert "5 queries at once" in text


def test_an_answer_in_the_page_cannot_end_its_place(client: FlaskClient) -> None:
    query = urlencode({"query": 'SELECT ("</script><script>alert(1)</script>" AS ?x) {}'})
    text = client.get(f"/sparql?{query}", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert text.count("<script") == text.count("</script>") == 2
