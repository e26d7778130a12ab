"""`/new`: what came new into the graph in a month, offerings first."""

from typing import Any, Final

from flask import Blueprint, Response
from pyoxigraph import Literal, NamedNode

from graph.changes import Changed
from graph.namespaces import SKOS, TRV
from graph.novelties import Published, count_new, new_in, published_months
from graph.parameters import Parameter
from service.offered_for import providers_of
from service.operation import Asked, answers
from service.parameters import LANG, LIMIT, OFFSET
from service.representations import csv_answer, linked, listing, next_address, page
from service.rows import named
from service.words import kind_name

blueprint = Blueprint("novelties", __name__)

KINDS: Final = ("offering", "session", "provider", "competency", "role", "survey", "need")
MONTH: Final = Parameter(
    "month", "text", "A month in which something was published; without it, the last one.", example="2026-11"
)
KIND: Final = Parameter("kind", "enumeration", "What of.", default=KINDS[0], enumeration=KINDS)
PARAMETERS: Final = (MONTH, KIND, LANG, LIMIT, OFFSET)
COLUMNS: Final = ("at", "release", "kind", "entity_iri", "entity_label")


@answers(blueprint, "/new", "What came new in a month", ("html", "json", "csv"), PARAMETERS, "History")
def show_new(asked: Asked) -> Response:
    """What was added in a month and is still there, the newest first; withdrawn and mended things are in `/changes`."""
    log, upto = asked.view.log, asked.view.release.number
    months, kind = published_months(log, upto), asked.text("kind") or KINDS[0]
    month = _chosen(asked, months)
    counts = count_new(log, month, upto, KINDS)
    limit = asked.number("limit") or None
    found = new_in(log, month, upto, [kind], limit, asked.number("offset"))
    following = {"next": next_address(asked, counts[kind])}
    match asked.representation:
        case "json":
            return listing(asked, [_item(asked, one) for one in found], counts[kind], month=month.name, counts=counts)
        case "csv":
            return linked(csv_answer(COLUMNS, (_cells(asked, one) for one in found)), following)
    context: dict[str, Any] = {"months": months, "month": month, "counts": counts, "kind": kind, "found": found}
    context |= {"names": {one: kind_name(one) for one in KINDS}, "about": _about, "began": months[-1]}
    return linked(page("new.html", asked, PARAMETERS, total=counts[kind], **context), following)


def _chosen(asked: Asked, months: list[Published]) -> Published:
    """The month that is asked for, else the last one. Raises InvalidParameter."""
    name = asked.text("month")
    if name is None:
        return months[0]
    for one in months:
        if one.name == name:
            return one
    raise MONTH.refusal(name, f"nothing was published in `{name}`.", (one.name for one in months))


def _about(asked: Asked, one: Changed) -> str:
    """A word about a thing: who offers it, else what it is."""
    offering = one.entity
    if one.kind == "session":
        quads = asked.view.dataset.quads(one.entity, TRV.offering)
        offering = next((quad.object for quad in quads if isinstance(quad.object, NamedNode)), offering)
    providers = ", ".join(map(asked.label, providers_of(asked, offering)))
    objects = (quad.object for quad in asked.view.dataset.quads(one.entity, SKOS.definition))
    texts = {text.language: text.value for text in objects if isinstance(text, Literal)}
    return providers or texts.get(asked.language) or texts.get("en", "")


def _item(asked: Asked, one: Changed) -> dict[str, Any]:
    return {"at": one.at.isoformat(), "release": one.release, "kind": one.kind, "entity": named(asked, one.entity)}


def _cells(asked: Asked, one: Changed) -> list[object]:
    return [one.at.isoformat(), one.release, one.kind, one.entity.value, asked.label(one.entity)]
