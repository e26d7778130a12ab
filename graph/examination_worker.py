"""The process that examines strangers' files: one frame in, one frame out, and it ends (`graph/examination.py`)."""

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, Final

from pyoxigraph import NamedNode, Triple

from graph.confinement import confine
from graph.context import Context
from graph.contribution import examine_table, in_order
from graph.correction import Corrector
from graph.examination import Limits, Record
from graph.impact import Reckoning
from graph.jsonld import depth
from graph.namespaces import RDF
from graph.parsing import Submission, parsed
from graph.preview import impact_of
from graph.query_frames import Header, pack, unpack
from graph.report import Finding, Place, Severity
from graph.schema import Kind, Schema
from graph.shacl_report import shacl_report
from graph.store import Dataset
from graph.tabular import Table
from graph.validation import shapes_graph
from graph.vocabulary import vocabulary

STACK: Final = 256 << 20  # bytes of address space for a parser that recurses
JSON: Final = (".jsonld", ".json")
LONGEST: Final = 2_000  # characters of a text of the submission that are told
GRACE: Final = 1.0  # seconds that the parent has to kill this process before it kills itself


def main() -> None:
    """Confine this process, examine the files of one frame, answer with one frame."""
    settings = json.loads(sys.argv[2])
    parent, release = settings.pop("parent"), settings.pop("release")
    limits = Limits(**settings)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    signal.setitimer(signal.ITIMER_REAL, limits.seconds + GRACE)
    shapes_graph()
    confine(limits.memory, parent)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nothing else that prints can break the frame
    threading.stack_size(STACK)
    failures = list[BaseException]()
    worker = threading.Thread(target=_serve, args=(answers, release, limits, failures))
    worker.start()
    worker.join()
    if failures:
        raise failures[0]


def _serve(answers: BinaryIO, release: str | None, limits: Limits, failures: list[BaseException]) -> None:
    try:
        header, body = unpack(sys.stdin.buffer.read)
        answer = pack(*_examined(_submissions(header, body), release, limits, _reckoning(header)))
    except MemoryError:
        answer = pack({"error": "Reading the files took more memory than it may: send them in parts."})
    except BaseException as error:  # handed to the main thread, which ends with it
        failures.append(error)
        return
    answers.writelines(answer)
    answers.flush()


def _submissions(header: Header, body: bytes) -> list[Submission]:
    found, start = [], 0
    for file in header["files"]:
        found.append(Submission(file["name"], body[start : start + file["size"]], file["kind"]))
        start += file["size"]
    return found


def _reckoning(header: Header) -> Reckoning | None:
    stated = header["reckoning"]
    return Reckoning(**stated | {"as_of": date.fromisoformat(stated["as_of"])}) if stated else None


def _examined(
    submissions: list[Submission], release: str | None, limits: Limits, reckoning: Reckoning | None
) -> tuple[Header, bytes]:
    schema, words = Schema.load(), vocabulary()
    corrector = Corrector(schema)
    known = Dataset.open(Path(release)) if release else None
    context = Context([Dataset.in_memory(words), *([known] if known else [])])
    findings, records, unreadable, room = list[Finding](), list[Record](), False, limits.triples
    stated = list[Triple]()
    for submission in in_order(submissions, schema):
        table = _read(submission, schema, limits.depth, room)
        room -= len(table.triples)
        unreadable |= _nothing_read(table)
        about = submission.kind_in(schema)
        examined = examine_table(submission, table, schema, context)
        stated += table.triples
        context = context.with_triples(table.triples)
        findings += [corrector.completed(one, submission.suffix, about) for one in examined.report.findings]
        records += _records(table, schema, submission.name)
    impact = None
    if known and reckoning and not unreadable:
        impact = impact_of(stated, findings, known, words, schema, reckoning)
    findings.sort(key=lambda one: one.severity is Severity.WARNING)
    told = [_clipped(one) for one in findings[: limits.findings]]
    header = {
        "findings": [asdict(one) for one in told],
        "records": [asdict(one) for one in records[: limits.findings]],
        "unreadable": unreadable,
        "left_out": len(findings) - len(told),
        "impact": asdict(impact) if impact else None,
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
