"""Similarity, bridges, communities and centrality: a graph reckoned by hand, and what must hold of any graph."""

import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from fractions import Fraction
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from graph.field import Evidence, Field
from graph.namespaces import entity
from graph.network import Network, agreement_of
from graph.similarity import nearest_elsewhere, ranks, requirements, similarities, similarity, strongest

ONE, HALF = Fraction(1), Fraction(1, 2)
SECTORS = ("archives", "libraries", "museums")
Required = Mapping[str, Mapping[str, Fraction]]
Practised = Mapping[str, frozenset[str]]

REQUIRED: Required = {
    "archivist": {"appraisal": ONE, "outreach": HALF},
    "librarian": {"appraisal": ONE, "searching": ONE},
    "cataloguer": {"appraisal": HALF, "outreach": ONE},
    "curator": {"searching": HALF, "outreach": ONE},
    "engineer": {"welding": ONE},
}
PRACTISED: Practised = {
    "archivist": frozenset({"archives"}),
    "librarian": frozenset({"libraries"}),
    "cataloguer": frozenset({"libraries"}),
    "curator": frozenset({"museums"}),
    "engineer": frozenset({"archives"}),
}
"""Small enough for paper. The engineer shares nothing with anybody."""


def field_of(required: Required, practised: Practised, more: tuple[str, ...] = ()) -> Field:
    """A field of roles that require competencies, and of competencies that nobody requires."""
    names = dict.fromkeys([*more, *(name for profile in required.values() for name in profile)])
    return Field(
        as_of=date(2026, 11, 24),
        evidence={
            competency(name): Evidence(
                claims={role(who): profile[name] for who, profile in required.items() if name in profile}
            )
            for name in names
        },
        broader_sector={entity("sector", name): None for name in SECTORS},
        role_sectors={
            role(who): frozenset(entity("sector", name) for name in where) for who, where in practised.items()
        },
    )


def role(name: str) -> NamedNode:
    return entity("role", name)


def competency(name: str) -> NamedNode:
    return entity("competency", name)


@pytest.fixture(scope="module")
def by_hand() -> Network:
    return Network.of(field_of(REQUIRED, PRACTISED, more=("unasked",)))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("archivist", "librarian", Fraction(2, 5)),  # 1 in common, of 1 + 1/2 + 1
        ("archivist", "cataloguer", HALF),  # 1/2 + 1/2, of 1 + 1
        ("archivist", "curator", Fraction(1, 5)),  # 1/2, of 1 + 1 + 1/2
        ("cataloguer", "curator", HALF),  # 1, of 1/2 + 1 + 1/2
        ("cataloguer", "librarian", Fraction(1, 6)),  # 1/2, of 1 + 1 + 1
        ("curator", "librarian", Fraction(1, 6)),  # 1/2, of 1 + 1 + 1
    ],
)
def test_similarity_by_hand(by_hand: Network, one: str, other: str, expected: Fraction) -> None:
    assert by_hand.roles.pairs[role(one), role(other)] == expected


def test_what_shares_nothing_is_no_pair(by_hand: Network) -> None:
    assert len(by_hand.roles.pairs) == 6
    assert not [pair for pair in by_hand.roles.pairs if role("engineer") in pair]


def test_bridging_by_hand(by_hand: Network) -> None:
    """Pairs of two sectors: five of the four who are joined, and three of the engineer, whom nothing joins.

    archivist-librarian and archivist-cataloguer, by appraisal and by appraisal or outreach; archivist-curator by
    outreach; librarian-curator by searching; cataloguer-curator by outreach. So appraisal has 1 + 1/2 of the eight
    pairs, outreach 1/2 + 1 + 1, and searching 1.
    """
    found = {one.competency: one.bridging for one in by_hand.bridges}
    assert by_hand.across == 8
    assert found == {
        competency("outreach"): 0.3125,
        competency("appraisal"): 0.1875,
        competency("searching"): 0.125,
        competency("welding"): 0.0,
    }
    assert [one.competency for one in by_hand.bridges] == list(found)


def test_betweenness_by_hand() -> None:
    """A way of five: a requires x, b requires x and y, c requires y. Of six pairs of others, b lies between four."""
    required = {"a": {"x": ONE}, "b": {"x": ONE, "y": HALF}, "c": {"y": ONE}}
    network = Network.of(field_of(required, dict.fromkeys("abc", frozenset({"archives"}))))
    standings = {**network.roles.standings, **network.competencies.standings}
    found = {iri.value.rpartition("/")[2]: one.betweenness for iri, one in standings.items()}
    assert found == {"a": 0.0, "b": round(4 / 6, 6), "c": 0.0, "x": 0.5, "y": 0.5}
    assert network.across == 0
    assert {one.bridging for one in network.bridges} == {0.0}


def test_a_bridge_may_lead_over_a_role_of_both_sectors() -> None:
    """a (archives) - x - both - y - m (museums): of the pairs a-m and both-m, x is on the first and y on both."""
    required = {"a": {"x": ONE}, "both": {"x": ONE, "y": ONE}, "m": {"y": ONE}}
    where = {"a": frozenset({"archives"}), "both": frozenset({"archives", "libraries"}), "m": frozenset({"museums"})}
    network = Network.of(field_of(required, where))
    assert network.across == 2
    assert {one.competency: one.bridging for one in network.bridges} == {competency("y"): 1.0, competency("x"): 0.5}


