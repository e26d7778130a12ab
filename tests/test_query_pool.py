"""Strangers' queries in real processes: what they get, where they end, and that the next one is answered."""

import csv
import io
import os
import platform
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    parse,
    parse_query_results,
)

from graph.confinement import MACHINES
from graph.errors import InvalidQuery, PoolBusy, QueryError, QueryRefused, QueryTimeout, QueryTooLarge
from graph.namespaces import TRV
from graph.query_frames import Question
from graph.query_pool import GRAPHS, RESULTS, Limits, QueryFailed, QueryPool, WrongForm
from graph.resources import ROOT

JSON, XML, CSV, TSV = RESULTS
SECONDS = 1.0
MARGIN = 0.5
ROWS = 50
E = "http://example.org/"
CONFINED = platform.system() == "Linux" and platform.machine() in MACHINES

CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
MEMORY = "SELECT DISTINCT (CONCAT(STR(?a), STR(?d), STR(?g)) AS ?x) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?x"
SMALL = "ASK { ?s ?p ?o }"

HOSTILE = {
    "braces": "SELECT * " + "{" * 4400,
    "parentheses": "ASK { FILTER(" + "(" * 9800 + "1" + ")" * 9800 + ") }",
    "not": "ASK { FILTER(" + "!" * 9800 + "true) }",
    "if": "ASK { FILTER(" + "IF(1,1," * 2000 + "1" + ")" * 2000 + ") }",
    "exists": "ASK { " + "FILTER EXISTS { " * 900 + "}" * 901,
    "blank nodes": "ASK { " + "[ ?p " * 150 + "1" + "]" * 150 + " }",
    "blank nodes below the limit": "ASK { " + "[ ?p " * 30 + "1" + "]" * 30 + " }",
    "sum": "SELECT (1" + "+1" * 30000 + " AS ?x) { }",
    "path": "ASK { ?s <http://e/p>" + "/<http://e/p>" * 4000 + " ?o }",
    "collection": "ASK { ?s ?p (" + "1 " * 30000 + ") }",
    "triples": "ASK { " + "?s ?p ?o . " * 5500 + "}",
    "cross product": CROSS,
    "closure": "SELECT (COUNT(*) AS ?n) { ?a (<>|!<>)* ?b . ?c (<>|!<>)* ?d . ?e (<>|!<>)* ?f }".replace(
        "<>", f"<{E}p0>"
    ),
    "sorted product": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?i ?f ?c",
}


def release(folder: Path, count: int = 300, note: str = "first") -> Path:
    """A small release: `count` statements in two graphs, with quotes, commas and line breaks in the texts."""
    store = Store(str(folder / "live"))
    store.extend(
        Quad(NamedNode(f"{E}s{i}"), NamedNode(f"{E}p{i % 3}"), Literal(f'a "{i}",\r\n}},{{ </result>\t{i}'), graph)
        for i, graph in ((i, NamedNode(f"{E}g{i % 2}")) for i in range(count))
    )
    store.add(Quad(NamedNode(E), TRV["note"], Literal(note), NamedNode(f"{E}g0")))
    store.add(Quad(NamedNode(E), TRV["node"], BlankNode(), NamedNode(f"{E}g1")))
    store.flush()
    store.backup(str(folder / "release"))
    return folder / "release"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release(tmp_path_factory.mktemp("pool"))


@pytest.fixture(scope="module")
def pool(path: Path) -> Iterator[QueryPool]:
    with QueryPool(path, workers=2, limits=Limits(seconds=SECONDS, memory=1 << 30, rows=ROWS, wait=SECONDS)) as pool:
        yield pool


class Canary:
    """A server on this machine that counts who comes, and sends everybody away."""

    def __init__(self, server: socket.socket) -> None:
        self.address, self.hits = f"http://127.0.0.1:{server.getsockname()[1]}/", 0
        self._server = server
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while select.select([self._server], [], [])[0]:
            visitor, _ = self._server.accept()
            last = visitor.recv(4, socket.MSG_PEEK) == b"stop"
            visitor.close()
            if last:
                return
            self.hits += 1

    def counted(self) -> int:
        """How many came until now."""
        with socket.create_connection(self._server.getsockname()) as end:
            end.send(b"stop")
            self._thread.join(5)
        return self.hits


