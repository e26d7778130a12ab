"""Who contributed what, when and under which licence, as statements (PROV-O, DCMI Terms).

They follow from the journal alone, so that a store that is made anew says the same. What the contributors are called
may change, and is asked of `graph.people` by whoever shows it.
"""

from collections.abc import Iterator
from hashlib import sha256

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
        (graph, PROV.startedAtTime, received),
        (graph, PROV.endedAtTime, received),
        (graph, TRV.sha256, Literal(sha256(entry.submission.body).hexdigest())),
        (graph, DCT.license, NamedNode(entry.license)),
        (agent, RDF.type, PROV.Agent),
        (agent, SKOS.prefLabel, Literal(entry.contributor)),
    ):
        yield Quad(subject, predicate, value, CONTRIBUTIONS_GRAPH)