def test_needs_of_sectors_are_the_weighted_share_of_their_roles(by_hand: Network) -> None:
    libraries = by_hand.needs[entity("sector", "libraries")]
    assert libraries == {
        competency("appraisal"): Fraction(3, 4),
        competency("outreach"): HALF,
        competency("searching"): HALF,
    }
    pair = (entity("sector", "archives"), entity("sector", "museums"))
    # archives: appraisal 1/2, outreach 1/4, welding 1/2; museums: outreach 1, searching 1/2
    assert by_hand.sectors[pair] == Fraction(1, 4) / (HALF + 1 + HALF + HALF)


def test_what_no_requirement_joins_is_counted_apart(by_hand: Network) -> None:
    assert by_hand.unjoined == (competency("unasked"),)
    assert competency("unasked") not in by_hand.competencies.standings


def test_communities_by_hand(by_hand: Network) -> None:
    """The engineer stands alone; the others are too alike to be taken apart by anything but chance."""
    assert (role("engineer"),) in by_hand.roles.communities


def test_two_cliques_are_two_communities() -> None:
    required = {f"a{n}": {"x": ONE, "y": ONE, f"own-{n}": HALF} for n in range(4)}
    required |= {f"b{n}": {"z": ONE, "w": ONE, f"other-{n}": HALF} for n in range(4)}
    network = Network.of(field_of(required, dict.fromkeys(required, frozenset({"archives"}))))
    communities = {frozenset(members) for members in network.roles.communities}
    assert communities == {frozenset(role(f"{one}{n}") for n in range(4)) for one in "ab"}
    assert network.roles.modularity == 0.5
    assert network.roles.agreement == 1.0


def test_nearest_elsewhere_by_hand() -> None:
    field = field_of(REQUIRED, PRACTISED)
    found = nearest_elsewhere(field, requirements(field), role("archivist"), 5)
    assert [(one.iri, one.similarity) for one in found] == [
        (role("cataloguer"), HALF),
        (role("librarian"), Fraction(2, 5)),
        (role("curator"), Fraction(1, 5)),
    ]
    assert found[0].shared == (competency("appraisal"), competency("outreach"))  # a tie: in the order of IRIs
    everywhere = field_of(REQUIRED, {**PRACTISED, "archivist": frozenset(SECTORS)})
    assert nearest_elsewhere(everywhere, requirements(everywhere), role("archivist"), 5) == []


def test_agreement_by_hand() -> None:
    """Hubert and Arabie's index: 1 for the same parts whatever their numbers; here no pair of two is a pair of both."""
    assert agreement_of([0, 0, 1, 1], [1, 1, 0, 0]) == 1.0
    assert agreement_of([0, 0, 1, 1], [0, 1, 0, 1]) == pytest.approx(-0.5)  # (0 - 2/3) / (2 - 2/3)
    assert agreement_of([0], [0]) == 1.0


def test_equal_figures_have_the_same_rank() -> None:
    assert ranks([5.0, 3.0, 3.0, 1.0]) == [1, 2, 2, 4]
    assert ranks([]) == []


def test_drawn_are_the_strongest_of_each() -> None:
    a, b, c, d = (role(one) for one in "abcd")
    pairs = {(a, b): HALF, (a, c): ONE, (a, d): HALF, (b, c): Fraction(1, 3)}
    assert strongest(pairs, 1) == [(a, b), (a, c), (a, d)]


WEIGHTS = st.sampled_from([HALF, ONE])
PROFILES = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.dictionaries(st.sampled_from("stuvwxyz"), WEIGHTS, min_size=1, max_size=5),
    max_size=8,
)
PLACES = st.dictionaries(st.sampled_from("abcdefgh"), st.frozensets(st.sampled_from(SECTORS)), min_size=8, max_size=8)


@given(PROFILES)
def test_similarity_is_symmetric_and_1_only_for_equal_profiles(required: dict[str, dict[str, Fraction]]) -> None:
    profiles = requirements(field_of(required, {}))
    pairs = similarities(profiles)
    for one, other in combinations(sorted(profiles, key=str), 2):
        alike = similarity(profiles[one], profiles[other])
        assert alike == similarity(profiles[other], profiles[one]) == pairs.get((one, other), Fraction(0))
        assert 0 <= alike <= 1
        assert (alike == 1) == (profiles[one] == profiles[other])
        assert (alike == 0) == profiles[one].keys().isdisjoint(profiles[other])
    assert all(similarity(profile, profile) == 1 for profile in profiles.values())


