"""The evidence of a release, read where it is looked at: a reader of a few gaps does not read the whole field."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Final

from pyoxigraph import NamedNode

from graph.field import Evidence, Field, read_evidence
from graph.store import Dataset

KEPT: Final = 4096  # competencies whose evidence is kept in memory
MANY: Final = 1000  # competencies: to read more, reading the whole field at once is quicker


class EvidenceInStore(Mapping[NamedNode, Evidence]):
    """The evidence for each competency of an immutable dataset; `known` are the IRIs of all of them."""

    def __init__(self, dataset: Dataset, known: Collection[str]) -> None:
        self._dataset, self._known = dataset, known
        self._kept: dict[NamedNode, Evidence] = {}

    def __len__(self) -> int:
        return len(self._known)

    def __iter__(self) -> Iterator[NamedNode]:
        return map(NamedNode, self._known)

    def __contains__(self, iri: object) -> bool:
        return isinstance(iri, NamedNode) and iri.value in self._known

    def __getitem__(self, iri: NamedNode) -> Evidence:
        if iri not in self:
            raise KeyError(iri)
        found = self._kept.get(iri)
        if found is None:
            found = read_evidence(self._dataset, [iri])[iri]
            if len(self._kept) >= KEPT:
                self._kept = {}
            self._kept[iri] = found
        return found

    def for_all(self, iris: Collection[NamedNode]) -> Mapping[NamedNode, Evidence]:
        """The evidence to look these up in: this, or everything, read at once and kept by nobody else."""
        return read_evidence(self._dataset) if len(iris) > MANY else self


def with_evidence(field: Field, iris: Collection[NamedNode]) -> Field:
    """The field, with the evidence of so many competencies at hand."""
    if isinstance(field.evidence, EvidenceInStore):
        return replace(field, evidence=field.evidence.for_all(iris))
    return field
