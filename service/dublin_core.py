"""What is said of a thing, as simple Dublin Core (`oai_dc`): only what the data says, element by element."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from graph.namespaces import DCT, RDFS, SCHEMA, SKOS, TRV, kind_and_slug
from graph.store import Term
from service.release_view import ReleaseView
from service.words import kind_name

ELEMENTS: Final[Mapping[NamedNode, str]] = {
    SKOS.prefLabel: "title",
    DCT.title: "title",
    RDFS.label: "title",
    SKOS.definition: "description",
    DCT.description: "description",
    SCHEMA.url: "identifier",
    TRV.provider: "publisher",
    TRV.publisherName: "publisher",
    TRV.teaches: "subject",
    TRV.competency: "subject",
    TRV.inArea: "subject",
    TRV.language: "language",
    TRV.startDate: "date",
    TRV.pageDate: "date",
    TRV.verifiedDate: "date",
    TRV.year: "date",
    SKOS.broader: "relation",
    SKOS.narrower: "relation",
    SKOS.related: "relation",
    SKOS.exactMatch: "relation",
    SKOS.closeMatch: "relation",
    TRV.offering: "relation",
    TRV.addressedTo: "coverage",
    TRV.practisedIn: "coverage",
    TRV.sector: "coverage",
    TRV.serves: "coverage",
    TRV.location: "coverage",
    TRV.country: "coverage",
    TRV.region: "coverage",
    DCT.source: "source",
    DCT.license: "rights",
}
"""The element that each property is told in; a property that is not here is not told."""

ORDER: Final = ("title", "publisher", "subject", "description", "date", "type", "identifier", "source", "language",
                "relation", "coverage", "rights")  # fmt: skip
NAMED: Final = ("publisher", "subject", "coverage")
"""Elements whose values are words: a thing is told by its label."""


@dataclass(frozen=True, order=True)
class Value:
    """One element of Dublin Core, with the language of its text where it has one."""

    element: str
    text: str
    language: str = ""


def dublin_core(view: ReleaseView, iri: NamedNode) -> list[Value]:
    """What is said of a thing, each value once, in the order of the elements."""
    own = view.dataset.describe(iri)
    values = {*_stated(view, own), *_rights(view, iri), Value("identifier", iri.value)}
    named = kind_and_slug(iri)
    if named:
        values.add(Value("type", kind_name(named[0]), "en"))
    if not any(value.element == "title" for value in values):
        values.add(Value("title", view.label(iri).value))
    return sorted(values, key=lambda value: (ORDER.index(value.element), value))


def _stated(view: ReleaseView, own: Iterable[Triple]) -> Iterator[Value]:
    for triple in own:
        if element := ELEMENTS.get(triple.predicate):
            yield _value(view, element, triple.object)


def _value(view: ReleaseView, element: str, term: Term) -> Value:
    if isinstance(term, NamedNode):
        named = element in NAMED and kind_and_slug(term)
        label = view.label(term) if named else Literal(term.value)
        return Value(element, label.value, label.language or "")
    return Value(element, term.value, term.language or "") if isinstance(term, Literal) else Value(element, str(term))


def _rights(view: ReleaseView, iri: NamedNode) -> Iterator[Value]:
    """The licences of the contributions that describe the thing."""
    graphs = {quad.graph_name for quad in view.dataset.quads(iri)}
    for graph in graphs:
        if isinstance(graph, NamedNode):
            for quad in view.dataset.quads(graph, DCT.license):
                if isinstance(quad.object, NamedNode):
                    yield Value("rights", quad.object.value)
