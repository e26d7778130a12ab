"""Who described what: a contributor changes only what it contributed itself."""

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode

from graph.namespaces import CONTRIBUTIONS_GRAPH, ID, PROV
from graph.report import Finding, Place, Severity
from graph.store import Dataset

CONTRIBUTION_GRAPHS = f"{ID.iri}contribution/"


def contributions_about(dataset: Dataset, subject: NamedNode) -> set[NamedNode]:
    """The contributions that describe an entity."""
    graphs = (quad.graph_name for quad in dataset.quads(subject))
    return {graph for graph in graphs if isinstance(graph, NamedNode) and graph.value.startswith(CONTRIBUTION_GRAPHS)}


def entailed_by(contribution: NamedNode) -> NamedNode:
    """The graph of what follows from a contribution."""
    return ID["entailed/" + contribution.value.removeprefix(CONTRIBUTION_GRAPHS)]


def contributor_of(dataset: Dataset, contribution: NamedNode) -> str:
    """The slug of who made a contribution."""
    agents = dataset.quads(contribution, PROV.wasAssociatedWith, None, CONTRIBUTIONS_GRAPH)
    return next((quad.object.value.rpartition("/")[2] for quad in agents if isinstance(quad.object, NamedNode)), "")


def taken(dataset: Dataset, subjects: Iterable[NamedNode], contributor: str, file: str) -> Iterator[Finding]:
    """A finding for each entity that somebody else has described."""
    for subject in subjects:
        owners = {contributor_of(dataset, graph) for graph in contributions_about(dataset, subject)} - {contributor}
        for owner in sorted(owners):
            message = f"This was contributed by `{owner}`, who alone may change it: take another id, or write to them."
            yield Finding(Severity.VIOLATION, message, Place(file, subject=subject.value))
