"""`/offerings/types`: the types of offering, each with a page: what it is, which there are, who needs it."""

from typing import Any, Final

import numpy as np
from flask import Blueprint, Response
from pyoxigraph import Literal, NamedNode

from graph.coverage import Mask
from graph.errors import NotFound
from graph.evidence import with_evidence
from graph.gap_lookup import known_demand
from graph.gaps import EVERY_OFFERING, Gap, gap
from graph.namespaces import SKOS, TRV, entity
from service.offered_for import providers_of
from service.operation import Asked, answers
from service.parameters import LANG, RELEASE
from service.representations import linked, page

blueprint = Blueprint("offering_types", __name__)

TYPES: Final = "/offerings/types"
MOST: Final = 20
"""So many of the competencies that a type teaches are shown, the most needed first."""

COUNTED: Final = f"""PREFIX trv: <{TRV.iri}>
SELECT ?type (COUNT(DISTINCT ?offering) AS ?number) WHERE {{
  ?offering a trv:Offering ; trv:offeringType ?type .
}} GROUP BY ?type"""


@answers(blueprint, TYPES, "The types of offering, and how many there are of each", parameters=(LANG, RELEASE))
def show_types(asked: Asked) -> Response:
    """Every type of offering: what it is, and how many offerings of it there are."""
    counted = {iri: int(number.value) for iri, number in asked.view.dataset.select(COUNTED)}
    types = [entity("offering-type", name) for name in asked.view.slugs.get("offering-type", ())]
    ordered = sorted(types, key=lambda iri: (-counted.get(iri, 0), asked.label(iri).casefold()))
    content = page("offering_types.html", asked, types=ordered, counted=counted, definition=definition)
    return linked(content, {})


@answers(blueprint, f"{TYPES}/<slug>", "One type of offering", parameters=(LANG, RELEASE))
def show_type(asked: Asked, slug: str) -> Response:
    """What a type of offering is, which there are, and who needs what they teach. Raises NotFound."""
    if slug not in asked.view.slugs.get("offering-type", ()):
        raise NotFound(f"There is no type of offering `{slug}`; {TYPES} lists them.")
    kind = entity("offering-type", slug)
    typed = [quad.subject for quad in asked.view.dataset.quads(None, TRV.offeringType, kind)]
    offerings = sorted(
        {one for one in typed if isinstance(one, NamedNode)}, key=lambda one: asked.label(one).casefold()
    )
    gaps = _needed(asked, offerings)
    context: dict[str, Any] = {
        "kind": kind,
        "slug": slug,
        "offerings": offerings,
        "gaps": gaps,
        "definition": definition,
    }
    context |= {"current": _current(asked, offerings), "providers_of": providers_of}
    return linked(page("offering_type.html", asked, **context), {})


def _rows(asked: Asked, offerings: list[NamedNode]) -> Mask:
    """Of each offering that teaches something, whether it is one of these."""
    these: Mask = np.isin(asked.view.coverage.offering, np.array([one.value.encode() for one in offerings], "S"))
    return these


def _current(asked: Asked, offerings: list[NamedNode]) -> set[NamedNode]:
    coverage = asked.view.coverage
    current = _rows(asked, offerings) & (coverage.dated > asked.view.field.stale_since.toordinal())
    return {NamedNode(one.decode()) for one in coverage.offering[current]}


def _needed(asked: Asked, offerings: list[NamedNode]) -> list[tuple[NamedNode, list[Gap]]]:
    """The competencies that these offerings teach, the most needed first, with their gap in each sector."""
    coverage, sectors = asked.view.coverage, asked.view.sectors()
    competency, offering = coverage.taught
    taught = np.unique(competency[_rows(asked, offerings)[offering]])
    demand = np.nansum([known_demand(coverage, sector)[taught] for sector in sectors], axis=0)
    iris = [NamedNode(coverage.names.competencies[number]) for number in taught[np.argsort(-demand)][:MOST]]
    field = with_evidence(asked.view.field, iris)
    return [(iri, [gap(field, iri, sector, EVERY_OFFERING) for sector in sectors]) for iri in iris]


def definition(asked: Asked, iri: NamedNode) -> str:
    """What a term of a controlled list means, in the language asked for, else in English."""
    objects = (quad.object for quad in asked.view.dataset.quads(iri, SKOS.definition))
    texts = {one.language: one.value for one in objects if isinstance(one, Literal)}
    return texts.get(asked.language) or texts.get("en") or next(iter(texts.values()), "")
