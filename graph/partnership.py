"""With whom a provider could work, and what is needed near what it teaches.

A partner is another provider that serves a sector which this one does not, and teaches the same competencies or such
as adjoin them (a stated relation, or the same area). Those who share most come first. Where a provider serves every
sector, every other provider can be a partner.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from pyoxigraph import NamedNode

from graph.coverage import Mask, Numbers
from graph.gap_lookup import DIGITS
from graph.opportunities import Opportunities


@dataclass(frozen=True)
class Partner:
    """A provider, how many competencies it teaches that are the same, and how many that adjoin them."""

    provider: NamedNode
    same: int
    near: int


@dataclass(frozen=True)
class Partnership:
    """A provider among the others: `taught` is what it teaches now, `adjoining` that and what is next to it."""

    all: Opportunities
    provider: NamedNode
    serves: frozenset[NamedNode]
    taught: Mask
    adjoining: Mask

    @classmethod
    def of(cls, found: Opportunities, provider: NamedNode) -> Self:
        """The place of one provider; one without current offerings has no partners and no neighbours."""
        around = found.surroundings
        taught = around.taught_by(around.is_provider(provider))
        return cls(found, provider, around.served_by(provider), taught, around.adjoining(taught))

    def partners(self) -> list[Partner]:
        """Whom it could work with: who teaches most of the same first, then most of what adjoins it."""
        around = self.all.surroundings
        competency, by = around.teaching
        same = np.bincount(by[self.taught[competency]], minlength=len(around.places))
        near = np.bincount(by[(self.adjoining & ~self.taught)[competency]], minlength=len(around.places))
        chosen = self._others() & (same + near > 0)
        names = around.coverage.names.providers
        found = [Partner(NamedNode(names[at]), int(same[at]), int(near[at])) for at in np.flatnonzero(chosen)]
        return sorted(found, key=lambda one: (-one.same, -one.near, one.provider.value))

    def shared_with(self, partner: NamedNode) -> list[NamedNode]:
        """The competencies that both teach now."""
        around = self.all.surroundings
        both = self.taught & around.taught_by(around.is_provider(partner))
        return [NamedNode(around.coverage.names.competencies[at]) for at in np.flatnonzero(both)]

    def together_with(self, partner: NamedNode, labels: Numbers) -> Numbers:
        """The opportunities that both adjoin, in two sectors or more that one or the other serves, in their order."""
        other = Partnership.of(self.all, partner)
        own, its = self._open(), other._open()
        return self.all.in_order(own.any(axis=0) & its.any(axis=0) & ((own | its).sum(axis=0) > 1), labels)

    def needed(self, labels: Numbers) -> Numbers:
        """What is needed and not covered, in whichever sector, and adjoins what it teaches: the highest score first."""
        order = np.lexsort((labels, -np.round(self.all.score, DIGITS)))
        return order[(self.adjoining & (self.all.count > 0))[order]].astype(np.int32)

    def _open(self) -> Mask:
        """Where there is a gap in a sector that it serves, next to what it teaches."""
        serving = np.array([sector in self.serves for sector in self.all.field.sectors], bool)
        found: Mask = self.all.open_in & self.adjoining & serving[:, np.newaxis]
        return found

    def _others(self) -> Mask:
        """Of each provider, whether it is another and serves a sector that this one does not, if there is any."""
        around = self.all.surroundings
        further = [serving for sector, serving in around.serves.items() if sector not in self.serves]
        among = np.any(further, axis=0) if further else np.ones(len(around.places), bool)
        others: Mask = among & ~around.is_provider(self.provider)
        return others