@pytest.fixture
def canary() -> Iterator[Canary]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield Canary(server)


@contextmanager
def takes_at_most(seconds: float) -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun <= seconds


def rows(body: bytes, media_type: str) -> list[tuple[str, ...]]:
    """The rows of a table, read again from its format."""
    if media_type == CSV:
        return [tuple(row) for row in csv.reader(io.StringIO(body.decode(), newline=""))][1:]
    read = parse_query_results(body, QueryResultsFormat.from_media_type(media_type))
    assert isinstance(read, QuerySolutions)
    return [tuple(str(value) for value in row) for row in read]


def values(pool: QueryPool, query: str, default: Sequence[str] = (), named: Sequence[str] = ()) -> list[str]:
    """The first column of an answer, in order of the alphabet."""
    answer = pool.run(query, results=CSV, default_graphs=default, named_graphs=named)
    return sorted(row[0] for row in rows(answer.body, CSV))


@pytest.mark.parametrize("query", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_query_ends_in_time_and_the_next_is_answered(pool: QueryPool, query: str) -> None:
    """Without the guard, which would not even let most of them in."""
    with takes_at_most(SECONDS + MARGIN), suppress(QueryError):
        pool.evaluate(Question(query, JSON, None))
    assert pool.run(SMALL).body == b'{"head":{},"boolean":true}'


def test_a_query_past_its_time_is_killed_counted_and_replaced(pool: QueryPool) -> None:
    before = pool.tally.total()
    with takes_at_most(SECONDS + MARGIN), pytest.raises(QueryTimeout, match="within 1 s"):
        pool.run(CROSS)
    assert pool.tally.total()["killed"] == before["killed"] + 1
    wait_until(lambda: pool.tally.total()["idle"] == 2)


def test_memory_is_bounded_and_the_loss_is_reported(path: Path) -> None:
    others = children(os.getpid())
    with QueryPool(path, workers=1, limits=Limits(memory=1 << 30, wait=5)) as pool:
        pool.run(SMALL)
        (worker,) = children(os.getpid()) - others
        assert memory_limit(worker) == 1 << 30
        with pytest.raises(QueryTooLarge, match="memory"):
            pool.run(MEMORY)
        assert pool.tally.total()["died"] == 1
        assert pool.run(SMALL).body.endswith(b"true}")


@pytest.mark.parametrize("ended_by", [signal.SIGSEGV, signal.SIGABRT])
def test_a_worker_that_dies_is_reported_and_replaced(path: Path, ended_by: signal.Signals) -> None:
    others = children(os.getpid())
    with QueryPool(path, workers=1, limits=Limits(wait=5)) as pool:
        pool.run(SMALL)
        (worker,) = children(os.getpid()) - others
        threading.Timer(0.3, os.kill, (worker, ended_by)).start()
        with pytest.raises(QueryTooLarge, match=ended_by.name):
            pool.run(CROSS)
        assert pool.run(SMALL).body.endswith(b"true}")
        assert pool.tally.total()["died"] == 1


def test_a_worker_that_died_while_idle_costs_nobody_a_query(path: Path) -> None:
    others = children(os.getpid())
    with QueryPool(path, workers=1, limits=Limits(wait=5)) as pool:
        pool.run(SMALL)
        (worker,) = children(os.getpid()) - others
        os.kill(worker, signal.SIGKILL)
        os.waitid(os.P_PID, worker, os.WEXITED | os.WNOWAIT)
        assert pool.run(SMALL).body.endswith(b"true}")
        assert worker not in children(os.getpid())


@pytest.mark.parametrize("media_type", RESULTS)
def test_rows_past_the_limit_are_cut_and_it_is_said(pool: QueryPool, media_type: str) -> None:
    whole = pool.run(f"SELECT * {{ ?s ?p ?o }} LIMIT {ROWS}", results=media_type)
    cut = pool.run("SELECT * { ?s ?p ?o }", results=media_type)
    assert not whole.truncated
    assert cut.truncated
    assert cut.content_type.startswith(media_type)
    assert rows(cut.body, media_type) == rows(whole.body, media_type)
    assert len(rows(cut.body, media_type)) == ROWS


@pytest.mark.parametrize("media_type", RESULTS)
def test_empty_rows_are_counted_as_well(pool: QueryPool, media_type: str) -> None:
    cut = pool.run("SELECT ?none { ?s ?p ?o }", results=media_type)
    whole = pool.run(f"SELECT ?none {{ ?s ?p ?o }} LIMIT {ROWS}", results=media_type)
    assert cut.truncated
    assert not whole.truncated
    assert cut.body == whole.body


@pytest.mark.parametrize("media_type", RESULTS)
def test_an_answer_past_its_size_is_cut_between_rows(path: Path, media_type: str) -> None:
    with QueryPool(path, workers=1, limits=Limits(bytes=40_000, wait=5)) as pool:
        cut = pool.run("SELECT * { ?s ?p ?o . ?a ?b ?c }", results=media_type)
        assert cut.truncated
        assert 30_000 < len(cut.body) <= 40_000 + 20
        assert {len(row) for row in rows(cut.body, media_type)} <= {6, 1}
        assert rows(cut.body, media_type)


@pytest.mark.parametrize("media_type", GRAPHS)
def test_graphs_are_cut_and_stay_valid(pool: QueryPool, media_type: str) -> None:
    whole = pool.run(f"CONSTRUCT WHERE {{ ?s ?p ?o }} LIMIT {ROWS}", graph=media_type)
    cut = pool.run("CONSTRUCT WHERE { ?s ?p ?o }", graph=media_type)
    assert (whole.truncated, cut.truncated) == (False, True)
    assert cut.content_type == media_type
    assert len(list(parse(cut.body, RdfFormat.from_media_type(media_type)))) == ROWS
    with QueryPool(cut.release, workers=1, limits=Limits(bytes=9_000, wait=5)) as small:
        cut = small.run("CONSTRUCT WHERE { ?s ?p ?o }", graph=media_type)
        assert cut.truncated
        assert 0 < len(list(parse(cut.body, RdfFormat.from_media_type(media_type)))) < 300


def test_our_prefixes_are_known_and_used(pool: QueryPool) -> None:
    answer = pool.run("CONSTRUCT WHERE { ?s trv:note ?o }")
    assert b"trv:note" in answer.body
    assert b"@prefix trv:" in answer.body


def test_the_default_graph_is_the_union_and_graph_reaches_each(pool: QueryPool) -> None:
    assert values(pool, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") == ["302"]
    assert values(pool, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }") == [f"{E}g0", f"{E}g1"]


ALL = "SELECT (COUNT(*) AS ?n) {clauses} {{ ?s ?p ?o }}"
NAMED = "SELECT DISTINCT ?g {clauses} {{ GRAPH ?g {{ ?s ?p ?o }} }}"


@pytest.mark.parametrize(
    ("clauses", "dataset", "count", "graphs"),
    [
        (f"FROM <{E}g0>", {}, "151", []),
        (f"FROM <{E}g0> FROM <{E}g1>", {}, "302", []),
        (f"FROM NAMED <{E}g0>", {}, "0", [f"{E}g0"]),
        (f"FROM <{E}g1> FROM NAMED <{E}g0>", {}, "151", [f"{E}g0"]),
        ("FROM e:g0 FROM NAMED <g1>", {}, "151", [f"{E}g1"]),
        (f"FROM <{E}nowhere>", {}, "0", []),
        ("", {"default": [f"{E}g0"]}, "151", []),
        ("", {"named": [f"{E}g1"]}, "0", [f"{E}g1"]),
        ("", {"default": [f"{E}g0", f"{E}g1"], "named": [f"{E}g1"]}, "302", [f"{E}g1"]),
        (f"FROM <{E}g1> FROM NAMED <{E}g1>", {"default": [f"{E}g0"]}, "151", []),
    ],
)
def test_the_dataset_asked_for_is_the_one_seen(
    pool: QueryPool, clauses: str, dataset: dict[str, list[str]], count: str, graphs: list[str]
) -> None:
    prologue = f"BASE <{E}> PREFIX e: <{E}> "
    assert values(pool, prologue + ALL.format(clauses=clauses), **dataset) == [count]
    assert values(pool, prologue + NAMED.format(clauses=clauses), **dataset) == graphs


def test_a_graph_that_is_no_iri_is_the_clients_mistake(pool: QueryPool) -> None:
    with pytest.raises(QueryFailed, match="IRI"):
        pool.run(SMALL, default_graphs=["not an iri"])


SERVICES = [
    "SELECT * {{ SERVICE SILENT <{0}> {{ ?s ?p ?o }} }}",
    "PREFIX : <{0}> SELECT * {{ SERVICE:x {{ ?s ?p ?o }} }}",
    "ASK {{ FILTER EXISTS {{ SERVICE <{0}> {{ ?s ?p ?o }} }} }}",
]
HIDDEN = [
    "SELECT * {{ FILTER(1<'x>y' || EXISTS {{ SERVICE SILENT <{0}> {{ ?s ?p ?o }} }} || 1<'x>y') }}",
    "SELECT * {{ FILTER(1<2#>'''\n || EXISTS {{ SERVICE SILENT <{0}> {{ ?s ?p ?o }} }} #'''\n) }}",
]


@pytest.mark.parametrize("query", SERVICES)
def test_the_guard_refuses_service(pool: QueryPool, canary: Canary, query: str) -> None:
    with pytest.raises(QueryRefused, match="SERVICE"):
        pool.run(query.format(canary.address))
    assert canary.counted() == 0


@pytest.mark.skipif(not CONFINED, reason="needs seccomp")
@pytest.mark.parametrize("query", SERVICES + HIDDEN)
def test_no_connection_leaves_a_worker(pool: QueryPool, canary: Canary, query: str) -> None:
    assert pool.run(SMALL)
    assert pool.tally.total()["closed"]
    with suppress(QueryFailed):
        pool.evaluate(Question(query.format(canary.address), JSON, None))
    assert canary.counted() == 0


def test_the_canary_would_have_noticed(canary: Canary) -> None:
    list(Store().query(SERVICES[0].format(canary.address)))  # type: ignore[arg-type]
    assert canary.counted() == 1


def test_a_syntax_error_has_its_place_and_a_hint(pool: QueryPool) -> None:
    with pytest.raises(InvalidQuery, match="line 2, column") as caught:
        pool.run("SELECT ?x {\n ?s ?p ?o . FILTER(?y ! 3) }")
    assert (caught.value.line, caught.value.column) == (2, 29)
    with pytest.raises(InvalidQuery, match=r"`scos:` is not declared.*Did you mean `skos`") as caught:
        pool.run("SELECT ?x {\n  ?x scos:prefLabel ?o }")
    assert (caught.value.line, caught.value.column) == (2, 6)


def test_what_the_engine_cannot_do_is_said(pool: QueryPool) -> None:
    with pytest.raises(QueryFailed, match="custom function"):
        pool.run("SELECT (<http://example.org/f>(1) AS ?x) { }")
    with pytest.raises(WrongForm, match="RDF"):
        pool.run("CONSTRUCT WHERE { ?s ?p ?o }", results=CSV, graph=None)
    with pytest.raises(WrongForm, match="CSV"):
        pool.run("SELECT * { }", results=None)


def test_eight_threads_get_each_its_own_answer(pool: QueryPool) -> None:
    def ask(number: int) -> list[tuple[str, ...]]:
        return rows(pool.run(f"SELECT ({number} AS ?n) {{ }}", results=CSV).body, CSV)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(200))) == [[(str(number),)] for number in range(200)]


