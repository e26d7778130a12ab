"""The SPARQL 1.1 Service Description of the endpoint, with its graphs as VoID counts them."""

from collections.abc import Iterator
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from graph.namespaces import DCT, ID, RDF, RDFS, VOID, XSD, Namespace
from graph.sparql_examples import DOCUMENT as EXAMPLES
from graph.store import Term
from service.deployment import deployment
from service.release_view import ReleaseView
from service.representations import LICENCE

SD: Final = Namespace("http://www.w3.org/ns/sparql-service-description#")
FORMATS: Final = Namespace("http://www.w3.org/ns/formats/")
SIMPLE: Final = NamedNode("http://www.w3.org/ns/entailment/Simple")
OFFERED: Final = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "N-Quads",
    "TriG",
    "RDF_XML",
    "JSON-LD",
)
Facts = Iterator[tuple[NamedNode | BlankNode, NamedNode, Term]]


def description(service: NamedNode, view: ReleaseView) -> Iterator[Triple]:
    """What the endpoint is and can do, and which data it answers from."""
    dataset = BlankNode("dataset")
    yield from (Triple(*fact) for fact in _service(service, dataset))
    yield from (Triple(*fact) for fact in _default_graph(dataset, view))
    yield from _named_graphs(dataset, view)


def collection(service: NamedNode, view: ReleaseView) -> Iterator[Triple]:
    """The graphs that the endpoint has, by name."""
    graphs = BlankNode("graphs")
    yield Triple(service, SD.availableGraphs, graphs)
    yield Triple(graphs, RDF.type, SD.GraphCollection)
    yield from _named_graphs(graphs, view)


def _service(service: NamedNode, dataset: BlankNode) -> Facts:
    yield service, RDF.type, SD.Service
    yield service, SD.endpoint, service
    yield service, SD.supportedLanguage, SD.SPARQL11Query
    yield service, SD.feature, SD.UnionDefaultGraph
    yield service, SD.defaultEntailmentRegime, SIMPLE
    yield service, SD.defaultDataset, dataset
    yield service, DCT.license, NamedNode(LICENCE)
    yield service, RDFS.seeAlso, deployment().at(EXAMPLES)
    yield from ((service, SD.resultFormat, FORMATS[name]) for name in OFFERED)


def _default_graph(dataset: BlankNode, view: ReleaseView) -> Facts:
    graph, release = BlankNode("default"), view.release
    yield dataset, RDF.type, SD.Dataset
    yield dataset, SD.defaultGraph, graph
    yield graph, RDF.type, SD.Graph
    yield graph, RDF.type, VOID.Dataset
    yield graph, VOID.triples, _number(release.quads)
    yield graph, VOID.entities, _number(sum(release.counts.values()))
    yield graph, VOID.uriSpace, Literal(ID.iri)
    yield graph, DCT.modified, Literal(release.created.isoformat(), datatype=XSD.dateTime)
    yield graph, RDFS.seeAlso, deployment().at("/.well-known/void")


def _named_graphs(holder: BlankNode, view: ReleaseView) -> Iterator[Triple]:
    for number, (name, size) in enumerate(view.graphs.items()):
        named, graph = BlankNode(f"named{number}"), BlankNode(f"graph{number}")
        yield Triple(holder, SD.namedGraph, named)
        yield Triple(named, RDF.type, SD.NamedGraph)
        yield Triple(named, SD.name, name)
        yield Triple(named, SD.graph, graph)
        yield Triple(graph, RDF.type, SD.Graph)
        yield Triple(graph, RDF.type, VOID.Dataset)
        yield Triple(graph, VOID.triples, _number(size))


def _number(count: int) -> Literal:
    return Literal(str(count), datatype=XSD.integer)
