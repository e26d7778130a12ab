"""A brief as a PDF: WeasyPrint (its one owner) in a process of its own, which is confined and reaches no network.

Printing is pure Python: in the web worker it would hold up whoever else is being answered, and its memory would stay.
The process reads the page from its input and writes the PDF to its output; the worker keeps the answer, as any other.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from graph.confinement import confine
from graph.errors import PoolBusy, TriviumError
from graph.resources import ROOT

if TYPE_CHECKING:
    from flask import Flask

AT_ONCE: Final = 1  # of each web worker
HELD: Final = 2  # threads of a worker that print or wait for it: the others go on answering
WAIT: Final = 10.0  # seconds for a turn
SECONDS: Final = 60.0  # until a print is given up; usual is about one
MEMORY: Final = 1_000_000_000  # bytes of address space
RETRY: Final = 10
NO_PANGO: Final = 3  # the exit code of a process that found no Pango
STATIC: Final = ROOT / "service" / "static"
SHEET: Final = STATIC / "brief.css"
PROGRAM: Final = (
    "import runpy, sys; sys.path.insert(0, sys.argv[1]);"
    " runpy.run_path(sys.argv[1] + '/service/brief_pdf.py')['main'](*sys.argv[2:])"
)


class NoPrinter(TriviumError):
    """The libraries that PDF is made with are not installed on this machine."""


class Printer:
    """Prints pages, one at a time; who waits longer than `wait` seconds is told to come again."""

    def __init__(self, program: str = PROGRAM, wait: float = WAIT, seconds: float = SECONDS) -> None:
        self._places, self._held = BoundedSemaphore(AT_ONCE), BoundedSemaphore(HELD)
        self._program, self._wait, self._seconds = program, wait, seconds

    def printed(self, page: str, base: str) -> bytes:
        """The PDF of a page whose links stand on `base`. Raises PoolBusy, and NoPrinter where Pango is missing."""
        with _turn(self._held, 0), _turn(self._places, self._wait):
            return self._run(page, base)

    def _run(self, page: str, base: str) -> bytes:
        command = [sys.executable, "-I", "-c", self._program, str(ROOT), base, str(os.getpid())]
        try:
            done = subprocess.run(command, input=page.encode(), capture_output=True, timeout=self._seconds)
        except subprocess.TimeoutExpired as late:
            raise PoolBusy("The brief could not be printed in time.", RETRY) from late
        if done.returncode == NO_PANGO:
            raise NoPrinter(
                "PDF needs Pango, which is not installed here: on Debian the packages libpango-1.0-0,"
                " libpangoft2-1.0-0 and libharfbuzz-subset0. The same brief as a page prints from any browser."
            )
        if done.returncode:
            raise RuntimeError(f"printing ended with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
        return done.stdout


@contextmanager
def _turn(places: BoundedSemaphore, seconds: float) -> Iterator[None]:
    if not places.acquire(timeout=seconds):
        raise PoolBusy("Other briefs are being printed.", RETRY)
    try:
        yield
    finally:
        places.release()


def init_app(app: "Flask") -> None:
    """Give the application its printer."""
    app.extensions["trivium.printer"] = Printer()


def fetcher() -> Callable[..., Any]:
    """What may be fetched for a print: our own static files and nothing else, wherever a page points."""
    from weasyprint.urls import URLFetcher

    class OwnFiles(URLFetcher):  # type: ignore[misc]
        """Fetches the files below our static folder; refuses every other address before it is looked at."""

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
            parts = urlsplit(url)
            own = Path(url2pathname(parts.path)).resolve().is_relative_to(STATIC)
            if parts.scheme != "file" or parts.netloc or not own:
                raise ValueError(f"only our own files are printed, not {url}")
            return super().fetch(url, headers)

    return OwnFiles(allowed_protocols=("file",), allow_redirects=False)


def main(base: str, parent: str) -> None:
    """The process: a page in, a PDF out."""
    page = sys.stdin.buffer.read().decode()
    try:
        from weasyprint import CSS, HTML  # needs Pango, and is nothing that a web worker should load
    except OSError as error:
        print(error, file=sys.stderr)
        sys.exit(NO_PANGO)
    sheet = CSS(filename=SHEET, url_fetcher=fetcher())
    confine(MEMORY, int(parent))
    document = HTML(string=page, base_url=base, url_fetcher=fetcher())
    sys.stdout.buffer.write(document.write_pdf(stylesheets=[sheet], pdf_variant="pdf/ua-1"))
