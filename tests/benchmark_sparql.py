"""Measure, do not test: our service beside other SPARQL servers, on the same data, in the same run, in turn.

`python tests/benchmark_sparql.py` prints, for every question and number of clients, the median of answers a second with
its range, and the milliseconds of processor time (user and system, of all processes of a server) that an answer costs.
Oxigraph's server has two turns in every round: what lies between these two is noise. `--help` names what shortens it.
"""

import argparse
import http.client
import json
import os
import platform
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlencode

from pyoxigraph import RdfFormat, Store

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from graph.named_query import Catalogue
from graph.publication import Publisher
from graph.query_text import written_in
from graph.resources import ROOT
from graph.store import Dataset
from tests.benchmark import GAPS
from tests.benchmark_engines import ENGINES, Data, Engine, Unavailable
from tests.benchmark_publishing import grow

TICK = os.sysconf("SC_CLK_TCK")
PATIENCE = 3.0  # seconds: a server that needs longer for one answer is asked just this once
TIME_OUT = 60.0  # seconds
WARM = 20.0  # seconds, at most, to get warm before a question is measured
NOISE = "Oxigraph again"
NEW = "Trivium, new"  # our addresses as nobody has asked them before, so that no kept answer helps
PREFIXES = """
PREFIX schema: <http://schema.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX trv: <https://w3id.org/trivium/ns#>
"""
ID = "https://w3id.org/trivium/id/"
CONTENT_TYPE = "application/x-www-form-urlencoded"
ACCEPT = "application/sparql-results+json, application/json;q=0.9"
STRANGERS = {
    "point lookup": "SELECT ?p ?o WHERE { <{competency}> ?p ?o }",
    "star join": """SELECT DISTINCT ?offering ?label ?type ?mode ?level ?url WHERE {
        ?offering trv:teaches <{competency}> ; skos:prefLabel ?label ; trv:offeringType ?type ;
          trv:mode ?mode ; trv:level ?level ; schema:url ?url }""",
    "two hops": """SELECT DISTINCT ?other WHERE {
        ?one trv:competency <{competency}> ; trv:role ?role . ?another trv:role ?role ; trv:competency ?other }""",
    "path closure": "SELECT DISTINCT ?narrower WHERE { ?narrower skos:broader* <{area}> }",
    "group-by": """SELECT ?competency (COUNT(DISTINCT ?offering) AS ?offerings) WHERE {
        ?offering trv:teaches ?competency ; trv:addressedTo <{sector}>
        } GROUP BY ?competency ORDER BY DESC(?offerings) ?competency LIMIT 50""",
    "optional with filter": """SELECT DISTINCT ?offering ?level WHERE {
        ?offering a trv:Offering ; trv:addressedTo <{sector}> OPTIONAL { ?offering trv:level ?level }
        FILTER(!BOUND(?level) || ?level != <ID/level/entry>) } LIMIT 500""",
    "text filter": """SELECT DISTINCT ?thing ?label WHERE {
        ?thing skos:prefLabel ?label FILTER(CONTAINS(LCASE(STR(?label)), "{word}")) }""",
    "10,000 rows": "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 10000",
    "gap list": GAPS.format("museums").replace(f"{ID}sector/museums", "{sector}"),
}
WORDS = ("digital", "preserv", "archiv", "manage", "ethics", "research")
CATALOGUE = (
    "gaps",
    "shared-competencies",
    "requirements-of-role",
    "roles-requiring-competency",
    "offerings-for-competency",
    "competencies-nobody-teaches",
    "single-provider-competencies",
    "providers-by-area",
    "sector-counts",
)
VARIED = {"competency": "competency", "role": "role", "sector": "sector", "area": "area"}

Asking = tuple[str, str]
"""An address below the host, and a body; with an empty one it is a GET."""


@dataclass(frozen=True)
class Question:
    """What a stranger asks everybody in SPARQL; with `pages` it is one of the catalogue, and ours is asked there."""

    name: str
    queries: tuple[str, ...]
    pages: tuple[str, ...] = ()

    def of(self, slot: str, engine: Engine) -> tuple[Asking, ...]:
        """What this server is asked, in many variations."""
        if self.pages and slot in ("Trivium", NEW):
            return tuple((page, "") for page in self.pages)
        return tuple((engine.path, urlencode({"query": query})) for query in self.queries)


@dataclass(frozen=True)
class Turn:
    """What one slice showed: answers a second, and milliseconds of the server's processor time for each."""

    rate: float
    cpu: float


