"""Harvesters that go on from what they remember: each keeps it in its fields, good at every step.

`steps()` is one harvest, everything the first time and later what is new; it may be left at any step and begun again,
also by another that was given what this one remembered (`restored`). `harvest()` is what is known then.
"""

import pickle
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from lxml import etree
from oaipmh_scythe import Scythe
from oaipmh_scythe.iterator import OAIItemIterator
from sickle import Sickle

from tests.harvesters import SITEMAP, Harvest

ID = "https://w3id.org/trivium/id/"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
ATOM = "{http://www.w3.org/2005/Atom}"
TOMBSTONES = "{http://purl.org/atompub/tombstones/1.0}"


class Follower(Protocol):
    """What can be left and gone on with."""

    def steps(self) -> Iterator[None]:
        """Harvest what is not known yet."""

    def harvest(self) -> Harvest:
        """What is there, and what was withdrawn."""


def restored(follower: Follower) -> Follower:
    """Another one that knows only what this one would have written down; the connection is the same."""
    connection = {name: value for name, value in vars(follower).items() if isinstance(value, FlaskClient)}
    remembered = pickle.dumps({name: value for name, value in vars(follower).items() if name not in connection})
    return type(follower)(**connection, **pickle.loads(remembered))


@dataclass
class LogReader:
    """Reads the change log, the newest rows first, down to the last that it knows."""

    client: FlaskClient
    rows: dict[int, tuple[str, bool]] = field(default_factory=dict)
    complete: int = 0

    def steps(self) -> Iterator[None]:
        items = self._page(0)
        newest, offset = items[0]["number"], 0
        while items[-1]["number"] > self.complete + 1:
            yield
            offset += len(items)
            items = self._page(offset)
        self.complete = newest

    def harvest(self) -> Harvest:
        return split(self.rows[number] for number in sorted(self.rows))

    def _page(self, offset: int) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.client.get(f"/changes.json?limit=500&offset={offset}").get_json()["items"]
        self.rows |= {one["number"]: (one["entity"]["iri"], one["change"] == "withdrawn") for one in items}
        return items


@dataclass
class OaiReader(ABC):
    """Takes the headers of OAI-PMH, and goes on from the token of the page that it was at, else from a time.

    The time is that of the first answer of the last harvest.
    """

    address: str
    known: dict[str, bool] = field(default_factory=dict)
    since: str = ""
    begun: str = ""
    token: str = ""

    @abstractmethod
    def now(self) -> str:
        """The time of an answer."""

    @abstractmethod
    def items(self, arguments: dict[str, str]) -> AbstractContextManager[Any]:
        """An iterator over headers that knows the token to the page after the present one."""

    def steps(self) -> Iterator[None]:
        since = {"from": self.since} if self.since else {}
        self.begun = self.begun if self.token else self.now()
        arguments = {"resumptionToken": self.token} if self.token else {"metadataPrefix": "oai_dc", **since}
        with self.items(arguments) as items:
            page = items.resumption_token
            for head in items:
                if items.resumption_token is not page:
                    self.token, page = page.token, items.resumption_token
                    yield
                self.known[head.identifier.replace("oai:w3id.org:", "https://w3id.org/")] = head.deleted
        self.since, self.token = self.begun, ""

    def harvest(self) -> Harvest:
        return split(self.known.items())


class SickleReader(OaiReader):
    """By Sickle."""

    def now(self) -> str:
        return str(Sickle(self.address).harvest(verb="Identify").xml.findtext(f"{OAI}responseDate"))

    def items(self, arguments: dict[str, str]) -> AbstractContextManager[Any]:
        return nullcontext(Sickle(self.address).ListIdentifiers(**arguments))


class ScytheReader(OaiReader):
    """By oaipmh-scythe."""

    def now(self) -> str:
        with Scythe(self.address) as scythe:
            return str(scythe.harvest({"verb": "Identify"}).xml.findtext(f"{OAI}responseDate"))

    @contextmanager
    def items(self, arguments: dict[str, str]) -> Iterator[Any]:
        with Scythe(self.address) as scythe:
            yield OAIItemIterator(scythe, {"verb": "ListIdentifiers", **arguments})


@dataclass
class FeedReader(ABC):
    """Reads a feed, and its archives down to those that it has; an archive never changes (RFC 5005, 4)."""

    start: ClassVar[str]
    client: FlaskClient
    newest: list[tuple[str, bool]] = field(default_factory=list)
    archives: dict[str, tuple[list[tuple[str, bool]], str]] = field(default_factory=dict)

    @abstractmethod
    def fetched(self, address: str) -> tuple[list[tuple[str, bool]], str]:
        """The ids of a document, each with whether it is gone, and the address of the document before it."""

    def steps(self) -> Iterator[None]:
        newest, older = self.fetched(self.start)
        while older:
            if older not in self.archives:
                self.archives[older] = self.fetched(older)
                yield
            older = self.archives[older][1]
        self.newest = newest

    def harvest(self) -> Harvest:
        in_order = sorted(self.archives, key=lambda address: int(re.findall(r"archive=(\d+)", address)[0]))
        return split(
            entry for document in [*(self.archives[one][0] for one in in_order), self.newest] for entry in document
        )


class AtomReader(FeedReader):
    """As Atom."""

    start = "/feed.atom"

    def fetched(self, address: str) -> tuple[list[tuple[str, bool]], str]:
        feed = etree.fromstring(self.client.get(path_of(address)).data)
        entries = [(str(one.findtext(f"{ATOM}id")), False) for one in feed.iterfind(f"{ATOM}entry")]
        entries += [(str(one.get("ref")), True) for one in feed.iterfind(f"{TOMBSTONES}deleted-entry")]
        older = [str(link.get("href")) for link in feed.iterfind(f"{ATOM}link[@rel='prev-archive']")]
        return entries, older[0] if older else ""


class JsonReader(FeedReader):
    """As JSON Feed."""

    start = "/feed.json"

    def fetched(self, address: str) -> tuple[list[tuple[str, bool]], str]:
        feed = self.client.get(path_of(address)).get_json(force=True)
        return [(one["id"], "withdrawn" in one.get("_trivium", {})) for one in feed["items"]], feed.get("next_url", "")


@dataclass
class Crawler:
    """Reads the files of the sitemap whose time is another than it knows. It meets no tombstones."""

    client: FlaskClient
    files: dict[str, tuple[str, set[str]]] = field(default_factory=dict)

    def steps(self) -> Iterator[None]:
        index = self._listed("/sitemap.xml")
        things = {name: time for name, time in index.items() if "/sitemap-pages-" not in name}
        for name, time in things.items():
            if self.files.get(name, ("", set()))[0] != time:
                self.files[name] = (time, {ID + path_of(place)[1:] for place in self._listed(name)})
                yield
        self.files = {name: known for name, known in self.files.items() if name in things}

    def harvest(self) -> Harvest:
        return {place for _, places in self.files.values() for place in places}, set()

    def _listed(self, address: str) -> dict[str, str]:
        document = etree.fromstring(self.client.get(path_of(address)).data)
        return {str(one.findtext(f"{SITEMAP}loc")): str(one.findtext(f"{SITEMAP}lastmod")) for one in document}


def split(told: Any) -> Harvest:
    """What is there and what is gone, of what was told one after the other."""
    last = dict(told)
    return {iri for iri, gone in last.items() if not gone}, {iri for iri, gone in last.items() if gone}


def path_of(address: str) -> str:
    """An address on this service."""
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")
