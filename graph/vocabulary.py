"""The vocabulary and the controlled lists, as statements of the store."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Triple, parse

from graph.namespaces import BASE, VOCABULARY_GRAPH
from graph.resources import ONTOLOGY
from graph.store import Term


def vocabulary(folder: Path = ONTOLOGY) -> list[Quad]:
    """Every statement of the files in `folder`, in the graph of the vocabulary, without blank nodes.

    Blank nodes become IRIs below `.well-known/genid/` (RDF 1.1 Concepts, 3.5), the same ones each time.
    """
    return [quad for path in sorted(folder.glob("*.ttl")) for quad in _skolemised(path)]


def _skolemised(path: Path) -> Iterator[Quad]:
    names: dict[BlankNode, NamedNode] = {}

    def named(term: Term) -> Term:
        if not isinstance(term, BlankNode):
            return term
        iri = NamedNode(f"{BASE}.well-known/genid/{path.stem}-{len(names) + 1}")
        return names.setdefault(term, iri)

    for quad in parse(path=str(path), format=RdfFormat.TURTLE, rename_blank_nodes=True):
        subject = named(quad.subject)
        if isinstance(subject, NamedNode):
            yield Quad(subject, quad.predicate, named(quad.object), VOCABULARY_GRAPH)


def digest_of(quads: list[Quad]) -> str:
    """The SHA-256 of statements, in whatever order."""
    return sha256("\n".join(sorted(map(str, quads))).encode()).hexdigest()


def as_triples(quads: list[Quad]) -> list[Triple]:
    """The statements without their graphs, each once."""
    return list(dict.fromkeys(quad.triple for quad in quads))
