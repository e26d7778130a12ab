"""What came new into the graph in a month, by the change log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from graph.changes import Changed, ChangeLog, logged
from graph.differences import Change
from graph.months import LENGTH, first_day
from graph.tables import changes


@dataclass(frozen=True)
class Published:
    """A month in which something was published: its name, and its first and last release."""

    name: str
    first: int
    last: int

    @property
    def day(self) -> date:
        """Its first day."""
        return first_day(self.name)


def published_months(log: ChangeLog, upto: int) -> list[Published]:
    """The months in which there was a release, up to one, the newest first."""
    releases: dict[str, list[int]] = {}
    for one in log.releases(upto):
        releases.setdefault(one["created"][:LENGTH], []).append(one["number"])
    return [Published(name, min(numbers), max(numbers)) for name, numbers in releases.items()]


def new_in(
    log: ChangeLog, month: Published, upto: int, kinds: Sequence[str], limit: int | None = None, offset: int = 0
) -> list[Changed]:
    """What came new in a month and is there up to a release, the newest first."""
    chosen = logged().where(_new(month, upto) & changes.c.kind.in_(kinds))
    return log.read(chosen.order_by(changes.c.number.desc()).limit(limit).offset(offset))


def count_new(log: ChangeLog, month: Published, upto: int, kinds: Sequence[str]) -> dict[str, int]:
    """How much of each kind came new in a month and is there up to a release."""
    chosen = _new(month, upto) & changes.c.kind.in_(kinds)
    query = sa.select(changes.c.kind, sa.func.count()).where(chosen).group_by(changes.c.kind)
    with log.connect() as connection:
        found = {row[0]: int(row[1]) for row in connection.execute(query)}
    return {kind: found.get(kind, 0) for kind in kinds}


def _new(month: Published, upto: int) -> sa.ColumnElement[bool]:
    """Whether a row says that something came new in the month, which was not withdrawn since."""
    later = changes.alias()
    same = (later.c.entity == changes.c.entity) & (later.c.number > changes.c.number) & (later.c.release <= upto)
    gone = sa.exists().where(same & (later.c.change == Change.WITHDRAWN))
    within = changes.c.release.between(month.first, month.last)
    return within & (changes.c.change == Change.CREATED) & ~gone
