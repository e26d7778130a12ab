"""The catalogue as JSON-LD of schema.org, as search engines and the Dutch NDE Dataset Register read it.

The register reads `https://schema.org/`, and addresses of files as `xsd:anyURI`; dates are `xsd:date`.
"""

from collections.abc import Mapping
from typing import Any, Final

from graph.dataset_facts import Facts
from graph.dataset_text import (
    CATALOGUE,
    CATALOGUE_DESCRIPTION,
    CATALOGUE_TITLE,
    DATASET,
    DESCRIPTION,
    KEYWORDS,
    LICENCE,
    TITLE,
)
from graph.dcat import EARTH, file_iri
from graph.dumps import DUMPS, Dump
from graph.namespaces import XSD

_DATES: Final = ("dateCreated", "datePublished", "dateModified")
_LINKS: Final = (
    "license", "publisher", "creator", "dataset", "distribution", "includedInDataCatalog", "mainEntityOfPage",
    "spatialCoverage", "contactPoint",
)  # fmt: skip
CONTEXT: Final[Mapping[str, Any]] = {
    "@vocab": "https://schema.org/",
    **{name: {"@type": "@id"} for name in _LINKS},
    **{name: {"@type": XSD.date.value} for name in _DATES},
    "contentUrl": {"@type": XSD.anyURI.value},
    "url": {"@type": XSD.anyURI.value},
}


def markup(facts: Facts) -> dict[str, Any]:
    """The catalogue and its dataset, as one JSON-LD document."""
    return {
        "@context": CONTEXT,
        "@graph": [_catalogue(facts), _dataset(facts), _publisher(facts)],
    }


def _catalogue(facts: Facts) -> dict[str, Any]:
    return {
        "@id": CATALOGUE.value,
        "@type": "DataCatalog",
        "name": _texts(CATALOGUE_TITLE),
        "description": _texts(CATALOGUE_DESCRIPTION),
        "url": facts.deployment.at("/catalog").value,
        "publisher": facts.deployment.publisher.iri.value,
        "dataset": DATASET.value,
    }


def _dataset(facts: Facts) -> dict[str, Any]:
    publisher = facts.deployment.publisher.iri.value
    page = facts.deployment.at("/catalog").value
    return {
        "@id": DATASET.value,
        "@type": "Dataset",
        "name": _texts(TITLE),
        "description": _texts(DESCRIPTION),
        "identifier": DATASET.value,
        "version": str(facts.newest.release.number),
        "url": page,
        "mainEntityOfPage": page,
        "license": LICENCE,
        "isAccessibleForFree": True,
        "publisher": publisher,
        "creator": publisher,
        "dateCreated": facts.issued.isoformat(),
        "datePublished": facts.issued.isoformat(),
        "dateModified": facts.newest.release.created.date().isoformat(),
        "inLanguage": list(facts.languages),
        "keywords": [{"@value": word, "@language": tag} for tag, words in KEYWORDS.items() for word in words],
        "genre": "knowledge graph",
        "spatialCoverage": EARTH.value,
        "temporalCoverage": f"{facts.newest.since.year}/{facts.newest.release.as_of.isoformat()}",
        "includedInDataCatalog": CATALOGUE.value,
        "distribution": [_file(facts, dump) for dump in DUMPS],
    }


def _file(facts: Facts, dump: Dump) -> dict[str, Any]:
    edition = facts.newest
    made = edition.manifest.files.get(dump.name) if edition.manifest else None
    packed = dump.packing.media_type.partition("/")[2]
    return {
        "@id": file_iri(DATASET, dump).value,
        "@type": "DataDownload",
        "name": dump.title,
        "description": dump.content.description,
        "contentUrl": facts.deployment.at(f"/dumps/latest/{dump.name}").value,
        "encodingFormat": f"{dump.content.media_type}+{packed}",
        "license": LICENCE,
        "datePublished": edition.release.created.date().isoformat(),
        **({"contentSize": str(made.bytes), "sha256": made.sha256} if made else {}),
    }


def _publisher(facts: Facts) -> dict[str, Any]:
    publisher, contact = facts.deployment.publisher, facts.deployment.contact.value
    reached = {"email": contact.removeprefix("mailto:")} if contact.startswith("mailto:") else {"url": contact}
    return {
        "@id": publisher.iri.value,
        "@type": "Organization",
        "name": publisher.name,
        "identifier": publisher.iri.value,
        "contactPoint": {
            "@id": f"{CATALOGUE.value}#contact",
            "@type": "ContactPoint",
            "name": publisher.name,
            **reached,
        },
    }


def _texts(texts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@value": text, "@language": tag} for tag, text in texts.items()]
