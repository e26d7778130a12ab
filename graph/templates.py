"""Templates of spreadsheets, made from the shapes: a header, a row of hints and an example.

Hints and example are comments: a template that is sent as it is says nothing.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from graph.namespaces import RDF, XSD, kind_and_slug
from graph.resources import SHAPES
from graph.schema import SEPARATOR, Column, Kind, Schema
from graph.tabular import COMMENT, ID_RULE, column_names, write

Choices = Mapping[NamedNode, list[str]]
"""For the shape of each column whose values come from a controlled list, the slugs that it may have."""

LINE = "\r\n"  # RFC 4180
BYTE_ORDER_MARK = "\ufeff"
TEXT_LIKE: Mapping[NamedNode, str] = {
    XSD.boolean: "true or false",
    XSD.date: "a day, as 2026-05-31",
    XSD.gYearMonth: "a month, as 2026-05",
    XSD.gYear: "a year, as 2026",
    XSD.decimal: "a number, without separators of thousands",
    XSD.integer: "a whole number",
}


def csv_template(kind: Kind, choices: Choices) -> str:
    """The template of a kind as CSV, with a byte order mark, by which spreadsheet programs know UTF-8."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=LINE).writerows(template_rows(kind, choices))
    return BYTE_ORDER_MARK + text.getvalue()


def template_rows(kind: Kind, choices: Choices) -> list[list[str]]:
    """The rows of a template: the header, and as comments the hints and the example."""
    header, filled = example(kind)
    said = hints(kind, choices)
    return [header, _commented([said[name] for name in header]), _commented(filled)]


def hints(kind: Kind, choices: Choices) -> dict[str, str]:
    """What to write in each column of a template, by its name."""
    said = {} if kind.key else {"id": f"Required. {ID_RULE} Choose a short one, and keep it for good."}
    for column in kind.columns:
        for name in column_names(kind):
            if name == column.name or (column.language_tagged and name.rpartition("_")[0] == column.name):
                said[name] = _hint(column, choices.get(column.shape, []))
    return said


def example(kind: Kind, folder: Path = SHAPES / "examples") -> tuple[list[str], list[str]]:
    """The header, and the row of the full example that is kept beside the shapes."""
    path = folder / kind.name / "valid" / "full.ttl"
    triples = [quad.triple for quad in parse(path=str(path), format=RdfFormat.TURTLE)]
    header, row, *_ = csv.reader(io.StringIO(write(kind, triples), newline=""))
    return header, row


def controlled(schema: Schema, statements: Iterable[Quad]) -> Choices:
    """What may be chosen from the controlled lists among the statements, in their order."""
    listed: dict[str, dict[str, set[object]]] = {}
    for quad in statements:
        named = kind_and_slug(quad.subject) if isinstance(quad.subject, NamedNode) else None
        if named and quad.predicate == RDF.type:
            listed.setdefault(named[0], {}).setdefault(named[1], set()).add(quad.object)
    return {
        column.shape: [slug for slug, types in listed[kind].items() if column.target in (None, *types)]
        for column in (column for one in schema.kinds.values() for column in one.columns)
        for kind in column.kinds[:1]
        if kind not in schema.kinds and kind in listed
    }


def _hint(column: Column, choices: list[str]) -> str:
    several = f"Put {SEPARATOR} between several" if column.many and not column.language_tagged else ""
    sentences = (_need(column), column.description, _form(column, choices), several)
    return " ".join(f"{sentence.rstrip('.')}." for sentence in sentences if sentence)


def _need(column: Column) -> str:
    if column.required:
        return "Required in one language at least" if column.language_tagged else "Required"
    return "Recommended" if column.recommended else "Optional"


def _form(column: Column, choices: list[str]) -> str:
    if choices:
        other = "" if column.target else ", or a link"
        return f"One of: {', '.join(choices)}{other}"
    if column.kinds:
        others = "".join(f", or {kind}/ID" for kind in column.kinds[1:])
        return f"Write the id{others}"
    forms = [TEXT_LIKE[datatype] for datatype in column.datatypes if datatype in TEXT_LIKE]
    return f"Write {'; or '.join(forms)}" if forms else "" if column.datatypes else "A link"


def _commented(cells: list[str]) -> list[str]:
    return [f"{COMMENT} {cells[0]}", *cells[1:]]
