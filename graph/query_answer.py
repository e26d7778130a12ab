"""How one query is evaluated inside a worker: what it may see, in which form it is sent, and where it is cut.

A result that passes the limit is cut at the end of a row or triple, stays valid in its format, and says so.
"""

import contextlib
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox
from pyoxigraph import NamedNode, QueryResultsFormat, RdfFormat

from graph.guard import from_clauses
from graph.namespaces import ID, PREFIXES
from graph.query_frames import Question

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_RESOLVE: Final = " SELECT * {{ VALUES (?graph ?named) {{ {} }} }}"


class WrongForm(Exception):
    """The client takes tables where the query makes a graph, or the other way round."""


@dataclass(frozen=True)
class Reply:
    """A serialised result, and whether rows or triples were left out of it."""

    media_type: str
    body: bytes
    truncated: bool


class Evaluator:
    """Answers questions over one immutable release with at most `rows` rows and about `size` bytes each."""

    def __init__(self, store: ox.Store, rows: int, size: int) -> None:
        self._store, self._rows, self._size = store, rows, size

    def reply(self, question: Question) -> Reply:
        """Evaluate and serialise; a relative IRI without BASE is one of our identifiers: `<role/archivist>`.

        Raises SyntaxError, WrongForm, and RuntimeError or OSError of the engine.
        """
        result = self._store.query(question.query, base_iri=ID.iri, prefixes=PREFIXES, **self._dataset(question))
        if isinstance(result, ox.QueryTriples):
            return self._graph(result, question.graph)
        return self._table(result, question.results)

    def _dataset(self, question: Question) -> dict[str, Any]:
        """What the query sees (SPARQL 1.1 Protocol, 2.1.4): the request's dataset, else its own FROM, else all.

        A release holds only what is public, so the union of everything needs no list: with 2,000 graphs a list
        makes a point lookup forty times slower. A dataset that is asked for is fixed by both lists, always.
        """
        default, named = question.default_graphs, question.named_graphs
        if not default and not named:
            if (clauses := from_clauses(question.query)) is None:
                return {"use_default_graph_as_union": True}
            written = [f"({iri} false)" for iri in clauses.default] + [f"({iri} true)" for iri in clauses.named]
            text = clauses.prologue + _RESOLVE.format(" ".join(written))
            rows: Any = ox.Store().query(text, base_iri=ID.iri, prefixes=PREFIXES)
            graphs = [(row["graph"], row["named"].value == "true") for row in rows]
            return {
                "default_graph": [graph for graph, is_named in graphs if not is_named],
                "named_graphs": [graph for graph, is_named in graphs if is_named],
            }
        return {
            "default_graph": [NamedNode(iri) for iri in default or ()],
            "named_graphs": [NamedNode(iri) for iri in named or ()],
        }

    def _table(self, result: ox.QuerySolutions | ox.QueryBoolean, media_type: str | None) -> Reply:
        if media_type is None or (wanted := QueryResultsFormat.from_media_type(media_type)) is None:
            raise WrongForm("SELECT and ASK are answered as SPARQL results: JSON, XML, CSV or TSV.")
        cutter = _CUTTERS[wanted.file_extension]
        sink = _Sink(self._size, self._rows, cutter.count())
        with contextlib.suppress(_Full):
            result.serialize(sink, wanted)
        body = sink.getvalue()
        if isinstance(result, ox.QueryBoolean) or not (sink.full or body.count(cutter.mark) >= self._rows):
            return Reply(wanted.media_type, body, False)
        kept = cutter.cut(body[: self._size], self._rows)
        return Reply(wanted.media_type, kept, sink.full or len(kept) < len(body))

    def _graph(self, triples: ox.QueryTriples, media_type: str | None) -> Reply:
        if media_type is None or (wanted := RdfFormat.from_media_type(media_type)) is None:
            raise WrongForm("CONSTRUCT and DESCRIBE are answered as RDF: Turtle, N-Triples, RDF/XML, JSON-LD ...")
        sink = io.BytesIO()
        left_out = False

        def kept() -> Iterator[ox.Triple]:
            nonlocal left_out
            for count, triple in enumerate(triples):
                if count >= self._rows or sink.tell() >= self._size:
                    left_out = True
                    return
                yield triple

        ox.serialize(kept(), sink, wanted, prefixes=PREFIXES)
        return Reply(wanted.media_type, sink.getvalue(), left_out)


