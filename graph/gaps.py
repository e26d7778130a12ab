"""Gaps: for a competency in a sector, the demand, the supply, the state and the score.

The definitions are those of the design ("What a gap is") and of `docs/gaps.md`:
score = demand / (1 + supply), with demand in [0,1] and supply the number of current offerings open to the sector.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from pyoxigraph import NamedNode

from graph.field import Evidence, Field, Figure, Offering

STATES: Final = ("no-data", "missing", "transferable", "stale", "thin", "covered")
BASES: Final = ("any", "survey", "roles")
NEED_KINDS_OF_DEMAND: Final = ("training-need", "confidence-gap", "capacity-gap")
"""The kinds of survey figure that speak of a gap, the strongest first; other kinds are evidence, not demand."""


@dataclass(frozen=True)
class Filter:
    """Which offerings count as supply. An offering that does not say a thing does not match a filter on it."""

    level: str | None = None
    mode: str | None = None
    region: str | None = None
    language: str | None = None
    free: bool | None = None
    upcoming: bool = False

    def admits(self, offering: Offering, field: Field) -> bool:
        """Whether the offering passes every part of the filter that is set."""
        return (
            (self.level is None or self.level in offering.levels)
            and (self.mode is None or self.mode in offering.modes)
            and (self.region is None or self.region.casefold() in offering.places)
            and (self.language is None or _speaks(offering, self.language.casefold()))
            and (self.free is None or offering.free is self.free)
            and (not self.upcoming or any(day >= field.as_of for day in offering.starts))
        )


EVERY_OFFERING: Final = Filter()


@dataclass(frozen=True)
class Demand:
    """The share of a sector, in [0,1], that needs a competency; the kind and the figures where surveys say so."""

    share: Fraction | None = None
    basis: str | None = None
    kind: str | None = None
    needs: tuple[NamedNode, ...] = ()


@dataclass(frozen=True)
class Gap:
    """One competency in one sector; `demand` and `score` are None where the demand is not known.

    `needs` are the survey figures that the demand is made of, `roles` the roles of the sector that require the
    competency, `offerings` those that count as supply, `elsewhere` current ones for other sectors only.
    """

    competency: NamedNode
    sector: NamedNode
    demand: Fraction | None
    basis: str | None
    kind: str | None
    supply: int
    providers: int
    state: str
    score: Fraction | None
    needs: tuple[NamedNode, ...]
    roles: tuple[NamedNode, ...]
    offerings: tuple[NamedNode, ...]
    elsewhere: tuple[NamedNode, ...]
    stale: tuple[NamedNode, ...]
    elsewhere_sectors: tuple[NamedNode, ...]


def gaps(
    field: Field,
    sectors: Sequence[NamedNode] | None = None,
    where: Filter = Filter(),
    basis: str = "any",
    competencies: Collection[NamedNode] | None = None,
) -> list[Gap]:
    """Every gap of the sectors (the three top ones by default), the highest score first, unknown demand last."""
    chosen = field.evidence.keys() if competencies is None else competencies
    found = [gap(field, iri, sector, where, basis) for sector in sectors or field.sectors for iri in chosen]
    return sorted(found, key=_by_score)


def gap(field: Field, competency: NamedNode, sector: NamedNode, where: Filter, basis: str = "any") -> Gap:
    """The gap of one competency in one sector."""
    evidence = field.evidence.get(competency, Evidence())
    demand = demand_of(field, evidence, sector, basis)
    admitted = [offering for offering in evidence.offerings if where.admits(offering, field)]
    current = [offering for offering in admitted if is_current(offering, field)]
    audience = field.with_ancestors(sector)
    open_here = [offering for offering in current if is_open_to(offering, audience)]
    elsewhere = [offering for offering in current if not is_open_to(offering, audience)]
    stale = [offering for offering in admitted if not is_current(offering, field)]
    providers = {provider for offering in open_here for provider in offering.providers}
    return Gap(
        competency=competency,
        sector=sector,
        demand=demand.share,
        basis=demand.basis,
        kind=demand.kind,
        supply=len(open_here),
        providers=len(providers),
        state=_state(demand, len(open_here), len(providers), bool(elsewhere), bool(stale)),
        score=None if demand.share is None else demand.share / (1 + len(open_here)),
        needs=demand.needs,
        roles=_sorted(claims_in(field, evidence, sector)),
        offerings=tuple(offering.iri for offering in open_here),
        elsewhere=tuple(offering.iri for offering in elsewhere),
        stale=tuple(offering.iri for offering in stale),
        elsewhere_sectors=_sorted({sector for offering in elsewhere for sector in offering.addressed_to}),
    )


def demand_of(field: Field, evidence: Evidence, sector: NamedNode, basis: str = "any") -> Demand:
    """The demand in a sector by survey, by roles, or by whichever there is, the survey first."""
    by_survey = _survey_demand(evidence, sector) if basis in ("any", "survey") else Demand()
    if by_survey.share is not None or basis == "survey":
        return by_survey
    return _roles_demand(field, evidence, sector)


def claims_in(field: Field, evidence: Evidence, sector: NamedNode) -> dict[NamedNode, Fraction]:
    """The roles of the sector that require the competency, with the weight that each gives it."""
    roles = field.roles_in.get(sector, frozenset())
    return {role: weight for role, weight in evidence.claims.items() if role in roles}


def is_current(offering: Offering, field: Field) -> bool:
    """Whether its last known date is later than the limit; an undated offering is current."""
    return offering.dated is None or offering.dated > field.stale_since


def is_open_to(offering: Offering, audience: Collection[NamedNode]) -> bool:
    """Whether it is addressed to one of these sectors, or to nobody in particular."""
    return not offering.addressed_to or not offering.addressed_to.isdisjoint(audience)


def four_decimals(value: Fraction) -> str:
    """The value with four decimals, a half rounded up: `0.6667`."""
    units, rest = divmod(value.numerator * 10**4, value.denominator)
    units += 2 * rest >= value.denominator
    return f"{units // 10**4}.{units % 10**4:04d}"


def _state(demand: Demand, supply: int, providers: int, elsewhere: bool, stale: bool) -> str:
    if demand.share is None:
        return "no-data"
    if supply:
        return "thin" if providers == 1 else "covered"
    if elsewhere:
        return "transferable"
    return "stale" if stale else "missing"


def _survey_demand(evidence: Evidence, sector: NamedNode) -> Demand:
    own = [figure for figure in evidence.figures if figure.sector == sector]
    for kind in NEED_KINDS_OF_DEMAND:
        figures = [figure for figure in own if figure.kind == kind]
        if figures:
            newest = max(figure.year or 0 for figure in figures)
            figures = [figure for figure in figures if (figure.year or 0) == newest]
            needs = _sorted({figure.iri for figure in figures})
            return Demand(_mean(figures), "survey", kind, needs)
    return Demand()


def _mean(figures: Sequence[Figure]) -> Fraction:
    """The mean of the shares, weighted by respondents where several surveys all state them."""
    several = len({figure.survey for figure in figures}) > 1
    stated = [figure.respondents for figure in figures if figure.respondents]
    weights = stated if several and len(stated) == len(figures) else [1] * len(figures)
    total = sum((figure.share * weight for figure, weight in zip(figures, weights, strict=True)), Fraction(0))
    return total / sum(weights)


def _roles_demand(field: Field, evidence: Evidence, sector: NamedNode) -> Demand:
    claims = claims_in(field, evidence, sector)
    if not claims:
        return Demand()
    return Demand(sum(claims.values(), Fraction(0)) / len(field.roles_in[sector]), "roles")


def _speaks(offering: Offering, language: str) -> bool:
    """Basic filtering of language ranges (RFC 4647, 3.3.1): `en` also finds `en-GB`."""
    return any(tag == language or tag.startswith(language + "-") for tag in offering.languages)


def _sorted(iris: Collection[NamedNode]) -> tuple[NamedNode, ...]:
    return tuple(sorted(iris, key=str))


def _by_score(gap: Gap) -> tuple[bool, Fraction, str, str]:
    return (gap.score is None, -(gap.score or Fraction(0)), gap.competency.value, gap.sector.value)


def in_states(found: Sequence[Gap], states: Collection[str]) -> Iterator[Gap]:
    """Only the gaps that are in one of the states."""
    return (gap for gap in found if gap.state in states)
