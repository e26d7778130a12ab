"""The parts of a comparison: each competency in just one, whichever is named first; and figures of any size."""

from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from graph.comparison import every_part, parts
from graph.coverage import Mask
from graph.namespaces import entity
from service.overlap_figure import MOST, Share, Whole, overlap_figure

Needed = dict[NamedNode, Mask]


@st.composite
def needed(draw: st.DrawFn, most: int = 9) -> Needed:
    """Who needs which of some competencies: a few sectors or roles, with a column of truths each."""
    count, size = draw(st.integers(1, most)), draw(st.integers(0, 12))
    column = st.lists(st.booleans(), min_size=size, max_size=size)
    return {entity("role", f"r{at}"): np.array(draw(column), bool) for at in range(count)}


@given(needed())
def test_the_parts_are_disjoint_and_together_the_whole(columns: Needed) -> None:
    found = parts(columns)
    held = [number for part in found for number in part.competencies.tolist()]
    assert len(held) == len(set(held))
    assert set(held) == {int(number) for mask in columns.values() for number in np.flatnonzero(mask)}
    for part in found:
        for number in part.competencies.tolist():
            assert {iri for iri, mask in columns.items() if mask[number]} == set(part.needed_by)
    assert len({part.needed_by for part in found}) == len(found)


@given(needed(most=3))
def test_the_parts_are_the_same_in_any_order(columns: Needed) -> None:
    told = {
        tuple((part.needed_by, tuple(part.competencies.tolist())) for part in every_part(dict(order)))
        for order in permutations(columns.items())
    }
    assert len(told) == 1


@given(needed(most=3))
def test_every_part_is_named_and_those_left_out_elsewhere_are_empty(columns: Needed) -> None:
    found = every_part(columns)
    assert len(found) == 2 ** len(columns) - 1
    told = {part.needed_by: part.competencies.tolist() for part in found}
    assert {named: held for named, held in told.items() if held} == {
        part.needed_by: part.competencies.tolist() for part in parts(columns)
    }


def test_of_many_parts_the_largest_are_drawn_and_the_others_counted() -> None:
    wholes = [Whole(f"k{at}", f"A name that is much too long for the figure {at}", "/", 9) for at in range(6)]
    shares = [Share((f"k{at % 6}",), at, f"part {at}", "/") for at in range(30)]
    figure = overlap_figure(wholes, shares)
    assert [column.share.total for column in figure.columns] == list(range(20, 30))
    assert (len(figure.columns), figure.left_out) == (MOST, 20)
    tops = [column.top for column in figure.columns]
    assert tops == sorted(tops, reverse=True)
    assert all(len(column.on) == 1 and len(column.off) == 5 for column in figure.columns)
    assert all(row.name.endswith("…") and len(row.name) < len(row.whole.name) for row in figure.rows)
