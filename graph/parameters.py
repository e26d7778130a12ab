"""Parameters of questions: what each may hold, and how its text becomes an RDF term.

The same definitions serve the files of `queries/` and every address that takes parameters of its own.
A term is bound to a variable; the text of a parameter never becomes part of a query.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Final
from urllib.parse import urlsplit

from pyoxigraph import Literal, NamedNode

from graph.errors import InvalidParameter
from graph.namespaces import ID, XSD, entity, is_slug, kind_and_slug

Value = NamedNode | Literal
Known = Mapping[str, Collection[str]]
"""For each kind, the slugs that exist; a kind that is not listed is not checked."""

ANY_KIND: Final = "any"
SHORT_LIST: Final = 30  # so many allowed values are all named in an error; of more, only the nearest
NEAREST: Final = 5
LONGEST: Final = 1000  # characters of one value; it also bounds the search for what was meant
NOTHING_KNOWN: Final[Known] = {}
TRUE: Final = ("true", "yes", "1")
FALSE: Final = ("false", "no", "0")
DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
INTEGER: Final = re.compile(r"[+-]?\d{1,18}", re.ASCII)
NUMBER: Final = re.compile(r"[+-]?(\d{1,18}(\.\d{0,18})?|\.\d{1,18})", re.ASCII)
LANGUAGE: Final = re.compile(r"[a-z]{2,8}(-[a-z0-9]{1,8})*", re.ASCII | re.IGNORECASE)
NOT_IN_AN_IRI: Final = re.compile(r'[\x00-\x20<>"{}|^`\\]')


@dataclass(frozen=True)
class Parameter:
    """One parameter and what it may hold. Raises ValueError, or InvalidParameter, if it contradicts itself.

    `default`, `example` and `enumeration` are written as a person would write them; `minimum` and `maximum`
    are inclusive. `kind` is the kind of entity of an `iri`, or the controlled list of an `enumeration`.
    """

    name: str
    type: str
    description: str = ""
    required: bool = False
    default: str | None = None
    example: str | None = None
    enumeration: tuple[str, ...] = ()
    kind: str | None = None
    minimum: float | None = None
    maximum: float | None = None

    def __post_init__(self) -> None:
        for problem in _contradictions(self):
            raise ValueError(f"parameter `{self.name}` {problem}")
        for text in filter(None, (self.default, self.example)):
            self.parse(text)

    def parse(self, text: str, known: Known = NOTHING_KNOWN) -> Value:
        """The term that a text stands for. Raises InvalidParameter, which says what would be allowed."""
        if len(text) > LONGEST:
            raise self.refusal(text[:NEAREST] + "...", f"the value is longer than {LONGEST} characters.")
        return PARSERS[self.type](self, text.strip(), known)

    def refusal(self, text: str | None, problem: str, allowed: Iterable[str] = ()) -> InvalidParameter:
        """The error for a text that is not allowed, naming the allowed values if they are few."""
        values = sorted(allowed)
        if len(values) > SHORT_LIST:
            values = get_close_matches((text or "").lower(), values, n=NEAREST)
        elif values:
            problem += f" Allowed: {', '.join(values)}."
        return InvalidParameter(self.name, text, problem, values)


def parse_arguments(
    parameters: Iterable[Parameter], arguments: Mapping[str, str], known: Known = NOTHING_KNOWN
) -> dict[str, Value]:
    """The term of every parameter that was given or has a default; an empty text counts as not given.

    Raises InvalidParameter for a name that is not a parameter, for a required one that is missing, and for a
    value that is not allowed.
    """
    by_name = {parameter.name: parameter for parameter in parameters}
    for name, value in arguments.items():
        if name not in by_name:
            raise _unknown_name(name, list(by_name), value)
    terms = {}
    for name, parameter in by_name.items():
        text = arguments.get(name, "").strip() or parameter.default
        if text is not None:
            terms[name] = parameter.parse(text, known)
        elif parameter.required:
            raise parameter.refusal(None, f"this parameter is required{_for_example(parameter)}.")
    return terms


def _unknown_name(name: str, names: list[str], value: str) -> InvalidParameter:
    allowed = f"Allowed: {', '.join(sorted(names))}." if names else "This question has no parameters."
    error = InvalidParameter(name, name, f"there is no such parameter. {allowed}", names)
    error.value = value
    return error


def _for_example(parameter: Parameter) -> str:
    return f", for example `{parameter.name}={parameter.example}`" if parameter.example else ""


def _contradictions(parameter: Parameter) -> Iterable[str]:
    if parameter.type not in PARSERS:
        yield f"has the type `{parameter.type}`; there are: {', '.join(sorted(PARSERS))}"
    if parameter.type == "iri" and not parameter.kind:
        yield "is an iri and needs a `kind`, or the kind `any`"
    if parameter.type == "enumeration" and not (parameter.enumeration or parameter.kind):
        yield "is an enumeration and needs the list `enumeration`, or the `kind` of a controlled list"
    if parameter.type not in ("iri", "enumeration") and (parameter.kind or parameter.enumeration):
        yield f"is of type {parameter.type} and can have neither `kind` nor `enumeration`"
    if parameter.type not in ("integer", "number") and (parameter.minimum, parameter.maximum) != (None, None):
        yield f"is of type {parameter.type} and can have neither `minimum` nor `maximum`"
    if parameter.required and parameter.default is not None:
        yield "is required, so its default would never be used: drop one of the two"


def _iri(parameter: Parameter, text: str, known: Known) -> Value:
    if parameter.kind == ANY_KIND:
        return _any_iri(parameter, text, known)
    kind = parameter.kind or ""
    iri = _entity(kind, text)
    if iri is None:
        problem = f"`{text}` is not a {kind}. Write a slug, `{kind}/slug` or its full IRI, <{ID.iri}{kind}/...>."
        raise parameter.refusal(text, problem, known.get(kind, ()))
    return _existing(parameter, text, iri, known)


def _any_iri(parameter: Parameter, text: str, known: Known) -> Value:
    kind, _, slug = text.partition("/")
    if is_slug(kind) and is_slug(slug):
        return _existing(parameter, text, entity(kind, slug), known)
    if not _is_web_address(text):
        problem = f"`{text}` is not an identifier. Write `kind/slug`, such as `role/archivist`, or a full IRI."
        raise parameter.refusal(text, problem)
    return _existing(parameter, text, NamedNode(text), known)


def _is_web_address(text: str) -> bool:
    if NOT_IN_AN_IRI.search(text):
        return False
    try:
        NamedNode(text)
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _entity(kind: str, text: str) -> NamedNode | None:
    """The entity of a kind that a slug, `kind/slug` or full IRI names; None if it names none."""
    slug = text.removeprefix(ID.iri).removeprefix(f"{kind}/")
    return entity(kind, slug) if is_slug(slug) else None


def _existing(parameter: Parameter, text: str, iri: NamedNode, known: Known) -> NamedNode:
    kind, slug = kind_and_slug(iri) or ("", "")
    if kind in known and slug not in known[kind]:
        raise parameter.refusal(text, f"there is no {kind} `{slug}`.", known[kind])
    return iri


def _enumeration(parameter: Parameter, text: str, known: Known) -> Value:
    kind = parameter.kind
    allowed = parameter.enumeration or known.get(kind or "", ())
    iri = _entity(kind, text) if kind else None
    value = iri.value.rpartition("/")[2] if iri else text
    if (allowed and value not in allowed) or (kind and iri is None):
        raise parameter.refusal(text, f"`{text}` is not one of the allowed values.", allowed)
    return iri or Literal(value)


def _text(parameter: Parameter, text: str, known: Known) -> Value:
    return Literal(text)


def _integer(parameter: Parameter, text: str, known: Known) -> Value:
    if not INTEGER.fullmatch(text):
        raise parameter.refusal(text, f"`{text}` is not a whole number{_range(parameter)}.")
    return Literal(str(int(_within(parameter, text))), datatype=XSD.integer)


def _number(parameter: Parameter, text: str, known: Known) -> Value:
    if not NUMBER.fullmatch(text):
        raise parameter.refusal(text, f"`{text}` is not a number{_range(parameter)}, such as 12 or 0.5.")
    return Literal(f"{_within(parameter, text):f}", datatype=XSD.decimal)


def _within(parameter: Parameter, text: str) -> Decimal:
    value = Decimal(text)
    low, high = parameter.minimum, parameter.maximum
    if (low is not None and value < Decimal(str(low))) or (high is not None and value > Decimal(str(high))):
        raise parameter.refusal(text, f"{text} is out of range; write a number{_range(parameter)}.")
    return value


def _range(parameter: Parameter) -> str:
    match parameter.minimum, parameter.maximum:
        case None, None:
            return ""
        case low, None:
            return f" from {low:g} up"
        case None, high:
            return f" up to {high:g}"
        case low, high:
            return f" from {low:g} to {high:g}"
    return ""


def _boolean(parameter: Parameter, text: str, known: Known) -> Value:
    if text.lower() not in TRUE + FALSE:
        raise parameter.refusal(text, f"`{text}` is neither true nor false.", ("true", "false"))
    return Literal(text.lower() in TRUE)


def _date(parameter: Parameter, text: str, known: Known) -> Value:
    try:
        day = date.fromisoformat(text) if DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise parameter.refusal(text, f"`{text}` is not a day of the calendar; write it as 2026-11-23.")
    return Literal(day.isoformat(), datatype=XSD.date)


def _language(parameter: Parameter, text: str, known: Known) -> Value:
    if not LANGUAGE.fullmatch(text):
        raise parameter.refusal(text, f"`{text}` is not a language tag (BCP 47), such as en, es or pt-br.")
    return Literal(text.lower())


PARSERS: Final[Mapping[str, Callable[[Parameter, str, Known], Value]]] = {
    "iri": _iri,
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "language": _language,
    "enumeration": _enumeration,
}
