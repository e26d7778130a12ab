"""Opportunities: joint offerings worth creating.

An opportunity is a competency that two or more of the top sectors need (the demand is known and above 0) and in which
each of these has a gap: it is missing, transferable, stale or thin there (`graph/gaps.py`). Its score is the sum of the
scores of these gaps. What an entry level of all sectors asks for comes first, the rest by score.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final, Self

import numpy as np
from pyoxigraph import NamedNode

from graph.audience import SurveySectors, Voice, surveyed, voices
from graph.coverage import REMOVED, Coverage, Mask, Numbers, Shares
from graph.field import Evidence, Field, slug
from graph.gap_lookup import DIGITS, MISSING, STALE, THIN, TRANSFERABLE, Lookup
from graph.gaps import EVERY_OFFERING, Gap, gap
from graph.mergers import successors
from graph.namespaces import TRV, entity
from graph.resources import QUERIES
from graph.similarity import Profiles
from graph.store import Dataset
from graph.surroundings import Surroundings

UNCOVERED: Final = (MISSING, TRANSFERABLE, STALE, THIN)
FEWEST: Final = 2  # sectors that need it: what one needs alone is a gap, and nothing to make together
ENTRY: Final = "entry"
STRENGTHS: Final = ("weak", "fair", "strong")
RECENT: Final = 10  # years for which a survey counts as recent
SEVERAL: Final = 2  # roles

Levels = Mapping[str, Mapping[NamedNode, frozenset[NamedNode]]]
"""Of each level, by its slug, the roles that ask for each competency at it."""


@dataclass(frozen=True)
class Need:
    """What one sector brings to an opportunity: its gap, who says so, and how strong that is."""

    gap: Gap
    voices: tuple[Voice, ...]
    strength: str


@dataclass(frozen=True)
class Opportunity:
    """A competency, what each sector that needs it brings, and the levels at which roles of these ask for it."""

    competency: NamedNode
    needs: Mapping[NamedNode, Need]
    levels: tuple[str, ...]

    @property
    def score(self) -> Fraction:
        """The sum of the scores of its gaps."""
        return sum((need.gap.score or Fraction(0) for need in self.needs.values()), Fraction(0))

    @property
    def strength(self) -> str:
        """As strong as the weakest of its sectors."""
        return min((need.strength for need in self.needs.values()), key=STRENGTHS.index)

    @property
    def at_least(self) -> int | None:
        """The most respondents of one survey that are known to have said so; None where no number has a basis."""
        known = [one.at_least for need in self.needs.values() for one in need.voices if one.at_least is not None]
        return max(known, default=None)


@dataclass(frozen=True)
class Opportunities:
    """All opportunities of a release, in columns over the competencies of its coverage.

    `open_in` (sector, competency) says where there is a gap that somebody needs closed, in the order of the top
    sectors of the field; `score` is the sum over these.
    """

    field: Field
    surroundings: Surroundings
    levels: Levels
    surveyed: SurveySectors
    open_in: Mask
    score: Shares

    @classmethod
    def of(cls, dataset: Dataset, coverage: Coverage, field: Field, profiles: Profiles) -> Self:
        """The opportunities of a release, whose roles require what the profiles say."""
        open_in, score = _open(coverage, field)
        surroundings = Surroundings.of(dataset, coverage, field, profiles)
        return cls(field, surroundings, _levels(dataset), surveyed(dataset), open_in, score)

    @cached_property
    def count(self) -> Numbers:
        """In how many sectors each competency is needed and not covered."""
        found: Numbers = self.open_in.sum(axis=0, dtype=np.int32)
        return found

    @cached_property
    def standing(self) -> Mask:
        """Of each competency, whether it is an opportunity."""
        found: Mask = self.count >= FEWEST
        return found

    @cached_property
    def first(self) -> Mask:
        """Those that come first: needed by all sectors, and asked for at entry level."""
        found: Mask = self.standing & (self.count == len(self.field.sectors)) & self.asked_at(ENTRY)
        return found

    def asked_at(self, level: str) -> Mask:
        """The opportunities that a role of one of the sectors that they are open in asks for at this level."""
        found = np.zeros(len(self.score), bool)
        number = self.surroundings.coverage.number
        for competency, roles in self.levels.get(level, {}).items():
            at = number.get(competency.value)
            if at is not None and self.standing[at]:
                found[at] = not roles.isdisjoint(self._roles(at))
        return found

    def reached_by(self, providers: Mask) -> Mask:
        """Of each competency, whether one of these providers, serving a sector it is open in, teaches near it."""
        near = [
            open_here & self.surroundings.near(self.surroundings.taught_by(providers & serves))
            for open_here, serves in zip(self.open_in, self._serving, strict=True)
        ]
        found: Mask = np.any(near, axis=0)
        return found

    def in_order(self, wanted: Mask, labels: Numbers) -> Numbers:
        """The numbers of the opportunities wanted: first those of `first`, then by score, then by the labels' ranks."""
        order = np.lexsort((labels, -np.round(self.score, DIGITS), ~self.first))
        return order[(wanted & self.standing)[order]].astype(np.int32)

    def exactly(self, competency: NamedNode, field: Field) -> Opportunity:
        """One opportunity with its evidence, read from the field."""
        at = self.surroundings.coverage.number[competency.value]
        evidence = field.evidence.get(competency, Evidence())
        found = [gap(field, competency, sector, EVERY_OFFERING) for sector in self.sectors_of(at)]
        needs = {one.sector: self._need(one, evidence) for one in found}
        roles = self._roles(at)
        levels = (level for level, asking in self.levels.items() if not roles.isdisjoint(asking.get(competency, ())))
        return Opportunity(competency, needs, tuple(levels))

    def sectors_of(self, at: int) -> list[NamedNode]:
        """The sectors that a competency is open in."""
        return [sector for sector, is_open in zip(self.field.sectors, self.open_in[:, at], strict=True) if is_open]

    def _roles(self, at: int) -> frozenset[NamedNode]:
        """The roles of the sectors that a competency is open in."""
        return frozenset().union(*(self.field.roles_in.get(sector, ()) for sector in self.sectors_of(at)))

    @property
    def _serving(self) -> list[Mask]:
        return [self.surroundings.serves[sector] for sector in self.field.sectors]

    def _need(self, found: Gap, evidence: Evidence) -> Need:
        said = voices(found, evidence, self.surveyed)
        years = [one.year for one in said if one.year]
        recent = max(years, default=0) >= self.field.as_of.year - RECENT
        return Need(found, said, strength(len(said), recent, len(found.roles)))


