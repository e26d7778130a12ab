"""Measure, do not test: what every kind of page costs its reader, in a browser on a throttled core.

    .venv/bin/python -m tests.benchmark_pages [SLOWER]

Each page is a first view: nothing is cached, the processor of the page is 4 times as slow (or as told). Bytes are told
as sent, and as a proxy compresses them. Then: how long the server takes for `/gaps` under filters never asked before.
"""

import gzip
import itertools
import os
import platform
import shutil
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Request, sync_playwright

from service import create_app
from service.settings import Settings
from tests.kinds_of_page import EDITOR, PAGES
from tests.serving import served, starter_data

SLOWER: Final = 4.0
TEXTS: Final = ("text/", "image/svg+xml", "application/json", "application/javascript")
OBSERVED: Final = """
window.largest = 0; window.shifted = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.largest = one.startTime; })
  .observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shifted += one.value; })
  .observe({type: "layout-shift", buffered: true});
"""
FRAMES: Final = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def main() -> None:
    """Load and serve the starter graph below a temporary folder, and print two tables."""
    slower = float(sys.argv[1]) if len(sys.argv) > 1 else SLOWER
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {datetime.now(UTC):%F}")
    with starter_data() as data:
        with served(data) as base, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            print(f"{'page':60} {'kB sent':>8} {'kB gz':>7} {'LCP ms':>7} {'shift':>6}   ({slower:g} times slower)")
            for path in PAGES:
                sent, compressed, largest, shifted = first_view(browser, base, path, slower)
                print(f"{path[:60]:60} {sent / 1e3:8.1f} {compressed / 1e3:7.1f} {largest:7.0f} {shifted:6.3f}")
            browser.close()
        times(data)


def first_view(browser: Browser, base: str, path: str, slower: float) -> tuple[int, int, float, float]:
    """Bytes sent, bytes as compressed, largest contentful paint (ms) and cumulative layout shift of a first view."""
    with browser.new_context(base_url=base, viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        page.add_init_script(OBSERVED)
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
        asked: list[Request] = []
        page.on("requestfinished", lambda one: asked.append(one))
        page.goto(path, wait_until="networkidle" if path == EDITOR else "load")
        page.evaluate(FRAMES)
        answers = [answer for one in asked if (answer := one.response()) and answer.status == 200]
        bodies = [(one.header_value("Content-Type") or "", one.body()) for one in answers]
        largest, shifted = page.evaluate("[window.largest, window.shifted]")
    compressed = sum(len(gzip.compress(body, 6)) if kind.startswith(TEXTS) else len(body) for kind, body in bodies)
    return sum(len(body) for _, body in bodies), compressed, float(largest), float(shifted)


def times(data: Path) -> None:
    """How long the server takes for the gaps under a filter, and for the front page, never asked before."""
    app = create_app(Settings(data=data, cache_bytes=0))
    client = app.test_client()
    for name, addresses in (("/gaps, fresh filters", filters()), ("/ (front page)", itertools.repeat("/", 60))):
        client.get("/gaps")
        took = []
        for address in addresses:
            began = time.perf_counter()
            assert client.get(address, headers={"Accept": "text/html"}).status_code == 200
            took.append((time.perf_counter() - began) * 1e3)
        p50, p99 = statistics.median(took), statistics.quantiles(took, n=100)[98]
        print(f"{name:24} {len(took):4} requests: p50 {p50:6.1f} ms, p99 {p99:6.1f} ms")


def filters() -> Iterator[str]:
    """Addresses of gaps, each under another filter."""
    sectors, levels = ("", "archives", "libraries", "museums"), ("", "entry", "intermediate", "advanced")
    modes, free, bases = ("", "online-live", "hybrid"), ("", "true", "false"), ("any", "survey", "roles")
    for sector, level, mode, cost, basis in itertools.product(sectors, levels, modes, free, bases):
        yield f"/gaps?sector={sector}&level={level}&mode={mode}&free={cost}&basis={basis}"


if __name__ == "__main__":
    main()
