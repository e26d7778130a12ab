"""Opportunities, neighbours, makers, partners and audiences, on a field small enough to find them by hand."""

from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from graph.audience import least
from graph.coverage import Coverage
from graph.field import Field, slug
from graph.namespaces import entity
from graph.opportunities import Opportunities, Opportunity, strength
from graph.partnership import Partner, Partnership
from graph.similarity import requirements
from graph.store import Dataset
from graph.surroundings import Maker

DATA = Path(__file__).parent / "data" / "opportunities.ttl"
AS_OF = date(2026, 11, 23)
ARCHIVES, LIBRARIES, MUSEUMS = (entity("sector", name) for name in ("archives", "libraries", "museums"))
TWO_THIRDS = pytest.approx(2 / 3)


@pytest.fixture(scope="module")
def found() -> Opportunities:
    dataset = Dataset.in_memory(parse(path=DATA, format=RdfFormat.TURTLE))
    field = Field.load(dataset, AS_OF)
    return Opportunities.of(dataset, Coverage.of(field), field, requirements(field))


def number(found: Opportunities, name: str) -> int:
    return found.surroundings.coverage.number[entity("competency", name).value]


def named(found: Opportunities, numbers: np.ndarray) -> list[str]:
    return [slug(NamedNode(found.surroundings.coverage.names.competencies[at])) for at in numbers]


def marked(found: Opportunities, mask: np.ndarray) -> set[str]:
    return {*named(found, np.flatnonzero(mask))}


def alphabetical(found: Opportunities) -> np.ndarray:
    return np.argsort(np.argsort(found.surroundings.coverage.names.competencies)).astype(np.int32)


def exactly(found: Opportunities, name: str) -> Opportunity:
    return found.exactly(entity("competency", name), found.field)


def makers(found: Opportunities, name: str, sector: NamedNode) -> list[Maker]:
    around = found.surroundings
    return around.makers(around.closeness(number(found, name)), around.serves[sector])


def test_an_opportunity_is_needed_and_not_covered_in_two_sectors_or_more(found: Opportunities) -> None:
    assert marked(found, found.standing) == {"storage", "lending", "policy"}
    assert found.sectors_of(number(found, "storage")) == [ARCHIVES, LIBRARIES, MUSEUMS]
    assert found.sectors_of(number(found, "lending")) == [ARCHIVES, LIBRARIES]
    assert found.sectors_of(number(found, "mounting")) == [MUSEUMS]
    assert found.sectors_of(number(found, "unasked")) == []


def test_entry_level_of_all_sectors_comes_first_and_the_rest_by_score(found: Opportunities) -> None:
    everything = np.ones(len(found.score), bool)
    assert marked(found, found.first) == {"storage"}  # at entry level by what was merged into it
    assert named(found, found.in_order(everything, alphabetical(found))) == ["storage", "policy", "lending"]
    assert [exactly(found, name).score for name in ("storage", "policy", "lending")] == [
        Fraction("1.5"),  # three optional claims of the only role of each sector
        Fraction("1.8"),  # 80 % by survey, and an essential claim
        Fraction("1.4"),  # 40 % by survey, and an essential claim
    ]
    assert found.score[number(found, "policy")] == pytest.approx(1.8)


def test_levels_are_those_that_roles_of_its_sectors_ask_for(found: Opportunities) -> None:
    assert exactly(found, "storage").levels == ("entry", "intermediate")
    assert exactly(found, "lending").levels == ("intermediate",)
    assert exactly(found, "policy").levels == ()
    assert marked(found, found.asked_at("intermediate")) == {"storage", "lending"}
    assert not found.asked_at("advanced").any()


def test_the_states_are_those_of_its_gaps(found: Opportunities) -> None:
    states = {name: {need.gap.state for need in exactly(found, name).needs.values()} for name in ("storage", "lending")}
    assert states == {"storage": {"missing"}, "lending": {"transferable"}}


@pytest.mark.parametrize(
    ("figures", "recent", "roles", "word"),
    [
        (1, True, 1, "strong"),
        (1, False, 1, "fair"),
        (1, True, 0, "fair"),
        (0, False, 2, "fair"),
        (0, False, 1, "weak"),
        (0, False, 0, "weak"),
    ],
)
def test_the_scale_of_evidence(figures: int, recent: bool, roles: int, word: str) -> None:
    assert strength(figures, recent, roles) == word


def test_an_opportunity_is_as_sure_as_its_weakest_sector(found: Opportunities) -> None:
    lending, policy = exactly(found, "lending"), exactly(found, "policy")
    assert {sector: need.strength for sector, need in lending.needs.items()} == {ARCHIVES: "strong", LIBRARIES: "weak"}
    assert lending.strength == "weak"
    assert policy.needs[ARCHIVES].strength == "fair"  # a survey of 2009


