"""Set cover by the solver is set cover by trying everything."""

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.set_cover import EXACT, Cover, Limits, Members, Weights, greedy, least_cover, undominated

ELEMENTS = 5
Set = tuple[frozenset[int], tuple[int, int]]

sets: st.SearchStrategy[list[Set]] = st.lists(
    st.tuples(
        st.frozensets(st.integers(0, ELEMENTS - 1), max_size=4),
        st.tuples(st.integers(0, 3), st.sampled_from((0, 1, 50, 295, 1000))),
    ),
    min_size=1,
    max_size=9,
)


def columns(some: list[Set]) -> tuple[Members, Weights]:
    """The sets as arrays; the elements are those that are in one of them, so that there is a cover."""
    known = sorted(frozenset(chain.from_iterable(one for one, _ in some)))
    members = np.array([[element in one for element in known] for one, _ in some], bool).reshape(len(some), len(known))
    return members, np.array([weights for _, weights in some], np.int64)


def weight(weights: Weights, chosen: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(weights[list(chosen)].sum(axis=0).tolist())


def least_by_trying(members: Members, weights: Weights) -> tuple[int, ...]:
    """The least weight of all covers, each of which is looked at."""
    numbers = range(len(members))
    every = chain.from_iterable(combinations(numbers, size) for size in range(len(members) + 1))
    return min(weight(weights, one) for one in every if members[list(one)].any(axis=0).all())


@settings(max_examples=60, deadline=None)
@given(sets)
def test_no_cover_weighs_less(some: list[Set]) -> None:
    members, weights = columns(some)
    found = least_cover(members, weights)
    assert members[list(found.sets)].any(axis=0).all()
    assert weight(weights, found.sets) == least_by_trying(members, weights)
    assert found.proven == len(weights.T)
    assert found == least_cover(members, weights)


@settings(max_examples=40, deadline=None)
@given(sets)
def test_what_is_dropped_is_not_missed(some: list[Set]) -> None:
    members, weights = columns(some)
    kept = undominated(members, weights)
    assert least_by_trying(members[kept], weights[kept]) == least_by_trying(members, weights)
    for one, other in combinations(kept.tolist(), 2):
        assert not (members[other] <= members[one]).all()  # the lightest come first


@settings(max_examples=20, deadline=None)
@given(sets)
def test_a_search_that_is_cut_short_says_so_and_still_covers(some: list[Set]) -> None:
    members, weights = columns(some)
    found = least_cover(members, weights, Limits(nodes=0, seconds=0.0))
    assert members[list(found.sets)].any(axis=0).all()
    least = least_by_trying(members, weights)
    assert weight(weights, found.sets)[: found.proven] == least[: found.proven]


def test_a_greedy_choice_is_mended_by_the_search() -> None:
    """Two sets of three cover six elements; the greedy one begins with the set of four, and needs three."""
    members = np.array([[0, 1, 1, 1, 1, 0], [1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]], bool)
    weights = np.ones((3, 1), np.int64)
    assert greedy(members, weights).sum() == 3
    assert least_cover(members, weights) == Cover((1, 2), 1)


def test_weights_that_the_solver_cannot_tell_apart_prove_nothing() -> None:
    members, weights = np.ones((2, 1), bool), np.array([[EXACT * 10 + 1], [EXACT * 10]], np.int64)
    assert least_cover(members, weights) == Cover((1,), 1)  # one contains the other: nothing was left to search
    members = np.array([[1, 0], [0, 1], [1, 1]], bool)
    weights = np.array([[EXACT * 10 + 1], [EXACT * 10], [EXACT * 30]], np.int64)
    assert least_cover(members, weights) == Cover((0, 1), 0)


def test_what_no_set_holds_is_an_error() -> None:
    with pytest.raises(ValueError, match="in no set"):
        least_cover(np.array([[True, False]]), np.ones((1, 1), np.int64))


def test_nothing_to_cover_needs_nothing() -> None:
    assert least_cover(np.zeros((2, 0), bool), np.ones((2, 1), np.int64)) == Cover((), 1)
