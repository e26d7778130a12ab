"""Spreadsheets: rows of a CSV file to statements and back, as the shapes define the columns.

CSV as in RFC 4180, UTF-8 with or without a byte order mark, a header row, several values in a cell separated
by `;` where the property may have several. A reference is a slug, `kind/slug` or an IRI. A row whose first cell
begins with `#` is a comment. The rows of workbooks and of JSON documents are read here too.
"""

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TextIO

from pyoxigraph import Literal, NamedNode, Triple

from graph.errors import nearest
from graph.namespaces import ID, RDF, XSD, entity, is_slug, kind_and_slug
from graph.report import Finding, Place, Severity
from graph.schema import SEPARATOR, Column, Kind
from graph.store import Term

COMMENT = "#"
ID_RULE = "An id is made of lower-case letters, digits and single hyphens, at most 200 characters."
KEY_PART_LENGTH = 48
IRI_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")

Cell = str | tuple[str, ...]
"""What stands in a column of a row: a text that is still to be parted at each `;`, or values that are parted."""

PARTIAL_DATES = ((re.compile(r"\d{4}"), XSD.gYear), (re.compile(r"\d{4}-\d{2}"), XSD.gYearMonth))


@dataclass
class Table:
    """What was read from one file: statements, where each was found, and what could not be read."""

    triples: list[Triple] = field(default_factory=list)
    places: dict[tuple[NamedNode, NamedNode | None], Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def fault(self, place: Place, message: str, value: str | None = None, suggestion: str | None = None) -> None:
        """Note something that blocks."""
        self.findings.append(Finding(Severity.VIOLATION, message, place, value, suggestion))


@dataclass(frozen=True)
class Header:
    """One column of a file: the property it states, and its language where it is language-tagged."""

    name: str
    column: Column | None
    language: str | None = None


def read(kind: Kind, body: bytes, file: str) -> Table:
    """The statements of a CSV file about one kind of entity. Nothing is raised: faults are findings."""
    table = Table()
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        table.fault(Place(file), f"This is not UTF-8 text (byte {error.start}). Save it as CSV UTF-8.")
        return table
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        read_rows(kind, uncommented(enumerate(rows, 1)), Place(file), table)
    except csv.Error as error:
        table.fault(Place(file, rows.line_num), f"The quotes of this line do not match ({error}).")
    return table


def read_rows(kind: Kind, rows: Iterable[tuple[int | None, Sequence[Cell]]], place: Place, table: Table) -> None:
    """Add the statements of rows with their numbers, the header first; blank rows are passed over."""
    filled = ((number, cells) for number, cells in rows if not is_blank(cells))
    number, names = next(filled, (1, []))
    faults = len(table.findings)
    headers = _headers(kind, names, replace(place, row=number), table)
    if len(table.findings) == faults:
        for number, cells in filled:
            _read_row(kind, headers, cells, replace(place, row=number), table)


def is_blank(cells: Sequence[Cell]) -> bool:
    """Whether nothing stands in a row."""
    return not any(cell.strip() if isinstance(cell, str) else cell for cell in cells)


def uncommented(rows: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not a remark, such as the hints of a template."""
    return ((number, cells) for number, cells in rows if not (cells and cells[0].lstrip().startswith(COMMENT)))


def write(kind: Kind, triples: Iterable[Triple]) -> str:
    """The CSV file of every entity of a kind among the statements, sorted by slug."""
    entities: dict[NamedNode, list[Triple]] = {}
    for triple in triples:
        if isinstance(triple.subject, NamedNode):
            entities.setdefault(triple.subject, []).append(triple)
    chosen = {
        iri: own
        for iri, own in sorted(entities.items(), key=lambda item: item[0].value)
        if any(triple.predicate == RDF.type and triple.object == kind.target for triple in own)
    }
    out = io.StringIO(newline="")
    add = sheet(kind, languages_of(kind, [t for own in chosen.values() for t in own]), out)
    for iri, own in chosen.items():
        add(iri, own)
    return out.getvalue()


def sheet(kind: Kind, languages: Iterable[str], out: TextIO) -> Callable[[NamedNode, Iterable[Triple]], None]:
    """Begin the CSV file of a kind; what is given back adds the row of one entity."""
    writer = csv.DictWriter(out, list(column_names(kind, languages)), lineterminator="\n")
    writer.writeheader()

    def add(iri: NamedNode, own: Iterable[Triple]) -> None:
        writer.writerow(_row(kind, iri, own))

    return add


def column_names(kind: Kind, languages: Iterable[str] = ("en", "es")) -> Iterator[str]:
    """The header of a file about a kind."""
    languages = list(languages)
    if not kind.key:
        yield "id"
    for column in kind.columns:
        if column.language_tagged:
            yield from (f"{column.name}_{language}" for language in languages)
        else:
            yield column.name


def languages_of(kind: Kind, triples: Iterable[Triple]) -> list[str]:
    """English, Spanish, and every other language that the entities' texts are in."""
    paths = {column.path for column in kind.columns if column.language_tagged}
    tags = {t.object.language for t in triples if t.predicate in paths and isinstance(t.object, Literal)}
    return ["en", "es", *sorted(tag for tag in tags if tag and tag not in ("en", "es"))]


def slugify(text: str) -> str:
    """A slug made of a text; one that had to be shortened ends in six digits of its SHA-256."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if made and len(made) <= KEY_PART_LENGTH:
        return made
    digest = hashlib.sha256(text.encode()).hexdigest()[:6]
    return f"{made[:KEY_PART_LENGTH].strip('-')}-{digest}".strip("-")


def _headers(kind: Kind, names: Sequence[Cell], place: Place, table: Table) -> list[Header]:
    known = list(column_names(kind))
    headers = [header_of(kind, name.strip()) for name in names if isinstance(name, str)]
    for header in headers:
        if header.column is None and header.name != "id":
            message = f"There is no column `{header.name}` for {kind.label.lower()}; there are {', '.join(known)}."
            table.fault(replace(place, column=header.name), message, None, nearest(header.name, known))
        elif header.name == "id" and kind.key:
            made_of = ", ".join(column.name for column in kind.key)
            message = f"The identifier is made from {made_of}: leave the column `id` out."
            table.fault(replace(place, column="id"), message)
    seen = [header.name for header in headers]
    for name in sorted({name for name in seen if seen.count(name) > 1}):
        table.fault(replace(place, column=name), f"The column `{name}` stands here twice: keep one.")
    required = [column.name for column in kind.key if column.required] if kind.key else ["id"]
    stated = {header.column.name if header.column else header.name for header in headers}
    for name in required:
        if name not in stated:
            table.fault(replace(place, column=name), f"The column `{name}` is missing: add it to the first row.")
    return headers


def header_of(kind: Kind, name: str) -> Header:
    """The column that a name in the first row stands for."""
    for column in kind.columns:
        if column.language_tagged and name.startswith(column.name + "_"):
            return Header(name, column, name.removeprefix(column.name + "_"))
        if name == column.name and not column.language_tagged:
            return Header(name, column)
    return Header(name, None)


def _read_row(kind: Kind, headers: list[Header], cells: Sequence[Cell], place: Place, table: Table) -> None:
    if len(cells) != len(headers):
        counts = f"This row has {len(cells)} cells where the first row has {len(headers)}"
        message = f"{counts}: mend its commas and quotes, or give every column a name."
        table.fault(place, message)
        return
    values = list(_values(headers, cells, place, table))
    subject = _subject(kind, headers, cells, values, place, table)
    if subject is None:
        return
    if (subject, None) in table.places:
        first = table.places[subject, None].row
        found = kind_and_slug(subject)
        message = f"This identifier was given in row {first} already: give each row its own, or join the two."
        table.fault(replace(place, column="id"), message, found[1] if found else None)
        return
    table.places[subject, None] = place
    table.triples.append(Triple(subject, RDF.type, kind.target))
    for header, term in values:
        if header.column:
            table.triples.append(Triple(subject, header.column.path, term))
            table.places[subject, header.column.path] = replace(place, column=header.name)
    for header in headers:
        if header.column:
            where = replace(place, column=header.name)
            table.places.setdefault((subject, header.column.path), where)


def _values(
    headers: list[Header], cells: Sequence[Cell], place: Place, table: Table
) -> Iterator[tuple[Header, NamedNode | Literal]]:
    for header, cell in zip(headers, cells, strict=True):
        if header.column is None:
            continue
        for text in _parts(header.column, cell):
            term = _term(header.column, text, header.language)
            if term is None:
                where = replace(place, column=header.name)
                table.fault(where, f"This is neither a slug nor a link. {header.column.message}", text)
            else:
                yield header, term


def _parts(column: Column, cell: Cell) -> Iterator[str]:
    for part in cell if isinstance(cell, tuple) else _parted(column, cell):
        if part.strip():
            yield part.strip()


def _parted(column: Column, text: str) -> list[str]:
    return text.split(SEPARATOR) if column.many and not column.language_tagged else [text]


def _term(column: Column, text: str, language: str | None) -> NamedNode | Literal | None:
    if column.language_tagged:
        return _tagged(text, language or "")
    if column.datatypes:
        return Literal(_canonical(text, column), datatype=_datatype(column, text))
    if column.kinds and is_slug(text):
        return entity(column.kinds[0], text)
    kind, _, rest = text.partition("/")
    if kind in column.kinds and is_slug(rest):
        return entity(kind, rest)
    return _iri(text)


def _tagged(text: str, language: str) -> Literal | None:
    try:
        return Literal(text, language=language)
    except ValueError:
        return None


def _iri(text: str) -> NamedNode | None:
    try:
        return NamedNode(text) if IRI_SCHEME.match(text) else None
    except ValueError:
        return None


def _datatype(column: Column, text: str) -> NamedNode:
    if XSD.gYear in column.datatypes:
        for form, datatype in PARTIAL_DATES:
            if form.fullmatch(text) and datatype in column.datatypes:
                return datatype
    return column.datatypes[0]


def _canonical(text: str, column: Column) -> str:
    return text.lower() if column.datatypes == (XSD.boolean,) else text


def _subject(
    kind: Kind,
    headers: list[Header],
    cells: Sequence[Cell],
    values: list[tuple[Header, NamedNode | Literal]],
    place: Place,
    table: Table,
) -> NamedNode | None:
    if kind.key:
        return _keyed(kind, values, place, table)
    cell = next(cell for header, cell in zip(headers, cells, strict=True) if header.name == "id")
    text = cell.strip() if isinstance(cell, str) else SEPARATOR.join(cell)
    if is_slug(text):
        return entity(kind.name, text)
    where = replace(place, column="id")
    suggestion = slugify(text) if text else None
    table.fault(where, ID_RULE, text, suggestion)
    return None


def _keyed(
    kind: Kind, values: list[tuple[Header, NamedNode | Literal]], place: Place, table: Table
) -> NamedNode | None:
    given: dict[str, list[str]] = {}
    for header, term in values:
        if header.column:
            given.setdefault(header.column.name, []).extend(_key_parts(header.column, term))
    for column in kind.key:
        if column.required and column.name not in given:
            where = replace(place, column=column.name)
            table.fault(where, f"This cell is needed to identify the row. {column.message}")
    if table.findings and any(_same_row(finding.place, place) for finding in table.findings):
        return None
    joined = "--".join(part for column in kind.key for part in given.get(column.name, ()))
    return entity(kind.name, joined)


def _same_row(one: Place, other: Place) -> bool:
    return (one.part, one.row) == (other.part, other.row)


def _key_parts(column: Column, term: NamedNode | Literal) -> Iterator[str]:
    if isinstance(term, Literal):
        if term.language:
            yield term.language.lower()
        yield slugify(term.value)
        return
    found = kind_and_slug(term)
    several_kinds = len(column.kinds) > 1
    yield slugify("-".join(found if several_kinds else found[1:]) if found else term.value)


def _row(kind: Kind, iri: NamedNode, triples: Iterable[Triple]) -> Mapping[str, str]:
    cells: dict[str, list[str]] = {} if kind.key else {"id": [iri.value.removeprefix(f"{ID.iri}{kind.name}/")]}
    for triple in triples:
        column = kind.column(triple.predicate)
        if column:
            name = column.name
            if column.language_tagged and isinstance(triple.object, Literal):
                name = f"{name}_{triple.object.language}"
            cells.setdefault(name, []).append(_cell(column, triple.object))
    return {name: SEPARATOR.join(sorted(parts)) for name, parts in cells.items()}


def _cell(column: Column, term: Term) -> str:
    if isinstance(term, NamedNode):
        found = kind_and_slug(term)
        if found and found[0] in column.kinds:
            return found[1] if found[0] == column.kinds[0] else "/".join(found)
        return term.value
    return term.value if isinstance(term, Literal) else str(term)
