"""The change log as a Linked Data Event Stream: every version of every entity, on pages that are linked by TREE.

https://w3id.org/ldes/specification and https://w3id.org/tree/specification. A member is what was said of an entity when
a release changed it. Its identifier is that of the entity with the number of the change as a fragment, so it leads to
the entity. Nothing is ever taken out of the stream: its retention policy begins with the first member.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from graph.changes import Changed, ChangeLog
from graph.dataset_facts import about
from graph.differences import Change
from graph.namespaces import AS, DCT, ID, LDES, PROV, RDF, SH, TREE, TRV, XSD
from graph.store import Term

STREAM: Final = ID["dataset/changes"]
SHAPE: Final = NamedNode(f"{STREAM.value}#member")
POLICY: Final = NamedNode(f"{STREAM.value}#retention")
PAGE: Final = 500  # members
LINKED: Final = 100  # pages that the root leads to; each one after them leads to the next
POLLING: Final = 300  # seconds
FOLLOWS: Final = TREE.GreaterThanOrEqualToRelation
ENDS: Final = TREE.LessThanOrEqualToRelation
PATHS: Final = ((DCT.isVersionOf, None), (PROV.generatedAtTime, XSD.dateTime), (TRV.changeNumber, XSD.integer))


@dataclass(frozen=True)
class Relation:
    """A link to a page: every member that one comes to by it is of these times, both included.

    Without a `last` there will be more of them.
    """

    page: int
    first: datetime
    last: datetime | None = None


@dataclass(frozen=True)
class Place:
    """Where a view of the stream is served: the address of the root, and the suffix of all its addresses, if any."""

    base: NamedNode
    suffix: str = ""

    @property
    def root(self) -> NamedNode:
        """The address of the root."""
        return NamedNode(self.base.value + self.suffix)

    def page(self, number: int) -> NamedNode:
        """The address of a page."""
        return NamedNode(f"{self.base.value}/{number}{self.suffix}")


def root(log: ChangeLog, upto: int, place: Place) -> Iterator[Triple]:
    """The root: what the stream is, and the pages that it leads to."""
    yield from about(STREAM, _stream(place))
    yield from about(SHAPE, _shape())
    yield from _kept(log, place)
    for path, datatype in PATHS:
        yield from about(_property(path), _constraint(path, datatype))
    for relation in _relations(log, upto):
        yield from _linked(place.root, relation, place)


def page(log: ChangeLog, upto: int, number: int, place: Place) -> Iterator[Triple]:
    """A page: its members, oldest first, and from the last that the root leads to on, the page after it."""
    found = log.members(number * PAGE, upto, PAGE)
    address = place.page(number)
    for changed, statements in found:
        yield Triple(STREAM, TREE.member, member_iri(changed))
        yield from member(changed, statements)
    if len(found) == PAGE:
        yield Triple(address, LDES.immutable, Literal(True))
        if number + 1 >= LINKED:
            yield from _linked(address, Relation(number + 1, found[-1][0].at), place)


def pages(count: int) -> int:
    """How many pages so many members have; from the last that the root leads to on, one more follows a full one."""
    return count // PAGE + 1 if count >= LINKED * PAGE else -(-count // PAGE)


def is_full(count: int, number: int) -> bool:
    """Whether a page will never change again, where there are so many members."""
    return count >= (number + 1) * PAGE


def member_iri(changed: Changed) -> NamedNode:
    """The identifier of one version of an entity."""
    return NamedNode(f"{changed.entity.value}#{changed.number}")


def member(changed: Changed, statements: bytes) -> Iterator[Triple]:
    """A version of an entity: what it said, of what it is a version, and its place in the log."""
    iri = member_iri(changed)
    yield Triple(iri, DCT.isVersionOf, changed.entity)
    yield Triple(iri, PROV.generatedAtTime, _time(changed.at))
    yield Triple(iri, TRV.changeNumber, Literal(changed.number))
    if changed.change is Change.WITHDRAWN:
        yield Triple(iri, RDF.type, AS.Delete)
    for quad in parse(statements, RdfFormat.N_TRIPLES):
        yield Triple(iri, quad.predicate, quad.object)


def _stream(place: Place) -> Iterable[tuple[NamedNode, Term]]:
    return (
        (RDF.type, LDES.EventStream),
        (TREE.view, place.root),
        (TREE.shape, SHAPE),
        (LDES.timestampPath, PROV.generatedAtTime),
        (LDES.sequencePath, TRV.changeNumber),
        (LDES.versionOfPath, DCT.isVersionOf),
        (LDES.versionDeletePath, RDF.type),
        (LDES.versionDeleteObject, AS.Delete),
        (LDES.pollingInterval, Literal(POLLING)),
    )


def _kept(log: ChangeLog, place: Place) -> Iterator[Triple]:
    """What is kept: everything since the first release. A policy that has no property would keep nothing."""
    if first := log.first_time():
        yield Triple(place.root, LDES.retentionPolicy, POLICY)
        yield from about(POLICY, ((RDF.type, LDES.RetentionPolicy), (LDES.startingFrom, _time(first))))


def _shape() -> Iterator[tuple[NamedNode, Term]]:
    """What every member has; the shapes of contributions do not hold for one that says its entity was withdrawn."""
    yield RDF.type, SH.NodeShape
    yield SH.nodeKind, SH.IRI
    yield from ((SH.property, _property(path)) for path, _ in PATHS)


def _property(path: NamedNode) -> NamedNode:
    return NamedNode(f"{SHAPE.value}-{path.value.replace('#', '/').rpartition('/')[2]}")


def _constraint(path: NamedNode, datatype: NamedNode | None) -> Iterator[tuple[NamedNode, Term]]:
    yield SH.path, path
    yield SH.minCount, Literal(1)
    yield SH.maxCount, Literal(1)
    yield (SH.datatype, datatype) if datatype else (SH.nodeKind, SH.IRI)


def _relations(log: ChangeLog, upto: int) -> Iterator[Relation]:
    count = log.count(upto)
    linked = range(min(pages(count), LINKED))
    times = log.times([*(one * PAGE + 1 for one in linked), *((one + 1) * PAGE for one in linked)])
    for one in linked:
        closed = is_full(count, one) and one + 1 < LINKED  # the last one leads on to more
        yield Relation(one, times[one * PAGE + 1], times[(one + 1) * PAGE] if closed else None)


def _linked(source: NamedNode, relation: Relation, place: Place) -> Iterator[Triple]:
    bounds = [(FOLLOWS, relation.first)] + ([(ENDS, relation.last)] if relation.last else [])
    for kind, time in bounds:
        iri = NamedNode(f"{source.value}#{'from' if kind == FOLLOWS else 'to'}-{relation.page}")
        yield Triple(source, TREE.relation, iri)
        yield Triple(iri, RDF.type, kind)
        yield Triple(iri, TREE.node, place.page(relation.page))
        yield Triple(iri, TREE.path, PROV.generatedAtTime)
        yield Triple(iri, TREE.value, _time(time))


def _time(moment: datetime) -> Literal:
    return Literal(moment.isoformat(), datatype=XSD.dateTime)
