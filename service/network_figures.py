"""The figures of `/network`: what is drawn of the sectors, the roles, the competencies and the bridges."""

from collections.abc import Mapping
from fractions import Fraction
from math import sqrt
from typing import Final

from pyoxigraph import NamedNode

from graph.field import slug
from graph.network import NODES_DRAWN, Projection
from graph.similarity import Profile, shared
from service.network_map import Dot, Figure, corner_figure, network_figure, ring_figure
from service.operation import Asked
from service.pages import local_path, percent

WIDEST: Final = 10
"""So many bridges are numbered, and named beside the figure."""

LARGEST: Final = 105.0
"""The radius of the sector that needs the most competencies."""


def sectors_figure(asked: Asked) -> Figure:
    """The sectors, each as large as the number of competencies that its roles require, and how alike they are."""
    needs = asked.view.network.needs
    most = max(map(len, needs.values()), default=0) or 1
    dots = [
        Dot(
            key=sector.value,
            x=0,
            y=0,
            size=LARGEST * sqrt(len(needed) / most),
            label=asked.label(sector),
            note=f"{len(needed)} competencies",
            href=local_path(sector) or "",
            parts=((slug(sector), 1.0),),
            mark=str(len(needed)),
        )
        for sector, needed in needs.items()
    ]
    ways = {
        (one.value, other.value): (
            float(like),
            f"{percent(like)} alike",
            f"{len(shared(needs[one], needs[other]))} shared",
        )
        for (one, other), like in asked.view.network.sectors.items()
    }
    return ring_figure(dots, ways)


def roles_figure(asked: Asked) -> Figure:
    """Roles, each a dot with a part for each sector that it is practised in."""
    network = asked.view.network
    parts = {
        role: tuple((slug(sector), 1 / len(sectors)) for sector in sorted(sectors, key=str))
        for role, sectors in network.role_sectors.items()
    }
    where = {role: ", ".join(map(asked.label, sorted(found, key=str))) for role, found in network.role_sectors.items()}
    notes = {role: f"{where[role]}; {len(profile)} competencies" for role, profile in network.roles.profiles.items()}
    return _projected(asked, network.roles, parts, notes, numbered=False)


def competencies_figure(asked: Asked) -> Figure:
    """Competencies, each a dot in the colour and with the number of its community."""
    projection = asked.view.network.competencies
    parts = {iri: ((f"c{one.community + 1}", 1.0),) for iri, one in projection.standings.items()}
    notes = {
        iri: f"community {one.community + 1}; {one.degree} role{'' if one.degree == 1 else 's'}"
        for iri, one in projection.standings.items()
    }
    return _projected(asked, projection, parts, notes, numbered=True)


def bridges_figure(asked: Asked) -> Figure:
    """Competencies between the sectors: drawn to each by its share of the need, as large as they bridge."""
    network = asked.view.network
    names = {slug(sector): asked.label(sector) for sector in network.needs}
    widest = max((one.bridging for one in network.bridges), default=0.0) or 1.0
    dots = [
        Dot(
            key=one.competency.value,
            x=0,
            y=0,
            size=5 + 19 * sqrt(one.bridging / widest),
            label=asked.label(one.competency),
            note=", ".join(f"{asked.label(sector)} {percent(need)}" for sector, need in one.needs.items()),
            href=local_path(one.competency) or "",
            parts=_shares(one.needs),
            mark=str(at) if at <= WIDEST else "",
        )
        for at, one in enumerate(network.bridges[:NODES_DRAWN], 1)
        if one.needs
    ]
    return corner_figure(dots, names)


def _shares(needs: Profile) -> tuple[tuple[str, float], ...]:
    whole = sum(needs.values(), Fraction(0))
    return tuple((slug(sector), float(need / whole)) for sector, need in needs.items())


def _projected(
    asked: Asked,
    projection: Projection,
    parts: Mapping[NamedNode, tuple[tuple[str, float], ...]],
    notes: Mapping[NamedNode, str],
    numbered: bool,
) -> Figure:
    drawn = ((iri, projection.standings[iri]) for iri in projection.positions)
    ordered = sorted(drawn, key=lambda item: (-item[1].pagerank, item[0].value))
    most = max((standing.strength for _, standing in ordered), default=Fraction(1))
    dots = [
        Dot(
            key=iri.value,
            x=projection.positions[iri][0],
            y=projection.positions[iri][1],
            size=7 + 8 * sqrt(standing.strength / most),
            label=asked.label(iri),
            note=notes[iri],
            href=local_path(iri) or "",
            parts=parts[iri],
            mark=str(standing.community + 1) if numbered else "",
        )
        for iri, standing in ordered
    ]
    joined = {(one.value, other.value): float(projection.pairs[one, other]) for one, other in projection.drawn}
    return network_figure(dots, joined, height=760)
