"""`/`: what this is, the state of the graph today, and where to go; `/cite`: how to cite it."""

from flask import Blueprint, Response

from graph.gap_lookup import Lookup, Reckoned
from service.citation import DATASET_PATH, cited, dataset_citation
from service.citation import FORMATS as CITATIONS
from service.gap_search import in_order
from service.operation import Asked, answers
from service.parameters import AREA, RELEASE, SECTOR
from service.representations import linked, page

blueprint = Blueprint("home", __name__)

FORMATS = ("html", *CITATIONS)
WIDEST = 5


@answers(blueprint, "/", "What this is, and the state of the graph today", FORMATS, (RELEASE,), "Pages")
def show_home(asked: Asked) -> Response:
    """The widest gaps of each sector, and how much the graph knows."""
    if asked.representation in CITATIONS:
        return cited(dataset_citation(asked), asked.representation)
    field = asked.view.field
    lookup = Lookup(asked.view.coverage, field)
    widest = {sector: in_order(asked, _known(lookup.gaps([sector])), [sector])[:WIDEST] for sector in field.sectors}
    response = page("home.html", asked, (SECTOR, AREA), widest=widest, citation=dataset_citation(asked))
    response.headers.add("Link", '</openapi.json>; rel="service-desc"; type="application/json"')
    response.headers.add("Link", '</docs>; rel="service-doc"; type="text/html"')
    return linked(
        response, {"api-catalog": "/.well-known/api-catalog", "resourcesync": "/resourcesync/capabilitylist.xml"}
    )


@answers(blueprint, DATASET_PATH, "How to cite the dataset", FORMATS, (RELEASE,), "Pages")
def show_citation(asked: Asked) -> Response:
    """How to cite the dataset, in the release that is answered from, and what of it can be cited."""
    one = dataset_citation(asked)
    if asked.representation in CITATIONS:
        return cited(one, asked.representation)
    return linked(page("cite.html", asked, citation=one), {"cite-as": one.address})


def _known(found: Reckoned) -> Reckoned:
    """The gaps of which there is a demand, and it is known."""
    return found.where(found.score > 0)
