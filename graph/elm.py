"""Offerings as the European Learning Model writes them (ELM v3, profile of learning opportunities and qualifications).

The profile is closed and asks for more than most pages say. What the graph does not know is left out, never made up; a
document that lacks what `REQUIRED` names is no ELM and is not given. The field of study is always stated as `Field
unknown` (ISCED-F 2013, 9999), since nobody has classified the offerings by it.
"""

from collections.abc import Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from graph.authority_codes import AUTHORITY, country, language
from graph.namespaces import DCT, FOAF, RDF, SCHEMA, SKOS, TRV, XSD, Namespace
from graph.rewriting import Source, Statements, Writer, part, said, tagged

ELM: Final = Namespace("http://data.europa.eu/snb/model/elm/")
ROV: Final = Namespace("http://www.w3.org/ns/regorg#")
FIELDS: Final = NamedNode("http://data.europa.eu/snb/isced-f/25831c2")
FIELD_UNKNOWN: Final = NamedNode("http://data.europa.eu/snb/isced-f/9999")

REQUIRED: Final = {
    (ELM.LearningOpportunity, FOAF.homepage): "a web page of its own (`url`)",
    (ELM.LearningAchievementSpecification, ELM.learningOutcome): "a competency that it teaches (`competencies`)",
    (ELM.LearningOpportunity, ELM.defaultLanguage): "exactly one language that it is taught in (`language`)",
    (ELM.Organisation, ELM.location): "the country of its provider (`country` of the provider)",
}
"""What the shapes demand and an offering may lack, in the words of a contributor."""


def offering(source: Source, iri: NamedNode) -> Statements:
    """A LearningOpportunity with its provider and what it sets out to teach."""
    yield Triple(iri, RDF.type, ELM.LearningOpportunity)
    yield from source.copied(iri, {SKOS.prefLabel: DCT.title, SKOS.definition: DCT.description})
    yield from _homepage(source, iri)
    languages = [language(one.value) for one in source.texts(iri, TRV.language)]
    if len(languages) == 1:
        yield from _code(iri, ELM.defaultLanguage, languages[0], AUTHORITY.language)
    for provider in source.things(iri, TRV.provider):
        yield Triple(iri, ELM.providedBy, provider)
        yield from _organisation(source, provider)
    yield from _specification(source, iri, languages)
    yield from _price(source, iri)


def _specification(source: Source, iri: NamedNode, languages: list[NamedNode | None]) -> Statements:
    """What a person may learn: each competency is an expected learning outcome."""
    node = part(iri, "learning")
    yield Triple(iri, ELM.learningAchievementSpecification, node)
    yield Triple(node, RDF.type, ELM.LearningAchievementSpecification)
    yield from said(node, DCT.title, source.values(iri, SKOS.prefLabel))
    yield from _code(node, ELM.ISCEDFCode, FIELD_UNKNOWN, FIELDS)
    yield Triple(FIELD_UNKNOWN, SKOS.prefLabel, Literal("Field unknown", language="en"))
    for one in languages:
        yield from _code(node, DCT.language, one, AUTHORITY.language)
    for competency in source.things(iri, TRV.teaches):
        outcome = part(iri, f"outcome-{competency.value.rpartition('/')[2]}")
        names = source.values(competency, SKOS.prefLabel)
        yield Triple(node, ELM.learningOutcome, outcome)
        yield Triple(outcome, RDF.type, ELM.LearningOutcome)
        yield from said(outcome, DCT.title, names)
        for scheme in source.things(competency, SKOS.inScheme):
            yield from _code(outcome, ELM.relatedSkill, competency, scheme)
        yield from said(competency, SKOS.prefLabel, names)


def _organisation(source: Source, iri: NamedNode) -> Statements:
    """The provider under the name it goes by, in the country of its seat."""
    yield Triple(iri, RDF.type, ELM.Organisation)
    yield from said(iri, ROV.legalName, map(tagged, source.texts(iri, SKOS.prefLabel)))
    yield from _homepage(source, iri)
    code = source.text(iri, TRV.country)
    if code and (seat := country(code)):
        location, address = part(iri, "location"), part(iri, "address")
        yield Triple(iri, ELM.location, location)
        yield Triple(location, RDF.type, DCT.Location)
        yield Triple(location, ELM.address, address)
        yield Triple(address, RDF.type, ELM.Address)
        yield from _code(address, ELM.countryCode, seat, AUTHORITY.country)


def _homepage(source: Source, iri: NamedNode) -> Statements:
    for url in source.things(iri, SCHEMA.url):
        if url.value.lower().startswith(("http://", "https://")):
            node = part(iri, "homepage")
            yield Triple(iri, FOAF.homepage, node)
            yield Triple(node, RDF.type, ELM.WebResource)
            yield Triple(node, ELM.contentUrl, Literal(url.value, datatype=XSD.anyURI))


def _price(source: Source, iri: NamedNode) -> Statements:
    amount, currency = source.text(iri, TRV.costAmount), source.text(iri, TRV.costCurrency)
    if amount and currency:
        detail, node = part(iri, "price"), part(iri, "amount")
        yield Triple(iri, ELM.priceDetail, detail)
        yield Triple(detail, RDF.type, ELM.PriceDetail)
        yield Triple(detail, ELM.amount, node)
        yield Triple(node, RDF.type, ELM.Amount)
        yield Triple(node, RDF.value, Literal(amount, datatype=XSD.decimal))
        yield from _code(node, ELM.unit, AUTHORITY[f"currency/{currency}"], AUTHORITY.currency)


def _code(subject: NamedNode, predicate: NamedNode, code: NamedNode | None, scheme: NamedNode) -> Statements:
    """A value from a controlled list, with the list that it comes from, as the shapes want to see it."""
    if code is not None:
        yield Triple(subject, predicate, code)
        yield Triple(code, RDF.type, SKOS.Concept)
        yield Triple(code, SKOS.inScheme, scheme)
        yield Triple(scheme, RDF.type, SKOS.ConceptScheme)


WRITERS: Final[Mapping[str, Writer]] = {"offering": offering}
