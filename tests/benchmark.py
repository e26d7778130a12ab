"""Measure, do not test: `make bench` prints what loading costs and how many lookups a second the service answers.

Beside it, Oxigraph's own server answers the same questions over the same release in the same run. The two take
turns in short slices; the figure is the median of the slices, and the spread is printed with it.
"""

import http.client
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from urllib.parse import quote, urlencode

from graph.publication import Publisher
from graph.releases import Release
from graph.starter import load_starter

ROUNDS = 8
SLICE = 1.0  # seconds
CLIENTS = 2
OURS, THEIRS = 18080, 17878
SECTORS = ("archives", "libraries", "museums")
POINT = "SELECT ?p ?o WHERE {{ <https://w3id.org/trivium/id/competency/{}> ?p ?o }}"
GAPS = """
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX trv: <https://w3id.org/trivium/ns#>
SELECT ?competency ?label ?demand ?basis ?supply ?providers ?state ?score WHERE {{
  ?gap trv:sector <https://w3id.org/trivium/id/sector/{}> ;
    trv:competency ?competency ; trv:supply ?supply ; trv:providerCount ?providers ; trv:gapState ?state .
  ?competency skos:prefLabel ?label FILTER(LANG(?label) = "en")
  OPTIONAL {{ ?gap trv:demand ?demand ; trv:score ?score ; trv:basis ?basis }}
}} ORDER BY DESC(?score) ?label"""
COMPETENCIES = ("digital-preservation", "preventive-conservation", "digitization", "leadership")

Question = tuple[int, str]


def main() -> None:
    """Load, publish and serve the starter graph below a temporary folder, and print a table."""
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {datetime.now(UTC):%F}")
    with tempfile.TemporaryDirectory() as folder:
        release = loaded(Path(folder))
        with serving(Path(folder), release):
            compare("gap list of a sector, asked again", gap_pages(), gap_queries())
            compare("gap list of a sector, never asked before", new_gap_pages(), gap_queries())
            compare("SPARQL point lookup", points(OURS, "/sparql"), points(THEIRS, "/query"))
            compare("SPARQL gap list of a sector", gap_queries(OURS, "/sparql"), gap_queries())


def loaded(data: Path) -> Release:
    """Publish the starter graph and print how long each step took."""
    steps: dict[str, float] = {}
    marks = [("", time.perf_counter())]

    def note(step: str, done: int, total: int) -> None:
        before, begun = marks[-1]
        marks.append((step.partition(" ")[0], time.perf_counter()))
        steps[before] = steps.get(before, 0.0) + marks[-1][1] - begun

    with Publisher.open(data) as publisher:
        begun = time.perf_counter()
        first = load_starter(publisher, datetime.now(UTC).date(), note)
        note("", 0, 0)
        print(f"load, from spreadsheets to release: {time.perf_counter() - begun:.2f} s, {first.quads} quads")
        print(f"  of it: validate {steps['validate']:.2f} s, write {steps['publish']:.2f} s")
        print(f"  derive and release: {steps['derive']:.2f} s")
        print(f"derive, all gaps from scratch: {timed(lambda: publisher.derive(first.as_of, None)):.2f} s")
        print(f"release, nothing new: {timed(lambda: publisher.publish(first.as_of)) * 1000:.0f} ms")
        newest = publisher.releases.newest()
    assert newest is not None
    return newest


def timed(work: Callable[[], object]) -> float:
    """Seconds that some work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


@contextmanager
def serving(data: Path, release: Release) -> Iterator[None]:
    """Both servers on loopback, until the end."""
    bin = Path(sys.executable).parent
    environment = os.environ | {"TRIVIUM_DATA": str(data)}
    store = str(release.path / "store")
    commands = (
        [str(bin / "trivium"), "serve", "--port", str(OURS)],
        [str(bin / "oxigraph"), "serve-read-only", "-l", store, "-b", f"127.0.0.1:{THEIRS}", "--union-default-graph"],
    )
    quiet = subprocess.DEVNULL
    servers = [subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet) for command in commands]
    try:
        begun = time.perf_counter()
        for port in (OURS, THEIRS):
            wait_for(port)
        print(f"serving after {time.perf_counter() - begun:.2f} s")
        yield
    finally:
        for server in servers:
            server.send_signal(signal.SIGTERM)
        for server in servers:
            server.wait(10)


def wait_for(port: int) -> None:
    """Return when a server answers. Raises TimeoutError after 30 seconds."""
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(port)


def compare(name: str, ours: Sequence[Question], theirs: Sequence[Question]) -> None:
    """Let both answer in turn, and print requests a second."""
    slices: dict[str, list[float]] = {"Trivium": [], "Oxigraph": []}
    with ProcessPoolExecutor(CLIENTS) as clients:
        for turn in range(ROUNDS):
            for server, questions in zip(slices, (ours, theirs), strict=True):
                share = len(questions) // CLIENTS
                parts = [questions[client * share : (client + 1) * share] for client in range(CLIENTS)]
                slices[server].append(sum(clients.map(asked, parts, [turn] * CLIENTS)))
    print(name)
    for server, rates in slices.items():
        print(f"  {server:9} {statistics.median(rates):8.0f} a second   ({min(rates):.0f} to {max(rates):.0f})")


def asked(questions: Sequence[Question], turn: int) -> float:
    """Ask for one slice over one connection; requests a second. Raises RuntimeError if an answer is not 200."""
    connection = http.client.HTTPConnection("127.0.0.1", questions[0][0], timeout=30)
    begun = time.perf_counter()
    for done in count(1):
        _, path = questions[(turn * 7919 + done) % len(questions)]
        connection.request("GET", path, headers={"Accept": "application/json, application/sparql-results+json"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {path}")
        if (spent := time.perf_counter() - begun) >= SLICE:
            return done / spent
    raise AssertionError


def gap_pages() -> list[Question]:
    return [(OURS, f"/gaps.json?sector={sector}&limit=0") for sector in SECTORS] * CLIENTS


def new_gap_pages() -> list[Question]:
    """Addresses that nobody has asked before: no cache of rendered answers can help."""
    days = [f"/gaps.json?sector={sector}&limit=0&region=R{number}" for number in range(20_000) for sector in SECTORS]
    return [(OURS, path) for path in days]


def gap_queries(port: int = THEIRS, path: str = "/query") -> list[Question]:
    return [(port, f"{path}?{urlencode({'query': GAPS.format(sector)})}") for sector in SECTORS] * CLIENTS


def points(port: int, path: str) -> list[Question]:
    return [(port, f"{path}?query={quote(POINT.format(name))}") for name in COMPETENCIES]


if __name__ == "__main__":
    main()
