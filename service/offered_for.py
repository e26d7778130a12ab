"""Offerings by others that an audience needs: the parameters, and what they find."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from pyoxigraph import NamedNode

from graph.evidence import with_evidence
from graph.field import slug
from graph.gaps import Demand, demand_of
from graph.namespaces import TRV
from graph.offered_by_others import Audience, Offered, offered_by_others
from graph.parameters import Parameter
from service.gap_search import supply_filter
from service.languages import gettext
from service.operation import Asked
from service.parameters import AREA, BASIS, LANG

PROVIDER: Final = Parameter(
    "provider", "iri", "Whose audience: the sectors that it serves.", kind="provider", example="aaslh"
)
SECTOR: Final = Parameter("sector", "iri", "The audience, or the part of it that is meant.", kind="sector")
FILTERS: Final = (
    Parameter("level", "enumeration", "Only offerings at this level.", kind="level", example="entry"),
    Parameter("mode", "enumeration", "Only offerings in this mode.", kind="mode", example="hybrid"),
    Parameter("region", "text", "Only offerings of providers in this country or region.", example="US"),
    Parameter("language", "language", "Only offerings in this language.", example="en"),
    Parameter("free", "boolean", "Only offerings that are free (or, if false, that are not)."),
    Parameter("upcoming", "boolean", "Only offerings that have a session still to come."),
)
PARAMETERS: Final = (PROVIDER, SECTOR, AREA, *FILTERS, BASIS, LANG)


@dataclass(frozen=True)
class ForWhom:
    """The audience: its sectors, and what it is called. Without sectors nothing can be found."""

    provider: NamedNode | None
    sectors: Sequence[NamedNode]
    name: str


def audience(asked: Asked) -> ForWhom:
    """For whom the request asks; everybody where it does not say. Raises InvalidParameter for what is no sector."""
    provider, sector = asked.iri(PROVIDER.name), asked.iri(SECTOR.name)
    known = asked.view.field.broader_sector
    if sector is not None and sector not in known:
        raise SECTOR.refusal(slug(sector), "this is not a sector: leave it out.", map(slug, known))
    if provider is None:
        served = [sector] if sector else asked.view.sectors()
        return ForWhom(None, served, ", ".join(map(asked.label, served)))
    served = [sector] if sector else _served(asked, provider)
    return ForWhom(provider, served, gettext("the audience of %(provider)s", provider=asked.label(provider)))


def find_offered(asked: Asked, whom: ForWhom) -> Sequence[Offered]:
    """The offerings by others that the audience needs, those that meet most of its demand first."""
    view, area = asked.view, asked.iri(AREA.name)
    areas = view.coverage.is_in_area(area) if area else None
    chosen = Audience(whom.sectors, whom.provider, areas)
    return offered_by_others(view.coverage, view.field, chosen, supply_filter(asked), asked.text("basis") or "any")


def demands(asked: Asked, whom: ForWhom, found: Sequence[Offered]) -> dict[NamedNode, tuple[NamedNode, Demand]]:
    """Of each competency that these offerings are wanted for: the sector that needs it most, and how much."""
    iris = list(dict.fromkeys(iri for one in found for iri in one.competencies))
    field, basis = with_evidence(asked.view.field, iris), asked.text("basis") or "any"
    each = {
        iri: [(sector, demand_of(field, field.evidence[iri], sector, basis)) for sector in whom.sectors] for iri in iris
    }
    return {iri: max(known, key=lambda one: (one[1].share or Fraction(0), one[0].value)) for iri, known in each.items()}


def _served(asked: Asked, provider: NamedNode) -> list[NamedNode]:
    """The sectors that a provider says that it serves; what is below another of them is left to that."""
    quads = asked.view.dataset.quads(provider, TRV.serves)
    known = asked.view.field.broader_sector
    served = {quad.object for quad in quads if isinstance(quad.object, NamedNode) and quad.object in known}
    return sorted(
        (one for one in served if not (asked.view.field.with_ancestors(one) - {one}) & served),
        key=lambda one: one.value,
    )


def providers_of(asked: Asked, offering: NamedNode) -> list[NamedNode]:
    """Who offers it."""
    quads = asked.view.dataset.quads(offering, TRV.provider)
    return list(dict.fromkeys(quad.object for quad in quads if isinstance(quad.object, NamedNode)))
