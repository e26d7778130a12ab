"""The field as a planner sees it: for each competency, who needs it and who teaches it.

An immutable picture in memory of the part of the graph that gaps are computed from. It is read from the store
by the queries of `queries/field/`, for the whole field or for some competencies only.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Self

from pyoxigraph import Literal, NamedNode

from graph.dates import last_day, months_before
from graph.mergers import successors
from graph.namespaces import TRV, entity, kind_and_slug
from graph.policy import STALE_AFTER_MONTHS
from graph.resources import QUERIES
from graph.store import Dataset, Row, Term

PERCENT = entity("unit", "percent")
WEIGHT = {
    entity("importance", "essential"): Fraction(1),
    entity("importance", "optional"): Fraction(1, 2),
}


@dataclass(frozen=True)
class Offering:
    """What decides whether an offering counts. `dated` is its last known date; None is undated."""

    iri: NamedNode
    providers: frozenset[NamedNode] = frozenset()
    addressed_to: frozenset[NamedNode] = frozenset()
    levels: frozenset[str] = frozenset()
    modes: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    free: bool | None = None
    dated: date | None = None
    starts: tuple[date, ...] = ()


@dataclass(frozen=True)
class Figure:
    """One figure of a survey: the share of respondents, in [0,1], of whom a need was measured."""

    iri: NamedNode
    sector: NamedNode
    kind: str
    share: Fraction
    survey: NamedNode
    year: int | None
    respondents: int | None


@dataclass(frozen=True)
class Evidence:
    """All that is known about one competency: survey figures, the weight that each role gives it, offerings."""

    area: NamedNode | None = None
    figures: tuple[Figure, ...] = ()
    claims: Mapping[NamedNode, Fraction] = field(default_factory=dict)
    offerings: tuple[Offering, ...] = ()


NOTHING_KNOWN = Evidence()


@dataclass(frozen=True)
class Field:
    """The evidence for each competency, the roles of each sector, and the day it is looked at."""

    as_of: date
    evidence: Mapping[NamedNode, Evidence]
    broader_sector: Mapping[NamedNode, NamedNode | None]
    role_sectors: Mapping[NamedNode, frozenset[NamedNode]]
    stale_after_months: int = STALE_AFTER_MONTHS

    @classmethod
    def load(
        cls,
        dataset: Dataset,
        as_of: date,
        stale_after_months: int = STALE_AFTER_MONTHS,
        competencies: Collection[NamedNode] | None = None,
    ) -> Self:
        """Read the field, or the part of it that speaks of `competencies`, as it is on `as_of`."""
        return cls.around(read_evidence(dataset, competencies), dataset, as_of, stale_after_months)

    @classmethod
    def around(
        cls, evidence: Mapping[NamedNode, Evidence], dataset: Dataset, as_of: date, stale_after_months: int
    ) -> Self:
        """The field of evidence that is known: its roles and sectors are read."""
        roles = _grouped(_rows(dataset, "roles"))
        return cls(
            as_of=as_of,
            evidence=evidence,
            broader_sector=dict(_rows(dataset, "sectors")),
            role_sectors={role: frozenset(sectors) for role, sectors in roles.items()},
            stale_after_months=stale_after_months,
        )

    @cached_property
    def sectors(self) -> list[NamedNode]:
        """The sectors that are below no other: archives, libraries, museums."""
        return sorted((iri for iri, broader in self.broader_sector.items() if broader is None), key=str)

    @cached_property
    def roles_in(self) -> Mapping[NamedNode, frozenset[NamedNode]]:
        """The roles that are practised in each sector."""
        found: dict[NamedNode, set[NamedNode]] = defaultdict(set)
        for role, sectors in self.role_sectors.items():
            for sector in sectors:
                found[sector].add(role)
        return {sector: frozenset(roles) for sector, roles in found.items()}

    @cached_property
    def stale_since(self) -> date:
        """An offering last known on this day or before it is stale."""
        return months_before(self.as_of, self.stale_after_months)

    def with_ancestors(self, sector: NamedNode) -> frozenset[NamedNode]:
        """A sector and the sectors that it is below."""
        chain: list[NamedNode] = []
        step: NamedNode | None = sector
        while step is not None and step not in chain:
            chain.append(step)
            step = self.broader_sector.get(step)
        return frozenset(chain)


def slug(term: Term | None) -> str:
    """The slug of one of our identifiers, else the text of the term."""
    if isinstance(term, NamedNode):
        found = kind_and_slug(term)
        return found[1] if found else term.value
    return term.value if isinstance(term, Literal) else ""


def read_evidence(dataset: Dataset, competencies: Collection[NamedNode] | None = None) -> dict[NamedNode, Evidence]:
    """The evidence for each competency of a dataset, or for some of them, in the order of their IRIs."""
    areas: dict[NamedNode, NamedNode | None] = dict(_rows(dataset, "competencies", "competency", competencies))
    taught = _grouped(_rows(dataset, "taught", "competency", competencies))
    wanted = None if competencies is None else {iri for group in taught.values() for iri in group}
    offerings = read_offerings(dataset, wanted)
    needed = read_needed(dataset, competencies)
    return {
        competency: replace(
            needed.get(competency, NOTHING_KNOWN),
            area=area,
            offerings=tuple(offerings.get(iri, Offering(iri)) for iri in sorted(taught[competency], key=str)),
        )
        for competency, area in sorted(areas.items(), key=_by_iri)
    }


def read_needed(dataset: Dataset, competencies: Collection[NamedNode] | None = None) -> dict[NamedNode, Evidence]:
    """Of the evidence, what speaks of demand, for the competencies of which anything does, or for some of them.

    What is said of a competency or a role that was merged counts for what took its place.
    """
    now = successors(dataset)
    asked = (
        None if competencies is None else [*competencies, *(one for one, last in now.items() if last in competencies)]
    )
    claims = _claims(
        (now.get(competency, competency), now.get(role, role), importance)
        for competency, role, importance in _rows(dataset, "claims", "competency", asked)
    )
    figures = _figures(
        (now.get(competency, competency), *figure)
        for competency, *figure in _rows(dataset, "figures", "competency", asked)
    )
    return {
        iri: Evidence(figures=tuple(figures.get(iri, ())), claims=claims.get(iri, {}))
        for iri in claims.keys() | figures.keys()
    }


def read_offerings(dataset: Dataset, only: Collection[NamedNode] | None = None) -> dict[NamedNode, Offering]:
    """The offerings of a dataset, or some of them, by their IRIs; one of which nothing is known is left out.

    A provider that was merged is the one that took its place.
    """
    now = successors(dataset)
    rows = _rows(dataset, "offerings", "offering", only)
    return _offerings((offering, session, name, now.get(value, value)) for offering, session, name, value in rows)


def _by_iri(item: tuple[NamedNode, object]) -> str:
    return item[0].value


def _rows(dataset: Dataset, name: str, variable: str = "", only: Collection[NamedNode] | None = None) -> list[Row]:
    query = (QUERIES / "field" / f"{name}.rq").read_text(encoding="utf-8")
    if only is None:
        return dataset.select(query).rows
    return [row for iri in only for row in dataset.select(query, {variable: iri})]


def _grouped(rows: Iterable[Row]) -> dict[NamedNode, list[NamedNode]]:
    groups: dict[NamedNode, list[NamedNode]] = defaultdict(list)
    for key, value in rows:
        groups[key].append(value)
    return groups


def _claims(rows: Iterable[Row]) -> dict[NamedNode, dict[NamedNode, Fraction]]:
    """The weight each role gives a competency; where it is named twice, the stronger one."""
    claims: dict[NamedNode, dict[NamedNode, Fraction]] = defaultdict(dict)
    for competency, role, importance in rows:
        weight = WEIGHT.get(importance, Fraction(0))
        claims[competency][role] = max(weight, claims[competency].get(role, Fraction(0)))
    return claims


def _figures(rows: Iterable[Row]) -> dict[NamedNode, list[Figure]]:
    figures: dict[NamedNode, list[Figure]] = defaultdict(list)
    for competency, need, sector, kind, value, unit, survey, year, respondents in rows:
        if unit == PERCENT:
            figures[competency].append(
                Figure(
                    iri=need,
                    sector=sector,
                    kind=slug(kind),
                    share=Fraction(value.value) / 100,
                    survey=survey,
                    year=int(year.value) if year else None,
                    respondents=int(respondents.value) if respondents else None,
                )
            )
    return figures


def _offerings(rows: Iterable[Row]) -> dict[NamedNode, Offering]:
    own: dict[NamedNode, dict[NamedNode, list[Term]]] = defaultdict(lambda: defaultdict(list))
    sessions: dict[NamedNode, dict[NamedNode, dict[NamedNode, Term]]] = defaultdict(lambda: defaultdict(dict))
    for offering, session, name, value in rows:
        if session is None:
            own[offering][name].append(value)
        else:
            sessions[offering][session][name] = value
    return {iri: _offering(iri, own[iri], list(sessions[iri].values())) for iri in own.keys() | sessions.keys()}


def _offering(iri: NamedNode, own: Mapping[NamedNode, list[Term]], sessions: list[dict[NamedNode, Term]]) -> Offering:
    def texts(name: str) -> frozenset[str]:
        return frozenset(slug(term) for term in own.get(TRV[name], ()))

    def iris(name: str) -> frozenset[NamedNode]:
        return frozenset(term for term in own.get(TRV[name], ()) if isinstance(term, NamedNode))

    ends = [session.get(TRV.endDate, session.get(TRV.startDate)) for session in sessions]
    known = [slug(term) for term in ends if term] + [*texts("pageDate"), *texts("verifiedDate")]
    starts = [slug(session[TRV.startDate]) for session in sessions if TRV.startDate in session]
    free = texts("free")
    return Offering(
        iri=iri,
        providers=iris("provider"),
        addressed_to=iris("addressedTo"),
        levels=texts("level"),
        modes=texts("mode") | {slug(session[TRV.mode]) for session in sessions if TRV.mode in session},
        places=frozenset(text.casefold() for text in texts("region") | texts("country")),
        languages=frozenset(text.casefold() for text in texts("language")),
        free=("true" in free or "1" in free) if free else None,
        dated=max(map(last_day, known), default=None),
        starts=tuple(sorted(map(last_day, starts))),
    )
