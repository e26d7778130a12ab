"""Things as schema.org writes them, with the profiles of Bioschemas where their minimum is met.

Nothing is stated that the graph does not say. `http://schema.org/` is the namespace, dates and prices are texts, as its
consumers read them.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from graph.namespaces import DCT, FOAF, QB, RDF, RDFS, SCHEMA, SKOS, TRV, entity, kind_and_slug
from graph.rewriting import Source, Statements, Writer, part, said
from graph.store import Term

COURSE_PROFILE: Final = NamedNode("https://bioschemas.org/profiles/Course/1.0-RELEASE")
INSTANCE_PROFILE: Final = NamedNode("https://bioschemas.org/profiles/CourseInstance/1.0-RELEASE")
ESCO_OCCUPATIONS: Final = "http://data.europa.eu/esco/occupation/"
GATHERINGS: Final = tuple(entity("offering-type", one) for one in ("conference", "conference-session", "exchange"))
"""Types of offering that are no courses."""

COURSE_MODES: Final = {
    entity("mode", "hybrid"): "blended",
    entity("mode", "in-person"): "onsite",
    entity("mode", "online-live"): "online",
    entity("mode", "online-self-paced"): "online",
}
NAMED: Final = {SKOS.prefLabel: SCHEMA.name, SKOS.definition: SCHEMA.description, SKOS.altLabel: SCHEMA.alternateName}
OFFERED: Final = {
    SKOS.prefLabel: SCHEMA.name,
    SCHEMA.url: SCHEMA.url,
    TRV.awards: SCHEMA.educationalCredentialAwarded,
    TRV.free: SCHEMA.isAccessibleForFree,
    TRV.language: SCHEMA.inLanguage,
}


def offering(source: Source, iri: NamedNode) -> Statements:
    """A Course, or an EducationEvent for what is a gathering rather than teaching."""
    gathering = _is_gathering(source, iri)
    competencies = source.things(iri, TRV.teaches)
    keywords = _keywords(source, competencies)
    yield Triple(iri, RDF.type, SCHEMA.EducationEvent if gathering else SCHEMA.Course)
    yield from source.copied(iri, OFFERED)
    yield from said(iri, SCHEMA.description, descriptions(source, iri))
    yield from said(iri, SCHEMA.keywords, [keywords or None])
    yield from said(iri, DCT.conformsTo, [COURSE_PROFILE] if keywords and not gathering else [])
    yield from said(iri, SCHEMA.duration if gathering else SCHEMA.timeRequired, source.values(iri, TRV.duration))
    yield from _terms(source, iri, SCHEMA.teaches, competencies)
    yield from _terms(source, iri, SCHEMA.educationalLevel, source.things(iri, TRV.level))
    yield from _price(source, iri)
    for provider in source.things(iri, TRV.provider):
        yield Triple(iri, SCHEMA.organizer if gathering else SCHEMA.provider, provider)
        yield from _organisation(source, provider)
    yield from _runs(source, iri, gathering)


def session(source: Source, iri: NamedNode) -> Statements:
    """A CourseInstance, or an EducationEvent, below the offering that it is a run of."""
    for one in source.things(iri, TRV.offering):
        gathering = _is_gathering(source, one)
        yield Triple(one, RDF.type, SCHEMA.EducationEvent if gathering else SCHEMA.Course)
        yield Triple(one, SCHEMA.subEvent if gathering else SCHEMA.hasCourseInstance, iri)
        yield from source.copied(one, {SKOS.prefLabel: SCHEMA.name})
        yield from said(iri, SCHEMA.name, source.values(one, SKOS.prefLabel))
        yield from _run(source, one, iri, gathering)


def role(source: Source, iri: NamedNode) -> Statements:
    """An Occupation with the skills that are essential to it."""
    yield Triple(iri, RDF.type, SCHEMA.Occupation)
    yield from source.copied(iri, NAMED)
    matches = source.things(iri, SKOS.exactMatch) + source.things(iri, SKOS.closeMatch)
    for match in (one for one in matches if one.value.startswith(ESCO_OCCUPATIONS)):
        yield Triple(iri, SCHEMA.occupationalCategory, match)
        yield Triple(match, RDF.type, SCHEMA.CategoryCode)
    requirements = source.pointing(TRV.role, iri)
    essential = (one for one in requirements if entity("importance", "essential") in source.values(one, TRV.importance))
    yield from _terms(
        source, iri, SCHEMA.skills, [two for one in essential for two in source.things(one, TRV.competency)]
    )


def concept(source: Source, iri: NamedNode) -> Statements:
    """A DefinedTerm in the set of its scheme, and of its area."""
    yield Triple(iri, RDF.type, SCHEMA.DefinedTerm)
    yield from source.copied(iri, NAMED | {SKOS.exactMatch: SCHEMA.sameAs})
    yield from said(iri, SCHEMA.termCode, source.values(iri, SKOS.notation) or [_slug(iri)])
    for one in source.things(iri, SKOS.inScheme) + source.things(iri, TRV.inArea):
        yield Triple(iri, SCHEMA.inDefinedTermSet, one)
        yield from _termset(source, one)


def area(source: Source, iri: NamedNode) -> Statements:
    """A DefinedTermSet that is part of its framework and holds its competencies."""
    yield from _termset(source, iri)
    for framework in source.things(iri, SKOS.inScheme):
        yield Triple(iri, SCHEMA.isPartOf, framework)
        yield from _termset(source, framework)
    for competency in source.pointing(TRV.inArea, iri):
        yield Triple(iri, SCHEMA.hasDefinedTerm, competency)
        yield from _term(source, competency)


def scheme(source: Source, iri: NamedNode) -> Statements:
    """A DefinedTermSet with what is at its top: the areas of a framework are sets themselves."""
    yield from _termset(source, iri)
    yield from source.copied(
        iri, {DCT.license: SCHEMA.license, SCHEMA.url: SCHEMA.url, DCT.description: SCHEMA.description}
    )
    yield from source.copied(iri, {SKOS.definition: SCHEMA.description})
    yield from _publisher(source, iri)
    for top in source.things(iri, SKOS.hasTopConcept):
        is_area = TRV.Area in source.values(top, RDF.type)
        yield Triple(iri, SCHEMA.hasPart if is_area else SCHEMA.hasDefinedTerm, top)
        yield from _termset(source, top) if is_area else _term(source, top)


def provider(source: Source, iri: NamedNode) -> Statements:
    """An Organization, with the country and region of its seat."""
    yield from _organisation(source, iri)
    address = part(iri, "address")
    found = list(source.copied(iri, {TRV.country: SCHEMA.addressCountry, TRV.region: SCHEMA.addressRegion}))
    if found:
        yield Triple(iri, SCHEMA.address, address)
        yield Triple(address, RDF.type, SCHEMA.PostalAddress)
        yield from (Triple(address, one.predicate, one.object) for one in found)


def data_set(source: Source, iri: NamedNode) -> Statements:
    """A Dataset: the figures of a survey, or the gaps."""
    yield Triple(iri, RDF.type, SCHEMA.Dataset)
    yield from source.copied(iri, {SKOS.prefLabel: SCHEMA.name, DCT.description: SCHEMA.description})
    yield from source.copied(iri, {SCHEMA.url: SCHEMA.url, DCT.license: SCHEMA.license})
    yield from _publisher(source, iri)
    structures = source.things(iri, QB.structure)
    components = (two for one in structures for two in source.things(one, QB.component))
    measures = [two for one in components for two in source.things(one, QB.measure)]
    yield from said(iri, SCHEMA.variableMeasured, [source.text(one, RDFS.label, "en") for one in measures])


def descriptions(source: Source, iri: NamedNode) -> list[Term]:
    """How an offering is described; one that is not, by its type, its provider and what it teaches."""
    if found := source.values(iri, SKOS.definition):
        return found
    keywords = _keywords(source, source.things(iri, TRV.teaches))
    form = ", ".join(_english(source, one) for one in source.things(iri, TRV.offeringType))
    by = ", ".join(_english(source, one) for one in source.things(iri, TRV.provider))
    taught = f" Teaches: {keywords}." if keywords else ""
    return [Literal(f"{form} by {by}.{taught}", language="en")]


def _keywords(source: Source, competencies: Iterable[NamedNode]) -> str:
    return ", ".join(sorted(_english(source, one) for one in competencies))


def _is_gathering(source: Source, iri: NamedNode) -> bool:
    return any(one in GATHERINGS for one in source.things(iri, TRV.offeringType))


def _runs(source: Source, iri: NamedNode, gathering: bool) -> Statements:
    """The sessions; without any, what is known of how one takes part in whichever there will be."""
    sessions = source.pointing(TRV.offering, iri)
    unnamed = [part(iri, "instance")] if source.values(iri, TRV.mode) and not gathering else []
    for one in sessions or unnamed:
        yield Triple(iri, SCHEMA.subEvent if gathering else SCHEMA.hasCourseInstance, one)
        yield from _run(source, iri, one, gathering)


def _run(source: Source, iri: NamedNode, one: NamedNode, gathering: bool) -> Statements:
    modes = source.things(one, TRV.mode) or source.things(iri, TRV.mode)
    locations = source.values(one, TRV.location)
    yield Triple(one, RDF.type, SCHEMA.EducationEvent if gathering else SCHEMA.CourseInstance)
    yield from said(one, SCHEMA.startDate, [source.text(one, TRV.startDate)])
    yield from said(one, SCHEMA.endDate, [source.text(one, TRV.endDate)])
    yield from said(one, SCHEMA.location, locations)
    if not gathering:
        yield from said(one, SCHEMA.courseMode, [COURSE_MODES.get(mode) for mode in modes])
        yield from said(one, DCT.conformsTo, [INSTANCE_PROFILE] if modes and locations else [])


def _price(source: Source, iri: NamedNode) -> Statements:
    price = source.text(iri, TRV.costAmount)
    if price is not None:
        offer = part(iri, "offer")
        yield Triple(iri, SCHEMA.offers, offer)
        yield Triple(offer, RDF.type, SCHEMA.Offer)
        yield Triple(offer, SCHEMA.price, Literal(price))
        yield from said(offer, SCHEMA.priceCurrency, [source.text(iri, TRV.costCurrency)])


def _organisation(source: Source, iri: NamedNode) -> Statements:
    yield Triple(iri, RDF.type, SCHEMA.Organization)
    yield from source.copied(iri, {SKOS.prefLabel: SCHEMA.name, SCHEMA.url: SCHEMA.url})


def _publisher(source: Source, iri: NamedNode) -> Statements:
    """Who published it: an agent of the graph, or an organisation that is known by its name only."""
    for agent in source.things(iri, DCT.publisher):
        yield Triple(iri, SCHEMA.publisher, agent)
        yield Triple(agent, RDF.type, SCHEMA.Organization)
        yield from source.copied(agent, {FOAF.name: SCHEMA.name})
    for name in source.texts(iri, TRV.publisherName):
        publisher = part(iri, "publisher")
        yield Triple(iri, SCHEMA.publisher, publisher)
        yield Triple(publisher, RDF.type, SCHEMA.Organization)
        yield Triple(publisher, SCHEMA.name, name)


def _terms(source: Source, iri: NamedNode, predicate: NamedNode, terms: list[NamedNode]) -> Statements:
    for term in terms:
        yield Triple(iri, predicate, term)
        yield from _term(source, term)


def _term(source: Source, iri: NamedNode) -> Statements:
    yield Triple(iri, RDF.type, SCHEMA.DefinedTerm)
    yield from source.copied(iri, {SKOS.prefLabel: SCHEMA.name, SKOS.inScheme: SCHEMA.inDefinedTermSet})


def _termset(source: Source, iri: NamedNode) -> Statements:
    yield Triple(iri, RDF.type, SCHEMA.DefinedTermSet)
    yield from source.copied(iri, {SKOS.prefLabel: SCHEMA.name})


def _english(source: Source, iri: NamedNode) -> str:
    """The English label, else any, else the slug."""
    return source.text(iri, SKOS.prefLabel, "en") or source.text(iri, SKOS.prefLabel) or _slug(iri)


def _slug(iri: NamedNode) -> str:
    return (kind_and_slug(iri) or ("", iri.value))[1]


CODES: Final = (
    "basis", "gap-state", "importance", "level", "mode", "need-kind", "offering-type",
    "provider-kind", "relation", "sector", "source", "unit",
)  # fmt: skip
"""The kinds of the controlled lists."""

WRITERS: Final[Mapping[str, Writer]] = {
    "area": area,
    "competency": concept,
    "dataset": data_set,
    "framework": scheme,
    "offering": offering,
    "provider": provider,
    "role": role,
    "scheme": scheme,
    "session": session,
    "survey": data_set,
    **dict.fromkeys(CODES, concept),
}
