"""What every public address does before and after its own work, and the one declaration of it.

A view is declared with `answers(...)`: its address, its formats and its parameters. From that declaration requests
are routed, negotiated and parsed, answers are cached, and the API is described (`/openapi.json`, `/docs`).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial, wraps
from typing import Any, Final

from flask import Blueprint, Flask, Response, current_app, request
from pyoxigraph import Literal

from graph.parameters import Parameter, parse_arguments
from service.asked import Asked, given
from service.caching import FRESH, Body, etag_of
from service.citation import FORMATS as CITATIONS
from service.exports import DESCRIPTION, EXPORTS, answered
from service.negotiation import MEDIA_TYPES, choose, choose_language
from service.older_releases import is_older, view_of
from service.parameters import HEAD, LIVE, RELEASE
from service.permalinks import asked_release, lifetime, remembered
from service.release_view import ReleaseView, current_view

__all__ = ["Asked", "Operation", "answers", "declared", "fixed", "given", "operations"]

VARY: Final = "Accept, Accept-Language"
CONVERTER: Final = re.compile(r"<\w+:")


@dataclass(frozen=True)
class Operation:
    """One public address: `formats` are suffixes, the first one the answer to those who accept anything.

    `posted` are the media types that may be sent to it, if any; `reported` the formats of the answer to these, where
    they are others; `method` is POST for an address that only takes them. `also` says what decides the answer beside
    the release, if anything does. A `private` address answers only those who bear a token.
    """

    path: str
    summary: str
    formats: tuple[str, ...]
    parameters: tuple[Parameter, ...] = ()
    tag: str = "Browse"
    posted: tuple[str, ...] = ()
    reported: tuple[str, ...] = ()
    method: str = "GET"
    also: Callable[[ReleaseView], str] | None = None
    private: bool = False

    def answer(self, suffix: str | None, view: Callable[["Asked"], Response]) -> Response:
        """Compare the ETag, look into the cache, and only then work."""
        release = self._release()
        representation = choose(self.formats, suffix, request.headers.get("Accept"))
        language = _language(release)
        address = f"{_address()}#{self.also(release) if self.also else ''}#{is_older()}"
        etag = etag_of(release.release, current_app.extensions["trivium.code"], address, representation, language)
        if "If-None-Match" in request.headers and request.if_none_match.contains_weak(etag):
            return _marked(Response(status=304, mimetype=MEDIA_TYPES[representation]), etag, lifetime(representation))
        kept = release.bodies.get(etag)
        if kept is not None:
            return Response(kept.content, headers=list(kept.headers))
        _refuse_feed(representation)
        form = representation == "html" and not request.args.keys() - {RELEASE.name}
        arguments = parse_arguments(self._for_a_form() if form else self.parameters, given(), release.slugs)
        head = arguments.pop(HEAD.name, None) == Literal(True)
        arguments.pop(RELEASE.name, None)
        asked = Asked(release, representation, language, arguments, self.summary, head)
        response = remembered(_marked(view(asked), etag, lifetime(representation)), release.release)
        if response.status_code == 200:
            release.bodies.keep(etag, Body(response.get_data(), tuple(response.headers)))
        return response

    def _release(self) -> ReleaseView:
        """The release that the request names, if the address answers from any; else the newest."""
        return view_of(asked_release()) if RELEASE in self.parameters else current_view()

    def personal(self, suffix: str | None, view: Callable[["Asked"], Response]) -> Response:
        """Answer one reader: everything is done anew, and nobody keeps the answer."""
        return unkept(view(self.asked(suffix)))

    def asked(self, suffix: str | None) -> "Asked":
        """What the request asks for. Raises NothingFits, InvalidParameter and NoRelease."""
        release = current_view()
        representation = choose(self.formats, suffix, request.headers.get("Accept"))
        arguments = parse_arguments(self.parameters, given(), release.slugs)
        return Asked(release, representation, _language(release), arguments)

    def _for_a_form(self) -> list[Parameter]:
        """The parameters, none of them required: a page without arguments shows the form to give them in."""
        return [replace(parameter, required=False) for parameter in self.parameters]


View = Callable[..., Response]


def answers(
    blueprint: Blueprint,
    path: str,
    summary: str,
    formats: Sequence[str] = ("html",),
    parameters: Sequence[Parameter] = (),
    tag: str = "Browse",
    also: Callable[[ReleaseView], str] | None = None,
) -> Callable[[View], View]:
    """Declare a view under its address, and under its address with each suffix. It is called with an `Asked`.

    What answers from any release can be cited, and its tables can be taken away with what they are; a view that
    names one of these formats writes it itself.
    """
    added = _added(formats) if RELEASE in parameters else ()
    formats = (*formats, *added)
    parameters = (*parameters, HEAD) if DESCRIPTION in added else tuple(parameters)
    operation = Operation(path, summary, formats, parameters, tag, also=also)

    def register(view: View) -> View:
        @wraps(view)
        def answer(suffix: str | None = None, **parts: Any) -> Response:
            return operation.answer(suffix, lambda asked: answered(asked, added, partial(view, **parts)))

        declared(operation)(answer)
        endpoint = path.strip("/").replace("/", "-").replace(".", "-") or "home"
        blueprint.add_url_rule(path, endpoint, answer, strict_slashes=not path.endswith("/"))
        if path != "/":
            blueprint.add_url_rule(f"{path.rstrip('/')}.<any({','.join(formats)}):suffix>", endpoint, answer)
        return answer

    return register


def fixed(
    blueprint: Blueprint,
    rule: str,
    summary: str,
    suffix: str,
    parameters: Sequence[Parameter] = (),
    tag: str = "Browse",
) -> Callable[[View], View]:
    """Declare a view whose address has one format, whatever the client prefers: `/robots.txt`."""
    operation = Operation(CONVERTER.sub("<", rule), summary, (suffix,), tuple(parameters), tag)

    def register(view: View) -> View:
        @wraps(view)
        def answer(**parts: Any) -> Response:
            return operation.answer(suffix, lambda asked: view(asked, **parts))

        declared(operation)(answer)
        blueprint.add_url_rule(rule, view.__name__, answer)
        return answer

    return register


def declared(operation: Operation) -> Callable[[View], View]:
    """Let a view that answers in a way of its own be described with the others."""

    def register(view: View) -> View:
        view.operation = operation  # type: ignore[attr-defined]
        return view

    return register


def operations(app: Flask) -> list[Operation]:
    """Every declared operation of the application, by path."""
    views = (getattr(view, "operation", None) for view in app.view_functions.values())
    return sorted({one for one in views if isinstance(one, Operation)}, key=lambda one: (one.path, one.method))


def by_content(response: Response) -> Response:
    """Let everybody keep an answer that the release alone does not decide: it is marked by its content."""
    response.headers["Vary"] = VARY
    response.headers["Cache-Control"] = FRESH
    response.add_etag()
    response.make_conditional(request)
    return response


def unkept(response: Response) -> Response:
    """Mark an answer that is for one reader, so that nobody keeps it."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = f"{VARY}, Authorization, Cookie"
    return response


def see_other(address: str) -> Response:
    """Lead a browser to a page, after something was done (RFC 9110, 15.4.4)."""
    return unkept(Response(status=303, headers={"Location": address}))


def _language(view: ReleaseView) -> str:
    wanted = request.args.get("lang")
    return wanted.lower() if wanted else choose_language(view.languages, request.headers.get("Accept-Language"))


def _added(formats: Sequence[str]) -> tuple[str, ...]:
    """The formats that follow from those that a view answers itself."""
    return tuple(one for one in (*(EXPORTS if "csv" in formats else ()), *CITATIONS) if one not in formats)


def _refuse_feed(representation: str) -> None:
    """Raises InvalidParameter for a feed or a calendar of one release: they tell what happens from now on."""
    if representation in LIVE and asked_release() is not None:
        raise RELEASE.refusal(request.args[RELEASE.name], "what is subscribed to goes on: leave the release out.")


def _address() -> str:
    return f"{request.environ['PATH_INFO']}?{request.environ.get('QUERY_STRING', '')}"


def _marked(response: Response, etag: str, lifetime: str) -> Response:
    response.set_etag(etag)
    response.headers["Vary"] = VARY
    response.headers["Cache-Control"] = lifetime
    return response
