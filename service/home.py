"""`/`: what this is, the state of the graph today, and where to go; `/cite`: how to cite it."""

from flask import Blueprint, Response

from graph.gaps import Filter, gaps
from service.citation import DATASET_PATH, cited, dataset_citation
from service.citation import FORMATS as CITATIONS
from service.operation import Asked, answers
from service.parameters import AREA, RELEASE, SECTOR
from service.representations import linked, page
from service.rows import by_score

blueprint = Blueprint("home", __name__)

FORMATS = ("html", *CITATIONS)
WIDEST = 5


@answers(blueprint, "/", "What this is, and the state of the graph today", FORMATS, (RELEASE,), "Pages")
def show_home(asked: Asked) -> Response:
    """The widest gaps of each sector, and how much the graph knows."""
    if asked.representation in CITATIONS:
        return cited(dataset_citation(asked), asked.representation)
    field = asked.view.field
    found = sorted(gaps(field, field.sectors, Filter()), key=lambda gap: by_score(asked, gap))
    known = [gap for gap in found if gap.score]
    widest = {sector: [gap for gap in known if gap.sector == sector][:WIDEST] for sector in field.sectors}
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
