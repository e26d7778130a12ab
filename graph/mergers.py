"""Mergers: a thing says what has taken its place (`dct:isReplacedBy`), and is not one of its class any more.

So no query, list, gap or check counts it, and none of them has to think of it; what it said can still be read.
"""

from collections.abc import Iterable, Mapping

from pyoxigraph import NamedNode, Triple

from graph.namespaces import DCT, RDF, kind_and_slug
from graph.store import Dataset, Term


def settled(triples: Iterable[Triple]) -> list[Triple]:
    """What is published of statements: all but the types of things that say what has taken their place."""
    own = list(triples)
    merged = {one.subject for one in own if one.predicate == DCT.isReplacedBy and _is_merger(one.subject, one.object)}
    return [one for one in own if one.predicate != RDF.type or one.subject not in merged]


def replaced_by(dataset: Dataset, iri: NamedNode) -> NamedNode | None:
    """What has taken the place of a thing, by its own word; that may have been replaced itself."""
    objects = (quad.object for quad in dataset.quads(iri, DCT.isReplacedBy))
    found = sorted((one for one in objects if isinstance(one, NamedNode) and _is_merger(iri, one)), key=str)
    return found[0] if found else None


def successors(dataset: Dataset) -> dict[NamedNode, NamedNode]:
    """What stands in the end for each thing that was merged; one that leads in a circle is left out."""
    direct: dict[NamedNode, NamedNode] = {}
    for quad in dataset.quads(None, DCT.isReplacedBy):
        one, other = quad.subject, quad.object
        if isinstance(one, NamedNode) and isinstance(other, NamedNode) and _is_merger(one, other):
            direct[one] = min(other, direct.get(one, other), key=str)
    return {one: last for one in direct if (last := _followed(direct, one)) is not None}


def _followed(direct: Mapping[NamedNode, NamedNode], one: NamedNode) -> NamedNode | None:
    seen = set[NamedNode]()
    while one in direct and one not in seen:
        seen.add(one)
        one = direct[one]
    return None if one in seen else one


def current(dataset: Dataset, iri: NamedNode) -> NamedNode | None:
    """What stands for a thing now: itself, or what the last in a row of mergers led to; None if they lead nowhere."""
    seen = set[NamedNode]()
    while (following := replaced_by(dataset, iri)) is not None:
        seen.add(iri)
        if following in seen:
            return None
        iri = following
    return iri if any(True for _ in dataset.quads(iri)) else None


def _is_merger(one: Term, other: Term) -> bool:
    """Whether both are of a kind, as only what is can take the place of the other."""
    kinds = [kind_and_slug(term) if isinstance(term, NamedNode) else None for term in (one, other)]
    return None not in kinds and len({kind[0] for kind in kinds if kind}) == 1
