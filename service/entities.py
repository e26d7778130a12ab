"""`/id/KIND/SLUG` and the documents it leads to: one page, and RDF in four syntaxes, for everything described.

The identifier answers 303 See Other (Cool URIs for the Semantic Web, 4.2): to the page, or to the document
with the suffix of the syntax that the client likes best.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from graph.changes import Withdrawn
from graph.errors import NotFound, did_you_mean, nearest
from graph.namespaces import entity, is_slug
from service.description import describe
from service.negotiation import MEDIA_TYPES, RDF_SUFFIXES, choose
from service.operation import VARY, Asked, Operation, declared
from service.parameters import LANG
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
from service.release_view import ReleaseView, current_view
from service.representations import json_answer, linked, page, rdf_answer
from service.signposting import Signpost, linkset, of_data, of_page

blueprint = Blueprint("entities", __name__)

FORMATS: Final = ("html", *RDF_SUFFIXES, "json", "linkset")
ENTITY: Final = Operation(
    "/<kind>/<slug>", "One thing: its page, or what is said about it", FORMATS, (LANG, PROFILE, ALIAS), "Entities"
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
@declared(Operation("/id/<kind>/<slug>", "Where the identifier leads: 303 to the document", FORMATS, tag="Entities"))
def identify(kind: str, slug: str) -> Response:
    """Lead from the identifier to the document that the client likes best."""
    described(current_view(), kind, slug)
    token = asked_token(kind)
    suffix = choose(formats_of(token) if token else FORMATS, None, request.headers.get("Accept"))
    document = f"/{kind}/{slug}" if suffix == "html" else f"/{kind}/{slug}.{suffix}"
    location = f"{document}?{urlencode({PROFILE.name: token})}" if token else document
    vary = f"{VARY}, {HEADER}"
    return Response(status=303, headers={"Location": location, "Vary": vary, "Cache-Control": "no-cache"})


@blueprint.get("/<kind>/<slug>")
@blueprint.get(f"/<kind>/<slug>.<any({','.join(FORMATS)}):suffix>")
@declared(ENTITY)
def show_entity(kind: str, slug: str, suffix: str | None = None) -> Response:
    """The page of a thing, the statements that have it as their subject, or the thing in a profile."""
    token = asked_token(kind)
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
    iri = described(asked.view, kind, slug)
    dataset = asked.view.dataset
    match asked.representation:
        case "html":
            signposts = of_page(dataset, kind, slug, iri)
            found = describe(asked, kind, iri) | {
                "offered": {suffix: MEDIA_TYPES[suffix] for suffix in RDF_SUFFIXES},
                "written": alternatives(dataset, kind, iri),
                "data": data_block(dataset, kind, iri),
            }
            return _signposted(page("entity.html", asked, **found, signposts=signposts), signposts)
        case "linkset":
            return json_answer(linkset(dataset, kind, slug, iri), "linkset")
    response = rdf_answer(dataset.describe(iri), asked.representation)
    return _signposted(response, of_data(kind, slug, iri, asked.representation))


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
