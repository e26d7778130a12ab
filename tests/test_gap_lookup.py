"""Gaps looked up in columns are the gaps that are reckoned one by one, under every filter and after every change."""

from collections import Counter
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from graph.coverage import SLACK, Coverage
from graph.field import Evidence, Field, Figure, Offering
from graph.gap_lookup import FoundGaps, Lookup
from graph.gaps import BASES, Filter, Gap, gaps
from graph.namespaces import entity

DAY = date(2026, 11, 24)
COMPETENCIES = [entity("competency", name) for name in "abcd"]
TOP = [entity("sector", name) for name in ("archives", "museums")]
BELOW = entity("sector", "art-museums")
BROADER: dict[NamedNode, NamedNode | None] = {TOP[0]: None, TOP[1]: None, BELOW: TOP[1]}
ROLES = [entity("role", name) for name in "rs"]
DATES = [date(2020, 1, 1), date(2023, 11, 24), date(2023, 11, 25), DAY, date(2027, 1, 1)]


def some(*values: str) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values))


sectors = st.sampled_from([*TOP, BELOW])
offerings = st.builds(
    Offering,
    iri=st.sampled_from([entity("offering", f"o{number}") for number in range(5)]),
    providers=st.frozensets(st.sampled_from([entity("provider", name) for name in "pq"])),
    addressed_to=st.frozensets(sectors),
    levels=some("entry", "advanced"),
    modes=some("online", "hybrid"),
    places=some("us", "ca"),
    languages=some("en", "en-gb", "es"),
    free=st.none() | st.booleans(),
    dated=st.none() | st.sampled_from(DATES),
    starts=st.lists(st.sampled_from(DATES), max_size=2).map(sorted).map(tuple),
)
figures = st.builds(
    Figure,
    iri=st.sampled_from([entity("need", name) for name in "mn"]),
    sector=sectors,
    kind=st.sampled_from(["training-need", "capacity-gap", "practice"]),
    share=st.integers(0, 100).map(lambda percent: Fraction(percent, 100)),
    survey=st.sampled_from([entity("survey", name) for name in "xy"]),
    year=st.none() | st.sampled_from([2023, 2026]),
    respondents=st.none() | st.integers(1, 50),
)
evidence = st.builds(
    Evidence,
    area=st.none() | st.sampled_from([entity("area", name) for name in "uv"]),
    figures=st.lists(figures, max_size=3).map(tuple),
    claims=st.dictionaries(st.sampled_from(ROLES), st.sampled_from([Fraction(1), Fraction(1, 2)])),
    offerings=st.lists(offerings, max_size=4, unique_by=lambda one: one.iri).map(tuple),
)
known = st.dictionaries(st.sampled_from(COMPETENCIES), evidence)
roles = st.dictionaries(st.sampled_from(ROLES), st.frozensets(sectors))
filters = st.builds(
    Filter,
    level=st.sampled_from([None, "entry", "expert"]),
    mode=st.sampled_from([None, "online"]),
    region=st.sampled_from([None, "US"]),
    language=st.sampled_from([None, "en", "EN-GB", "fr"]),
    free=st.sampled_from([None, True, False]),
    upcoming=st.booleans(),
)


def looked_up(coverage: Coverage, field: Field, where: Filter, basis: str) -> FoundGaps:
    """The gaps in the order of `gaps`: by score, then by the IRIs of competency and sector."""
    asked = [*TOP, BELOW]
    by_iri = np.argsort(np.argsort(np.array(coverage.names.competencies or [""]))).astype(np.int32)
    by_sector = np.argsort(np.argsort(np.array([sector.value for sector in asked]))).astype(np.int32)
    found = Lookup(coverage, field, where, basis).gaps(asked).in_order(by_iri, by_sector)
    return FoundGaps(found, coverage, field, asked, where, basis)


def one_by_one(field: Field, where: Filter, basis: str) -> list[Gap]:
    return gaps(field, [*TOP, BELOW], where, basis)


