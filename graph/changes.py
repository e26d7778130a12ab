"""The change log: one sequence of what was created, updated and withdrawn, from which every harvest is made.

A row is written before its release appears and counts only once the release is there: a reader asks up to the release
that it reads from, and rows of a release that never appeared are replaced by those of the next attempt.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa
from pyoxigraph import NamedNode

from graph.differences import UNKNOWN, Change, Difference, Known, difference
from graph.errors import TriviumError
from graph.namespaces import ID, kind_and_slug
from graph.releases import Release
from graph.store import Dataset
from graph.tables import changes, engine, releases

BATCH = 500  # identifiers in one statement of SQL
LISTED = [column for column in changes.c if column is not changes.c.statements]
"""What a row is read from; what the entity said is large, and read only where it is asked for."""


@dataclass(frozen=True)
class Changed:
    """One row of the change log.

    `number` rises by one from row to row; `at` is the time of the release, in UTC, and never goes back. `state_before`
    is the state that the row before gave a gap. What is withdrawn has no hash, and the sectors that it stated last; if
    it was merged into another, `replaced_by` is that.
    """

    number: int
    release: int
    entity: NamedNode
    kind: str
    change: Change
    at: datetime
    sha256: str
    state: str = ""
    state_before: str = ""
    sectors: tuple[str, ...] = ()
    replaced_by: NamedNode | None = None


@dataclass(frozen=True)
class Selection:
    """Which rows of the log are meant: of a kind, of a sector, and of a time, from its beginning to before its end.

    Times are the beginnings of ISO 8601 times in UTC, compared as texts.
    """

    kinds: Sequence[str] = ()
    sector: str = ""
    since: str = ""
    before: str = ""


EVERYTHING = Selection()


class Withdrawn(TriviumError):
    """The thing was described once and is not any more; carries when that was, and in which release."""

    def __init__(self, last: Changed) -> None:
        self.last = last
        super().__init__(f"This was withdrawn on {last.at:%Y-%m-%d}, in release {last.release}. Its identifier stays.")


class NotReachedYet(TriviumError):
    """The log has what is asked for, of a release that is later than the one that is answered from."""

    retry_after = 1  # seconds


class ChangeLog:
    """The change log of a data folder."""

    def __init__(self, data: Path) -> None:
        self._engine = engine(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.dispose()

    def differences(self, dataset: Dataset, touched: Iterable[NamedNode], upto: int) -> list[Difference]:
        """Which of the entities that were touched after a release say something else now, in a fixed order."""
        kinds = {iri: named[0] for iri in touched if (named := kind_and_slug(iri))}
        before = self._last_known(list(kinds), upto)
        found = (difference(iri, kind, before.get(iri, UNKNOWN), dataset) for iri, kind in kinds.items())
        return sorted((one for one in found if one), key=lambda one: (one.kind, one.entity.value))

    def append(self, release: Release, differences: Sequence[Difference]) -> None:
        """Write down a release that is about to appear, in place of what an attempt that failed left behind."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(changes).where(changes.c.release >= release.number))
            connection.execute(sa.delete(releases).where(releases.c.number >= release.number))
            last = connection.execute(sa.select(sa.func.max(changes.c.number))).scalar() or 0
            if differences:
                connection.execute(sa.insert(changes), list(_rows(release, differences, last)))
            connection.execute(sa.insert(releases).values(_described(release)))

    def after(self, number: int, upto: int, kinds: Sequence[str] = (), limit: int | None = None) -> list[Changed]:
        """The rows that come after a number, up to a release, the oldest first."""
        chosen = (changes.c.number > number) & (changes.c.release <= upto)
        return self.read(_of_kinds(logged().where(chosen), kinds).order_by(changes.c.number).limit(limit))

    def members(self, after: int, upto: int, limit: int) -> list[tuple[Changed, bytes]]:
        """The rows that come after a number, up to a release, each with what its entity said then, as N-Triples."""
        chosen = (changes.c.number > after) & (changes.c.release <= upto)
        query = logged().add_columns(changes.c.statements).where(chosen).order_by(changes.c.number).limit(limit)
        with self._engine.connect() as connection:
            return [(_changed(row), zlib.decompress(row.statements)) for row in connection.execute(query)]

    def times(self, numbers: Sequence[int]) -> dict[int, datetime]:
        """When the rows of some numbers were published."""
        query = sa.select(changes.c.number, changes.c.at).where(changes.c.number.in_(numbers))
        with self._engine.connect() as connection:
            return {row.number: datetime.fromisoformat(row.at) for row in connection.execute(query)}

    def newest(
        self, upto: int, kinds: Sequence[str] = (), change: str = "", limit: int | None = None, offset: int = 0
    ) -> list[Changed]:
        """The rows up to a release, the newest first."""
        chosen = _of_kinds(logged().where(_upto(upto, change)), kinds)
        return self.read(chosen.order_by(changes.c.number.desc()).limit(limit).offset(offset))

    def count(self, upto: int, kinds: Sequence[str] = (), change: str = "") -> int:
        """How many rows there are up to a release.

        Rows are numbered from 1 without a gap, so all of them are as many as the number of the last one.
        """
        if not kinds and not change:
            newest = changes.c.release.desc(), changes.c.number.desc()  # read from the index, none of the rows
            last = sa.select(changes.c.number).where(changes.c.release <= upto).order_by(*newest).limit(1)
            with self._engine.connect() as connection:
                return connection.execute(last).scalar() or 0
        chosen = _of_kinds(sa.select(sa.func.count()).select_from(changes).where(_upto(upto, change)), kinds)
        with self._engine.connect() as connection:
            return int(connection.execute(chosen).scalar_one())

    def check_later(self, part: str, size: int) -> None:
        """Look whether a later release has a part, by its number from 0. Raises NotReachedYet if one has."""
        with self._engine.connect() as connection:
            parts = -(-(connection.execute(sa.select(sa.func.max(changes.c.number))).scalar() or 0) // size)
        if part in map(str, range(parts)):
            raise NotReachedYet("This is of a release that was published a moment ago: ask again in a second.")

    def last(self, entity: NamedNode, upto: int) -> Changed | None:
        """The last thing that happened to an entity, up to a release."""
        chosen = (changes.c.entity == entity.value) & (changes.c.release <= upto)
        found = self.read(logged().where(chosen).order_by(changes.c.number.desc()).limit(1))
        return found[0] if found else None

    def last_of(self, entities: Sequence[NamedNode], upto: int) -> dict[NamedNode, Changed]:
        """The last thing that happened to each of some entities, up to a release."""
        found: list[Changed] = []
        for start in range(0, len(entities), BATCH):
            batch = [iri.value for iri in entities[start : start + BATCH]]
            found += self.read(logged().where(_is_last(upto) & changes.c.entity.in_(batch)))
        return {one.entity: one for one in found}

    def standing(
        self, upto: int, chosen: Selection = EVERYTHING, after: int = 0, limit: int | None = None
    ) -> list[Changed]:
        """For each entity the last row up to a release, withdrawn ones too, in the order of the log."""
        start = max(after, self._last_before(chosen.since))
        query = logged().where(_is_last(upto) & (changes.c.number > start) & _selected(chosen))
        return self.read(query.order_by(changes.c.number).limit(limit))

    def count_standing(self, upto: int, chosen: Selection = EVERYTHING) -> int:
        """How many entities there are up to a release, withdrawn ones too."""
        later = changes.c.number > self._last_before(chosen.since)
        query = sa.select(sa.func.count()).select_from(changes).where(_is_last(upto) & later & _selected(chosen))
        with self._engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def first_time(self) -> datetime | None:
        """The time of the first release, or None before it."""
        with self._engine.connect() as connection:
            text = connection.execute(sa.select(changes.c.at).order_by(changes.c.number).limit(1)).scalar()
        return datetime.fromisoformat(text) if text else None

    def entities(self, after_release: int, upto: int) -> set[NamedNode]:
        """What changed after one release and up to another."""
        chosen = sa.select(changes.c.entity).distinct()
        with self._engine.connect() as connection:
            rows = connection.execute(chosen.where((changes.c.release > after_release) & (changes.c.release <= upto)))
            return {NamedNode(row.entity) for row in rows}

    def slugs(self, kind: str, upto: int, first: str = "", limit: int | None = None) -> list[str]:
        """The slugs of a kind in a release, sorted, from one on."""
        chosen = _is_last(upto) & (changes.c.kind == kind) & (changes.c.change != Change.WITHDRAWN)
        query = sa.select(changes.c.entity).where(chosen & (changes.c.entity >= _base(kind) + first))
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(changes.c.entity).limit(limit))
            return [row.entity.removeprefix(_base(kind)) for row in rows]

    def releases(self, upto: int, limit: int | None = None) -> list[Mapping[str, Any]]:
        """Every release that ever was, the newest first: number, as_of, created, digest, quads, counts."""
        chosen = sa.select(releases).where(releases.c.number <= upto).order_by(releases.c.number.desc()).limit(limit)
        with self._engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(chosen)]

    def published(self, number: int) -> bool:
        """Whether there ever was a release of this number."""
        with self._engine.connect() as connection:
            found = connection.execute(sa.select(releases.c.number).where(releases.c.number == number))
            return found.first() is not None

    def read(self, query: sa.Select[Any]) -> list[Changed]:
        """The rows that a query made of `logged` chooses."""
        with self._engine.connect() as connection:
            return [_changed(row) for row in connection.execute(query)]

    def connect(self) -> sa.Connection:
        """A connection to the database of the log, for questions that answer with other things than rows."""
        return self._engine.connect()

    def _last_before(self, since: str) -> int:
        """The number of the last row before a time; times never go back, so no row up to it has to be read."""
        if not since:
            return 0
        earlier = sa.select(sa.func.max(releases.c.number)).where(releases.c.created < since).scalar_subquery()
        query = sa.select(changes.c.number).where(changes.c.release <= earlier)
        with self._engine.connect() as connection:
            newest = query.order_by(changes.c.release.desc(), changes.c.number.desc()).limit(1)
            return connection.execute(newest).scalar() or 0

    def _last_known(self, entities: Sequence[NamedNode], upto: int) -> dict[NamedNode, Known]:
        """What the log says last of each entity."""
        found: dict[NamedNode, Known] = {}
        columns = (changes.c.entity, changes.c.sha256, changes.c.sectors, changes.c.replaced_by)
        for start in range(0, len(entities), BATCH):
            batch = [iri.value for iri in entities[start : start + BATCH]]
            query = sa.select(*columns).where(_is_last(upto) & changes.c.entity.in_(batch))
            with self._engine.connect() as connection:
                rows = connection.execute(query)
                found |= {
                    NamedNode(row.entity): Known(row.sha256, _unpacked(row.sectors), _named(row.replaced_by))
                    for row in rows
                }
        return found


