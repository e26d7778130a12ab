"""`/queries`: the catalogue of questions, each a page with a form, and each run as JSON, CSV or RDF.

A file in `queries/` is all that it takes: its header makes the form, the address and the description of the API.
"""

from functools import partial
from typing import Any, Final

from flask import Blueprint, Response

from graph.named_query import Catalogue, NamedQuery
from graph.parameters import Parameter
from graph.store import Rows
from service.negotiation import RDF_SUFFIXES
from service.operation import Asked, answers
from service.parameters import LIMIT, OFFSET
from service.representations import (
    csv_answer,
    json_answer,
    linked,
    listing,
    next_address,
    page,
    rdf_answer,
    window,
)
from service.rows import item, texts

FORMATS: Final = {"select": ("html", "json", "csv"), "construct": ("html", *RDF_SUFFIXES), "ask": ("html", "json")}


def blueprint_of(catalogue: Catalogue) -> Blueprint:
    """The routes of the catalogue and of every question in it."""
    blueprint = Blueprint("catalogue", __name__)
    answers(blueprint, "/queries", "The catalogue of questions", ("html", "json"), tag="Questions")(
        partial(show_catalogue, catalogue=catalogue)
    )
    for query in catalogue.values():
        parameters = query.parameters + ((LIMIT, OFFSET) if query.form == "select" else ())
        path = f"/queries/{query.name}"
        declare = answers(blueprint, path, query.summary, FORMATS[query.form], parameters, "Questions")
        declare(partial(show_question, query=query))
    return blueprint


def show_catalogue(asked: Asked, catalogue: Catalogue) -> Response:
    """Every question, with what it takes."""
    if asked.representation == "json":
        return json_answer({"items": [_described(query) for query in catalogue.values()]})
    return page("queries.html", asked, queries=list(catalogue.values()))


def show_question(asked: Asked, query: NamedQuery) -> Response:
    """One question: run, or its form where a required argument has yet to be given."""
    given = {name: asked.text(name) or "" for name in asked.arguments if name not in ("limit", "offset")}
    if any(parameter.name == "lang" for parameter in query.parameters):
        given["lang"] = asked.language
    waiting = [parameter.name for parameter in query.parameters if parameter.required and parameter.name not in given]
    if waiting:
        return page("query.html", asked, query=query, answer=None, parameters=query.parameters)
    match query.run(asked.view.dataset, given, asked.view.slugs):
        case Rows() as rows:
            return _table(asked, query, rows)
        case bool() as truth:
            if asked.representation == "html":
                return _page(asked, query, truth=truth)
            return json_answer({"boolean": truth})
        case triples:
            if asked.representation == "html":
                return _page(asked, query, triples=triples)
            return linked(rdf_answer(triples, asked.representation), {})


def _table(asked: Asked, query: NamedQuery, rows: Rows) -> Response:
    shown = Rows(rows.variables, list(window(asked, rows.rows)))
    following = {"next": next_address(asked, len(rows))}
    match asked.representation:
        case "json":
            return listing(asked, [item(shown, row) for row in shown], len(rows))
        case "csv":
            return linked(csv_answer(shown.variables, map(texts, shown)), following)
    return linked(_page(asked, query, rows=shown, total=len(rows)), following)


def _page(asked: Asked, query: NamedQuery, **answer: Any) -> Response:
    return page("query.html", asked, query=query, answer=answer, parameters=query.parameters)


def _described(query: NamedQuery) -> dict[str, Any]:
    return {
        "name": query.name,
        "path": f"/queries/{query.name}",
        "summary": query.summary,
        "description": query.description,
        "tags": list(query.tags),
        "form": query.form,
        "parameters": [_parameter(parameter) for parameter in query.parameters],
        "query": query.text,
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {name: value for name, value in vars(parameter).items() if value not in (None, (), "")}
