"""The catalogue as DCAT 3, by the European profile DCAT-AP 3.0.1: the dataset, its releases, their files, services.

The dataset is the one that goes on; each release is a version of it (DCAT 3, 11). A file that is not made yet has no
size and no checksum: they are said when it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from graph.dataset_facts import Edition, Facts, about
from graph.dataset_text import (
    CATALOGUE,
    CATALOGUE_DESCRIPTION,
    CATALOGUE_TITLE,
    DATASET,
    DESCRIPTION,
    KEYWORDS,
    LICENCE,
    TITLE,
    release_iri,
)
from graph.dumps import DUMPS, Dump
from graph.interfaces import INTERFACES, Interface
from graph.namespaces import ADMS, DCAT, DCATAP, DCT, FOAF, RDF, SPDX, VCARD, XSD, Namespace
from graph.store import Term

EU: Final = Namespace("http://publications.europa.eu/resource/authority/")
IANA: Final = Namespace("https://www.iana.org/assignments/media-types/")
PROFILE: Final = NamedNode("https://semiceu.github.io/DCAT-AP/releases/3.0.1/")
EARTH: Final = NamedNode("http://sws.geonames.org/6295630/")
CHANGE: Final = Namespace("http://purl.org/adms/changetype/")
CONTACT: Final = NamedNode(f"{CATALOGUE.value}#contact")
THEMES: Final = EU["data-theme"]
THEME: Final = EU["data-theme/EDUC"]
LANGUAGES: Final[Mapping[str, str]] = {
    "ca": "CAT", "cs": "CES", "da": "DAN", "de": "DEU", "el": "ELL", "en": "ENG", "es": "SPA", "et": "EST", "eu": "EUS",
    "fi": "FIN", "fr": "FRA", "ga": "GLE", "gl": "GLG", "hr": "HRV", "hu": "HUN", "it": "ITA", "lt": "LIT", "lv": "LAV",
    "nl": "NLD", "no": "NOR", "pl": "POL", "pt": "POR", "ro": "RON", "sk": "SLK", "sl": "SLV", "sv": "SWE",
}  # fmt: skip
"""The codes of the EU's list of languages by the tags that labels have; another language is not stated."""

Said = Iterator[tuple[NamedNode, Term]]


def catalogue(facts: Facts) -> Iterator[Triple]:
    """Every statement of the catalogue."""
    yield from about(CATALOGUE, _catalogue(facts))
    yield from about(DATASET, _dataset(facts))
    yield from _record(DATASET, facts.issued, facts.newest, CHANGE.updated)
    for at, edition in enumerate(facts.editions):
        following = facts.editions[at + 1 : at + 2]
        iri = release_iri(edition.release.number)
        yield from about(iri, _version(facts, edition, following))
        yield from _record(iri, edition.release.created.date(), edition, CHANGE.created)
        yield from _period(iri, edition.since, edition.release.as_of)
        for dump in DUMPS:
            yield from _file(facts, iri, edition, dump, str(edition.release.number))
    yield from _period(DATASET, facts.newest.since, facts.newest.release.as_of)
    for dump in DUMPS:
        yield from _file(facts, DATASET, facts.newest, dump, "latest")
    for interface in INTERFACES:
        yield from about(service_iri(interface), _service(facts, interface))
    yield from _people(facts)


def service_iri(interface: Interface) -> NamedNode:
    """The identifier of an interface in the catalogue."""
    return NamedNode(f"{CATALOGUE.value}#{interface.name}")


def file_iri(of: NamedNode, dump: Dump) -> NamedNode:
    """The identifier of one file of the dataset or of a release."""
    return NamedNode(f"{of.value}#{dump.name}")


def _catalogue(facts: Facts) -> Said:
    yield RDF.type, DCAT.Catalog
    yield from _texts(DCT.title, CATALOGUE_TITLE)
    yield from _texts(DCT.description, CATALOGUE_DESCRIPTION)
    yield from _common(facts)
    yield DCT.issued, _date(facts.issued)
    yield DCT.modified, _moment(facts.newest.release.created)
    yield DCAT.themeTaxonomy, THEMES
    yield DCT.spatial, EARTH
    yield FOAF.homepage, facts.deployment.at("/")
    yield from ((DCAT.dataset, iri) for iri in _datasets(facts))
    yield from ((DCAT.record, _record_iri(iri)) for iri in _datasets(facts))
    yield from ((DCAT.service, service_iri(one)) for one in INTERFACES)


