"""The evidence of a release, read where it is looked at: a reader of a few gaps does not read the whole field.

What speaks of demand is read from the store; the area and the offerings come from the columns of the release.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Final

from pyoxigraph import NamedNode

from graph.coverage import Coverage
from graph.field import NOTHING_KNOWN, Evidence, Field, read_needed
from graph.store import Dataset

KEPT: Final = 4096  # competencies whose evidence is kept in memory
MANY: Final = 500  # competencies: to read more, asking about all at once is quicker


class EvidenceOfRelease(Mapping[NamedNode, Evidence]):
    """The evidence for each competency of a release, from its store and its columns."""

    def __init__(self, dataset: Dataset, coverage: Coverage) -> None:
        self._dataset, self._coverage = dataset, coverage
        self._kept: dict[NamedNode, Evidence] = {}

    def __len__(self) -> int:
        return len(self._coverage.number)

    def __iter__(self) -> Iterator[NamedNode]:
        return map(NamedNode, self._coverage.number)

    def __contains__(self, iri: object) -> bool:
        return isinstance(iri, NamedNode) and iri.value in self._coverage.number

    def __getitem__(self, iri: NamedNode) -> Evidence:
        found = self._kept.get(iri)
        if found is None:
            found = self._read(iri, read_needed(self._dataset, [iri]))
            if len(self._kept) >= KEPT:
                self._kept = {}
            self._kept[iri] = found
        return found

    def of_many(self, iris: Collection[NamedNode]) -> Mapping[NamedNode, Evidence]:
        """The evidence to look these up in: this, or for very many all that is needed, read at once."""
        if sum(iri not in self._kept for iri in iris) <= MANY:
            return self
        needed = read_needed(self._dataset)
        found = {iri: self._read(iri, needed) for iri in iris}
        if len(found) <= KEPT:
            self._kept = dict(found)
        return found

    def of_demand(self) -> Mapping[NamedNode, Evidence]:
        """What speaks of demand, for every competency, read at once; neither areas nor offerings."""
        needed = read_needed(self._dataset)
        return {iri: needed.get(iri, NOTHING_KNOWN) for iri in self}

    def _read(self, iri: NamedNode, needed: Mapping[NamedNode, Evidence]) -> Evidence:
        offerings = tuple(self._coverage.offerings_for(self._coverage.number[iri.value]))
        return replace(needed.get(iri, NOTHING_KNOWN), area=self._coverage.area_of(iri), offerings=offerings)


def with_evidence(field: Field, iris: Collection[NamedNode]) -> Field:
    """The field, with the evidence of so many competencies at hand."""
    if isinstance(field.evidence, EvidenceOfRelease):
        return replace(field, evidence=field.evidence.of_many(iris))
    return field
