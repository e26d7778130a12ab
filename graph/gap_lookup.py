"""Which gaps there are under a filter, and in which order: found in the columns of a release, in milliseconds.

The same definitions as in `graph/gaps.py`, over all competencies at once; a test compares the two. What is shown of a
gap, with its evidence, is then reckoned exactly by `graph.gaps.gap`, for just the gaps that are shown.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, overload

import numpy as np
from pyoxigraph import NamedNode

from graph.coverage import BASES, NONE, REMOVED, Coverage, Mask, Numbers, Shares
from graph.evidence import with_evidence
from graph.field import Field
from graph.gaps import EVERY_OFFERING, STATES, Filter, Gap, gap

NO_DATA, MISSING, TRANSFERABLE, STALE, THIN, COVERED = range(len(STATES))
DIGITS: Final = 12  # decimals in which scores differ, if they do: the rest is the noise of floating point


@dataclass(frozen=True)
class Reckoned:
    """The gaps of every competency in one sector after the other: parallel columns.

    `competency` is a number of the coverage, `sector` a place in the sectors asked for, `score` NaN where the demand
    is not known.
    """

    competency: Numbers
    sector: Numbers
    supply: Numbers
    state: Numbers
    demand: Shares
    score: Shares

    def __len__(self) -> int:
        return len(self.competency)

    def where(self, wanted: Mask) -> "Reckoned":
        """Only some of them."""
        return Reckoned(**{name: column[wanted] for name, column in vars(self).items()})

    def states(self) -> Counter[str]:
        """How many are in each state that some are in."""
        counts = np.bincount(self.state, minlength=len(STATES))
        return Counter({state: int(count) for state, count in zip(STATES, counts, strict=True) if count})

    def in_order(self, labels: Numbers, sectors: Numbers) -> "Reckoned":
        """The highest score first and the unknown last, then by the ranks of the labels of competency and sector."""
        ranks = (sectors[self.sector], labels[self.competency], -np.round(self.score, DIGITS))
        order = np.lexsort(ranks)
        return Reckoned(**{name: column[order] for name, column in vars(self).items()})


class Lookup:
    """The columns of a release under one filter, asked about sector after sector."""

    def __init__(self, coverage: Coverage, field: Field, where: Filter = EVERY_OFFERING, basis: str = "any") -> None:
        self._coverage, self._field, self._basis = coverage, field, basis
        admitted = _admitted(coverage, where, field)
        current = coverage.dated > field.stale_since.toordinal()
        self._current, self._size = admitted & current, len(coverage.area)
        self._all_current, self._stale = self._count(self._current), self._count(admitted & ~current)

    def gaps(self, sectors: Sequence[NamedNode], competencies: Mask | None = None) -> Reckoned:
        """The gap of every competency, or of those that a mask leaves, in each of these sectors."""
        standing = self._coverage.area != REMOVED
        wanted = np.flatnonzero(standing if competencies is None else standing & competencies).astype(np.int32)
        parts = [self._in_sector(place, sector, wanted) for place, sector in enumerate(sectors)]
        return Reckoned(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))

    def _in_sector(self, place: int, sector: NamedNode, wanted: Numbers) -> tuple[Any, ...]:
        open_here = self._current & _is_open_to(self._coverage, self._field.with_ancestors(sector))
        supply = self._count(open_here)
        demand = known_demand(self._coverage, sector, self._basis)
        state = np.select(
            [np.isnan(demand), supply > 0, self._all_current > supply, self._stale > 0],
            [NO_DATA, np.where(self._has_one_provider(open_here), THIN, COVERED), TRANSFERABLE, STALE],
            MISSING,
        ).astype(np.int32)
        columns = (supply, state, demand, demand / (1 + supply))
        return wanted, np.full(len(wanted), place, np.int32), *(column[wanted] for column in columns)

    def _count(self, offerings: Mask) -> Numbers:
        """How many of these offerings each competency has."""
        competency, offering = self._coverage.taught
        return np.bincount(competency[offerings[offering]], minlength=self._size).astype(np.int32)

    def _has_one_provider(self, offerings: Mask) -> Mask:
        """Whether all of these offerings of a competency that name a provider name the same one."""
        competency, offering = self._coverage.taught
        chosen = offerings[offering] & (self._coverage.provider_low[offering] != NONE)
        about, low = competency[chosen], self._coverage.provider_low[offering[chosen]]
        one = np.full(self._size, NONE, np.int32)
        one[about] = low
        other = (low != one[about]) | (self._coverage.provider_high[offering[chosen]] != one[about])
        several: Mask = np.bincount(about[other], minlength=self._size) > 0
        return np.greater(one, NONE) & ~several


def known_demand(coverage: Coverage, sector: NamedNode, basis: str = "any") -> Shares:
    """The demand for each competency in a sector, in [0,1]; NaN where it is not known."""
    found = np.full(len(coverage.area), np.nan)
    of_basis, competency, of_sector = coverage.demand_of
    if sector.value in coverage.names.sectors:
        here = of_sector == coverage.names.sectors.index(sector.value)
        for name in reversed(BASES):  # the survey, where there is one, comes before the roles
            if basis in ("any", name):
                chosen = here & (of_basis == BASES.index(name))
                found[competency[chosen]] = coverage.demand[chosen]
    return found


def _admitted(coverage: Coverage, where: Filter, field: Field) -> Mask:
    """The offerings that count under a filter, as `Filter.admits` has it for one."""
    admitted = np.ones(len(coverage.dated), bool)
    if where.level is not None:
        admitted &= coverage.saying(f"levels {where.level}")
    if where.mode is not None:
        admitted &= coverage.saying(f"modes {where.mode}")
    if where.region is not None:
        admitted &= coverage.saying(f"places {where.region.casefold()}")
    if where.language is not None:
        wanted = where.language.casefold()
        spoken = [tag for tag in coverage.values("languages") if tag == wanted or tag.startswith(f"{wanted}-")]
        admitted &= sum((coverage.saying(f"languages {tag}") for tag in spoken), np.zeros_like(admitted))
    if where.free is not None:
        admitted &= coverage.saying(f"free {where.free}")
    if where.upcoming:
        admitted &= coverage.last_start >= field.as_of.toordinal()
    return admitted


def _is_open_to(coverage: Coverage, audience: Collection[NamedNode]) -> Mask:
    """The offerings that are addressed to one of these sectors, or to nobody in particular."""
    open_to = ~coverage.saying("addressed")
    for sector in audience:
        open_to |= coverage.saying(f"addressed_to {sector.value}")
    return open_to


class FoundGaps(Sequence[Gap]):
    """Gaps in their order; each is reckoned exactly, with its evidence, when it is looked at."""

    def __init__(
        self, found: Reckoned, coverage: Coverage, field: Field, sectors: Sequence[NamedNode], where: Filter, basis: str
    ) -> None:
        self._found, self._names, self._field = found, coverage.names.competencies, field
        self._sectors, self._where, self._basis = sectors, where, basis

    def __len__(self) -> int:
        return len(self._found)

    @overload
    def __getitem__(self, index: int) -> Gap: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Gap]: ...
    def __getitem__(self, index: int | slice) -> Gap | Sequence[Gap]:
        if isinstance(index, int):
            return self[index : index + 1 or None][0]
        chosen = list(zip(self._found.competency[index], self._found.sector[index], strict=True))
        iris = {number: NamedNode(self._names[number]) for number, _ in chosen}
        field = with_evidence(self._field, iris.values())
        return [gap(field, iris[number], self._sectors[place], self._where, self._basis) for number, place in chosen]