def _datasets(facts: Facts) -> list[NamedNode]:
    return [DATASET, *(release_iri(edition.release.number) for edition in facts.editions)]


def _dataset(facts: Facts) -> Said:
    yield from _described(facts, TITLE)
    yield DCT.identifier, Literal(DATASET.value)
    yield DCT.issued, _date(facts.issued)
    yield DCT.modified, _moment(facts.newest.release.created)
    yield DCT.accrualPeriodicity, EU["frequency/UPDATE_CONT"]
    yield DCT.temporal, _fragment(DATASET, "period")
    yield from ((DCAT.hasVersion, release_iri(edition.release.number)) for edition in facts.editions)
    yield DCAT.hasCurrentVersion, release_iri(facts.newest.release.number)
    yield from ((DCAT.distribution, file_iri(DATASET, dump)) for dump in DUMPS)


def _version(facts: Facts, edition: Edition, following: Sequence[Edition]) -> Said:
    number, release = edition.release.number, edition.release
    iri = release_iri(number)
    names = {"en": f"{TITLE['en']}, release {number}", "es": f"{TITLE['es']}, versión {number}"}
    yield from _described(facts, names)
    yield DCT.identifier, Literal(iri.value)
    yield DCT.issued, _moment(release.created)
    yield DCT.modified, _moment(release.created)
    yield DCT.accrualPeriodicity, EU["frequency/NEVER"]
    yield DCT.temporal, _fragment(iri, "period")
    yield DCAT.version, Literal(str(number))
    yield DCAT.isVersionOf, DATASET
    yield from ((DCAT.previousVersion, release_iri(one.release.number)) for one in following)
    notes = f"{release.quads} statements; gaps as of {release.as_of}; digest {release.digest}."
    yield ADMS.versionNotes, Literal(notes, language="en")
    yield from ((DCAT.distribution, file_iri(iri, dump)) for dump in DUMPS)


def _described(facts: Facts, names: Mapping[str, str]) -> Said:
    """What the dataset and every version of it have in common."""
    yield RDF.type, DCAT.Dataset
    yield from _texts(DCT.title, names)
    yield from _texts(DCT.description, DESCRIPTION)
    yield from ((DCAT.keyword, Literal(word, language=tag)) for tag, words in KEYWORDS.items() for word in words)
    yield from _common(facts)
    yield DCT.creator, facts.deployment.publisher.iri
    yield DCT.accessRights, EU["access-right/PUBLIC"]
    yield DCAT.contactPoint, CONTACT
    yield DCAT.theme, THEME
    yield DCT.spatial, EARTH
    yield DCAT.landingPage, facts.deployment.at("/catalog")
    yield FOAF.page, facts.deployment.at("/docs")


def _common(facts: Facts) -> Said:
    yield DCT.publisher, facts.deployment.publisher.iri
    yield DCT.license, NamedNode(LICENCE)
    yield from ((DCT.language, EU[f"language/{LANGUAGES[one]}"]) for one in facts.languages if one in LANGUAGES)


def _file(facts: Facts, of: NamedNode, edition: Edition, dump: Dump, number: str) -> Iterator[Triple]:
    iri, made = file_iri(of, dump), edition.manifest.files.get(dump.name) if edition.manifest else None
    checksum = _fragment(of, f"{dump.name}-sha256")
    said: list[tuple[NamedNode, Term]] = [
        (RDF.type, DCAT.Distribution),
        (DCT.title, Literal(dump.title, language="en")),
        (DCT.description, Literal(dump.content.description, language="en")),
        (DCAT.accessURL, facts.deployment.at(f"/dumps/{number}/")),
        (DCAT.downloadURL, facts.deployment.at(f"/dumps/{number}/{dump.name}")),
        (DCAT.mediaType, IANA[dump.content.media_type]),
        (DCAT.packageFormat if dump.packing.archive else DCAT.compressFormat, IANA[dump.packing.media_type]),
        (DCT.format, EU[f"file-type/{dump.content.file_type}"]),
        (DCT.license, NamedNode(LICENCE)),
        (DCT.issued, _moment(edition.release.created)),
        (DCT.modified, _moment(edition.release.created)),
        (DCATAP.availability, EU[f"planned-availability/{'STABLE' if of == DATASET else 'TEMPORARY'}"]),
    ]
    if made:
        size = Literal(str(made.bytes), datatype=XSD.nonNegativeInteger)
        said += [(DCAT.byteSize, size), (SPDX.checksum, checksum)]
        yield from _checksum(checksum, made.sha256)
    yield from about(iri, said)


