"""What is found in files: they are read, validated, and what is told of them is explained and kept short."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

from pyoxigraph import NamedNode, Quad, Triple

from graph.context import Context
from graph.contribution import examine_table, in_order
from graph.correction import Corrector
from graph.examination import Limits, Record
from graph.impact import Reckoning
from graph.jsonld import depth
from graph.namespaces import RDF
from graph.parsing import Submission, parsed
from graph.preview import impact_of
from graph.progress import Progress, silently
from graph.query_frames import Header
from graph.report import Finding, Place, Severity
from graph.schema import Kind, Schema
from graph.shacl_report import shacl_report
from graph.store import Dataset
from graph.tabular import Table
from graph.vocabulary import vocabulary

JSON: Final = (".jsonld", ".json")
LONGEST: Final = 2_000  # characters of a text of the submission that are told
REHEARSAL: Final = b"id,label_en,mode\nan-offering,An offering,none\n"


@dataclass(frozen=True)
class Tools:
    """What every examination needs and none changes, so it can be made ready before there is anything to examine."""

    schema: Schema
    corrector: Corrector
    words: list[Quad]

    @classmethod
    def ready(cls) -> Self:
        """The tools, tried once: what is read when it is first used has been read then."""
        schema = Schema.load()
        tools = cls(schema, Corrector(schema), vocabulary())
        examined([Submission("offering.csv", REHEARSAL)], None, Limits(), None, tools, silently)
        return tools


def examined(
    submissions: list[Submission],
    release: str | None,
    limits: Limits,
    reckoning: Reckoning | None,
    tools: Tools,
    progress: Progress,
) -> tuple[Header, bytes]:
    """The header of the answer about files, and the report of SHACL on them in Turtle."""
    schema = tools.schema
    known = Dataset.open(Path(release)) if release else None
    context = Context([Dataset.in_memory(tools.words), *([known] if known else [])])
    found, records, unreadable, room = list[tuple[Submission, Finding]](), list[Record](), False, limits.triples
    stated = list[Triple]()
    for submission in in_order(submissions, schema):
        table = _read(submission, schema, limits.depth, room)
        room -= len(table.triples)
        unreadable |= _nothing_read(table)
        report = examine_table(submission, table, schema, context, progress).report
        stated += table.triples
        context = context.with_triples(table.triples)
        found += [(submission, one) for one in report.findings]
        records += _records(table, schema, submission.name)
    impact = None
    if known and reckoning and not unreadable:
        impact = impact_of(stated, [one for _, one in found], known, tools.words, schema, reckoning)
    found.sort(key=lambda one: one[1].severity is Severity.WARNING)
    told = [_told(one, submission, tools) for submission, one in found[: limits.findings]]
    header = {
        "findings": [asdict(one) for one in told],
        "records": [asdict(one) for one in records[: limits.findings]],
        "unreadable": unreadable,
        "left_out": len(found) - len(told),
        "impact": asdict(impact) if impact else None,
    }
    return header, shacl_report(told)


def _told(finding: Finding, submission: Submission, tools: Tools) -> Finding:
    """The finding, explained and no longer than anybody reads."""
    about = submission.kind_in(tools.schema)
    return _clipped(tools.corrector.completed(finding, submission.suffix, about))


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
