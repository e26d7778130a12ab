"""Measure, do not test: how quickly one client takes the whole graph, and what memory the server needs meanwhile.

`python tests/benchmark_harvest.py 10_000 100_000` grows the starter graph to so many entities and serves it for real.
For each way of taking it a server is started anew, so that no figure holds the memory of another. The graph of a size
is kept below `--folder` for the next time.
"""

import argparse
import gzip
import resource
import shutil
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http.client import HTTPResponse
from io import BufferedReader
from pathlib import Path
from threading import Event, Thread
from typing import Self

from lxml import etree
from pyoxigraph import RdfFormat, parse

from graph.changes import ChangeLog
from graph.namespaces import TREE, kind_and_slug
from graph.releases import Release, Releases
from tests.benchmark_publishing import PORT, REST, grow_by, linked, serving

ADDRESS = f"http://127.0.0.1:{PORT}"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
GAPS = 3  # of each competency: an entity for each sector
SHARE = 40  # of so many entities that are made up, one is a competency
LOOK = 0.05  # seconds between two looks at the memory
WARM = 40  # requests, after which every web worker has had one
MEGABYTE = 1_000_000


def main() -> None:
    """Grow, serve and harvest each size, each way with a server of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", nargs="+", type=lambda text: int(text.replace("_", "")))
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "trivium-benchmark-harvest")
    parser.add_argument("--ways", nargs="+", choices=tuple(WAYS), default=tuple(WAYS))
    arguments = parser.parse_args()
    for size in arguments.sizes:
        grown = arguments.folder / f"{size} entities"
        if not grown.exists():
            grow_by(grown, partial(made_up_for, size))
        for way in arguments.ways:
            with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
                measure(Path(shutil.copytree(grown, Path(folder) / "data", copy_function=linked)), way)


def made_up_for(size: int, starter: Release) -> tuple[int, int]:
    """So many competencies and offerings that there are `size` entities in all."""
    room = max(0, size - sum(starter.counts.values()))
    competencies = room // SHARE
    return competencies, room - competencies * (1 + GAPS)


def measure(data: Path, way: str) -> None:
    """Serve, harvest in one way, and print how quickly, and the memory before, at the peak and of each process."""
    with serving(data) as (server, _), Memory(server) as memory:
        before = memory.settled()
        begun = time.perf_counter()
        found = WAYS[way]()
        seconds = time.perf_counter() - begun
    newest = Releases(data).newest()
    assert newest is not None
    with ChangeLog(data) as log:
        there = log.count_standing(newest.number)
    assert found == there, f"{way}: {found} of {there} entities"
    print(
        f"{there:>9,} entities  {way:12} {there / seconds:8,.0f} a second  {seconds:7.1f} s   "
        f"memory {before / MEGABYTE:5.0f} MB before, {memory.peak / MEGABYTE:5.0f} MB at the peak",
        flush=True,
    )
    for name, peak in sorted(memory.peaks.items(), key=lambda one: -one[1]):
        print(f"            {peak / MEGABYTE:5.0f} MB  {name}", flush=True)


def by_oai(prefix: str) -> int:
    """Harvest every record by OAI-PMH; gives how many different items there were."""
    found = set[str]()
    query = f"metadataPrefix={prefix}"
    while query:
        answer = etree.fromstring(fetched(f"/oai?verb=ListRecords&{query}"))
        found.update(one.text or "" for one in answer.iter(f"{OAI}identifier"))
        token = answer.findtext(f".//{OAI}resumptionToken")
        query = f"resumptionToken={token}" if token else ""
    return len(found)


def by_ldes() -> int:
    """Replicate the event stream; gives how many different entities its members are versions of."""
    found, waiting, taken = set[str](), ["/ldes"], set[str]()
    while waiting:
        path = waiting.pop()
        taken.add(path)
        for quad in parse(fetched(path), RdfFormat.TURTLE):
            if quad.predicate == TREE.member:
                found.add(quad.object.value.partition("#")[0])
            elif quad.predicate == TREE.node:
                waiting.append(quad.object.value.removeprefix(ADDRESS))
        waiting = [one for one in dict.fromkeys(waiting) if one not in taken]
    return len(found)


def by_dump() -> int:
    """Download the N-Quads, which are made for it, and read them; gives how many entities they are about."""
    found = set[str]()
    with gzip.open(download("/dumps/latest/trivium.nq.gz")) as packed, BufferedReader(packed) as lines:
        for quad in parse(lines, RdfFormat.N_QUADS):
            if kind_and_slug(quad.subject):
                found.add(quad.subject.value)
    return len(found)


WAYS: dict[str, Callable[[], int]] = {
    "oai_dc": lambda: by_oai("oai_dc"),
    "rdf": lambda: by_oai("rdf"),
    "LDES": by_ldes,
    "dump": by_dump,
}


def fetched(path: str) -> bytes:
    """The whole of an answer."""
    with download(path) as answer:
        content: bytes = answer.read()
        return content


def download(path: str) -> HTTPResponse:
    """An answer, to be read; one that tells to come again is asked for again."""
    while True:
        try:
            answer: HTTPResponse = urllib.request.urlopen(ADDRESS + path, timeout=300)
            return answer
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
            time.sleep(int(error.headers["Retry-After"]))


class Memory:
    """The resident memory of a process and all below it, in bytes: the highest sum, and the highest of each."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._ended = Event()
        self._thread = Thread(target=self._watch)
        self.peak = 0
        self.peaks: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def settled(self) -> int:
        """Wait until every web worker has opened the release, give the memory of all, and watch from here on."""
        for _ in range(WARM):
            fetched("/health")
        time.sleep(REST)
        self.peak, self.peaks = 0, {}
        return sum(resident(self._root).values())

    def _watch(self) -> None:
        while not self._ended.wait(LOOK):
            now = resident(self._root)
            self.peak = max(self.peak, sum(now.values()))
            for name, size in now.items():
                self.peaks[name] = max(size, self.peaks.get(name, 0))


def resident(root: int) -> dict[str, int]:
    """The resident memory of a process and of all below it, in bytes, by number and the end of the command."""
    found, waiting = dict[str, int](), [root]
    while waiting:
        process = Path("/proc", str(waiting.pop()))
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            for children in process.glob("task/*/children"):
                waiting += map(int, children.read_text().split())
            command = (process / "cmdline").read_text().replace("\0", " ").strip()
            pages = int((process / "statm").read_text().split()[1])
            found[f"{process.name} {command.partition(' -')[2][-80:]}"] = pages * resource.getpagesize()
    return found


if __name__ == "__main__":
    main()