def main() -> None:
    """Serve the same data by every engine that can be had, and print tables."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are ended, too
    options = arguments()
    options.folder.mkdir(parents=True, exist_ok=True)
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {datetime.now(UTC):%F}")
    with tempfile.TemporaryDirectory(dir=options.folder) as work, ExitStack() as running:
        data = prepared(options.folder, Path(work), options.statements)
        engines = started(running, options, data)
        cells = measured(options, engines, asked_by_all(data))
    print_means(cells, options.clients)
    if options.json:
        options.json.write_text(json.dumps(cells, default=vars), encoding="utf-8")


def arguments() -> argparse.Namespace:
    """What to measure, from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--statements", type=lambda text: int(text.replace("_", "")), default=200_000)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--slice", type=float, default=0.5, help="seconds of a turn")
    parser.add_argument("--engines", nargs="+", default=[one.name for one in ENGINES], metavar="NAME")
    parser.add_argument("--only", help="only questions whose name has this in it")
    parser.add_argument("--json", type=Path, help="write every turn to this file")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "trivium-benchmark")
    return parser.parse_args()


def prepared(kept: Path, work: Path, statements: int) -> Data:
    """The grown starter graph, published as of today, and the same as N-Quads."""
    grown = kept / str(statements)
    if not grown.exists():
        grow(grown, statements)
    with Publisher.open(grown) as publisher:
        publisher.publish(datetime.now(UTC).date())
        release = publisher.releases.newest()
    assert release is not None
    with (work / "trivium.nq").open("wb") as file:
        Store.read_only(str(release.path / "store")).dump(file, RdfFormat.N_QUADS)
    print(f"{release.quads:,} statements, release {release.number}", flush=True)
    return Data(release.path / "store", work / "trivium.nq", grown, work)


def started(running: ExitStack, options: argparse.Namespace, data: Data) -> dict[str, tuple[Engine, int]]:
    """Each turn of a round by its name, with the server and its process. Who cannot be had is said, and left out."""
    found: dict[str, tuple[Engine, int]] = {}
    (options.folder / "engines").mkdir(exist_ok=True)
    for kind in ENGINES:
        if kind.name not in options.engines:
            continue
        engine, begun = kind(options.folder / "engines", data), time.perf_counter()
        try:
            found[engine.name] = engine, running.enter_context(engine.serving())
        except Unavailable as error:
            print(f"!!! LEFT OUT: {error}", flush=True)
            continue
        print(f"{engine.name} serves after {time.perf_counter() - begun:.1f} s", flush=True)
    for alias, name in ((NOISE, "Oxigraph"), (NEW, "Trivium")):
        if name in found:
            found[alias] = found[name]
    return found


def asked_by_all(data: Data) -> list[Question]:
    """The questions of strangers, then those of the catalogue, about up to 40 things of each kind."""
    things = {kind: things_of(data.store, kind) for kind in VARIED.values()}
    questions = [
        Question(name, tuple(PREFIXES + text for text in variations(template.replace("ID/", ID), things)))
        for name, template in STRANGERS.items()
    ]
    catalogue = Catalogue.load(ROOT / "queries")
    for name in CATALOGUE:
        query = catalogue[name]
        needed = [one.name for one in query.parameters if one.name in VARIED and (one.required or one.name == "sector")]
        choices = [{needed[0]: thing} for thing in things[VARIED[needed[0]]]] if needed else [{}]
        pages = tuple(f"/queries/{name}.json?{urlencode(choice | {'limit': '0'})}" for choice in choices)
        names = [one.name for one in query.parameters]
        texts = tuple(written_in(query.text, query.bindings(choice), names) for choice in choices)
        questions.append(Question(f"/queries/{name}", texts, pages))
    sectors = [f"{ID}sector/{slug}" for slug in ("archives", "libraries", "museums")]
    lists = tuple(PREFIXES + STRANGERS["gap list"].replace("{sector}", sector) for sector in sectors)
    pages = tuple(f"/gaps.json?sector={quote(sector)}&limit=0" for sector in sectors)
    return [*questions, Question("/gaps.json", lists, pages)]


def things_of(store: Path, kind: str) -> list[str]:
    """Up to 40 identifiers of a kind, the same ones in every run; of the sectors, the three."""
    if kind == "sector":
        return [f"{ID}sector/{slug}" for slug in ("archives", "libraries", "museums")]
    text = f"{PREFIXES} SELECT DISTINCT ?thing WHERE {{ ?thing a trv:{kind.capitalize()} }} ORDER BY ?thing"
    found = [thing.value for (thing,) in Dataset.open(store).select(text)]
    return random.Random(1).sample(found, min(40, len(found)))


