"""Browse and search: one list for each file of `queries/lists/`, at the address of its name.

The list of offerings is also a calendar, of the sessions of what it finds.
"""

from functools import partial
from typing import Final

from flask import Blueprint, Response

from graph.named_query import Catalogue, NamedQuery
from graph.parameters import Parameter
from graph.store import Rows
from service.calendars import calendar
from service.list_search import OWN, Q, find
from service.operation import Asked, answers
from service.parameters import LIMIT, OFFSET, RELEASE
from service.representations import embedding, page, table_answer, twin
from service.shown_query import written

FORMATS: Final = ("html", "json", "csv")
DATED: Final = "offerings"
"""The list whose things have dates."""


def blueprint_of(catalogue: Catalogue) -> Blueprint:
    """The routes of every list."""
    blueprint = Blueprint("lists", __name__)
    for query in catalogue.values():
        parameters = (Q, *query.parameters, LIMIT, OFFSET)
        formats = (*FORMATS, "ics") if query.name == DATED else FORMATS
        declare = answers(blueprint, f"/{query.name}", query.summary, formats, (*parameters, RELEASE))
        declare(partial(show_list, query=query, parameters=parameters))
    return blueprint


def show_list(asked: Asked, query: NamedQuery, parameters: tuple[Parameter, ...]) -> Response:
    """One list: all of it, or what a search finds."""
    rows = find(asked, query)
    if asked.representation == "ics":
        return calendar(asked, rows)

    def as_page(shown: Rows) -> Response:
        items = [dict(zip(shown.variables, row, strict=True)) for row in shown]
        arguments = asked.given(*OWN) | {"lang": asked.language}
        sparql = None if Q.name in asked.arguments else written(query, asked, arguments)
        ways = {"calendar": twin("ics"), "embed": embedding(DATED)} if query.name == DATED else {}
        return page("list.html", asked, parameters, query=query, items=items, total=len(rows), sparql=sparql, **ways)

    return table_answer(asked, rows, as_page)