def test_one_hostile_client_does_not_stop_the_others(path: Path) -> None:
    limits = Limits(seconds=SECONDS, wait=0.2, queue=2)
    with QueryPool(path, workers=1, limits=limits) as pool, ThreadPoolExecutor(4) as threads:
        wait_until(lambda: pool.tally.total()["idle"] == 1)
        hostile = threads.submit(pool.run, CROSS)
        wait_until(lambda: pool.tally.total()["busy"] == 1)
        with takes_at_most(0.5), pytest.raises(PoolBusy, match="taken") as caught:
            pool.run(SMALL)
        assert caught.value.retry_after >= 1
        assert isinstance(hostile.exception(timeout=5), QueryTimeout)
        wait_until(lambda: pool.tally.total()["idle"] == 1)  # another worker has taken the place of the killed one
        assert pool.run(SMALL).body.endswith(b"true}")
        assert pool.tally.total()["refused"] == 1


def test_a_worker_is_replaced_after_its_share_of_queries(path: Path) -> None:
    with QueryPool(path, workers=1, limits=Limits(recycle=3, wait=5)) as pool:
        for _ in range(7):
            pool.run(SMALL)
        wait_until(lambda: pool.tally.total()["started"] == 3)
        total = pool.tally.total()
        assert (total["answered"], total["died"], total["killed"]) == (7, 0, 0)


