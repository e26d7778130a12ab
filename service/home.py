"""`/`: what this is, the state of the graph today, and where to go; `/cite`: how to cite it."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from flask import Blueprint, Response

from graph.coverage import REMOVED
from graph.derivation import gap_iri
from graph.field import slug
from graph.gap_lookup import Lookup, Reckoned, known_demand
from graph.recent_changes import recent
from service.change_words import said
from service.citation import DATASET_PATH, cited, dataset_citation
from service.citation import FORMATS as CITATIONS
from service.gap_search import in_order
from service.languages import lazy_gettext
from service.operation import Asked, answers
from service.parameters import AREA, RELEASE, SECTOR
from service.representations import linked, page

blueprint = Blueprint("home", __name__)

FORMATS = ("html", *CITATIONS)
WIDEST: Final = 5
FOLLOWED: Final = ("competency", "role", "offering", "provider", "survey", "need")
"""The kinds of which the front page says how many are new, changed or withdrawn."""

DOORS: Final = (
    (
        lazy_gettext("Find a way"),
        lazy_gettext("From the role you hold to the role you want: what carries over, and what is missing."),
        (
            ("/pathways", lazy_gettext("From one role to another")),
            ("/network/roles", lazy_gettext("Which roles are alike, across the sectors")),
            ("/roles", lazy_gettext("What a role requires")),
        ),
    ),
    (
        lazy_gettext("Give data"),
        lazy_gettext("Put in what you offer, need or know. It stays yours, with your name to it."),
        (
            ("/contribute", lazy_gettext("Contribute in the browser")),
            ("/templates", lazy_gettext("Take a spreadsheet to fill in")),
            ("/validate", lazy_gettext("Check a file, without an account")),
        ),
    ),
)
"""The doors beside that of the gaps, which is a form: what each is called and for, and where it leads."""


@answers(blueprint, "/", "What this is, and the state of the graph today", FORMATS, (RELEASE,), "Pages")
def show_home(asked: Asked) -> Response:
    """The widest gaps of each sector, what the sectors share, what changed lately, and how much the graph knows."""
    if asked.representation in CITATIONS:
        return cited(dataset_citation(asked), asked.representation)
    field = asked.view.field
    lookup = Lookup(asked.view.coverage, field)
    context = {
        "widest": {one: in_order(asked, _known(lookup.gaps([one])), [one])[:WIDEST] for one in field.sectors},
        "needed": _needed(asked),
        "lately": recent(asked.view.log, asked.view.release, FOLLOWED, [*map(slug, field.sectors)]),
        "counts": {**asked.view.counts, "sectors": len(field.broader_sector)},  # without the field as a whole
        "doors": DOORS,
        "gap_iri": gap_iri,
        "said": said,
        "citation": dataset_citation(asked),
    }
    response = page("home.html", asked, (SECTOR, AREA), **context)
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


def _needed(asked: Asked) -> Mapping[int, int]:
    """How many competencies so many of the sectors need, the most sectors first; as `/shared` counts them."""
    coverage, sectors = asked.view.coverage, asked.view.sectors()
    needed = np.zeros(len(coverage.area), np.int32)
    for sector in sectors:
        needed += known_demand(coverage, sector) > 0
    often = np.bincount(needed[coverage.area != REMOVED], minlength=len(sectors) + 1)
    return {number: int(often[number]) for number in range(len(sectors), 0, -1)}
