"""`/changes` and `/releases`: what happened to the graph, in words, and the states of it that were published."""

from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from flask import Blueprint, Response, current_app

from graph.changes import Change, Changed
from graph.parameters import Parameter
from graph.releases import Releases
from service.choices import STATE_WORDS
from service.operation import Asked, answers
from service.parameters import LANG, LIMIT, OFFSET
from service.representations import csv_answer, linked, listing, next_address, page, window
from service.rows import named
from service.settings import Settings
from service.words import kind_name

blueprint = Blueprint("changes", __name__)

TAG: Final = "History"
FORMATS: Final = ("html", "json", "csv")
SUPPLIED: Final = ("thin", "covered")
"""The states of a gap in which somebody teaches the competency to the sector: it is closed."""

PARAMETERS: Final = (
    Parameter("kind", "text", "Changes of one kind of thing only.", example="offering"),
    Parameter("change", "enumeration", "One kind of change only.", enumeration=tuple(Change)),
    LANG,
    LIMIT,
    OFFSET,
)
COLUMNS: Final = (
    "number", "release", "at", "change", "kind", "entity_iri", "entity_label", "state", "state_before", "sha256",
)  # fmt: skip
RELEASE_COLUMNS: Final = ("number", "as_of", "created", "quads", "digest", "kept")


@answers(blueprint, "/changes", "What happened to the graph, the newest first", FORMATS, PARAMETERS, TAG)
def show_changes(asked: Asked) -> Response:
    """The change log: what was created, updated and withdrawn, with each release."""
    kind, change = asked.text("kind"), asked.text("change") or ""
    known = list(asked.view.release.counts)
    if kind and kind not in known:
        raise PARAMETERS[0].refusal(kind, f"there is no kind `{kind}`.", known)
    upto, kinds = asked.view.release.number, [kind] if kind else []
    total = asked.view.log.count(upto, kinds, change)
    limit, offset = asked.number("limit"), asked.number("offset")
    found = asked.view.log.newest(upto, kinds, change, limit or None, offset)
    match asked.representation:
        case "json":
            return listing(asked, [_item(asked, one) for one in found], total)
        case "csv":
            return linked(csv_answer(COLUMNS, (_cells(asked, one) for one in found)), {})
    by_release = [(number, list(rows)) for number, rows in groupby(found, attrgetter("release"))]
    context = {
        "by_release": by_release,
        "total": total,
        "shown": len(found),
        "kinds": {one: kind_name(one) for one in known},
    }
    return linked(page("changes.html", asked, PARAMETERS, said=said, **context), {"next": next_address(asked, total)})


@answers(blueprint, "/releases", "The releases of the graph, the newest first", FORMATS, (LIMIT, OFFSET), TAG)
def show_releases(asked: Asked) -> Response:
    """Every release that ever was: its number, day, time, size, digest, and whether it is kept."""
    settings: Settings = current_app.extensions["trivium.settings"]
    kept = set(Releases(settings.data).numbers())
    found = [{**one, "kept": one["number"] in kept} for one in asked.view.log.releases(asked.view.release.number)]
    shown = window(asked, found)
    match asked.representation:
        case "json":
            return listing(asked, shown, len(found))
        case "csv":
            return linked(csv_answer(RELEASE_COLUMNS, ([one[name] for name in RELEASE_COLUMNS] for one in shown)), {})
    return linked(page("releases.html", asked, releases=shown, total=len(found)), {})


def said(one: Changed) -> str:
    """What happened, in words that follow the name of the thing."""
    if one.kind != "gap" or one.change is not Change.UPDATED:
        return {Change.CREATED: "added", Change.UPDATED: "changed", Change.WITHDRAWN: "withdrawn"}[one.change]
    if one.state == one.state_before:
        return "same state, other evidence"
    turn = f"{STATE_WORDS[one.state_before].lower()} before, {STATE_WORDS[one.state].lower()} now"
    return f"{_turn(one)}: {turn}" if _turn(one) else turn


def _turn(one: Changed) -> str:
    """Whether a gap was closed or opened, if it was."""
    before, now = one.state_before in SUPPLIED, one.state in SUPPLIED
    return "" if before == now else "closed" if now else "opened"


def _item(asked: Asked, one: Changed) -> dict[str, Any]:
    states = {"state": one.state, "state_before": one.state_before or None} if one.state else {}
    return {
        "number": one.number,
        "release": one.release,
        "at": one.at.isoformat(),
        "change": one.change,
        "kind": one.kind,
        "entity": named(asked, one.entity),
        **states,
        "said": said(one),
        "sha256": one.sha256 or None,
    }


def _cells(asked: Asked, one: Changed) -> list[object]:
    row = vars(one) | {
        "at": one.at.isoformat(),
        "entity_iri": one.entity.value,
        "entity_label": asked.label(one.entity),
    }
    return [row[name] for name in COLUMNS]
