"""`/queries`: the catalogue of questions, each a page with a form, and each run as JSON, CSV, XLSX or RDF.

A file in `queries/` is all that it takes: its header makes the form, the address and the description of the API.
"""

from functools import partial
from itertools import groupby
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response

from graph.errors import NotFound
from graph.named_query import ASKERS, Catalogue, NamedQuery
from graph.parameters import Parameter
from graph.store import Rows
from service.negotiation import RDF_SUFFIXES
from service.operation import Asked, Operation, answers, declared
from service.parameters import LIMIT, OFFSET, RELEASE
from service.representations import json_answer, linked, page, rdf_answer, table_answer
from service.shown_query import written

FORMATS: Final = {
    "select": ("html", "json", "csv"),
    "construct": ("html", *RDF_SUFFIXES),
    "ask": ("html", "json"),
}

WHO: Final = {
    "planner": "planners, educators and funders",
    "learner": "learners and supervisors",
    "researcher": "researchers",
    "partner": "partners",
    "contributor": "contributors",
    "curator": "curators",
}
"""Those who ask, as a page names them."""

ASKED_BY: Final = Parameter("asked_by", "enumeration", "Only questions that they would ask.", enumeration=ASKERS)
ANY_QUESTION: Final = Operation(
    "/queries/<name>", "One question, by its name in the catalogue", ("html", "json"), tag="Questions"
)


def blueprint_of(catalogue: Catalogue) -> Blueprint:
    """The routes of the catalogue and of every question in it."""
    blueprint = Blueprint("catalogue", __name__)
    declare = answers(
        blueprint, "/queries", "The catalogue of questions", ("html", "json"), (ASKED_BY, RELEASE), "Questions"
    )
    declare(partial(show_catalogue, catalogue=catalogue))
    for query in catalogue.values():
        parameters = (*query.parameters, *((LIMIT, OFFSET) if query.form == "select" else ()), RELEASE)
        path = f"/queries/{query.name}"
        declare = answers(blueprint, path, query.summary, FORMATS[query.form], parameters, "Questions")
        declare(partial(show_question, query=query))
    blueprint.add_url_rule("/queries/<name>", "refuse", declared(ANY_QUESTION)(partial(refuse, catalogue)))
    return blueprint


def refuse(catalogue: Catalogue, name: str) -> Response:
    """Say what was meant by an address that is not in the catalogue. Raises NotFound."""
    query = catalogue[name.partition(".")[0]]
    raise NotFound(f"`{query.name}` is answered as {', '.join(FORMATS[query.form])}, not at `{name}`.")


def show_catalogue(asked: Asked, catalogue: Catalogue) -> Response:
    """Every question, or those of somebody, with what it takes; on the page by topic, which is the first tag."""
    asker = asked.text("asked_by")
    found = [query for query in catalogue.values() if asker is None or asker in query.asked_by]
    if asked.representation == "json":
        return json_answer({"items": [_described(query) for query in found]})
    topics = groupby(sorted(found, key=lambda query: query.topic), key=lambda query: query.topic)
    shown = [(topic, list(queries)) for topic, queries in topics]
    return page("queries.html", asked, (ASKED_BY,), topics=shown, total=len(found), field=ASKED_BY, who=WHO)


def show_question(asked: Asked, query: NamedQuery) -> Response:
    """One question: run, or its form where a required argument has yet to be given."""
    given = asked.given("limit", "offset")
    if any(parameter.name == "lang" for parameter in query.parameters):
        given["lang"] = asked.language
    waiting = [parameter.name for parameter in query.parameters if parameter.required and parameter.name not in given]
    if waiting:
        return _page(asked, query)
    sparql = written(query, asked, given)
    match query.run(asked.view.dataset, given, asked.view.slugs):
        case Rows() as rows:
            return _table(asked, query, rows, sparql)
        case bool() as truth:
            if asked.representation == "html":
                return _page(asked, query, truth=truth, sparql=sparql)
            return json_answer({"boolean": truth})
        case triples:
            if asked.representation == "html":
                return _page(asked, query, triples=triples, sparql=sparql)
            return linked(rdf_answer(triples, asked.representation), {})


def _table(asked: Asked, query: NamedQuery, rows: Rows, sparql: str) -> Response:
    def as_page(shown: Rows) -> Response:
        return _page(asked, query, rows=shown, columns=_columns(shown), total=len(rows), sparql=sparql)

    return table_answer(asked, rows, as_page)


def _columns(rows: Rows) -> list[tuple[str, int]]:
    """The columns that a page shows, each with its place: a label stands in the link of its thing."""
    stems = {name.removesuffix("_iri") for name in rows.variables if name.endswith("_iri")}
    places = enumerate(rows.variables)
    return [
        (name.removesuffix("_iri"), place)
        for place, name in places
        if not (name.endswith("_label") and name.removesuffix("_label") in stems)
    ]


def _page(asked: Asked, query: NamedQuery, **answer: Any) -> Response:
    return page(
        "query.html", asked, query.parameters, query=query, answer=answer or None, examples=_examples(query), who=WHO
    )


def _examples(query: NamedQuery) -> dict[str, str]:
    """For each parameter that has an example, an address that uses it, and those of the required ones."""
    needed = {one.name: one.example for one in query.parameters if one.required}
    shown = {one.name: needed | {one.name: one.example} for one in query.parameters if one.example}
    return {name: f"/queries/{query.name}?{urlencode(arguments)}" for name, arguments in shown.items()}


def _described(query: NamedQuery) -> dict[str, Any]:
    return {
        "name": query.name,
        "path": f"/queries/{query.name}",
        "summary": query.summary,
        "description": query.description,
        "tags": list(query.tags),
        "asked_by": list(query.asked_by),
        "form": query.form,
        "parameters": [_parameter(parameter) for parameter in query.parameters],
        "query": query.text,
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {name: value for name, value in vars(parameter).items() if value not in (None, (), "")}
