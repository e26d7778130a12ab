"""`/health`, `/openapi.json`, `/docs` and `/problems`: the service about itself."""

from flask import Blueprint, Response, current_app, json

from service.negotiation import MEDIA_TYPES
from service.openapi import document, path
from service.operation import Asked, Operation, answers, declared, operations
from service.problems import PROBLEMS
from service.release_view import NoRelease, current_view
from service.representations import json_answer, page
from service.sparql_endpoint import endpoint

blueprint = Blueprint("system", __name__)


@blueprint.get("/health")
@declared(Operation("/health", "Whether the service is alive, and ready to answer", ("json",), tag="Service"))
def show_health() -> Response:
    """Whether the process is alive, and whether it has a release to answer from; 503 while it has not.

    `query_network_closed` says whether query workers have proven that they reach no network; null before the first.
    """
    try:
        release = current_view().release
    except NoRelease as missing:
        state: dict[str, object] = {"alive": True, "ready": False, "detail": str(missing)}
    else:
        state = {"alive": True, "ready": True, "release": release.number, "as_of": release.as_of.isoformat(),
                 "statements": release.quads}  # fmt: skip
    total = endpoint().tally.total()
    state["query_network_closed"] = total["open"] == 0 if total["open"] + total["closed"] else None
    response = Response(json.dumps(state), 200 if state["ready"] else 503, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


@answers(blueprint, "/openapi", "The API, described for machines", ("json",), tag="Service")
def show_openapi(asked: Asked) -> Response:
    """The OpenAPI document."""
    del asked
    base: str = current_app.extensions["trivium.settings"].base
    return json_answer(document(operations(current_app), base))


@answers(blueprint, "/docs", "The API, described for people", tag="Service")
def show_docs(asked: Asked) -> Response:
    """Every address with its parameters and formats."""
    tags: dict[str, list[object]] = {}
    for operation in operations(current_app):
        tags.setdefault(operation.tag, []).append((path(operation), operation))
    return page("docs.html", asked, tags=tags, media_types=MEDIA_TYPES)


@answers(blueprint, "/problems", "The kinds of problem that an answer may report", tag="Service")
def show_problems(asked: Asked) -> Response:
    """Every kind of problem, at the anchor that its type leads to."""
    return page("problems.html", asked, problems=sorted(PROBLEMS.values(), key=lambda one: (one.status, one.name)))