def test_after_a_switch_the_new_release_is_answered_from(path: Path, tmp_path: Path) -> None:
    newer = release(tmp_path, count=3, note="second")
    note = "SELECT ?o { ?s trv:note ?o }"
    with QueryPool(path, workers=2, limits=Limits(seconds=SECONDS, wait=5)) as pool, ThreadPoolExecutor(1) as threads:
        assert values(pool, note) == ["first"]
        busy = threads.submit(pool.run, CROSS)
        wait_until(lambda: pool.tally.total()["busy"] == 1)
        pool.switch(newer)
        for _ in range(4):
            answer = pool.run(note, results=CSV)
            assert (answer.release, rows(answer.body, CSV)) == (newer, [("second",)])
        assert isinstance(busy.exception(timeout=5), QueryTimeout)
        wait_until(lambda: pool.tally.total()["idle"] == 2)
        assert [values(pool, note) for _ in range(4)] == [["second"]] * 4


def test_a_release_that_is_not_there_is_said(tmp_path: Path) -> None:
    with QueryPool(tmp_path / "nothing", workers=1, limits=Limits(wait=1)) as pool:
        with pytest.raises(PoolBusy, match="nothing cannot be opened"):
            pool.run(SMALL)
        assert pool.tally.total()["started"] == 0


