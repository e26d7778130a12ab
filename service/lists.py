"""Browse and search: one list for each file of `queries/lists/`, at the address of its name."""

from functools import partial
from typing import Final

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from graph.named_query import Catalogue, NamedQuery
from graph.parameters import Parameter
from graph.store import Row, Rows
from service.operation import Asked, answers
from service.parameters import LIMIT, OFFSET
from service.representations import page, table_answer
from service.rows import folded, matching

Q: Final = Parameter(
    "q", "text", "Words that must all occur in a label, an alternative label or the definition, in any language."
)
OWN: Final = ("q", "limit", "offset")
"""The parameters that this module answers itself; the others are the query's."""


def blueprint_of(catalogue: Catalogue) -> Blueprint:
    """The routes of every list."""
    blueprint = Blueprint("lists", __name__)
    for query in catalogue.values():
        parameters = (Q, *query.parameters, LIMIT, OFFSET)
        declare = answers(blueprint, f"/{query.name}", query.summary, ("html", "json", "csv"), parameters)
        declare(partial(show_list, query=query, parameters=parameters))
    return blueprint


def show_list(asked: Asked, query: NamedQuery, parameters: tuple[Parameter, ...]) -> Response:
    """One list: all of it, or what a search finds."""
    rows = find(asked, query)

    def as_page(shown: Rows) -> Response:
        items = [dict(zip(shown.variables, row, strict=True)) for row in shown]
        return page("list.html", asked, query=query, items=items, total=len(rows), parameters=parameters)

    return table_answer(asked, rows, as_page)


def find(asked: Asked, query: NamedQuery) -> Rows:
    """The rows of the list under the arguments of the request."""
    rows = query.select(asked.view.dataset, asked.given(*OWN) | {"lang": asked.language}, asked.view.slugs)
    wanted = asked.text("q")
    return matching(rows, wanted, partial(_searched, asked, rows.variables.index("iri"))) if wanted else rows


def _searched(asked: Asked, place: int, row: Row) -> str:
    iri = row[place]
    return asked.view.searched(iri, folded) if isinstance(iri, NamedNode) else ""
