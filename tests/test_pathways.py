"""The way from what is held to what is wanted is the one that trying every set of offerings finds."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from graph.coverage import Coverage
from graph.field import Evidence, Field, Offering
from graph.gaps import Filter, is_current, is_open_to
from graph.namespaces import DCT, RDF, TRV, XSD, entity
from graph.pathways import Carried, Limits, Supply, audience_of, compared
from graph.prices import FREE, Price, price_of, totals, usual_currency
from graph.role_requirements import Requirement, required_by
from graph.store import Dataset, Term

DAY = date(2026, 11, 24)
OLD = date(2020, 1, 1)
COMPETENCIES = [entity("competency", name) for name in "abcde"]
ARCHIVES, MUSEUMS, ART = (entity("sector", name) for name in ("archives", "museums", "art-museums"))
BROADER: dict[NamedNode, NamedNode | None] = {ARCHIVES: None, MUSEUMS: None, ART: MUSEUMS}
GRAPH = entity("contribution", "1")
USD, EUR = "USD", "EUR"
HYBRID, PACED = frozenset(("hybrid",)), frozenset(("online-self-paced",))
Prices = dict[NamedNode, Price | None]

NO_LIMITS = Limits()


@dataclass(frozen=True)
class Described:
    """What is said of an offering."""

    teaches: Collection[NamedNode]
    addressed: frozenset[NamedNode] = frozenset()
    dated: date | None = DAY
    price: Price | None = None
    modes: frozenset[str] = frozenset()
    starts: tuple[date, ...] = ()


offerings = st.lists(
    st.builds(
        Described,
        teaches=st.frozensets(st.sampled_from(COMPETENCIES), min_size=1, max_size=3),
        addressed=st.frozensets(st.sampled_from([ARCHIVES, MUSEUMS, ART]), max_size=1),
        dated=st.sampled_from([None, OLD, DAY]),
        price=st.sampled_from(
            [None, FREE, *(Price(Decimal(a), c) for a, c in (("10", USD), ("7.5", USD), ("5", EUR)))]
        ),
        modes=st.sampled_from([frozenset(), HYBRID]),
    ),
    max_size=7,
)


def quad(subject: NamedNode, predicate: NamedNode, value: Term) -> Quad:
    return Quad(subject, predicate, value, GRAPH)


def priced(iri: NamedNode, price: Price | None) -> list[Quad]:
    if price is None:
        return []
    if not price.amount:
        return [quad(iri, TRV.free, Literal(True))]
    amount = Literal(str(price.amount), datatype=XSD.decimal)
    return [quad(iri, TRV.costAmount, amount), quad(iri, TRV.costCurrency, Literal(price.currency))]


def world(some: Sequence[Described]) -> tuple[Dataset, Field, Prices]:
    """A graph with these offerings, numbered in their order."""
    evidence: dict[NamedNode, Evidence] = {iri: Evidence() for iri in COMPETENCIES}
    prices: Prices = {}
    quads: list[Quad] = []
    for number, said in enumerate(some):
        iri = entity("offering", f"o{number}")
        prices[iri] = said.price
        quads += priced(iri, said.price)
        one = Offering(
            iri,
            addressed_to=said.addressed,
            modes=said.modes,
            free=True if said.price == FREE else None,
            dated=said.dated,
            starts=said.starts,
        )
        for competency in said.teaches:
            evidence[competency] = replace(evidence[competency], offerings=(*evidence[competency].offerings, one))
    return Dataset.in_memory(quads), Field(DAY, evidence, BROADER, {}), prices


def supply(dataset: Dataset, field: Field, limits: Limits = NO_LIMITS) -> Supply:
    return Supply(dataset, Coverage.of(field), field, limits)


def weight(chosen: Collection[NamedNode], prices: Prices, by: str, currency: str | None) -> tuple[object, ...]:
    """What a set weighs, by the words of `docs/pathways.md`."""
    if by == "number":
        return len(chosen), sum(prices[iri] != FREE for iri in chosen)
    known = [price for iri in chosen if (price := prices[iri]) and price.currency in ("", currency)]
    return len(chosen) - len(known), sum((price.amount for price in known), Decimal(0)), len(chosen)


@settings(max_examples=60, deadline=None)
@given(offerings, st.sampled_from(("number", "cost")), st.booleans(), st.sampled_from([None, "hybrid"]))
def test_no_set_of_offerings_that_counts_is_less(
    some: list[Described], by: str, in_museums: bool, mode: str | None
) -> None:
    dataset, field, prices = world(some)
    audience = audience_of(field, [ART]) if in_museums else None
    where = Filter(mode=mode)
    way = supply(dataset, field, Limits(where, audience)).way(COMPETENCIES, by)
    counted = {
        one.iri: {iri for iri in COMPETENCIES if one in field.evidence[iri].offerings}
        for evidence in field.evidence.values()
        for one in evidence.offerings
        if is_current(one, field) and (audience is None or is_open_to(one, audience)) and where.admits(one, field)
    }
    covered = set().union(*counted.values())
    assert {one.competency for one in way.uncovered} == set(COMPETENCIES) - covered
    every = chain.from_iterable(combinations(counted, size) for size in range(len(counted) + 1))
    complete = [chosen for chosen in every if set().union(*(counted[iri] for iri in chosen)) == covered]
    chosen = [one.offering.iri for one in way.choices]
    least = min(weight(one, prices, by, way.currency) for one in complete)
    assert set().union(*(one.teaches for one in way.choices)) == covered
    assert weight(chosen, prices, by, way.currency) == least
    assert way.proven
    assert way.candidates == len(counted)
    assert way == supply(dataset, field, Limits(where, audience)).way(COMPETENCIES, by)
    for one in way.choices:
        assert set(one.teaches) == counted[one.offering.iri]
        assert one.price == prices[one.offering.iri]
        for other in one.instead:
            changed = {*chosen, other} - {one.offering.iri}
            assert set().union(*(counted[iri] for iri in changed)) == covered


A, B, C, D, _ = COMPETENCIES


@pytest.mark.parametrize(
    ("some", "why", "number", "sectors"),
    [
        ([], "nobody", 0, ()),
        ([Described([A], dated=OLD)], "stale", 1, ()),
        (
            [Described([A], dated=OLD), Described([A], frozenset((ARCHIVES,)), modes=HYBRID)],
            "elsewhere",
            1,
            (ARCHIVES,),
        ),
        ([Described([A], frozenset((ARCHIVES,)), modes=HYBRID), Described([A])], "limits", 1, ()),
    ],
)
def test_what_nothing_covers_says_why(
    some: list[Described], why: str, number: int, sectors: tuple[NamedNode, ...]
) -> None:
    dataset, field, _ = world(some)
    limits = Limits(Filter(mode="hybrid"), audience_of(field, [MUSEUMS]))
    [found] = supply(dataset, field, limits).way([A]).uncovered
    assert (found.why, found.total, found.sectors) == (why, number, sectors)
    assert len(found.offerings) == number


def test_of_equal_offerings_the_one_known_most_recently_is_taken() -> None:
    dataset, field, _ = world([Described([A], dated=None), Described([A])])
    way = supply(dataset, field).way([A])
    assert [one.offering.iri for one in way.choices] == [entity("offering", "o1")]
    assert way.choices[0].instead == (entity("offering", "o0"),)


def test_an_unknown_price_is_not_zero() -> None:
    """One that states no price would teach both; two that state theirs are taken."""
    ten = Price(Decimal(10), USD)
    dataset, field, _ = world([Described([A, B]), Described([A], price=ten), Described([B], price=ten)])
    way = supply(dataset, field).way([A, B], "cost")
    assert [one.price for one in way.choices] == [ten, ten]
    assert totals(one.price for one in way.choices) == {USD: Decimal(20)}
    assert len(supply(dataset, field).way([A, B]).choices) == 1


def test_currencies_are_not_mixed() -> None:
    euros, dollars = Price(Decimal(5), EUR), Price(Decimal(10), USD)
    dataset, field, _ = world([Described([A], price=euros), Described([A], price=dollars)])
    assert [one.price for one in supply(dataset, field).way([A], "cost", USD).choices] == [dollars]
    assert supply(dataset, field).way([A], "cost").currency == EUR
    assert usual_currency([dollars, dollars, euros, FREE, None]) == USD
    assert usual_currency([FREE, None]) is None


def test_a_day_to_be_ready_by_counts_sessions_that_end_by_then() -> None:
    late, soon, paced = (entity("offering", f"o{number}") for number in range(3))
    some = [
        Described([A], starts=(date(2027, 1, 31),)),
        Described([A], starts=(date(2026, 11, 30),)),
        Described([B], modes=PACED),
    ]
    _, field, _ = world(some)
    sessions = {late: ("2027-01", "2027-06"), soon: ("2026-11-30", "2027-01-31")}
    dataset = Dataset.in_memory(
        one
        for offering, (starts, ends) in sessions.items()
        for session in [entity("session", offering.value.rpartition("/")[2])]
        for one in (
            quad(session, TRV.offering, offering),
            quad(session, TRV.startDate, Literal(starts)),
            quad(session, TRV.endDate, Literal(ends)),
        )
    )

    def chosen(until: date | None) -> set[NamedNode]:
        way = supply(dataset, field, Limits(until=until)).way([A, B])
        return {iri for one in way.choices for iri in (one.offering.iri, *one.instead)}

    assert chosen(date(2027, 1, 30)) == {paced}
    assert chosen(date(2027, 1, 31)) == chosen(date(2027, 6, 29)) == {soon, paced}
    assert chosen(date(2027, 6, 30)) == chosen(None) == {late, soon, paced}


LEVELS = {name: entity("level", name) for name in ("entry", "advanced")}
ROLE, MERGED = entity("role", "archivist"), entity("role", "keeper")


def requirement(name: str, role: NamedNode, competency: NamedNode, importance: str, level: str = "") -> list[Quad]:
    iri = entity("requirement", name)
    said = [
        (RDF.type, TRV.Requirement),
        (TRV.role, role),
        (TRV.competency, competency),
        (TRV.importance, entity("importance", importance)),
        *([(TRV.level, LEVELS[level])] if level else []),
    ]
    return [quad(iri, predicate, value) for predicate, value in said]


def test_a_role_requires_what_is_said_of_it_and_of_what_was_merged_into_it() -> None:
    dataset = Dataset.in_memory(
        [
            *requirement("one", ROLE, A, "optional", "entry"),
            *requirement("two", MERGED, A, "essential", "advanced"),
            *requirement("three", ROLE, C, "optional"),
            *requirement("other", entity("role", "other"), B, "essential"),
            quad(MERGED, DCT.isReplacedBy, ROLE),
            quad(C, DCT.isReplacedBy, D),
            *(quad(iri, TRV.rank, Literal(place)) for place, iri in enumerate(LEVELS.values(), 1)),
        ]
    )
    assert required_by(dataset, ROLE) == {
        A: Requirement(A, True, LEVELS["advanced"]),
        D: Requirement(D, False, None),
    }
    wanted = {A: Requirement(A, True, LEVELS["advanced"]), B: Requirement(B)}
    carried, missing = compared(dataset, wanted, {A: Requirement(A, True, LEVELS["entry"])})
    assert carried == [Carried(wanted[A], LEVELS["entry"], True)]
    assert missing == [wanted[B]]
    [[unsaid], _] = compared(dataset, wanted, {A: Requirement(A)})
    assert not unsaid.deeper


def test_a_price_is_what_is_said() -> None:
    one = entity("offering", "one")

    def price(*said: tuple[NamedNode, Term]) -> Price | None:
        return price_of(Dataset.in_memory(quad(one, *pair) for pair in said), one)

    amount = Literal("49.5", datatype=XSD.decimal)
    assert price() is None
    assert price((TRV.free, Literal(False))) is None
    assert price((TRV.free, Literal(True))) == FREE
    assert price((TRV.costAmount, Literal("0", datatype=XSD.decimal))) == FREE
    assert price((TRV.costAmount, amount), (TRV.costCurrency, Literal("USD"))) == Price(Decimal("49.5"), "USD")
    assert price((TRV.costAmount, amount)) is None
