"""The least sets that together cover everything: weighted set cover, solved exactly by HiGHS as an integer program.

A set has weights by several measures, the most important first: of all covers, those that weigh least by the first are
kept, of these those that weigh least by the second, and so on (lexicographic optimisation). Sets that another one makes
needless are dropped before; that changes no optimum, since the order of weights is kept when the same is added to both.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp

Members = npt.NDArray[np.bool_]
Weights = npt.NDArray[np.int64]

CHUNK: Final = 1024  # rows compared with all others at a time: a few megabytes of memory
COMPARED: Final = 4096  # distinct sets; of more, finding out which contain which takes longer than it saves
OPTIMAL: Final = 0  # the status of a search that was carried to its end
EXACT: Final = 10**7  # weights above this are more than the tolerances of the solver tell apart


@dataclass(frozen=True)
class Limits:
    """How long is searched: nodes of the tree for each measure, and seconds for all, for a machine in distress."""

    nodes: int = 2_000
    seconds: float = 8.0


@dataclass(frozen=True)
class Cover:
    """Which sets, in their order, and by how many of the measures it is proven that no cover is lighter."""

    sets: tuple[int, ...]
    proven: int


def least_cover(members: Members, weights: Weights, limits: Limits = Limits()) -> Cover:
    """The cover of least weight. `members` is sets by elements, `weights` sets by measures, whole and not below 0.

    Raises ValueError if some element is in no set.
    """
    if not members.any(axis=0).all():
        raise ValueError("an element is in no set")
    if not members.shape[1]:
        return Cover((), weights.shape[1])
    kept = undominated(members, weights)
    chosen, proven = _solved(members[kept], weights[kept], limits)
    return Cover(tuple(int(one) for one in np.sort(kept[chosen])), proven)


def undominated(members: Members, weights: Weights) -> npt.NDArray[np.intp]:
    """The sets that no lighter one contains, the lightest first; of equal ones the first."""
    order = np.lexsort(weights.T[::-1])
    _, first = np.unique(np.packbits(members[order], axis=1), axis=0, return_index=True)
    order = order[np.sort(first)]
    return order[[*_not_contained(members[order])]] if len(order) <= COMPARED else order


def _not_contained(members: Members) -> Iterator[int]:
    """The sets that are in none of those before them, and not empty."""
    has, size = members.astype(np.float32), members.sum(axis=1)
    for start in range(0, len(members), CHUNK):
        contained = has[start : start + CHUNK] @ has.T >= size[start : start + CHUNK, None]
        for place, row in enumerate(contained, start):
            if size[place] and not row[:place].any():
                yield place


def _solved(members: Members, weights: Weights, limits: Limits) -> tuple[Members, int]:
    """Which sets are chosen: measure after measure, each held at its least while the next is searched."""
    best, end = greedy(members, weights), monotonic() + limits.seconds
    held = [LinearConstraint(members.T.astype(float), lb=1)]
    for proven, column in enumerate(weights.T):
        scaled = column // max(1, int(np.gcd.reduce(column)))
        found = _minimised(scaled, held, limits.nodes, max(0.0, end - monotonic()))
        best = _better(best, found.x, members, weights)
        if found.status != OPTIMAL or scaled.max(initial=0) > EXACT:
            return best, proven
        held.append(LinearConstraint(scaled.astype(float)[None, :], ub=float(np.round(found.fun))))
    return best, weights.shape[1]


def _minimised(objective: Weights, held: list[LinearConstraint], nodes: int, seconds: float) -> Any:
    options = {"mip_rel_gap": 0.0, "node_limit": nodes, "time_limit": seconds}
    ones = np.ones(len(objective))
    return milp(objective.astype(float), integrality=ones, bounds=Bounds(0, 1), constraints=held, options=options)


def _better(best: Members, found: npt.NDArray[np.float64] | None, members: Members, weights: Weights) -> Members:
    """The lighter of the best so far and what the solver found, if that is a cover once it is rounded."""
    if found is None:
        return best
    chosen: Members = found > 0.5
    if not members[chosen].any(axis=0).all():
        return best
    return min(chosen, best, key=lambda one: tuple(weights[one].sum(axis=0)))


def greedy(members: Members, weights: Weights) -> Members:
    """A cover that is quickly found: again and again the set with the most that is left, of equals the lightest."""
    chosen, left = np.zeros(len(members), bool), np.ones(members.shape[1], bool)
    order = np.lexsort(weights.T[::-1])
    while left.any():
        most = order[np.argmax(members[order][:, left].sum(axis=1))]
        chosen[most] = True
        left &= ~members[most]
    return chosen