def _unpacked(sectors: str) -> tuple[str, ...]:
    return tuple(sectors.split())


def _named(iri: str) -> NamedNode | None:
    return NamedNode(iri) if iri else None


def _selected(chosen: Selection) -> sa.ColumnElement[bool]:
    parts = [changes.c.number > 0]
    if chosen.kinds:
        parts.append(changes.c.kind.in_(chosen.kinds))
    if chosen.sector:
        parts.append((" " + changes.c.sectors + " ").contains(f" {chosen.sector} ", autoescape=True))
    if chosen.since:
        parts.append(changes.c.at >= chosen.since)
    if chosen.before:
        parts.append(changes.c.at < chosen.before)
    return sa.and_(*parts)


def logged() -> sa.Select[Any]:
    """Rows of the log, each with the state that the row before gave its entity."""
    earlier = changes.alias()
    before = (earlier.c.entity == changes.c.entity) & (earlier.c.number < changes.c.number)
    last = sa.select(earlier.c.state).where(before).order_by(earlier.c.number.desc()).limit(1)
    return sa.select(*LISTED, last.correlate(changes).scalar_subquery().label("state_before"))


def _is_last(upto: int) -> sa.ColumnElement[bool]:
    """Whether a row is the last one of its entity up to a release."""
    later = changes.alias()
    other = (later.c.entity == changes.c.entity) & (later.c.number > changes.c.number) & (later.c.release <= upto)
    return (changes.c.release <= upto) & ~sa.exists().where(other)


