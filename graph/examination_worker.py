"""The process that examines strangers' files: one frame in, one out after those of its progress, and it ends.

It is started and asked by `graph/examination.py`, and makes ready what it can before it is asked.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

from pyoxigraph import NamedNode, Triple

from graph.confinement import confine
from graph.context import Context
from graph.contribution import examine_table, in_order
from graph.correction import Corrector
from graph.examination import Limits, Record
from graph.jsonld import depth
from graph.namespaces import RDF
from graph.parsing import Submission, parsed
from graph.progress import Progress, silently
from graph.query_frames import Header, pack, received
from graph.report import Finding, Place, Severity
from graph.schema import Kind, Schema
from graph.shacl_report import shacl_report
from graph.store import Dataset
from graph.tabular import Table
from graph.vocabulary import vocabulary

STACK: Final = 256 << 20  # bytes of address space for a parser that recurses
JSON: Final = (".jsonld", ".json")
LONGEST: Final = 2_000  # characters of a text of the submission that are told
PAUSE: Final = 0.25  # seconds between two words about progress
REHEARSAL: Final = b"id,label_en,mode\nan-offering,An offering,none\n"
GRACE: Final = 1.0  # seconds that the parent has to kill this process before it kills itself


@dataclass(frozen=True)
class Tools:
    """What every examination needs and none changes, so it can be made ready before there is anything to examine."""

    schema: Schema
    corrector: Corrector
    words: Dataset

    @classmethod
    def ready(cls) -> Self:
        """The tools, tried once: what is read when it is first used has been read then."""
        schema = Schema.load()
        tools = cls(schema, Corrector(schema), Dataset.in_memory(vocabulary()))
        _examined([Submission("offering.csv", REHEARSAL)], None, Limits(), tools, silently)
        return tools


def main() -> None:
    """Get ready, confine this process, wait for one frame, examine its files, and answer with one frame."""
    settings = json.loads(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    tools = Tools.ready()
    confine(settings["memory"], settings["parent"])
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nothing else that prints can break the frame
    os.set_blocking(2, False)  # nor hold this up when nobody reads it
    threading.stack_size(STACK)
    failures = list[BaseException]()
    worker = threading.Thread(target=_serve, args=(answers, tools, failures))
    worker.start()
    worker.join()
    if failures:
        raise failures[0]


def _serve(answers: BinaryIO, tools: Tools, failures: list[BaseException]) -> None:
    try:
        if (frame := received(sys.stdin.buffer)) is None:
            return
        header, body = frame
        limits = Limits(**header["limits"])
        signal.setitimer(signal.ITIMER_REAL, limits.seconds + GRACE)
        answer = pack(*_examined(_submissions(header, body), header["release"], limits, tools, _told(answers)))
    except MemoryError:
        answer = pack({"error": "Reading the files took more memory than it may: send them in parts."})
    except BaseException as error:  # handed to the main thread, which ends with it
        failures.append(error)
        return
    _send(answers, answer)


def _send(answers: BinaryIO, frame: tuple[bytes, bytes]) -> None:
    answers.writelines(frame)
    answers.flush()


def _told(answers: BinaryIO) -> Progress:
    """Progress in frames of its own, a few a second."""
    last = time.monotonic()

    def tell(step: str, done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= PAUSE:
            _send(answers, pack({"progress": [step, done, total]}))
            last = time.monotonic()

    return tell


def _submissions(header: Header, body: bytes) -> list[Submission]:
    found, start = [], 0
    for file in header["files"]:
        found.append(Submission(file["name"], body[start : start + file["size"]], file["kind"]))
        start += file["size"]
    return found


def _examined(
    submissions: list[Submission], release: str | None, limits: Limits, tools: Tools, progress: Progress
) -> tuple[Header, bytes]:
    schema = tools.schema
    context = Context([tools.words, *([Dataset.open(Path(release))] if release else [])])
    findings, records, unreadable, room = list[tuple[Submission, Finding]](), list[Record](), False, limits.triples
    for submission in in_order(submissions, schema):
        table = _read(submission, schema, limits.depth, room)
        room -= len(table.triples)
        unreadable |= _nothing_read(table)
        examined = examine_table(submission, table, schema, context, progress)
        context = context.with_triples(table.triples)
        findings += [(submission, one) for one in examined.report.findings]
        records += _records(table, schema, submission.name)
    findings.sort(key=lambda one: one[1].severity is Severity.WARNING)
    told = [
        _clipped(tools.corrector.completed(one, submission.suffix, submission.kind_in(schema)))
        for submission, one in findings[: limits.findings]
    ]
    header = {
        "findings": [asdict(one) for one in told],
        "records": [asdict(one) for one in records[: limits.findings]],
        "unreadable": unreadable,
        "left_out": len(findings) - len(told),
    }
    return header, shacl_report(told)


def _read(submission: Submission, schema: Schema, deepest: int, room: int) -> Table:
    """What the file states, if it keeps the limits."""
    if submission.suffix in JSON and depth(submission.body) > deepest:
        return _refused(submission, f"This is nested more than {deepest} deep: write it flatter.")
    table = parsed(submission, schema)
    if len(table.triples) > room:
        return _refused(submission, f"These are {len(table.triples):,} statements where {room:,} may be: send parts.")
    return table


def _clipped(finding: Finding) -> Finding:
    """The finding without what nobody can read: a value may be as long as the file."""
    place = replace(finding.place, **_cut(vars(finding.place)))
    cut = _cut({name: text for name, text in vars(finding).items() if name != "term"})
    long = finding.term is not None and len(finding.term) > LONGEST
    return replace(finding, place=place, term=None if long else finding.term, **cut)


def _cut(texts: Mapping[str, object]) -> dict[str, Any]:
    long = {name: text for name, text in texts.items() if isinstance(text, str) and len(text) > LONGEST}
    return {name: text[:LONGEST] + "…" for name, text in long.items()}


def _refused(submission: Submission, message: str, value: str | None = None) -> Table:
    return Table(findings=[Finding(Severity.VIOLATION, message, Place(submission.name), value)])


def _nothing_read(table: Table) -> bool:
    """Whether not even a faulty cell was found: the file is not what its name says, or past a limit."""
    return not table.triples and not any(finding.place.column for finding in table.findings)


def _records(table: Table, schema: Schema, file: str) -> Iterator[Record]:
    stated: dict[NamedNode, set[NamedNode]] = {}
    kinds: dict[NamedNode, Kind] = {}
    for triple in table.triples:
        if isinstance(triple.subject, NamedNode):
            stated.setdefault(triple.subject, set()).add(triple.predicate)
            if kind := _kind(triple, schema):
                kinds[triple.subject] = kind
    for subject, kind in kinds.items():
        recommended = [column for column in kind.columns if column.recommended]
        missing = tuple(column.name for column in recommended if column.path not in stated[subject])
        share = 1 - len(missing) / len(recommended) if recommended else 1.0
        place = table.places.get((subject, None), Place(file))
        yield Record(subject.value[:LONGEST], kind.name, round(share, 4), missing, file, place.row, place.part)


def _kind(triple: Triple, schema: Schema) -> Kind | None:
    typed = triple.predicate == RDF.type and isinstance(triple.object, NamedNode)
    return schema.of_class(triple.object) if typed and isinstance(triple.object, NamedNode) else None
