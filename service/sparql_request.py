"""A request of the SPARQL 1.1 Protocol (2.1): which query, over which graphs, answered in which format."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from flask import current_app, request
from werkzeug.datastructures import MIMEAccept, MultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, RequestURITooLarge, UnsupportedMediaType
from werkzeug.http import parse_accept_header

from graph.errors import QueryRefused
from graph.query_pool import GRAPHS, RESULTS
from service.negotiation import MEDIA_TYPES, RDF_SUFFIXES, NothingFits
from service.settings import Settings

GRAPH_SUFFIXES: Final = (*RDF_SUFFIXES, "nq", "trig")
SUFFIXES: Final = ("json", "srj", "srx", "csv", "tsv", *GRAPH_SUFFIXES)
ALIASES: Final = {"application/json": RESULTS[0], "application/xml": RESULTS[1], "text/xml": RESULTS[1]}
FORM: Final = "application/x-www-form-urlencoded"
DIRECT: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
PASSED_OVER: Final = 32_000_000  # bytes


@dataclass(frozen=True)
class Wanted:
    """The media types for the two forms of answer, None where the client takes none; or a page to look at."""

    results: str | None
    graph: str | None
    page: bool = False


@dataclass(frozen=True)
class Query:
    """What a request of the protocol asks (2.1): the query, and the dataset it names."""

    text: str
    default_graphs: Sequence[str] = ()
    named_graphs: Sequence[str] = ()


def asked_query() -> Query | None:
    """The query of the request, or None for a GET without one. Raises HTTP errors as the protocol wants them."""
    settings: Settings = current_app.extensions["trivium.settings"]
    if request.method == "POST":
        return _posted(settings)
    text = _one(request.args.getlist("query"), request.args)
    if text is not None and len(text.encode(errors="replace")) > settings.query_length:
        raise RequestURITooLarge(f"The query is longer than {settings.query_length} bytes.")
    return None if text is None else Query(text, *_graphs(request.args))


def _posted(settings: Settings) -> Query:
    request.max_content_length = settings.query_length * 4
    if (request.content_length or 0) > request.max_content_length:
        _pass_over(request.content_length or 0)
        raise RequestEntityTooLarge(f"The query is longer than {settings.query_length} bytes.")
    match request.mimetype:
        case "application/x-www-form-urlencoded":
            text, graphs = _one(request.form.getlist("query"), request.form), _graphs(request.form)
        case "application/sparql-query":
            text, graphs = _direct(), _graphs(request.args)
        case "application/sparql-update":
            raise QueryRefused("This endpoint only answers queries; the graph changes by contributions.")
        case other:
            raise UnsupportedMediaType(f"`{other}` is not understood: send {DIRECT} or {FORM}.")
    if text is None:
        raise BadRequest("The form has no `query`.")
    if len(text.encode(errors="replace")) > settings.query_length:
        raise RequestEntityTooLarge(f"The query is longer than {settings.query_length} bytes.")
    return Query(text, *graphs)


def _pass_over(length: int) -> None:
    """Read a body that is refused: a client that still sends would find its connection broken, not our answer."""
    left = min(length, PASSED_OVER)
    while left and (piece := request.environ["wsgi.input"].read(min(left, 65_536))):
        left -= len(piece)


def _direct() -> str:
    """The body as a query (2.1.3). Only UTF-8 is taken."""
    charset = request.mimetype_params.get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMediaType(f"The query must be in UTF-8, not {charset}.")
    try:
        return request.get_data().decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"The query is not UTF-8: {error.reason} at byte {error.start}.") from error


def _one(found: Sequence[str], parameters: MultiDict[str, str]) -> str | None:
    if "update" in parameters:
        raise BadRequest("`update` is not taken: this endpoint only answers queries.")
    if len(found) > 1:
        raise BadRequest("`query` is given more than once: give it once.")
    return found[0] if found else None


def _graphs(parameters: MultiDict[str, str]) -> tuple[list[str], list[str]]:
    return parameters.getlist("default-graph-uri"), parameters.getlist("named-graph-uri")


def wanted(suffix: str | None) -> Wanted:
    """What the client takes. Raises NothingFits when that is neither a page, nor results, nor a graph."""
    if suffix:
        kind = ALIASES.get(MEDIA_TYPES[suffix], MEDIA_TYPES[suffix])
        return Wanted(kind if kind in RESULTS else None, kind if kind in GRAPHS else None)
    found = _taken(request.headers["Accept"]) if "Accept" in request.headers else Wanted(RESULTS[0], GRAPHS[0])
    if found is None:
        raise NothingFits(SUFFIXES)
    return found


def prefers_page() -> bool:
    """Whether the client would rather see a page than any data."""
    return _prefers_page(parse_accept_header(request.headers.get("Accept"), MIMEAccept))


@lru_cache(maxsize=1024)
def _taken(header: str) -> Wanted | None:
    """What an Accept header takes, None where that is nothing of ours; clients send the same few again and again."""
    accept = parse_accept_header(header, MIMEAccept)
    if _prefers_page(accept):
        return Wanted(RESULTS[0], GRAPHS[0], page=True)
    result = accept.best_match((*RESULTS, *ALIASES))
    graph = accept.best_match((*GRAPHS, "application/xml"))
    if result is None and graph is None:
        return None
    return Wanted(ALIASES.get(result or "", result), "application/rdf+xml" if graph == "application/xml" else graph)


def _prefers_page(accept: MIMEAccept) -> bool:
    offered = ("text/html", *RESULTS, *GRAPHS)
    return "text/html" in accept.values() and accept.best_match(offered) == "text/html"
