"""Gaps: the definitions, one by one, and that a change reckons the same as a fresh start."""

from datetime import date
from fractions import Fraction

import pyoxigraph as ox
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from graph.dates import last_day, months_before
from graph.derivation import gap_quads, written_gaps
from graph.field import Field
from graph.gaps import Filter, gap, gaps
from graph.namespaces import GAPS_GRAPH, QB, RDF, SKOS, TRV, XSD, entity
from graph.neighbourhood import affected
from graph.store import Dataset, WritableDataset

DAY = date(2026, 11, 23)
STATED = entity("contribution", "1")
COMPETENCIES = [entity("competency", name) for name in "abcd"]
SECTORS = [entity("sector", name) for name in ("archives", "museums")]
SUB_SECTOR = entity("sector", "art-museums")
ROLES = [entity("role", name) for name in "rst"]
PROVIDERS = [entity("provider", name) for name in "pq"]
YEARS = ("1999", "2023", "2024", "2026")


def literal(text: str, datatype: NamedNode) -> Literal:
    return Literal(text, datatype=datatype)


def said(subject: NamedNode, *pairs: tuple[NamedNode, NamedNode | Literal]) -> frozenset[Quad]:
    return frozenset(Quad(subject, predicate, value, STATED) for predicate, value in pairs)


BASE = frozenset().union(
    *(said(iri, (RDF.type, TRV.Competency)) for iri in COMPETENCIES),
    *(said(iri, (RDF.type, TRV.Sector)) for iri in SECTORS),
    said(SUB_SECTOR, (RDF.type, TRV.Sector), (SKOS.broader, SECTORS[1])),
)

offering = st.builds(
    lambda number, provider, audience, taught, year: said(
        entity("offering", f"o{number}"),
        (RDF.type, TRV.Offering),
        (TRV.provider, provider),
        *((TRV.addressedTo, sector) for sector in audience),
        *((TRV.teaches, competency) for competency in taught),
        *([(TRV.pageDate, literal(year, XSD.gYear))] if year else []),
    ),
    st.integers(0, 4),
    st.sampled_from(PROVIDERS),
    st.sets(st.sampled_from(SECTORS)),
    st.sets(st.sampled_from(COMPETENCIES)),
    st.none() | st.sampled_from(YEARS),
)
role = st.builds(
    lambda iri, sectors, sub: said(
        iri,
        (RDF.type, TRV.Role),
        *((TRV.practisedIn, sector) for sector in sectors),
        *([(TRV.subSector, SUB_SECTOR)] if sub else []),
    ),
    st.sampled_from(ROLES),
    st.sets(st.sampled_from(SECTORS)),
    st.booleans(),
)
requirement = st.builds(
    lambda role, competency, importance: said(
        entity("requirement", f"{role.value[-1]}--{competency.value[-1]}"),
        (RDF.type, TRV.Requirement),
        (TRV.role, role),
        (TRV.competency, competency),
        (TRV.importance, entity("importance", importance)),
    ),
    st.sampled_from(ROLES),
    st.sampled_from(COMPETENCIES),
    st.sampled_from(["essential", "optional"]),
)
need = st.builds(
    lambda number, sector, competency, kind, value, survey: said(
        entity("need", f"n{number}"),
        (RDF.type, TRV.Need),
        (TRV.sector, sector),
        (TRV.competency, competency),
        (TRV.needKind, entity("need-kind", kind)),
        (TRV.value, literal(str(value), XSD.decimal)),
        (TRV.unit, entity("unit", "percent")),
        (QB.dataSet, entity("survey", survey)),
    ),
    st.integers(0, 3),
    st.sampled_from(SECTORS),
    st.sampled_from(COMPETENCIES),
    st.sampled_from(["training-need", "capacity-gap", "practice"]),
    st.integers(0, 100),
    st.sampled_from(["x", "y"]),
)
survey = st.builds(
    lambda name, year, respondents: said(
        entity("survey", name),
        (RDF.type, TRV.Survey),
        *([(TRV.year, literal(year, XSD.gYear))] if year else []),
        *([(TRV.respondents, literal(str(respondents), XSD.integer))] if respondents else []),
    ),
    st.sampled_from(["x", "y"]),
    st.none() | st.sampled_from(YEARS),
    st.none() | st.integers(1, 50),
)
relation = st.builds(
    lambda one, other, how: said(one, (how, other)),
    st.sampled_from(COMPETENCIES),
    st.sampled_from(COMPETENCIES),
    st.sampled_from([SKOS.broader, SKOS.exactMatch]),
)
entity_statements = st.one_of(offering, role, requirement, need, survey, relation)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(entity_statements, max_size=4), max_size=5), st.booleans())
def test_a_change_reckons_the_same_gaps_as_a_fresh_start(edits: list[list[frozenset[Quad]]], withdraw: bool) -> None:
    """Each edit states some entities anew; in the end all of them may be withdrawn."""
    store = WritableDataset(ox.Store())
    store.apply((), BASE)
    store.apply((), gap_quads(Field.load(store, DAY)))
    for edit in [*edits, *([[]] if withdraw else [])]:
        coming = {quad for statements in edit for quad in statements}
        changed = {quad.subject for quad in coming} or {quad.subject for quad in store.quads(graph=STATED)}
        iris = {iri for iri in changed if isinstance(iri, NamedNode)}
        touched = affected(store, iris)
        old = [quad for iri in iris for quad in store.quads(iri, graph=STATED) if quad not in BASE]
        store.apply(old, coming)
        touched |= affected(store, iris)
        before = set(written_gaps(store, touched))
        now = set(gap_quads(Field.load(store, DAY, competencies=touched)))
        store.apply(before - now, now - before)
        assert set(written_gaps(store, None)) == set(gap_quads(Field.load(store, DAY)))
    assert store.fingerprint == store.recomputed_fingerprint()


