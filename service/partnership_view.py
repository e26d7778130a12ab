"""What is shown of a provider among others: whom it could work with, and what its neighbours need."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pyoxigraph import NamedNode

from graph.evidence import with_evidence
from graph.gaps import EVERY_OFFERING, Gap, gap
from graph.partnership import Partner, Partnership
from service.operation import Asked

SHOWN_SHARED: Final = 4
SHOWN_TOGETHER: Final = 3
SHOWN_NEEDED: Final = 10
SHOWN_PARTNERS: Final = 5


@dataclass(frozen=True)
class ShownPartner:
    """A partner, what both teach, and the first of the opportunities that both could serve."""

    partner: Partner
    serves: frozenset[NamedNode]
    shared: Sequence[NamedNode]
    together: Sequence[NamedNode]
    opportunities: int


@dataclass(frozen=True)
class Needed:
    """A competency that is needed near what the provider teaches, with the gap of each sector that lacks it."""

    competency: NamedNode
    taught: bool
    opportunity: bool
    gaps: Sequence[Gap]


@dataclass(frozen=True)
class ShownPartnership:
    """The place of a provider among the others, as a reader asks for it."""

    asked: Asked
    place: Partnership

    @cached_property
    def ranked(self) -> list[Partner]:
        """Everybody it could work with."""
        return self.place.partners()

    def partners(self, part: Sequence[Partner]) -> list[ShownPartner]:
        """Some of them, with what joins them."""
        return [self._partner(one) for one in part]

    @property
    def closest(self) -> list[ShownPartner]:
        """The first of them: as many as the page of the provider shows."""
        return self.partners(self.ranked[:SHOWN_PARTNERS])

    def needed(self, limit: int = SHOWN_PARTNERS) -> list[Needed]:
        """What is needed near what it teaches, the most pressing first."""
        found, coverage = self.place.all, self.asked.view.coverage
        numbers = self.place.needed(self.asked.view.ranks(self.asked.language))[:limit].tolist()
        iris = {number: NamedNode(coverage.names.competencies[number]) for number in numbers}
        field = with_evidence(self.asked.view.field, iris.values())
        return [
            Needed(
                iri,
                bool(self.place.taught[number]),
                bool(found.standing[number]),
                [gap(field, iri, sector, EVERY_OFFERING) for sector in found.sectors_of(number)],
            )
            for number, iri in iris.items()
        ]

    def _partner(self, one: Partner) -> ShownPartner:
        ranks, names = self.asked.view.ranks(self.asked.language), self.asked.view.coverage.names.competencies
        together = self.place.together_with(one.provider, ranks)
        shared = sorted(self.place.shared_with(one.provider), key=lambda iri: self.asked.label(iri).casefold())
        return ShownPartner(
            partner=one,
            serves=self.place.all.surroundings.served_by(one.provider),
            shared=shared[:SHOWN_SHARED],
            together=[NamedNode(names[number]) for number in together[:SHOWN_TOGETHER]],
            opportunities=len(together),
        )


def partnership_of(asked: Asked, provider: NamedNode) -> ShownPartnership:
    """The place of a provider among the others in the release asked for."""
    return ShownPartnership(asked, Partnership.of(asked.view.opportunities, provider))
