"""The words that a reader meets for kinds of thing and for properties; the shapes and the vocabulary decide them."""

from typing import Final

from flask import current_app
from pyoxigraph import NamedNode

from graph.namespaces import DCT, OWL, PROV, QB, RDFS, SCHEMA, SKOS, entity
from graph.schema import Column, Schema
from service.languages import Names, gettext, interface_language, marked
from service.negotiation import PAGE_LANGUAGE
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

BORROWED: Final = Names(
    {
        DCT.isReplacedBy: marked("replaced by"),
        DCT.license: marked("licence"),
        DCT.source: marked("source"),
        DCT.title: marked("title"),
        OWL.deprecated: marked("deprecated"),
        PROV.endedAtTime: marked("received"),
        PROV.startedAtTime: marked("begun"),
        PROV.wasAssociatedWith: marked("contributor"),
        QB.dataSet: marked("data set"),
        RDFS.seeAlso: marked("see also"),
        SCHEMA.url: marked("web page"),
        SKOS.broader: marked("broader"),
        SKOS.broadMatch: marked("broader elsewhere"),
        SKOS.closeMatch: marked("close match"),
        SKOS.exactMatch: marked("exact match"),
        SKOS.hasTopConcept: marked("top concepts"),
        SKOS.inScheme: marked("in scheme"),
        SKOS.narrower: marked("narrower"),
        SKOS.narrowMatch: marked("narrower elsewhere"),
        SKOS.notation: marked("notation"),
        SKOS.related: marked("related"),
        SKOS.topConceptOf: marked("top concept of"),
    }
)
"""Names of properties that other vocabularies define."""


KINDS: Final = (
    marked("Area"),
    marked("Competency"),
    marked("Framework"),
    marked("Alternative label"),
    marked("Mapping"),
    marked("Need"),
    marked("Offering"),
    marked("Provider"),
    marked("Requirement"),
    marked("Role"),
    marked("Session"),
    marked("Survey"),
    marked("Sector"),
    marked("Gap"),
    marked("Scheme"),
    marked("Contribution"),
    marked("Contributor"),
    marked("Release"),
    marked("Agent"),
    marked("Level"),
    marked("Mode"),
    marked("Graph"),
    marked("Offering type"),
    marked("Collection"),
    marked("Component"),
    marked("Gap state"),
    marked("Importance"),
    marked("Need kind"),
    marked("Provider kind"),
    marked("Source"),
    marked("Structure"),
    marked("Unit"),
    marked("Status"),
    marked("Basis"),
    marked("Region"),
)
"""The names of kinds, as the shapes and their own slugs have them."""

COUNTED: Final = Names(
    {
        "competencies": marked("competencies"),
        "roles": marked("roles"),
        "offerings": marked("offerings"),
        "providers": marked("providers"),
        "surveys": marked("surveys"),
        "needs": marked("needs"),
        "sectors": marked("sectors"),
        "areas": marked("areas"),
        "frameworks": marked("frameworks"),
    }
)
"""What is counted, after its number."""

PARAMETERS: Final = (
    marked("Area"),
    marked("Asked by"),
    marked("Basis"),
    marked("By"),
    marked("Change"),
    marked("Check"),
    marked("Competency"),
    marked("Contributor"),
    marked("Count"),
    marked("Country"),
    marked("Days"),
    marked("Entity"),
    marked("Framework"),
    marked("Free"),
    marked("From"),
    marked("From day"),
    marked("From role"),
    marked("Graph"),
    marked("Kind"),
    marked("Lacks"),
    marked("Lang"),
    marked("Language"),
    marked("Level"),
    marked("Limit"),
    marked("Mode"),
    marked("Months"),
    marked("Near"),
    marked("Offering"),
    marked("Offset"),
    marked("On day"),
    marked("Provider"),
    marked("Q"),
    marked("Region"),
    marked("Relation"),
    marked("Release"),
    marked("Role"),
    marked("Sector"),
    marked("Sector count"),
    marked("Since"),
    marked("State"),
    marked("Survey"),
    marked("To"),
    marked("To role"),
    marked("Type"),
    marked("Until"),
    marked("Upcoming"),
    marked("Who"),
    marked("Word language"),
    marked("Years"),
)
"""The names of parameters, as `words` makes them."""


COLUMNS: Final = (
    marked("Definition"),
    marked("Exact matches"),
    marked("Framework"),
    marked("Home page"),
    marked("Label"),
    marked("Licence"),
    marked("Link"),
    marked("Name"),
    marked("Replaced by"),
    marked("Source"),
    marked("Sources"),
    marked("Survey"),
)
"""The titles of columns whose property another vocabulary defines, as the shapes have them."""


def kind_name(kind: str) -> str:
    """A kind of thing as a heading in the language of the page."""
    return str(gettext(english_kind_name(kind)))


def english_kind_name(kind: str) -> str:
    """A kind of thing as a heading, for programs: `offering-type` is `Offering type`."""
    schema: Schema = current_app.extensions["trivium.schema"]
    label = schema.kinds[kind].label if kind in schema.kinds else ""
    return label or kind.replace("-", " ").capitalize()


def property_name(asked: Asked, predicate: NamedNode) -> str:
    """A property as the vocabulary labels it, else as we call it, else the words of its IRI."""
    labels = asked.view.labels(predicate)
    label = labels.get(interface_language()) or BORROWED.get(predicate) or labels.get("en")
    return (label or words(predicate.value)).lower()


def column_name(asked: Asked, column: Column) -> str:
    """A column of a kind as the shapes call it, in another language as the vocabulary labels its property."""
    label = None if interface_language() == PAGE_LANGUAGE else asked.view.labels(column.path).get(interface_language())
    return label.capitalize() if label else str(gettext(column.title))


def parameter_name(name: str) -> str:
    """A parameter as the label of its field."""
    return str(gettext(words(name).capitalize()))


def concept_name(asked: Asked, kind: str, slug: str) -> str:
    """A term of a controlled list within a sentence: `training-need` of `need-kind` is `training need`."""
    return asked.label(entity(kind, slug)).lower()


def words(name: str) -> str:
    """The last part of an IRI, or a name, as words: `broadMatch` is `broad match`."""
    last = name.replace("#", "/").rstrip("/").rpartition("/")[2]
    spaced = "".join(f" {one.lower()}" if one.isupper() else one for one in last)
    return spaced.replace("-", " ").replace("_", " ").strip()
