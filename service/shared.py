"""`/shared`: the competencies by how many of the sectors need them, and by which."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from flask import Blueprint, Response
from pyoxigraph import NamedNode

from graph.comparison import parts
from graph.coverage import REMOVED, Mask, Numbers
from graph.evidence import with_evidence
from graph.field import slug
from graph.gap_lookup import known_demand
from graph.gaps import Filter, Gap, gap
from graph.parameters import Parameter
from graph.required_levels import IMPORTANCES, LEVELS
from service.operation import Asked, answers
from service.overlap_tables import by_area, by_level, counts
from service.overlaps import LIST as HERE
from service.overlaps import ONLY, figure_of, just_these, largest, shown_parts
from service.parameters import AREA, BASIS, LANG, LIMIT, OFFSET, RELEASE
from service.representations import address, csv_answer, linked, listing, next_address, page, window
from service.rows import named, pair, rounded
from service.shown_query import same_question

blueprint = Blueprint("shared", __name__)

PARAMETERS: Final = (
    Parameter("count", "integer", "Needed by exactly so many sectors.", minimum=1, maximum=99),
    Parameter("sector", "iri", "Needed by this sector, whichever others need it.", kind="sector", example="archives"),
    ONLY,
    AREA,
    Parameter(
        "importance",
        "enumeration",
        "How strongly roles require it at most; `survey-only` is what no role requires.",
        enumeration=IMPORTANCES,
    ),
    Parameter("level", "enumeration", "Required by some role at this level, or at none.", enumeration=LEVELS),
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
    needed = widely_needed(asked)
    within = {sector: here & _within(asked) for sector, here in needed.by.items()}
    held, names = parts(within), {slug(sector): sector for sector in asked.view.sectors()}
    found = _found(asked, needed, just_these(asked, names)).tolist()
    shown = [*shared(asked, window(asked, found))]
    following = {"next": next_address(asked, len(found))}
    match asked.representation:
        case "json":
            sums = [{"sectors": list(map(slug, one.needed_by)), "total": len(one.competencies)} for one in held]
            return listing(asked, [_row(asked, one) for one in shown], len(found), combinations=sums)
        case "csv":
            columns = ["competency_iri", "competency_label", "area_iri", "area_label", "count"]
            columns += [f"{slug(sector)}_{what}" for sector in asked.view.sectors() for what in ("demand", "basis")]
            columns += ["importance", "levels"]
            return linked(csv_answer(columns, (_cells(asked, one) for one in shown)), following)
    sparql = same_question(asked, "shared-competencies", {"count": "sector_count", "area": "area"})
    named_parts = shown_parts(asked, held, names)
    wholes = [address(sector=name, only=None, count=None, offset=None) + HERE for name in names]
    context = {"found": shown, "total": len(found), "parts": named_parts, "drawn": largest(named_parts)}
    context["chosen_from"] = [(one.only, one.name) for one in named_parts]
    context |= {"figure": figure_of(asked, named_parts, names, wholes), "counts": counts(named_parts)}
    context |= {"areas": by_area(asked, named_parts), "levels": by_level(asked, named_parts)}
    return linked(page("shared.html", asked, PARAMETERS, sparql=sparql, **context), following)


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


def _within(asked: Asked) -> Mask:
    """Of each competency, whether it is in the area, and required as strongly and at the level, that are asked for."""
    wanted, stated = asked.view.coverage.is_in_area(asked.iri("area")), asked.view.required_levels
    for name, masks in zip(("importance", "level"), stated, strict=True):
        if chosen := asked.text(name):
            wanted = wanted & masks[chosen]
    return wanted


def _found(asked: Asked, needed: Needed, only: Sequence[NamedNode] | None) -> Numbers:
    """The numbers of the competencies that are asked for, the most widely needed first, then by label."""
    sector, count = asked.iri("sector"), asked.text("count")
    wanted = (needed.count > 0) & _within(asked)
    if only is not None:
        wanted &= np.all([here == (one in only) for one, here in needed.by.items()], axis=0)
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
        **_required(asked, one.competency),
    }


def _required(asked: Asked, competency: NamedNode) -> dict[str, Any]:
    """How strongly and at which levels roles require a competency."""
    number = asked.view.coverage.number[competency.value]
    importances, levels = (
        [name for name, mask in masks.items() if mask[number]] for masks in asked.view.required_levels
    )
    return {"importance": importances[0], "levels": levels}


def _cells(asked: Asked, one: Shared) -> list[object]:
    demands = [
        cell
        for sector in asked.view.sectors()
        for gap in [one.needed.get(sector)]
        for cell in (("" if gap is None else rounded(gap.demand)), "" if gap is None else gap.basis)
    ]
    required = _required(asked, one.competency)
    said = [required["importance"], ";".join(required["levels"])]
    return [*pair(asked, one.competency), *pair(asked, one.area), len(one.needed), *demands, *said]
