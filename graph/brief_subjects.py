"""The brief of each kind of subject: of a sector, an area, a competency, a region, a provider."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import numpy as np
from pyoxigraph import NamedNode

from graph.brief import (
    NAMED,
    UNCOVERED,
    WHOLE,
    Bars,
    Brief,
    Number,
    Question,
    Reading,
    Scope,
    Source,
    Statement,
    counted,
)
from graph.brief_statements import (
    joint,
    near,
    offerings_of,
    standing,
    state_bars,
    surveys,
    taught,
    unknown,
)
from graph.coverage import Mask
from graph.field import slug
from graph.gaps import EVERY_OFFERING, STATES, Filter, gap
from graph.namespaces import TRV, kind_and_slug

OTHERS: Final = ("no-other", "one-other", "two-others", "more-others")
"""By how many providers beside this one a competency is taught."""


def of_sector(reading: Reading, sector: NamedNode) -> Brief:
    """What a sector needs and nobody offers it, and what of that it has in common with another."""
    above = reading.field.with_ancestors(sector)
    others = [one for one in reading.field.sectors if one not in above]
    widest = reading.widest([sector], WHOLE)
    figures = {quad.subject for quad in reading.dataset.quads(None, TRV.sector, sector) if _is_need(quad.subject)}
    statements = (
        *standing(reading, sector, WHOLE),
        joint(reading, [sector, *others], WHOLE, sector),
        *near(reading, widest),
        *_figures(len(figures), Question("needs", (("sector", slug(sector)),)), sector),
        *surveys(reading, widest),
        *unknown(reading, [sector], WHOLE),
    )
    return Brief("sector", sector, "", statements, widest, state_bars(reading, [sector], WHOLE))


def of_area(reading: Reading, area: NamedNode) -> Brief:
    """How an area of competence stands in each of the sectors."""
    scope = Scope(reading.coverage.is_in_area(area), arguments=(("area", slug(area)),))
    return _across("area", area, "", reading, scope)


def of_region(reading: Reading, region: str) -> Brief:
    """What each sector is offered by the providers of a country or region."""
    scope = Scope(where=Filter(region=region), arguments=(("region", region),))
    here = reading.coverage.saying(f"places {region.casefold()}") & reading.current
    return _across("region", None, region, reading, scope, _offered(reading, here, scope.gaps()))


def of_competency(reading: Reading, competency: NamedNode) -> Brief:
    """Who needs a competency, who teaches it, and what is known of both."""
    field, name = reading.field, (("competency", slug(competency)),)
    scope = Scope(reading.coverage.is_competency(competency), arguments=name)
    evidence = field.evidence[competency]
    worked = tuple(reading.worked(gap(field, competency, sector, scope.where), scope) for sector in field.sectors)
    roles = sum(1 for weight in evidence.claims.values() if weight)
    here = taught(reading, reading.coverage.is_competency(competency)) & reading.current
    required = Statement("required", {"roles": counted(roles, Question("roles", name))})
    statements = (
        required if roles else Statement("not-required"),
        _offered(reading, here, scope.gaps()),
        *near(reading, worked),
        *surveys(reading, worked),
        *(Statement("not-known", {}, {"sector": (one.gap.sector,)}) for one in worked if one.gap.demand is None),
    )
    supply = tuple((one.gap.sector, Number(one.gap.supply, Source("supply", (one.question,)))) for one in worked)
    return Brief("competency", competency, "", statements, worked, (Bars(None, supply),))


def of_provider(reading: Reading, provider: NamedNode) -> Brief:
    """What a provider teaches, how much of it few others teach, and what its sectors need nearby."""
    own = reading.coverage.saying(f"providers {provider.value}") & reading.current
    others = _others(reading, own)
    serves = {quad.object for quad in reading.dataset.quads(provider, TRV.serves)}
    sectors = sorted((one for one in reading.field.broader_sector if one in serves), key=str)
    sectors = sectors or reading.field.sectors
    widest = reading.widest(sectors, Scope(_nearby(reading, others)))
    listed = Question("offerings", (("provider", slug(provider)),))
    source = Source("taught", (listed, Question("gaps")))
    statements = (
        *_teaches(reading, provider, own, others, listed, source),
        *(Statement("nearby", {}, {"sectors": tuple(sectors)}) for _ in widest[:1]),
        *surveys(reading, widest),
    )
    rows = Counter(OTHERS[min(count, len(OTHERS) - 1)] for count in others.values())
    bars = Bars(None, tuple((name, Number(rows[name], source)) for name in OTHERS))
    return Brief("provider", provider, "", statements, widest, (bars,) if others else ())


OF: Final[Mapping[str, Callable[[Reading, NamedNode], Brief]]] = {
    "sector": of_sector,
    "area": of_area,
    "competency": of_competency,
    "provider": of_provider,
}


def _across(
    kind: str, subject: NamedNode | None, region: str, reading: Reading, scope: Scope, *first: Statement
) -> Brief:
    sectors = reading.field.sectors
    widest = reading.widest(sectors, scope)
    statements = (
        *first,
        *(one for sector in sectors for one in _in_sector(reading, sector, scope)),
        joint(reading, sectors, scope),
        *(near(reading, widest) if kind == "area" else ()),
        *surveys(reading, widest),
        *unknown(reading, sectors, scope),
    )
    return Brief(kind, subject, region, statements, widest, state_bars(reading, sectors, scope))


def _in_sector(reading: Reading, sector: NamedNode, scope: Scope) -> Iterator[Statement]:
    yield from (one for one in standing(reading, sector, scope) if one.name != "thin")
    if scope.where != EVERY_OFFERING:
        yield from _brought(reading, sector, scope)


def _figures(count: int, question: Question, sector: NamedNode) -> Iterator[Statement]:
    if count:
        yield Statement("figures", {"figures": counted(count, question)}, {"sector": (sector,)})


def _offered(reading: Reading, offerings: Mask, question: Question) -> Statement:
    """How many current offerings there are, and of how many providers."""
    count, providers = int(offerings.sum()), len(reading.providers(offerings))
    if not count:
        return Statement("not-offered")
    numbers = {"offerings": (count, "offered"), "providers": (providers, "providers")}
    return Statement("offered", {name: Number(n, Source(how, (question,))) for name, (n, how) in numbers.items()})


def _brought(reading: Reading, sector: NamedNode, scope: Scope) -> Iterator[Statement]:
    """How many gaps of a region somebody elsewhere has an offering for that is open to the sector."""
    bare = [STATES.index(state) for state in UNCOVERED]
    here, everywhere = reading.found([sector], scope), reading.found([sector], WHOLE)
    count = int((np.isin(here.state, bare) & (everywhere.supply > 0)).sum())
    questions = (scope.gaps(sector=slug(sector)), Question("gaps", (("sector", slug(sector)),)))
    if count:
        yield Statement("brought", {"brought": Number(count, Source("brought", questions))}, {"sector": (sector,)})


def _others(reading: Reading, own: Mask) -> dict[int, int]:
    """Of each competency that these current offerings teach, how many other providers teach it today."""
    competency, offering = reading.coverage.taught
    found = {}
    for number in np.unique(competency[own[offering]]).tolist():
        rows = offering[slice(*np.searchsorted(competency, (number, number + 1)))]
        here = np.zeros(len(own), bool)
        here[rows] = reading.current[rows]
        found[number] = len(reading.providers(here)) - 1
    return found


def _nearby(reading: Reading, others: Mapping[int, int]) -> Mask:
    """The competencies in the areas of those that are taught, without these themselves."""
    own = np.array(sorted(others), np.int64)
    areas = reading.coverage.area[own]
    nearby: Mask = np.isin(reading.coverage.area, areas[areas >= 0])
    nearby[own] = False
    return nearby


def _teaches(
    reading: Reading, provider: NamedNode, own: Mask, others: Mapping[int, int], listed: Question, source: Source
) -> Iterator[Statement]:
    total = counted(len(offerings_of(reading, provider)), listed)
    if not others:
        yield Statement("teaches-nothing", {"offerings": total})
        return
    current = Number(int(own.sum()), Source("current", (listed,)))
    yield Statement("teaches", {"offerings": total, "current": current, "competencies": Number(len(others), source)})
    alone = reading.in_order_of({number: 0.0 for number, count in others.items() if not count})
    name = "alone" if alone else "not-alone"
    yield Statement(name, {"alone": Number(len(alone), source)}, {"competencies": tuple(alone[:NAMED])})


def _is_need(term: object) -> bool:
    return isinstance(term, NamedNode) and (kind_and_slug(term) or ("",))[0] == "need"
