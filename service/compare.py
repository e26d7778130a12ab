"""`/compare`: two or three sectors, sub-sectors or roles: what all of them need, what some, what one only.

The answer is the same whichever is named first: what is compared comes in the order of its identifiers, and one of the
addresses is the canonical one.
"""

from collections.abc import Sequence
from typing import Any, Final

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from graph.comparison import Need
from graph.namespaces import kind_and_slug
from graph.parameters import Parameter
from service.compared import Compared, Known, Row, called, known, rows
from service.deployment import deployment
from service.operation import Asked, answers
from service.overlaps import ONLY, PLACES, comparison_of, figure_of, just_these, shown_parts
from service.parameters import AREA, BASIS, LANG, LIMIT, OFFSET, RELEASE
from service.permalinks import kept
from service.representations import csv_answer, linked, listing, next_address, page, window
from service.rows import named, pair, rounded

blueprint = Blueprint("compare", __name__)

KINDS: Final = ("sector", "role")
EXAMPLES: Final = ("sector/museums", "role/archivist", "sector/public-libraries")
SAYS: Final = ("A sector, sub-sector or role, as `kind/slug`.", "What to compare it with.", "A third one, if wanted.")
THINGS: Final = tuple(
    Parameter(name, "iri", text, required=name != PLACES[-1], kind="any", example=example)
    for name, text, example in zip(PLACES, SAYS, EXAMPLES, strict=True)
)
PARAMETERS: Final = (*THINGS, ONLY, AREA, BASIS, LANG, LIMIT, OFFSET)
PICKED: Final = 200
"""Of more sectors and roles a list to pick from is no help: the form has a field to type in."""


@answers(
    blueprint,
    "/compare",
    "Sectors and roles compared by what they need",
    ("html", "json", "csv"),
    (*PARAMETERS, RELEASE),
    "Gaps",
    begun=True,
)
def show_comparison(asked: Asked) -> Response:
    """What two or three sectors, sub-sectors or roles need in common, and what only some of them need."""
    things = _things(asked)
    if asked.representation == "html" and len(things) < 2:
        return linked(
            page("compare.html", asked, PARAMETERS, pickers=_pickers(asked), example=EXAMPLES[1], compared=None), {}
        )
    compared = Compared(asked, tuple(sorted(things.values(), key=str)))
    chosen = just_these(asked, compared.names)
    listed = [one for one in compared.parts if chosen is None or one.needed_by == chosen]
    found = [(part, number) for part in listed for number in part.competencies.tolist()]
    shown = [*rows(compared, window(asked, found))]
    targets = {"next": next_address(asked, len(found)), "canonical": _canonical(compared)}
    match asked.representation:
        case "json":
            answer = listing(asked, [_item(asked, one) for one in shown], len(found), **_whole(compared))
            answer.headers.add("Link", f'<{targets["canonical"]}>; rel="canonical"')
            return answer
        case "csv":
            return linked(csv_answer(_columns(compared), (_cells(asked, compared, one) for one in shown)), targets)
    return linked(_page(compared, shown, len(found)), targets)


def _things(asked: Asked) -> dict[str, NamedNode]:
    """What is compared, by the names of the parameters. Raises InvalidParameter for what cannot be."""
    found: dict[str, NamedNode] = {}
    for parameter in THINGS:
        iri = asked.iri(parameter.name)
        if iri is None:
            continue
        kind, name = kind_and_slug(iri) or ("", "")
        if kind not in KINDS or (kind == "sector" and iri not in asked.view.field.broader_sector):
            problem = "only sectors, sub-sectors and roles can be compared: write `sector/...` or `role/...`."
            raise parameter.refusal(called(iri), problem)
        if iri in found.values():
            raise parameter.refusal(called(iri), f"`{kind}/{name}` is named twice: compare it with another.")
        found[parameter.name] = iri
    return found


def _canonical(compared: Compared) -> str:
    """The address of the same comparison in the order of the identifiers, whichever part of it is shown."""
    chosen = {one.name: compared.asked.text(one.name) for one in (AREA, BASIS)}
    more = {name: text for name, text in chosen.items() if text and text != BASIS.default}
    return deployment().at(comparison_of(compared.things, **more)).value


