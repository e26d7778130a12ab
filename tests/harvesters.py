"""Harvesters, each written from the specification of its protocol: they know a service by HTTP only."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from lxml import etree
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

Term = NamedNode | BlankNode | Literal | Triple
Said = list[tuple[NamedNode, Term]]
Harvest = tuple[set[str], set[str]]
"""What there is, and what was withdrawn, in IRIs."""

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
        return not any(stop() for _ in self.steps())

    def steps(self) -> Iterator[None]:
        """The same, page by page: it may be left before any of them."""
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
            yield
            taken.add(address)
            waiting += self.finished[address] if address in self.finished else self._take(stream, address)
        self.bookmark = max((self._time(one) for one in self.seen), default=None)

    def harvest(self) -> Harvest:
        """The entities that are there, and those that are deleted."""
        there, gone = self.replica()
        return {one.value for one in there}, {one.value for one in gone}

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

    def tombstones(self) -> dict[NamedNode, dict[NamedNode, str]]:
        """What the last version of each deleted entity says."""
        gone, found = self.replica()[1], dict[NamedNode, dict[NamedNode, str]]()
        for member in sorted(self.seen, key=self._order):
            said = {name: str(getattr(value, "value", value)) for name, value in self.seen[member]}
            found[NamedNode(said[self.about[ldes("versionOfPath")]])] = said  # type: ignore[index]
        return {entity: found[entity] for entity in gone}

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


SITEMAP, RS = "{http://www.sitemaps.org/schemas/sitemap/0.9}", "{http://www.openarchives.org/rs/terms/}"


@dataclass(frozen=True)
class Listed:
    """One entry of a list of ResourceSync: its address, its time, its attributes and its links."""

    address: str
    modified: str
    about: dict[str, str]
    links: dict[str, str]


@dataclass(frozen=True)
class SyncList:
    """A document of ResourceSync."""

    index: bool
    about: dict[str, str]
    links: dict[str, str]
    entries: list[Listed]

    @classmethod
    def fetched(cls, client: FlaskClient, address: str) -> "SyncList":
        answer = client.get(urlsplit(address).path)
        assert (answer.status_code, answer.mimetype) == (200, "application/xml"), address
        root = etree.fromstring(answer.data)
        index = root.tag == f"{SITEMAP}sitemapindex"
        assert index or root.tag == f"{SITEMAP}urlset"
        entries = [
            Listed(one.findtext(f"{SITEMAP}loc") or "", one.findtext(f"{SITEMAP}lastmod") or "", *_about(one))
            for one in root.iterfind(f"{SITEMAP}sitemap" if index else f"{SITEMAP}url")
        ]
        return cls(index, *_about(root), entries)

    def whole(self, client: FlaskClient, since: datetime | None = None) -> list[Listed]:
        """The entries; if this is an index, those of all parts but those that ended before a time."""
        if not self.index:
            return self.entries
        needed = [one for one in self.entries if not (since and _ended(one, since))]
        parts = [SyncList.fetched(client, one.address) for one in needed]
        return [entry for part in parts for entry in part.entries]


def capabilities(client: FlaskClient) -> dict[str, SyncList]:
    """The lists of a source, found from its well-known address."""
    description = SyncList.fetched(client, "/.well-known/resourcesync")
    assert description.about["capability"] == "description"
    [entry] = description.entries
    assert entry.about["capability"] == "capabilitylist"
    listed = SyncList.fetched(client, entry.address).entries
    return {one.about["capability"]: SyncList.fetched(client, one.address) for one in listed}


@dataclass
class SyncClient:
    """Keeps a copy in step by ResourceSync: the resource list once, and then what the change list has since.

    The last time seen is read again: its changes may have been in a part that was not there yet.
    """

    client: FlaskClient
    there: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    until: datetime | None = None

    def follow(self) -> None:
        """Take everything, or what happened since."""
        for _ in self.steps():
            pass

    def steps(self) -> Iterator[None]:
        """The same: it may be left between finding a list and reading it."""
        lists = capabilities(self.client)
        yield
        if self.until is None:
            self.there = {one.links["describes"] for one in lists["resourcelist"].whole(self.client)}
            self.until = datetime.fromisoformat(lists["resourcelist"].about["at"])
            return
        since = self.until
        found = lists["changelist"].whole(self.client, since)
        self.replay([one for one in found if self._at(one) >= since])

    def harvest(self) -> Harvest:
        """The entities that are there, and those that were deleted since the copy was begun."""
        return set(self.there), set(self.gone)

    def replay(self, changes: list[Listed]) -> None:
        """Do what a change list says."""
        for one in changes:
            thing = one.links["describes"]
            (self.gone if one.about["change"] == "deleted" else self.there).add(thing)
            (self.there if one.about["change"] == "deleted" else self.gone).discard(thing)
            self.until = self._at(one)

    @staticmethod
    def _at(one: Listed) -> datetime:
        return datetime.fromisoformat(one.about["datetime"])


def _ended(part: Listed, before: datetime) -> bool:
    return "until" in part.about and datetime.fromisoformat(part.about["until"]) < before


def _about(element: etree._Element) -> tuple[dict[str, str], dict[str, str]]:
    described = element.find(f"{RS}md")
    about = {} if described is None else {str(name): str(value) for name, value in described.attrib.items()}
    return about, {str(one.get("rel")): str(one.get("href")) for one in element.iterfind(f"{RS}ln")}


def _moment(value: Term) -> datetime:
    assert isinstance(value, Literal)
    assert value.datatype == NamedNode("http://www.w3.org/2001/XMLSchema#dateTime")
    moment = datetime.fromisoformat(value.value)
    assert moment.tzinfo is not None
    return moment
