"""The statements that several briefs make: where a sector stands, what is a case for two, who teaches near it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence

import numpy as np
from pyoxigraph import NamedNode

from graph.brief import (
    NAMED,
    UNCOVERED,
    Bars,
    Number,
    Question,
    Reading,
    Scope,
    Source,
    Statement,
    Worked,
    counted,
    less,
    together,
)
from graph.coverage import Mask
from graph.field import slug
from graph.gaps import STATES
from graph.namespaces import TRV


def standing(reading: Reading, sector: NamedNode, scope: Scope) -> Iterator[Statement]:
    """For how many competencies a need is known in a sector, and for how many of these nothing is open to it."""
    states = reading.states(sector, scope)
    by_survey = reading.states(sector, scope, "survey")
    here, known = {"sector": (sector,)}, less(states["total"], states["no-data"])
    if not known.value:
        yield Statement("nothing-known", {"total": states["total"]}, here)
        return
    surveyed = less(by_survey["total"], by_survey["no-data"])
    yield Statement("known", {"known": known, "total": states["total"], "survey": surveyed}, here)
    uncovered = together(*(states[state] for state in UNCOVERED))
    if uncovered.value:
        yield Statement("uncovered", {"uncovered": uncovered, **{name: states[name] for name in UNCOVERED}}, here)
    else:
        yield Statement("all-covered", {"known": known}, here)
    if states["thin"].value:
        yield Statement("thin", {"thin": states["thin"]}, here)


def unknown(reading: Reading, sectors: Sequence[NamedNode], scope: Scope) -> Iterator[Statement]:
    """For how many competencies nothing is known of the need in a sector."""
    for sector in sectors:
        states = reading.states(sector, scope)
        if 0 < states["no-data"].value < states["total"].value:
            yield Statement("unknown", {"unknown": states["no-data"]}, {"sector": (sector,)})


def state_bars(reading: Reading, sectors: Sequence[NamedNode], scope: Scope) -> tuple[Bars, ...]:
    """How many competencies are in each state, sector by sector."""
    found = {sector: reading.states(sector, scope) for sector in sectors}
    return tuple(Bars(sector, tuple((state, states[state]) for state in STATES)) for sector, states in found.items())


def joint(reading: Reading, sectors: Sequence[NamedNode], scope: Scope, own: NamedNode | None = None) -> Statement:
    """What two sectors or more need, of which nothing current is open to either; one of them `own`, if it is given."""
    needed: dict[int, float] = defaultdict(float)
    by: Counter[int] = Counter()
    at_home: set[int] = set()
    for sector in sectors:
        found = reading.found([sector], scope)
        bare = found.where(np.isin(found.state, [STATES.index(state) for state in UNCOVERED]) & (found.demand > 0))
        for number, demand in zip(bare.competency.tolist(), bare.demand.tolist(), strict=True):
            needed[number] += demand
            by[number] += 1
        at_home |= set(bare.competency.tolist()) if sector == own else set()
    both = {number: needed[number] for number, count in by.items() if count > 1 and (own is None or number in at_home)}
    questions = tuple(scope.gaps(sector=slug(sector)) for sector in sectors)
    terms = {"competencies": tuple(reading.in_order_of(both)[:NAMED]), "sector": (own,) if own else ()}
    return Statement("joint" if both else "no-joint", {"joint": Number(len(both), Source("both", questions))}, terms)


def near(reading: Reading, worked: Collection[Worked]) -> Iterator[Statement]:
    """Who teaches something today in the areas of these gaps: those with the most of it."""
    areas = {reading.coverage.area_of(one.gap.competency) for one in worked} - {None}
    inside: Mask = np.zeros(len(reading.coverage.area), bool)
    for area in areas:
        inside |= reading.coverage.is_in_area(area)
    providers = reading.providers(taught(reading, inside) & reading.current)
    found = sorted(providers.items(), key=lambda item: (-item[1], item[0].value))[:NAMED]
    for provider, _ in found:
        number = counted(len(offerings_of(reading, provider)), Question("offerings", (("provider", slug(provider)),)))
        yield Statement("near", {"offerings": number}, {"provider": (provider,)})


def surveys(reading: Reading, worked: Collection[Worked]) -> Iterator[Statement]:
    """The surveys behind the demand of these gaps, the newest first, with their year and respondents."""
    found = {one.survey: one for each in worked for one in each.figures}
    for survey, figure in sorted(found.items(), key=lambda item: (-(item[1].year or 0), item[0].value)):
        source = Source("said", (Question(f"survey/{slug(survey)}"),))
        stated = {"year": figure.year, "respondents": figure.respondents}
        numbers = {name: Number(value, source) for name, value in stated.items() if value}
        yield Statement("survey", numbers, {"survey": (survey,)})
    if not found and any(each.gap.demand is not None for each in worked):
        yield Statement("no-survey")


def offerings_of(reading: Reading, provider: NamedNode) -> set[NamedNode]:
    """Every offering of a provider, current or not."""
    subjects = (quad.subject for quad in reading.dataset.quads(None, TRV.provider, provider))
    return {iri for iri in subjects if isinstance(iri, NamedNode)}


def taught(reading: Reading, competencies: Mask) -> Mask:
    """Of each offering, whether it teaches one of these competencies."""
    competency, offering = reading.coverage.taught
    found = np.zeros(len(reading.coverage.dated), bool)
    found[offering[competencies[competency]]] = True
    return found
