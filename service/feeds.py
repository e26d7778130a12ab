"""Atom feeds (RFC 4287). What is in them comes from the journal or a release, so each has its own times."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from feedgen.feed import FeedGenerator  # type: ignore[import-untyped]
from flask import Response

from service.negotiation import MEDIA_TYPES

NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


@dataclass(frozen=True)
class Item:
    """One entry of a feed: its id as an IRI, the address of its page, its author's name and page, and a text."""

    id: str
    title: str
    link: str
    updated: datetime
    author: str
    author_link: str
    text: str


@dataclass(frozen=True)
class Feed:
    """A feed: its id as an IRI, its own address and that of its page, and when it is from if it has no entries."""

    id: str
    title: str
    subtitle: str
    itself: str
    page: str
    begun: datetime


def atom(feed: Feed, items: Iterable[Item]) -> Response:
    """The feed with its entries in the order given; it is as new as the newest of them."""
    entries = list(items)
    made = FeedGenerator()
    made.id(feed.id)
    made.title(_clean(feed.title))
    made.subtitle(feed.subtitle)
    made.generator("Trivium")
    made.link(href=feed.itself, rel="self", type=MEDIA_TYPES["atom"])
    made.link(href=feed.page, rel="alternate", type=MEDIA_TYPES["html"])
    made.updated(max((one.updated for one in entries), default=feed.begun))
    for one in entries:
        _add(made, one)
    return Response(made.atom_str(pretty=True), content_type=MEDIA_TYPES["atom"])


def _add(made: FeedGenerator, item: Item) -> None:
    entry = made.add_entry(order="append")
    entry.id(item.id)
    entry.title(_clean(item.title))
    entry.link(href=item.link, rel="alternate", type=MEDIA_TYPES["html"])
    entry.updated(item.updated)
    entry.author(name=_clean(item.author), uri=item.author_link)
    entry.content(_clean(item.text), type="text")


def _clean(text: str) -> str:
    """The text without characters that XML cannot carry."""
    return NOT_XML.sub("\ufffd", text)
