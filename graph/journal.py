"""The journal: every submission as it was received, its report and what became of it.

What the journal has acknowledged is durable, and the store can be rebuilt from it alone.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa

from graph.clock import Clock, utc_now
from graph.errors import JournalDamaged, NotFound, TriviumError
from graph.parsing import Submission
from graph.tables import copy, damage, engine, events, progress, submissions


class State(StrEnum):
    """What became of a submission."""

    RECEIVED = "received"
    INVALID = "invalid"
    IN_REVIEW = "in review"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    PUBLISHED = "published"
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"


FINAL = (State.INVALID, State.REJECTED, State.PUBLISHED, State.WITHDRAWN)


class KeyReused(TriviumError):
    """An idempotency key came again with another content."""


class WrongState(TriviumError):
    """A submission is not in a state from which this can be done."""


@dataclass(frozen=True)
class Heading:
    """One submission without its content, which may be large."""

    number: int
    received: datetime
    contributor: str
    license: str
    state: State
    name: str
    kind: str | None


@dataclass(frozen=True)
class Reader:
    """Who looks into the journal: anybody sees what is published, `slug` also its own, a curator everything."""

    slug: str = ""
    everything: bool = False


ANYBODY = Reader()


@dataclass(frozen=True)
class Entry:
    """One submission in the journal."""

    number: int
    received: datetime
    contributor: str
    license: str
    state: State
    submission: Submission


@dataclass(frozen=True)
class Event:
    """One step in the life of a submission: which state it came to, when, by whom, and why."""

    state: State
    at: datetime
    agent: str
    note: str


HEADING = tuple(column for column in submissions.c if column.name not in ("body", "sha256", "idempotency_key"))


@dataclass(frozen=True)
class Step:
    """How far something has come with a submission: what is being done, how much of it, and when that was noted."""

    step: str
    done: int
    total: int
    at: datetime


class Journal:
    """The journal of a data folder. What it promises is durable when the call returns."""

    def __init__(self, data: Path, clock: Clock = utc_now) -> None:
        self._engine = engine(data)
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.dispose()

    def receive(self, received: Sequence[Submission], contributor: str, license: str) -> list[int]:
        """Keep submissions as they are, all or none; returns their numbers."""
        with self._engine.begin() as connection:
            return [self._insert(connection, one, contributor, license, None) for one in received]

    def receive_once(self, submission: Submission, contributor: str, license: str, key: str) -> int:
        """Keep a submission under an idempotency key; the same key again gives the same number.

        Raises KeyReused if the key came before with another content.
        """
        try:
            with self._engine.begin() as connection:
                return self._insert(connection, submission, contributor, license, key)
        except sa.exc.IntegrityError:
            return self._received_before(submission, contributor, key)

    def record(self, numbers: Sequence[int], state: State, note: str = "", agent: str = "trivium") -> None:
        """Note what became of submissions, by whom, and why."""
        with self._engine.begin() as connection:
            for number in numbers:
                chosen = submissions.c.number == number
                connection.execute(sa.update(submissions).where(chosen).values(state=state))
                connection.execute(sa.delete(progress).where(progress.c.submission == number))
                connection.execute(sa.insert(events).values(_event(number, state, self._now(), agent, note)))

    def progress(self, number: int, step: str, done: int, total: int) -> None:
        """Note how far something has come with a submission, until it is recorded what became of it."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(progress).where(progress.c.submission == number))
            row = {"submission": number, "step": step, "done": done, "total": total, "at": self._now()}
            connection.execute(sa.insert(progress).values(row))

    def progress_of(self, number: int) -> Step | None:
        """How far something has come with a submission, if that is known."""
        query = sa.select(progress).where(progress.c.submission == number)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return Step(row.step, row.done, row.total, datetime.fromisoformat(row.at)) if row else None

    def move(self, number: int, before: Sequence[State], state: State, note: str, agent: str) -> None:
        """Note what became of a submission that is in one of some states. Raises WrongState if it is in another."""
        with self._engine.begin() as connection:
            chosen = (submissions.c.number == number) & submissions.c.state.in_(before)
            if connection.execute(sa.update(submissions).where(chosen).values(state=state)).rowcount == 0:
                raise WrongState(f"Contribution {number} is not {' or '.join(before)}.")
            connection.execute(sa.insert(events).values(_event(number, state, self._now(), agent, note)))

    def entries(self, *states: State) -> list[Entry]:
        """The submissions that are in one of the states, in the order in which they came."""
        query = sa.select(submissions).where(submissions.c.state.in_(states)).order_by(submissions.c.number)
        with self._engine.connect() as connection:
            return [_entry(row) for row in connection.execute(query)]

    def entry(self, number: int) -> Entry:
        """One submission. Raises NotFound."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(submissions).where(submissions.c.number == number)).first()
        if row is None:
            raise NotFound(f"There is no contribution {number}.")
        return _entry(row)

    def heading(self, number: int) -> Heading:
        """One submission without its content. Raises NotFound."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(*HEADING).where(submissions.c.number == number)).first()
        if row is None:
            raise NotFound(f"There is no contribution {number}.")
        return _heading(row)

    def headings(
        self,
        reader: Reader,
        states: Sequence[State] = (),
        contributor: str = "",
        limit: int = 0,
        offset: int = 0,
        oldest_first: bool = False,
    ) -> list[Heading]:
        """What a reader may see, the newest first; in one of the states and of one contributor, if they are given."""
        order = submissions.c.number if oldest_first else submissions.c.number.desc()
        query = sa.select(*HEADING).where(_seen_by(reader, states, contributor)).order_by(order)
        with self._engine.connect() as connection:
            return [_heading(row) for row in connection.execute(query.limit(limit or None).offset(offset))]

    def count(self, reader: Reader, states: Sequence[State] = (), contributor: str = "") -> int:
        """How many submissions `headings` would find without a limit."""
        query = sa.select(sa.func.count()).select_from(submissions).where(_seen_by(reader, states, contributor))
        with self._engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def news(self, contributor: str = "", limit: int = 100) -> list[tuple[Heading, Event]]:
        """What was published, or withdrawn after that, with the step that it came by; the newest first."""
        published = sa.select(events.c.submission).where(events.c.state == State.PUBLISHED)
        query = (
            sa.select(*HEADING, events.c.at, events.c.agent, events.c.note)
            .join(events, (events.c.submission == submissions.c.number) & (events.c.state == submissions.c.state))
            .where(submissions.c.state.in_((State.PUBLISHED, State.WITHDRAWN)) & submissions.c.number.in_(published))
            .where((submissions.c.contributor == contributor) if contributor else sa.true())
            .order_by(events.c.number.desc())
            .limit(limit)
        )
        with self._engine.connect() as connection:
            rows: Sequence[Any] = connection.execute(query).all()
        newest = {row.number: row for row in reversed(rows)}  # a step is noted again if a process ended meanwhile
        return [(_heading(row), _step(row)) for row in rows if newest[row.number] is row]

    def published(self) -> dict[str, int]:
        """How many contributions of each contributor are published."""
        chosen = submissions.c.state == State.PUBLISHED
        query = sa.select(submissions.c.contributor, sa.func.count()).where(chosen).group_by("contributor")
        with self._engine.connect() as connection:
            return {str(slug): int(count) for slug, count in connection.execute(query)}

    def events(self, number: int) -> list[Event]:
        """The life of a submission, from its beginning."""
        query = sa.select(events).where(events.c.submission == number).order_by(events.c.number)
        with self._engine.connect() as connection:
            return [_step(row) for row in connection.execute(query)]

    def history(self) -> list[tuple[int, State]]:
        """Every first publication and every withdrawal, in the order in which they happened."""
        query = sa.select(events).where(events.c.state.in_([State.PUBLISHED, State.WITHDRAWN])).order_by("number")
        with self._engine.connect() as connection:
            steps = [(int(row.submission), State(row.state)) for row in connection.execute(query)]
        return list(dict.fromkeys(steps))

    def position(self) -> int:
        """The number of the last event, 0 before the first."""
        with self._engine.connect() as connection:
            return int(connection.scalar(sa.select(sa.func.max(events.c.number))) or 0)

    def check_reaches(self, position: int) -> None:
        """Raises JournalDamaged if the journal has not come as far as the releases that were made of it."""
        if (own := self.position()) < position:
            raise JournalDamaged(
                f"The journal has {own} events, but a release was made when it had {position}: some of it was lost. "
                "Nothing is taken in or published, lest a number be given twice. Put the whole journal back "
                "(journal.sqlite and journal.sqlite-wal), or restore the last backup: docs/operations.md says how."
            )

    def faults(self) -> list[str]:
        """What is wrong with the database, and which submissions are not what was received."""
        query = sa.select(submissions.c.number, submissions.c.sha256, submissions.c.body).order_by("number")
        found = damage(self._engine)
        if not found:
            with self._engine.connect() as connection:
                for number, sha256, body in connection.execute(query):
                    if hashlib.sha256(body).hexdigest() != sha256:
                        found.append(f"contribution {number} is not what was received")
        return found

    def copy(self, path: Path) -> None:
        """A consistent copy, while others read and write."""
        copy(self._engine, path)

    def _received_before(self, submission: Submission, contributor: str, key: str) -> int:
        chosen = (submissions.c.contributor == contributor) & (submissions.c.idempotency_key == key)
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(submissions).where(chosen)).one()
        if row.sha256 != _sha256(submission):
            raise KeyReused(f"The key `{key}` was used for another content, contribution {row.number}: take a new key.")
        return int(row.number)

    def _insert(
        self, connection: sa.Connection, submission: Submission, contributor: str, license: str, key: str | None
    ) -> int:
        time = self._now()
        row = {
            "received": time,
            "contributor": contributor,
            "license": license,
            "name": submission.name,
            "kind": submission.kind,
            "sha256": _sha256(submission),
            "body": submission.body,
            "idempotency_key": key,
            "state": State.RECEIVED,
        }
        made = connection.execute(sa.insert(submissions).values(row)).inserted_primary_key
        number = int(made[0]) if made else 0
        connection.execute(sa.insert(events).values(_event(number, State.RECEIVED, time, contributor, "")))
        return number

    def _now(self) -> sa.ColumnElement[str]:
        """The time of what is written: that of the last event, where the clock was put back meanwhile."""
        time = sa.literal(self._clock().isoformat(timespec="milliseconds"))
        last = sa.select(events.c.at).order_by(events.c.number.desc()).limit(1).scalar_subquery()
        return sa.case((last > time, last), else_=time)


