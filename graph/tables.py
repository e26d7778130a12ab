"""The database of the journal: its tables, and how it is opened. SQLite by default."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from graph.errors import JournalDamaged, StorageFull

JOURNAL: Final = "journal.sqlite"

metadata = sa.MetaData()

contributors = sa.Table(
    "contributors",
    metadata,
    sa.Column("slug", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("role", sa.String, nullable=False),
    sa.Column("orcid", sa.String, nullable=False, default=""),
    sa.Column("organisation", sa.String, nullable=False, default=""),
    sa.Column("token_sha256", sa.String, nullable=False),
    sa.Column("added", sa.String, nullable=False),
    sa.Column("revoked", sa.String),
)
submissions = sa.Table(
    "submissions",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("received", sa.String, nullable=False),
    sa.Column("contributor", sa.String, nullable=False, index=True),
    sa.Column("license", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("kind", sa.String),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("idempotency_key", sa.String),
    sa.Column("state", sa.String, nullable=False, index=True),
    sa.UniqueConstraint("contributor", "idempotency_key"),
)
events = sa.Table(
    "events",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("submission", sa.ForeignKey("submissions.number"), nullable=False, index=True),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("agent", sa.String, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
)
progress = sa.Table(
    "progress",
    metadata,
    sa.Column("submission", sa.ForeignKey("submissions.number"), primary_key=True),
    sa.Column("step", sa.String, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("at", sa.String, nullable=False),
)
releases = sa.Table(
    "releases",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("as_of", sa.String, nullable=False),
    sa.Column("created", sa.String, nullable=False),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("quads", sa.Integer, nullable=False),
    sa.Column("counts", sa.JSON, nullable=False),
)
changes = sa.Table(
    "changes",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("release", sa.Integer, nullable=False, index=True),
    sa.Column("entity", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("change", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("sectors", sa.String, nullable=False),
    sa.Column("replaced_by", sa.String, nullable=False),
    sa.Column("statements", sa.LargeBinary, nullable=False),  # the last: whoever reads the others does not come to it
    sa.Index("of_entity", "entity", "number"),
    sa.Index("of_kind", "kind", "entity"),
)


def engine(data: Path) -> sa.Engine:
    """The database of a data folder; both are made if they are not there."""
    data.mkdir(parents=True, exist_ok=True)
    made = sa.create_engine(f"sqlite:///{data / JOURNAL}", connect_args={"timeout": 30})
    sa.event.listen(made, "connect", _durable)
    sa.event.listen(made, "handle_error", _in_our_words)
    metadata.create_all(made)
    return made


def copy(source: sa.Engine, path: Path) -> None:
    """Copy the database in one step, while others read and write (SQLite, online backup)."""
    with source.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        target = sqlite3.connect(path)
        try:
            raw.backup(target)
        except sqlite3.Error as error:
            _raise_in_our_words(error)
            raise
        finally:
            target.close()


def damage(source: sa.Engine) -> list[str]:
    """What the database itself finds to be wrong with its files."""
    with source.connect() as connection:
        found = connection.execute(sa.text("PRAGMA quick_check")).scalars().all()
    return [] if found == ["ok"] else [str(one) for one in found]


def now() -> str:
    """The time, in UTC, to the millisecond (ISO 8601)."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _durable(connection: sa.engine.interfaces.DBAPIConnection, _: object) -> None:
    """Write-ahead log with a flush at each commit: an acknowledged submission survives a power loss."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _in_our_words(context: sa.engine.ExceptionContext) -> None:
    _raise_in_our_words(context.original_exception)


def _raise_in_our_words(error: BaseException) -> None:
    """Raises StorageFull and JournalDamaged for what SQLite says of a full disk and of a damaged file."""
    code = getattr(error, "sqlite_errorcode", None)
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE):  # the second: no room to share its index
        raise StorageFull("There is no room left for the journal: make room on its disk.") from error
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        raise JournalDamaged(f"The journal is damaged ({error}): docs/operations.md says what to do.") from error
