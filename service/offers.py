"""`/offerings/for`: offerings by others that the audience of a provider, or a sector, needs.

Whoever shows the offerings of others to its own audience fills a gap without making a course.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from graph.field import slug
from graph.namespaces import SCHEMA
from graph.offered_by_others import Offered
from service.deployment import deployment
from service.feed_pages import FeedPage, feed_in
from service.feeds import Item, atom
from service.languages import gettext
from service.offered_for import PARAMETERS, ForWhom, audience, demands, find_offered, providers_of
from service.operation import Asked, answers
from service.parameters import LIMIT, OFFSET, RELEASE
from service.representations import csv_answer, embedding, linked, listing, next_address, page, twin, window
from service.rows import named, pair, rounded

blueprint = Blueprint("offers", __name__)

FOR: Final = "/offerings/for"
LISTED: Final = (*PARAMETERS, LIMIT, OFFSET)
COLUMNS: Final = (
    "offering_iri", "offering_label", "provider_iris", "provider_labels", "weight",
    "competency_iris", "competency_labels",
)  # fmt: skip
ENTRIES: Final = 50


@answers(
    blueprint, FOR, "Offerings by others that an audience needs", ("html", "json", "csv", "atom"), (*LISTED, RELEASE)
)
def show_offered(asked: Asked) -> Response:
    """Current offerings by others, open to the audience of a provider or to a sector, that teach what it needs."""
    whom = audience(asked)
    found = find_offered(asked, whom)
    if asked.representation == "atom":
        return _feed(asked, whom, found)
    shown = [*window(asked, found)]
    following = {"next": next_address(asked, len(found))}
    known = demands(asked, whom, shown)
    match asked.representation:
        case "json":
            items = [_item(asked, one, known) for one in shown]
            sectors = [named(asked, sector) for sector in whom.sectors]
            return listing(asked, items, len(found), sectors=sectors)
        case "csv":
            return linked(csv_answer(COLUMNS, (_cells(asked, one) for one in shown)), following)
    context: dict[str, Any] = {
        "whom": whom,
        "found": shown,
        "total": len(found),
        "known": known,
        "providers_of": providers_of,
    }
    context |= {"fields": {one.name: one for one in PARAMETERS}}
    context |= {"feed": twin("atom"), "embed": embedding("offerings-for")}
    return linked(page("offered_for.html", asked, PARAMETERS, **context), following)


def _item(asked: Asked, one: Offered, known: dict[NamedNode, Any]) -> dict[str, Any]:
    return {
        "offering": named(asked, one.offering),
        "providers": [named(asked, iri) for iri in providers_of(asked, one.offering)],
        "url": next((slug(quad.object) for quad in asked.view.dataset.quads(one.offering, SCHEMA.url)), None),
        "weight": round(one.weight, 4),
        "meets": [
            {
                "competency": named(asked, iri),
                "sector": named(asked, known[iri][0]),
                "demand": rounded(known[iri][1].share),
                "basis": known[iri][1].basis,
            }
            for iri in one.competencies
        ],
    }


def _cells(asked: Asked, one: Offered) -> list[object]:
    things = [[pair(asked, iri) for iri in some] for some in (providers_of(asked, one.offering), one.competencies)]
    providers, competencies = ([";".join(column) for column in zip(*some, strict=True)] or ["", ""] for some in things)
    return [*pair(asked, one.offering), *providers, round(one.weight, 4), *competencies]


def _feed(asked: Asked, whom: ForWhom, found: Sequence[Offered]) -> Response:
    """The offerings that meet most of the demand, those that changed last first."""
    last = asked.view.log.last_of([one.offering for one in found[:ENTRIES]], asked.view.release.number)
    title = gettext("Trivium · Offerings by others that %(whom)s needs", whom=whom.name)
    subtitle = gettext("Current offerings that teach what is needed, those that changed last first.")
    begun = FeedPage(FOR, 0, {}, None)
    feed = feed_in(asked, begun, f"{FOR}.atom", title, subtitle)
    entries = [(last[one.offering].at, one) for one in found[:ENTRIES] if one.offering in last]
    newest = sorted(entries, key=lambda entry: entry[0], reverse=True)
    return linked(atom(feed, (_entry(asked, one, at) for at, one in newest)), {})


def _entry(asked: Asked, one: Offered, updated: datetime) -> Item:
    providers = ", ".join(map(asked.label, providers_of(asked, one.offering)))
    taught = ", ".join(map(asked.label, one.competencies))
    return Item(
        id=one.offering.value,
        title=asked.label(one.offering),
        link=deployment().at(f"/offering/{slug(one.offering)}").value,
        updated=updated,
        author="",
        author_link="",
        text=gettext("By %(providers)s. It teaches what is needed: %(taught)s.", providers=providers, taught=taught),
    )
