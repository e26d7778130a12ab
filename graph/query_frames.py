"""How a pool and its worker processes talk: frames of a JSON header and a body of bytes, over a pair of pipes."""

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from graph.errors import InvalidQuery, QueryError, QueryRefused, QueryTooLarge

Header = dict[str, Any]
RESULTS: Final = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)
GRAPHS: Final = (
    "text/turtle",
    "application/n-triples",
    "application/n-quads",
    "application/trig",
    "application/rdf+xml",
    "application/ld+json",
)
_LENGTHS: Final = struct.Struct(">II")


class WrongForm(QueryError):
    """None of the media types asked for can carry the result of this form of query."""


class QueryFailed(QueryError):
    """The query is SPARQL, but the engine cannot evaluate it; says why."""


@dataclass(frozen=True)
class Answer:
    """A serialised result, its media type, whether it was cut at the limit, and the release that it is about."""

    body: bytes
    content_type: str
    truncated: bool
    release: Path


@dataclass(frozen=True)
class Question:
    """A query, the media types wanted for its two possible forms, the dataset that the protocol names, and the seconds
    that it may take where they are others than the pool's."""

    query: str
    results: str | None
    graph: str | None
    default_graphs: list[str] | None = None
    named_graphs: list[str] | None = None
    seconds: float | None = None


def pack(header: Header, body: bytes = b"") -> tuple[bytes, bytes]:
    """One frame in two pieces: the lengths of header and body in bytes and the header; the body (at most 4 GB)."""
    text = json.dumps(header, ensure_ascii=False).encode()
    return _LENGTHS.pack(len(text), len(body)) + text, body


def unpack(read: Callable[[int], bytes]) -> tuple[Header, bytes]:
    """The next frame; `read(n)` returns exactly n bytes or raises EOFError."""
    header, body = _LENGTHS.unpack(read(_LENGTHS.size))
    decoded: Header = json.loads(read(header))
    return decoded, read(body) if body else b""


def received(stream: BinaryIO) -> tuple[Header, bytes] | None:
    """The next frame of a stream, or None when it has ended."""

    def read(size: int) -> bytes:
        data = stream.read(size)
        if len(data) < size:
            raise EOFError
        return data

    try:
        return unpack(read)
    except EOFError:
        return None


def opened(header: Header, body: bytes, release: Path) -> Answer:
    """The answer in a frame. Raises the error that it carries instead."""
    message = header.get("message", "")
    match header.get("error"):
        case None:
            return Answer(body, header["media_type"], header["truncated"], release)
        case "syntax":
            raise InvalidQuery(message, header["line"], header["column"])
        case "refused":
            raise QueryRefused(message)
        case "memory":
            raise QueryTooLarge(message)
        case "form":
            raise WrongForm(message)
        case _:
            raise QueryFailed(message)
