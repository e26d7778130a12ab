"""Rows: of terms as JSON and as cells, searched, and cut into pages."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from pyoxigraph import Literal, NamedNode

from graph.gaps import four_decimals
from graph.namespaces import XSD
from graph.store import Row, Rows, Term
from service.asked import Asked


def named(asked: Asked, iri: NamedNode) -> dict[str, str]:
    """A thing as its IRI and label."""
    return {"iri": iri.value, "label": asked.label(iri)}


def pair(asked: Asked, iri: NamedNode | None) -> tuple[str, str]:
    """A thing as two cells of a table, its IRI and its label; both are empty for none."""
    return (iri.value, asked.label(iri)) if iri else ("", "")


def rounded(value: Fraction | None) -> float | None:
    """The value to four decimals, or None where it is not known."""
    return None if value is None else float(four_decimals(value))


PLAIN: Final[Mapping[NamedNode, Callable[[str], Any]]] = {
    XSD.integer: int,
    XSD.decimal: float,
    XSD.double: float,
    XSD.boolean: lambda text: text in ("true", "1"),
}
"""The datatypes that JSON has a value for; every other value is its text."""


def plain(term: Term | None) -> Any:
    """A term as a value of JSON: numbers and booleans as such, an IRI as its text, none as null."""
    if isinstance(term, Literal):
        return PLAIN.get(term.datatype, str)(term.value)
    return term.value if isinstance(term, NamedNode) else None if term is None else str(term)


def item(rows: Rows, row: Row) -> dict[str, Any]:
    """A row as a JSON object; the columns `x_iri` and `x_label` become one object `x`."""
    found: dict[str, Any] = {}
    for name, term in zip(rows.variables, row, strict=True):
        stem, _, part = name.rpartition("_")
        if part == "iri" and stem:
            found[stem] = None if term is None else {"iri": plain(term)}
        elif part == "label" and stem and isinstance(found.get(stem), dict):
            found[stem]["label"] = plain(term)
        elif not (part == "label" and stem in found):
            found[name] = plain(term)
    return found


def texts(row: Iterable[Term | None]) -> list[object]:
    """A row as the cells of a table."""
    return ["" if term is None else term.value if isinstance(term, Literal | NamedNode) else str(term) for term in row]


def folded(text: str) -> str:
    """A text as it is searched: without case and accents (Unicode, compatibility decomposition)."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(one for one in decomposed if not unicodedata.combining(one)).casefold()


def matching(rows: Rows, words: str, more: Callable[[Row], str]) -> Rows:
    """The rows that have every word in their own texts, or in what `more` says of them."""
    wanted = folded(words).split()
    return Rows(rows.variables, [row for row in rows if _has(wanted, row, more)])


def _has(wanted: Sequence[str], row: Row, more: Callable[[Row], str]) -> bool:
    own = folded(" ".join(term.value for term in row if isinstance(term, Literal)))
    return all(word in own or word in more(row) for word in wanted)
