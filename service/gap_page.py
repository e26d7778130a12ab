"""The page of one gap: its evidence, who states each piece of it, and its score reckoned before the reader's eyes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final
from urllib.parse import urlencode

from pyoxigraph import NamedNode

from graph.field import WEIGHT, Figure, Offering, slug
from graph.gaps import EVERY_OFFERING, NEED_KINDS_OF_DEMAND, Gap, claims_in, gap
from graph.mergers import successors
from graph.namespaces import PROV, TRV, entity
from service.asked import Asked, given
from service.filter_words import filter_words
from service.gap_search import Search

ESSENTIAL, OPTIONAL = WEIGHT[entity("importance", "essential")], WEIGHT[entity("importance", "optional")]
ITSELF: Final = ("competency", "sector", "state", "area")
CARRIED: Final = ("level", "mode", "region", "language", "free", "upcoming", "basis", "lang", "release")
"""Arguments that say which gap it is, and those that say how it is reckoned and told."""


class CellAddress:
    """The addresses of the pages of gaps, under the filter of a request."""

    def __init__(self) -> None:
        carried = {name: text for name, text in given().items() if text and name in CARRIED}
        self._rest = f"&{urlencode(carried)}" if carried else ""

    def __call__(self, one: Gap) -> str:
        """Where a gap stands with its evidence."""
        return f"/gaps?competency={slug(one.competency)}&sector={slug(one.sector)}{self._rest}"


@dataclass(frozen=True)
class Surveyed:
    """A figure of a survey for this sector, who states it, and the reason where it is no part of the demand."""

    figure: Figure
    by: Sequence[NamedNode]
    passed_over: str


@dataclass(frozen=True)
class Required:
    """A role that requires the competency, how strongly, and who states it."""

    role: NamedNode
    weight: Fraction
    by: Sequence[NamedNode]


def evidence_of(asked: Asked, search: Search, one: Gap) -> dict[str, Any]:
    """Everything that the page of a gap shows, reckoned under the filter of the request."""
    field = asked.view.field
    evidence = field.evidence[one.competency]
    offerings = {offering.iri: offering for offering in evidence.offerings}
    every = one if search.where == EVERY_OFFERING else gap(field, one.competency, one.sector, EVERY_OFFERING)
    return {
        "gap": one,
        "figures": _figures(asked, one, evidence.figures),
        "roles": _roles(asked, one),
        "weights": {"essential": ESSENTIAL, "optional": OPTIONAL},
        "role_count": len(field.roles_in.get(one.sector, ())),
        "offerings": _known(one.offerings, offerings),
        "elsewhere": _known(one.elsewhere, offerings),
        "stale": _known(one.stale, offerings),
        "stale_since": field.stale_since,
        "left_out": every.supply - one.supply,
        "others": [
            gap(field, one.competency, sector, search.where, search.basis)
            for sector in field.sectors
            if sector != one.sector
        ],
        "chosen": _chosen(asked),
        "identified": search.where == EVERY_OFFERING and search.basis == "any",
    }


def _figures(asked: Asked, one: Gap, figures: Iterable[Figure]) -> list[Surveyed]:
    """The figures for the sector, those that the demand is made of first, then the newest."""
    own = [figure for figure in figures if figure.sector == one.sector]
    found = [Surveyed(figure, _stated_by(asked, figure.iri), _passed_over(one, figure)) for figure in own]
    return sorted(found, key=lambda one: (bool(one.passed_over), -(one.figure.year or 0), one.figure.iri.value))


def _passed_over(one: Gap, figure: Figure) -> str:
    """Why a figure is evidence, but no part of the demand, as a key of the template; empty for one that is a part."""
    if figure.iri in one.needs:
        return ""
    if figure.kind not in NEED_KINDS_OF_DEMAND:
        return "kind"
    if one.basis != "survey":
        return "roles"
    return "stronger" if figure.kind != one.kind else "newer"


def _roles(asked: Asked, one: Gap) -> list[Required]:
    """The roles of the sector that require the competency, the strongest first, then by label."""
    field = asked.view.field
    claims = claims_in(field, field.evidence[one.competency], one.sector)
    by = _claimants(asked, one.competency)
    found = [Required(role, weight, sorted(by.get(role, ()), key=str)) for role, weight in claims.items()]
    return sorted(found, key=lambda one: (-one.weight, asked.label(one.role).casefold()))


def _claimants(asked: Asked, competency: NamedNode) -> Mapping[NamedNode, set[NamedNode]]:
    """Who states of each role that it requires the competency, or what was merged into it."""
    dataset, found = asked.view.dataset, dict[NamedNode, set[NamedNode]]()
    now = successors(dataset)
    named = [competency, *(before for before, last in now.items() if last == competency)]
    subjects = {quad.subject for iri in named for quad in dataset.quads(None, TRV.competency, iri)}
    for requirement in (one for one in subjects if isinstance(one, NamedNode)):
        for said in dataset.quads(requirement, TRV.role):
            if isinstance(said.object, NamedNode):
                role = now.get(said.object, said.object)
                found.setdefault(role, set()).update(_stated_by(asked, requirement))
    return found


def _stated_by(asked: Asked, iri: NamedNode) -> list[NamedNode]:
    """The contributors of the statements about a thing."""
    dataset = asked.view.dataset
    graphs = {quad.graph_name for quad in dataset.quads(iri) if isinstance(quad.graph_name, NamedNode)}
    agents = {quad.object for graph in graphs for quad in dataset.quads(graph, PROV.wasAssociatedWith)}
    return sorted((agent for agent in agents if isinstance(agent, NamedNode)), key=str)


def _known(iris: Iterable[NamedNode], offerings: Mapping[NamedNode, Offering]) -> list[Offering]:
    """What is known of offerings, the one seen last first; those without a date are the last."""
    found = [offerings[iri] for iri in iris]
    return sorted(found, key=lambda one: (-(one.dated.toordinal() if one.dated else 0), one.iri.value))


def _chosen(asked: Asked) -> list[str]:
    """What the gap is reckoned under, in words."""
    arguments = {name: term for name, term in asked.arguments.items() if name not in ITSELF}
    return filter_words(replace(asked, arguments=arguments))
