"""What is near what: neighbouring competencies, and the providers that teach them now; in columns, made once a release.

Two competencies are neighbours if one is stated to be broader, narrower or related to the other, if they are in one
area, or if one role requires both. How close they are is a sum that can be redone by hand:

    closeness = 2 if a relation is stated + 1 if in one area + (roles that require both) / (roles that require either)

It is above 0 for neighbours and at most 4; a competency itself is given 5, so that who teaches it comes first.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from pyoxigraph import NamedNode

from graph.coverage import NONE, REMOVED, Coverage, Mask, Numbers, Shares
from graph.field import Field, slug
from graph.mergers import successors
from graph.namespaces import TRV
from graph.resources import QUERIES
from graph.similarity import Profiles
from graph.store import Dataset, Row

STATED: Final = 2.0
SAME_AREA: Final = 1.0
ITSELF: Final = 5.0
BY_VALUE: Final = "providers"


@dataclass(frozen=True)
class Maker:
    """A provider that could help to make an offering: how close it teaches, and how many such competencies."""

    provider: NamedNode
    closeness: float
    count: int


@dataclass(frozen=True)
class Surroundings:
    """The columns. Competencies and providers are the numbers of the coverage.

    `required` are pairs (role, competency), `related` pairs of competencies, each both ways round; `teaching` the
    pairs (competency, provider) of which a current offering speaks. `serves` says of each top sector which providers
    serve it, or a part of it; `places` the countries and regions of each provider, casefolded. What was last known
    on the day `stale_since`, an ordinal, or before it is not current.
    """

    coverage: Coverage
    required: Numbers
    related: Numbers
    teaching: Numbers
    serves: Mapping[NamedNode, Mask]
    places: tuple[frozenset[str], ...]
    stale_since: int

    @classmethod
    def of(cls, dataset: Dataset, coverage: Coverage, field: Field, profiles: Profiles) -> Self:
        """The surroundings of every competency of a release, whose roles require what the profiles say."""
        number = coverage.number
        required = [
            (role, number[iri.value])
            for role, profile in enumerate(profiles.values())
            for iri in profile
            if iri.value in number
        ]
        related = {
            (number[one.value], number[other.value])
            for one, other in _now(dataset, "relations")
            if one != other and one.value in number and other.value in number
        }
        serves, places = _providers(dataset, coverage, field)
        both_ways = sorted(related | {(other, one) for one, other in related})
        return cls(
            coverage=coverage,
            required=_pairs(required),
            related=_pairs(both_ways),
            teaching=_teaching(coverage, field),
            serves=serves,
            places=places,
            stale_since=field.stale_since.toordinal(),
        )

    def closeness(self, competency: int) -> Shares:
        """How close each competency is to one, in [0,4], and 5 for itself; 0 for those that are no neighbours."""
        found = self._together(competency)
        found[self.related[1][self.related[0] == competency]] += STATED
        area = self.coverage.area[competency]
        if area >= 0:
            found[self.coverage.area == area] += SAME_AREA
        found[self.coverage.area == REMOVED] = 0
        found[competency] = ITSELF
        return found

    def near(self, competencies: Mask) -> Mask:
        """Of each competency, whether it is one of these or a neighbour of one."""
        found = self.adjoining(competencies)
        role, competency = self.required
        found[competency[np.isin(role, role[competencies[competency]])]] = True
        return found

    def adjoining(self, competencies: Mask) -> Mask:
        """Of each competency, whether it is one of these, or by a stated relation or the area a neighbour of one."""
        found = competencies.copy()
        found[self.related[1][competencies[self.related[0]]]] = True
        areas = np.unique(self.coverage.area[competencies])
        found |= np.isin(self.coverage.area, areas[areas >= 0])
        found &= self.coverage.area != REMOVED
        return found

    def is_provider(self, provider: NamedNode) -> Mask:
        """Of each provider, whether it is this one."""
        found = np.zeros(len(self.places), bool)
        if provider.value in self._number:
            found[self._number[provider.value]] = True
        return found

    def served_by(self, provider: NamedNode) -> frozenset[NamedNode]:
        """The top sectors that a provider serves, or serves a part of; none if it has no offering."""
        at = self._number.get(provider.value)
        return frozenset(sector for sector, serving in self.serves.items() if at is not None and serving[at])

    def taught_by(self, providers: Mask) -> Mask:
        """Of each competency, whether one of these providers teaches it now."""
        found = np.zeros(len(self.coverage.area), bool)
        found[self.teaching[0][providers[self.teaching[1]]]] = True
        return found

    def placed_in(self, region: str | None) -> Mask:
        """Of each provider, whether it is in this country or region; None is any."""
        wanted = None if region is None else region.casefold()
        return np.fromiter((wanted is None or wanted in places for places in self.places), bool, len(self.places))

    def makers(self, closeness: Shares, providers: Mask) -> list[Maker]:
        """Those of the providers that teach something close, the closest first, then who teaches more of it."""
        competency, provider = self.teaching
        close = closeness[competency]
        chosen = (close > 0) & providers[provider]
        best = np.zeros(len(self.places))
        np.maximum.at(best, provider[chosen], close[chosen])
        count = np.bincount(provider[chosen], minlength=len(best))
        names = self.coverage.names.providers
        found = [Maker(NamedNode(names[at]), float(best[at]), int(count[at])) for at in np.flatnonzero(count)]
        return sorted(found, key=lambda one: (-round(one.closeness, 12), -one.count, one.provider.value))

    def taught_close(self, closeness: Shares, provider: NamedNode) -> Iterator[tuple[NamedNode, float]]:
        """What a provider teaches that is close, the closest first."""
        competency, by = self.teaching
        own = competency[(by == self._number[provider.value]) & (closeness[competency] > 0)]
        for at in own[np.argsort(-closeness[own], kind="stable")]:
            yield NamedNode(self.coverage.names.competencies[at]), float(closeness[at])

    @cached_property
    def _number(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.coverage.names.providers)}

    def offerings(self, competency: int) -> list[NamedNode]:
        """The current offerings that teach a competency, by IRI."""
        start, end = np.searchsorted(self.coverage.taught[0], (competency, competency + 1))
        rows = self.coverage.taught[1][start:end]
        current = rows[self.coverage.dated[rows] > self.stale_since]
        return [NamedNode(iri.decode()) for iri in sorted(self.coverage.offering[current].tolist())]

    def _together(self, competency: int) -> Shares:
        """Of the roles that require a competency or another, the share that requires both."""
        role, required = self.required
        size = len(self.coverage.area)
        among = np.bincount(required, minlength=size)
        both = np.bincount(required[np.isin(role, role[required == competency])], minlength=size)
        either = among + among[competency] - both
        share: Shares = np.divide(both, either, out=np.zeros(size), where=both > 0)
        return share


def _teaching(coverage: Coverage, field: Field) -> Numbers:
    """Each competency with each provider that has a current offering for it, once."""
    known = {f"{BY_VALUE} {name}": number for number, name in enumerate(coverage.names.providers)}
    provider_of = np.array([known.get(value, NONE) for value in coverage.names.values], np.int32)
    if not len(provider_of):
        return _pairs(())
    named = provider_of[coverage.said[0]]
    provider, offering = named[named != NONE], coverage.said[1][named != NONE]
    current = coverage.dated > field.stale_since.toordinal()
    competency, taught = coverage.taught[:, current[coverage.taught[1]]]
    start, end = np.searchsorted(offering, taught), np.searchsorted(offering, taught, "right")
    several = end - start
    at = np.arange(several.sum()) + np.repeat(start - (np.cumsum(several) - several), several)
    return np.unique(np.stack([np.repeat(competency, several), provider[at]]), axis=1)


def _providers(
    dataset: Dataset, coverage: Coverage, field: Field
) -> tuple[dict[NamedNode, Mask], tuple[frozenset[str], ...]]:
    served: dict[str, set[NamedNode]] = defaultdict(set)
    placed: dict[str, set[str]] = defaultdict(set)
    for provider, name, value in _now(dataset, "providers"):
        if name == TRV.serves:
            served[provider.value] |= field.with_ancestors(value)
        else:
            placed[provider.value].add(slug(value).casefold())
    names = coverage.names.providers
    serves = {sector: np.array([sector in served[name] for name in names], bool) for sector in field.sectors}
    return serves, tuple(frozenset(placed[name]) for name in names)


def _now(dataset: Dataset, name: str) -> Iterator[Row]:
    """The rows of a query of the field, with what took its place for each thing that was merged."""
    now = successors(dataset)
    for row in dataset.select((QUERIES / "field" / f"{name}.rq").read_text(encoding="utf-8")):
        yield tuple(now.get(term, term) for term in row)


def _pairs(pairs: Iterable[tuple[int, int]]) -> npt.NDArray[np.int32]:
    return np.array([*pairs], np.int32).reshape(-1, 2).T
