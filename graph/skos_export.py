"""A whole concept scheme, ready for tools that know only SKOS and would otherwise repair it.

A concept is not said to be below what it is below by way of another concept (the transitive reduction of the
hierarchy); what is broader or related in another scheme is a mapping, since that is what SKOS has for it.
"""

from collections.abc import Mapping
from typing import Final

from pyoxigraph import NamedNode, Triple

from graph.namespaces import DCT, ID, OWL, RDF, SKOS, Namespace
from graph.rewriting import Source, Statements, Writer, said

VANN: Final = Namespace("http://purl.org/vocab/vann/")
OF_A_SCHEME: Final = (
    DCT.created, DCT.creator, DCT.description, DCT.license, DCT.modified, DCT.publisher, DCT.title,
    SKOS.definition, SKOS.prefLabel, OWL.deprecated, DCT.isReplacedBy,
)  # fmt: skip
OF_A_CONCEPT: Final = (
    SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel, SKOS.notation, SKOS.definition, SKOS.scopeNote, SKOS.example,
    SKOS.changeNote, SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch,
    DCT.source, OWL.deprecated, DCT.isReplacedBy,
)  # fmt: skip


def scheme(source: Source, iri: NamedNode) -> Statements:
    """The scheme and all its concepts."""
    yield Triple(iri, RDF.type, SKOS.ConceptScheme)
    yield from source.kept(iri, OF_A_SCHEME)
    yield from said(iri, VANN.preferredNamespaceUri, source.values(iri, VANN.preferredNamespaceUri) or [ID.iri])
    concepts = set(source.pointing(SKOS.inScheme, iri, merged=True))
    broader = {one: set(source.things(one, SKOS.broader)) for one in concepts}
    tops = {one for one in concepts if iri in source.values(one, SKOS.topConceptOf)}
    for one in sorted(concepts, key=str):
        yield Triple(one, RDF.type, SKOS.Concept)
        yield Triple(one, SKOS.inScheme, iri)
        yield from source.kept(one, OF_A_CONCEPT)
        yield from _hierarchy(one, broader)
        for other in source.things(one, SKOS.related):
            yield Triple(one, SKOS.related if other in concepts else SKOS.relatedMatch, other)
    for top in sorted(tops | set(source.things(iri, SKOS.hasTopConcept)), key=str):
        yield Triple(iri, SKOS.hasTopConcept, top)
        yield Triple(top, SKOS.topConceptOf, iri)


def _hierarchy(one: NamedNode, broader: Mapping[NamedNode, set[NamedNode]]) -> Statements:
    """What is broader than a concept, both ways, without what another broader concept leads to."""
    own = broader[one] & broader.keys()
    implied = {above for between in own for above in _above(between, broader)}
    for other in sorted(own - implied, key=str):
        yield Triple(one, SKOS.broader, other)
        yield Triple(other, SKOS.narrower, one)
    yield from said(one, SKOS.broadMatch, sorted(broader[one] - broader.keys(), key=str))


def _above(one: NamedNode, broader: Mapping[NamedNode, set[NamedNode]]) -> set[NamedNode]:
    """Everything above a concept; it ends in a cycle too."""
    found: set[NamedNode] = set()
    waiting = [one]
    while waiting:
        new = broader.get(waiting.pop(), set()) - found
        found |= new
        waiting.extend(new)
    return found


WRITERS: Final[Mapping[str, Writer]] = {"framework": scheme, "scheme": scheme}
