"""Who contributed what, when and under which licence, as statements (PROV-O, DCMI Terms)."""

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Quad

from graph.journal import Entry
from graph.namespaces import CONTRIBUTIONS_GRAPH, DCT, ID, PROV, RDF, SKOS, TRV, XSD


def provenance(entry: Entry) -> Iterator[Quad]:
    """What is said of one contribution."""
    graph, agent = ID[f"contribution/{entry.number}"], ID[f"agent/{entry.contributor}"]
    received = Literal(entry.received.isoformat(), datatype=XSD.dateTime)
    for subject, predicate, value in (
        (graph, RDF.type, TRV.Contribution),
        (graph, RDF.type, PROV.Activity),
        (graph, SKOS.prefLabel, Literal(entry.submission.name)),
        (graph, PROV.wasAssociatedWith, agent),
        (graph, PROV.endedAtTime, received),
        (graph, DCT.license, NamedNode(entry.license)),
        (agent, RDF.type, PROV.Agent),
        (agent, SKOS.prefLabel, Literal(entry.contributor)),
    ):
        yield Quad(subject, predicate, value, CONTRIBUTIONS_GRAPH)
