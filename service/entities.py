"""`/id/KIND/SLUG` and the documents it leads to: one page, and RDF in four syntaxes, for everything described.

The identifier answers 303 See Other (Cool URIs for the Semantic Web, 4.2): to the page, or to the document
with the suffix of the syntax that the client likes best.
"""

from typing import Final

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from graph.changes import Withdrawn
from graph.errors import NotFound, did_you_mean, nearest
from graph.namespaces import entity, is_slug
from service.description import describe
from service.negotiation import MEDIA_TYPES, RDF_SUFFIXES, choose
from service.operation import VARY, Asked, Operation, answers, declared
from service.parameters import LANG
from service.release_view import ReleaseView, current_view
from service.representations import linked, page, rdf_answer

blueprint = Blueprint("entities", __name__)

FORMATS: Final = ("html", *RDF_SUFFIXES, "json")


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
    suffix = choose(FORMATS, None, request.headers.get("Accept"))
    document = f"/{kind}/{slug}" if suffix == "html" else f"/{kind}/{slug}.{suffix}"
    return Response(status=303, headers={"Location": document, "Vary": VARY, "Cache-Control": "no-cache"})


@answers(blueprint, "/<kind>/<slug>", "One thing: its page, or what is said about it", FORMATS, (LANG,), "Entities")
def show_entity(asked: Asked, kind: str, slug: str) -> Response:
    """The page of a thing, or the statements that have it as their subject."""
    iri = described(asked.view, kind, slug)
    if asked.representation == "html":
        offered = {suffix: MEDIA_TYPES[suffix] for suffix in RDF_SUFFIXES}
        response = page("entity.html", asked, **describe(asked, kind, iri), offered=offered)
    else:
        response = rdf_answer(asked.view.dataset.describe(iri), asked.representation)
    return _with_links(response, iri, f"/{kind}/{slug}", asked.representation)


def described(view: ReleaseView, kind: str, slug: str) -> NamedNode:
    """The IRI of a thing that the release describes. Raises Withdrawn and NoSuchEntity."""
    iri = entity(kind, slug) if is_slug(kind) and is_slug(slug) else None
    if iri is not None and view.exists(iri):
        return iri
    last = view.log.last(iri, view.release.number) if iri is not None else None
    if last is not None:
        raise Withdrawn(last)
    raise NoSuchEntity(view, kind, slug)


def _with_links(response: Response, iri: NamedNode, document: str, representation: str) -> Response:
    """FAIR Signposting: from the page to the data, from the data to the page, and to what both are about."""
    about = "canonical" if representation == "html" else "describes"
    response.headers.add("Link", f'<{iri.value}>; rel="{about}"')
    for suffix in FORMATS[:-1]:
        if suffix != representation:
            target = document if suffix == "html" else f"{document}.{suffix}"
            relation = "alternate describedby" if representation == "html" else "alternate"
            response.headers.add("Link", f'<{target}>; rel="{relation}"; type="{MEDIA_TYPES[suffix]}"')
    return linked(response, {})