class _Full(Exception):
    """The sink has taken as much as it may."""


class _Sink(io.BytesIO):
    """Bytes in memory that refuse to grow once they hold `size` bytes or certainly more than `rows` rows."""

    def __init__(self, size: int, rows: int, count: Callable[[bytes], int]) -> None:
        super().__init__()
        self.full, self._size, self._left, self._count = False, size, rows + 1, count

    def write(self, data: "ReadableBuffer") -> int:
        if self.full:  # the engine tries once more with what it could not write
            raise _Full
        written = super().write(data)
        self._left -= self._count(bytes(data))
        if self._left < 0 or self.tell() > self._size:
            self.full = True
            raise _Full
        return written


def _cut_xml(body: bytes, rows: int) -> bytes:
    end = body.index(b"<results>") + len(b"<results>")
    for _ in range(rows):
        if (found := body.find(b"</result>", end)) < 0:
            break
        end = found + len(b"</result>")
    return body[:end] + b"</results></sparql>"


def _cut_json(body: bytes, rows: int) -> bytes:
    text = body.decode(errors="ignore")  # the last character may be half written
    end = at = text.index('"bindings":[') + len('"bindings":[')
    decode = json.JSONDecoder().raw_decode
    for _ in range(rows):
        try:
            _, end = decode(text, at)
        except ValueError:
            break
        at = end + 1  # past the comma
    return (text[:end] + "]}}").encode()


def _cut_csv(body: bytes, rows: int) -> bytes:
    """Rows end at a line break outside quotes (RFC 4180); the heading is the first."""
    end = start = quotes = 0
    while rows >= 0 and (found := body.find(b"\n", start)) >= 0:
        quotes += body.count(b'"', start, found)
        start = found + 1
        if quotes % 2 == 0:
            end, rows = start, rows - 1
    return body[:end]


def _cut_tsv(body: bytes, rows: int) -> bytes:
    """Every row is a line, breaks inside a term are escaped; the heading is the first."""
    end = 0
    while rows >= 0 and (found := body.find(b"\n", end)) >= 0:
        end, rows = found + 1, rows - 1
    return body[:end]


class _Marks:
    """Counts the ends of rows, never too many: a mark that falls between two pieces is missed."""

    def __init__(self, mark: bytes) -> None:
        self._mark = mark

    def __call__(self, piece: bytes) -> int:
        return piece.count(self._mark)


class _UnquotedBreaks:
    """Counts the line breaks of CSV that are outside quotes."""

    def __init__(self) -> None:
        self._quoted = 0

    def __call__(self, piece: bytes) -> int:
        parts = piece.split(b'"')
        outside = parts[self._quoted :: 2]
        self._quoted = (self._quoted + len(parts) - 1) % 2
        return sum(part.count(b"\n") for part in outside)


@dataclass(frozen=True)
class _Cutter:
    """A mark that stands at least once between two rows, how to count rows in pieces, how to keep the first rows."""

    mark: bytes
    count: Callable[[], Callable[[bytes], int]]
    cut: Callable[[bytes, int], bytes]


_CUTTERS: Final = {
    "srj": _Cutter(b"},{", lambda: _Marks(b'},{"'), _cut_json),  # with the quote it cannot stand inside a string
    "srx": _Cutter(b"</result>", lambda: _Marks(b"</result>"), _cut_xml),
    "csv": _Cutter(b"\n", _UnquotedBreaks, _cut_csv),
    "tsv": _Cutter(b"\n", lambda: _Marks(b"\n"), _cut_tsv),
}
