"""The questions as examples in RDF, in the vocabulary that SIB's collection of SPARQL examples uses.

Each is a `sh:SPARQLExecutable` of SHACL (section 5.1 and SHACL-AF, 5) whose text runs as it stands: what a parameter
requires is written in, by its example. The terms of schema.org are those with `https`, which the readers of such
collections ask for.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from graph.dataset_facts import Deployment
from graph.named_query import NamedQuery
from graph.namespaces import DCT, OWL, PREFIXES, RDF, RDFS, SH, XSD, Namespace
from graph.query_text import written_in
from graph.store import Term

DOCUMENT: Final = "/.well-known/sparql-examples"
SDO: Final = Namespace("https://schema.org/")
KINDS: Final = {
    "select": (SH.SPARQLSelectExecutable, SH.select),
    "construct": (SH.SPARQLConstructExecutable, SH.construct),
    "ask": (SH.SPARQLAskExecutable, SH.ask),
}


def example(query: NamedQuery) -> str:
    """The text of a question, with the examples of what it requires and its defaults written in."""
    required = {one.name: one.example or "" for one in query.parameters if one.required}
    return written_in(query.text, query.bindings(required))


def sparql_examples(queries: Iterable[NamedQuery], deployment: Deployment) -> Iterator[Triple]:
    """Every question as an example for the endpoint of this instance, and the prefixes they are written with."""
    for query in queries:
        subject = _at(deployment, query.name)
        yield from (Triple(subject, predicate, value) for predicate, value in _facts(query, deployment))
    prefixes = _at(deployment, "prefixes")
    yield Triple(prefixes, RDF.type, OWL.Ontology)
    for prefix, iri in PREFIXES.items():
        declaration = _at(deployment, f"prefix-{prefix}")
        yield Triple(prefixes, SH.declare, declaration)
        yield Triple(declaration, SH.prefix, Literal(prefix))
        yield Triple(declaration, SH.namespace, Literal(iri, datatype=XSD.anyURI))


def _facts(query: NamedQuery, deployment: Deployment) -> Iterator[tuple[NamedNode, Term]]:
    kind, holds_text = KINDS[query.form]
    yield RDF.type, SH.SPARQLExecutable
    yield RDF.type, kind
    yield RDFS.comment, Literal(query.summary, language="en")
    if query.description:
        yield DCT.description, Literal(query.description, language="en")
    yield RDFS.seeAlso, deployment.at(f"/queries/{query.name}")
    yield SH.prefixes, _at(deployment, "prefixes")
    yield holds_text, Literal(example(query))
    yield SDO.target, deployment.at("/sparql")
    yield from ((SDO.keywords, Literal(tag)) for tag in query.tags)


def _at(deployment: Deployment, name: str) -> NamedNode:
    return deployment.at(f"{DOCUMENT}#{name}")
