"""Hostile clients at a running service.

`TRIVIUM_TEST_SECONDS=60 python -m tests.hostile` prints what a page took meanwhile, p99 among it.
"""

import os
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final
from urllib.parse import urlencode, urlsplit

from tests.test_kills import descendants, serving

KNOWN: Final = frozenset((200, 400, 403, 413, 414, 429, 503, 507))
PAUSE: Final = 0.1
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
DIRECT: Final = {"Content-Type": "application/sparql-query"}


@dataclass
class Seen:
    """What happened: how long each page took in seconds, the statuses of hostile requests, what went wrong."""

    pages: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    dropped: list[str] = field(default_factory=list)
    memory: int = 0


def attacks(canary: str) -> list[tuple[dict[str, str], bytes]]:
    """One request of each of the eight clients: headers and body."""
    service = f"SELECT * {{ SERVICE SILENT <{canary}> {{ ?s ?p ?o }} }}"
    hidden = f"SELECT * {{ ?s ?p ?o FILTER(1<2#>\n) SERVICE SILENT <{canary}> {{ ?a ?b ?c }} }}"
    queries = (
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
        "SELECT (COUNT(*) AS ?n) { ?a (skos:broader|!skos:broader)* ?b . ?c (skos:broader|!skos:broader)* ?d }",
        "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?i ?f ?c",
        "ASK { " + "[ ?p " * 30 + "1" + "]" * 30 + " }",
        "SELECT * " + "{" * 4400,
        service,
        hidden,
    )
    return [*((FORM, urlencode({"query": one}).encode()) for one in queries), (DIRECT, b"#" * 10_000_000)]


class Canary:
    """A listener on this machine; whoever comes is counted."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.setblocking(False)
        self.address = f"http://127.0.0.1:{self._server.getsockname()[1]}/"

    def hits(self) -> int:
        """How many connections were made until now; the kernel keeps them until they are counted."""
        count = 0
        while True:
            try:
                visitor, _ = self._server.accept()
            except BlockingIOError:
                return count
            visitor.close()
            count += 1

    def close(self) -> None:
        self._server.close()


def besiege(base: str, process: int, canary: str, seconds: float) -> Seen:
    """Let eight hostile clients ask again and again while a page is fetched every 100 ms."""
    seen, until = Seen(), time.monotonic() + seconds
    threads = [threading.Thread(target=_attack, args=(base, *one, until, seen)) for one in attacks(canary)]
    for thread in threads:
        thread.start()
    while time.monotonic() < until:
        _look(base, seen)
        seen.memory = max(seen.memory, web_memory(process))
        time.sleep(PAUSE)
    for thread in threads:
        thread.join()
    return seen


def _attack(base: str, headers: dict[str, str], body: bytes, until: float, seen: Seen) -> None:
    while time.monotonic() < until:
        try:
            status, media_type, _ = ask(base, "POST", "/sparql", body, headers)
        except (OSError, HTTPException) as error:
            seen.dropped.append(f"{body[:60]!r}: {error!r}")
            continue
        seen.statuses[status] += 1
        if status != 200 and media_type != "application/problem+json":
            seen.dropped.append(f"{body[:60]!r}: {status} as {media_type}")
        if status == 429:
            time.sleep(PAUSE)


def _look(base: str, seen: Seen) -> None:
    begun = time.monotonic()
    try:
        status, _, _ = ask(base, "GET", "/gaps?sector=museums")
        if status != 200:
            seen.failed.append(str(status))
    except (OSError, HTTPException) as error:
        seen.failed.append(repr(error))
    seen.pages.append(time.monotonic() - begun)


def ask(
    base: str, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, str, bytes]:
    """One request on a connection of its own. Raises OSError or HTTPException when it breaks."""
    connection = HTTPConnection(urlsplit(base).netloc, timeout=60)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers.get_content_type(), answer.read()
    finally:
        connection.close()


def web_memory(process: int) -> int:
    """The largest resident memory of a web worker, in bytes: a child of the service that runs what it runs."""
    workers = [pid for pid, command in descendants(process) if "query_worker" not in command]
    return max((resident(pid) for pid in workers), default=0)


def resident(process: int) -> int:
    """The resident memory of a process in bytes; 0 for one that has ended."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def metric(base: str, name: str) -> float:
    """A number of `/metrics`."""
    text = ask(base, "GET", "/metrics")[2].decode()
    (found,) = (line.rpartition(" ")[2] for line in text.splitlines() if line.startswith(f"{name} "))
    return float(found)


@contextmanager
def watched() -> Iterator[Canary]:
    """A canary for as long as the block lasts."""
    canary = Canary()
    try:
        yield canary
    finally:
        canary.close()


def _told(seen: Seen, hits: int, say: Callable[[str], None]) -> None:
    cuts = statistics.quantiles(seen.pages, n=100)
    say(f"pages {len(seen.pages)}: median {cuts[49]:.3f} s, p99 {cuts[98]:.3f} s, slowest {max(seen.pages):.3f} s")
    say(f"failed {len(seen.failed)}; hostile answers {dict(seen.statuses)}; dropped {len(seen.dropped)}")
    say(f"largest web process {seen.memory >> 20} MB; connections to the canary {hits}")
    for one in (seen.failed + seen.dropped)[:10]:
        say(f"  {one}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, watched() as canary:
        place = Path(folder)
        with serving(place / "data", place / "log") as service:
            length = float(os.environ.get("TRIVIUM_TEST_SECONDS", "60"))
            found = besiege(service.base, service.process.pid, canary.address, length)
        _told(found, canary.hits(), lambda line: print(line, file=sys.stdout))
