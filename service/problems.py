"""Errors as answers: `application/problem+json` (RFC 9457), or a page for those who prefer HTML.

One table says which error has which status. What is not in it is a fault of ours, and stays 500.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, current_app, json, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.exceptions import NotFound as NoSuchAddress
from werkzeug.http import dump_header

from graph.attempts import TooManyAttempts
from graph.changes import NotReachedYet, Withdrawn
from graph.dumps import DumpsBeingMade
from graph.errors import (
    Damaged,
    InvalidInput,
    InvalidParameter,
    InvalidQuery,
    NotFound,
    PoolBusy,
    QueryRefused,
    QueryTimeout,
    QueryTooLarge,
    StorageFull,
    StoreLocked,
    TriviumError,
    nearest,
)
from graph.examination import ExaminationTimeout, ExaminationTooLarge
from graph.fair_use import ShareUsed
from graph.journal import KeyReused, WrongState
from graph.namespaces import BASE
from graph.people import NotAllowed, NotKnown
from graph.profiles import ProfileRefused
from graph.query_pool import QueryFailed, WrongForm
from graph.storage import is_full
from service.negotiation import NothingFits
from service.older_releases import ReleaseBeingOpened, ReleaseGone
from service.release_view import NoRelease
from service.session import NotOurForm

MEDIA_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 5


@dataclass(frozen=True)
class Problem:
    """A kind of problem: its status, the last part of its type IRI, its title and what to do about it."""

    status: int
    name: str
    title: str
    advice: str = ""

    @property
    def type(self) -> str:
        """The IRI of this kind of problem."""
        return f"{BASE}problems#{self.name}"


PROBLEMS: Final[Mapping[type[Exception], Problem]] = {
    InvalidParameter: Problem(
        400,
        "invalid-parameter",
        "A parameter cannot be used",
        "Use one of the names and values in `allowed`, or the `suggestion`.",
    ),
    InvalidQuery: Problem(
        400, "invalid-query", "This is not a SPARQL 1.1 query", "Mend the query at `line` and `column`."
    ),
    QueryRefused: Problem(
        403,
        "query-refused",
        "This query is not answered here",
        "Ask only for what the release holds: no SERVICE, no LOAD, no update.",
    ),
    NotFound: Problem(404, "not-found", "There is no such thing", "Try the `suggestion`, or look through the lists."),
    Withdrawn: Problem(
        410,
        "withdrawn",
        "This was withdrawn",
        "Its identifier is never used for anything else; /changes says what happened.",
    ),
    ReleaseGone: Problem(
        410, "release-gone", "This release is no longer kept", "Ask for one of those in `kept`, or for the newest."
    ),
    ReleaseBeingOpened: Problem(
        503, "release-being-opened", "An older release is being opened", "Wait as long as `Retry-After` says."
    ),
    NoSuchAddress: Problem(
        404, "no-such-address", "There is no such address", "Every address is described in /docs and /openapi.json."
    ),
    NothingFits: Problem(
        406,
        "not-acceptable",
        "None of the formats offered is acceptable",
        "Ask for one of the types in `allowed`, or put a suffix after the address.",
    ),
    ProfileRefused: Problem(
        406,
        "profile-refused",
        "This cannot be written in the profile",
        "Ask for one of the profiles in `allowed`, or contribute what is `missing`.",
    ),
    InvalidInput: Problem(
        422,
        "invalid-input",
        "The submission cannot be taken as it is",
        "Mend what the report names; nothing has been kept.",
    ),
    PoolBusy: Problem(503, "busy", "Too much is being asked at once", "Wait as long as `Retry-After` says."),
    QueryFailed: Problem(400, "query-failed", "The query cannot be evaluated", "Write it in another way."),
    WrongForm: Problem(
        406,
        "wrong-form",
        "The formats asked for cannot carry this kind of answer",
        "SELECT and ASK give results, CONSTRUCT and DESCRIBE a graph: ask for a format of that kind.",
    ),
    ShareUsed: Problem(429, "share-used", "Your share of query time is used", "Wait as long as `Retry-After` says."),
    QueryTimeout: Problem(
        503,
        "query-timeout",
        "The query did not end within its limit",
        "Ask for less: add a LIMIT, bind more terms, or take a dump of the whole graph.",
    ),
    QueryTooLarge: Problem(
        507,
        "query-too-large",
        "The query needs more room than it may have",
        "Ask for less: add a LIMIT or bind more terms.",
    ),
    NotKnown: Problem(401, "not-known", "A valid token is needed", "Log in, or ask the curators for a token."),
    NotOurForm: Problem(
        403, "not-our-form", "This was not sent from a page of yours", "Load the page again and send it from there."
    ),
    TooManyAttempts: Problem(429, "too-many-attempts", "Too many wrong tokens", "Wait as long as `Retry-After` says."),
    NotAllowed: Problem(403, "not-allowed", "You may not do this", "Contributors change only what is their own."),
    KeyReused: Problem(422, "key-reused", "The Idempotency-Key was used for another content", "Take a new key."),
    WrongState: Problem(409, "wrong-state", "This cannot be done now", "Look at the state of the contribution."),
    ExaminationTimeout: Problem(
        503,
        "validation-timeout",
        "The files could not be validated in time",
        "Send them in parts, or run `trivium validate` on a machine of your own.",
    ),
    ExaminationTooLarge: Problem(
        413, "files-too-large", "The files are larger than can be validated here", "Send them in parts."
    ),
    DumpsBeingMade: Problem(
        503, "dumps-being-made", "The files are being made", "Wait as long as `Retry-After` says, and ask again."
    ),
    NotReachedYet: Problem(503, "not-reached-yet", "This is being published", "Wait as long as `Retry-After` says."),
    NoRelease: Problem(503, "no-release", "Nothing has been published yet", "Ask again later."),
    StorageFull: Problem(
        507,
        "storage-full",
        "There is no room left to keep this",
        "Send it again later, with the same Idempotency-Key: nothing of it has been kept.",
    ),
    Damaged: Problem(
        503,
        "damaged",
        "Something that was kept is damaged",
        "Ask again later: the people who run this have to mend it, and their log tells them so.",
    ),
    StoreLocked: Problem(503, "being-published", "The graph is being published", "Ask again later."),
}


def init_app(app: Flask) -> None:
    """Turn every error that Trivium raises on purpose, and every HTTP error, into a problem."""
    app.register_error_handler(TriviumError, answer)
    app.register_error_handler(HTTPException, answer)
    app.register_error_handler(OSError, _answer_full)


def answer(error: Exception) -> Response:
    """An error as the problem that it is, in JSON or as a page."""
    problem = _problem(error)
    members = {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "detail": _detail(error),
        **dict(_particulars(error)),
    }
    page = prefers_page()
    content = render_template("problem.html", problem=members) if page else json.dumps(members, ensure_ascii=False)
    response = Response(content, problem.status, content_type="text/html; charset=utf-8" if page else MEDIA_TYPE)
    response.headers.update(_headers(error, problem))
    return response


def _answer_full(error: OSError) -> Response:
    """A large body is put aside in a file while it arrives: there may be no room for it."""
    if is_full(error):
        return answer(StorageFull("There is no room left on the disk for what was sent."))
    raise error


def _problem(error: Exception) -> Problem:
    for kind in type(error).__mro__:
        if kind in PROBLEMS:
            return PROBLEMS[kind]
    status = (error.code if isinstance(error, HTTPException) else None) or 500
    phrase = HTTPStatus(status).phrase
    return Problem(status, phrase.lower().replace(" ", "-"), phrase)


def _detail(error: Exception) -> str:
    if isinstance(error, HTTPException):
        return error.description or ""
    return str(error)


def _particulars(error: Exception) -> Iterator[tuple[str, object]]:
    """The extension members that this error has something to say in."""
    match error:
        case InvalidParameter():
            yield "parameter", error.name
            if error.value is not None:
                yield "value", error.value
            if error.allowed:
                yield "allowed", list(error.allowed)
        case InvalidQuery(line=int()):
            yield "line", error.line
            yield "column", error.column
        case NothingFits():
            yield "allowed", error.allowed
        case ProfileRefused():
            yield "parameter", "profile"
            yield "allowed", error.allowed
            if error.missing:
                yield "missing", error.missing
        case MethodNotAllowed():
            yield "allowed", sorted(error.valid_methods or ())
        case Withdrawn():
            yield "iri", error.last.entity.value
            yield "release", error.last.release
            yield "withdrawn", error.last.at.isoformat()
        case ReleaseGone():
            yield "release", error.number
            yield "kept", error.kept
        case InvalidInput():
            yield "report", str(error.report)
    suggestion = _suggestion(error)
    if suggestion:
        yield "suggestion", suggestion


def _suggestion(error: Exception) -> str | None:
    if isinstance(error, NoSuchAddress):
        return nearest(request.path, _known_addresses())
    return getattr(error, "suggestion", None)


def _headers(error: Exception, problem: Problem) -> Iterator[tuple[str, str]]:
    yield "Cache-Control", "no-store"
    yield "Vary", "Accept"
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        yield "Allow", dump_header(sorted(error.valid_methods))
    if problem.status == 401:
        yield "WWW-Authenticate", "Bearer"
    if problem.status in (429, 503):
        yield "Retry-After", str(getattr(error, "retry_after", RETRY_SECONDS))


def prefers_page() -> bool:
    """Whether the client names HTML and likes it best; `*/*` alone gets JSON."""
    path = request.path
    if path.endswith((".html", ".json", ".csv", ".ttl", ".jsonld", ".rdf", ".nt", ".linkset")):
        return path.endswith(".html")
    wanted = request.accept_mimetypes
    return "text/html" in wanted.values() and wanted.best_match((MEDIA_TYPE, "text/html")) == "text/html"


def _known_addresses() -> list[str]:
    """The addresses without a variable part."""
    return [rule.rule for rule in current_app.url_map.iter_rules() if "<" not in rule.rule]
