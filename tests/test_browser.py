"""A real browser: log in, complete a name by keyboard, send a form, see what becomes of it; and without scripts."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from graph.parsing import Submission
from graph.people import People, Role
from graph.publication import Publisher, Terms
from graph.publisher import publish_waiting
from service import create_app
from service.settings import Settings
from tests.conftest import AS_OF
from tests.history import offering, publish

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="NO BROWSER WAS TESTED: chromium is not installed on this machine")


@pytest.fixture(scope="module")
def data(starter_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the starter graph, to be changed."""
    return Path(shutil.copytree(starter_data, tmp_path_factory.mktemp("browser") / "data"))


@pytest.fixture(scope="module")
def token(data: Path) -> str:
    return People(data).add("tess", "Tess", Role.TRUSTED)


@pytest.fixture(scope="module")
def address(data: Path) -> Iterator[str]:
    """The service on a free port of this machine."""
    server = make_server("127.0.0.1", 0, create_app(Settings(data=data, look_seconds=0)), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page that fails the test if a script fails, or the content security policy refuses something."""
    context = browser.new_context(base_url=address)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    page.wait_for_load_state("networkidle")  # or a file that is being sent stays open
    context.close()
    assert not faults


def log_in(page: Page, token: str) -> None:
    page.goto("/contribute/offering")
    page.get_by_label("Token").fill(token)
    page.keyboard.press("Enter")
    expect(page).to_have_url("/contribute/offering")


def test_an_offering_is_put_in_by_keyboard(page: Page, token: str, data: Path) -> None:
    log_in(page, token)
    page.get_by_label("Label (English)").fill("Salvage after a flood")
    page.get_by_label("Provider", exact=False).first.fill("aaslh")
    page.get_by_label("Type").select_option("workshop")
    page.get_by_label("Source").fill("https://example.org/salvage")
    field = page.get_by_role("combobox", name="Competencies")
    field.press_sequentially("salv")
    option = page.get_by_role("option", name="Disaster planning and response")
    expect(option).to_be_visible()
    field.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(field).to_have_value("disaster-planning-and-response; ")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press_sequentially("physical")
    page.get_by_role("option", name="Accessible services").click()
    expect(field).to_have_value("disaster-planning-and-response; physical-accessibility; ")
    expect(page.locator(".chosen li")).to_have_text(
        ["Disaster planning and response", "Accessible services and spaces"]
    )
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("salvage-after-a-flood.json")
    expect(page.locator(".lead .state")).to_have_text("Received")
    publish_waiting(data)
    expect(page.locator(".lead .state")).to_have_text("Published")  # the page looks again by itself
    page.get_by_role("link", name="Salvage after a flood").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Salvage after a flood")


def test_what_is_wrong_is_said_where_it_is(page: Page, token: str) -> None:
    log_in(page, token)
    page.get_by_label("Label (English)").fill("Unfinished")
    page.get_by_role("button", name="Send").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Type").click()
    expect(page.get_by_label("Type")).to_be_in_viewport()
    expect(page.get_by_label("Type")).to_have_accessible_description(re.compile("exactly one known word"))
    expect(page.get_by_label("Label (English)")).to_have_value("Unfinished")


def test_escape_leaves_what_was_typed(page: Page, token: str) -> None:
    log_in(page, token)
    field = page.get_by_role("combobox", name="Competencies")
    field.press_sequentially("salv")
    expect(page.get_by_role("listbox")).to_be_visible()
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field).to_have_value("salv")


def test_the_form_is_whole_without_scripts(browser: Browser, address: str, token: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    log_in(page, token)
    page.get_by_label("Label (English)").fill("Without scripts")
    page.get_by_label("Provider", exact=False).first.fill("aaslh")
    page.get_by_label("Type").select_option("course")
    page.get_by_label("Source").fill("https://example.org/quiet")
    page.get_by_label("Competencies").fill("Physical accessibility; disaster-planning-and-response")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("without-scripts.json")
    context.close()


def test_what_is_cited_is_found_again(page: Page, data: Path) -> None:
    """From the citation of a page, by its address, to the same page after the graph went on, and to the newest."""
    page.goto("/gaps?sector=museums&limit=3")
    cited = page.get_by_role("region", name="Cite this")
    expect(cited).to_contain_text("Gaps, the highest score first (Museums)")
    address = cited.locator(".permalink").get_attribute("href")
    with page.expect_download() as download:
        cited.get_by_role("link", name="BibTeX").click()
    entry = Path(download.value.path()).read_text(encoding="utf-8")
    assert entry.startswith("@misc{trivium-")
    assert f"8080{address}}}" in entry
    figures = page.locator("tbody tr").all_inner_texts()
    publish(data, offering("cited", competency="leadership"))
    page.goto(f"{address}")
    expect(page.get_by_role("complementary", name="Older release")).to_contain_text("an older one")
    assert page.locator("tbody tr").all_inner_texts() == figures
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Roles").click()
    expect(page.get_by_role("complementary", name="Older release")).to_be_visible()
    page.get_by_role("link", name="To the newest release").click()
    expect(page).to_have_url("/roles")
    expect(page.get_by_role("complementary", name="Older release")).to_be_hidden()


def test_the_query_behind_a_page_opens_in_the_form(page: Page) -> None:
    page.goto("/roles?sector=archives")
    page.get_by_role("region", name="Cite this").get_by_role("link", name="The query behind it").click()
    expect(page).to_have_url(re.compile(r"/sparql\?draft=.*id%2Fsector%2Farchives.*release="))
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_editor_on_the_page_of_an_older_release_asks_that_release(page: Page, data: Path) -> None:
    framework = "id,label_en,definition_en,sources\nlater,A framework,Made for a test.,https://example.org/f\n"
    with Publisher.open(data) as publisher:
        before = publisher.releases.numbers()[-1]
        publisher.contribute([Submission("framework.csv", framework.encode())], Terms("operator"), AS_OF)
    asked = "ASK { <https://w3id.org/trivium/id/framework/later> ?p ?o }"
    for release, said in ((f"&release={before}", "No"), ("", "Yes")):
        page.goto(f"/sparql?draft={quote(asked)}{release}")
        page.get_by_role("button", name="Run").click()
        expect(page.get_by_role("status")).to_contain_text(said)
        assert page.url.endswith(release)


@pytest.mark.parametrize("width", [390, 1440])
def test_the_citation_fits_the_page(browser: Browser, address: str, width: int) -> None:
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 800})
    page = context.new_page()
    for path in ("/", "/gaps?sector=museums", "/shared", "/roles", "/competency/leadership", "/cite",
                 "/queries/requirements-of-role?role=archivist"):  # fmt: skip
        page.goto(path)
        expect(page.get_by_role("region", name="Cite this")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()
