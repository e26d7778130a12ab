"""`/`: what this is, the state of the graph today, and where to go."""

from flask import Blueprint, Response

from graph.gap_lookup import Lookup, Reckoned
from service.gap_search import in_order
from service.operation import Asked, answers
from service.parameters import AREA, SECTOR
from service.representations import linked, page

blueprint = Blueprint("home", __name__)

WIDEST = 5


@answers(blueprint, "/", "What this is, and the state of the graph today", tag="Pages")
def show_home(asked: Asked) -> Response:
    """The widest gaps of each sector, and how much the graph knows."""
    field = asked.view.field
    lookup = Lookup(asked.view.coverage, field)
    widest = {sector: in_order(asked, _known(lookup.gaps([sector])), [sector])[:WIDEST] for sector in field.sectors}
    response = page("home.html", asked, (SECTOR, AREA), widest=widest)
    response.headers.add("Link", '</openapi.json>; rel="service-desc"; type="application/json"')
    response.headers.add("Link", '</docs>; rel="service-doc"; type="text/html"')
    return linked(
        response, {"api-catalog": "/.well-known/api-catalog", "resourcesync": "/resourcesync/capabilitylist.xml"}
    )


def _known(found: Reckoned) -> Reckoned:
    """The gaps of which there is a demand, and it is known."""
    return found.where(found.score > 0)
