"""What a list of `queries/lists/` finds under the arguments of a request."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from pyoxigraph import Literal, NamedNode

from graph.folding import folded
from graph.listing import Wanted, rows_about
from graph.named_query import NamedQuery
from graph.namespaces import entity
from graph.parameters import Parameter
from graph.store import Row, Rows
from service.list_filters import FACETS, KIND_OF, filter_by, wanted
from service.operation import Asked
from service.rows import matching

Q: Final = Parameter(
    "q",
    "text",
    "Words that must all occur in a label, an alternative label or the definition, in any language. Competencies, "
    "roles, offerings and providers are found by the beginnings of words, and by like words where that finds little.",
)
OWN: Final = ("q", "limit", "offset")
"""The parameters that this module answers itself; the others are the query's."""


@dataclass(frozen=True)
class Found:
    """What a list finds: its things in order, how many say what, and a way to the rows of a part of them."""

    iris: Sequence[NamedNode]
    counts: Mapping[str, Counter[str]]
    rows: Callable[[slice], Rows]

    def __len__(self) -> int:
        return len(self.iris)


def find(asked: Asked, query: NamedQuery) -> Found:
    """The things of the list under the arguments of the request; rows are read when they are asked for."""
    if query.name not in KIND_OF:
        return _asked_whole(asked, query)
    filters = wanted(asked, query.name)
    found = asked.view.listing.of(KIND_OF[query.name], filters, asked.language, FACETS[query.name])

    def rows(part: slice) -> Rows:
        return rows_about(query, asked.view.dataset, {"lang": asked.language}, found.iris[part])

    counts = {name: _counted(asked, query.name, name, filters) or found.counts[name] for name in found.counts}
    return Found(found.iris, counts, rows)


def _counted(asked: Asked, name: str, parameter: str, filters: Mapping[str, Wanted]) -> Counter[str]:
    """What is left of a list by each sector, or language, where that asks for more than what things say."""
    terms = _terms(asked, name, parameter)
    kind, others = KIND_OF[name], [one for key, one in filters.items() if key != parameter]
    of_each = {
        term.value: asked.view.listing.count(kind, [*others, filter_by(asked, name, parameter, term)]) for term in terms
    }
    return Counter({value: count for value, count in of_each.items() if count})


def _terms(asked: Asked, name: str, parameter: str) -> Iterable[NamedNode | Literal]:
    """The values to count one by one, for a parameter that asks for more than what the things of a list say."""
    match name, parameter:
        case _, "sector":
            return asked.view.sectors()
        case "offerings", "area":
            return [entity("area", one) for one in asked.view.slugs.get("area", ())]
        case "offerings", "language" | "region":
            said = "country" if parameter == "region" else parameter
            return [Literal(one) for one in sorted(asked.view.listing.values(said))]
    return ()


def _asked_whole(asked: Asked, query: NamedQuery) -> Found:
    rows = query.select(asked.view.dataset, asked.given(*OWN) | {"lang": asked.language}, asked.view.slugs)
    text, place = asked.text("q"), rows.variables.index("iri")
    found = matching(rows, text, partial(_searched, asked, place)) if text else rows
    return Found([row[place] for row in found], {}, lambda part: Rows(found.variables, found.rows[part]))


def _searched(asked: Asked, place: int, row: Row) -> str:
    iri = row[place]
    return asked.view.searched(iri, folded) if isinstance(iri, NamedNode) else ""