@settings(deadline=None, max_examples=30)
@given(PROFILES, PLACES)
def test_communities_divide_the_nodes_and_figures_stay_in_their_range(
    required: dict[str, dict[str, Fraction]], practised: Practised
) -> None:
    network = Network.of(field_of(required, practised))
    for projection in (network.roles, network.competencies):
        members = [one for community in projection.communities for one in community]
        assert sorted(members, key=str) == list(projection.standings) == list(projection.positions)
        sizes = [len(community) for community in projection.communities]
        assert sizes == sorted(sizes, reverse=True)
        assert all(iri in projection.communities[one.community] for iri, one in projection.standings.items())
        assert projection.modularity >= 0
        assert projection.agreement <= 1
        assert all(0 <= one.betweenness <= 1 and 0 < one.pagerank <= 1 for one in projection.standings.values())
        assert abs(sum(one.pagerank for one in projection.standings.values()) - bool(members)) < 1e-4
    assert all(0 <= one.bridging <= 1 for one in network.bridges)


@settings(deadline=None, max_examples=30)
@given(PROFILES, PLACES)
def test_bridging_is_what_counting_every_shortest_way_gives(
    required: dict[str, dict[str, Fraction]], practised: Practised
) -> None:
    network = Network.of(field_of(required, practised))
    apart = [
        (one, other)
        for one, other in combinations(sorted(required), 2)
        if practised[one] and practised[other] and not practised[one] & practised[other]
    ]
    assert network.across == len(apart)
    for bridge in network.bridges:
        name = bridge.competency.value.rpartition("/")[2]
        ways = [list(shortest_ways(required, one, other)) for one, other in apart]
        counted = sum(sum(name in way for way in some) / len(some) for some in ways if some)
        assert bridge.bridging == pytest.approx(counted / len(apart) if apart else 0.0, abs=1e-6)


def shortest_ways(required: Required, start: str, end: str) -> Iterator[list[str]]:
    """Every shortest way from a role to another, over what they require and who else requires it."""
    waiting, found = deque([[start]]), 0
    while waiting:
        way = waiting.popleft()
        if found and len(way) >= found:
            return
        last = way[-1]
        onward = required[last] if last in required else [who for who, profile in required.items() if last in profile]
        for step in onward:
            if step == end:
                found = len(way) + 1
                yield [*way, step]
            elif step not in way:
                waiting.append([*way, step])


@settings(deadline=None, max_examples=20)
@given(PROFILES, PLACES, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(
    required: dict[str, dict[str, Fraction]], practised: Practised, chance: st.DataObject
) -> None:
    def shuffled(table: Mapping[str, object]) -> list[str]:
        return sorted(table, key=lambda _: chance.random())  # type: ignore[attr-defined]

    other = {who: {name: required[who][name] for name in shuffled(required[who])} for who in shuffled(required)}
    one, two = (
        Network.of(field_of(rows, {who: practised[who] for who in order}))
        for rows, order in ((required, list(practised)), (other, shuffled(practised)))
    )
    for part in fields(Network):
        if part.name != "unjoined":
            assert getattr(one, part.name) == getattr(two, part.name), part.name
    assert set(one.unjoined) == set(two.unjoined)


@settings(deadline=None, max_examples=20)
@given(PROFILES, PLACES)
def test_other_names_change_no_measure(required: dict[str, dict[str, Fraction]], practised: Practised) -> None:
    """Communities may differ where a graph can be divided in several ways as well; nothing else may."""

    def renamed(name: str) -> str:
        return f"{ord('z') - ord(name)}-{name}"  # the other way round in the order of IRIs

    other = {renamed(who): {renamed(name): w for name, w in profile.items()} for who, profile in required.items()}
    one = Network.of(field_of(required, practised))
    two = Network.of(field_of(other, {renamed(who): where for who, where in practised.items()}))

    def turn(iri: NamedNode) -> NamedNode:
        stem, _, name = iri.value.rpartition("/")
        return NamedNode(f"{stem}/{renamed(name)}")

    for before, after in ((one.roles, two.roles), (one.competencies, two.competencies)):
        again = {frozenset(map(turn, pair)): like for pair, like in before.pairs.items()}
        assert again == {frozenset(pair): like for pair, like in after.pairs.items()}
        for iri, standing in before.standings.items():
            there = after.standings[turn(iri)]
            assert (standing.degree, standing.strength) == (there.degree, there.strength)
            assert standing.betweenness == pytest.approx(there.betweenness, abs=2e-6)
            assert standing.pagerank == pytest.approx(there.pagerank, abs=2e-6)
    bridges = {turn(bridge.competency): bridge.bridging for bridge in one.bridges}
    assert bridges == pytest.approx({bridge.competency: bridge.bridging for bridge in two.bridges}, abs=2e-6)


SCRIPT = """
from pathlib import Path
import sys
from graph.field import Field
from graph.network import Network
from graph.releases import Releases
release = Releases(Path(sys.argv[1])).newest()
network = Network.of(Field.load(release.dataset(), release.as_of))
for one in (network.roles, network.competencies):
    print(one.communities, one.modularity, one.agreement, one.positions, one.standings)
print([(one.competency, one.bridging) for one in network.bridges])
"""


def test_every_process_reckons_the_same(starter_data: Path) -> None:
    """Two web workers answer under one ETag; the order of a set of texts is another in each of them."""
    told = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(starter_data)],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert len(told[0]) > 10_000
    for one, other in pairwise(told):
        assert one == other
