"""`make screenshots`: a picture of every kind of page, wide and narrow, into docs/screenshots/ with an index.

The pictures have few colours and show the beginning of a page, so that all of them together stay small.
"""

import io
import shutil
from collections.abc import Iterator
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from graph.resources import ROOT
from tests.kinds_of_page import EDITOR, PAGES
from tests.serving import served, starter_data

FOLDER: Final = ROOT / "docs" / "screenshots"
SIZES: Final = {1440: 1600, 390: 1400}  # the width of the window, and the most that is shown of the height, in pixels
COLOURS: Final = 48
INTRODUCTION: Final = """# What the pages look like

Every kind of page over the starter graph, 1440 and 390 pixels wide, made by `make screenshots`. Of a long page only the
beginning is shown.
"""


def main() -> None:
    """Take the pictures anew, and write the index."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with starter_data() as data, served(data) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for width, height in SIZES.items():
            for name, picture in pictures(browser, base, width, height):
                (FOLDER / f"{name}-{width}.webp").write_bytes(picture)
        browser.close()
    (FOLDER / "README.md").write_text(INTRODUCTION + "".join(map(entry, PAGES)), encoding="utf-8")
    size = sum(path.stat().st_size for path in FOLDER.iterdir())
    print(f"{len(PAGES) * len(SIZES)} pictures, {size / 1e6:.1f} MB, in {FOLDER.relative_to(ROOT)}/")


def pictures(browser: Browser, base: str, width: int, height: int) -> Iterator[tuple[str, bytes]]:
    """Each page by its name, in a window of a width."""
    context = browser.new_context(base_url=base, viewport={"width": width, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    for path, name in PAGES.items():
        page.goto(path, wait_until="networkidle" if path == EDITOR else "load")
        yield name, smaller(page.screenshot(full_page=True), height)
    context.close()


def smaller(picture: bytes, height: int) -> bytes:
    """The beginning of a picture, in few colours, as WebP."""
    whole = Image.open(io.BytesIO(picture)).convert("RGB")
    shown = whole.crop((0, 0, whole.width, min(height, whole.height))).quantize(COLOURS)
    buffer = io.BytesIO()
    shown.convert("RGB").save(buffer, "WEBP", lossless=True, quality=90)
    return buffer.getvalue()


def entry(path: str) -> str:
    """A page in the index."""
    wide, narrow = (f"{PAGES[path]}-{width}.webp" for width in SIZES)
    return f"\n## `{path}`\n\n![{PAGES[path]}, wide]({wide})\n![{PAGES[path]}, narrow]({narrow})\n"


if __name__ == "__main__":
    main()
