"""The matrix of gaps: competencies, grouped by their areas, by sectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from pyoxigraph import NamedNode

from graph.coverage import Numbers
from graph.gaps import Gap
from service.asked import Asked
from service.gap_search import Search


@dataclass(frozen=True)
class Matrix:
    """A part of the matrix: for each area its competencies, each with its gap in every sector.

    `total` are the competencies that have a gap in the state asked for, `gaps` how many gaps in that state they have.
    """

    sectors: Sequence[NamedNode]
    areas: Sequence[tuple[NamedNode | None, Sequence[Sequence[Gap]]]]
    shown: int
    total: int
    gaps: int


def matrix(asked: Asked, search: Search) -> Matrix:
    """The part of the matrix that is asked for, by the labels of areas and competencies."""
    chosen = search.in_state(search.found).reshape(len(search.sectors), -1)
    lines = np.flatnonzero(chosen.any(axis=0))
    lines = lines[_order(asked, search.found.competency[lines])]
    shown = lines[_window(asked)]
    places = np.add.outer(shown, np.arange(len(search.sectors)) * chosen.shape[1]).ravel()
    gaps = search.gaps(asked, search.found.where(places))[:]
    by_competency = [gaps[start : start + len(search.sectors)] for start in range(0, len(gaps), len(search.sectors))]
    areas = [
        (area, list(some))
        for area, some in groupby(by_competency, key=lambda line: asked.view.coverage.area_of(line[0].competency))
    ]
    return Matrix(search.sectors, areas, len(shown), len(lines), int(np.count_nonzero(chosen)))


def _window(asked: Asked) -> slice:
    """The part that `limit` and `offset` ask for, in competencies."""
    limit, offset = asked.number("limit"), asked.number("offset")
    return slice(offset, offset + limit if limit else None)


def _order(asked: Asked, competencies: Numbers) -> Numbers:
    """The order of competencies of the coverage, grouped by area; those without an area are the last."""
    coverage = asked.view.coverage
    labels = [(asked.label(NamedNode(iri)).casefold(), iri) for iri in coverage.names.areas]
    ranks = np.argsort(sorted(range(len(labels)), key=labels.__getitem__))
    area = np.append(ranks, len(ranks))[np.maximum(coverage.area[competencies], -1)]
    order: Numbers = np.lexsort((asked.view.ranks(asked.language)[competencies], area)).astype(np.int32)
    return order
