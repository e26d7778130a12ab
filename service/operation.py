"""What every public address does before and after its own work, and the one declaration of it.

A view is declared with `answers(...)`: its address, its formats and its parameters. From that declaration requests
are routed, negotiated and parsed, answers are cached, and the API is described (`/openapi.json`, `/docs`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Final

from flask import Blueprint, Flask, Response, current_app, request
from pyoxigraph import Literal, NamedNode

from graph.errors import InvalidParameter
from graph.field import slug
from graph.parameters import Parameter, parse_arguments
from graph.store import Term
from service.caching import Body, etag_of
from service.negotiation import MEDIA_TYPES, choose, choose_language
from service.release_view import ReleaseView, current_view

VARY: Final = "Accept, Accept-Language"
FRESH: Final = "public, no-cache"
"""Keep it, but ask every time: asking costs a 304, and no reader sees two releases mixed."""

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
        release = current_view()
        representation = choose(self.formats, suffix, request.headers.get("Accept"))
        language = _language(release)
        address = _address() + (f"#{self.also(release)}" if self.also else "")
        etag = etag_of(release.release, current_app.extensions["trivium.code"], address, representation, language)
        if "If-None-Match" in request.headers and request.if_none_match.contains_weak(etag):
            return _marked(Response(status=304, mimetype=MEDIA_TYPES[representation]), etag)
        kept = release.bodies.get(etag)
        if kept is not None:
            return Response(kept.content, headers=list(kept.headers))
        parameters = self.parameters if request.args or representation != "html" else self._for_a_form()
        arguments = parse_arguments(parameters, given(), release.slugs)
        response = _marked(view(Asked(release, representation, language, arguments)), etag)
        if response.status_code == 200:
            release.bodies.keep(etag, Body(response.get_data(), tuple(response.headers)))
        return response

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


@dataclass(frozen=True)
class Asked:
    """What a request asks for: of this release, in this representation and language, with these arguments."""

    view: ReleaseView
    representation: str
    language: str
    arguments: Mapping[str, Term]

    def label(self, term: Term | None) -> str:
        """The label of a thing in the language asked for."""
        return self.view.label(term, self.language).value

    def iri(self, name: str) -> NamedNode | None:
        """The entity that an argument names, if it was given."""
        term = self.arguments.get(name)
        return term if isinstance(term, NamedNode) else None

    def text(self, name: str) -> str | None:
        """The text, or the slug of the entity, of an argument, if it was given."""
        return slug(self.arguments[name]) if name in self.arguments else None

    def given(self, *without: str) -> dict[str, str]:
        """Every argument in full, ready to be parsed again, but for some."""
        terms = {name: term for name, term in self.arguments.items() if name not in without}
        return {name: term.value for name, term in terms.items() if isinstance(term, NamedNode | Literal)}

    def number(self, name: str) -> int:
        """The whole number of an argument that has a default."""
        return int(slug(self.arguments[name]))

    def flag(self, name: str) -> bool | None:
        """Whether an argument is true; None if it was not given."""
        text = self.text(name)
        return None if text is None else text == "true"


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
    """Declare a view under its address, and under its address with each suffix. It is called with an `Asked`."""
    operation = Operation(path, summary, tuple(formats), tuple(parameters), tag, also=also)

    def register(view: View) -> View:
        @wraps(view)
        def answer(suffix: str | None = None, **parts: Any) -> Response:
            return operation.answer(suffix, lambda asked: view(asked, **parts))

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


def given() -> dict[str, str]:
    """The query string as names and values. Raises InvalidParameter for a name that is given twice."""
    for name, values in request.args.lists():
        if len(values) > 1:
            raise InvalidParameter(name, values[1], "given more than once; give it once.")
    return request.args.to_dict()


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


def _address() -> str:
    return f"{request.environ['PATH_INFO']}?{request.environ.get('QUERY_STRING', '')}"


def _marked(response: Response, etag: str) -> Response:
    response.set_etag(etag)
    response.headers["Vary"] = VARY
    response.headers["Cache-Control"] = FRESH
    return response