def variations(template: str, things: Mapping[str, Sequence[str]]) -> list[str]:
    """The template about each thing of the kind that it names."""
    for kind, names in {**things, "word": WORDS}.items():
        if "{" + kind + "}" in template:
            return [template.replace("{" + kind + "}", name) for name in names]
    return [template]


def measured(
    options: argparse.Namespace, engines: Mapping[str, tuple[Engine, int]], questions: Sequence[Question]
) -> list[dict[str, object]]:
    """A cell for each question and number of clients, with the turns of each server in it."""
    cells: list[dict[str, object]] = []
    with ProcessPoolExecutor(2) as processes:
        for question in questions:
            if options.only and options.only not in question.name:
                continue
            first = {name: probe(question.of(name, engine), engine.port) for name, (engine, _) in engines.items()}
            leave_out_differences(question, first)
            warm_up(question, engines, first)
            for clients in options.clients:
                turns = in_turn(options, processes, question, clients, engines, first)
                cells.append({"question": question.name, "clients": clients, "turns": turns})
                print_cell(question.name, clients, turns)
    return cells


def probe(asking: Sequence[Asking], port: int) -> tuple[float, int | None]:
    """The seconds that the second answer takes, and how many rows it has; None if there is none."""
    try:
        ask_once(port, asking[0])
        begun = time.perf_counter()
        content = json.loads(ask_once(port, asking[0]))
    except (OSError, http.client.HTTPException, RuntimeError, ValueError) as error:
        print(f"!!! NO ANSWER from port {port}: {str(error)[:300]}", flush=True)
        return TIME_OUT, None
    rows = content["results"]["bindings"] if "results" in content else content["items"]
    return time.perf_counter() - begun, len(rows)


def leave_out_differences(question: Question, first: dict[str, tuple[float, int | None]]) -> None:
    """Say so if a server does not answer with as many rows as most, and leave it out: a wrong answer has no speed."""
    rows = {name: count for name, (_, count) in first.items() if count is not None}
    most = statistics.mode(rows.values())
    for name, count in rows.items():
        if count != most:
            print(f"!!! LEFT OUT of {question.name}: {name} answers {count} rows, others {most}", flush=True)
            first[name] = first[name][0], None


def warm_up(
    question: Question, slots: Mapping[str, tuple[Engine, int]], first: Mapping[str, tuple[float, int | None]]
) -> None:
    """Ask every variation before the clock starts; ours some times: each process keeps its own answers."""
    for name, (engine, _) in slots.items():
        seconds, rows = first[name]
        if rows is None or seconds > PATIENCE:
            continue
        deadline = time.monotonic() + WARM
        for asking in question.of(name, engine) * (4 if name == "Trivium" else 1):
            ask_once(engine.port, asking)
            if time.monotonic() > deadline:
                break


def in_turn(
    options: argparse.Namespace,
    processes: ProcessPoolExecutor,
    question: Question,
    clients: int,
    slots: Mapping[str, tuple[Engine, int]],
    first: Mapping[str, tuple[float, int | None]],
) -> dict[str, list[Turn]]:
    """Every server in turn, as often as there are rounds, each round beginning with another one."""
    turns: dict[str, list[Turn]] = {name: [] for name, (_, rows) in first.items() if rows is not None}
    names = [name for name in turns if first[name][0] < PATIENCE]
    for name in turns.keys() - set(names):
        turns[name] = [Turn(1 / first[name][0], float("nan"))]
    for number in range(options.rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            engine, pid = slots[name]
            before = processor_time(pid)
            shares = [clients - clients // 2, clients // 2] if clients > 1 else [1]
            parts = [(engine.port, question.of(name, engine), share, options.slice, name == NEW) for share in shares]
            found = list(processes.map(slice_of, *zip(*parts, strict=True)))
            done, rate = sum(one for one, _ in found), sum(rate for _, rate in found)
            turns[name].append(Turn(rate, (processor_time(pid) - before) * 1000 / done))
    return turns


def slice_of(port: int, asking: Sequence[Asking], clients: int, seconds: float, new: bool) -> tuple[int, float]:
    """Ask for one slice by so many clients; the answers and answers a second. Raises RuntimeError if one is refused."""
    with ThreadPoolExecutor(clients) as threads:
        found = list(threads.map(lambda _: client(port, asking, seconds, new), range(clients)))
    return sum(done for done, _ in found), sum(done / spent for done, spent in found)


def client(port: int, asking: Sequence[Asking], seconds: float, new: bool) -> tuple[int, float]:
    """Ask over one connection until the slice is over; the answers, and the seconds up to the last one."""
    chance = random.Random()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIME_OUT)
    begun, done, spent = time.perf_counter(), 0, 0.0
    while spent < seconds:
        path, body = chance.choice(asking)
        if new:
            number = chance.randint(10**6, 10**12)
            path = path.replace("limit=0", f"limit={number}")
            body = body and f"{body}%0A%23{number}"  # a comment on a line of its own
        answer(connection, (path, body), chance)
        done, spent = done + 1, time.perf_counter() - begun
    connection.close()
    return done, spent


def ask_once(port: int, asking: Asking) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIME_OUT)
    try:
        return answer(connection, asking, random.Random())
    finally:
        connection.close()


