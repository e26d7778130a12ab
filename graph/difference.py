"""What a submission would change: for each of its entities, what is said of it now and what would be said."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, NamedNode, Quad, Triple

from graph.mergers import settled
from graph.proposal import contributed
from graph.store import Dataset, Term

Values = Mapping[NamedNode, list[Term]]


@dataclass(frozen=True)
class Replaced:
    """One property of an entity whose values would change, and both sets of values."""

    path: NamedNode
    before: tuple[Term, ...]
    after: tuple[Term, ...]


@dataclass(frozen=True)
class Changed:
    """One entity: new, changed or unchanged."""

    iri: NamedNode
    is_new: bool
    changes: tuple[Replaced, ...]

    @property
    def state(self) -> str:
        """The same in a word."""
        return "new" if self.is_new else "changed" if self.changes else "unchanged"


@dataclass(frozen=True)
class Difference:
    """Every entity of a submission, and the statements that would come and go."""

    entities: tuple[Changed, ...]
    added: tuple[Triple, ...]
    removed: tuple[Triple, ...]


def difference(known: Dataset, stated: Iterable[Triple]) -> Difference:
    """What would change if the statements were published: each entity is then said to be just what they say."""
    after = _by_subject(_as_kept(settled(stated)))
    before = {subject: sorted(contributed(known, subject), key=str) for subject in after}
    return Difference(
        entities=tuple(_changed(subject, before[subject], after[subject]) for subject in after),
        added=tuple(one for subject in after for one in after[subject] if one not in before[subject]),
        removed=tuple(one for subject in after for one in before[subject] if one not in after[subject]),
    )


def _changed(subject: NamedNode, before: list[Triple], after: list[Triple]) -> Changed:
    old, new = _values(before), _values(after)
    changes = (
        Replaced(path, tuple(old.get(path, ())), tuple(new.get(path, ())))
        for path in sorted(old.keys() | new.keys(), key=str)
        if old.get(path) != new.get(path)
    )
    return Changed(subject, not before, tuple(changes))


def _values(triples: list[Triple]) -> Values:
    found: dict[NamedNode, list[Term]] = defaultdict(list)
    for one in sorted(triples, key=str):
        found[one.predicate].append(one.object)
    return found


def _by_subject(triples: Iterable[Triple]) -> dict[NamedNode, list[Triple]]:
    found: dict[NamedNode, list[Triple]] = defaultdict(list)
    for one in sorted(triples, key=str):
        if isinstance(one.subject, NamedNode):
            found[one.subject].append(one)
    return found


def _as_kept(triples: Iterable[Triple]) -> Iterator[Triple]:
    """The statements as the engine gives them back: it keeps numbers by value, so `0.50` becomes `0.5`."""
    quads = (Quad(one.subject, one.predicate, one.object, DefaultGraph()) for one in triples)
    yield from (quad.triple for quad in Dataset.in_memory(quads).quads())
