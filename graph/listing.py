"""Lists of things of a kind: filtered, counted and put in order by what the index of a release knows of them.

What a row shows is then read for the rows of one page, by the question of the list.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final

import numpy as np
from pyoxigraph import NamedNode

from graph.coverage import Mask, Numbers, Texts
from graph.named_query import NamedQuery
from graph.search_columns import LABEL, Segment
from graph.search_index import SearchIndex
from graph.store import Dataset, Rows

BEGINNING: Final = "WHERE {"
AT_ONCE: Final = 500  # things whose rows are read with one question


@dataclass(frozen=True)
class Saying:
    """A filter: things that say one of some values of a property; with `silent`, those that say none of it too."""

    name: str
    values: frozenset[str]
    silent: bool = False

    def mask(self, segment: Segment) -> Mask:
        """Of each thing, whether it does."""
        found = segment.has(_joined(segment.saying(f"{self.name} {value}") for value in self.values))
        if self.silent:
            every = (segment.saying(value) for value in segment.values if value.startswith(f"{self.name} "))
            found |= ~segment.has(_joined(every))
        return found


@dataclass(frozen=True)
class Among:
    """A filter: just these things."""

    iris: Collection[NamedNode]

    def mask(self, segment: Segment) -> Mask:
        """Of each thing, whether it is one of them."""
        return segment.has(segment.numbers(iri.value for iri in self.iris))


Wanted = Saying | Among


@dataclass(frozen=True)
class Listed:
    """The things of a list in order, and for each property how many say each value, under the filters of the others."""

    iris: Sequence[NamedNode]
    counts: Mapping[str, Counter[str]]


class Listing:
    """The lists that an index knows."""

    def __init__(self, index: SearchIndex) -> None:
        self._segments = [(segment, stands) for segment, stands in index.segments() if len(segment)]
        self._order: dict[tuple[str, str], tuple[Numbers, Numbers]] = {}

    def of(self, kind: str, filters: Mapping[str, Wanted], language: str, counted: Collection[str] = ()) -> Listed:
        """The things of a kind that pass all filters, by their labels in a language; with counts of some properties."""
        masks = [{name: one.mask(segment) for name, one in filters.items()} for segment, _ in self._segments]
        kinds = [_of_kind(segment, stands, kind) for segment, stands in self._segments]
        passed = [_all(of, own.values()) for of, own in zip(kinds, masks, strict=True)]
        counts = {name: Counter[str]() for name in counted}
        for (segment, _), of, own in zip(self._segments, kinds, masks, strict=True):
            for name in counted:
                others = _all(of, (mask for other, mask in own.items() if other != name))
                counts[name] += _counts(segment, others, name)
        places, things = self._in_order(kind, language)
        iris = [
            NamedNode(self._segments[place][0].iri[thing].decode())
            for place, thing in zip(places.tolist(), things.tolist(), strict=True)
            if passed[place][thing]
        ]
        return Listed(iris, counts)

    def count(self, kind: str, filters: Collection[Wanted]) -> int:
        """How many things of a kind pass all filters."""
        passed = (_all(_of_kind(*one, kind), (wanted.mask(one[0]) for wanted in filters)) for one in self._segments)
        return sum(int(np.count_nonzero(mask)) for mask in passed)

    def values(self, name: str) -> set[str]:
        """Everything that something says of a property."""
        every = (value for segment, _ in self._segments for value in segment.values)
        return {value.removeprefix(f"{name} ") for value in every if value.startswith(f"{name} ")}

    def _in_order(self, kind: str, language: str) -> tuple[Numbers, Numbers]:
        """The things of a kind by their labels: of each the place of its segment, and its number there."""
        if (kind, language) not in self._order:
            parts = [(place, np.flatnonzero(_of_kind(*one, kind))) for place, one in enumerate(self._segments)]
            places = np.concatenate([np.zeros(0, np.int32), *(np.full(len(one), place) for place, one in parts)])
            things = np.concatenate([np.zeros(0, np.int32), *(one for _, one in parts)])
            labels = [_beginnings(self._segments[place][0], language)[one] for place, one in parts]
            names = [self._segments[place][0].iri[one] for place, one in parts]
            order = np.lexsort([np.concatenate(names), np.concatenate(labels)]) if parts else things
            self._order[kind, language] = places[order].astype(np.int32), things[order].astype(np.int32)
        return self._order[kind, language]


def rows_about(query: NamedQuery, dataset: Dataset, arguments: Mapping[str, str], iris: Sequence[NamedNode]) -> Rows:
    """The rows that a question has for some things, in their order: it is asked of nothing else, at every level."""
    found = dict[object, list[tuple[object, ...]]]()
    place = query.columns.index("iri")
    for start in range(0, len(iris), AT_ONCE):
        values = f"VALUES ?iri {{ {' '.join(map(str, iris[start : start + AT_ONCE]))} }}"
        about = replace(query, text=query.text.replace(BEGINNING, f"{BEGINNING} {values}"))
        for row in about.select(dataset, arguments):
            found.setdefault(row[place], []).append(row)
    return Rows(query.columns, [row for iri in iris for row in found.get(iri, ())])


def _of_kind(segment: Segment, stands: Mask, kind: str) -> Mask:
    number = segment.kinds.index(kind) if kind in segment.kinds else -1
    return stands & np.equal(segment.kind, number)


def _all(first: Mask, others: Iterable[Mask]) -> Mask:
    return reduce(np.logical_and, others, first)


def _joined(parts: Iterable[Numbers]) -> Numbers:
    return np.concatenate([np.zeros(0, np.int32), *parts])


def _counts(segment: Segment, things: Mask, name: str) -> Counter[str]:
    """How many of some things say each value of a property."""
    values = [value for value in segment.values if value.startswith(f"{name} ")]
    found = {value: int(np.count_nonzero(things[segment.saying(value)])) for value in values}
    return Counter({value.removeprefix(f"{name} "): many for value, many in found.items() if many})


def _beginnings(segment: Segment, language: str) -> Texts:
    """The beginning of the label of each thing: in the language, else in English, else any."""
    labels = np.flatnonzero(segment.role == LABEL)
    preference = np.array([(tag != language) + (tag not in (language, "en")) for tag in segment.languages] or [0])
    order = np.lexsort([preference[segment.language[labels]], segment.owner[labels]])
    owners, first = np.unique(segment.owner[labels][order], return_index=True)
    found = np.zeros(len(segment), segment.beginning.dtype)
    found[owners] = segment.beginning[labels[order][first]]
    return found
