"""An answer of the endpoint as an answer of HTTP: marked by its content, with a cut announced."""

from typing import Final

from flask import Response, request

from graph.query_pool import Answer

TRUNCATED: Final = "Trivium-Truncated"


def answered(found: Answer, page: str | None = None) -> Response:
    """The answer as it is, or the page that shows it."""
    response = Response(found.body, content_type=found.content_type) if page is None else Response(page)
    if found.truncated:
        response.headers[TRUNCATED] = "true"
    return conditional(response)


def conditional(response: Response) -> Response:
    """Mark an answer by its own content: an unordered query may be answered in another order each time."""
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    if request.method in ("GET", "HEAD"):
        response.make_conditional(request)
    return response
