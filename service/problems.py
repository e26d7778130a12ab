"""Errors as answers: `application/problem+json` (RFC 9457), or a page for those who prefer HTML.

Programs read them in English, whoever asks; on a page the title is translated, and the detail is marked as English.

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
from service.brief_pdf import NoPrinter
from service.languages import marked
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
        marked("A parameter cannot be used"),
        marked("Use one of the names and values in `allowed`, or the `suggestion`."),
    ),
    InvalidQuery: Problem(
        400, "invalid-query", marked("This is not a SPARQL 1.1 query"), marked("Mend the query at `line` and `column`.")
    ),
    QueryRefused: Problem(
        403,
        "query-refused",
        marked("This query is not answered here"),
        marked("Ask only for what the release holds: no SERVICE, no LOAD, no update."),
    ),
    NotFound: Problem(
        404, "not-found", marked("There is no such thing"), marked("Try the `suggestion`, or look through the lists.")
    ),
    Withdrawn: Problem(
        410,
        "withdrawn",
        marked("This was withdrawn"),
        marked("Its identifier is never used for anything else; /changes says what happened."),
    ),
    ReleaseGone: Problem(
        410,
        "release-gone",
        marked("This release is no longer kept"),
        marked("Ask for one of those in `kept`, or for the newest."),
    ),
    ReleaseBeingOpened: Problem(
        503,
        "release-being-opened",
        marked("An older release is being opened"),
        marked("Wait as long as `Retry-After` says."),
    ),
    NoSuchAddress: Problem(
        404,
        "no-such-address",
        marked("There is no such address"),
        marked("Every address is described in /docs and /openapi.json."),
    ),
    NothingFits: Problem(
        406,
        "not-acceptable",
        marked("None of the formats offered is acceptable"),
        marked("Ask for one of the types in `allowed`, or put a suffix after the address."),
    ),
    ProfileRefused: Problem(
        406,
        "profile-refused",
        marked("This cannot be written in the profile"),
        marked("Ask for one of the profiles in `allowed`, or contribute what is `missing`."),
    ),
    InvalidInput: Problem(
        422,
        "invalid-input",
        marked("The submission cannot be taken as it is"),
        marked("Mend what the report names; nothing has been kept."),
    ),
    PoolBusy: Problem(
        503, "busy", marked("Too much is being asked at once"), marked("Wait as long as `Retry-After` says.")
    ),
    QueryFailed: Problem(
        400, "query-failed", marked("The query cannot be evaluated"), marked("Write it in another way.")
    ),
    NoPrinter: Problem(
        503,
        "no-printer",
        marked("PDF cannot be made on this machine"),
        marked("Print the page from a browser, or ask the people who run this to install what is named."),
    ),
    WrongForm: Problem(
        406,
        "wrong-form",
        marked("The formats asked for cannot carry this kind of answer"),
        marked("SELECT and ASK give results, CONSTRUCT and DESCRIBE a graph: ask for a format of that kind."),
    ),
    ShareUsed: Problem(
        429, "share-used", marked("Your share of query time is used"), marked("Wait as long as `Retry-After` says.")
    ),
    QueryTimeout: Problem(
        503,
        "query-timeout",
        marked("The query did not end within its limit"),
        marked("Ask for less: add a LIMIT, bind more terms, or take a dump of the whole graph."),
    ),
    QueryTooLarge: Problem(
        507,
        "query-too-large",
        marked("The query needs more room than it may have"),
        marked("Ask for less: add a LIMIT or bind more terms."),
    ),
    NotKnown: Problem(
        401, "not-known", marked("A valid token is needed"), marked("Log in, or ask the curators for a token.")
    ),
    NotOurForm: Problem(
        403,
        "not-our-form",
        marked("This was not sent from a page of yours"),
        marked("Load the page again and send it from there."),
    ),
    TooManyAttempts: Problem(
        429, "too-many-attempts", marked("Too many wrong tokens"), marked("Wait as long as `Retry-After` says.")
    ),
    NotAllowed: Problem(
        403, "not-allowed", marked("You may not do this"), marked("Contributors change only what is their own.")
    ),
    KeyReused: Problem(
        422, "key-reused", marked("The Idempotency-Key was used for another content"), marked("Take a new key.")
    ),
    WrongState: Problem(
        409, "wrong-state", marked("This cannot be done now"), marked("Look at the state of the contribution.")
    ),
    ExaminationTimeout: Problem(
        503,
        "validation-timeout",
        marked("The files could not be validated in time"),
        marked("Send them in parts, or run `trivium validate` on a machine of your own."),
    ),
    ExaminationTooLarge: Problem(
        413, "files-too-large", marked("The files are larger than can be validated here"), marked("Send them in parts.")
    ),
    DumpsBeingMade: Problem(
        503,
        "dumps-being-made",
        marked("The files are being made"),
        marked("Wait as long as `Retry-After` says, and ask again."),
    ),
    NotReachedYet: Problem(
        503, "not-reached-yet", marked("This is being published"), marked("Wait as long as `Retry-After` says.")
    ),
    NoRelease: Problem(503, "no-release", marked("Nothing has been published yet"), marked("Ask again later.")),
    StorageFull: Problem(
        507,
        "storage-full",
        marked("There is no room left to keep this"),
        marked("Send it again later, with the same Idempotency-Key: nothing of it has been kept."),
    ),
    Damaged: Problem(
        503,
        "damaged",
        marked("Something that was kept is damaged"),
        marked("Ask again later: the people who run this have to mend it, and their log tells them so."),
    ),
    StoreLocked: Problem(503, "being-published", marked("The graph is being published"), marked("Ask again later.")),
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
