"""Feeds: Atom (RFC 4287) with tombstones (RFC 6721) and archives (RFC 5005), and JSON Feed 1.1.

What is in a feed comes from the change log, the journal or a release, so each has its own times.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from feedgen.ext.base import BaseExtension  # type: ignore[import-untyped]
from feedgen.feed import FeedGenerator  # type: ignore[import-untyped]
from flask import Response
from lxml import etree

from graph.namespaces import DCT
from graph.serialisation import carried
from service.negotiation import MEDIA_TYPES
from service.representations import LICENCE, json_answer

TOMBSTONES: Final = "http://purl.org/atompub/tombstones/1.0"
ATOM: Final = "http://www.w3.org/2005/Atom"
REPLACED_BY: Final = DCT.isReplacedBy.value
HISTORY: Final = "http://purl.org/syndication/history/1.0"
JSON_FEED: Final = "https://jsonfeed.org/version/1.1"


@dataclass(frozen=True)
class Item:
    """One entry of a feed: its id as an IRI, the address of its page, its author's name and page, and a text.

    Without an author it is by that of the feed; `categories` are words by which a reader may sort.
    """

    id: str
    title: str
    link: str
    updated: datetime
    author: str
    author_link: str
    text: str
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tombstone:
    """That the entry with this id is gone, since when, a word about it, and the id that took its place, if any."""

    id: str
    when: datetime
    comment: str
    replaced_by: str = ""


@dataclass(frozen=True)
class Feed:
    """A feed: its id as an IRI, its own address and that of its page, and when it is from if it has no entries.

    `others` leads to the other documents of the feed, by relation (RFC 5005); an `archive` is one that stays.
    """

    id: str
    title: str
    subtitle: str
    itself: str
    page: str
    begun: datetime
    author: str = ""
    author_link: str = ""
    others: Mapping[str, str] | None = None
    archive: bool = False


def atom(feed: Feed, items: Iterable[Item | Tombstone]) -> Response:
    """The feed with its entries in the order given; it is as new as the newest of them."""
    entries = list(items)
    made = _started(feed)
    made.updated(max(map(_time, entries), default=feed.begun))
    for one in entries:
        if isinstance(one, Item):
            _add(made, one)
    gone = [one for one in entries if isinstance(one, Tombstone)]
    made.register_extension("beyond", lambda: _Beyond(gone, feed.archive), rss=False)
    return Response(made.atom_str(pretty=True), content_type=MEDIA_TYPES["atom"])


def json_feed(feed: Feed, items: Iterable[Item | Tombstone]) -> Response:
    """The feed as JSON. It knows no tombstones: what is gone is an item that says so, in `_trivium` too."""
    others = dict(feed.others or {})
    document = {
        "version": JSON_FEED,
        "title": feed.title,
        "description": feed.subtitle,
        "home_page_url": feed.page,
        "feed_url": feed.itself,
        "next_url": others.get("next"),
        "authors": [{"name": feed.author, "url": feed.author_link}] if feed.author else None,
        "items": [_json_item(one) for one in items],
    }
    return json_answer({name: value for name, value in document.items() if value is not None}, "feed")


class _Beyond(BaseExtension):  # type: ignore[misc]
    """What Atom itself has no element for."""

    def __init__(self, gone: Iterable[Tombstone], archive: bool) -> None:
        self._gone, self._archive = gone, archive

    def extend_ns(self) -> dict[str, str]:
        return {"at": TOMBSTONES, "fh": HISTORY}

    def extend_atom(self, feed: etree._Element) -> etree._Element:
        if self._archive:
            etree.SubElement(feed, f"{{{HISTORY}}}archive")
        for one in self._gone:
            stone = etree.SubElement(feed, f"{{{TOMBSTONES}}}deleted-entry", ref=one.id, when=one.when.isoformat())
            etree.SubElement(stone, f"{{{TOMBSTONES}}}comment").text = carried(one.comment)
            if one.replaced_by:
                etree.SubElement(stone, f"{{{ATOM}}}link", rel=REPLACED_BY, href=one.replaced_by)
        return feed


def _started(feed: Feed) -> FeedGenerator:
    made = FeedGenerator()
    made.id(feed.id)
    made.title(carried(feed.title))
    made.subtitle(feed.subtitle)
    made.generator("Trivium")
    made.link(href=feed.itself, rel="self", type=MEDIA_TYPES["atom"])
    made.link(href=feed.page, rel="alternate", type=MEDIA_TYPES["html"])
    if feed.author:
        made.author(name=carried(feed.author), uri=feed.author_link)
        made.link(href=LICENCE, rel="license")
    for relation, address in (feed.others or {}).items():
        made.link(href=address, rel=relation, type=MEDIA_TYPES["atom"])
    return made


def _add(made: FeedGenerator, item: Item) -> None:
    entry = made.add_entry(order="append")
    entry.id(item.id)
    entry.title(carried(item.title))
    entry.link(href=item.link, rel="alternate", type=MEDIA_TYPES["html"])
    entry.updated(item.updated)
    if item.author:
        entry.author(name=carried(item.author), uri=item.author_link)
    entry.content(carried(item.text), type="text")
    entry.category([{"term": one} for one in item.categories])


def _json_item(one: Item | Tombstone) -> dict[str, Any]:
    if isinstance(one, Tombstone):
        said = {"title": one.comment, "content_text": one.comment}
        about = {"withdrawn": True} | ({"replaced_by": one.replaced_by} if one.replaced_by else {})
        return {"id": one.id, **said, "date_modified": one.when.isoformat(), "_trivium": about}
    return {
        "id": one.id,
        "url": one.link,
        "title": one.title,
        "content_text": one.text,
        "date_modified": one.updated.isoformat(),
        "tags": list(one.categories),
    }


def _time(one: Item | Tombstone) -> datetime:
    return one.updated if isinstance(one, Item) else one.when
