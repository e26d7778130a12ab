"""Tables of what the sectors share: how much of each part is in each area, and required at which level."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pyoxigraph import NamedNode

from graph.field import slug
from graph.namespaces import entity
from service.languages import gettext
from service.operation import Asked
from service.overlaps import LIST, ShownPart, largest
from service.representations import address


@dataclass(frozen=True)
class Line:
    """A row of a table of parts: what it counts, where all of it is listed, and of each part that is drawn."""

    name: str
    href: str
    total: int
    cells: Sequence[tuple[int, str]]


def counts(found: Sequence[ShownPart]) -> Counter[int]:
    """How many competencies so many sectors need."""
    numbers = Counter[int]()
    for one in found:
        numbers[len(one.part.needed_by)] += one.total
    return numbers


def by_area(asked: Asked, found: Sequence[ShownPart]) -> list[Line]:
    """How much of each part is in each area that holds some of it, by the labels of the areas."""
    of_each, names = asked.view.coverage.area, asked.view.coverage.names.areas
    sums = [np.bincount(np.maximum(of_each[one.part.competencies], -1) + 1, minlength=len(names) + 1) for one in found]
    areas = {number: NamedNode(name) for number, name in enumerate(names, 1) if any(some[number] for some in sums)}
    lines = [
        _line(asked, found, asked.label(area), [int(some[number]) for some in sums], area=slug(area))
        for number, area in areas.items()
    ]
    return sorted(lines, key=lambda one: one.name.casefold())


def by_level(asked: Asked, found: Sequence[ShownPart]) -> list[list[Line]]:
    """How much of each part roles require so strongly, and at which level."""
    importances, levels = asked.view.required_levels
    words = {
        "survey-only": gettext("Required by no role: only surveys speak of it"),
        "not-stated": gettext("At a level that no role states"),
    }
    tables = []
    for kind, masks in (("importance", importances), ("level", levels)):
        lines = []
        for one, mask in masks.items():
            sums = [int(mask[some.part.competencies].sum()) for some in found]
            name = words.get(one) or asked.label(entity(kind, one))
            lines.append(_line(asked, found, name, sums, **{kind: one}))
        tables.append([line for line in lines if line.total])
    return tables


def _line(asked: Asked, found: Sequence[ShownPart], name: str, sums: Sequence[int], **chosen: str) -> Line:
    plain: dict[str, object] = {"count": None, "sector": None, "offset": None, **chosen}
    drawn = largest(found)
    cells = [
        (number, address(only=one.only, **plain) + LIST)
        for number, one in zip(sums, found, strict=True)
        if one in drawn
    ]
    return Line(name, address(only=None, **plain) + LIST, sum(sums), cells)
