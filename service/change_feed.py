"""The feed of what was added, changed and withdrawn, as Atom and as JSON Feed.

An entry is an entity: its id is the IRI, and what is newer takes the place of what is older (RFC 4287, 4.1.1). Of each
entity a document holds the newest that falls into it. What was withdrawn is a tombstone.
"""

from collections.abc import Iterator
from typing import Final

from flask import Response

from graph.changes import Changed
from graph.differences import Change
from graph.namespaces import kind_and_slug
from graph.parameters import Parameter
from service.change_words import said
from service.deployment import deployment
from service.feed_pages import ENTRIES, feed_in, feed_page
from service.feeds import Item, Tombstone, atom, json_feed
from service.operation import Asked
from service.representations import linked
from service.words import kind_name

KIND: Final = Parameter("kind", "text", "Changes of one kind of thing only.", example="offering")
CHANGE: Final = Parameter("change", "enumeration", "One kind of change only.", enumeration=tuple(Change))


def chosen(asked: Asked) -> tuple[list[str], str]:
    """The kinds that are asked for, none for all of them, and the change, "" for any. Raises InvalidParameter."""
    kind, known = asked.text("kind"), list(asked.view.release.counts)
    if kind and kind not in known:
        raise KIND.refusal(kind, f"there is no kind `{kind}`.", known)
    return [kind] if kind else [], asked.text("change") or ""


def change_feed(asked: Asked, path: str) -> Response:
    """The document of the feed that is asked for; `path` is its address. Raises InvalidParameter."""
    kinds, change = chosen(asked)
    log, upto = asked.view.log, asked.view.release.number
    page = feed_page(asked, path, "/changes", log.count(upto, kinds, change))
    title = " · ".join(("Trivium", *map(kind_name, kinds or ["changes"]), *filter(None, [change])))
    feed = feed_in(asked, page, path, title, "What was added, changed and withdrawn, the newest first.")
    written = json_feed if asked.representation == "feed" else atom
    rows = log.newest(upto, kinds, change, ENTRIES, page.offset)
    return linked(written(feed, _newest_of_each(asked, rows)), {})


def _newest_of_each(asked: Asked, rows: list[Changed]) -> Iterator[Item | Tombstone]:
    seen = set()
    for one in rows:
        if one.entity not in seen:
            seen.add(one.entity)
            yield _entry(asked, one)


def _entry(asked: Asked, one: Changed) -> Item | Tombstone:
    kind, slug = kind_and_slug(one.entity) or (one.kind, "")
    name, happened = asked.label(one.entity), said(one)
    if one.change is Change.WITHDRAWN:
        comment = f"{kind_name(kind)} {slug}: {happened} in release {one.release}."
        return Tombstone(one.entity.value, one.at, comment, one.replaced_by.value if one.replaced_by else "")
    return Item(
        id=one.entity.value,
        title=f"{name}: {happened}",
        link=deployment().at(f"/{kind}/{slug}").value,
        updated=one.at,
        author="",
        author_link="",
        text=f"{kind_name(kind)}. {happened.capitalize()}, in release {one.release}.",
        categories=(kind, one.change),
    )
