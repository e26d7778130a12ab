"""What is shown of an opportunity: who could make it, what exists nearby, and whose claims it rests on."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Final

import numpy as np
from pyoxigraph import NamedNode, Quad

from graph.coverage import Shares
from graph.evidence import with_evidence
from graph.mergers import current
from graph.namespaces import DCT, PROV, TRV, kind_and_slug
from graph.opportunities import Opportunity
from graph.surroundings import Maker
from service.operation import Asked
from service.opportunity_search import placed

NEIGHBOURS: Final = 8
OFFERINGS: Final = 3
TAUGHT: Final = 3


@dataclass(frozen=True)
class Near:
    """A neighbour that is taught now: how close it is, as the three parts of the sum, and current offerings of it."""

    competency: NamedNode
    closeness: float
    stated: bool
    same_area: bool
    together: float
    offerings: Sequence[NamedNode]
    total: int


@dataclass(frozen=True)
class Could:
    """A provider that could help: the closest of what it teaches, each with its closeness, and whom it serves."""

    sector: NamedNode
    maker: Maker
    taught: Sequence[tuple[NamedNode, float]]
    serves: frozenset[NamedNode]


@dataclass(frozen=True)
class Claim:
    """What a role requires: how much, at which level, by which source, and who contributed it."""

    role: NamedNode
    importance: NamedNode | None
    level: NamedNode | None
    sources: Sequence[NamedNode]
    contributors: Sequence[NamedNode]


@dataclass(frozen=True)
class Shown:
    """An opportunity with the providers of each of its sectors that could make it, and how close each competency is."""

    opportunity: Opportunity
    closeness: Shares
    makers: dict[NamedNode, list[Maker]]
    first: bool


def shown(asked: Asked, numbers: Iterable[int]) -> Iterator[Shown]:
    """Some competencies of the coverage, by their numbers, as opportunities."""
    found, names = asked.view.opportunities, asked.view.coverage.names.competencies
    at = {NamedNode(names[number]): number for number in numbers}
    field, here = with_evidence(asked.view.field, at), placed(asked)
    for iri, number in at.items():
        opportunity = found.exactly(iri, field)
        closeness = found.surroundings.closeness(number)
        makers = {
            sector: found.surroundings.makers(closeness, found.surroundings.serves[sector] & here)
            for sector in opportunity.needs
        }
        yield Shown(opportunity, closeness, makers, bool(found.first[number]))


def candidates(one: Shown) -> list[tuple[NamedNode, Maker]]:
    """Who could make it: the first of each sector, then the second of each, so that every part has all sectors."""
    rounds = zip_longest(*([(sector, maker) for maker in makers] for sector, makers in one.makers.items()))
    return [found for each in rounds for found in each if found is not None]


def could(asked: Asked, one: Shown, part: Iterable[tuple[NamedNode, Maker]]) -> list[Could]:
    """Some of those who could make it, each with the closest of what it teaches."""
    around = asked.view.opportunities.surroundings
    return [
        Could(
            sector,
            maker,
            tuple(islice(around.taught_close(one.closeness, maker.provider), TAUGHT)),
            around.served_by(maker.provider),
        )
        for sector, maker in part
    ]


def nearby(asked: Asked, one: Shown) -> list[Near]:
    """The closest neighbours that somebody teaches now."""
    around, coverage = asked.view.opportunities.surroundings, asked.view.coverage
    number = coverage.number[one.opportunity.competency.value]
    taught = np.unique(around.teaching[0])
    taught = taught[(one.closeness[taught] > 0) & (taught != number)]
    order = np.lexsort((asked.view.ranks(asked.language)[taught], -np.round(one.closeness[taught], 12)))
    return [_near(asked, number, at, float(one.closeness[at])) for at in taught[order][:NEIGHBOURS].tolist()]


def claims(asked: Asked, one: Opportunity) -> list[Claim]:
    """What the roles of its sectors say of requiring it, by their labels."""
    dataset = asked.view.dataset
    roles = {role for need in one.needs.values() for role in need.gap.roles}
    merged = (quad.subject for quad in dataset.quads(None, DCT.isReplacedBy, one.competency))
    found = [
        _claim(asked, quad.subject)
        for iri in (one.competency, *merged)
        for quad in dataset.quads(None, TRV.competency, iri)
        if isinstance(quad.subject, NamedNode) and (kind_and_slug(quad.subject) or ("",))[0] == "requirement"
    ]
    own = {claim.role: claim for claim in found if claim and claim.role in roles}
    return sorted(own.values(), key=lambda claim: asked.label(claim.role).casefold())


def _near(asked: Asked, number: int, at: int, closeness: float) -> Near:
    around, coverage = asked.view.opportunities.surroundings, asked.view.coverage
    stated = bool(((around.related[0] == number) & (around.related[1] == at)).any())
    same_area = bool(coverage.area[at] >= 0 and coverage.area[at] == coverage.area[number])
    now = around.offerings(at)
    return Near(
        competency=NamedNode(coverage.names.competencies[at]),
        closeness=closeness,
        stated=stated,
        same_area=same_area,
        together=closeness - 2 * stated - same_area,
        offerings=now[:OFFERINGS],
        total=len(now),
    )


def _claim(asked: Asked, requirement: NamedNode) -> Claim | None:
    quads = list(asked.view.dataset.quads(requirement))
    roles = _objects(quads, TRV.role)
    if not roles:
        return None
    graphs = {quad.graph_name for quad in quads if isinstance(quad.graph_name, NamedNode)}
    agents = {
        agent
        for graph in graphs
        for agent in _objects(asked.view.dataset.quads(graph, PROV.wasAssociatedWith), PROV.wasAssociatedWith)
    }
    return Claim(
        role=current(asked.view.dataset, roles[0]) or roles[0],
        importance=next(iter(_objects(quads, TRV.importance)), None),
        level=next(iter(_objects(quads, TRV.level)), None),
        sources=_objects(quads, DCT.source),
        contributors=sorted(agents, key=str),
    )


def _objects(quads: Iterable[Quad], predicate: NamedNode) -> list[NamedNode]:
    found = {one.object for one in quads if one.predicate == predicate and isinstance(one.object, NamedNode)}
    return sorted(found, key=str)
