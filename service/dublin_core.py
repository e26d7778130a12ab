"""A thing in unqualified Dublin Core: one table says which statement becomes which element. Nothing else is said."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode

from graph.differences import SECTOR_OF
from graph.namespaces import DCT, SCHEMA, SKOS, TRV, kind_and_slug
from graph.store import Term
from service.release_view import ReleaseView
from service.words import kind_name

Values = Callable[[ReleaseView, Term], Iterable[Literal]]


def as_stated(view: ReleaseView, term: Term) -> Iterator[Literal]:
    """A text with its language, an IRI as it is; what has no identity says nothing to others."""
    if isinstance(term, Literal | NamedNode):
        yield term if isinstance(term, Literal) else Literal(term.value)


def labels(view: ReleaseView, term: Term) -> Iterator[Literal]:
    """What a thing is called, in every language, else its composed label; a text is called what it says."""
    known = view.labels(term) if isinstance(term, NamedNode) else {}
    yield from (Literal(text, language=tag) if tag else Literal(text) for tag, text in sorted(known.items()))
    if not known:
        yield view.label(term)


ELEMENTS: Final[Mapping[NamedNode, tuple[str, Values]]] = {
    SKOS.definition: ("description", as_stated),
    DCT.description: ("description", as_stated),
    SCHEMA.url: ("identifier", as_stated),
    DCT.creator: ("creator", labels),
    DCT.publisher: ("publisher", labels),
    TRV.provider: ("publisher", labels),
    TRV.publisherName: ("publisher", as_stated),
    TRV.teaches: ("subject", labels),
    TRV.competency: ("subject", labels),
    TRV.inArea: ("subject", labels),
    TRV.language: ("language", as_stated),
    TRV.pageDate: ("date", as_stated),
    TRV.verifiedDate: ("date", as_stated),
    TRV.startDate: ("date", as_stated),
    TRV.year: ("date", as_stated),
    SKOS.broader: ("relation", as_stated),
    SKOS.narrower: ("relation", as_stated),
    SKOS.related: ("relation", as_stated),
    SKOS.exactMatch: ("relation", as_stated),
    SKOS.closeMatch: ("relation", as_stated),
    **dict.fromkeys(SECTOR_OF, ("coverage", labels)),
    TRV.location: ("coverage", as_stated),
    TRV.country: ("coverage", as_stated),
    TRV.region: ("coverage", as_stated),
    DCT.source: ("source", as_stated),
    DCT.license: ("rights", as_stated),
}


def dublin_core(view: ReleaseView, kind: str, iri: NamedNode) -> list[tuple[str, Literal]]:
    """The elements of a thing with their values, each once, in an order that stays."""
    found = [("title", one) for one in labels(view, iri)]
    found += [("identifier", Literal(iri.value)), ("type", Literal(kind_name(kind), language="en"))]
    own = sorted(view.dataset.describe(iri), key=str)
    for predicate, (element, values) in ELEMENTS.items():
        stated = (one.object for one in own if one.predicate == predicate)
        found += [(element, value) for term in stated for value in values(view, term)]
    found += [("rights", one) for one in _licences(view, iri)]
    return list(dict.fromkeys(found))


def _licences(view: ReleaseView, iri: NamedNode) -> Iterator[Literal]:
    """The licences of the contributions that state something of the thing."""
    graphs = {quad.graph_name for quad in view.dataset.quads(iri) if isinstance(quad.graph_name, NamedNode)}
    for graph in sorted(graphs, key=str):
        if (kind_and_slug(graph) or ("",))[0] == "contribution":
            for quad in view.dataset.quads(graph, DCT.license):
                yield from as_stated(view, quad.object)
