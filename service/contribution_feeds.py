"""The feeds of contributions: what was published and withdrawn, and the life of one."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from flask import Response, current_app

from graph.journal import Event, Heading
from graph.namespaces import BASE, ID
from service.authentication import people
from service.feeds import Feed, Item, atom
from service.journal_view import journal
from service.operation import by_content, unkept
from service.settings import Settings

BEGINNING: Final = datetime(2026, 11, 23, tzinfo=UTC)  # of a feed in which nothing has happened yet
MOST: Final = 100


def news_feed(contributor: str) -> Response:
    """What was published or withdrawn, the newest first; of one contributor, or of all."""
    path = "/contributions"
    query = "?" + urlencode({"contributor": contributor}) if contributor else ""
    feed = Feed(
        id=f"{BASE}contributions{query}",
        title=f"Contributions to Trivium{f' by {contributor}' if contributor else ''}",
        subtitle="What was published or withdrawn, the newest first.",
        itself=_address(f"{path}.atom{query}"),
        page=_address(f"{path}{query}"),
        begun=BEGINNING,
    )
    names = _names()
    return by_content(atom(feed, (_news(one, event, names) for one, event in journal().news(contributor, MOST))))


def life_feed(one: Heading, notes: bool) -> Response:
    """Each step of one contribution, the newest first; with the notes for those who may read them."""
    path = f"/contributions/{one.number}"
    feed = Feed(
        id=ID[f"contribution/{one.number}"].value,
        title=f"Contribution {one.number}: {one.name}",
        subtitle="What became of it, the newest first.",
        itself=_address(f"{path}.atom"),
        page=_address(path),
        begun=one.received,
    )
    return unkept(atom(feed, reversed(list(_life(one, notes)))))


def _life(one: Heading, notes: bool) -> Iterator[Item]:
    names = _names()
    for number, event in enumerate(journal().events(one.number), 1):
        yield Item(
            id=ID[f"contribution/{one.number}"].value + f"#{number}",
            title=f"{one.name}: {event.state}",
            link=_address(f"/contributions/{one.number}"),
            updated=event.at,
            author=names.get(event.agent, event.agent),
            author_link=_address(f"/contributors/{event.agent}"),
            text=event.note if notes and event.note else f"Contribution {one.number} is {event.state}.",
        )


def _news(one: Heading, event: Event, names: dict[str, str]) -> Item:
    name = names.get(one.contributor, one.contributor)
    return Item(
        id=ID[f"contribution/{one.number}"].value,
        title=f"{one.name}: {event.state}",
        link=_address(f"/contributions/{one.number}"),
        updated=event.at,
        author=name,
        author_link=_address(f"/contributors/{one.contributor}"),
        text=f"Contribution {one.number} by {name} was {event.state}.",
    )


def _names() -> dict[str, str]:
    return {one.slug: one.name for one in people().everybody()}


def _address(path: str) -> str:
    """An address on the public base; without one it is relative to the feed (RFC 4287, 2)."""
    settings: Settings = current_app.extensions["trivium.settings"]
    return settings.base.rstrip("/") + path