def test_the_audience_is_a_floor_and_only_where_it_has_a_basis(found: Opportunities) -> None:
    (of_one,) = exactly(found, "lending").needs[ARCHIVES].voices
    assert (of_one.respondents, of_one.pooled, of_one.at_least) == (200, False, 79)  # (40 % - 0.5 %) x 200
    assert exactly(found, "lending").at_least == 79
    (of_two,) = exactly(found, "policy").needs[ARCHIVES].voices
    assert (of_two.respondents, of_two.pooled, of_two.at_least) == (100, True, None)
    assert exactly(found, "policy").at_least is None
    assert exactly(found, "storage").at_least is None


def test_the_floor_is_never_above_what_a_rounded_share_can_stand_for() -> None:
    for respondents in (1, 7, 85, 300, 868):
        for answered in range(respondents + 1):
            share = Fraction(round(Fraction(100 * answered, respondents)), 100)
            assert 0 <= least(share, respondents) <= answered


def test_closeness_is_the_sum_that_can_be_redone(found: Opportunities) -> None:
    closeness = found.surroundings.closeness(number(found, "storage"))
    got = {slug(NamedNode(iri)): float(closeness[at]) for iri, at in found.surroundings.coverage.number.items()}
    assert got == {
        "storage": 5,
        "digitisation": 3,  # related, and in the same area
        "cataloguing": 1,  # in the same area
        "lending": TWO_THIRDS,  # required by two of the three roles that require either
        "policy": pytest.approx(1 / 3),
        "mounting": pytest.approx(1 / 3),
        "unasked": 0,
    }
    back = found.surroundings.closeness(number(found, "digitisation"))
    assert back[number(found, "storage")] == 3
    assert set(np.flatnonzero(closeness)) == set(
        np.flatnonzero(
            found.surroundings.near(found.surroundings.coverage.is_competency(entity("competency", "storage")))
        )
    )


def test_who_serves_the_sector_and_teaches_near_it_now_could_make_it(found: Opportunities) -> None:
    archive, library, museum = (entity("provider", f"{name}-school") for name in ("archive", "library", "museum"))
    assert makers(found, "storage", ARCHIVES) == [Maker(archive, 3, 1)]  # the other one's offering is stale
    assert makers(found, "storage", LIBRARIES) == [Maker(library, 1, 1)]  # which serves a part of the sector
    assert makers(found, "storage", MUSEUMS) == [Maker(museum, 1, 2)]  # together with the library school, and lending
    assert makers(found, "lending", MUSEUMS) == [Maker(museum, 5, 1)]
    assert makers(found, "lending", ARCHIVES) == []
    around = found.surroundings
    taught = around.taught_close(around.closeness(number(found, "storage")), museum)
    assert [(slug(iri), value) for iri, value in taught] == [("cataloguing", 1), ("lending", TWO_THIRDS)]


@pytest.mark.parametrize(
    ("region", "reached"),
    [("us", {"storage"}), ("Oulu", {"storage"}), ("fi", {"storage"}), ("SE", set())],
)
def test_a_region_reaches_what_its_providers_could_make(found: Opportunities, region: str, reached: set[str]) -> None:
    placed = found.surroundings.placed_in(region)
    assert marked(found, found.reached_by(placed) & found.standing) == reached
    by_makers = {
        name
        for name in marked(found, found.standing)
        for sector in found.sectors_of(number(found, name))
        if found.surroundings.makers(
            found.surroundings.closeness(number(found, name)), found.surroundings.serves[sector] & placed
        )
    }
    assert by_makers == reached


def test_partners_serve_another_sector_and_share_what_they_teach(found: Opportunities) -> None:
    library, museum = Partnership.of(found, entity("provider", "library-school")), entity("provider", "museum-school")
    archive = entity("provider", "archive-school")
    assert library.partners() == [Partner(museum, 1, 0), Partner(archive, 0, 1)]
    assert [slug(iri) for iri in library.shared_with(museum)] == ["cataloguing"]
    assert named(found, library.together_with(archive, alphabetical(found))) == ["storage"]
    assert named(found, library.needed(alphabetical(found))) == ["storage"]


def test_what_is_needed_includes_what_is_taught_for_others_only(found: Opportunities) -> None:
    museum = Partnership.of(found, entity("provider", "museum-school"))
    assert named(found, museum.needed(alphabetical(found))) == ["storage", "lending"]


def test_without_a_current_offering_there_is_nobody_to_work_with(found: Opportunities) -> None:
    gone = Partnership.of(found, entity("provider", "gone-school"))
    assert gone.partners() == []
    assert not len(gone.needed(alphabetical(found)))


def test_an_empty_field_has_no_opportunities() -> None:
    dataset = Dataset.in_memory([])
    field = Field.load(dataset, AS_OF)
    empty = Opportunities.of(dataset, Coverage.of(field), field, requirements(field))
    assert not len(empty.in_order(empty.standing, np.zeros(0, np.int32)))
