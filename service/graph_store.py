"""`/sparql/graphs`: the SPARQL 1.1 Graph Store HTTP Protocol, read only (sections 4.1, 4.2, 5.2 and 5.6).

/sparql/graphs?graph=IRI    one named graph
/sparql/graphs?default      the default graph: the union of all
/sparql/graphs              which graphs there are
"""

from typing import Final

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from graph.errors import InvalidParameter, NotFound
from graph.parameters import Parameter, parse_arguments
from graph.serialisation import serialise
from service.deployment import deployment
from service.negotiation import MEDIA_TYPES, choose
from service.operation import Operation, declared, given
from service.release_view import current_view
from service.service_description import collection
from service.sparql_answer import answered, conditional
from service.sparql_endpoint import endpoint
from service.sparql_request import GRAPH_SUFFIXES, Query, Wanted

EVERYTHING: Final = "CONSTRUCT WHERE { ?s ?p ?o }"
PARAMETERS: Final = (
    Parameter("graph", "text", "The IRI of a named graph.", example="https://w3id.org/trivium/ns"),
    Parameter("default", "text", "Written without a value: the default graph, which is the union of all."),
)
OPERATION: Final = Operation(
    "/sparql/graphs", "The graphs, one by one (SPARQL 1.1 Graph Store Protocol)", GRAPH_SUFFIXES, PARAMETERS, "SPARQL"
)

blueprint = Blueprint("graph_store", __name__)


@blueprint.get("/sparql/graphs", strict_slashes=False)
@blueprint.get(f"/sparql/graphs.<any({','.join(GRAPH_SUFFIXES)}):suffix>")
@declared(OPERATION)
def read_graph(suffix: str | None = None) -> Response:
    """The graph that is asked for, or the list of them. Raises NotFound for one that the release does not have."""
    arguments = given()
    parse_arguments(PARAMETERS, arguments)
    media_type = MEDIA_TYPES[syntax := choose(GRAPH_SUFFIXES, suffix, request.headers.get("Accept"))]
    if not arguments:
        described = serialise(collection(deployment().at("/sparql"), current_view()), syntax)
        return conditional(Response(described, content_type=media_type))
    query = Query(EVERYTHING, _asked_graphs(arguments))
    return answered(endpoint().answer(query, Wanted(None, media_type), current_view()))


def _asked_graphs(arguments: dict[str, str]) -> list[str]:
    """The graph that the query is to see; none for all of them."""
    if len(arguments) > 1:
        raise InvalidParameter("default", arguments["default"], "give either `graph` or `default`, not both.")
    if "default" in arguments:
        return []
    try:
        graph = NamedNode(arguments["graph"])
    except ValueError as error:
        raise InvalidParameter("graph", arguments["graph"], f"write a whole IRI ({error}).") from error
    if not any(current_view().dataset.quads(graph=graph)):
        raise NotFound(f"The release has no graph <{graph.value}>. /sparql/graphs lists those that it has.")
    return [graph.value]
