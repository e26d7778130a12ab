"""What others offer that an audience needs: found in the columns of a release, in milliseconds.

For a provider: the current offerings of others that are open to a sector that it serves and teach what this sector
needs, as far as the provider has nothing current on it itself. For a sector: all current offerings that do so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from pyoxigraph import NamedNode

from graph.coverage import REMOVED, Coverage, Mask, Shares
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
) -> "FoundOfferings":
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
    return FoundOfferings(coverage, met)


def _own(coverage: Coverage, field: Field, provider: NamedNode) -> Mask:
    """Of each pair that is taught, whether the provider offers it, or has another current offering on the same."""
    competency, offering = coverage.taught
    own = coverage.saying(f"providers {provider.value}")
    current = own & (coverage.dated > field.stale_since.toordinal())
    taught = np.bincount(competency[current[offering]], minlength=len(coverage.area)) > 0
    hidden: Mask = own[offering] | taught[competency]
    return hidden


class FoundOfferings(Sequence[Offered]):
    """Offerings in their order; what each meets is put together when it is looked at.

    `met` is of each pair that is taught the demand that it meets, 0 where it does not count.
    """

    def __init__(self, coverage: Coverage, met: Shares) -> None:
        competency, offering = coverage.taught
        pairs = np.flatnonzero(met)
        self._pairs = pairs[np.lexsort((competency[pairs], -met[pairs], offering[pairs]))]
        self._coverage, self._met, self._offering = coverage, met, offering[self._pairs]
        weight = np.round(np.bincount(offering[pairs], met[pairs], minlength=len(coverage.dated)), DIGITS)
        rows = np.unique(self._offering)
        self._rows = rows[np.lexsort((coverage.offering[rows], -weight[rows]))]
        self._weight = weight

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Offered: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Offered]: ...
    def __getitem__(self, index: int | slice) -> Offered | Sequence[Offered]:
        if isinstance(index, int):
            return self._offered(int(self._rows[index]))
        return [self._offered(row) for row in self._rows[index].tolist()]

    def _offered(self, row: int) -> Offered:
        start, end = np.searchsorted(self._offering, (row, row + 1))
        names, taught = self._coverage.names.competencies, self._coverage.taught[0][self._pairs[start:end]]
        offering = NamedNode(self._coverage.offering[row].decode())
        return Offered(offering, float(self._weight[row]), tuple(NamedNode(names[one]) for one in taught.tolist()))
