"""What a brief says of a part of the field: statements with their numbers, each with what it was counted from.

Values only: which words a statement is put in, and at which addresses its sources are, is decided where it is shown.
A statement is one of those that `service/brief_sentences.py` has a sentence for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np
from pyoxigraph import NamedNode

from graph.coverage import Coverage, Mask, Numbers
from graph.field import Field, Figure, slug
from graph.gap_lookup import FoundGaps, Lookup, Reckoned
from graph.gaps import EVERY_OFFERING, STATES, Filter, Gap
from graph.store import Dataset

KINDS: Final = ("sector", "area", "competency", "region", "provider")
WIDEST: Final = 5
NAMED: Final = 3
PROVIDER: Final = "providers "  # what begins the values of the coverage that are providers
UNCOVERED: Final = ("missing", "transferable", "stale")
"""The states in which no current offering is open to the sector."""


@dataclass(frozen=True)
class Question:
    """A list of the service and the arguments that it is asked with, or a thing as `kind/slug`."""

    of: str
    arguments: tuple[tuple[str, str], ...] = ()

    def that(self, **more: str) -> "Question":
        """The same with further arguments."""
        return replace(self, arguments=(*self.arguments, *more.items()))


@dataclass(frozen=True)
class Source:
    """Where a number can be read again: `how` is what is done with the answers to the questions.

    `count` is how many things the one list has, `less` the first count without the second, `sum` the counts together;
    `both` is how many competencies are uncovered in two of the lists, `brought` those uncovered in the first that have
    a supply in the second; `supply` is that of the one gap, `offered` the different current offerings in the evidence
    of a list, `providers` who gives these; `current` is how many of a list are current, `taught` what these teach, by
    the evidence in the second list; `said` is what the page of a thing states.
    """

    how: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Number:
    """A number, and what it was counted from."""

    value: int
    source: Source


@dataclass(frozen=True)
class Statement:
    """One thing that is said, by the name of its sentence, with the numbers and the things that the sentence names."""

    name: str
    numbers: Mapping[str, Number] = field(default_factory=dict)
    terms: Mapping[str, tuple[NamedNode, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Worked:
    """A gap with the survey figures behind its demand, and how many roles its sector has."""

    gap: Gap
    question: Question
    figures: tuple[Figure, ...]
    roles: int


@dataclass(frozen=True)
class Bars:
    """Numbers side by side, of a sector or of the whole: each by the name of what it counts, or by a sector."""

    of: NamedNode | None
    rows: tuple[tuple[str | NamedNode, Number], ...]


@dataclass(frozen=True)
class Brief:
    """All that is said. `subject` is the thing, or None for a region, which is a text."""

    kind: str
    subject: NamedNode | None
    region: str
    statements: tuple[Statement, ...]
    widest: tuple[Worked, ...]
    bars: tuple[Bars, ...]


@dataclass(frozen=True)
class Scope:
    """What is looked at: of which competencies, counting which offerings, and the same as arguments of a question."""

    competencies: Mask | None = None
    where: Filter = EVERY_OFFERING
    arguments: tuple[tuple[str, str], ...] = ()

    def gaps(self, **more: str) -> Question:
        """The list of gaps that this is."""
        return Question("gaps", self.arguments).that(**more)


WHOLE: Final = Scope()


class Reading:
    """A release as briefs are made of it. `ranks` are the places of the competencies in the order of their labels."""

    def __init__(self, dataset: Dataset, coverage: Coverage, field: Field, ranks: Numbers) -> None:
        self.dataset, self.coverage, self.field, self._ranks = dataset, coverage, field, ranks

    @cached_property
    def current(self) -> Mask:
        """Of each offering, whether it is current."""
        current: Mask = self.coverage.dated > self.field.stale_since.toordinal()
        return current

    @cached_property
    def given(self) -> tuple[Numbers, Numbers]:
        """Which provider, as a number of its value, gives which offering: parallel columns."""
        values = self.coverage.names.values
        of_provider = np.array([one.startswith(PROVIDER) for one in values], bool)
        value, offering = self.coverage.said[:, of_provider[self.coverage.said[0]]]
        return value, offering

    def providers(self, offerings: Mask) -> dict[NamedNode, int]:
        """The providers of these offerings, and how many of them each has."""
        value, offering = self.given
        numbers, counts = np.unique(value[offerings[offering]], return_counts=True)
        names = (self.coverage.names.values[number].removeprefix(PROVIDER) for number in numbers.tolist())
        return dict(zip(map(NamedNode, names), counts.tolist(), strict=True))

    def found(self, sectors: Sequence[NamedNode], scope: Scope, basis: str = "any") -> Reckoned:
        """The gaps of a scope in these sectors."""
        return Lookup(self.coverage, self.field, scope.where, basis).gaps(sectors, scope.competencies)

    def states(self, sector: NamedNode, scope: Scope, basis: str = "any") -> dict[str, Number]:
        """How many gaps of a sector are in each state, and `total`."""
        counts = self.found([sector], scope, basis).states()
        asked = scope.gaps(sector=slug(sector), **({} if basis == "any" else {"basis": basis}))
        of_states = {state: counted(counts[state], asked.that(state=state)) for state in STATES}
        return {"total": counted(counts.total(), asked), **of_states}

    def widest(self, sectors: Sequence[NamedNode], scope: Scope) -> tuple[Worked, ...]:
        """The gaps with the highest scores above 0, as the list of gaps has them."""
        found = self.found(sectors, scope)
        ordered = found.where(found.score > 0).in_order(self._ranks, np.arange(len(sectors), dtype=np.int32))
        gaps = FoundGaps(ordered, self.coverage, self.field, sectors, scope.where, "any")[:WIDEST]
        return tuple(self.worked(gap, scope) for gap in gaps)

    def worked(self, gap: Gap, scope: Scope) -> Worked:
        """A gap with the evidence for its demand."""
        figures = self.field.evidence[gap.competency].figures
        others = tuple(one for one in scope.arguments if one[0] == "region")
        return Worked(
            gap,
            Question("gaps", (("competency", slug(gap.competency)), ("sector", slug(gap.sector)), *others)),
            tuple(one for one in figures if one.iri in gap.needs),
            len(self.field.roles_in.get(gap.sector, ())),
        )

    def competency(self, number: int) -> NamedNode:
        """The competency of a number."""
        return NamedNode(self.coverage.names.competencies[number])

    def in_order_of(self, weights: Mapping[int, float]) -> list[NamedNode]:
        """Competencies by their weight, the greatest first, then by label."""
        ordered = sorted(weights, key=lambda number: (-round(weights[number], 12), self._ranks[number]))
        return [self.competency(number) for number in ordered]


def counted(value: int, question: Question) -> Number:
    """How many things a list has."""
    return Number(value, Source("count", (question,)))


def less(one: Number, other: Number) -> Number:
    """How many things of one list are not in another, which is a part of it."""
    return Number(one.value - other.value, Source("less", one.source.questions + other.source.questions))


def together(*numbers: Number) -> Number:
    """How many things several lists have that have none in common."""
    questions = tuple(question for one in numbers for question in one.source.questions)
    return Number(sum(one.value for one in numbers), Source("sum", questions))