def _upto(release: int, change: str) -> sa.ColumnElement[bool]:
    chosen = changes.c.release <= release
    return chosen & (changes.c.change == change) if change else chosen


def _of_kinds(query: sa.Select[Any], kinds: Sequence[str]) -> sa.Select[Any]:
    return query.where(changes.c.kind.in_(kinds)) if kinds else query


def _base(kind: str) -> str:
    return f"{ID.iri}{kind}/"


def _rows(release: Release, differences: Sequence[Difference], last: int) -> Iterator[dict[str, object]]:
    for number, one in enumerate(differences, last + 1):
        yield {
            "number": number,
            "release": release.number,
            "entity": one.entity.value,
            "kind": one.kind,
            "change": one.change,
            "at": release.created.isoformat(),
            "sha256": one.sha256,
            "state": one.state,
            "sectors": " ".join(one.sectors),
            "replaced_by": one.replaced_by.value if one.replaced_by else "",
            "statements": zlib.compress(one.statements),
        }


def _described(release: Release) -> dict[str, object]:
    facts = release.facts()
    return {name: facts[name] for name in ("number", "as_of", "created", "digest", "quads", "counts")}


def _changed(row: sa.Row[tuple[object, ...]]) -> Changed:
    return Changed(
        number=row.number,
        release=row.release,
        entity=NamedNode(row.entity),
        kind=row.kind,
        change=Change(row.change),
        at=datetime.fromisoformat(row.at),
        sha256=row.sha256,
        state=row.state,
        state_before=row.state_before or "",
        sectors=_unpacked(row.sectors),
        replaced_by=_named(row.replaced_by),
    )
