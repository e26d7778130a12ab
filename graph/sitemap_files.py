"""How the entities of a kind are spread over the files of a sitemap, each with the time when it changed last.

An entity has its place from the moment it was first published and keeps it when it is withdrawn, so a file changes only
when something in it changes: a crawler fetches anew just those files whose `lastmod` is newer.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from pyoxigraph import NamedNode

from graph.changes import ChangeLog
from graph.differences import Change
from graph.tables import changes

PLACES: Final = 1_000
"""Entities that have their place in one file; the protocol allows 50,000 (sitemaps.org)."""


@dataclass(frozen=True)
class Listed:
    """An entity that is there, and when it changed last."""

    entity: NamedNode
    at: datetime


def files(log: ChangeLog, kind: str, upto: int) -> dict[int, datetime]:
    """The files of a kind in which something is left, by number from 1, each with the time of its last change."""
    placed = _placed(kind, upto)
    left = sa.func.count().filter(changes.c.change != Change.WITHDRAWN)
    query = (
        sa.select(placed.c.file, sa.func.max(changes.c.at).label("at"))
        .join(changes, changes.c.number == placed.c.last)
        .group_by(placed.c.file)
        .having(left > 0)
    )
    with log.connect() as connection:
        return {row.file: datetime.fromisoformat(row.at) for row in connection.execute(query.order_by(placed.c.file))}


def listed(log: ChangeLog, kind: str, file: int, upto: int) -> list[Listed]:
    """What one file lists: the entities that have their place in it and are not withdrawn, the oldest first."""
    placed = _placed(kind, upto)
    query = (
        sa.select(changes.c.entity, changes.c.at)
        .join(placed, changes.c.number == placed.c.last)
        .where((placed.c.file == file) & (changes.c.change != Change.WITHDRAWN))
        .order_by(placed.c.first)
    )
    with log.connect() as connection:
        return [Listed(NamedNode(row.entity), datetime.fromisoformat(row.at)) for row in connection.execute(query)]


def _placed(kind: str, upto: int) -> sa.Subquery:
    """For each entity of a kind its first and last row up to a release, and the file that it has its place in."""
    first, last = sa.func.min(changes.c.number), sa.func.max(changes.c.number)
    chosen = (changes.c.kind == kind) & (changes.c.release <= upto)
    spans: Any = sa.select(first.label("first"), last.label("last")).where(chosen).group_by(changes.c.entity).subquery()
    place = sa.func.row_number().over(order_by=spans.c.first) - 1
    return sa.select(spans.c.first, spans.c.last, (place // PLACES + 1).label("file")).subquery()