@settings(max_examples=200, deadline=None)
@given(known, roles, filters, st.sampled_from(BASES))
def test_a_filter_finds_in_columns_what_it_finds_one_by_one(
    evidence: dict[NamedNode, Evidence],
    roles: dict[NamedNode, frozenset[NamedNode]],
    where: Filter,
    basis: str,
) -> None:
    field = Field(DAY, unified(evidence), BROADER, roles)
    coverage = Coverage.of(field)
    expected = one_by_one(field, where, basis)
    assert [*looked_up(coverage, field, where, basis)] == expected
    found = Lookup(coverage, field, where, basis).gaps([*TOP, BELOW])
    assert found.states() == Counter(one.state for one in expected)
    assert sorted(found.supply.tolist()) == sorted(one.supply for one in expected)
    for iri, one in field.evidence.items():
        number = coverage.number[iri.value]
        assert coverage.area_of(iri) == one.area
        by_iri = sorted(one.offerings, key=lambda offering: offering.iri.value)
        assert coverage.offerings_for(number) == [replace(one, starts=one.starts[-1:]) for one in by_iri]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sets(st.sampled_from(COMPETENCIES)), known), max_size=4), roles, filters)
def test_columns_that_follow_changes_find_what_new_ones_find(
    edits: list[tuple[set[NamedNode], dict[NamedNode, Evidence]]],
    roles: dict[NamedNode, frozenset[NamedNode]],
    where: Filter,
) -> None:
    """Each edit says anew, or no more, what is known of some competencies and of those that their offerings teach."""
    now: dict[NamedNode, Evidence] = {}
    coverage = Coverage.of(Field(DAY, now, BROADER, roles))
    for withdrawn, said in edits:
        kept = {iri: one for iri, one in now.items() if iri not in withdrawn and iri not in said}
        after = unified(said | kept)
        changed = {iri for iri in now.keys() | after.keys() if now.get(iri) != after.get(iri)} | withdrawn
        part = Field(DAY, {iri: one for iri, one in after.items() if iri in changed}, BROADER, roles)
        coverage, now = coverage.updated(part, changed), after
    field = Field(DAY, dict(sorted(now.items(), key=lambda item: item[0].value)), BROADER, roles)
    assert [*looked_up(coverage, field, where, "any")] == one_by_one(field, where, "any")


def unified(evidence: dict[NamedNode, Evidence]) -> dict[NamedNode, Evidence]:
    """An offering says the same of itself wherever it is evidence."""
    first: dict[NamedNode, Offering] = {}
    for one in evidence.values():
        for offering in one.offerings:
            first.setdefault(offering.iri, offering)
    return {
        iri: Evidence(one.area, one.figures, one.claims, tuple(first[offering.iri] for offering in one.offerings))
        for iri, one in evidence.items()
    }


def field_with(*offerings: Offering) -> Field:
    figure = Figure(entity("need", "n"), TOP[0], "training-need", Fraction(1, 2), entity("survey", "x"), 2026, None)
    return Field(DAY, {COMPETENCIES[0]: Evidence(figures=(figure,), offerings=offerings)}, BROADER, {})


def test_columns_are_written_and_read(tmp_path: Path) -> None:
    field = field_with(Offering(entity("offering", "o"), languages=frozenset(("es",))))
    Coverage.of(field).save(tmp_path / "coverage")
    read = Coverage.read(tmp_path / "coverage")
    assert [*looked_up(read, field, Filter(language="es"), "any")] == one_by_one(field, Filter(language="es"), "any")


def test_offerings_that_nothing_refers_to_are_swept_up() -> None:
    """Or a graph that is edited every day would have columns that grow for ever."""
    offering = Offering(entity("offering", "o"), levels=frozenset(("entry",)))
    field = field_with(offering)
    coverage = Coverage.of(field)
    for _ in range(2 * SLACK):
        coverage = coverage.updated(field, [COMPETENCIES[0]])
    assert len(coverage.dated) <= SLACK + 2
    assert coverage.said.shape[1] <= SLACK + 2
    assert [*looked_up(coverage, field, Filter(level="entry"), "any")] == one_by_one(
        field, Filter(level="entry"), "any"
    )


@pytest.mark.parametrize("place", [-1, 0, slice(0, 2), slice(1, None), slice(None, None, 2)])
def test_found_gaps_are_a_sequence(place: int | slice) -> None:
    field = field_with()
    expected = one_by_one(field, Filter(), "any")
    assert looked_up(Coverage.of(field), field, Filter(), "any")[place] == expected[place]
