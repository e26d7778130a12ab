"""The SPARQL 1.1 Service Description of the endpoint."""

from collections.abc import Iterator
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from graph.namespaces import DCT, RDF, RDFS, VOID, XSD, Namespace
from graph.releases import Release
from graph.sparql_examples import DOCUMENT as EXAMPLES
from graph.store import Term
from service.representations import LICENCE

SD: Final = Namespace("http://www.w3.org/ns/sparql-service-description#")
FORMATS: Final = Namespace("http://www.w3.org/ns/formats/")
OFFERED: Final = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "RDF_XML",
    "JSON-LD",
)


def description(address: str, release: Release) -> Iterator[Triple]:
    """What the endpoint at `address` is and can do, and which data it answers from."""
    service, dataset, graph = NamedNode(address), BlankNode("dataset"), BlankNode("graph")
    facts: list[tuple[NamedNode | BlankNode, NamedNode, Term]] = [
        (service, RDF.type, SD.Service),
        (service, SD.endpoint, service),
        (service, SD.supportedLanguage, SD.SPARQL11Query),
        (service, SD.feature, SD.UnionDefaultGraph),
        (service, SD.defaultDataset, dataset),
        (service, DCT.license, NamedNode(LICENCE)),
        (service, RDFS.seeAlso, NamedNode(address.removesuffix("/sparql") + EXAMPLES)),
        (dataset, RDF.type, SD.Dataset),
        (dataset, SD.defaultGraph, graph),
        (graph, RDF.type, SD.Graph),
        (graph, VOID.triples, Literal(str(release.quads), datatype=XSD.integer)),
        *((service, SD.resultFormat, FORMATS[name]) for name in OFFERED),
    ]
    return (Triple(*fact) for fact in facts)
