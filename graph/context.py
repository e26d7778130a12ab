"""What is already known, as far as a submission refers to it."""

from collections.abc import Iterable, Iterator, Sequence

from pyoxigraph import DefaultGraph, NamedNode, Quad, Triple

from graph.mergers import current, replaced_by
from graph.namespaces import ID, OWL, RDF, RDFS, SKOS, SKOSXL, kind_and_slug
from graph.store import Dataset

DESCRIBING = (RDF.type, SKOS.prefLabel, SKOS.inScheme, OWL.deprecated)


class Context:
    """The published graph, and what earlier files of the same batch say, seen as one."""

    def __init__(self, datasets: Sequence[Dataset]) -> None:
        self._datasets = list(datasets)

    def with_triples(self, staged: Iterable[Triple]) -> "Context":
        """The same, with what an earlier file of the batch says."""
        quads = (Quad(triple.subject, triple.predicate, triple.object, DefaultGraph()) for triple in staged)
        return Context([*self._datasets, Dataset.in_memory(quads)])

    def for_submission(self, submission: Sequence[Triple]) -> list[Triple]:
        """Just what validation needs: the type of all that is referred to, and who else bears the same label."""
        own = {triple.subject for triple in submission}
        objects = (triple.object for triple in submission)
        referred = {term for term in objects if isinstance(term, NamedNode) and kind_and_slug(term)} - own
        alike = {iri for triple in submission for iri in self._namesakes(triple)} - own
        return list(dict.fromkeys(triple for iri in referred | alike for triple in self._brief(iri)))

    def slugs(self, kind: str) -> list[str]:
        """Every slug of a kind."""
        prefix = f"{ID.iri}{kind}/"
        query = f'SELECT DISTINCT ?s WHERE {{ ?s a ?c FILTER(STRSTARTS(STR(?s), "{prefix}")) }}'
        found = {row[0].value.removeprefix(prefix) for data in self._datasets for row in data.select(query)}
        return sorted(found)

    def current(self, iri: NamedNode) -> NamedNode | None:
        """What stands for a thing now, if it was merged into another; None if it was not."""
        mergers = (data for data in self._datasets if replaced_by(data, iri) is not None)
        return next((current(data, iri) for data in mergers), None)

    def knows(self, iri: NamedNode) -> bool:
        """Whether anything is said about an identifier."""
        return any(True for data in self._datasets for _ in data.quads(iri))

    def _brief(self, iri: NamedNode) -> Iterator[Triple]:
        for data in self._datasets:
            for triple in data.describe(iri):
                if triple.predicate in DESCRIBING:
                    yield triple
                if triple.predicate == RDF.type and isinstance(triple.object, NamedNode):
                    yield from (Triple(iri, RDF.type, broader) for broader in self._superclasses(triple.object))

    def _superclasses(self, cls: NamedNode) -> Iterator[NamedNode]:
        for data in self._datasets:
            for quad in data.quads(cls, RDFS.subClassOf):
                if isinstance(quad.object, NamedNode):
                    yield quad.object
                    yield from self._superclasses(quad.object)

    def _namesakes(self, triple: Triple) -> Iterable[NamedNode]:
        if triple.predicate in (SKOS.prefLabel, SKOSXL.literalForm):
            for data in self._datasets:
                for quad in data.quads(None, triple.predicate, triple.object):
                    if isinstance(quad.subject, NamedNode):
                        yield quad.subject
