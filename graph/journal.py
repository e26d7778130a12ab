"""The journal: every submission as it was received, its report and what became of it.

The only module that speaks SQL. What the journal has acknowledged is durable, and the store can be rebuilt
from it alone.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from graph.parsing import Submission


class State(StrEnum):
    """What became of a submission."""

    RECEIVED = "received"
    INVALID = "invalid"
    ACCEPTED = "accepted"
    PUBLISHED = "published"


@dataclass(frozen=True)
class Entry:
    """One submission in the journal."""

    number: int
    received: datetime
    contributor: str
    license: str
    state: State
    submission: Submission


_tables = sa.MetaData()
_submissions = sa.Table(
    "submissions",
    _tables,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("received", sa.String, nullable=False),
    sa.Column("contributor", sa.String, nullable=False),
    sa.Column("license", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("kind", sa.String),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.String, nullable=False, index=True),
)
_events = sa.Table(
    "events",
    _tables,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("submission", sa.ForeignKey("submissions.number"), nullable=False, index=True),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
)


class Journal:
    """The journal at a database URL, `sqlite:///...` by default."""

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(url)
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _durable)
        _tables.create_all(self._engine)

    @classmethod
    def below(cls, data: Path) -> Self:
        """The journal of a data folder, which is made if it is not there."""
        data.mkdir(parents=True, exist_ok=True)
        return cls(f"sqlite:///{data / 'journal.sqlite'}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.dispose()

    def receive(self, submissions: list[Submission], contributor: str, license: str) -> list[int]:
        """Keep submissions as they are; they are durable, all or none, when their numbers are returned."""
        with self._engine.begin() as connection:
            numbers = []
            for submission in submissions:
                row = {
                    "received": _now(),
                    "contributor": contributor,
                    "license": license,
                    "name": submission.name,
                    "kind": submission.kind,
                    "sha256": hashlib.sha256(submission.body).hexdigest(),
                    "body": submission.body,
                    "state": State.RECEIVED,
                }
                number = connection.execute(sa.insert(_submissions).values(row)).inserted_primary_key
                numbers.append(int(number[0]) if number else 0)
            return numbers

    def record(self, numbers: list[int], state: State, note: str = "") -> None:
        """Note what became of submissions, and why."""
        with self._engine.begin() as connection:
            for number in numbers:
                chosen = _submissions.c.number == number
                connection.execute(sa.update(_submissions).where(chosen).values(state=state))
                event = {"submission": number, "state": state, "at": _now(), "note": note}
                connection.execute(sa.insert(_events).values(event))

    def entries(self, *states: State) -> list[Entry]:
        """The submissions that are in one of the states, in the order in which they came."""
        query = sa.select(_submissions).where(_submissions.c.state.in_(states)).order_by(_submissions.c.number)
        with self._engine.connect() as connection:
            return [_entry(row) for row in connection.execute(query)]


def _entry(row: sa.Row[tuple[object, ...]]) -> Entry:
    return Entry(
        number=row.number,
        received=datetime.fromisoformat(row.received),
        contributor=row.contributor,
        license=row.license,
        state=State(row.state),
        submission=Submission(row.name, row.body, row.kind),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _durable(connection: sa.engine.interfaces.DBAPIConnection, _: object) -> None:
    """Write-ahead log with a flush at each commit: an acknowledged submission survives a power loss."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
