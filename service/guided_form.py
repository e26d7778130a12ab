"""The form for a single thing: its fields are made from the shapes, and what was typed becomes a row of JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from flask import json
from pyoxigraph import NamedNode
from werkzeug.datastructures import MultiDict

from graph.errors import did_you_mean
from graph.examination import Examination
from graph.namespaces import SKOS, XSD, entity
from graph.parsing import Submission
from graph.schema import SEPARATOR, Column, Kind
from graph.tabular import column_names, slugify
from graph.templates import TEXT_LIKE, Choices, example
from service.operation import Asked
from service.release_view import ReleaseView
from service.suggestions import meant, suggestions
from service.words import language_name

Typed = MultiDict[str, str]
Messages = Mapping[str, list[str]]
"""What is to be mended, by the name of the field; under the empty name what belongs to none."""

ID: Final = "id"
FEW: Final = 300  # things that a list beside a field can hold; of more, those asked for
TRUTH: Final = (("true", "Yes"), ("false", "No"))
TYPED_IN: Final = ("text", "textarea", "url", "reference", "listed")
INPUT_TYPES: Final = {"url": "url", "date": "date"}


@dataclass(frozen=True)
class Field:
    """One field: `control` says how it is filled in, `choices` are values with their labels, `labels` those of the
    things that are named in it, `kinds` the kinds of thing that are completed while one types."""

    name: str
    title: str
    help: str
    need: str
    control: str
    values: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    kinds: tuple[str, ...] = ()
    many: bool = False
    language: str = ""
    example: str = ""
    labels: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()

    @property
    def input_type(self) -> str:
        """The type of its `input`."""
        return INPUT_TYPES.get(self.control, "text")

    @property
    def described_by(self) -> str:
        """The ids of what describes it, for assistive technology."""
        parts = ("help", *(("errors",) if self.messages else ()))
        return " ".join(f"{part}-{self.name}" for part in parts)


def fields(asked: Asked, kind: Kind, choices: Choices, typed: Typed, messages: Messages) -> list[Field]:
    """Every field of a kind in the order of the shapes, with what was typed and what is to be mended."""
    examples = dict(zip(*example(kind), strict=True))
    found = [
        _field(asked, column, name, choices.get(column.shape, []), typed, messages, examples.get(name, ""))
        for column in kind.columns
        for name in _names(column)
    ]
    return found if kind.key else [*found, _id_field(kind, typed, messages)]


def submission(view: ReleaseView, kind: Kind, choices: Choices, typed: Typed) -> Submission:
    """What was typed, as a file of one row; a slug that was left empty is made from the title."""
    row = {name: value for name, value in _cells(view, kind, choices, typed) if value}
    slug = kind.name
    if not kind.key:
        slug = typed.get(ID, "").strip() or _new_slug(view, kind, typed)
        row = {ID: slug, **row}
    body = json.dumps({kind.name: [row]}, ensure_ascii=False).encode()
    return Submission(f"{slugify(slug) or kind.name}.json", body, kind.name)


def messages_of(view: ReleaseView, found: Examination, kind: Kind) -> dict[str, list[str]]:
    """What is to be mended, at the field where it was found; what only follows from it is left out."""
    known = {ID, *column_names(kind)}
    messages: dict[str, list[str]] = {}
    for one in found.report.violations:
        name = one.place.column if one.place.column in known else None
        said = messages.setdefault(name or "", [])
        if not said or one.value is not None:
            value = f"`{one.value}`: " if one.value else ""
            said.append(value + one.message + did_you_mean(one.suggestion or _nearest(view, kind, name, one.value)))
    return messages


def _field(
    asked: Asked, column: Column, name: str, slugs: list[str], typed: Typed, messages: Messages, example: str
) -> Field:
    language = name.removeprefix(f"{column.name}_") if column.language_tagged else ""
    control = _control(asked, column, slugs)
    values = tuple(typed.getlist(name))
    return Field(
        name=name,
        title=f"{column.title} ({language_name(language)})" if language else column.title,
        help=" ".join(filter(None, (column.description, _form(column, control)))),
        need=_need(column),
        control=control,
        values=values,
        choices=tuple(_choices(asked, column, control, slugs)),
        kinds=column.kinds if control == "reference" else (),
        many=column.many and not language,
        language=language,
        example=example if control in TYPED_IN else "",
        labels=tuple(_labels(asked, column, values)) if control == "reference" else (),
        messages=tuple(messages.get(name, ())),
    )


def _id_field(kind: Kind, typed: Typed, messages: Messages) -> Field:
    title = kind.columns[0].title.lower()
    rule = "The last part of its address: lower-case letters, digits and hyphens."
    return Field(
        name=ID,
        title="Id",
        help=f"{rule} Leave it empty to have it made from the {title}.",
        need="Optional",
        control="text",
        values=tuple(typed.getlist(ID)),
        messages=tuple(messages.get(ID, ())),
    )


def _control(asked: Asked, column: Column, slugs: list[str]) -> str:
    if column.language_tagged:
        return "textarea" if column.path == SKOS.definition else "text"
    if slugs and column.target:
        return "checkboxes" if column.many else "select"
    if XSD.boolean in column.datatypes:
        return "select"
    if column.kinds:
        few = len(column.kinds) == 1 and len(asked.view.slugs.get(column.kinds[0], [])) <= FEW
        return "listed" if few and not column.many else "reference"
    if column.datatypes:
        return "date" if column.datatypes == (XSD.date,) else "text"
    return "url" if not column.many else "text"


def _choices(asked: Asked, column: Column, control: str, slugs: list[str]) -> Iterator[tuple[str, str]]:
    if XSD.boolean in column.datatypes:
        yield from TRUTH
    elif control in ("select", "checkboxes", "listed"):
        known = slugs or asked.view.slugs.get(column.kinds[0], [])
        for slug in known:
            yield slug, asked.label(entity(column.kinds[0], slug))


def _labels(asked: Asked, column: Column, values: tuple[str, ...]) -> Iterator[str]:
    for text in _parts(column, values):
        iri = _entity(column, text)
        if iri and asked.view.exists(iri):
            yield asked.label(iri)


def _need(column: Column) -> str:
    if column.required:
        return "Required in one language at least" if column.language_tagged else "Required"
    return "Recommended" if column.recommended else "Optional"


def _form(column: Column, control: str) -> str:
    several = f"Put {SEPARATOR} between several." if column.many and control in TYPED_IN else ""
    if column.language_tagged or control not in TYPED_IN:
        return ""
    if column.kinds and not column.target and control == "listed":
        return "A whole link, or one of the list."
    if control in ("reference", "listed"):
        return f"Type a part of its name, or its id. {several}".strip()
    forms = [TEXT_LIKE[one] for one in column.datatypes if one in TEXT_LIKE]
    written = f"Write {'; or '.join(forms)}." if forms else "" if column.datatypes else "A whole link: https://…"
    return f"{written} {several}".strip()


def _cells(view: ReleaseView, kind: Kind, choices: Choices, typed: Typed) -> Iterator[tuple[str, str | list[str]]]:
    for column in kind.columns:
        for name in _names(column):
            values = list(_parts(column, tuple(typed.getlist(name))))
            if column.kinds and column.shape not in choices:
                values = [_resolved(view, column, text) for text in values]
            several = column.many and not column.language_tagged
            yield name, values if several else "".join(values[:1])


def _parts(column: Column, values: tuple[str, ...]) -> Iterator[str]:
    several = column.many and not column.language_tagged
    for value in values:
        for part in value.split(SEPARATOR) if several else [value]:
            if part.strip():
                yield part.strip().replace("\r\n", "\n")


def _resolved(view: ReleaseView, column: Column, text: str) -> str:
    """The slug of the thing that was named by its label; what is not known stays as it is."""
    iri = _entity(column, text)
    if iri and view.exists(iri):
        return text
    for kind in column.kinds:
        slug = meant(view, kind, text)
        if slug:
            return slug if kind == column.kinds[0] else f"{kind}/{slug}"
    return text


def _entity(column: Column, text: str) -> NamedNode | None:
    kind, _, slug = text.rpartition("/")
    try:
        return entity(kind or column.kinds[0], slug)
    except ValueError:
        return None


def _new_slug(view: ReleaseView, kind: Kind, typed: Typed) -> str:
    """A slug made from the title that nothing of the kind has yet."""
    titles = (typed.get(name, "").strip() for name in _names(kind.columns[0]))
    made = slugify(next(filter(None, titles), "")) or kind.name
    taken = view.slugs.get(kind.name, ())
    numbered = (f"{made}-{number}" for number in range(2, len(taken) + 3))
    return made if made not in taken else next(one for one in numbered if one not in taken)


def _names(column: Column) -> list[str]:
    return [f"{column.name}_{one}" for one in ("en", "es")] if column.language_tagged else [column.name]


def _nearest(view: ReleaseView, kind: Kind, name: str | None, text: str | None) -> str | None:
    """The id of the likeliest thing that a text in a field for references may mean."""
    column = next((one for one in kind.columns if one.name == name and one.kinds), None)
    found = suggestions(view, column.kinds[0], text or "", "en") if column and text else []
    return found[0].slug if found else None
