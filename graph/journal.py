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
from typing import Self

import sqlalchemy as sa

from graph.errors import NotFound, TriviumError
from graph.parsing import Submission
from graph.tables import engine, events, now, progress, submissions


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


@dataclass(frozen=True)
class Step:
    """How far something has come with a submission: what is being done, how much of it, and when that was noted."""

    step: str
    done: int
    total: int
    at: datetime


class Journal:
    """The journal of a data folder. What it promises is durable when the call returns."""

    def __init__(self, data: Path) -> None:
        self._engine = engine(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.dispose()

    def receive(self, received: Sequence[Submission], contributor: str, license: str) -> list[int]:
        """Keep submissions as they are, all or none; returns their numbers."""
        with self._engine.begin() as connection:
            return [_insert(connection, submission, contributor, license, None) for submission in received]

    def receive_once(self, submission: Submission, contributor: str, license: str, key: str) -> int:
        """Keep a submission under an idempotency key; the same key again gives the same number.

        Raises KeyReused if the key came before with another content.
        """
        try:
            with self._engine.begin() as connection:
                return _insert(connection, submission, contributor, license, key)
        except sa.exc.IntegrityError:
            return self._received_before(submission, contributor, key)

    def record(self, numbers: Sequence[int], state: State, note: str = "", agent: str = "trivium") -> None:
        """Note what became of submissions, by whom, and why."""
        with self._engine.begin() as connection:
            for number in numbers:
                chosen = submissions.c.number == number
                connection.execute(sa.update(submissions).where(chosen).values(state=state))
                connection.execute(sa.delete(progress).where(progress.c.submission == number))
                connection.execute(sa.insert(events).values(_event(number, state, agent, note)))

    def progress(self, number: int, step: str, done: int, total: int) -> None:
        """Note how far something has come with a submission, until it is recorded what became of it."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(progress).where(progress.c.submission == number))
            row = {"submission": number, "step": step, "done": done, "total": total, "at": now()}
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
            connection.execute(sa.insert(events).values(_event(number, state, agent, note)))

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

    def events(self, number: int) -> list[Event]:
        """The life of a submission, from its beginning."""
        query = sa.select(events).where(events.c.submission == number).order_by(events.c.number)
        with self._engine.connect() as connection:
            return [
                Event(State(row.state), datetime.fromisoformat(row.at), row.agent, row.note)
                for row in connection.execute(query)
            ]

    def history(self) -> list[tuple[int, State]]:
        """Every first publication and every withdrawal, in the order in which they happened."""
        query = sa.select(events).where(events.c.state.in_([State.PUBLISHED, State.WITHDRAWN])).order_by("number")
        with self._engine.connect() as connection:
            steps = [(int(row.submission), State(row.state)) for row in connection.execute(query)]
        return list(dict.fromkeys(steps))

    def _received_before(self, submission: Submission, contributor: str, key: str) -> int:
        chosen = (submissions.c.contributor == contributor) & (submissions.c.idempotency_key == key)
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(submissions).where(chosen)).one()
        if row.sha256 != _sha256(submission):
            raise KeyReused(f"The key `{key}` was used for another content, contribution {row.number}: take a new key.")
        return int(row.number)


def _insert(connection: sa.Connection, submission: Submission, contributor: str, license: str, key: str | None) -> int:
    row = {
        "received": now(),
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
    connection.execute(sa.insert(events).values(_event(number, State.RECEIVED, contributor, "")))
    return number


def _event(number: int, state: State, agent: str, note: str) -> dict[str, object]:
    return {"submission": number, "state": state, "at": now(), "agent": agent, "note": note}


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
