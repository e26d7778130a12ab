"""`/compare`: two or three sectors, sub-sectors or roles: what all of them need, what some, what one only.

The answer is the same whichever is named first: what is compared comes in the order of its identifiers, and one of the
addresses is the canonical one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from flask import Blueprint, Response
from pyoxigraph import NamedNode

from graph.comparison import Need, Part, every_part, need_of, strongest_first, weights
from graph.coverage import BASES, Shares
from graph.evidence import with_evidence
from graph.gap_lookup import known_demand
from graph.namespaces import kind_and_slug
from graph.parameters import Parameter
from service.deployment import deployment
from service.operation import Asked, answers
from service.overlaps import ONLY, PLACES, comparison_of, figure_of, just_these, shown_parts
from service.parameters import AREA, BASIS, LANG, LIMIT, OFFSET, RELEASE
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
        return linked(page("compare.html", asked, PARAMETERS, pickers=_pickers(asked), compared=None), {})
    compared = Compared(asked, tuple(sorted(things.values(), key=str)))
    chosen = just_these(asked, compared.names)
    listed = [one for one in compared.parts if chosen is None or one.needed_by == chosen]
    found = [(part, number) for part in listed for number in part.competencies.tolist()]
    shown = [*_rows(compared, window(asked, found))]
    targets = {"next": next_address(asked, len(found)), "canonical": _canonical(compared)}
    match asked.representation:
        case "json":
            answer = listing(asked, [_item(asked, one) for one in shown], len(found), **_whole(compared))
            answer.headers.add("Link", f'<{targets["canonical"]}>; rel="canonical"')
            return answer
        case "csv":
            return linked(csv_answer(_columns(compared), (_cells(asked, compared, one) for one in shown)), targets)
    return linked(_page(compared, shown, len(found)), targets)


def called(iri: NamedNode) -> str:
    """What an address calls a thing: `role/archivist`."""
    return "/".join(kind_and_slug(iri) or ("", iri.value))


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


def _rows(compared: Compared, chosen: Sequence[tuple[Part, int]]) -> Iterator[Row]:
    view = compared.asked.view
    iris = [NamedNode(view.coverage.names.competencies[number]) for _, number in chosen]
    field = with_evidence(view.field, iris)
    for (part, _), iri in zip(chosen, iris, strict=True):
        needs = {thing: need_of(field, iri, thing, compared.basis) for thing in compared.things}
        yield Row(iri, view.coverage.area_of(iri), part, needs)


def _known(compared: Compared) -> list[Known]:
    field, coverage = compared.asked.view.field, compared.asked.view.coverage
    found = []
    for iri in compared.things:
        own = [int(np.sum(~np.isnan(known_demand(coverage, iri, basis)))) for basis in BASES]
        roles, above = len(field.roles_in.get(iri, ())), field.broader_sector.get(iri)
        found.append(Known(iri, iri not in field.broader_sector, roles, own[0], own[1], above))
    return found


def _canonical(compared: Compared) -> str:
    """The address of the same comparison in the order of the identifiers, whichever part of it is shown."""
    chosen = {one.name: compared.asked.text(one.name) for one in (AREA, BASIS)}
    more = {name: text for name, text in chosen.items() if text and text != BASIS.default}
    return deployment().at(comparison_of(compared.things, **more)).value


def _page(compared: Compared, shown: Sequence[Row], total: int) -> Response:
    asked = compared.asked
    found = shown_parts(asked, compared.parts, compared.names)
    figure = figure_of(asked, found, compared.names, [f"/{one}" for one in compared.names])
    groups = [(part, [row for row in shown if row.part.needed_by == part.part.needed_by]) for part in found]
    context = {"pickers": _pickers(asked), "compared": compared, "parts": found, "figure": figure, "total": total}
    context |= {"groups": groups, "shown": len(shown), "known": _known(compared), "canonical": _canonical(compared)}
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
        "things": [_thing(asked, one) for one in _known(compared)],
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
