"""ETags, 304 answers, and the rendered bodies that a worker keeps.

A release never changes, so an answer is decided by the release, the code, the address, the representation and the
language. A strong ETag (RFC 9110, 8.8.3) is made of just these: it is known, and compared, before any work is done.
"""

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock

from graph.releases import Release

FRESH = "public, no-cache"
"""Keep it, but ask every time: asking costs a 304, and no reader sees two releases mixed."""

ETAG_LENGTH = 32
YEAR = 31_536_000  # seconds
FOREVER = f"public, max-age={YEAR}, immutable"
MONTH = "public, max-age=2592000, immutable"
DAY = "public, max-age=86400"
OVERHEAD = 1_000  # bytes that an answer takes beside its content, roughly


@dataclass(frozen=True)
class Body:
    """A rendered answer."""

    content: bytes
    headers: tuple[tuple[str, str], ...]


class Bodies:
    """Rendered answers by ETag, the least recently used forgotten first; never more than `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._kept: OrderedDict[str, Body] = OrderedDict()
        self._lock = Lock()

    def get(self, etag: str) -> Body | None:
        """The answer kept under an ETag."""
        with self._lock:
            if etag in self._kept:
                self._kept.move_to_end(etag)
            return self._kept.get(etag)

    def keep(self, etag: str, body: Body) -> None:
        """Keep an answer, and forget old ones to make room; one that would fill the room alone is not kept."""
        if len(body.content) * 4 > self._limit:
            return
        with self._lock:
            if etag not in self._kept:
                self._kept[etag] = body
                self._size += len(body.content) + OVERHEAD
            while self._size > self._limit:
                self._size -= len(self._kept.popitem(last=False)[1].content) + OVERHEAD


def etag_of(release: Release, code: str, address: str, representation: str, language: str) -> str:
    """What decides an answer, as the opaque part of a strong ETag."""
    parts = (str(release.number), release.digest, code, address, representation, language)
    return sha256("\0".join(parts).encode()).hexdigest()[:ETAG_LENGTH]


def digest_of(*folders: Path) -> str:
    """A digest of every file below the folders that decides what an answer looks like."""
    whole = sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                whole.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()