def strength(figures: int, recent: bool, roles: int) -> str:
    """How strong the evidence of one sector is.

    Strong: a figure of a recent survey and at least one role. Fair: a survey of any age, or several roles. Weak: less.
    """
    if figures and recent and roles:
        return "strong"
    return "fair" if figures or roles >= SEVERAL else "weak"


def _open(coverage: Coverage, field: Field) -> tuple[Mask, Shares]:
    """Where a competency is needed and not covered, by sector, and the sum of the scores there."""
    open_in = np.zeros((len(field.sectors), len(coverage.area)), bool)
    score = np.zeros(len(coverage.area))
    if field.sectors:
        found = Lookup(coverage, field).gaps(field.sectors)
        chosen = found.where((found.demand > 0) & np.isin(found.state, UNCOVERED))
        open_in[chosen.sector, chosen.competency] = True
        np.add.at(score, chosen.competency, chosen.score)
    return open_in & (coverage.area != REMOVED), score


def _levels(dataset: Dataset) -> Levels:
    now = successors(dataset)
    found: dict[str, dict[NamedNode, set[NamedNode]]] = defaultdict(lambda: defaultdict(set))
    for competency, role, level in dataset.select((QUERIES / "field" / "levels.rq").read_text(encoding="utf-8")):
        found[slug(level)][now.get(competency) or competency].add(now.get(role) or role)
    return {
        level: {competency: frozenset(roles) for competency, roles in found[level].items()}
        for level in sorted(found, key=lambda one: (_rank(dataset, one), one))
    }


def _rank(dataset: Dataset, level: str) -> int:
    return min((int(slug(quad.object)) for quad in dataset.quads(entity("level", level), TRV.rank)), default=0)
