"""What a comparison of sectors and roles finds: its parts, its rows, and what it rests on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from pyoxigraph import NamedNode

from graph.comparison import Need, Part, every_part, need_of, strongest_first, weights
from graph.coverage import BASES, Shares
from graph.evidence import with_evidence
from graph.gap_lookup import known_demand
from graph.namespaces import kind_and_slug
from service.operation import Asked


def called(iri: NamedNode) -> str:
    """What an address calls a thing: `role/archivist`."""
    return "/".join(kind_and_slug(iri) or ("", iri.value))


@dataclass(frozen=True)
class Compared:
    """What is compared, in the order of the identifiers, and how much each needs every competency of the coverage."""

    asked: Asked
    things: tuple[NamedNode, ...]

    @property
    def basis(self) -> str:
        """Where demand is taken from."""
        return self.asked.text("basis") or "any"

    @property
    def names(self) -> dict[str, NamedNode]:
        """The things by what the address calls them."""
        return {called(iri): iri for iri in self.things}

    @cached_property
    def needs(self) -> dict[NamedNode, Shares]:
        """How much each needs each competency; NaN where nothing is known of it."""
        view = self.asked.view
        return {iri: weights(view.coverage, view.requirements, view.field, iri, self.basis) for iri in self.things}

    @cached_property
    def parts(self) -> list[Part]:
        """Every part, each with the strongest need first."""
        view = self.asked.view
        within, labels = view.coverage.is_in_area(self.asked.iri("area")), view.ranks(self.asked.language)
        found = every_part({iri: (need > 0) & within for iri, need in self.needs.items()})
        columns = [*self.needs.values()]
        return [Part(one.needed_by, strongest_first(one.competencies, columns, labels)) for one in found]


@dataclass(frozen=True)
class Row:
    """A competency, the part that it is in, and what is known of the need of each for it."""

    competency: NamedNode
    area: NamedNode | None
    part: Part
    needs: Mapping[NamedNode, Need | None]


@dataclass(frozen=True)
class Known:
    """What a comparison rests on: of a sector how many roles, and how many competencies its surveys and roles speak of.

    `above` is what a sub-sector is below.
    """

    thing: NamedNode
    is_role: bool
    roles: int
    by_survey: int
    by_roles: int
    above: NamedNode | None


def rows(compared: Compared, chosen: Sequence[tuple[Part, int]]) -> Iterator[Row]:
    """Some competencies of the coverage, each with its part and what is known of the need of each thing for it."""
    view = compared.asked.view
    iris = [NamedNode(view.coverage.names.competencies[number]) for _, number in chosen]
    field = with_evidence(view.field, iris)
    for (part, _), iri in zip(chosen, iris, strict=True):
        needs = {thing: need_of(field, iri, thing, compared.basis) for thing in compared.things}
        yield Row(iri, view.coverage.area_of(iri), part, needs)


def known(compared: Compared) -> list[Known]:
    """What is known of each thing that is compared."""
    field, coverage = compared.asked.view.field, compared.asked.view.coverage
    found = []
    for iri in compared.things:
        own = [int(np.sum(~np.isnan(known_demand(coverage, iri, basis)))) for basis in BASES]
        roles, above = len(field.roles_in.get(iri, ())), field.broader_sector.get(iri)
        found.append(Known(iri, iri not in field.broader_sector, roles, own[0], own[1], above))
    return found
