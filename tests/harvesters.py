"""Harvesters, each written from the specification of its protocol: they know a service by HTTP only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

Term = NamedNode | BlankNode | Literal | Triple
Said = list[tuple[NamedNode, Term]]

RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


def ldes(name: str) -> NamedNode:
    return NamedNode(f"https://w3id.org/ldes#{name}")


def tree(name: str) -> NamedNode:
    return NamedNode(f"https://w3id.org/tree#{name}")


class Statements(dict[Term, Said]):
    """What a document says, by subject."""

    @classmethod
    def of(cls, content: bytes) -> "Statements":
        found = cls()
        for quad in parse(content, RdfFormat.TURTLE):
            found.setdefault(quad.subject, []).append((quad.predicate, quad.object))
        return found

    def values(self, subject: Term, predicate: NamedNode) -> list[Term]:  # type: ignore[override]
        return [value for name, value in self.get(subject, ()) if name == predicate]

    def one(self, subject: Term, predicate: NamedNode) -> Term:
        found = self.values(subject, predicate)
        assert len(found) == 1, (subject, predicate, found)
        return found[0]


@dataclass
class StreamClient:
    """Follows an event stream (LDES specification over the TREE hypermedia) and remembers what it has had.

    What it remembers is good at every moment, so that it may be stopped and go on.
    """

    client: FlaskClient
    start: str
    seen: dict[NamedNode, frozenset[tuple[NamedNode, Term]]] = field(default_factory=dict)
    finished: dict[str, list[str]] = field(default_factory=dict)
    bookmark: datetime | None = None
    fetched: list[str] = field(default_factory=list)
    about: Mapping[NamedNode, Term] = field(default_factory=dict)

    def follow(self, stop: Callable[[], bool] = lambda: False) -> bool:
        """Fetch what may hold members not had yet; False if it was stopped on the way."""
        first = self._fetch(self.start)
        views = [(subject, view) for subject in first for view in first.values(subject, tree("view"))]
        assert len(views) == 1, views
        [(stream, root)] = views
        self.about = dict(first[stream])
        assert ldes("EventStream") in first.values(stream, RDF_TYPE)
        waiting, taken = self._links(first, root), set[str]()
        while waiting:
            address = waiting.pop(0)
            if address in taken:
                continue
            if stop():
                return False
            taken.add(address)
            waiting += self.finished[address] if address in self.finished else self._take(stream, address)
        self.bookmark = max((self._time(one) for one in self.seen), default=None)
        return True

    def replica(self) -> tuple[dict[NamedNode, set[tuple[NamedNode, Term]]], set[NamedNode]]:
        """What the last version of each entity says, and which are deleted."""
        of, time, number = (self.about[ldes(f"{name}Path")] for name in ("versionOf", "timestamp", "sequence"))
        deletion = (self.about[ldes("versionDeletePath")], self.about[ldes("versionDeleteObject")])
        last = dict[NamedNode, frozenset[tuple[NamedNode, Term]]]()
        for member in sorted(self.seen, key=self._order):
            [entity] = [value for name, value in self.seen[member] if name == of]
            assert isinstance(entity, NamedNode)
            last[entity] = self.seen[member]
        gone = {entity for entity, said in last.items() if deletion in said}
        return {
            entity: {one for one in said if one[0] not in (of, time, number)}
            for entity, said in last.items()
            if entity not in gone
        }, gone

    def _take(self, stream: Term, address: str) -> list[str]:
        """Remember the members of a page, and where it leads to."""
        page = self._fetch(address)
        for member in page.values(stream, tree("member")):
            assert isinstance(member, NamedNode)
            said = frozenset(page[member])
            assert self.seen.get(member, said) == said, f"{member} is not what it was"
            self.seen[member] = said
        links = self._links(page, NamedNode(address))
        immutable = page.values(NamedNode(address), ldes("immutable"))
        assert immutable in ([], [Literal(True)])
        if immutable:
            self.finished[address] = links
        return links

    def _links(self, page: Statements, node: Term) -> list[str]:
        """The pages that may hold what is newer than the bookmark, those that begin earliest first."""
        first, last = dict[str, datetime](), dict[str, datetime]()
        for relation in page.values(node, tree("relation")):
            assert page.one(relation, tree("path")) == self.about[ldes("timestampPath")]
            leads, kind = page.one(relation, tree("node")), page.one(relation, RDF_TYPE)
            assert isinstance(leads, NamedNode)
            assert isinstance(kind, NamedNode)
            bounds = {tree("GreaterThanOrEqualToRelation"): first, tree("LessThanOrEqualToRelation"): last}[kind]
            bounds[leads.value] = _moment(page.one(relation, tree("value")))
        newer = [one for one in first if self.bookmark is None or last.get(one, self.bookmark) >= self.bookmark]
        return sorted(newer, key=first.__getitem__)

    def _order(self, member: NamedNode) -> tuple[datetime, int]:
        [number] = [value for name, value in self.seen[member] if name == self.about[ldes("sequencePath")]]
        assert isinstance(number, Literal)
        return self._time(member), int(number.value)

    def _time(self, member: NamedNode) -> datetime:
        [time] = [value for name, value in self.seen[member] if name == self.about[ldes("timestampPath")]]
        return _moment(time)

    def _fetch(self, address: str) -> Statements:
        self.fetched.append(address)
        answer = self.client.get(urlsplit(address).path, headers={"Accept": "text/turtle"})
        assert (answer.status_code, answer.mimetype) == (200, "text/turtle"), address
        return Statements.of(answer.data)


def _moment(value: Term) -> datetime:
    assert isinstance(value, Literal)
    assert value.datatype == NamedNode("http://www.w3.org/2001/XMLSchema#dateTime")
    moment = datetime.fromisoformat(value.value)
    assert moment.tzinfo is not None
    return moment
