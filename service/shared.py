"""`/shared`: the competencies by how many of the sectors need them."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from graph.field import slug
from graph.gaps import Filter, Gap, gaps
from graph.parameters import Parameter
from service.operation import Asked, answers
from service.parameters import AREA, BASIS, LANG, LIMIT, OFFSET
from service.representations import linked, listing, next_address, page, spreadsheet, window
from service.rows import named, pair, rounded

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


FORMATS: Final = ("html", "json", "csv", "xlsx")


@answers(blueprint, "/shared", "Competencies by how many sectors need them", FORMATS, PARAMETERS, "Gaps")
def show_shared(asked: Asked) -> Response:
    """What the sectors share: needed by all of them first, then by fewer."""
    everything = shared(asked)
    counts = Counter(len(one.needed) for one in everything)
    found = [one for one in everything if _wanted(asked, one)]
    shown = window(asked, found)
    following = {"next": next_address(asked, len(found))}
    match asked.representation:
        case "json":
            return listing(asked, [_row(asked, one) for one in shown], len(found))
        case "csv" | "xlsx" as suffix:
            columns = ["competency_iri", "competency_label", "area_iri", "area_label", "count"]
            columns += [f"{slug(sector)}_{what}" for sector in asked.view.sectors() for what in ("demand", "basis")]
            return linked(spreadsheet(suffix, columns, (_cells(asked, one) for one in shown)), following)
    content = page("shared.html", asked, found=shown, total=len(found), counts=counts, parameters=PARAMETERS)
    return linked(content, following)


def shared(asked: Asked) -> list[Shared]:
    """Every competency that some sector needs, the most widely needed first, then by label."""
    field = asked.view.field
    needed: dict[NamedNode, dict[NamedNode, Gap]] = defaultdict(dict)
    for gap in gaps(field, field.sectors, Filter(), asked.text("basis") or "any"):
        if gap.demand:
            needed[gap.competency][gap.sector] = gap
    found = [Shared(iri, field.evidence[iri].area, where) for iri, where in needed.items()]
    return sorted(found, key=lambda one: (-len(one.needed), asked.label(one.competency).casefold()))


def _wanted(asked: Asked, one: Shared) -> bool:
    sector, area, count = asked.iri("sector"), asked.iri("area"), asked.text("count")
    return (
        (sector is None or sector in one.needed)
        and (area is None or area == one.area)
        and (count is None or int(count) == len(one.needed))
    )


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
