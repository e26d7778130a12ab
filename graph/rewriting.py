"""What is needed to write a thing as another convention does: reading it property by property, and copying properties.

A node that the other convention wants and the graph has no identifier for, such as a price, is named by a fragment of
the identifier of the thing (`.../id/offering/x#offer`): the same thing is always written in the same statements.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from pyoxigraph import Literal, NamedNode, Triple

from graph.mergers import replaced_by
from graph.store import Dataset, Term

Statements = Iterator[Triple]


class Source:
    """What a dataset says of things, in an order that is always the same."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset

    def values(self, subject: NamedNode, predicate: NamedNode) -> list[Term]:
        """The values of a property."""
        return sorted({quad.object for quad in self._dataset.quads(subject, predicate)}, key=str)

    def things(self, subject: NamedNode, predicate: NamedNode) -> list[NamedNode]:
        """The values of a property that are IRIs."""
        return [one for one in self.values(subject, predicate) if isinstance(one, NamedNode)]

    def texts(self, subject: NamedNode, predicate: NamedNode, language: str | None = None) -> list[Literal]:
        """The values of a property that are literals; those in one language, if one is given."""
        found = (one for one in self.values(subject, predicate) if isinstance(one, Literal))
        return [one for one in found if language in (None, one.language)]

    def one(self, subject: NamedNode, predicate: NamedNode) -> Term | None:
        """The first value of a property, or None."""
        return next(iter(self.values(subject, predicate)), None)

    def thing(self, subject: NamedNode, predicate: NamedNode) -> NamedNode | None:
        """The first value of a property that is an IRI, or None."""
        return next(iter(self.things(subject, predicate)), None)

    def text(self, subject: NamedNode, predicate: NamedNode, language: str | None = None) -> str | None:
        """The first value of a property that is a literal, as its text, or None."""
        return next((one.value for one in self.texts(subject, predicate, language)), None)

    def pointing(self, predicate: NamedNode, object: NamedNode, merged: bool = False) -> list[NamedNode]:
        """The things that have a thing as the value of a property; if wanted, merged ones too."""
        found = {quad.subject for quad in self._dataset.quads(None, predicate, object)}
        things = sorted((one for one in found if isinstance(one, NamedNode)), key=str)
        return [one for one in things if merged or replaced_by(self._dataset, one) is None]

    def kept(self, subject: NamedNode, names: Collection[NamedNode]) -> Statements:
        """What is said of a thing by these properties, as it is."""
        for name in names:
            yield from said(subject, name, self.values(subject, name))

    def copied(self, subject: NamedNode, table: Mapping[NamedNode, NamedNode]) -> Statements:
        """Every property of the table, under its other name."""
        for ours, theirs in table.items():
            yield from said(subject, theirs, self.values(subject, ours))


Writer = Callable[[Source, NamedNode], Statements]
"""Writes a thing as one convention has it."""


def said(subject: NamedNode, predicate: NamedNode, values: Iterable[Term | str | None]) -> Statements:
    """A statement for each value that there is; a `str` is a plain literal."""
    for value in values:
        if value is not None:
            yield Triple(subject, predicate, Literal(value) if isinstance(value, str) else value)


def tagged(text: Literal) -> Literal:
    """A text with its language; `und` where nobody has stated it (BCP 47, 4.1)."""
    return text if text.language else Literal(text.value, language="und")


def part(subject: NamedNode, name: str) -> NamedNode:
    """The identifier of a part of a thing that has none of its own."""
    return NamedNode(f"{subject.value}#{name}")
