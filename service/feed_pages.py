"""The documents of a feed: the newest entries, and archives that stay as they are (RFC 5005, 4).

Archive 1 holds the oldest 100 entries, archive 2 the next, and so on; a document of the feed is an archive once it is
full. Who subscribes reads the newest document, and follows `prev-archive` (also `next`) down to what is known already.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from flask import request

from graph.parameters import Parameter
from service.deployment import deployment
from service.feeds import Feed
from service.operation import Asked

ENTRIES: Final = 100
ARCHIVE: Final = Parameter(
    "archive", "integer", "Of a feed: one of its archives, 1 is the oldest; without it, the newest entries.", minimum=1
)
OWN: Final = ("limit", "offset")
"""Parameters of lists: a feed has documents of a fixed size instead."""


@dataclass(frozen=True)
class FeedPage:
    """One document of a feed: how many entries to pass over, from the newest, and where its other documents are.

    `number` is that of an archive, None for the newest document; `shown_at` the path of the page that shows the same.
    """

    shown_at: str
    offset: int
    others: dict[str, str]
    number: int | None


def feed_page(asked: Asked, path: str, shown_at: str, total: int) -> FeedPage:
    """The document that is asked for, of a feed with so many entries in all. Raises InvalidParameter."""
    _refuse_lists(asked)
    full = total // ENTRIES
    number = asked.number("archive") if "archive" in asked.arguments else None
    if number is not None and number > full:
        allowed = f"the archives are 1 to {full}." if full else "there is no archive yet: leave it out."
        raise ARCHIVE.refusal(str(number), f"there is no archive {number}; {allowed}")
    older = full if number is None else number - 1
    newer = full if number is None else number + 1
    others = {}
    if older and (number is not None or total > ENTRIES):
        others = {"prev-archive": feed_address(path, older), "next": feed_address(path, older)}
    if number is None:
        return FeedPage(shown_at, 0, others, None)
    others["current"] = feed_address(path)
    if newer <= full:
        others["next-archive"] = feed_address(path, newer)
    return FeedPage(shown_at, total - number * ENTRIES, others, number)


def feed_in(asked: Asked, page: FeedPage, path: str, title: str, subtitle: str) -> Feed:
    """One document of the feed at `path`, which the publisher of this instance answers for."""
    publisher = deployment().publisher
    return Feed(
        id=feed_address(path, lang=False),
        title=title,
        subtitle=subtitle,
        itself=feed_address(path, page.number),
        page=feed_address(page.shown_at),
        begun=_begun(asked),
        author=publisher.name,
        author_link=publisher.iri.value,
        others=page.others,
        archive=page.number is not None,
    )


def feed_address(path: str, archive: int | None = None, lang: bool = True) -> str:
    """The whole address of a feed under the filter of this request, or of one of its archives."""
    without = (*OWN, "archive") if lang else (*OWN, "archive", "lang")
    arguments = [(name, value) for name, value in sorted(request.args.items()) if value and name not in without]
    query = urlencode(arguments + ([("archive", str(archive))] if archive else []))
    return deployment().at(path + (f"?{query}" if query else "")).value


def no_archive(asked: Asked) -> None:
    """Raises InvalidParameter if an archive is asked for where there is none: of anything but a feed."""
    if "archive" in asked.arguments:
        problem = "only a feed has archives: put `.atom` after the path, or leave it out."
        raise ARCHIVE.refusal(asked.text("archive"), problem)


def _refuse_lists(asked: Asked) -> None:
    """Raises InvalidParameter for a parameter that only lists have."""
    for name in OWN:
        if request.args.get(name, "").strip():
            problem = f"a feed has documents of {ENTRIES} entries: leave it out, and follow the links of the feed."
            raise Parameter(name, "integer").refusal(asked.text(name), problem)


def _begun(asked: Asked) -> datetime:
    """When the change log begins."""
    first = asked.view.log.after(0, asked.view.release.number, limit=1)
    return first[0].at if first else asked.view.release.created
