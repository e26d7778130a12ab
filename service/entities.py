"""`/id/KIND/SLUG` and the documents it leads to: one page, and RDF in four syntaxes, for everything described.

The identifier answers 303 See Other (Cool URIs for the Semantic Web, 4.2): to the page, or to the document
with the suffix of the syntax that the client likes best. What was merged into another answers 301 Moved Permanently to
the same of that other; `?redirect=no` is what it said itself.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from graph.changes import Withdrawn
from graph.errors import NotFound, did_you_mean, nearest
from graph.mergers import current, replaced_by
from graph.namespaces import entity, is_slug, kind_and_slug
from graph.parameters import Parameter
from service.citation import FORMATS as CITATIONS
from service.citation import citation, cited
from service.description import describe
from service.negotiation import MEDIA_TYPES, RDF_SUFFIXES, NothingFits, choose
from service.older_releases import view_of
from service.operation import VARY, Asked, Operation, declared
from service.parameters import LANG, RELEASE
from service.permalinks import asked_release
from service.profiles import (
    ALIAS,
    HEADER,
    PROFILE,
    alternatives,
    answer_in_profile,
    asked_token,
    data_block,
    formats_of,
)
from service.release_view import ReleaseView
from service.representations import json_answer, linked, page, rdf_answer
from service.shown_query import description
from service.signposting import Signpost, linkset, of_data, of_merged, of_page

blueprint = Blueprint("entities", __name__)

FORMATS: Final = ("html", *RDF_SUFFIXES, "json", "linkset", *CITATIONS)
REDIRECT: Final = Parameter(
    "redirect",
    "enumeration",
    "Of a thing that was merged into another: `no` for what it said itself; without it one is led to the other.",
    enumeration=("no",),
)
ENTITY: Final = Operation(
    "/<kind>/<slug>",
    "One thing: its page, or what is said about it",
    FORMATS,
    (LANG, PROFILE, ALIAS, REDIRECT, RELEASE),
    "Entities",
)

IDENTIFIER: Final = Operation(
    "/id/<kind>/<slug>", "Where the identifier leads: 303 to the document", FORMATS, (RELEASE,), "Entities"
)


class NoSuchEntity(NotFound):
    """The release describes no such thing; carries the address of the one that was probably meant."""

    def __init__(self, view: ReleaseView, kind: str, slug: str) -> None:
        kind_meant = kind if kind in view.slugs else nearest(kind, list(view.slugs))
        slug_meant = nearest(slug, view.slugs[kind_meant].like(slug)) if kind_meant else None
        self.suggestion = f"/{kind_meant}/{slug_meant}" if slug_meant else None
        what = f"There is no {kind} `{slug}`." if kind in view.slugs else f"There is no kind of thing called `{kind}`."
        super().__init__(what + did_you_mean(self.suggestion))


@blueprint.get("/id/<kind>/<slug>")
@declared(IDENTIFIER)
def identify(kind: str, slug: str) -> Response:
    """Lead from the identifier to the document that the client likes best, or to the identifier that took its place."""
    number = asked_release()
    view = view_of(number)
    given = {RELEASE.name: str(number)} if number else {}
    replacement = _replacement(view, kind, slug)
    if replacement is not None:
        return _moved("/id", replacement)
    described(view, kind, slug)
    token = asked_token(kind)
    suffix = choose(formats_of(token) if token else FORMATS, None, request.headers.get("Accept"))
    document = f"/{kind}/{slug}" if suffix == "html" else f"/{kind}/{slug}.{suffix}"
    given |= {PROFILE.name: token} if token else {}
    location = document + (f"?{urlencode(given)}" if given else "")
    vary = f"{VARY}, {HEADER}"
    return Response(status=303, headers={"Location": location, "Vary": vary, "Cache-Control": "no-cache"})


@blueprint.get("/<kind>/<slug>")
@blueprint.get(f"/<kind>/<slug>.<any({','.join(FORMATS)}):suffix>")
@declared(ENTITY)
def show_entity(kind: str, slug: str, suffix: str | None = None) -> Response:
    """The page of a thing, the statements that have it as their subject, or the thing in a profile."""
    replacement = _replacement(view_of(asked_release()), kind, slug)
    if replacement is not None and "redirect" not in request.args:
        return _moved("", replacement, f".{suffix}" if suffix else "")
    token = None if replacement is not None else asked_token(kind)
    if token is None:
        response = ENTITY.answer(suffix, lambda asked: _plain(asked, kind, slug))
    else:
        in_profile = replace(ENTITY, formats=formats_of(token), also=lambda _: token)  # it may stand in a header
        response = in_profile.answer(
            suffix, lambda asked: answer_in_profile(asked, token, kind, slug, described(asked.view, kind, slug))
        )
    response.vary.add(HEADER)
    return response


def _plain(asked: Asked, kind: str, slug: str) -> Response:
    replacement = _replacement(asked.view, kind, slug)
    if replacement is not None:
        return _kept(asked, kind, slug, replacement)
    iri = described(asked.view, kind, slug)
    dataset = asked.view.dataset
    match asked.representation:
        case "html":
            signposts = of_page(dataset, kind, slug, iri)
            found = describe(asked, kind, iri) | {
                "offered": {suffix: MEDIA_TYPES[suffix] for suffix in RDF_SUFFIXES},
                "written": alternatives(dataset, kind, iri),
                "data": data_block(dataset, kind, iri),
                "sparql": description(iri),
            }
            return _signposted(page("entity.html", asked, **found, signposts=signposts), signposts)
        case "linkset":
            return json_answer(linkset(dataset, kind, slug, iri), "linkset")
        case "bib" | "csl" as form:
            return cited(citation(asked, asked.label(iri)), form)
    response = rdf_answer(dataset.describe(iri), asked.representation)
    return _signposted(response, of_data(kind, slug, iri, asked.representation))


def _kept(asked: Asked, kind: str, slug: str, replacement: NamedNode) -> Response:
    """What a thing says that was merged into another. Raises NothingFits for what is only known of what is there."""
    iri, dataset = entity(kind, slug), asked.view.dataset
    signposts = of_merged(kind, slug, iri, replacement)
    if asked.representation in RDF_SUFFIXES:
        return _signposted(rdf_answer(dataset.describe(iri), asked.representation), signposts)
    if asked.representation != "html":
        raise NothingFits(("html", *RDF_SUFFIXES))
    found = describe(asked, kind, iri) | {"offered": RDF_SUFFIXES, "replacement": replacement}
    return _signposted(page("entity.html", asked, **found, signposts=signposts), signposts)


def _replacement(view: ReleaseView, kind: str, slug: str) -> NamedNode | None:
    """What is there now in place of a thing that was merged; None if it was not, or if that is gone too."""
    iri = entity(kind, slug) if is_slug(kind) and is_slug(slug) else None
    if iri is None or replaced_by(view.dataset, iri) is None:
        return None
    return current(view.dataset, iri)


def _moved(before: str, replacement: NamedNode, after: str = "") -> Response:
    """Lead to the same of what took the place of a thing; not kept for long, for a merger may be taken back."""
    kind, slug = kind_and_slug(replacement) or ("", "")
    query = urlencode(list(request.args.items(multi=True)))
    address = f"{before}/{kind}/{slug}{after}" + (f"?{query}" if query else "")
    return Response(status=301, headers={"Location": address, "Vary": VARY, "Cache-Control": "no-cache"})


def described(view: ReleaseView, kind: str, slug: str) -> NamedNode:
    """The IRI of a thing that the release describes. Raises Withdrawn and NoSuchEntity."""
    iri = entity(kind, slug) if is_slug(kind) and is_slug(slug) else None
    if iri is not None and view.exists(iri):
        return iri
    last = view.log.last(iri, view.release.number) if iri is not None else None
    if last is not None:
        raise Withdrawn(last)
    raise NoSuchEntity(view, kind, slug)


def _signposted(response: Response, signposts: Iterable[Signpost]) -> Response:
    for one in signposts:
        response.headers.add("Link", one.header)
    return linked(response, {})
