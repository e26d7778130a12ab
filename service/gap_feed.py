"""The feed of gaps that were closed, opened or came into another state, under the filter that chooses the gaps.

Each turn is an entry of its own, since a gap may be closed and opened again. The change log follows the gaps that count
every offering, so a filter on what counts as supply cannot be followed.
"""

from typing import Final
from urllib.parse import urlencode

from flask import Response

from graph.changes import Changed
from graph.differences import Change
from graph.errors import InvalidParameter
from graph.field import slug
from graph.gap_turns import KIND, Followed, count, sector_and_competency, turns
from graph.namespaces import entity, kind_and_slug
from service.change_words import turn, turned
from service.deployment import deployment
from service.feed_pages import ENTRIES, OWN, feed_in, feed_page
from service.feeds import Item, atom
from service.filter_words import filter_words
from service.gap_search import PARAMETERS, competencies, sectors
from service.operation import Asked, given
from service.representations import linked

FOLLOWED: Final = ("sector", "competency", "area", "state")
"""The parameters that choose gaps; the others choose what counts as demand or supply."""

PATH: Final = "/gaps.atom"


def feed_of() -> str:
    """The feed under as much of the filter of this request as can be followed."""
    arguments = {name: value for name, value in given().items() if value and name in FOLLOWED}
    return PATH + (f"?{urlencode(arguments)}" if arguments else "")


def gap_feed(asked: Asked) -> Response:
    """The document of the feed that is asked for. Raises InvalidParameter."""
    _refuse_supply(asked)
    log, upto, followed = asked.view.log, asked.view.release.number, _followed(asked)
    page = feed_page(asked, PATH, "/gaps", count(log, followed, upto))
    title = " · ".join(("Trivium", "Gaps", *filter_words(asked)))
    subtitle = "Gaps that were closed, opened, or came into another state, the newest first."
    feed = feed_in(asked, page, PATH, title, subtitle)
    return linked(atom(feed, (_entry(asked, one) for one in turns(log, followed, upto, ENTRIES, page.offset))), {})


def _followed(asked: Asked) -> Followed:
    chosen = competencies(asked)
    return Followed(
        sectors=[slug(iri) for iri in sectors(asked)],
        competencies=None if chosen is None else [slug(iri) for iri in chosen],
        state=asked.text("state") or "",
    )


def is_followed(asked: Asked) -> bool:
    """Whether the feed follows just the gaps that are asked for: nothing but these is filtered by."""
    return not _beyond(asked)


def _refuse_supply(asked: Asked) -> None:
    """Raises InvalidParameter for a filter that the change log cannot follow."""
    for name in _beyond(asked):
        problem = (
            "the feed follows the gaps that count every offering and any demand, so it cannot be followed under "
            f"this filter. Leave it out; what can be followed: {', '.join(FOLLOWED)}."
        )
        raise InvalidParameter(name, asked.text(name), problem, FOLLOWED)


def _beyond(asked: Asked) -> list[str]:
    """The arguments that choose what counts as demand or supply."""
    others = {one.name: one.default for one in PARAMETERS if one.name not in (*FOLLOWED, *OWN, "lang")}
    return [name for name, default in others.items() if asked.text(name) != default]


def _entry(asked: Asked, one: Changed) -> Item:
    named = sector_and_competency((kind_and_slug(one.entity) or ("", ""))[1])
    sector, competency = (asked.label(entity(*pair)) for pair in zip(("sector", "competency"), named, strict=True))
    path = "/gaps" if one.change is Change.WITHDRAWN else f"/{KIND}/{slug(one.entity)}"
    return Item(
        id=f"{one.entity.value}#release-{one.release}",
        title=f"{sector} · {competency}: {turned(one)}",
        link=deployment().at(path).value,
        updated=one.at,
        author="",
        author_link="",
        text=f"{competency}, for {sector}: {turned(one)}. Release {one.release}.",
        categories=(turn(one), *filter(None, [one.state])),
    )
