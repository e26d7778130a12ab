"""Around a change: whose gaps it may touch, and what those are reckoned from.

Found by look-ups alone, so that the cost follows the change and not the graph, and so that a release and what is not
in it yet can be looked at as one.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from pyoxigraph import NamedNode, Quad

from graph.namespaces import DCT, QB, RDF, SKOS, TRV
from graph.store import Dataset, Term

Step = Callable[[NamedNode], Iterator[NamedNode]]


class Statements(Protocol):
    """What can be looked up in: a dataset, or several as one."""

    def quads(
        self, subject: NamedNode | None = None, predicate: NamedNode | None = None, object: Term | None = None
    ) -> Iterator[Quad]:
        """Every quad that matches the pattern; None matches anything."""


class Together:
    """Several datasets, seen as one."""

    def __init__(self, *datasets: Dataset) -> None:
        self._datasets = datasets

    def quads(
        self, subject: NamedNode | None = None, predicate: NamedNode | None = None, object: Term | None = None
    ) -> Iterator[Quad]:
        """Every quad of any of them that matches the pattern; None matches anything."""
        for dataset in self._datasets:
            yield from dataset.quads(subject, predicate, object)


def affected(known: Statements, changed: Iterable[NamedNode]) -> set[NamedNode]:
    """The competencies whose gaps may change when these entities change.

    An offering, a session, a provider, a requirement, a role, a need, a survey, a mapping or a competency leads to
    the competencies it speaks of, and from there to whatever is wider or exactly the same.
    """

    def wider(iri: NamedNode) -> Iterator[NamedNode]:
        return _objects(known, iri, SKOS.broader, SKOS.exactMatch)

    def same(iri: NamedNode) -> Iterator[NamedNode]:
        return _subjects(known, iri, SKOS.exactMatch)

    reached = _reached(_touched(known, set(changed)), wider, same)
    return {iri for iri in reached if _is_a(known, iri, TRV.Competency)}


def evidence(known: Statements, competencies: Iterable[NamedNode]) -> Iterator[NamedNode]:
    """The entities that speak of competencies: what `Field.load` reads of them; one may come several times."""

    def narrower(iri: NamedNode) -> Iterator[NamedNode]:
        return _subjects(known, iri, SKOS.broader, SKOS.exactMatch)

    def same(iri: NamedNode) -> Iterator[NamedNode]:
        return _objects(known, iri, SKOS.exactMatch)

    def merged(iri: NamedNode) -> Iterator[NamedNode]:
        return _subjects(known, iri, DCT.isReplacedBy)

    def replacing(iri: NamedNode) -> Iterator[NamedNode]:
        return _objects(known, iri, DCT.isReplacedBy)

    yield from _subjects(known, TRV.Role, RDF.type)  # a share of the roles needs their number
    for iri in _reached(competencies, merged):
        for claim in _subjects(known, iri, TRV.competency):
            yield claim
            yield from _objects(known, claim, QB.dataSet)
            yield from _reached(_objects(known, claim, TRV.role), replacing)
    for iri in _reached(competencies, narrower, same):
        yield iri
        yield from _subjects(known, iri, TRV["from"], TRV.to)
        for offering in _subjects(known, iri, TRV.teaches):
            yield offering
            yield from _subjects(known, offering, TRV.offering)
            yield from _reached(_objects(known, offering, TRV.provider), replacing)


def _touched(known: Statements, changed: set[NamedNode]) -> Iterator[NamedNode]:
    """What the changed entities themselves speak of."""
    yield from changed
    sectors = set[NamedNode]()
    for iri in changed:
        yield from _objects(known, iri, TRV.competency, TRV.teaches, TRV["from"], TRV.to)
        for offering in [*_objects(known, iri, TRV.offering), *_subjects(known, iri, TRV.provider)]:
            yield from _objects(known, offering, TRV.teaches)
        for need in _subjects(known, iri, QB.dataSet):
            yield from _objects(known, need, TRV.competency)
        if _is_a(known, iri, TRV.Role):
            sectors.update(_objects(known, iri, TRV.practisedIn, TRV.subSector))
    for role in {role for sector in sectors for role in _subjects(known, sector, TRV.practisedIn, TRV.subSector)}:
        for requirement in _subjects(known, role, TRV.role):
            yield from _objects(known, requirement, TRV.competency)


def _reached(start: Iterable[NamedNode], *steps: Step) -> set[NamedNode]:
    """Where any number of steps lead, the start itself too."""
    found, waiting = set[NamedNode](), list(start)
    while waiting:
        iri = waiting.pop()
        if iri not in found:
            found.add(iri)
            waiting += [following for step in steps for following in step(iri)]
    return found


def _objects(known: Statements, subject: NamedNode, *predicates: NamedNode) -> Iterator[NamedNode]:
    for predicate in predicates:
        for quad in known.quads(subject, predicate):
            if isinstance(quad.object, NamedNode):
                yield quad.object


def _subjects(known: Statements, object: NamedNode, *predicates: NamedNode) -> Iterator[NamedNode]:
    for predicate in predicates:
        for quad in known.quads(None, predicate, object):
            if isinstance(quad.subject, NamedNode):
                yield quad.subject


def _is_a(known: Statements, iri: NamedNode, kind: NamedNode) -> bool:
    return any(True for _ in known.quads(iri, RDF.type, kind))