def test_closing_ends_every_worker_and_what_it_runs(path: Path) -> None:
    others = children(os.getpid())
    pool = QueryPool(path, workers=2)
    pool.run(SMALL)
    wait_until(lambda: pool.tally.total()["idle"] == 2)
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(pool.run, CROSS)
        wait_until(lambda: pool.tally.total()["busy"] == 1)
        pool.close()
        assert isinstance(running.exception(timeout=5), PoolBusy)
    assert children(os.getpid()) == others
    with pytest.raises(PoolBusy):
        pool.run(SMALL)


PARENT = """
import sys, threading, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from graph.query_pool import QueryPool
pool = QueryPool(Path(sys.argv[2]), workers=2)
threading.Thread(target=pool.run, args=(sys.argv[3],), daemon=True).start()
while (total := pool.tally.total())["busy"] != 1 or total["idle"] != 1:
    time.sleep(0.02)
print("running", flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(not CONFINED, reason="needs PR_SET_PDEATHSIG")
def test_no_worker_outlives_its_parent(path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(ROOT), str(path), CROSS]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"running\n"
        workers = children(parent.pid)
        assert len(workers) == 2
        parent.kill()
    wait_until(lambda: all(state(worker) in ("Z", "") for worker in workers))


def wait_until(holds: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


def children(parent: int) -> set[int]:
    """The processes that a process has started and that still run."""
    found = Path(f"/proc/{parent}/task").glob("*/children")
    return {int(child) for each in found for child in told(each).split() if state(int(child)) not in ("Z", "")}


def state(process: int) -> str:
    """The state of a process as one letter, nothing when it is gone."""
    return told(Path(f"/proc/{process}/stat")).rpartition(") ")[2][:1]


def told(path: Path) -> str:
    """What the kernel tells of a process or thread, nothing when it has just ended."""
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def memory_limit(process: int) -> int:
    limits = Path(f"/proc/{process}/limits").read_text().splitlines()
    return int(next(line for line in limits if line.startswith("Max address space")).split()[3])
