"""`/sparql`: the SPARQL 1.1 Protocol for queries (sections 2.1 and 2.2), the service description, and a form.

This process never parses a query: it is looked at by the guard and evaluated in a pool of processes. Its answer says
so, in the header `Trivium-Truncated`, when rows or statements were left out at the limit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

from flask import Blueprint, Flask, Response, current_app, render_template, request

from graph.errors import PoolBusy
from graph.fair_use import FairUse
from graph.parameters import Parameter
from graph.query_pool import Answer, Limits, QueryPool
from graph.releases import Release
from graph.serialisation import serialise
from service.negotiation import MEDIA_TYPES, RDF_SUFFIXES, choose
from service.older_releases import is_older, view_of
from service.operation import Operation, declared
from service.parameters import RELEASE
from service.permalinks import asked_release
from service.service_description import description
from service.settings import Settings
from service.sparql_page import page_of
from service.sparql_request import DIRECT, FORM, SUFFIXES, asked_query, prefers_page, wanted

RETRY: Final = 5  # seconds
TRUNCATED: Final = "Trivium-Truncated"

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


class Endpoint:
    """The pool of this process, made for the first query and moved to each newer release."""

    def __init__(self, settings: Settings) -> None:
        self._workers = settings.query_workers
        self._limits = Limits(
            seconds=settings.query_seconds,
            memory=settings.query_memory,
            rows=settings.query_rows,
            bytes=settings.query_bytes,
        )
        self._pool: QueryPool | None = None
        self._number = 0
        self._lock, self._older = Lock(), Lock()
        self.use = FairUse()

    def pool(self, release: Release) -> QueryPool:
        """The pool, answering from this release or a newer one."""
        with self._lock:
            store = release.path / "store"
            if self._pool is None:
                self._pool, self._number = QueryPool(store, self._workers, self._limits), release.number
            elif release.number > self._number:
                self._pool.switch(store)
                self._number = release.number
            return self._pool

    @contextmanager
    def answering(self, release: Release, older: bool) -> Iterator[QueryPool]:
        """What answers from a release: the pool, or for an older one a process that ends with the query.

        Raises PoolBusy where another query to an older release is being answered.
        """
        if not older:
            yield self.pool(release)
            return
        if not self._older.acquire(timeout=self._limits.wait):
            raise PoolBusy("Another query to an older release is being answered. Try again.", RETRY)
        try:
            with QueryPool(release.path / "store", 1, self._limits) as pool:
                yield pool
        finally:
            self._older.release()

    def close(self) -> None:
        """End the processes of the pool."""
        with self._lock:
            if self._pool:
                self._pool.close()
            self._pool = None


def init_app(app: Flask) -> None:
    """Attach the endpoint."""
    app.extensions["trivium.sparql"] = Endpoint(app.extensions["trivium.settings"])
    app.register_blueprint(blueprint)


@blueprint.route("/sparql", methods=["GET", "POST"])
@blueprint.route(f"/sparql.<any({','.join(SUFFIXES)}):suffix>", methods=["GET", "POST"])
@declared(OPERATION)
def answer(suffix: str | None = None) -> Response:
    """Answer a query; without one, describe the service, or show the form to those who prefer a page."""
    query = asked_query()
    if query is None:
        return _described(suffix)
    formats = wanted(suffix)
    release = view_of(asked_release()).release
    endpoint: Endpoint = current_app.extensions["trivium.sparql"]
    with endpoint.use.turn(request.remote_addr or ""), endpoint.answering(release, is_older()) as pool:
        found = pool.run(
            query.text,
            results=formats.results,
            graph=formats.graph,
            default_graphs=query.default_graphs,
            named_graphs=query.named_graphs,
        )
    return _response(found, query.text if formats.page else None)


def _response(found: Answer, shown: str | None) -> Response:
    if shown is None:
        response = Response(found.body, content_type=found.content_type)
    else:
        response = Response(render_template("sparql.html", query=shown, answer=page_of(found)))
    if found.truncated:
        response.headers[TRUNCATED] = "true"
    return _conditional(response)


def _conditional(response: Response) -> Response:
    """Mark an answer by its own content: an unordered query may be answered in another order each time."""
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    if request.method in ("GET", "HEAD"):
        response.make_conditional(request)
    return response


def _described(suffix: str | None) -> Response:
    """The service description, or the form to those who prefer a page."""
    release = view_of(asked_release()).release
    if suffix is None and prefers_page():
        return _conditional(Response(render_template("sparql.html", query=request.args.get("draft", ""), answer=None)))
    syntax = choose(RDF_SUFFIXES, suffix if suffix in RDF_SUFFIXES else None, request.headers.get("Accept"))
    settings: Settings = current_app.extensions["trivium.settings"]
    address = (settings.base or request.host_url).rstrip("/") + "/sparql"
    return _conditional(Response(serialise(description(address, release), syntax), content_type=MEDIA_TYPES[syntax]))
