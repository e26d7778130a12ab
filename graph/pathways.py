"""The way from what somebody can to what is wanted: what carries over, what is missing, and what teaches that.

Of all sets of current offerings that together teach whatever can be taught of the missing, one that is least by
`number` or by `cost` is chosen (`graph/set_cover.py`). Which offerings teach a competency, which are current and which
are open to a sector is as for gaps (`docs/gaps.md`).

- by number: the fewest offerings; among these, the fewest that do not say that they are free.
- by cost: the fewest offerings whose price cannot be compared (it is not stated, or in another currency), so that one
  is used only where nothing else teaches something; among these, the lowest sum; among these, the fewest offerings.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from pyoxigraph import NamedNode

from graph.coverage import UNDATED, Coverage, Mask, Numbers
from graph.dates import last_day
from graph.field import Field, Offering
from graph.gap_lookup import admitted, open_to
from graph.gaps import EVERY_OFFERING, Filter
from graph.prices import Price, price_of, usual_currency
from graph.role_requirements import Requirement, rank
from graph.set_cover import Members, Weights, least_cover
from graph.store import Dataset
from graph.upcoming import to_come

BY: Final = ("number", "cost")
DECISIVE: Final = {"number": 1, "cost": 2}
"""How many of the measures say what was asked for; those after them only choose among equals."""

REASONS: Final = ("limits", "elsewhere", "stale", "nobody")
"""The limits leave none, none is open to the sector, none is current, or no offering teaches it at all."""

ANY_TIME: Final = "online-self-paced"
NAMED: Final = 5  # offerings that are named where many could be


@dataclass(frozen=True)
class Carried:
    """What is wanted and held already, at a level, if it is said; `deeper` if what is wanted is above that."""

    wanted: Requirement
    level: NamedNode | None
    deeper: bool


@dataclass(frozen=True)
class Limits:
    """Which offerings may be taken: under a filter, open to one of some sectors (None is any), and over by a day."""

    where: Filter = EVERY_OFFERING
    audience: frozenset[NamedNode] | None = None
    until: date | None = None


@dataclass(frozen=True)
class Choice:
    """An offering of the set, what it teaches of the missing, and others that could stand in its place."""

    offering: Offering
    teaches: tuple[NamedNode, ...]
    price: Price | None
    instead: tuple[NamedNode, ...]


@dataclass(frozen=True)
class Uncovered:
    """What nothing teaches that may be taken, and why (one of REASONS), with a few of the `total` that might have."""

    competency: NamedNode
    why: str
    offerings: tuple[NamedNode, ...]
    total: int
    sectors: tuple[NamedNode, ...]


@dataclass(frozen=True)
class Way:
    """The set of offerings, what it leaves, the currency that prices were compared in, and whether none is better."""

    choices: tuple[Choice, ...]
    uncovered: tuple[Uncovered, ...]
    candidates: int
    currency: str | None
    proven: bool


def compared(
    dataset: Dataset, wanted: Mapping[NamedNode, Requirement], held: Mapping[NamedNode, Requirement]
) -> tuple[list[Carried], list[Requirement]]:
    """What carries over and what is missing, in the order of what is wanted."""
    carried = [_carried(dataset, one, held[iri]) for iri, one in wanted.items() if iri in held]
    return carried, [one for iri, one in wanted.items() if iri not in held]


def _carried(dataset: Dataset, wanted: Requirement, held: Requirement) -> Carried:
    deeper = 0 < rank(dataset, held.level) < rank(dataset, wanted.level)
    return Carried(wanted, held.level, deeper)


def audience_of(field: Field, sectors: Collection[NamedNode]) -> frozenset[NamedNode]:
    """Whom an offering may be addressed to so that it is open to one of these sectors."""
    return frozenset().union(*(field.with_ancestors(sector) for sector in sectors))


class Supply:
    """The offerings of a release, and which of them may be taken under limits."""

    def __init__(self, dataset: Dataset, coverage: Coverage, field: Field, limits: Limits = Limits()) -> None:
        self._dataset, self._coverage, self._field, self._limits = dataset, coverage, field, limits
        everything = np.ones(len(coverage.dated), bool)
        self._current: Mask = coverage.dated > field.stale_since.toordinal()
        self._open = everything if limits.audience is None else open_to(coverage, limits.audience)
        self._admitted = admitted(coverage, limits.where, field)

    def way(self, missing: Sequence[NamedNode], by: str = BY[0], currency: str | None = None) -> Way:
        """The least set of offerings for what is missing; of equal offerings the one known most recently."""
        taking = self._in_time(self._current & self._open & self._admitted, missing)
        rows = {iri: self._rows(iri)[taking[self._rows(iri)]] for iri in missing}
        covered = [iri for iri in missing if len(rows[iri])]
        offerings, members = self._members([rows[iri] for iri in covered])
        weights, currency = self._weights(offerings, by, currency)
        cover = least_cover(members, weights)
        return Way(
            choices=tuple(self._choice(one, cover.sets, covered, offerings, members) for one in cover.sets),
            uncovered=tuple(self._uncovered(iri) for iri in missing if not len(rows[iri])),
            candidates=len(offerings),
            currency=currency,
            proven=cover.proven >= DECISIVE[by],
        )

    def _rows(self, competency: NamedNode) -> Numbers:
        number = self._coverage.number.get(competency.value)
        return self._coverage.rows_for(number) if number is not None else np.zeros(0, np.int32)

    def _in_time(self, taking: Mask, missing: Sequence[NamedNode]) -> Mask:
        """Those that can be over by the day: at any time, or with a session still to come that ends by then."""
        until = self._limits.until
        if until is None:
            return taking
        found = taking & self._coverage.saying(f"modes {ANY_TIME}")
        dated = taking & ~found & (self._coverage.last_start >= self._field.as_of.toordinal())
        rows = np.concatenate([self._rows(iri) for iri in missing] or [np.zeros(0, np.int32)])
        for row in np.unique(rows[dated[rows]]):
            sessions = to_come(self._dataset, self._iri(row), self._field.as_of)
            found[row] = any(last_day(one.ends or one.starts) <= until for one in sessions)
        return found

    def _iri(self, row: int) -> NamedNode:
        return NamedNode(self._coverage.offering[row].decode())

    def _members(self, rows: Sequence[Numbers]) -> tuple[Numbers, Members]:
        """A row for each offering, the one known most recently first, and which of the competencies it teaches.

        An offering can have several rows in the columns, which say the same.
        """
        every = np.concatenate([*rows, np.zeros(0, np.int32)])
        competency = np.repeat(np.arange(len(rows)), [len(one) for one in rows])
        _, first, place = np.unique(self._coverage.offering[every], return_index=True, return_inverse=True)
        members = np.zeros((len(first), len(rows)), bool)
        members[place, competency] = True
        dated = self._coverage.dated[every[first]]
        order = np.argsort(np.where(dated == UNDATED, 0, -dated), kind="stable")
        return every[first][order], members[order]

    def _weights(self, offerings: Numbers, by: str, currency: str | None) -> tuple[Weights, str | None]:
        ones = np.ones(len(offerings), np.int64)
        if by == BY[0]:
            paid = ~self._coverage.saying("free True")[offerings]
            return np.stack([ones, paid.astype(np.int64)], axis=1), None
        prices = [price_of(self._dataset, self._iri(row)) for row in offerings]
        currency = currency or usual_currency(prices)
        known = [price if price and price.currency in ("", currency) else None for price in prices]
        unknown = np.array([price is None for price in known], np.int64)
        units = np.array([price.units if price else 0 for price in known], np.int64)
        return np.stack([unknown, units, ones], axis=1), currency

    def _choice(
        self, one: int, chosen: Sequence[int], covered: Sequence[NamedNode], offerings: Numbers, members: Members
    ) -> Choice:
        others = members[[other for other in chosen if other != one]].any(axis=0)
        alone = members[one] & ~others
        instead = np.flatnonzero(members[:, alone].all(axis=1))
        iri = self._iri(offerings[one])
        return Choice(
            offering=self._coverage.at(int(offerings[one])),
            teaches=tuple(covered[place] for place in np.flatnonzero(members[one]).tolist()),
            price=price_of(self._dataset, iri),
            instead=tuple(self._iri(offerings[other]) for other in instead if other not in chosen)[:NAMED],
        )

    def _uncovered(self, competency: NamedNode) -> Uncovered:
        """Why nothing teaches it: the first of these reasons that leaves any offering."""
        rows = self._rows(competency)
        current = rows[self._current[rows]]
        here = current[self._open[current]]
        why, found = next(
            ((why, some) for why, some in (("limits", here), ("elsewhere", current), ("stale", rows)) if len(some)),
            ("nobody", rows),
        )
        named = sorted({self._iri(row) for row in found}, key=str)
        audiences = (self._coverage.at(int(row)).addressed_to for row in (found if why == "elsewhere" else ()))
        sectors = tuple(sorted(frozenset[NamedNode]().union(*audiences), key=str))
        return Uncovered(competency, why, tuple(named[:NAMED]), len(named), sectors)
