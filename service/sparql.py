"""`/sparql`: the SPARQL 1.1 Protocol for queries (sections 2.1 and 2.2), the service description, and a form.

This process never parses a query: it is looked at by the guard and evaluated in a pool of processes. Its answer says
so, in the header `Trivium-Truncated`, when rows or statements were left out at the limit.
"""

from typing import Final

from flask import Blueprint, Response, render_template, request

from graph.parameters import Parameter
from graph.serialisation import serialise
from service.deployment import deployment
from service.negotiation import MEDIA_TYPES, choose
from service.older_releases import view_of
from service.operation import Operation, declared
from service.parameters import RELEASE
from service.permalinks import asked_release
from service.service_description import description
from service.sparql_answer import answered, conditional
from service.sparql_endpoint import endpoint
from service.sparql_page import page_of
from service.sparql_request import DIRECT, FORM, GRAPH_SUFFIXES, SUFFIXES, asked_query, prefers_page, wanted

PARAMETERS: Final = (
    Parameter("query", "text", "The query; without it, the service is described.", example="ASK { ?s ?p ?o }"),
    Parameter("default-graph-uri", "text", "A graph of the default graph; may be repeated. Without any, all."),
    Parameter("named-graph-uri", "text", "A named graph of the dataset; may be repeated. Without any, all."),
    RELEASE,
)
OPERATION: Final = Operation(
    "/sparql", "SPARQL 1.1 over the newest release", ("html", *SUFFIXES), PARAMETERS, "SPARQL", (DIRECT, FORM)
)

blueprint = Blueprint("sparql", __name__)


@blueprint.route("/sparql", methods=["GET", "POST"], strict_slashes=False)
@blueprint.route(f"/sparql.<any({','.join(SUFFIXES)}):suffix>", methods=["GET", "POST"])
@declared(OPERATION)
def answer(suffix: str | None = None) -> Response:
    """Answer a query; without one, describe the service, or show the form to those who prefer a page."""
    query = asked_query()
    if query is None:
        return _described(suffix)
    formats = wanted(suffix)
    found = endpoint().answer(query, formats, view_of(asked_release()))
    shown = render_template("sparql.html", query=query.text, answer=page_of(found)) if formats.page else None
    return answered(found, shown)


def _described(suffix: str | None) -> Response:
    """The service description, or the form to those who prefer a page."""
    view = view_of(asked_release())
    if suffix is None and prefers_page():
        return conditional(Response(render_template("sparql.html", query=request.args.get("draft", ""), answer=None)))
    syntax = choose(GRAPH_SUFFIXES, suffix if suffix in GRAPH_SUFFIXES else None, request.headers.get("Accept"))
    described = serialise(description(deployment().at("/sparql"), view), syntax)
    return conditional(Response(described, content_type=MEDIA_TYPES[syntax]))