def _page(compared: Compared, shown: Sequence[Row], total: int) -> Response:
    asked = compared.asked
    found = shown_parts(asked, compared.parts, compared.names)
    figure = figure_of(asked, found, compared.names, [kept(f"/{one}") for one in compared.names])
    groups = [(part, [row for row in shown if row.part is part.part]) for part in found]
    context = {
        "pickers": _pickers(asked),
        "example": EXAMPLES[1],
        "compared": compared,
        "parts": found,
        "figure": figure,
        "total": total,
    }
    context |= {"groups": groups, "shown": len(shown), "known": known(compared), "canonical": _canonical(compared)}
    context["titles"] = [asked.label(iri) for iri in compared.things]
    return page("compare.html", asked, PARAMETERS, **context)


def _pickers(asked: Asked) -> dict[str, list[tuple[str, str]]]:
    """What can be compared, by kind, to pick from; nothing where there is too much."""
    kinds = {kind: asked.view.slugs.get(kind, ()) for kind in KINDS}
    if sum(map(len, kinds.values())) > PICKED:
        return {}
    field = asked.view.field
    sectors = sorted(field.broader_sector, key=lambda iri: (_path(asked, iri), iri.value))
    roles = sorted(field.role_sectors, key=lambda iri: (asked.label(iri).casefold(), iri.value))
    return {
        "sector": [(called(iri), " › ".join(_path(asked, iri))) for iri in sectors],
        "role": [(called(iri), asked.label(iri)) for iri in roles],
    }


def _path(asked: Asked, sector: NamedNode) -> list[str]:
    above = asked.view.field.broader_sector.get(sector)
    return [asked.label(above), asked.label(sector)] if above else [asked.label(sector)]


def _whole(compared: Compared) -> dict[str, Any]:
    asked = compared.asked
    return {
        "things": [_thing(asked, one) for one in known(compared)],
        "parts": [
            {"needed_by": [called(iri) for iri in one.needed_by], "total": len(one.competencies)}
            for one in compared.parts
        ],
    }


def _thing(asked: Asked, one: Known) -> dict[str, Any]:
    if one.is_role:
        return named(asked, one.thing)
    above = named(asked, one.above) if one.above else None
    return {
        **named(asked, one.thing),
        "broader": above,
        "roles": one.roles,
        "known_by_survey": one.by_survey,
        "known_by_roles": one.by_roles,
    }


def _item(asked: Asked, row: Row) -> dict[str, Any]:
    return {
        "competency": {**named(asked, row.competency), "area": named(asked, row.area) if row.area else None},
        "needed_by": [called(iri) for iri in row.part.needed_by],
        "needs": [_need(asked, thing, need) for thing, need in row.needs.items()],
    }


def _need(asked: Asked, thing: NamedNode, need: Need | None) -> dict[str, Any]:
    """What is known of a thing itself; what is known only of the sector above it stands apart."""
    own = need if need and not need.inherited else None
    said: dict[str, Any] = {
        "thing": named(asked, thing),
        "weight": rounded(own.weight) if own else None,
        "basis": own.basis if own else None,
        "kind": own.kind if own else None,
    }
    if need and need.inherited:
        above = {"sector": named(asked, need.inherited), "weight": rounded(need.weight)}
        said["broader"] = {**above, "basis": need.basis, "kind": need.kind}
    return said


def _columns(compared: Compared) -> list[str]:
    columns = ["competency_iri", "competency_label", "area_iri", "area_label", "needed_by"]
    for iri in compared.things:
        name = called(iri).replace("/", "_").replace("-", "_")
        columns += [f"{name}_{what}" for what in ("weight", "basis", "kind", "known_of")]
    return columns


def _cells(asked: Asked, compared: Compared, row: Row) -> list[object]:
    cells: list[object] = [*pair(asked, row.competency), *pair(asked, row.area)]
    cells.append(";".join(iri.value for iri in row.part.needed_by))
    for iri in compared.things:
        need = row.needs[iri]
        known = [rounded(need.weight), need.basis, need.kind or "", (need.inherited or iri).value] if need else [""] * 4
        cells += known
    return cells
