"""The words that a reader meets for kinds of thing and for properties; the shapes and the vocabulary decide them."""

from typing import Final

from flask import current_app
from pyoxigraph import NamedNode

from graph.namespaces import DCT, OWL, PROV, QB, RDFS, SCHEMA, SKOS
from graph.schema import Schema
from service.operation import Asked

LISTS: Final = {
    "competency": "/competencies",
    "role": "/roles",
    "offering": "/offerings",
    "provider": "/providers",
    "sector": "/sectors",
    "need": "/needs",
    "area": "/areas",
    "survey": "/surveys",
    "framework": "/frameworks",
    "gap": "/gaps",
    "scheme": "/schemes",
}
"""Where the things of a kind are listed."""

BORROWED: Final = {
    DCT.isReplacedBy: "replaced by",
    DCT.license: "licence",
    DCT.source: "source",
    DCT.title: "title",
    OWL.deprecated: "deprecated",
    PROV.endedAtTime: "received",
    PROV.startedAtTime: "begun",
    PROV.wasAssociatedWith: "contributor",
    QB.dataSet: "data set",
    RDFS.seeAlso: "see also",
    SCHEMA.url: "web page",
    SKOS.broader: "broader",
    SKOS.broadMatch: "broader elsewhere",
    SKOS.closeMatch: "close match",
    SKOS.exactMatch: "exact match",
    SKOS.hasTopConcept: "top concepts",
    SKOS.inScheme: "in scheme",
    SKOS.narrower: "narrower",
    SKOS.narrowMatch: "narrower elsewhere",
    SKOS.notation: "notation",
    SKOS.related: "related",
    SKOS.topConceptOf: "top concept of",
}
"""Names of properties that other vocabularies define."""


LANGUAGES: Final = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "it": "Italian",
    "nl": "Dutch",
    "pt": "Portuguese",
}
"""English names of languages; any other is shown by its tag."""


def language_name(tag: str) -> str:
    """The English name of a language, by its tag."""
    return LANGUAGES.get(tag, tag)


def kind_name(kind: str) -> str:
    """A kind of thing as a heading: `offering-type` is `Offering type`."""
    schema: Schema = current_app.extensions["trivium.schema"]
    label = schema.kinds[kind].label if kind in schema.kinds else ""
    return label or kind.replace("-", " ").capitalize()


def property_name(asked: Asked, predicate: NamedNode) -> str:
    """A property as the vocabulary labels it in English, else as we call it, else the words of its IRI."""
    labels = asked.view.labels(predicate)
    return (labels.get("en") or BORROWED.get(predicate) or words(predicate.value)).lower()


def words(name: str) -> str:
    """The last part of an IRI, or a name, as words: `broadMatch` is `broad match`."""
    last = name.replace("#", "/").rstrip("/").rpartition("/")[2]
    spaced = "".join(f" {one.lower()}" if one.isupper() else one for one in last)
    return spaced.replace("-", " ").replace("_", " ").strip()
