"""The one way in, up to the journal: a submission is parsed, checked and reported on.

Findings of the spreadsheet reader and of SHACL come out alike: what is wrong, where, and the nearest valid value.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from graph.context import Context
from graph.errors import nearest
from graph.namespaces import RDF, kind_and_slug
from graph.parsing import Submission, parsed
from graph.progress import Progress, silently
from graph.report import Finding, Place, Report, Severity
from graph.schema import Schema
from graph.serialisation import NOT_XML
from graph.tabular import Table
from graph.validation import Result, validate


@dataclass(frozen=True)
class Examined:
    """A submission that has been looked at: its statements, and the report on them."""

    submission: Submission
    triples: list[Triple]
    report: Report


def examine(submission: Submission, schema: Schema, context: Context) -> Examined:
    """Read a submission and validate it against the shapes; nothing is kept or changed."""
    return examine_table(submission, parsed(submission, schema), schema, context)


def examine_table(
    submission: Submission, table: Table, schema: Schema, context: Context, progress: Progress = silently
) -> Examined:
    """Validate against the shapes what was read from a submission."""
    findings = list(table.findings)
    if table.triples:
        findings += _strangers(table, schema, submission.name)
        findings += _unnamed(table, submission.name)
        checked = list(_validated(table, context, submission.name, progress))
        findings += [*checked, *_unwritable(table, checked, submission.name)]
    elif not findings:
        findings.append(Finding(Severity.VIOLATION, "There is nothing in this file.", Place(submission.name)))
    return Examined(submission, table.triples, Report(findings))


def in_order(submissions: list[Submission], schema: Schema) -> list[Submission]:
    """The submissions so that each comes after those whose kinds it refers to; RDF files come last."""
    ranks = {kind.name: rank for rank, kind in enumerate(schema.in_order)}

    def rank(submission: Submission) -> int:
        kind = submission.kind_in(schema) if submission.suffix == ".csv" else None
        return ranks[kind.name] if kind else len(ranks)

    return sorted(submissions, key=rank)


def _strangers(table: Table, schema: Schema, file: str) -> Iterator[Finding]:
    """Subjects that are not an entity of a kind that may be contributed."""
    typed = {
        triple.subject: schema.of_class(triple.object)
        for triple in table.triples
        if triple.predicate == RDF.type and isinstance(triple.object, NamedNode)
    }
    for subject in dict.fromkeys(triple.subject for triple in table.triples):
        kind = typed.get(subject)
        place = Place(file, subject=_name(subject))
        if kind is None:
            classes = ", ".join(f"trv:{kind.target.value.rpartition('#')[2]}" for kind in schema.kinds.values())
            yield Finding(Severity.VIOLATION, f"Say what this is: give it one of the types {classes}.", place)
        elif not isinstance(subject, NamedNode) or (kind_and_slug(subject) or ("",))[0] != kind.name:
            message = f"{kind.label}: its identifier must be https://w3id.org/trivium/id/{kind.name}/ and a slug."
            yield Finding(Severity.VIOLATION, message, place)


def _unnamed(table: Table, file: str) -> Iterator[Finding]:
    """Values that are blank nodes: nobody could refer to them, or take them back."""
    for triple in table.triples:
        if isinstance(triple.object, BlankNode):
            place = Place(file, subject=_name(triple.subject), path=triple.predicate.value)
            yield Finding(Severity.VIOLATION, "This value has no identifier: give it one, or leave it out.", place)


def _unwritable(table: Table, checked: list[Finding], file: str) -> Iterator[Finding]:
    """Texts that RDF/XML, OAI-PMH and feeds could not carry, where no shape has found that already."""
    known = {(one.place.subject, one.place.path) for one in checked}
    for triple in table.triples:
        place = Place(file, subject=_name(triple.subject), path=triple.predicate.value)
        if isinstance(triple.object, Literal) and (place.subject, place.path) not in known:
            for character in NOT_XML.findall(triple.object.value)[:1]:
                message = f"This text has the character U+{ord(character):04X}, which XML cannot carry: remove it."
                yield Finding(Severity.VIOLATION, message, place, triple.object.value)


def _validated(table: Table, context: Context, file: str, progress: Progress) -> Iterator[Finding]:
    known: dict[str, list[str]] = {}
    for result in validate(table.triples, context.for_submission(table.triples), progress=progress):
        yield _finding(result, table, context, known, file)


def _finding(result: Result, table: Table, context: Context, known: dict[str, list[str]], file: str) -> Finding:
    named = kind_and_slug(result.value) if result.value else None
    suggestion = None
    if named and (replacement := context.current(NamedNode(result.value or ""))):
        suggestion = replacement.value.rpartition("/")[2]
    elif named and not context.knows(NamedNode(result.value or "")):
        if named[0] not in known:
            known[named[0]] = context.slugs(named[0])
        suggestion = nearest(named[1], known[named[0]])
    return Finding(
        severity=result.severity,
        message=result.message,
        place=_place(result, table, file),
        value=named[1] if named else result.value,
        suggestion=suggestion,
        shape=result.shape,
        component=result.component,
        why=result.why,
        term=result.term,
    )


def _place(result: Result, table: Table, file: str) -> Place:
    focus = NamedNode(result.focus) if kind_and_slug(result.focus) else None
    if focus and (focus, None) in table.places:
        path = NamedNode(result.path) if result.path else None
        found = table.places.get((focus, path), table.places[focus, None])
        return replace(found, subject=result.focus, path=result.path)
    return Place(file, subject=result.focus, path=result.path)


def _name(subject: object) -> str:
    return subject.value if isinstance(subject, NamedNode) else str(subject)
