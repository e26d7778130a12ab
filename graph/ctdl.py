"""Offerings as CTDL writes them, competencies and frameworks as CTDL-ASN does (Credential Engine).

A CTID is `ce-` and the UUID of version 5 that the identifier has in the namespace of URLs: the same one each time.
"""

from collections.abc import Mapping
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from pyoxigraph import Literal, NamedNode, Triple

from graph.namespaces import DCT, RDF, SCHEMA, SKOS, TRV, Namespace, entity
from graph.rewriting import Source, Statements, Writer, part, said, tagged
from graph.schema_org import descriptions

CETERMS: Final = Namespace("https://purl.org/ctdl/terms/")
CEASN: Final = Namespace("https://purl.org/ctdlasn/terms/")
DELIVERY: Final = Namespace("https://purl.org/ctdl/vocabs/deliveryType/")
COURSE: Final = entity("offering-type", "course")
DELIVERY_TYPES: Final = {
    entity("mode", "hybrid"): DELIVERY.BlendedDelivery,
    entity("mode", "in-person"): DELIVERY.InPerson,
    entity("mode", "online-live"): DELIVERY.OnlineOnly,
    entity("mode", "online-self-paced"): DELIVERY.OnlineOnly,
}
OFFERED: Final = {
    SKOS.prefLabel: CETERMS.name,
    SCHEMA.url: CETERMS.subjectWebpage,
    TRV.language: CETERMS.inLanguage,
    TRV.provider: CETERMS.offeredBy,
}
ALIGNED: Final = {
    SKOS.exactMatch: CEASN.exactAlignment,
    SKOS.closeMatch: CEASN.majorAlignment,
    SKOS.broadMatch: CEASN.broadAlignment,
    SKOS.narrowMatch: CEASN.narrowAlignment,
}


def ctid(iri: NamedNode) -> str:
    """The CTID of a thing."""
    return f"ce-{uuid5(NAMESPACE_URL, iri.value)}"


def offering(source: Source, iri: NamedNode) -> Statements:
    """A Course where the offering is said to be one, else a LearningOpportunityProfile."""
    is_course = COURSE in source.things(iri, TRV.offeringType)
    yield from _identified(iri, CETERMS.Course if is_course else CETERMS.LearningOpportunityProfile)
    yield from source.copied(iri, OFFERED)
    yield from source.copied(iri, {SCHEMA.url: CETERMS.availabilityListing})
    yield from said(iri, CETERMS.description, descriptions(source, iri))
    for provider in source.things(iri, TRV.provider):
        yield from _identified(provider, CETERMS.Organization)
        yield from said(provider, CETERMS.name, map(tagged, source.texts(provider, SKOS.prefLabel)))
        yield from source.copied(provider, {SCHEMA.url: CETERMS.subjectWebpage})
    for mode in source.things(iri, TRV.mode):
        yield from _alignment(iri, "delivery", CETERMS.deliveryType, DELIVERY_TYPES.get(mode, mode), [])
    for competency in source.things(iri, TRV.teaches):
        name = f"teaches-{competency.value.rpartition('/')[2]}"
        yield from _alignment(iri, name, CETERMS.teaches, competency, source.texts(competency, SKOS.prefLabel))
        yield from said(part(iri, name), CETERMS.framework, source.things(competency, SKOS.inScheme))
    yield from _duration(source, iri)
    yield from _cost(source, iri)


def competency(source: Source, iri: NamedNode) -> Statements:
    """A Competency of its framework; an area is one at the top of it."""
    yield from _identified(iri, CEASN.Competency)
    yield from source.copied(iri, {SKOS.prefLabel: CEASN.competencyLabel, SKOS.inScheme: CEASN.isPartOf})
    texts = source.texts(iri, SKOS.definition) or source.texts(iri, SKOS.prefLabel)
    yield from said(iri, CEASN.competencyText, texts)
    yield from said(iri, CEASN.inLanguage, [one.language for one in texts])
    yield from source.copied(iri, {SKOS.topConceptOf: CEASN.isTopChildOf, SKOS.notation: CEASN.codedNotation})
    yield from source.copied(iri, {SKOS.broader: CEASN.isChildOf, SKOS.narrower: CEASN.hasChild} | ALIGNED)


def framework(source: Source, iri: NamedNode) -> Statements:
    """A CompetencyFramework, with its areas at the top and every competency below them."""
    yield from _identified(iri, CEASN.CompetencyFramework)
    names = source.texts(iri, SKOS.prefLabel)
    yield from said(iri, CEASN.name, names)
    yield from source.copied(iri, {SKOS.definition: CEASN.description, DCT.license: CEASN.license})
    yield from source.copied(iri, {SCHEMA.url: CEASN.source, SKOS.hasTopConcept: CEASN.hasTopChild})
    yield from said(iri, CEASN.inLanguage, [one.language for one in names])
    yield from said(iri, CEASN.publisherName, map(tagged, source.texts(iri, TRV.publisherName)))
    for one in source.pointing(SKOS.inScheme, iri):
        yield from competency(source, one)


def _identified(iri: NamedNode, kind: NamedNode) -> Statements:
    yield Triple(iri, RDF.type, kind)
    yield Triple(iri, CETERMS.ctid, Literal(ctid(iri)))


def _alignment(iri: NamedNode, name: str, predicate: NamedNode, target: NamedNode, names: list[Literal]) -> Statements:
    node = part(iri, name)
    yield Triple(iri, predicate, node)
    yield Triple(node, RDF.type, CETERMS.CredentialAlignmentObject)
    yield Triple(node, CETERMS.targetNode, target)
    yield from said(node, CETERMS.targetNodeName, names)


def _duration(source: Source, iri: NamedNode) -> Statements:
    for duration in source.values(iri, TRV.duration):
        node = part(iri, "duration")
        yield Triple(iri, CETERMS.estimatedDuration, node)
        yield Triple(node, RDF.type, CETERMS.DurationProfile)
        yield Triple(node, CETERMS.exactDuration, duration)


def _cost(source: Source, iri: NamedNode) -> Statements:
    for price in source.values(iri, TRV.costAmount):
        node = part(iri, "cost")
        yield Triple(iri, CETERMS.estimatedCost, node)
        yield Triple(node, RDF.type, CETERMS.CostProfile)
        yield Triple(node, CETERMS.price, price)
        yield from said(node, CETERMS.currency, source.values(iri, TRV.costCurrency))


WRITERS: Final[Mapping[str, Writer]] = {
    "area": competency,
    "competency": competency,
    "framework": framework,
    "offering": offering,
}
