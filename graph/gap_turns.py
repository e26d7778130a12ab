"""When gaps came into a state and left it again, as the change log tells it: what a feed of gaps is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from graph.changes import Changed, ChangeLog, logged
from graph.namespaces import entity
from graph.tables import changes

KIND: Final = "gap"
BETWEEN: Final = "--"
"""What stands between the sector and the competency in the slug of a gap."""

AFTER_ALL: Final = "~"  # sorts after whatever a slug is made of


@dataclass(frozen=True)
class Followed:
    """The gaps that are followed: those of some sectors, of some competencies or all, in one state or any.

    Sectors and competencies are slugs. Of a state, both are followed: that a gap comes into it and that it leaves it.
    """

    sectors: Sequence[str]
    competencies: Sequence[str] | None = None
    state: str = ""


def turns(log: ChangeLog, followed: Followed, upto: int, limit: int, offset: int = 0) -> list[Changed]:
    """The rows in which a gap came into being, into another state, or was withdrawn, the newest first."""
    chosen = _chosen(followed, upto)
    query = sa.select(chosen).order_by(chosen.c.number.desc()).limit(limit).offset(offset)
    return log.read(query)


def count(log: ChangeLog, followed: Followed, upto: int) -> int:
    """How many such rows there are."""
    with log.connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(_chosen(followed, upto))).scalar_one())


def sector_and_competency(slug: str) -> tuple[str, str]:
    """The slugs that the slug of a gap is made of."""
    sector, _, competency = slug.partition(BETWEEN)
    return sector, competency


def _chosen(followed: Followed, upto: int) -> sa.Subquery:
    about: Any = logged().where((changes.c.kind == KIND) & (changes.c.release <= upto) & _about(followed)).subquery()
    before = sa.func.coalesce(about.c.state_before, "")
    turned = about.c.state != before
    if followed.state:
        turned &= (about.c.state == followed.state) | (before == followed.state)
    return sa.select(about).where(turned).subquery()


def _about(followed: Followed) -> sa.ColumnElement[bool]:
    """The gaps by their identifiers, in a form that the index of kind and entity can answer."""
    starts = [entity(KIND, sector).value + BETWEEN for sector in followed.sectors]
    if followed.competencies is None:
        return sa.or_(sa.false(), *(changes.c.entity.between(start, start + AFTER_ALL) for start in starts))
    return changes.c.entity.in_([start + slug for start in starts for slug in followed.competencies])
