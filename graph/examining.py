"""What is found in files: they are read, validated, and what is told of them is explained and kept short."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Self

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, serialize

from graph.context import Context
from graph.contribution import examine_table, in_order
from graph.correction import Corrector
from graph.examination import Limits, Record, Wanted
from graph.jsonld import depth
from graph.namespaces import RDF
from graph.parsing import Submission, parsed
from graph.preview import impact_of
from graph.progress import Progress, silently
from graph.query_frames import Header
from graph.report import Finding, Place, Report, Severity
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
        examined([Submission("offering.csv", REHEARSAL)], Wanted(), Limits(), tools, silently)
        return tools


def examined(
    submissions: list[Submission], wanted: Wanted, limits: Limits, tools: Tools, progress: Progress
) -> tuple[Header, bytes]:
    """The header of the answer about files, and its body: the report of SHACL in Turtle, then their statements."""
    schema = tools.schema
    known = Dataset.open(wanted.release) if wanted.release else None
    context = Context([Dataset.in_memory(tools.words), *([] if known is None else [known])])
    found, records, unreadable, room = list[tuple[Submission, Finding]](), list[Record](), False, limits.triples
    stated = list[Triple]()
    for submission in in_order(submissions, schema):
        table = _read(submission, schema, limits.depth, room)
        room -= len(table.triples)
        unreadable |= _nothing_read(table)
        report = Report(table.findings)
        if wanted.validate:
            report = examine_table(submission, table, schema, context, progress).report
        stated += table.triples
        context = context.with_triples(table.triples)
        found += [(submission, one) for one in report.findings]
        records += _records(table, schema, submission.name)
    impact = None
    if known is not None and wanted.reckoning and not unreadable:
        impact = impact_of(stated, [one for _, one in found], known, tools.words, schema, wanted.reckoning)
    found.sort(key=lambda one: one[1].severity is Severity.WARNING)
    told = [_told(one, submission, tools) for submission, one in found[: limits.findings]]
    header = {
        "findings": [asdict(one) for one in told],
        "records": [asdict(one) for one in records[: limits.findings]],
        "unreadable": unreadable,
        "left_out": len(found) - len(told),
        "contents": _contents(records),
        "impact": asdict(impact) if impact else None,
    }
    shacl = shacl_report(told)
    return header | {"shacl": len(shacl)}, shacl + _first(stated, wanted.statements)


def _contents(records: list[Record]) -> dict[str, dict[str, int]]:
    """How many entities of each kind there are in each file."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for one in records:
        found[one.file][one.kind] += 1
    return {file: dict(counted) for file, counted in found.items()}


def _first(stated: list[Triple], most: int) -> bytes:
    """The statements in N-Triples, by entity; where they are too many, those of the first entities, each in full."""
    whole = sorted(stated, key=lambda one: str(one.subject))
    if len(whole) > most:
        whole = [one for one in whole[:most] if one.subject != whole[most].subject]
    return serialize(whole, format=RdfFormat.N_TRIPLES) or b""


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
