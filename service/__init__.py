"""The web service: HTTP into calls on `graph` and `queries`, and their results into what was asked for.

    create_app(Settings.from_env(os.environ)) -> the WSGI application

Nothing happens at import. `service` imports `graph`, never the other way round; a blueprint never imports another.
"""

import os

from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from graph.examination import DEFAULTS
from graph.named_query import Catalogue
from graph.resources import ONTOLOGY, QUERIES, ROOT, SHAPES
from graph.schema import Schema
from service import (
    api_catalog,
    authentication,
    catalogue,
    changes,
    checks,
    confirmations,
    contribute,
    contributions,
    contributors,
    dataset,
    deployment,
    dumps,
    embeds,
    entities,
    examiner,
    gaps,
    graph_store,
    home,
    journal_view,
    kept_releases,
    ldes,
    lists,
    login,
    metrics,
    network,
    oai,
    older_releases,
    pages,
    permalinks,
    problems,
    query_editor,
    release_view,
    resourcesync,
    review,
    shared,
    sitemaps,
    sparql,
    sparql_endpoint,
    sparql_examples,
    spreadsheets,
    suggest,
    suggestions,
    system,
    validate,
    vocabulary,
)
from service.caching import digest_of
from service.settings import Settings

PARTS = (
    release_view,
    older_releases,
    problems,
    pages,
    sparql_endpoint,
    examiner,
    validate,
    authentication,
    journal_view,
    login,
    contribute,
    contributors,
    suggestions,
    suggest,
    deployment,
    kept_releases,
    query_editor,
)
SURFACES = (
    home,
    gaps,
    shared,
    network,
    vocabulary,
    spreadsheets,
    changes,
    system,
    metrics,
    sparql,
    graph_store,
    dumps,
    dataset,
    oai,
    sitemaps,
    api_catalog,
    ldes,
    resourcesync,
    contributions,
    confirmations,
    review,
    entities,
)
POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
EMBEDDED = "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors *"
"""For what others may put into a frame of their own pages."""

LONGEST_BODY = DEFAULTS.bytes + 100_000  # the largest file, and room for the frame of a form
EXPOSED = (
    "Link, ETag, Content-Profile, Retry-After, Content-Language, Trivium-Truncated, Trivium-Release, Memento-Datetime"
)
ALLOWED = "Accept, Accept-Language, Accept-Profile, Authorization, Content-Type, If-None-Match"


def create_app(settings: Settings | None = None) -> Flask:
    """The application over the releases below `settings.data`; without settings, as the environment says.

    Raises InvalidSetting, and InvalidQueryFile for a faulty question.
    """
    settings = settings or Settings.from_env(os.environ)
    app = Flask(__name__)
    app.config.update(MAX_CONTENT_LENGTH=LONGEST_BODY, MAX_FORM_MEMORY_SIZE=LONGEST_BODY)
    app.extensions["trivium.settings"] = settings
    app.extensions["trivium.schema"] = Schema.load()
    app.extensions["trivium.questions"] = Catalogue.load(QUERIES)
    app.extensions["trivium.code"] = digest_of(ROOT / "graph", ROOT / "service", ONTOLOGY, SHAPES, QUERIES)
    for part in PARTS:
        part.init_app(app)
    for surface in SURFACES:
        app.register_blueprint(surface.blueprint)
    listed = Catalogue.load(QUERIES / "lists")
    app.register_blueprint(lists.blueprint_of(listed))
    app.register_blueprint(embeds.blueprint_of(listed["offerings"]))
    questions = app.extensions["trivium.questions"]
    app.register_blueprint(catalogue.blueprint_of(questions))
    app.register_blueprint(query_editor.blueprint_of(questions, Catalogue.load(QUERIES / "editor")))
    app.register_blueprint(sparql_examples.blueprint_of(questions))
    app.register_blueprint(checks.blueprint_of(Catalogue.load(QUERIES / "checks")))
    app.after_request(_guarded)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]
    return app


def _guarded(response: Response) -> Response:
    """Nothing active runs in a page; data may be read from any web page."""
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    if "view" in g:
        headers.setdefault(permalinks.HEADER, str(g.view.release.number))
    if response.mimetype == "text/html":
        headers["Content-Security-Policy"] = EMBEDDED if request.path.startswith("/embed/") else POLICY
        headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    else:
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Access-Control-Expose-Headers"] = EXPOSED
    if request.method == "OPTIONS":
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Access-Control-Allow-Methods"] = headers.get("Allow", "GET")
        headers["Access-Control-Allow-Headers"] = ALLOWED
        headers["Access-Control-Max-Age"] = "86400"
    return response
