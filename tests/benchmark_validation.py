"""Measure, do not test: what it takes to validate offerings, beside plain pySHACL on the same data and shapes.

    python tests/benchmark_validation.py          compares up to 1,000 offerings (`make bench`)
    python tests/benchmark_validation.py 10000    compares up to 10,000: plain pySHACL takes a quarter of an hour

The offerings are those of the starter graph under other ids, a quarter of them with faults. The two take turns, each
time in a process of its own; figures are medians. The findings must be the same, or this ends with an error.
"""

import csv
import io
import logging
import multiprocessing
import statistics
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, Triple
from pyshacl import validate as plain_validate
from rdflib import Graph
from rdflib.namespace import SH

from graph.context import Context
from graph.data_graph import node, subject
from graph.examination import Wanted, examine_apart
from graph.examiners import Examiners
from graph.parsing import Submission
from graph.publication import Publisher
from graph.releases import Release, Releases
from graph.resources import STARTER
from graph.schema import Schema
from graph.starter import load_starter
from graph.store import Dataset
from graph.tabular import read
from graph.validation import ready, shapes_graph, validate
from graph.vocabulary import vocabulary

ROUNDS = {1: 7, 100: 5, 1_000: 3, 10_000: 1}
MOST = 1_000  # offerings that plain pySHACL is given unless more are asked for
FAULTS = {"mode": "hybird", "provider": "", "label_en": " Untidy", "page_date": "2027-02-30", "language": "english"}
Findings = Counter[tuple[str, ...]]


@dataclass(frozen=True)
class Measured:
    """Seconds, the peak of memory in bytes, the statements that were validated, and what was found."""

    seconds: float
    memory: int
    statements: int
    findings: Findings


Measure = Callable[[bytes, Path], Measured]


def main() -> None:
    """Publish the starter graph below a temporary folder, and print what each size takes."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else MOST
    with tempfile.TemporaryDirectory() as folder:
        store = published(Path(folder)).path / "store"
        for size, rounds in ROUNDS.items():
            body = offerings(size)
            sides: list[Measure] = [ours, plain] if size <= most else [ours]
            turns = [[apart(side, body, store) for side in sides] for _ in range(rounds)]
            found = {frozenset(one.findings.items()) for turn in turns for one in turn}
            if len(found) != 1:
                raise SystemExit(f"{size:,} offerings: the findings differ")
            first = turns[0][0]
            print(f"{size:,} offerings, {first.statements:,} statements, {sum(first.findings.values()):,} results")
            for name, measured in zip(("Trivium", "pySHACL"), zip(*turns, strict=True), strict=False):
                show(
                    f"  {name}, validation alone",
                    [one.seconds for one in measured],
                    max(one.memory for one in measured),
                )
            examinations(body, store, rounds)


def published(data: Path) -> Release:
    with Publisher.open(data) as publisher:
        load_starter(publisher, date(2026, 11, 23))
    newest = Releases(data).newest()
    assert newest is not None
    return newest


def offerings(size: int) -> bytes:
    """A spreadsheet of offerings; every fourth has a fault, one after another of `FAULTS`."""
    rows = list(csv.DictReader(io.StringIO((STARTER / "offering.csv").read_text(encoding="utf-8"))))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    faults = list(FAULTS.items())
    for number in range(size):
        fault = dict([faults[number // 4 % len(faults)]]) if number % 4 == 3 else {}
        writer.writerow(rows[number % len(rows)] | {"id": f"an-offering-{number}"} | fault)
    return out.getvalue().encode()


def apart(measure: Measure, body: bytes, store: Path) -> Measured:
    """One measurement in a new process, so that its memory is its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(measure, body, store).result()


def ours(body: bytes, store: Path) -> Measured:
    submission, context = statements(body, store)
    ready()
    begun = time.perf_counter()
    results = validate(submission, context)
    seconds = time.perf_counter() - begun
    found: Findings = Counter(
        (one.focus, str(one.path), one.component, one.shape, str(SH[one.severity.capitalize()]), str(one.value))
        for one in results
    )
    return Measured(seconds, peak(), len(submission) + len(context), found)


def plain(body: bytes, store: Path) -> Measured:
    """pySHACL straight, on a graph of rdflib that is made before the clock starts."""
    warnings.simplefilter("ignore")
    logging.disable()
    submission, context = statements(body, store)
    data, shapes = Graph(), shapes_graph()
    for triple in (*submission, *context):
        data.add((subject(triple), node(triple.predicate), node(triple.object)))
    begun = time.perf_counter()
    _, report, _ = plain_validate(data, shacl_graph=shapes, advanced=False)
    seconds = time.perf_counter() - begun
    assert isinstance(report, Graph)
    own = {one.subject.value for one in submission if isinstance(one.subject, NamedNode)}
    parts = (SH.focusNode, SH.resultPath, SH.sourceConstraintComponent, SH.sourceShape, SH.resultSeverity, SH.value)
    found = Counter(tuple(str(report.value(one, part)) for part in parts) for one in report.objects(None, SH.result))
    kept = Counter({result: count for result, count in found.items() if result[0] in own})
    return Measured(seconds, peak(), len(submission) + len(context), kept)


def statements(body: bytes, store: Path) -> tuple[list[Triple], list[Triple]]:
    """What the spreadsheet says, and what is known of that which it refers to."""
    submission = read(Schema.load().kinds["offering"], body, "offering.csv").triples
    known = Context([Dataset.in_memory(vocabulary()), Dataset.open(store)])
    return submission, known.for_submission(submission)


def examinations(body: bytes, store: Path, rounds: int) -> None:
    """From the bytes of the file to the report, in a process that is started for it and in one that was ready."""
    files = [Submission("offering.csv", body)]
    cold, warm = [], []
    with Examiners() as examiners:
        examiners.examine(files, Wanted(store))
        for _ in range(rounds):
            while not examiners.ready():
                time.sleep(0.01)
            time.sleep(3)  # for it to get ready
            warm.append(timed(lambda: examiners.examine(files, Wanted(store))))
    for _ in range(rounds):
        cold.append(timed(lambda: examine_apart(files, Wanted(store))))
    show("  examination, process started for it", cold)
    show("  examination, process was ready", warm)


def timed(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def show(name: str, seconds: Sequence[float], memory: int | None = None) -> None:
    spread = f"({min(seconds):.3f} to {max(seconds):.3f})"
    used = f", {memory >> 20} MB at the most" if memory else ""
    print(f"{name:40} {statistics.median(seconds):9.3f} s   {spread}{used}")


def peak() -> int:
    """Bytes of memory that this process has had at once (Linux); what `getrusage` tells begins with its parent's."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    (kilobytes,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) * 1024


if __name__ == "__main__":
    main()
