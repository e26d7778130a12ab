"""What changed lately, counted: what a front page tells of the change log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from graph.changes import Changed, ChangeLog, logged
from graph.differences import Change
from graph.gap_turns import KIND, Followed, gaps_of
from graph.gaps import SUPPLIED
from graph.releases import Release
from graph.tables import changes, releases

LATELY: Final = timedelta(days=30)
NAMED: Final = 5
"""So many gaps that were closed or opened are named; all of them are counted."""


@dataclass(frozen=True)
class Recent:
    """What changed after a time and up to a release; the first release ever is no change, but the beginning.

    `began` is the time of the first release if that was not earlier, else None. `counted` says by kind how often
    things were created, updated and withdrawn; `turned` are the newest of the gaps that were closed or opened.
    """

    since: datetime
    began: datetime | None
    counted: Mapping[str, Mapping[str, int]]
    closed: int
    opened: int
    turned: Sequence[Changed]


def recent(log: ChangeLog, release: Release, kinds: Sequence[str], sectors: Sequence[str]) -> Recent:
    """What happened in the 30 days before a release was published: to some kinds of thing, and to gaps of sectors.

    Sectors are slugs.
    """
    since = release.created - LATELY
    with log.connect() as connection:
        before, first = _begin(connection, since)
        later = (changes.c.release > before) & (changes.c.release <= release.number)
        counted: dict[str, dict[str, int]] = {}
        for row in connection.execute(_counted(later & changes.c.kind.in_(kinds))):
            counted.setdefault(row.kind, {})[row.change] = row.often
        turned = _turned(later & gaps_of(Followed(sectors)))
        turns = {bool(row.closed): row.often for row in connection.execute(_by_direction(turned))}
    named = log.read(sa.select(turned).order_by(turned.c.number.desc()).limit(NAMED))
    began = first if first and first >= since else None
    return Recent(since, began, counted, turns.get(True, 0), turns.get(False, 0), named)


def _begin(connection: sa.Connection, since: datetime) -> tuple[int, datetime | None]:
    """The last release before a time, else the first one ever; and when that one was published."""
    query = sa.select(releases.c.number, releases.c.created).order_by(releases.c.number).limit(1)
    first = connection.execute(query).first()
    earlier = sa.select(sa.func.max(releases.c.number)).where(releases.c.created < since.isoformat())
    number = connection.execute(earlier).scalar() or (first.number if first else 0)
    return number, datetime.fromisoformat(first.created) if first else None


def _counted(chosen: sa.ColumnElement[bool]) -> sa.Select[Any]:
    columns = (changes.c.kind, changes.c.change)
    return sa.select(*columns, sa.func.count().label("often")).where(chosen).group_by(*columns)


def _turned(later: sa.ColumnElement[bool]) -> sa.Subquery:
    """The gaps that somebody teaches now and nobody did before, or the other way round."""
    about = logged().where(later & (changes.c.kind == KIND) & (changes.c.change == Change.UPDATED)).subquery()
    return sa.select(about).where(about.c.state.in_(SUPPLIED) != about.c.state_before.in_(SUPPLIED)).subquery()


def _by_direction(turned: sa.Subquery) -> sa.Select[Any]:
    closed: sa.ColumnElement[Any] = turned.c.state.in_(SUPPLIED).label("closed")
    return sa.select(closed, sa.func.count().label("often")).group_by(closed)
