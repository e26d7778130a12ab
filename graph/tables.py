"""The database of the journal: its tables, and how it is opened. SQLite by default."""

from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

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
    sa.Column("statements", sa.LargeBinary, nullable=False),  # the last: whoever reads the others does not come to it
    sa.Index("of_entity", "entity", "number"),
    sa.Index("of_kind", "kind", "entity"),
)


def engine(data: Path) -> sa.Engine:
    """The database of a data folder; both are made if they are not there."""
    data.mkdir(parents=True, exist_ok=True)
    made = sa.create_engine(f"sqlite:///{data / 'journal.sqlite'}", connect_args={"timeout": 30})
    sa.event.listen(made, "connect", _durable)
    metadata.create_all(made)
    return made


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