def answer(connection: http.client.HTTPConnection, asking: Asking, chance: random.Random) -> bytes:
    """One answer. The address of the client is another one each time: its fair share is not what is measured."""
    path, body = asking
    headers = {"Accept": ACCEPT, "X-Forwarded-For": f"192.0.2.{chance.randint(1, 254)}:{chance.randint(1, 65535)}"}
    if body:
        headers["Content-Type"] = CONTENT_TYPE
    connection.request("POST" if body else "GET", path, body or None, headers)
    response = connection.getresponse()
    content = response.read()
    if response.status != 200:
        raise RuntimeError(f"{response.status} {path}: {content[:200]!r}")
    return content


def processor_time(root: int) -> float:
    """Seconds of user and system time of a process and all below it, with those of its children that have ended."""
    children: dict[int, list[int]] = {}
    ticks: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        pid = int(entry.parent.name)
        children.setdefault(int(fields[1]), []).append(pid)
        ticks[pid] = sum(map(int, fields[11:15]))
    waiting, total = [root], 0
    while waiting:
        pid = waiting.pop()
        total += ticks.get(pid, 0)
        waiting += children.get(pid, ())
    return total / TICK


def print_cell(question: str, clients: int, turns: Mapping[str, Sequence[Turn]]) -> None:
    """One line for each server."""
    print(f"{question}, {clients} client{'s' if clients > 1 else ''}")
    for name, found in turns.items():
        rates = [turn.rate for turn in found]
        cpu = statistics.median(turn.cpu for turn in found)
        once = "  (one answer only, it took too long)" if cpu != cpu else f"  {cpu:8.2f} ms"
        print(f"  {name:16} {median(found):9.1f} a second  ({min(rates):.1f} to {max(rates):.1f}){once}", flush=True)


def median(turns: Iterable[Turn]) -> float:
    return statistics.median(turn.rate for turn in turns)


def print_means(cells: Sequence[Mapping[str, object]], clients: Sequence[int]) -> None:
    """How many times the answers a second of each other server ours gives: geometric means over the questions."""
    for what, of_catalogue, ours in (
        ("strangers' queries", False, "Trivium"),
        ("strangers' queries, new", False, NEW),
        ("the catalogue's questions", True, "Trivium"),
        ("the catalogue's questions, new", True, NEW),
    ):
        chosen = [one for one in cells if str(one["question"]).startswith("/") == of_catalogue]
        for number in (*clients, None):
            some = [one["turns"] for one in chosen if number in (None, one["clients"])]
            ratios = means([one for one in some if isinstance(one, dict)], ours)
            shown = ", ".join(f"{name} {ratio:.2f} ({count})" for name, (ratio, count) in ratios.items())
            print(f"Trivium beside others, {what}, {number or 'all'} clients: {shown or 'not measured'}")
    every = [one["turns"] for one in cells if isinstance(one["turns"], dict)]
    noise = [median(one[NOISE]) / median(one["Oxigraph"]) for one in every if NOISE in one]
    if noise:
        mean = statistics.geometric_mean(noise)
        print(f"Noise: Oxigraph beside itself {mean:.2f} over all cells, a cell {min(noise):.2f} to {max(noise):.2f}")


def means(some: Sequence[Mapping[str, Sequence[Turn]]], ours: str) -> dict[str, tuple[float, int]]:
    """The geometric mean of ours divided by each other's, and of how many cells it is."""
    ratios: dict[str, list[float]] = {}
    for turns in some:
        for name in turns:
            if ours in turns and name not in ("Trivium", NEW, NOISE):
                ratios.setdefault(name, []).append(median(turns[ours]) / median(turns[name]))
    return {name: (statistics.geometric_mean(found), len(found)) for name, found in ratios.items()}


if __name__ == "__main__":
    main()
