"""The embedded engine: the only module that opens a pyoxigraph store.

Readers use `Dataset`, a read-only view over an immutable release; the publisher alone holds a `Store` that writes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import pyoxigraph as ox
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple, Variable

from graph.namespaces import PREFIXES

Term = NamedNode | BlankNode | Literal | Triple
Row = tuple[Any, ...]  # a Term, or None where a variable is not bound
NOTHING_BOUND: Mapping[str, Term] = {}
FINGERPRINT_MODULUS = 2**256


@dataclass(frozen=True)
class Rows:
    """The answer to a SELECT: variable names without `?`, and one tuple of terms per solution."""

    variables: tuple[str, ...]
    rows: list[Row]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


class Dataset:
    """A set of named graphs that is read, with the union of all graphs as the default graph."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open an immutable release. Raises OSError if there is none at `path`."""
        return cls(ox.Store.read_only(str(path)))

    @classmethod
    def in_memory(cls, quads: Iterable[Quad]) -> Self:
        """A dataset of its own, in memory."""
        store = ox.Store()
        store.extend(quads)
        return cls(store)

    def __len__(self) -> int:
        return len(self._store)

    def __bool__(self) -> bool:
        """A dataset is one, however empty: to ask for its length would be to read all of it."""
        return True

    def solutions(
        self, query: str, bindings: Mapping[str, Term] = NOTHING_BOUND
    ) -> ox.QuerySolutions | ox.QueryTriples | ox.QueryBoolean:
        """The engine's own result, which can serialise itself. Raises SyntaxError for what is not SPARQL."""
        return self._store.query(
            query,
            prefixes=PREFIXES,
            use_default_graph_as_union=True,
            substitutions={Variable(name): term for name, term in bindings.items()},
        )

    def select(self, query: str, bindings: Mapping[str, Term] = NOTHING_BOUND) -> Rows:
        """Answer a SELECT whose parameters are bound as terms; each bound variable must be projected."""
        result = self.solutions(query, bindings)
        if not isinstance(result, ox.QuerySolutions):
            raise TypeError("not a SELECT query")
        variables = result.variables
        return Rows(
            tuple(variable.value for variable in variables),
            [tuple(solution[variable] for variable in variables) for solution in result],
        )

    def construct(self, query: str, bindings: Mapping[str, Term] = NOTHING_BOUND) -> list[Triple]:
        """Answer a CONSTRUCT or DESCRIBE."""
        result = self.solutions(query, bindings)
        if not isinstance(result, ox.QueryTriples):
            raise TypeError("not a CONSTRUCT or DESCRIBE query")
        return list(result)

    def ask(self, query: str, bindings: Mapping[str, Term] = NOTHING_BOUND) -> bool:
        """Answer an ASK."""
        return bool(self.solutions(query, bindings))

    def quads(
        self,
        subject: NamedNode | BlankNode | None = None,
        predicate: NamedNode | None = None,
        object: Term | None = None,
        graph: NamedNode | None = None,
    ) -> Iterator[Quad]:
        """Every quad that matches the pattern; None matches anything."""
        return self._store.quads_for_pattern(subject, predicate, object, graph)

    def describe(self, iri: NamedNode) -> list[Triple]:
        """Every distinct statement that has `iri` as its subject."""
        return list(dict.fromkeys(quad.triple for quad in self.quads(iri)))

    def recomputed_fingerprint(self) -> int:
        """The fingerprint, reckoned anew from every statement."""
        return sum(map(_hash, self.quads())) % FINGERPRINT_MODULUS


class WritableDataset(Dataset):
    """The publisher's store: the only one that is written, and one process at a time.

    `fingerprint` is the sum of the SHA-256 of every statement, modulo 2^256: it does not depend on their order,
    follows each change at the cost of the change, and can be recomputed from any dump. `size` counts the statements
    in the same way (the engine would have to read them all), and `touched` gathers the subjects of what changed.
    """

    def __init__(self, store: ox.Store, size: int | None = None, fingerprint: int | None = None) -> None:
        super().__init__(store)
        self.size = len(store) if size is None else size
        self.fingerprint = self.recomputed_fingerprint() if fingerprint is None else fingerprint
        self.touched = set[NamedNode]()

    def __len__(self) -> int:
        return self.size

    @classmethod
    def create(cls, path: Path, size: int | None = None, fingerprint: int | None = None) -> Self:
        """Open the store at `path` to write, or make it. Raises OSError if another process has it."""
        return cls(ox.Store(str(path)), size, fingerprint)

    def apply(self, removed: Iterable[Quad], added: Iterable[Quad]) -> int:
        """Remove and add statements; those that change nothing are passed over. Returns how many changed."""
        coming = dict.fromkeys(_as_kept(added))
        going = [quad for quad in dict.fromkeys(removed) if quad in self._store and quad not in coming]
        new = [quad for quad in coming if quad not in self._store]
        if going:
            self._store.update("DELETE DATA {" + "\n".join(map(_pattern, going)) + "}")
        self._store.extend(new)
        change = sum(map(_hash, new)) - sum(map(_hash, going))
        self.fingerprint = (self.fingerprint + change) % FINGERPRINT_MODULUS
        self.size += len(new) - len(going)
        self.touched |= {quad.subject for quad in (*going, *new) if isinstance(quad.subject, NamedNode)}
        return len(going) + len(new)

    def close(self) -> None:
        """Let go of the store, so that another process may write to it."""
        self._store = ox.Store()

    def checkpoint(self, path: Path) -> None:
        """An immutable copy at `path`, by hard links where the file system has them."""
        self._store.flush()
        self._store.backup(str(path))


def _pattern(quad: Quad) -> str:
    return f"GRAPH {quad.graph_name} {{ {quad.subject} {quad.predicate} {quad.object} }}"


def _as_kept(quads: Iterable[Quad]) -> Iterator[Quad]:
    """The statements as the engine gives them back: it keeps numbers by value, so `0.50` becomes `0.5`."""
    yield from Dataset.in_memory(quads).quads()


def _hash(quad: Quad) -> int:
    return int.from_bytes(sha256(str(quad).encode()).digest())
