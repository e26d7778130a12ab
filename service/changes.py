"""`/changes`, `/feed` and `/releases`: what happened to the graph, in words and as feeds, and its published states."""

from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from flask import Blueprint, Response, current_app

from graph.changes import Changed
from graph.releases import Releases
from service.change_feed import CHANGE, KIND, change_feed, chosen
from service.change_words import said
from service.feed_pages import ARCHIVE, no_archive
from service.operation import Asked, answers, fixed
from service.parameters import LANG, LIMIT, OFFSET
from service.representations import csv_answer, linked, listing, next_address, page, twin, window
from service.rows import named
from service.settings import Settings
from service.words import kind_name

blueprint = Blueprint("changes", __name__)

TAG: Final = "History"
FORMATS: Final = ("html", "json", "csv")

PARAMETERS: Final = (KIND, CHANGE, LANG, LIMIT, OFFSET, ARCHIVE)
OF_FEEDS: Final = (KIND, CHANGE, LANG, ARCHIVE)
COLUMNS: Final = (
    "number", "release", "at", "change", "kind", "entity_iri", "entity_label", "state", "state_before", "sha256",
    "replaced_by",
)  # fmt: skip
RELEASE_COLUMNS: Final = ("number", "as_of", "created", "quads", "digest", "kept")


@answers(blueprint, "/changes", "What happened to the graph, the newest first", (*FORMATS, "atom"), PARAMETERS, TAG)
def show_changes(asked: Asked) -> Response:
    """The change log: what was created, updated and withdrawn, with each release."""
    if asked.representation == "atom":
        return change_feed(asked, "/changes.atom")
    no_archive(asked)
    kinds, change = chosen(asked)
    upto = asked.view.release.number
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
        "feed": twin("atom"),
        "json_feed": twin("json").replace("/changes", "/feed", 1),
        "total": total,
        "shown": len(found),
        "kinds": {one: kind_name(one) for one in asked.view.release.counts},
    }
    return linked(page("changes.html", asked, PARAMETERS, said=said, **context), {"next": next_address(asked, total)})


@fixed(blueprint, "/feed.atom", "What was added, changed and withdrawn, as a feed", "atom", OF_FEEDS, TAG)
def show_atom(asked: Asked) -> Response:
    """The change log as Atom: an entity is an entry, what was withdrawn is a tombstone."""
    return change_feed(asked, "/feed.atom")


@fixed(blueprint, "/feed.json", "What was added, changed and withdrawn, as JSON Feed", "feed", OF_FEEDS, TAG)
def show_json(asked: Asked) -> Response:
    """The same as JSON Feed 1.1."""
    return change_feed(asked, "/feed.json")


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
        **({"replaced_by": named(asked, one.replaced_by)} if one.replaced_by else {}),
    }


def _cells(asked: Asked, one: Changed) -> list[object]:
    row = vars(one) | {
        "at": one.at.isoformat(),
        "entity_iri": one.entity.value,
        "entity_label": asked.label(one.entity),
        "replaced_by": one.replaced_by.value if one.replaced_by else "",
    }
    return [row[name] for name in COLUMNS]
