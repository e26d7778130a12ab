"""Every kind of page in a real browser: WCAG 2.2 AA by axe-core in both themes, reflow at 320 px, weight, and quiet.

The one page of the browser goes from address to address. Wide and light, all rules are asked; narrow and dark, those
whose answer depends on it.
"""

import gzip
import shutil
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Response

from graph.resources import ROOT
from service import create_app
from service.operation import operations
from service.settings import Settings
from tests.kinds_of_page import EDITOR, PAGES

CHROMIUM = shutil.which("chromium")
AXE: Final = ROOT / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="NO PAGE WAS TESTED: chromium is not installed on this machine"),
    pytest.mark.skipif(not AXE.is_file(), reason="NO PAGE WAS TESTED: there is no axe-core, run `make editor`"),
]

TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_THEME_AND_WIDTH: Final = ["color-contrast", "target-size", "link-in-text-block", "scrollable-region-focusable"]
WIDE: Final = {"width": 1440, "height": 900}
NARROW: Final = {"width": 320, "height": 640}
BUDGET: Final = 150_000  # bytes of a first view, compressed as a proxy does it
COMPRESSED: Final = ("text/html", "text/css", "text/javascript", "image/svg+xml", "application/json")
ELSEWHERE: Final = {
    "/confirmations": "needs a token",
    "/review": "needs a token",
    "/logout": "needs a session",
    "/embed/offerings": "as /embed/gaps",
    "/embed/offerings-for": "as /embed/gaps",
    "/frameworks": "as /areas",
    "/schemes": "as /areas",
}
"""Pages that are not looked at here, and why."""


class Watched:
    """A page of the browser that remembers what was loaded since it went to an address."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.answers: list[Response] = []
        self.faults: list[str] = []
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.send("Network.setCacheDisabled", {"cacheDisabled": True})  # each view is a first one
        page.on("response", lambda answer: self.answers.append(answer))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)

    def go(self, path: str) -> None:
        self.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        self.page.emulate_media(color_scheme="light")
        self.answers.clear()
        self.faults.clear()
        answer = self.page.goto(path, wait_until="networkidle" if path == EDITOR else "load")
        assert answer is not None
        assert answer.status == 200

    def weight(self) -> int:
        """The bytes of what was loaded, texts compressed."""
        return sum(_weight(one) for one in self.answers)

    def violations(self, only: dict[str, Any]) -> list[tuple[str, list[str]]]:
        found = self.page.evaluate("only => axe.run(document, only)", {**only, "resultTypes": ["violations"]})
        return [(one["id"], [node["html"][:200] for node in one["nodes"]][:5]) for one in found["violations"]]


def _weight(answer: Response) -> int:
    if answer.status == 304:  # a frame within the page has what the page has
        return 0
    kind = (answer.header_value("Content-Type") or "").partition(";")[0]
    body = answer.body()
    return len(gzip.compress(body, 6)) if kind in COMPRESSED else len(body)


@pytest.fixture(scope="module")
def watched(browser: Browser, served: str) -> Iterator[Watched]:
    context = browser.new_context(base_url=served, reduced_motion="reduce")
    context.set_default_timeout(20_000)
    yield Watched(context.new_page())
    cookies = context.cookies()
    context.close()
    assert cookies == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_for_everybody(watched: Watched, served: str, path: str) -> None:
    watched.go(path)
    assert path == EDITOR or watched.weight() < BUDGET
    assert {urlsplit(one.url).netloc for one in watched.answers} == {urlsplit(served).netloc}
    watched.page.evaluate(AXE.read_text(encoding="utf-8"))
    assert watched.violations({"runOnly": TAGS}) == []
    watched.page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    watched.page.emulate_media(color_scheme="dark")
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert watched.violations({"runOnly": OF_THEME_AND_WIDTH}) == []
    assert watched.faults == []


def test_the_menu_opens_without_scripts_and_by_keyboard(browser: Browser, served: str) -> None:
    context = browser.new_context(base_url=served, java_script_enabled=False, viewport=NARROW)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/")
    entry = page.get_by_role("navigation", name="Main").get_by_role("link", name="Gaps")
    assert not entry.is_visible()
    page.get_by_role("button", name="Menu").focus()
    page.keyboard.press("Enter")
    assert entry.is_visible()
    page.keyboard.press("Escape")
    assert not entry.is_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/gaps")
    context.close()


def test_every_kind_of_page_is_looked_at(starter_data: Any) -> None:
    """Whatever answers with a page, and has no name of a thing in its address, has an entry."""
    app = create_app(Settings(data=starter_data))
    looked_at = {path.partition("?")[0] for path in PAGES} | ELSEWHERE.keys()
    assert sorted(_pages(app) - looked_at) == []


def _pages(app: Flask) -> set[str]:
    pages = {one.path for one in operations(app) if one.method == "GET" and "html" in one.formats}
    return {path for path in pages if "<" not in path and not path.startswith("/queries/")}
