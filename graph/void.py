"""The dataset as VoID describes it, with the counts of the newest release (W3C Note, 3 March 2011)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from graph.dataset_facts import Facts, about
from graph.dataset_text import DATASET, DESCRIPTION, LICENCE, TITLE, release_iri
from graph.dumps import DUMPS, JSONLD, QUADS, TURTLE
from graph.figures import ESCO_SPACE, Figures
from graph.namespaces import DCAT, DCT, DESCRIPTIVE, FOAF, ID, PREFIXES, RDF, SKOS, VOID, XSD, Namespace
from graph.store import Term

FORMATS: Final = Namespace("http://www.w3.org/ns/formats/")
SYNTAXES: Final[Mapping[str, str]] = {QUADS.suffix: "N-Quads", TURTLE.suffix: "Turtle", JSONLD.suffix: "JSON-LD"}
"""The dumps in RDF, and the names of their syntaxes in the W3C's list of formats."""

LOOKED_UP: Final = ("N-Triples", "RDF_XML")
"""The syntaxes that a thing can be looked up in beside those of the dumps."""

KNOWN: Final = PREFIXES | DESCRIPTIVE
DOCUMENT: Final = "/.well-known/void"
ESCO: Final = NamedNode(f"{DATASET.value}#esco")


def void(facts: Facts, figures: Figures, examples: Sequence[NamedNode]) -> Iterator[Triple]:
    """Every statement of the description; `examples` are identifiers that can be looked up."""
    document = facts.deployment.at(DOCUMENT)
    yield Triple(document, RDF.type, VOID.DatasetDescription)
    yield Triple(document, DCT.title, Literal("A description of the Trivium dataset", language="en"))
    yield Triple(document, DCT.creator, facts.deployment.publisher.iri)
    yield Triple(document, FOAF.primaryTopic, DATASET)
    yield from about(DATASET, _dataset(facts, figures, examples))
    yield from about(facts.deployment.publisher.iri, _publisher(facts))
    yield from _partitions(figures)
    yield from _links(figures)


def _dataset(facts: Facts, figures: Figures, examples: Sequence[NamedNode]) -> Iterator[tuple[NamedNode, Term]]:
    at, release = facts.deployment.at, facts.newest.release
    yield RDF.type, VOID.Dataset
    yield from ((DCT.title, Literal(text, language=tag)) for tag, text in TITLE.items())
    yield from ((DCT.description, Literal(text, language=tag)) for tag, text in DESCRIPTION.items())
    yield DCT.publisher, facts.deployment.publisher.iri
    yield DCT.license, NamedNode(LICENCE)
    yield DCT.issued, Literal(facts.issued.isoformat(), datatype=XSD.date)
    yield DCT.modified, Literal(release.created.isoformat(), datatype=XSD.dateTime)
    yield DCAT.hasCurrentVersion, release_iri(release.number)
    yield FOAF.homepage, at("/")
    yield FOAF.page, at("/catalog")
    yield VOID.sparqlEndpoint, at("/sparql")
    yield from ((VOID.dataDump, at(f"/dumps/latest/{dump.name}")) for dump in DUMPS if dump.content.suffix in SYNTAXES)
    yield from ((VOID.feature, FORMATS[name]) for name in (*SYNTAXES.values(), *LOOKED_UP))
    yield VOID.uriSpace, Literal(ID.iri)
    yield from ((VOID.exampleResource, iri) for iri in examples)
    yield from ((VOID.vocabulary, NamedNode(iri)) for iri in _vocabularies(figures))
    yield VOID.triples, _number(figures.triples)
    yield VOID.entities, _number(figures.entities)
    yield VOID.distinctSubjects, _number(figures.subjects)
    yield VOID.classes, _number(len(figures.classes))
    yield VOID.properties, _number(len(figures.properties))
    yield from ((VOID.classPartition, _part("class", iri)) for iri in figures.classes)
    yield from ((VOID.propertyPartition, _part("property", iri)) for iri in figures.properties)
    yield from ((VOID.subset, _part("links", iri)) for iri in figures.links)


def _publisher(facts: Facts) -> Iterator[tuple[NamedNode, Term]]:
    yield RDF.type, FOAF.Agent
    yield FOAF.name, Literal(facts.deployment.publisher.name)


def _partitions(figures: Figures) -> Iterator[Triple]:
    for iri, count in figures.classes.items():
        part = _part("class", iri)
        yield Triple(part, VOID["class"], NamedNode(iri))
        yield Triple(part, VOID.entities, _number(count))
    for iri, use in figures.properties.items():
        part = _part("property", iri)
        yield Triple(part, VOID.property, NamedNode(iri))
        yield Triple(part, VOID.triples, _number(use.triples))
        yield Triple(part, VOID.distinctSubjects, _number(use.subjects))


def _links(figures: Figures) -> Iterator[Triple]:
    if figures.links:
        yield from about(ESCO, _esco())
    for iri, count in figures.links.items():
        part, name = _part("links", iri), iri.removeprefix(SKOS.iri)
        yield Triple(part, RDF.type, VOID.Linkset)
        yield Triple(part, DCT.title, Literal(f"Links to ESCO by skos:{name}", language="en"))
        yield Triple(part, VOID.subjectsTarget, DATASET)
        yield Triple(part, VOID.objectsTarget, ESCO)
        yield Triple(part, VOID.linkPredicate, NamedNode(iri))
        yield Triple(part, VOID.triples, _number(count))


def _esco() -> Iterator[tuple[NamedNode, Term]]:
    yield RDF.type, VOID.Dataset
    yield DCT.title, Literal("ESCO: European Skills, Competences, Qualifications and Occupations", language="en")
    yield FOAF.homepage, NamedNode("https://esco.ec.europa.eu/")
    yield VOID.uriSpace, Literal(ESCO_SPACE)


def _vocabularies(figures: Figures) -> list[str]:
    """The namespaces, of those that have a prefix here, whose classes or properties are used."""
    used = [*figures.classes, *figures.properties]
    return sorted(iri for iri in KNOWN.values() if any(term.startswith(iri) for term in used))


def _part(what: str, iri: str) -> NamedNode:
    """The identifier of a part, named for the term it is about: `...#class-trv-Role`."""
    named = next((f"{prefix}-{iri[len(start) :]}" for prefix, start in KNOWN.items() if iri.startswith(start)), iri)
    return NamedNode(f"{DATASET.value}#{what}-{named}")


def _number(count: int) -> Literal:
    return Literal(str(count), datatype=XSD.integer)
