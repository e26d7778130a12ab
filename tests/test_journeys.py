"""What people come for, from the first page to the end, in a real browser: with a mouse, and by keyboard alone."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from werkzeug.serving import make_server

from graph.people import People, Role
from graph.publisher import publish_waiting
from graph.resources import ROOT
from service import create_app
from service.settings import Settings
from tests.history import offering, publish

CHROMIUM = shutil.which("chromium")
EDITOR_BUILT = (ROOT / "service" / "static" / "editor" / "editor.js").is_file()
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="NO JOURNEY WAS MADE: chromium is not installed on this machine")
MOST_STEPS = 200  # of the Tab key, until something is focused
PATIENCE = 20_000  # milliseconds

HEADER = "id,label_en,provider,type,mode,competencies,source,page_date\n"
BAD = HEADER + "{id},Care of films,aaslhh,webinar,online-liv,digital-preservatio,https://example.org/{id},2026-11\n"


@dataclass
class Traveller:
    """Somebody at a page: with a mouse, or with the keyboard alone."""

    page: Page
    by_keyboard: bool = False

    def open(self, path: str) -> None:
        self.page.goto(path)

    def reach(self, target: Locator) -> None:
        """Come to something that can be used: by Tab, from where the focus is."""
        expect(target).to_be_visible()
        if not self.by_keyboard:
            target.focus()
            return
        for _ in range(MOST_STEPS):
            if target.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"{target} is not reached by Tab")

    def press(self, target: Locator) -> None:
        """Follow a link, press a button, open what can be opened."""
        if self.by_keyboard:
            self.reach(target)
            self.page.keyboard.press("Enter")
        else:
            target.click()

    def write(self, target: Locator, text: str) -> None:
        """Put a text into a field, in place of what is there."""
        self.reach(target)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def choose(self, target: Locator, label: str) -> None:
        """Choose from a list by what is written in it."""
        if self.by_keyboard:
            self.reach(target)
            self.page.keyboard.type(label)
        else:
            target.select_option(label=label)
        assert target.evaluate("one => one.selectedOptions[0].label") == label

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True).first

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True).first


@pytest.fixture(scope="module")
def data(starter_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the starter graph, to be changed."""
    return Path(shutil.copytree(starter_data, tmp_path_factory.mktemp("journeys") / "data"))


@pytest.fixture(scope="module")
def token(data: Path) -> str:
    return People(data).add("tess", "Tess", Role.TRUSTED)


@pytest.fixture(scope="module")
def address(data: Path) -> Iterator[str]:
    """The service on a free port of this machine; it looks for a newer release at every request."""
    app = create_app(Settings(data=data, look_seconds=0))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["trivium.sparql"].close()


@pytest.fixture(params=["mouse", "keyboard"])
def traveller(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Traveller]:
    """One with a mouse and one without; a script that fails, or what the policy refuses, fails the journey."""
    context = browser.new_context(base_url=address)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    yield Traveller(page, request.param == "keyboard")
    page.wait_for_load_state("networkidle")
    context.close()
    assert not faults


def test_a_contributor_repairs_a_bad_spreadsheet_and_gets_it_published(
    traveller: Traveller, token: str, data: Path, request: pytest.FixtureRequest
) -> None:
    page, id = traveller.page, "care-of-films-" + request.node.callspec.params["traveller"]
    text = BAD.format(id=id)
    traveller.open("/")
    traveller.press(traveller.link("Check a file, without an account"))
    for wrong, right in (("aaslhh", "aaslh"), ("online-liv", "online-live"), ("digital-preservatio", "")):
        check(traveller, text)
        expect(page.locator(".lead")).to_contain_text("This does not conform yet.")
        finding = page.locator(".rows > li").filter(has=page.get_by_text(wrong, exact=True))
        expect(finding.first).to_contain_text("row 2")
        suggested = finding.first.locator("dt", has_text="Did you mean").locator("xpath=following-sibling::dd[1]")
        assert suggested.inner_text().startswith(right)
        text = text.replace(f",{wrong},", f",{suggested.inner_text()},")
    check(traveller, text)
    expect(page.locator(".lead")).to_contain_text("This conforms.")
    traveller.press(traveller.link("Log in"))
    traveller.write(page.get_by_label("Token"), token)
    traveller.press(traveller.button("Log in"))
    traveller.press(page.get_by_role("navigation", name="Main").get_by_role("link", name="Contribute"))
    fill(traveller, text)
    traveller.press(traveller.button("Send"))
    expect(page.locator(".lead .state")).to_have_text("Received")
    publish_waiting(data)
    expect(page.locator(".lead .state")).to_have_text("Published")  # the page looks again by itself
    traveller.press(traveller.link("Care of films"))
    expect(page).to_have_url(re.compile(f"/offering/{id}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Care of films")


def check(traveller: Traveller, text: str) -> None:
    fill(traveller, text)
    traveller.press(traveller.button("Validate"))


def fill(traveller: Traveller, text: str) -> None:
    """Put a spreadsheet with offerings into the form as a text."""
    traveller.write(traveller.page.get_by_label("Or a text"), text)
    traveller.choose(traveller.page.get_by_label("The text is"), "CSV")
    traveller.choose(traveller.page.get_by_label("The rows of a spreadsheet are about"), "Offering")


@pytest.mark.skipif(not EDITOR_BUILT, reason="NO QUERY WAS PERMALINKED: the editor is not built, run `make editor`")
def test_a_researcher_permalinks_a_query(traveller: Traveller, data: Path, browser: Browser) -> None:
    page = traveller.page
    traveller.open("/")
    traveller.press(page.get_by_role("navigation", name="Main").get_by_role("link", name="Questions"))
    traveller.press(traveller.link("Where can one learn this?"))
    traveller.write(page.get_by_label("Competency", exact=True), "leadership")
    traveller.press(traveller.button("Ask"))
    traveller.press(traveller.link("The query behind it"))
    expect(page).to_have_url(re.compile("[?&]release="))
    (release,) = parse_qs(urlsplit(page.url).query)["release"]
    expect(page.get_by_label("Begin from a question")).to_be_visible(timeout=PATIENCE)
    traveller.press(traveller.button("Run"))
    rows = answer(page)
    link = page.get_by_role("link", name="Link to this query").evaluate("one => one.href")
    assert link == page.url
    assert answer_at(link, browser) == rows
    publish(data, offering(f"later-{traveller.by_keyboard}".lower(), "A later one", "leadership"))
    assert len(answer_at(link, browser)) == len(rows) + 1
    assert answer_at(f"{link}&release={release}", browser) == rows


def answer_at(address: str, browser: Browser) -> list[str]:
    """What somebody else finds at an address."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(address)
        return answer(page)


def answer(page: Page) -> list[str]:
    """The names in the answer in the editor."""
    names = page.locator(".views tbody td:nth-child(2)")
    expect(names.first).to_be_visible(timeout=PATIENCE)
    return names.all_inner_texts()