def field_of(*statements: frozenset[Quad]) -> Field:
    return Field.load(Dataset.in_memory(BASE.union(*statements)), DAY)


def test_what_is_narrower_or_exactly_the_same_counts_once() -> None:
    a, b, c, _ = COMPETENCIES
    course = said(entity("offering", "o"), (RDF.type, TRV.Offering), (TRV.teaches, b), (TRV.teaches, c))
    field = field_of(course, said(b, (SKOS.broader, a)), said(c, (SKOS.exactMatch, a)))
    assert [gap(field, iri, SECTORS[0], Filter()).supply for iri in (a, b, c)] == [1, 1, 1]


def test_the_same_concept_of_another_framework_joins_two_competencies() -> None:
    a, b, *_ = COMPETENCIES
    skill = NamedNode("http://data.europa.eu/esco/skill/x")
    course = said(entity("offering", "o"), (RDF.type, TRV.Offering), (TRV.teaches, b))
    field = field_of(course, said(a, (SKOS.exactMatch, skill)), said(b, (SKOS.exactMatch, skill)))
    assert gap(field, a, SECTORS[0], Filter()).supply == 1


def test_unknown_demand_comes_last_and_is_never_zero() -> None:
    survey_x = said(entity("survey", "x"), (RDF.type, TRV.Survey), (TRV.year, literal("2020", XSD.gYear)))
    known = said(
        entity("need", "n"),
        (RDF.type, TRV.Need),
        (TRV.sector, SECTORS[0]),
        (TRV.competency, COMPETENCIES[3]),
        (TRV.needKind, entity("need-kind", "training-need")),
        (TRV.value, literal("0", XSD.decimal)),
        (TRV.unit, entity("unit", "percent")),
        (QB.dataSet, entity("survey", "x")),
    )
    first, *others = gaps(field_of(survey_x, known), [SECTORS[0]])
    assert (first.competency, first.demand, first.state) == (COMPETENCIES[3], Fraction(0), "missing")
    assert all(one.demand is None and one.score is None and one.state == "no-data" for one in others)


def test_partial_dates_count_to_their_end() -> None:
    assert [last_day(text) for text in ("2024", "2024-02", "2024-02-03")] == [
        date(2024, 12, 31),
        date(2024, 2, 29),
        date(2024, 2, 3),
    ]


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 120))
def test_months_before_is_that_many_months_earlier(day: date, months: int) -> None:
    earlier = months_before(day, months)
    assert (day.year - earlier.year) * 12 + day.month - earlier.month == months
    assert earlier.day <= day.day


def test_gaps_graph_is_the_only_one_written() -> None:
    assert {quad.graph_name for quad in gap_quads(field_of())} == {GAPS_GRAPH}
