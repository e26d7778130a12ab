"""`/catalog`, `/.well-known/void` and `/catalog/schema`: the dataset, described for catalogues and harvesters."""

from typing import Final

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from graph.dataset_facts import Facts, gathered
from graph.dataset_markup import markup
from graph.dataset_text import DESCRIPTION, KEYWORDS
from graph.dcat import catalogue
from graph.dumps import DUMPS
from graph.interfaces import INTERFACES
from graph.namespaces import entity
from graph.void import void
from service.deployment import deployment
from service.kept_releases import manifest_of, releases_of, state
from service.negotiation import MEDIA_TYPES, RDF_SUFFIXES, choose
from service.operation import VARY, Asked, Operation, answers, declared
from service.representations import jsonld_answer, linked, page, rdf_answer

TAG: Final = "Harvest"
EXAMPLES: Final = ("competency", "role", "offering", "provider", "survey", "gap")
FORMATS: Final = ("html", *RDF_SUFFIXES)

blueprint = Blueprint("dataset", __name__)


@answers(blueprint, "/catalog", "The dataset, its releases and interfaces (DCAT-AP 3)", FORMATS, tag=TAG, also=state)
def show_catalogue(asked: Asked) -> Response:
    """The catalogue as DCAT-AP, or as a page that carries the same as schema.org."""
    facts = _facts(asked)
    if asked.representation != "html":
        return _with_links(rdf_answer(catalogue(facts), asked.representation), asked.representation)
    content = page(
        "catalog.html",
        asked,
        facts=facts,
        description=DESCRIPTION["en"],
        keywords=KEYWORDS["en"],
        dumps=DUMPS,
        interfaces=INTERFACES,
        markup=markup(facts),
        counts=asked.view.counts,
    )
    return _with_links(content, "html")


@answers(blueprint, "/catalog/schema", "The dataset as schema.org describes it", ("jsonld",), tag=TAG, also=state)
def show_markup(asked: Asked) -> Response:
    """The same facts as JSON-LD of schema.org, for the NDE Dataset Register and for search engines."""
    return linked(jsonld_answer(markup(_facts(asked))), {"describes": deployment().at("/catalog").value})


@answers(blueprint, "/.well-known/void", "The dataset as VoID describes it, with counts", RDF_SUFFIXES, tag=TAG)
def show_void(asked: Asked) -> Response:
    """The description that VoID clients look for, with the counts of the newest release. Raises DumpsBeingMade."""
    figures = manifest_of(asked.view.release).figures
    return linked(rdf_answer(void(_facts(asked), figures, _examples(asked)), asked.representation), {})


@blueprint.get("/id/<any(catalog,dataset):kind>/trivium")
@declared(
    Operation("/id/<kind>/trivium", "Where the identifiers of the dataset and its catalogue lead", FORMATS, tag=TAG)
)
def identify_dataset(kind: str) -> Response:
    """Lead from the identifier to the catalogue, as the client likes it best."""
    del kind
    return _see_other("/catalog")


@blueprint.get("/id/release/<int:number>")
@declared(Operation("/id/release/<number>", "Where the identifier of a release leads", FORMATS, tag=TAG))
def identify_release(number: int) -> Response:
    """Lead from the identifier to the page of the release's files, or to the catalogue as RDF."""
    return _see_other(f"/dumps/{number}/")


def _see_other(page_of: str) -> Response:
    suffix = choose(FORMATS, None, request.headers.get("Accept"))
    location = page_of if suffix == "html" else f"/catalog.{suffix}"
    return Response(status=303, headers={"Location": location, "Vary": VARY, "Cache-Control": "no-cache"})


def _facts(asked: Asked) -> Facts:
    view = asked.view
    older = [one for one in releases_of(view) if one.number != view.release.number]
    return gathered(deployment(), view.release, older, view.dataset, view.languages)


def _examples(asked: Asked) -> list[NamedNode]:
    slugs = asked.view.slugs
    return [entity(kind, slugs[kind][0]) for kind in EXAMPLES if slugs.get(kind)]


def _with_links(response: Response, representation: str) -> Response:
    for suffix in FORMATS:
        if suffix != representation:
            target = "/catalog" if suffix == "html" else f"/catalog.{suffix}"
            response.headers.add("Link", f'<{target}>; rel="alternate"; type="{MEDIA_TYPES[suffix]}"')
    return linked(response, {})
