"""Whether the web addresses that the graph refers to still answer.

Politely: one request at a time to each host, with a pause after it; only the head of an answer is read.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from http import HTTPStatus
from http.client import HTTPException
from threading import Event, Lock
from time import monotonic, sleep
from typing import Final
from urllib.parse import urljoin, urlsplit

from pyoxigraph import Literal, NamedNode

from graph.namespaces import BASE, CONTRIBUTIONS_GRAPH, DCT, PROV, SCHEMA
from graph.outward import PORTS, AddressNotAllowed, Outward, Reply
from graph.store import Dataset

REFERRING: Final = (SCHEMA.url, DCT.source)
MOST_REDIRECTS: Final = 5
LONGEST_DETAIL: Final = 200  # characters
PERMANENT: Final = (301, 308)
REDIRECTS: Final = (*PERMANENT, 302, 303, 307)
HEAD_REFUSED: Final = (403, 405, 501)


class Result(StrEnum):
    """What became of asking an address: `refused` is a no of the server, `failed` is no answer that could be read."""

    OK = "ok"
    MOVED = "moved"
    NOT_FOUND = "not found"
    GONE = "gone"
    REFUSED = "refused"
    FAILED = "failed"
    TIME_OUT = "time-out"
    NOT_ALLOWED = "not allowed"


@dataclass(frozen=True)
class Link:
    """A web address, and the entities that refer to it."""

    address: str
    entities: tuple[NamedNode, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of a link: in words, where it has moved for good, and the seconds that its requests took."""

    link: Link
    result: Result
    detail: str
    moved_to: str | None
    seconds: float


def silently(outcome: Outcome) -> None:
    """Tell nobody."""


def links(dataset: Dataset, since: date | None = None) -> list[Link]:
    """The addresses that entities refer to as their page, homepage or source, each once, sorted.

    With `since`, only those that a contribution of that day or later refers to.
    """
    recent = None if since is None else _contributed_since(dataset, since)
    found: dict[str, set[NamedNode]] = defaultdict(set)
    for quad in (quad for path in REFERRING for quad in dataset.quads(None, path)):
        subject, object = quad.subject, quad.object
        if recent is not None and quad.graph_name not in recent:
            continue
        if isinstance(subject, NamedNode) and isinstance(object, NamedNode) and _is_elsewhere(object.value):
            found[object.value].add(subject)
    return [Link(address, tuple(sorted(entities, key=str))) for address, entities in sorted(found.items())]


class LinkChecker:
    """Asks links, at most `at_once` hosts at a time, with `pause` seconds after each request to a host."""

    def __init__(self, outward: Outward, at_once: int = 4, pause: float = 1.0) -> None:
        self._outward, self._at_once, self._pause = outward, at_once, pause
        self._turns: dict[str, _Turn] = {}
        self._ended = Event()

    def check(self, links: Sequence[Link], told: Callable[[Outcome], None] = silently) -> list[Outcome]:
        """What became of each link, in their order; `told` is called as soon as one is known, from any thread."""
        by_host: dict[str, list[Link]] = defaultdict(list)
        for link in links:
            by_host[_host(link.address)].append(link)
        with ThreadPoolExecutor(self._at_once) as pool:
            try:
                groups = list(pool.map(lambda group: list(self._outcomes(group, told)), by_host.values()))
            except BaseException:  # an interruption too: the links that wait are not asked any more
                self._ended.set()
                raise
        found = {outcome.link: outcome for group in groups for outcome in group}
        return [found[link] for link in links]

    def _outcomes(self, links: Sequence[Link], told: Callable[[Outcome], None]) -> Iterator[Outcome]:
        for link in links:
            if not self._ended.is_set():
                outcome = self._outcome(link)
                told(outcome)
                yield outcome

    def _outcome(self, link: Link) -> Outcome:
        way = _Way(link.address)
        try:
            reply = self._followed(way)
            result, detail = _verdict(reply), _words(reply)
        except (AddressNotAllowed, OSError, HTTPException, ValueError) as error:
            result, detail = _failure(error), _printable(getattr(error, "strerror", None) or str(error))
        moved_to = way.moved_to if result is Result.OK else None
        return Outcome(link, Result.MOVED if moved_to else result, detail, moved_to, way.seconds)

    def _followed(self, way: "_Way") -> Reply:
        """The answer at the end of the redirects. Raises TooManyRedirects, and as `Outward.ask` does."""
        for _ in range(MOST_REDIRECTS + 1):
            reply = self._asked("HEAD", way)
            if reply.status in HEAD_REFUSED:
                reply = self._asked("GET", way)
            if reply.status not in REDIRECTS or reply.location is None:
                return reply
            way.follow(reply.status, reply.location)
        raise TooManyRedirects(f"more than {MOST_REDIRECTS} redirects")

    def _asked(self, method: str, way: "_Way") -> Reply:
        with self._turns.setdefault(_host(way.at), _Turn(self._pause)).taken():
            start = monotonic()
            try:
                return self._outward.ask(method, way.at)
            finally:
                way.seconds += monotonic() - start


class TooManyRedirects(OSError):
    """The redirects of an address do not come to an end."""


@dataclass
class _Way:
    """Where the way of an address has come to, and where the permanent redirects at its beginning have led."""

    at: str
    moved_to: str | None = None
    seconds: float = 0.0
    permanent: bool = True

    def follow(self, status: int, location: str) -> None:
        self.at = urljoin(self.at, location)
        self.permanent = self.permanent and status in PERMANENT
        if self.permanent:
            self.moved_to = self.at


@dataclass
class _Turn:
    """A host is asked one thing at a time, with a pause before the next."""

    pause: float
    free_at: float = 0.0
    lock: Lock = field(default_factory=Lock)

    @contextmanager
    def taken(self) -> Iterator[None]:
        with self.lock:
            sleep(max(self.free_at - monotonic(), 0))
            try:
                yield
            finally:
                self.free_at = monotonic() + self.pause


def _verdict(reply: Reply) -> Result:
    match reply.status:
        case 404:
            return Result.NOT_FOUND
        case 410:
            return Result.GONE
        case status if 200 <= status < 300:
            return Result.OK
        case status if 400 <= status < 500:
            return Result.REFUSED
    return Result.FAILED


def _failure(error: Exception) -> Result:
    match error:
        case AddressNotAllowed():
            return Result.NOT_ALLOWED
        case TimeoutError():
            return Result.TIME_OUT
    return Result.FAILED


def _printable(message: str) -> str:
    """A message that may repeat what a server sent, fit to be shown in a terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in message[:LONGEST_DETAIL])


def _words(reply: Reply) -> str:
    phrases = {status.value: status.phrase for status in HTTPStatus}
    return f"{reply.status} {phrases.get(reply.status, '')}".strip()


def _contributed_since(dataset: Dataset, since: date) -> set[object]:
    """The contributions that ended on a day or later; a time in UTC is ordered as its text is."""
    times = dataset.quads(None, PROV.endedAtTime, None, CONTRIBUTIONS_GRAPH)
    return {
        quad.subject for quad in times if isinstance(quad.object, Literal) and quad.object.value >= since.isoformat()
    }


def _is_elsewhere(address: str) -> bool:
    """Whether an address is one to ask: on the web, and not one of our own identifiers."""
    return address.startswith(tuple(f"{scheme}:" for scheme in PORTS)) and not address.startswith(BASE)


def _host(address: str) -> str:
    """The host of an address; none for what is not well formed, which is not asked."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
