"""`/shared`: the competencies by how many of the sectors need them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from flask import Blueprint, Response
from pyoxigraph import NamedNode

from graph.coverage import REMOVED, Mask, Numbers
from graph.evidence import with_evidence
from graph.field import slug
from graph.gap_lookup import known_demand
from graph.gaps import Filter, Gap, gap
from graph.parameters import Parameter
from service.operation import Asked, answers
from service.parameters import AREA, BASIS, LANG, LIMIT, OFFSET, RELEASE
from service.representations import csv_answer, linked, listing, next_address, page, window
from service.rows import named, pair, rounded
from service.shown_query import same_question

blueprint = Blueprint("shared", __name__)

PARAMETERS: Final = (
    Parameter("count", "integer", "Needed by exactly so many sectors.", minimum=1, maximum=99),
    Parameter("sector", "iri", "Needed by this sector, whichever others need it.", kind="sector", example="archives"),
    AREA,
    BASIS,
    LANG,
    LIMIT,
    OFFSET,
)


@dataclass(frozen=True)
class Shared:
    """A competency, and the gap in each sector where the demand for it is known and above 0."""

    competency: NamedNode
    area: NamedNode | None
    needed: dict[NamedNode, Gap]


FORMATS: Final = ("html", "json", "csv")


@answers(blueprint, "/shared", "Competencies by how many sectors need them", FORMATS, (*PARAMETERS, RELEASE), "Gaps")
def show_shared(asked: Asked) -> Response:
    """What the sectors share: needed by all of them first, then by fewer."""
    widely = widely_needed(asked)
    counts = Counter(widely.count[widely.count > 0].tolist())
    found = _found(asked, widely).tolist()
    shown = [*shared(asked, window(asked, found))]
    following = {"next": next_address(asked, len(found))}
    match asked.representation:
        case "json":
            return listing(asked, [_row(asked, one) for one in shown], len(found))
        case "csv":
            columns = ["competency_iri", "competency_label", "area_iri", "area_label", "count"]
            columns += [f"{slug(sector)}_{what}" for sector in asked.view.sectors() for what in ("demand", "basis")]
            return linked(csv_answer(columns, (_cells(asked, one) for one in shown)), following)
    sparql = same_question(asked, "shared-competencies", {"count": "sector_count", "area": "area"})
    context = {"found": shown, "total": len(found), "counts": counts, "sparql": sparql}
    content = page("shared.html", asked, PARAMETERS, **context)
    return linked(content, following)


@dataclass(frozen=True)
class Needed:
    """By how many sectors each competency of the coverage is needed, and whether by each of them."""

    count: Numbers
    by: Mapping[NamedNode, Mask]


def widely_needed(asked: Asked) -> Needed:
    """Where the demand for each competency is known and above 0."""
    coverage, basis = asked.view.coverage, asked.text("basis") or "any"
    standing = coverage.area != REMOVED
    by = {sector: standing & (known_demand(coverage, sector, basis) > 0) for sector in asked.view.sectors()}
    return Needed(np.sum([*by.values()], axis=0, dtype=np.int32), by)


def shared(asked: Asked, numbers: Iterable[int]) -> Iterator[Shared]:
    """Some competencies of the coverage, by their numbers, with the gaps that make them needed."""
    iris = [NamedNode(asked.view.coverage.names.competencies[number]) for number in numbers]
    field, basis = with_evidence(asked.view.field, iris), asked.text("basis") or "any"
    for iri in iris:
        found = {sector: gap(field, iri, sector, Filter(), basis) for sector in field.sectors}
        yield Shared(
            iri, asked.view.coverage.area_of(iri), {sector: one for sector, one in found.items() if one.demand}
        )


def _found(asked: Asked, needed: Needed) -> Numbers:
    """The numbers of the competencies that are asked for, the most widely needed first, then by label."""
    sector, count = asked.iri("sector"), asked.text("count")
    wanted = (needed.count > 0) & asked.view.coverage.is_in_area(asked.iri("area"))
    if sector is not None:
        wanted &= needed.by.get(sector, np.zeros_like(wanted))
    if count is not None:
        wanted &= needed.count == int(count)
    order = np.lexsort((asked.view.ranks(asked.language), -needed.count))
    return order[wanted[order]].astype(np.int32)


def _row(asked: Asked, one: Shared) -> dict[str, Any]:
    return {
        "competency": {**named(asked, one.competency), "area": named(asked, one.area) if one.area else None},
        "count": len(one.needed),
        "sectors": [
            {**named(asked, sector), "demand": rounded(gap.demand), "basis": gap.basis, "kind": gap.kind}
            for sector, gap in one.needed.items()
        ],
    }


def _cells(asked: Asked, one: Shared) -> list[object]:
    demands = [
        cell
        for sector in asked.view.sectors()
        for gap in [one.needed.get(sector)]
        for cell in (("" if gap is None else rounded(gap.demand)), "" if gap is None else gap.basis)
    ]
    return [*pair(asked, one.competency), *pair(asked, one.area), len(one.needed), *demands]
