"""What a list can be narrowed to, with how many things each choice leaves."""

from dataclasses import dataclass

from pyoxigraph import NamedNode

from graph.field import slug
from graph.named_query import NamedQuery
from graph.namespaces import ID
from service.languages import gettext, language_name
from service.list_search import Found
from service.operation import Asked


@dataclass(frozen=True)
class Choice:
    """A value of a parameter, what it is called, and how many things say it under the other filters."""

    value: str
    label: str
    count: int
    chosen: bool


def facets(asked: Asked, query: NamedQuery, found: Found) -> list[tuple[str, list[Choice]]]:
    """For each parameter that is counted its choices, those that most things say first."""
    every = (
        (name, [_choice(asked, name, *one) for one in counts.most_common()]) for name, counts in found.counts.items()
    )
    return [(name, choices) for name, choices in every if choices]


def _choice(asked: Asked, name: str, text: str, count: int) -> Choice:
    iri = NamedNode(text) if text.startswith(ID.iri) else None
    value = slug(iri) if iri else text
    label = asked.label(iri) if iri else _word(name, text)
    return Choice(value, label, count, asked.text(name) == value)


def _word(name: str, text: str) -> str:
    if name == "language":
        return language_name(text)
    return {"true": str(gettext("yes")), "false": str(gettext("no"))}.get(text, text)
