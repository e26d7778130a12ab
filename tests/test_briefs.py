"""What a brief says, on a field small enough to count by hand."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from pyoxigraph import NamedNode, Quad

from graph.brief import Brief, Reading, Statement
from graph.brief_subjects import of_area, of_competency, of_provider, of_region, of_sector
from graph.coverage import Coverage
from graph.field import Evidence, Field, Figure, Offering
from graph.namespaces import TRV, entity
from graph.store import Dataset

DAY = date(2026, 11, 24)
OLD = date(2020, 1, 1)
ARCHIVES, MUSEUMS = (entity("sector", name) for name in ("archives", "museums"))
ART = entity("sector", "art-museums")
AREA, OTHER_AREA = (entity("area", name) for name in ("care", "money"))
ONE, TWO = (entity("provider", name) for name in ("one", "two"))
BOTH, HERE, TAUGHT, UNKNOWN = (entity("competency", name) for name in ("both", "here", "taught", "unknown"))
ARCHIVIST, CURATOR = (entity("role", name) for name in ("archivist", "curator"))


def offering(name: str, provider: NamedNode, place: str, dated: date = DAY, *to: NamedNode) -> Offering:
    places = frozenset({place}) if place else frozenset[str]()
    return Offering(entity("offering", name), frozenset({provider}), frozenset(to), places=places, dated=dated)


def figure(sector: NamedNode, percent: int) -> Figure:
    need = entity("need", f"n-{percent}")
    return Figure(need, sector, "training-need", Fraction(percent, 100), entity("survey", "s"), 2025, 40)


FIELD = Field(
    as_of=DAY,
    evidence={
        BOTH: Evidence(AREA, (figure(MUSEUMS, 60), figure(ARCHIVES, 30))),
        HERE: Evidence(AREA, (), {CURATOR: Fraction(1)}, (offering("old", ONE, "us", OLD),)),
        TAUGHT: Evidence(
            AREA,
            (),
            {CURATOR: Fraction(1, 2), ARCHIVIST: Fraction(1)},
            (offering("a", ONE, "us"), offering("b", TWO, "gb"), offering("c", ONE, "us", DAY, ARCHIVES)),
        ),
        UNKNOWN: Evidence(OTHER_AREA),
    },
    broader_sector={ARCHIVES: None, MUSEUMS: None, ART: MUSEUMS},
    role_sectors={CURATOR: frozenset({MUSEUMS}), ARCHIVIST: frozenset({ARCHIVES})},
)
SAID = [
    Quad(entity("offering", name), TRV.provider, provider)
    for name, provider in (("old", ONE), ("a", ONE), ("c", ONE), ("b", TWO))
] + [Quad(ONE, TRV.serves, MUSEUMS)]


@pytest.fixture
def reading() -> Reading:
    coverage = Coverage.of(FIELD)
    return Reading(Dataset.in_memory(SAID), coverage, FIELD, np.arange(len(coverage.area), dtype=np.int32))


def said(brief: Brief, name: str, sector: NamedNode | None = None) -> Statement:
    (found,) = (one for one in brief.statements if one.name == name and sector in (None, *one.terms.get("sector", ())))
    return found


def values(statement: Statement) -> dict[str, int]:
    return {name: number.value for name, number in statement.numbers.items()}


def test_a_sector_is_told_what_is_known_and_what_nobody_offers_it(reading: Reading) -> None:
    brief = of_sector(reading, MUSEUMS)
    assert values(said(brief, "known")) == {"known": 3, "total": 4, "survey": 1}
    assert values(said(brief, "uncovered")) == {"uncovered": 2, "missing": 1, "transferable": 0, "stale": 1}
    assert values(said(brief, "unknown")) == {"unknown": 1}
    assert [one.gap.competency for one in brief.widest] == [HERE, BOTH, TAUGHT]
    assert [one.gap.score for one in brief.widest] == [1, Fraction(3, 5), Fraction(1, 6)]
    assert [len(one.figures) for one in brief.widest] == [0, 1, 0]


def test_a_joint_case_is_needed_and_open_in_neither(reading: Reading) -> None:
    joint = said(of_sector(reading, MUSEUMS), "joint")
    assert values(joint) == {"joint": 1}
    assert joint.terms["competencies"] == (BOTH,)


def test_a_sector_is_no_partner_of_the_one_that_it_is_a_part_of(reading: Reading) -> None:
    questions = said(of_sector(reading, ART), "no-joint").numbers["joint"].source.questions
    assert [dict(one.arguments)["sector"] for one in questions] == ["art-museums", "archives"]


def test_a_sector_of_which_nothing_is_known_is_told_so(reading: Reading) -> None:
    brief = of_sector(reading, ART)
    assert values(said(brief, "nothing-known")) == {"total": 4}
    assert brief.widest == ()
    assert not [one for one in brief.statements if one.name in ("known", "uncovered", "survey", "no-survey")]


def test_an_area_is_looked_at_alone(reading: Reading) -> None:
    brief = of_area(reading, AREA)
    assert values(said(brief, "known", ARCHIVES)) == {"known": 2, "total": 3, "survey": 1}
    assert all(dict(one.question.arguments).keys() == {"competency", "sector"} for one in brief.widest)
    nothing = of_area(reading, OTHER_AREA)
    assert values(said(nothing, "nothing-known", MUSEUMS)) == {"total": 1}


def test_a_region_has_the_demand_of_everywhere_and_its_own_supply(reading: Reading) -> None:
    brief = of_region(reading, "GB")
    assert values(said(brief, "offered")) == {"offerings": 1, "providers": 1}
    assert values(said(brief, "uncovered", MUSEUMS))["uncovered"] == 2
    assert not [one for one in brief.statements if one.name == "brought" and MUSEUMS in one.terms["sector"]]
    nowhere = of_region(reading, "Atlantis")
    assert said(nowhere, "not-offered")
    assert values(said(nowhere, "uncovered", MUSEUMS))["uncovered"] == 3
    assert values(said(nowhere, "brought", MUSEUMS)) == {"brought": 1}


def test_a_competency_is_told_who_requires_and_who_teaches_it(reading: Reading) -> None:
    brief = of_competency(reading, TAUGHT)
    assert values(said(brief, "required")) == {"roles": 2}
    assert values(said(brief, "offered")) == {"offerings": 3, "providers": 2}
    ((_, archives), (_, museums)) = brief.bars[0].rows
    assert (archives.value, museums.value) == (3, 2)
    unknown = of_competency(reading, UNKNOWN)
    assert {one.name for one in unknown.statements} == {"not-required", "not-offered", "not-known"}


def test_a_provider_is_told_what_few_others_teach(reading: Reading) -> None:
    brief = of_provider(reading, ONE)
    assert values(said(brief, "teaches")) == {"offerings": 3, "current": 2, "competencies": 1}
    assert values(said(brief, "not-alone")) == {"alone": 0}
    assert [(name, number.value) for name, number in brief.bars[0].rows][:2] == [("no-other", 0), ("one-other", 1)]
    assert [one.gap.competency for one in brief.widest] == [HERE, BOTH]
    assert said(brief, "nearby").terms["sectors"] == (MUSEUMS,)


def test_what_one_provider_alone_teaches_is_named() -> None:
    evidence = {**FIELD.evidence, TAUGHT: replace(FIELD.evidence[TAUGHT], offerings=(offering("a", ONE, "us"),))}
    field = replace(FIELD, evidence=evidence)
    coverage = Coverage.of(field)
    alone = Reading(Dataset.in_memory(SAID), coverage, field, np.arange(len(coverage.area), dtype=np.int32))
    statement = said(of_provider(alone, ONE), "alone")
    assert values(statement) == {"alone": 1}
    assert statement.terms["competencies"] == (TAUGHT,)


def test_the_survey_behind_a_gap_is_named_with_year_and_respondents(reading: Reading) -> None:
    statement = said(of_sector(reading, MUSEUMS), "survey")
    assert values(statement) == {"year": 2025, "respondents": 40}
    assert statement.terms["survey"] == (entity("survey", "s"),)
