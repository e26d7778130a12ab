"""What others offer that an audience needs: found in the columns of a release, in milliseconds.

For a provider: the current offerings of others that are open to a sector that it serves and teach what this sector
needs, as far as the provider has nothing current on it itself. For a sector: all current offerings that do so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pyoxigraph import NamedNode

from graph.coverage import REMOVED, Coverage, Mask, Numbers, Shares
from graph.field import Field
from graph.gap_lookup import DIGITS, admitted, known_demand, open_to
from graph.gaps import EVERY_OFFERING, Filter


@dataclass(frozen=True)
class Offered:
    """An offering of others, and what it teaches that is needed: the strongest demand first.

    `weight` is the sum of these demands, each the highest among the sectors; it may exceed 1.
    """

    offering: NamedNode
    weight: float
    competencies: tuple[NamedNode, ...]


@dataclass(frozen=True)
class Audience:
    """For whom to look: sectors, and the provider whose audience they are, if it is one's.

    A competency has to be in one of the `areas` of a mask, where there is one.
    """

    sectors: Sequence[NamedNode]
    provider: NamedNode | None = None
    areas: Mask | None = None


def offered_by_others(
    coverage: Coverage, field: Field, audience: Audience, where: Filter = EVERY_OFFERING, basis: str = "any"
) -> list[Offered]:
    """The offerings under a filter, those that meet most of the demand first, then by their identifiers."""
    competency, offering = coverage.taught
    current = admitted(coverage, where, field) & (coverage.dated > field.stale_since.toordinal())
    standing = coverage.area != REMOVED
    met = np.zeros(len(competency))
    for sector in audience.sectors:
        demand = np.where(standing, np.nan_to_num(known_demand(coverage, sector, basis)), 0)
        reached = (current & open_to(coverage, field.with_ancestors(sector)))[offering]
        met = np.maximum(met, np.where(reached, demand[competency], 0))
    if audience.areas is not None:
        met = np.where(audience.areas[competency], met, 0)
    if audience.provider is not None:
        met = np.where(_own(coverage, field, audience.provider), 0, met)
    return _offered(coverage, np.flatnonzero(met).astype(np.int32), met)


def _own(coverage: Coverage, field: Field, provider: NamedNode) -> Mask:
    """Of each pair that is taught, whether the provider offers it, or has another current offering on the same."""
    competency, offering = coverage.taught
    own = coverage.saying(f"providers {provider.value}")
    current = own & (coverage.dated > field.stale_since.toordinal())
    taught = np.bincount(competency[current[offering]], minlength=len(coverage.area)) > 0
    hidden: Mask = own[offering] | taught[competency]
    return hidden


def _offered(coverage: Coverage, pairs: Numbers, met: Shares) -> list[Offered]:
    if not len(pairs):
        return []
    competency, offering = coverage.taught
    order = pairs[np.lexsort((competency[pairs], -met[pairs], offering[pairs]))]
    rows, starts = np.unique(offering[order], return_index=True)
    names = coverage.names.competencies
    found = [
        Offered(
            NamedNode(coverage.offering[row].decode()),
            round(float(met[some].sum()), DIGITS),
            tuple(NamedNode(names[number]) for number in competency[some].tolist()),
        )
        for row, some in zip(rows.tolist(), np.split(order, starts[1:]), strict=True)
    ]
    return sorted(found, key=lambda one: (-one.weight, one.offering.value))
