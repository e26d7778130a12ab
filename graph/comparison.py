"""Sectors, sub-sectors and roles compared by what they need: what all of them need, what some, what one only.

A sector needs a competency where the demand for it is known and above 0 (`graph/gaps.py`); a role, where it requires
it (essential 1, optional 0.5). Every competency that any of them needs is in just one part: that of those who need it,
and of nobody else among them. The parts are the same whichever is named first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Final

import numpy as np
from pyoxigraph import NamedNode

from graph.coverage import REMOVED, Coverage, Mask, Numbers, Shares
from graph.field import NOTHING_KNOWN, Field
from graph.gap_lookup import DIGITS, known_demand
from graph.gaps import demand_of
from graph.similarity import Profiles

ESSENTIAL: Final = Fraction(1)


@dataclass(frozen=True, eq=False)
class Part:
    """The competencies that just these need, by their numbers in the coverage."""

    needed_by: tuple[NamedNode, ...]
    competencies: Numbers


@dataclass(frozen=True)
class Need:
    """How much a thing needs a competency, in [0,1].

    `basis` is `survey` or `roles` for the demand of a sector, `essential` or `optional` for the requirement of a role;
    `kind` that of the survey figures. A need that is `inherited` is known of that broader sector only.
    """

    weight: Fraction
    basis: str
    kind: str | None = None
    inherited: NamedNode | None = None


def parts(needed: Mapping[NamedNode, Mask]) -> list[Part]:
    """The parts that hold something: what most need first, then the largest, then by the IRIs."""
    things = sorted(needed, key=str)
    if not things:
        return []
    columns = np.array([needed[thing] for thing in things], bool).reshape(len(things), -1)
    kinds, kind_of = np.unique(np.packbits(columns, axis=0), axis=1, return_inverse=True)
    by_kind = np.argsort(kind_of.ravel(), kind="stable").astype(np.int32)
    starts = np.searchsorted(kind_of.ravel()[by_kind], np.arange(kinds.shape[1] + 1))
    found = [by_kind[start:end] for start, end in pairwise(starts)]
    named = [Part(tuple(one for one, c in zip(things, columns[:, some[0]], strict=True) if c), some) for some in found]
    return sorted((part for part in named if part.needed_by), key=_widest_first)


def every_part(needed: Mapping[NamedNode, Mask]) -> list[Part]:
    """All parts that there may be, those that hold nothing too: three of two things, seven of three."""
    things = sorted(needed, key=str)
    held = {part.needed_by: part for part in parts(needed)}
    none = np.zeros(0, np.int32)
    possible = [some for size in range(len(things), 0, -1) for some in combinations(things, size)]
    return [held.get(some, Part(some, none)) for some in possible]


def weights(coverage: Coverage, requirements: Profiles, field: Field, thing: NamedNode, basis: str = "any") -> Shares:
    """How much a sector or a role needs each competency of the coverage; NaN where nothing is known of it."""
    if thing in field.broader_sector:
        found = known_demand(coverage, thing, basis)
    else:
        found = np.full(len(coverage.area), np.nan)
        for competency, weight in requirements.get(thing, {}).items():
            if competency.value in coverage.number:
                found[coverage.number[competency.value]] = float(weight)
    return np.where(coverage.area != REMOVED, found, np.nan)


def strongest_first(competencies: Numbers, needs: Sequence[Shares], labels: Numbers) -> Numbers:
    """Competencies by the sum of what they weigh, the highest first, then by the ranks of their labels."""
    total = np.round(np.nansum([one[competencies] for one in needs], axis=0), DIGITS)
    return competencies[np.lexsort((labels[competencies], -total))]


def need_of(field: Field, competency: NamedNode, thing: NamedNode, basis: str = "any") -> Need | None:
    """How much a sector or a role needs a competency; None where nothing is known of it, nor of a broader sector."""
    evidence = field.evidence.get(competency, NOTHING_KNOWN)
    if thing not in field.broader_sector:
        weight = evidence.claims.get(thing)
        return Need(weight, "essential" if weight == ESSENTIAL else "optional") if weight else None
    for sector in _upwards(field, thing):
        demand = demand_of(field, evidence, sector, basis)
        if demand.share is not None and demand.basis:
            return Need(demand.share, demand.basis, demand.kind, None if sector == thing else sector)
    return None


def _upwards(field: Field, sector: NamedNode) -> list[NamedNode]:
    """A sector and those that it is below, the nearest first."""
    chain = [sector]
    while (broader := field.broader_sector.get(chain[-1])) and broader not in chain:
        chain.append(broader)
    return chain


def _widest_first(part: Part) -> tuple[int, int, list[str]]:
    return -len(part.needed_by), -len(part.competencies), [one.value for one in part.needed_by]