def _event(number: int, state: State, at: sa.ColumnElement[str], agent: str, note: str) -> dict[str, object]:
    return {"submission": number, "state": state, "at": at, "agent": agent, "note": note}


def _step(row: sa.Row[Any]) -> Event:
    return Event(State(row.state), datetime.fromisoformat(row.at), row.agent, row.note)


def _heading(row: sa.Row[Any]) -> Heading:
    received = datetime.fromisoformat(row.received)
    return Heading(row.number, received, row.contributor, row.license, State(row.state), row.name, row.kind)


def _seen_by(reader: Reader, states: Sequence[State], contributor: str) -> sa.ColumnElement[bool]:
    seen = sa.true() if reader.everything else submissions.c.state == State.PUBLISHED
    if reader.slug:
        seen = sa.or_(seen, submissions.c.contributor == reader.slug)
    if states:
        seen = sa.and_(seen, submissions.c.state.in_(states))
    return sa.and_(seen, submissions.c.contributor == contributor) if contributor else seen


def _entry(row: sa.Row[tuple[object, ...]]) -> Entry:
    return Entry(
        number=row.number,
        received=datetime.fromisoformat(row.received),
        contributor=row.contributor,
        license=row.license,
        state=State(row.state),
        submission=Submission(row.name, row.body, row.kind),
    )


def _sha256(submission: Submission) -> str:
    return hashlib.sha256(submission.body).hexdigest()
