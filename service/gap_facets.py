"""What the filter of gaps can be set to, with how much each choice would leave.

Beside a sector, an area or a state stands how many gaps would be left; beside a basis, how many would have a known
demand; beside what chooses supply, how many current offerings would count for what is asked for. All of them under the
rest of the filter.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from pyoxigraph import NamedNode

from graph.coverage import BASES, REMOVED, Mask
from graph.field import slug
from graph.gap_lookup import known_demand
from graph.namespaces import entity
from graph.supply_choices import offerings_by_choice
from service.asked import Asked
from service.choices import MOST, STATE_WORDS, choices
from service.gap_search import PARAMETERS, Search
from service.languages import gettext as _
from service.languages import language_name, territory_name

CONTROLLED: Final = ("sector", "level", "mode")
"""What has a list of its own, whose order a reader knows."""


@dataclass(frozen=True)
class Choice:
    """One value of a part of the filter, its words, and how much it would leave."""

    value: str
    text: str
    count: int


@dataclass(frozen=True)
class Facet:
    """The choices for one part of the filter; `typed` where they are so many that one is rather typed in."""

    name: str
    chosen: str
    choices: Sequence[Choice]

    @property
    def typed(self) -> bool:
        """Whether a list of them would be too long."""
        return len(self.choices) > MOST


def facets(asked: Asked, search: Search) -> dict[str, Facet]:
    """Every part of the filter by its name."""
    listed = choices(asked, [one for one in PARAMETERS if one.name in CONTROLLED])
    supply = offerings_by_choice(
        asked.view.coverage, asked.view.field, search.where, search.sectors, search.competencies
    )
    found = [
        _listed(asked, "sector", listed["sector"], _by_sector(asked, search, [*dict(listed["sector"])])),
        _by_label(asked, "area", _by_area(asked, search), lambda one: asked.label(entity("area", one))),
        _listed(asked, "state", list(STATE_WORDS.items()), search.found.states()),
        _listed(asked, "basis", _bases(), _by_basis(asked, search)),
        *(_listed(asked, name, listed[name], supply[name]) for name in ("level", "mode")),
        _by_label(asked, "region", supply["region"], place_name),
        _by_label(asked, "language", supply["language"], language_name),
        _listed(asked, "free", [("true", _("Free only")), ("false", _("Not free only"))], supply["free"]),
        _listed(asked, "upcoming", [("true", _("Still to come"))], supply["upcoming"]),
    ]
    return {one.name: one for one in found}


def place_name(place: str) -> str:
    """A country by its code, or a region, as it is written."""
    small = ("and", "of", "the")
    named = territory_name(place)
    return named or " ".join(word if word in small else word.capitalize() for word in place.split())


def _bases() -> list[tuple[str, str]]:
    return [("survey", _("Survey")), ("roles", _("Roles"))]


def _listed(asked: Asked, name: str, values: Iterable[tuple[str, str]], counts: Mapping[str, int]) -> Facet:
    """The choices of a list, in its order."""
    return Facet(name, asked.text(name) or "", [Choice(value, text, counts.get(value, 0)) for value, text in values])


def _by_label(asked: Asked, name: str, counts: Mapping[str, int], label: Callable[[str], str]) -> Facet:
    """The choices that leave something, and the chosen one, by their labels."""
    chosen = (asked.text(name) or "").casefold()
    values = {value for value, count in counts.items() if count} | ({chosen} - {""})
    found = [Choice(value, label(value), counts.get(value, 0)) for value in values]
    return Facet(name, chosen, sorted(found, key=lambda one: one.text.casefold()))


def _by_sector(asked: Asked, search: Search, sectors: Sequence[str]) -> dict[str, int]:
    iris = [entity("sector", one) for one in sectors]
    if search.wanted is None:
        return dict.fromkeys(sectors, int(np.count_nonzero(_wanted(asked, search))))
    found = search.lookup.gaps(iris, search.competencies)
    counts = np.bincount(found.sector[search.in_state(found)], minlength=len(iris)).tolist()
    return dict(zip(sectors, counts, strict=True))


def _by_area(asked: Asked, search: Search) -> dict[str, int]:
    coverage, found = asked.view.coverage, search.found
    if asked.iri("area") is not None:
        found = search.lookup.gaps(search.sectors, coverage.is_competency(asked.iri("competency")))
    areas = coverage.area[found.competency[search.in_state(found)]]
    counts = np.bincount(areas[areas >= 0], minlength=len(coverage.names.areas)).tolist()
    return {slug(NamedNode(iri)): count for iri, count in zip(coverage.names.areas, counts, strict=True)}


def _by_basis(asked: Asked, search: Search) -> dict[str, int]:
    coverage, wanted = asked.view.coverage, _wanted(asked, search)
    return {
        basis: sum(
            int(np.count_nonzero(wanted & ~np.isnan(known_demand(coverage, sector, basis))))
            for sector in search.sectors
        )
        for basis in BASES
    }


def _wanted(asked: Asked, search: Search) -> Mask:
    standing: Mask = np.not_equal(asked.view.coverage.area, REMOVED)
    return standing if search.competencies is None else standing & search.competencies