def _checksum(iri: NamedNode, digits: str) -> Iterator[Triple]:
    yield Triple(iri, RDF.type, SPDX.Checksum)
    yield Triple(iri, SPDX.algorithm, SPDX.checksumAlgorithm_sha256)
    yield Triple(iri, SPDX.checksumValue, Literal(digits, datatype=XSD.hexBinary))


def _service(facts: Facts, interface: Interface) -> Said:
    yield RDF.type, DCAT.DataService
    yield DCT.title, Literal(interface.title, language="en")
    yield DCT.description, Literal(interface.summary, language="en")
    yield DCAT.endpointURL, facts.deployment.at(interface.endpoint)
    yield DCAT.endpointDescription, facts.deployment.at(interface.description)
    yield DCT.conformsTo, NamedNode(interface.standard)
    yield DCAT.servesDataset, DATASET
    yield DCAT.contactPoint, CONTACT
    yield DCAT.theme, THEME
    yield DCAT.landingPage, facts.deployment.at("/docs")
    yield DCT.publisher, facts.deployment.publisher.iri
    yield DCT.license, NamedNode(LICENCE)
    yield DCT.accessRights, EU["access-right/PUBLIC"]
    yield from ((DCAT.keyword, Literal(word, language="en")) for word in interface.keywords)


def _record(topic: NamedNode, issued: date, edition: Edition, status: NamedNode) -> Iterator[Triple]:
    said: list[tuple[NamedNode, Term]] = [
        (RDF.type, DCAT.CatalogRecord),
        (FOAF.primaryTopic, topic),
        (DCT.issued, _date(issued)),
        (DCT.modified, _moment(edition.release.created)),
        (DCT.conformsTo, PROFILE),
        (ADMS.status, status),
    ]
    return about(_record_iri(topic), said)


def _record_iri(topic: NamedNode) -> NamedNode:
    return _fragment(topic, "record")


def _period(of: NamedNode, start: date, end: date) -> Iterator[Triple]:
    iri = _fragment(of, "period")
    yield Triple(iri, RDF.type, DCT.PeriodOfTime)
    yield Triple(iri, DCAT.startDate, _date(start))
    yield Triple(iri, DCAT.endDate, _date(end))


def _people(facts: Facts) -> Iterator[Triple]:
    publisher, contact = facts.deployment.publisher, facts.deployment.contact
    yield Triple(publisher.iri, RDF.type, FOAF.Agent)
    yield Triple(publisher.iri, FOAF.name, Literal(publisher.name))
    if publisher.type:
        yield Triple(publisher.iri, DCT.type, publisher.type)
    yield Triple(CONTACT, RDF.type, VCARD.Organization)
    yield Triple(CONTACT, VCARD.fn, Literal(publisher.name))
    reached = VCARD.hasEmail if contact.value.startswith("mailto:") else VCARD.hasURL
    yield Triple(CONTACT, reached, contact)


def _fragment(of: NamedNode, name: str) -> NamedNode:
    return NamedNode(f"{of.value}#{name}")


def _texts(predicate: NamedNode, texts: Mapping[str, str]) -> Said:
    return ((predicate, Literal(text, language=tag)) for tag, text in texts.items())


def _date(day: date) -> Literal:
    return Literal(day.isoformat(), datatype=XSD.date)


def _moment(moment: datetime) -> Literal:
    return Literal(moment.isoformat(), datatype=XSD.dateTime)
