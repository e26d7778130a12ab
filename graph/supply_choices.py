"""How many offerings each choice of a filter would let count, beside what is chosen already, in columns.

What is counted are current offerings that teach one of some competencies and are open to one of some sectors. Each part
of the filter is counted as if it were not set, so that a reader sees what another choice of it would find.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from pyoxigraph import NamedNode

from graph.coverage import REMOVED, Coverage, Mask
from graph.field import Field
from graph.gap_lookup import admitted, are_current, open_to
from graph.gaps import Filter

SAID: Final = {"level": "levels", "mode": "modes", "region": "places", "language": "languages", "free": "free"}
"""Under which name the columns have what offerings say of each part of a filter."""

Counts = Mapping[str, Mapping[str, int]]


def offerings_by_choice(
    coverage: Coverage, field: Field, where: Filter, sectors: Sequence[NamedNode], competencies: Mask | None = None
) -> Counts:
    """For each part of a filter, the offerings that each of its values would leave; values that no offering says of
    itself are left out. `upcoming` has the one value `true`; the values of `free` are `true` and `false`."""
    possible = _possible(coverage, field, sectors, competencies)
    found: dict[str, Mapping[str, int]] = {}
    for part, others in _without_each(where).items():
        left = possible & admitted(coverage, others, field)
        found[part] = _by_language(coverage, left) if part == "language" else _by_value(coverage, left, part)
    dated = possible & admitted(coverage, replace(where, upcoming=True), field)
    return {**found, "upcoming": {"true": int(np.count_nonzero(dated))}}


def _without_each(where: Filter) -> dict[str, Filter]:
    """The rest of a filter, for each of its parts."""
    return {
        "level": replace(where, level=None),
        "mode": replace(where, mode=None),
        "region": replace(where, region=None),
        "language": replace(where, language=None),
        "free": replace(where, free=None),
    }


def _possible(coverage: Coverage, field: Field, sectors: Sequence[NamedNode], competencies: Mask | None) -> Mask:
    """The current offerings for any of the competencies, open to any of the sectors."""
    standing = coverage.area != REMOVED
    wanted = standing if competencies is None else standing & competencies
    competency, offering = coverage.taught
    taught = np.zeros(len(coverage.dated), bool)
    taught[offering[wanted[competency]]] = True
    audience = frozenset[NamedNode]().union(*map(field.with_ancestors, sectors))
    return taught & are_current(coverage, field) & open_to(coverage, audience)


def _by_value(coverage: Coverage, left: Mask, part: str) -> dict[str, int]:
    """How many of these offerings say each value; an offering says a value once."""
    value, offering = coverage.said
    counts = np.bincount(value[left[offering]], minlength=len(coverage.names.values)).tolist()
    named = (one.partition(" ") for one in coverage.names.values)
    found = {text: count for (name, _, text), count in zip(named, counts, strict=True) if name == SAID[part]}
    return {text.lower() if part == "free" else text: count for text, count in found.items()}


def _by_language(coverage: Coverage, left: Mask) -> dict[str, int]:
    """How many of these offerings each tag finds: `en` also finds `en-gb` (RFC 4647, 3.3.1)."""
    found = _by_value(coverage, left, "language")
    for tag in found:
        if narrower := [one for one in found if one.startswith(f"{tag}-")]:
            spoken = [coverage.saying(f"languages {one}") for one in (tag, *narrower)]
            found[tag] = int(np.count_nonzero(left & np.logical_or.reduce(spoken)))
    return found
