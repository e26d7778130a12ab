"""How many are known to want it: what surveys say of a gap, and the number that this is the least of.

A number is given only where it has a basis: a survey that states how many responded, and of which all figures are of
one top sector, so that these respondents are of that sector. Shares are rounded, so half a per cent is taken off:

    at least = (share - 0.005) x respondents, rounded down

The numbers of several surveys are never added up: the same people may have answered more than one.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Final

from pyoxigraph import NamedNode

from graph.field import Evidence, Figure
from graph.gaps import Gap
from graph.mergers import successors
from graph.resources import QUERIES
from graph.store import Dataset

ROUNDING: Final = Fraction(1, 200)
"""Half a per cent: what a share in whole per cents may have been rounded up by."""

SurveySectors = Mapping[NamedNode, frozenset[NamedNode]]
"""What each survey has figures of: sectors, parts of them, or the field as a whole."""


@dataclass(frozen=True)
class Voice:
    """A survey figure that the demand in a sector is made of; `at_least` is None where no number has a basis."""

    need: NamedNode
    survey: NamedNode
    kind: str
    share: Fraction
    year: int | None
    respondents: int | None
    pooled: bool
    at_least: int | None


def voices(gap: Gap, evidence: Evidence, surveyed: SurveySectors) -> tuple[Voice, ...]:
    """What surveys say of a gap, the newest first."""
    own = [figure for figure in evidence.figures if figure.iri in gap.needs and figure.sector == gap.sector]
    found = [_voice(figure, surveyed.get(figure.survey, frozenset()) != {gap.sector}) for figure in own]
    return tuple(sorted(found, key=lambda one: (-(one.year or 0), one.need.value)))


def least(share: Fraction, respondents: int) -> int:
    """The least number of respondents that a rounded share of them can stand for."""
    return max(0, floor((share - ROUNDING) * respondents))


def surveyed(dataset: Dataset) -> SurveySectors:
    """Which sectors each survey has figures of."""
    now = successors(dataset)
    found: dict[NamedNode, set[NamedNode]] = defaultdict(set)
    for survey, sector in dataset.select((QUERIES / "field" / "surveyed.rq").read_text(encoding="utf-8")):
        found[now.get(survey) or survey].add(now.get(sector) or sector)
    return {survey: frozenset(sectors) for survey, sectors in found.items()}


def _voice(figure: Figure, pooled: bool) -> Voice:
    known = figure.respondents is not None and not pooled
    return Voice(
        need=figure.iri,
        survey=figure.survey,
        kind=figure.kind,
        share=figure.share,
        year=figure.year,
        respondents=figure.respondents,
        pooled=pooled,
        at_least=least(figure.share, figure.respondents) if known and figure.respondents else None,
    )
