"""A change that is looked at before it is made: what a release says, and what it would say with a submission."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

from pyoxigraph import Literal, NamedNode, Quad, Triple

from graph.entailment import Entailment
from graph.impact import Thing
from graph.mergers import settled
from graph.namespaces import ID, RDFS, SKOS, kind_and_slug
from graph.neighbourhood import Together
from graph.ownership import CONTRIBUTION_GRAPHS
from graph.store import Dataset

SUBMITTED: Final = NamedNode(f"{CONTRIBUTION_GRAPHS}0")
ENTAILED: Final = ID["entailed/0"]
NAMES: Final = (SKOS.prefLabel, RDFS.label)
LONGEST: Final = 200  # characters of a label that are told


@dataclass(frozen=True)
class Proposal:
    """A release, and a submission with what follows from it, as if it were contribution 0.

    What the submission says of its `subjects` would stand in place of all that contributions say of them
    (`graph/publication.py`).
    """

    release: Dataset
    submission: Dataset
    entailment: Entailment

    @classmethod
    def of(cls, triples: Iterable[Triple], release: Dataset, entailment: Entailment) -> Self:
        """The proposal that statements make."""
        own = settled(triples)
        quads = [*in_graph(own, SUBMITTED), *in_graph(entailment.of(own), ENTAILED)]
        return cls(release, Dataset.in_memory(quads), entailment)

    @cached_property
    def together(self) -> Together:
        """Everything that is said before or after."""
        return Together(self.release, self.submission)

    @cached_property
    def subjects(self) -> frozenset[NamedNode]:
        """What the submission describes."""
        found = (quad.subject for quad in self.submission.quads(graph=SUBMITTED))
        return frozenset(iri for iri in found if isinstance(iri, NamedNode))

    @cached_property
    def new(self) -> frozenset[NamedNode]:
        """What the submission describes and no contribution to the release does."""
        return frozenset(iri for iri in self.subjects if not contributed(self.release, iri))

    def novelty(self, iri: NamedNode) -> str:
        """Whether what is described is `new`, described otherwise than before (`changed`), or `unchanged`."""
        if iri in self.new:
            return "new"
        return "unchanged" if contributed(self.release, iri) == contributed(self.submission, iri) else "changed"

    def around(self, entities: Iterable[NamedNode]) -> tuple[list[Triple], list[Triple]]:
        """What contributions say of some entities before, and what they and the submission would say after.

        With what follows from it: no rule of `queries/derive/` joins two entities, so it follows from all at once.
        """
        stated = [triple for iri in entities for triple in contributed(self.release, iri)]
        others = [triple for triple in stated if triple.subject not in self.subjects]
        after = others + [quad.triple for quad in self.submission.quads(graph=SUBMITTED)]
        return stated + self.entailment.of(stated), after + self.entailment.of(after)

    def knows(self, iri: NamedNode) -> bool:
        """Whether the release says anything about it."""
        return any(True for _ in self.release.quads(iri))

    def thing(self, iri: NamedNode) -> Thing:
        """An entity with its label, as the submission says it, else the release."""
        return Thing(iri.value, self._label(iri), self.knows(iri))

    def _label(self, iri: NamedNode) -> str:
        for dataset in (self.submission, self.release):
            labels = {text.language or "": text.value for text in texts(dataset, iri, *NAMES)}
            for tag in ("en", "", *sorted(labels)):
                if tag in labels:
                    return labels[tag] if len(labels[tag]) <= LONGEST else labels[tag][:LONGEST] + "…"
        return (kind_and_slug(iri) or ("", iri.value))[1]


def contributed(dataset: Dataset, iri: NamedNode) -> set[Triple]:
    """What contributions say of an entity, without what follows from it."""
    return {quad.triple for quad in dataset.quads(iri) if _is_contribution(quad.graph_name)}


def _is_contribution(graph: object) -> bool:
    return isinstance(graph, NamedNode) and graph.value.startswith(CONTRIBUTION_GRAPHS)


def texts(dataset: Dataset, iri: NamedNode, *predicates: NamedNode) -> Iterator[Literal]:
    """The texts that an entity has for some properties."""
    for predicate in predicates:
        for quad in dataset.quads(iri, predicate):
            if isinstance(quad.object, Literal):
                yield quad.object


def in_graph(triples: Iterable[Triple], graph: NamedNode) -> Iterator[Quad]:
    """Statements in a graph."""
    return (Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples)
