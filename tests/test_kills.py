"""What was acknowledged is published exactly once and whole, whichever process is killed, and when.

The service runs as it does for everybody: web workers with their query workers, and a publisher beside. Contributors
submit over HTTP and try again when a connection breaks, while processes get SIGKILL at random moments.
`TRIVIUM_TEST_KILLS=100 pytest tests/test_kills.py` is the long run.
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from graph.journal import Journal, State
from graph.mending import mend
from graph.namespaces import SKOS, entity
from graph.people import People, Role
from graph.publication import Publisher
from graph.releases import Releases

KILLS = int(os.environ.get("TRIVIUM_TEST_KILLS", "5"))
CLIENTS = 3
KINDS = ("serve", "publisher", "query_worker", "examination_worker")
"""What the command line of a web worker, the publisher, a query worker and an examination has in it."""

OFFERING = "{id},{id},aaslh,webinar,physical-accessibility,https://example.org/{key},2026-11\n"
TWO_OFFERINGS = "id,label_en,provider,type,competencies,source,page_date\n" + OFFERING * 2
HALVES = """
SELECT ?source (COUNT(DISTINCT ?offering) AS ?parts) WHERE {
  ?offering a trv:Offering ; dct:source ?source . FILTER STRSTARTS(STR(?source), "https://example.org/key-")
} GROUP BY ?source
"""


class Service:
    """`trivium serve` over a data folder, on a port of its own."""

    def __init__(self, data: Path, log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        environment = os.environ | {"TRIVIUM_DATA": str(data), "TRIVIUM_QUERY_WORKERS": "1"}
        command = [sys.executable, "-m", "service.cli", "serve", "--port", str(port)]
        with log.open("w") as file:
            self.process = subprocess.Popen(command, env=environment, stderr=file, stdout=file)

    def ask(self, path: str, body: bytes | None = None, **headers: str) -> bytes:
        """The answer to a request. Raises OSError and HTTPException when a connection breaks, or a 5xx comes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with urlopen(Request(self.base + path, body, named), timeout=30) as answer:
            found: bytes = answer.read()
        return found

    def kill_one(self, kind: str, chance: random.Random) -> bool:
        """Kill a process of a kind, which descends from the service; returns whether there was one."""
        found = [pid for pid, command in descendants(self.process.pid) if kind in command]
        if not found:
            return False
        pid = chance.choice(found)
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return False
        try:
            if pid not in [one for one, _ in descendants(self.process.pid)]:  # ended, and its number given to another
                return False
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        except ProcessLookupError:
            return False
        finally:
            os.close(descriptor)
        return True


def descendants(pid: int) -> Iterator[tuple[int, str]]:
    """The processes that descend from one, each with its command line."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    below = {pid}
    while more := {child for child, parent in parents.items() if parent in below} - below:
        below |= more
    for child in below - {pid}:
        try:
            yield child, (Path("/proc") / str(child) / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue


@contextmanager
def serving(data: Path, log: Path) -> Iterator[Service]:
    service = Service(data, log)
    try:
        wait_for(lambda: is_up(service), 60)
        yield service
    finally:
        service.process.terminate()
        service.process.wait(60)


def is_up(service: Service) -> bool:
    assert service.process.poll() is None
    try:
        return bool(service.ask("/health"))
    except OSError:
        return False


def wait_for(reached: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def insisting(ended: threading.Event, ask: Callable[[], bytes]) -> bytes:
    """The answer, after as many attempts as it takes."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return ask()
        except (OSError, HTTPException) as error:
            if isinstance(error, HTTPError) and error.code < 500:
                raise
        assert time.monotonic() < deadline
        ended.wait(0.1)


def contributing(service: Service, token: str, name: str, ended: threading.Event) -> dict[str, int]:
    """Submit one contribution after another until `ended`; returns the numbers that were acknowledged, by key."""
    acknowledged: dict[str, int] = {}
    while not ended.wait(0.7):
        key = f"key-{name}-{len(acknowledged)}"
        rows = [OFFERING.format(id=f"{key}-{part}", key=key) for part in ("a", "b")]
        body = (TWO_OFFERINGS.partition("\n")[0] + "\n" + "".join(rows)).encode()

        def submit(key: str = key, body: bytes = body) -> bytes:
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key, "Content-Type": "text/csv"}
            return service.ask("/contributions?kind=offering", body, **headers)

        acknowledged[key] = json.loads(insisting(ended, submit))["number"]
        if len(acknowledged) % 3 == 0:
            assert json.loads(insisting(ended, submit))["number"] == acknowledged[key]
    return acknowledged


def reading(service: Service, ended: threading.Event) -> int:
    """Ask over and over for what is half visible; returns how often there was an answer."""
    path = "/sparql?" + urlencode({"query": HALVES})
    answers = 0
    while not ended.wait(0.3):
        found = insisting(ended, lambda: service.ask(path, Accept="application/sparql-results+json"))
        rows = json.loads(found)["results"]["bindings"]
        assert {row["parts"]["value"] for row in rows} <= {"2"}
        answers += 1
    return answers


def test_kills_lose_nothing_double_nothing_and_show_nothing_by_halves(data: Path, tmp_path: Path) -> None:
    token = People(data).add("tess", "Tess", Role.TRUSTED)
    ended, chance = threading.Event(), random.Random(7)
    killed: Counter[str] = Counter()
    with serving(data, tmp_path / "log") as service, ThreadPoolExecutor(CLIENTS + 1) as threads:
        clients = [threads.submit(contributing, service, token, str(one), ended) for one in range(CLIENTS)]
        reader = threads.submit(reading, service, ended)
        try:
            for number in range(KILLS * 20):
                if killed.total() == KILLS:
                    break
                time.sleep(0.2 + chance.random())
                kind = KINDS[number % len(KINDS)]
                killed[kind] += service.kill_one(kind, chance)
        finally:
            ended.set()
        acknowledged = {key: number for client in clients for key, number in client.result(60).items()}
        assert reader.result(60)
        with Journal(data) as journal:
            wait_for(lambda: all_published(journal, acknowledged), 120 + 2 * len(acknowledged))
        assert service.process.poll() is None
    assert killed.total() == KILLS
    assert killed["serve"] > 0 < killed["publisher"], killed
    assert_published_exactly_once(data, acknowledged)


def all_published(journal: Journal, acknowledged: dict[str, int]) -> bool:
    return {journal.entry(number).state for number in acknowledged.values()} == {State.PUBLISHED}


def assert_published_exactly_once(data: Path, acknowledged: dict[str, int]) -> None:
    """Each key is one contribution, which the newest release shows once and whole, and a rebuild gives the same."""
    assert len(set(acknowledged.values())) == len(acknowledged) > 0
    with Journal(data) as journal:
        kept = [entry.number for entry in journal.entries(*State) if entry.contributor == "tess"]
        published = {number: [event.state for event in journal.events(number)] for number in kept}
    assert sorted(kept) == sorted(acknowledged.values())
    assert {tuple(states).count(State.PUBLISHED) for states in published.values()} == {1}
    assert not mend(data)
    newest = Releases(data).newest()
    assert newest is not None
    dataset = newest.dataset()
    for key in acknowledged:
        for part in ("a", "b"):
            assert len([*dataset.quads(entity("offering", f"{key}-{part}"), SKOS.prefLabel)]) == 1
    with Publisher.open(data) as publisher:
        assert publisher.rebuild(newest.as_of).digest == newest.digest
