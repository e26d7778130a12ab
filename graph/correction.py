"""What a finding needs to be acted on: why the rule is there, and a right value in the submission's own format.

Examples are values of shapes/examples/<kind>/valid/, or the nearest valid value where a slip was found.
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from graph.namespaces import PREFIXES, RDF, XSD, entity, kind_and_slug
from graph.report import Finding, Place
from graph.resources import SHAPES
from graph.schema import Column, Kind, Schema
from graph.store import Term
from graph.tabular import write

LINES = (".nt", ".nq")
XML = (".rdf", ".xml")
ROWS = ".json"
JSON_LD = ".jsonld"
TURTLE = (".ttl", ".trig")


class Corrector:
    """Completes findings; reads the examples of a kind when one of its findings comes up."""

    def __init__(self, schema: Schema, examples: Path = SHAPES / "examples") -> None:
        self._schema, self._folder = schema, examples
        self._examples: dict[str, list[Triple]] = {}

    def completed(self, finding: Finding, suffix: str, rows_about: Kind | None) -> Finding:
        """The finding with why it matters and an example, as far as these are known."""
        kind = _kind(finding, self._schema) or self._schema.kinds.get(finding.place.part or "") or rows_about
        column = _column(finding, kind) if kind else None
        why = finding.why or (column.description if column else None) or (kind.description if kind else None)
        example = self._example(finding, kind, column, suffix) if kind else None
        return replace(finding, why=why, example=example, place=_named(finding.place, column))

    def _example(self, finding: Finding, kind: Kind, column: Column | None, suffix: str) -> str | None:
        subject = NamedNode(finding.place.subject or "") if _kind(finding, self._schema) else self._entity(kind)
        if finding.place.column == "id":
            return _cell("id", finding.suggestion or (kind_and_slug(subject) or ("", ""))[1], suffix)
        if column is None:
            return finding.suggestion if finding.place.column else None  # the name of a column
        term = self._term(finding, kind, column)
        if term is None:
            return None
        return _written(subject, kind, column, term, suffix, finding.place.column)

    def _term(self, finding: Finding, kind: Kind, column: Column) -> Term | None:
        named = kind_and_slug((finding.term or "").strip("<>"))
        if finding.suggestion and named:
            return entity(named[0], finding.suggestion)
        terms = self._values(kind, column)
        if not column.language_tagged or not finding.place.column:
            return terms[0] if terms else None
        language = finding.place.column.removeprefix(column.name + "_")
        tagged = [one for one in terms if isinstance(one, Literal) and one.language == language]
        return next(iter(tagged or terms), None)

    def _values(self, kind: Kind, column: Column) -> list[Term]:
        """Right values of a property: of this kind, else of the first other kind that has it."""
        for one in (kind, *self._schema.kinds.values()):
            found = [triple.object for triple in self._statements(one) if triple.predicate == column.path]
            if found:
                return found
        return []

    def _entity(self, kind: Kind) -> NamedNode:
        subjects = (one.subject for one in self._statements(kind) if one.object == kind.target)
        return next((one for one in subjects if isinstance(one, NamedNode)), entity(kind.name, "an-example"))

    def _statements(self, kind: Kind) -> list[Triple]:
        if kind.name not in self._examples:
            self._examples[kind.name] = list(_read(self._folder / kind.name / "valid"))
        return self._examples[kind.name]


def _read(folder: Path) -> Iterator[Triple]:
    """Every statement of the valid examples, those of the full one first."""
    for path in sorted(folder.glob("*.ttl"), key=lambda one: (one.stem != "full", one.stem)):
        yield from (quad.triple for quad in parse(path=str(path), format=RdfFormat.TURTLE))


def _kind(finding: Finding, schema: Schema) -> Kind | None:
    found = kind_and_slug(finding.place.subject or "")
    return schema.kinds.get(found[0]) if found else None


def _column(finding: Finding, kind: Kind) -> Column | None:
    if finding.place.path:
        return kind.column(NamedNode(finding.place.path))
    name = finding.place.column or ""
    named = [
        one for one in kind.columns if name == one.name or (one.language_tagged and name.startswith(one.name + "_"))
    ]
    return named[0] if named else None


def _named(place: Place, column: Column | None) -> Place:
    """The place with its column, where the file does not have that column yet."""
    if place.row is None or place.column or column is None:
        return place
    return replace(place, column=f"{column.name}_en" if column.language_tagged else column.name)


def _written(subject: NamedNode, kind: Kind, column: Column, term: Term, suffix: str, header: str | None) -> str:
    """One property with a right value: a line of Turtle, N-Triples, XML or JSON, or a column and its cell."""
    if suffix in TURTLE:
        return f"{_short(column.path)} {_turtle(term)} ;"
    if suffix in LINES:
        return f"{subject} {column.path} {term} ."
    if suffix == JSON_LD:
        return f'"{_short(column.path)}": {json.dumps(_json(term), ensure_ascii=False)}'
    if suffix in XML:
        return _xml(_short(column.path), term)
    statements = [Triple(subject, RDF.type, kind.target), Triple(subject, column.path, term)]
    cells = next(csv.DictReader(io.StringIO(write(kind, statements))))
    filled = {name: cell for name, cell in cells.items() if cell and name != "id"}
    name, cell = next(iter(filled.items()))
    return _cell(header or name, cell, suffix, column.many and not column.language_tagged)


def _cell(name: str, text: str, suffix: str, many: bool = False) -> str:
    """A column and its cell, or a member of a row in JSON."""
    if suffix != ROWS:
        return f"{name}: {text}"
    return f'"{name}": {json.dumps([text] if many else text, ensure_ascii=False)}'


def _short(iri: NamedNode) -> str:
    for prefix, start in PREFIXES.items():
        if iri.value.startswith(start) and "/" not in iri.value[len(start) :]:
            return f"{prefix}:{iri.value[len(start) :]}"
    return str(iri)


def _turtle(term: Term) -> str:
    if isinstance(term, Literal) and not term.language and term.datatype != XSD.string:
        return f"{Literal(term.value)}^^{_short(term.datatype)}"
    return str(term)


def _json(term: Term) -> dict[str, str]:
    if not isinstance(term, Literal):
        return {"@id": term.value if isinstance(term, NamedNode) else str(term)}
    if term.language:
        return {"@value": term.value, "@language": term.language}
    return {"@value": term.value} | ({} if term.datatype == XSD.string else {"@type": _short(term.datatype)})


def _xml(name: str, term: Term) -> str:
    if not isinstance(term, Literal):
        return f"<{name} rdf:resource={quoteattr(str(term).strip('<>'))}/>"
    marked = f" xml:lang={quoteattr(term.language)}" if term.language else ""
    if not marked and term.datatype != XSD.string:
        marked = f" rdf:datatype={quoteattr(term.datatype.value)}"
    return f"<{name}{marked}>{escape(term.value)}</{name}>"
