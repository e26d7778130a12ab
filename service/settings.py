"""The settings: one table of name, default and help. Each is read from `TRIVIUM_<NAME>`, here and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from graph.policy import Policy

PREFIX = "TRIVIUM_"


def says(help: str) -> dict[str, str]:
    """What a setting is for, as its field keeps it."""
    return {"help": help}


class InvalidSetting(ValueError):
    """A variable of the environment that cannot be read as what it sets."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How this instance runs. The types of the defaults are the types of the settings."""

    data: Path = field(default=Path("var"), metadata=says("The folder of the journal, the store and the releases."))
    base: str = field(
        default="",
        metadata=says("The public address, as https://example.org; empty: links are relative."),
    )
    publisher: str = field(
        default="",
        metadata=says("Who publishes this instance, by name, in the catalogue; empty: the Trivium project."),
    )
    publisher_iri: str = field(
        default="", metadata=says("The IRI of the publisher, such as its ROR; empty: one of our own.")
    )
    publisher_type: str = field(
        default="",
        metadata=says("The kind of publisher: a term of http://purl.org/adms/publishertype/; empty: none is stated."),
    )
    contact: str = field(
        default="",
        metadata=says("An e-mail address or https address for questions about the data; empty: this service."),
    )
    host: str = field(default="127.0.0.1", metadata=says("The address to listen on."))
    port: int = field(default=8080, metadata=says("The port to listen on."))
    workers: int = field(default=2, metadata=says("Web worker processes."))
    threads: int = field(default=4, metadata=says("Threads of each web worker."))
    proxies: int = field(default=0, metadata=says("Reverse proxies in front whose X-Forwarded-For is believed."))
    stale_months: int = field(default=36, metadata=says("An offering not seen for so many months is stale."))
    keep_releases: int = field(default=5, metadata=says("The newest releases that are kept."))
    keep_days: int = field(
        default=30, metadata=says("Of each of so many days, the last release is kept besides; 0 for none.")
    )
    older_releases: int = field(
        default=3, metadata=says("Releases before the newest that each worker holds open for `?release=`.")
    )
    look_seconds: float = field(default=0.2, metadata=says("At most this often a worker looks for a newer release."))
    cache_bytes: int = field(
        default=64_000_000,
        metadata=says("Answers that each worker keeps, in bytes; for SPARQL, a fourth more."),
    )
    query_workers: int = field(default=2, metadata=says("Processes for public SPARQL queries, of each web worker."))
    query_seconds: float = field(default=10.0, metadata=says("A public query is stopped after this time."))
    query_memory: int = field(default=2_000_000_000, metadata=says("Memory of one public query, in bytes."))
    query_rows: int = field(default=100_000, metadata=says("Rows of one public answer; a cut is announced."))
    query_bytes: int = field(default=50_000_000, metadata=says("Bytes of one public answer; a cut is announced."))
    query_share: float = field(
        default=60.0, metadata=says("Seconds of query time that a client is given every minute.")
    )
    query_burst: float = field(default=120.0, metadata=says("Seconds of query time that a client can save up."))
    token_query_seconds: float = field(
        default=60.0, metadata=says("A query sent with a contributor's token is stopped after this time.")
    )
    token_query_share: float = field(
        default=240.0, metadata=says("Seconds of query time that a contributor's token is given every minute.")
    )
    token_query_burst: float = field(
        default=480.0, metadata=says("Seconds of query time that a contributor's token can save up.")
    )
    validations: int = field(default=2, metadata=says("Files validated at once, by each web worker."))
    validation_seconds: float = field(default=60.0, metadata=says("Validating a file is stopped after this time."))
    validation_memory: int = field(default=2_000_000_000, metadata=says("Memory of one validation, in bytes."))
    dump_seconds: float = field(
        default=20.0,
        metadata=says("A request waits so long for dumps to be made; then it is told to come again."),
    )
    query_length: int = field(default=65_536, metadata=says("Longest public query, in bytes."))

    @property
    def policy(self) -> Policy:
        """What a publisher has to go by."""
        return Policy(self.stale_months, self.keep_releases, self.keep_days)

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings that the environment has. Raises InvalidSetting for a value of the wrong type."""
        return cls(
            **{
                one.name: _read(variable(one.name), environment[variable(one.name)], type(one.default))
                for one in fields(cls)
                if variable(one.name) in environment
            }
        )


def variable(name: str) -> str:
    """The variable of the environment that holds a setting."""
    return PREFIX + name.upper()


def _read(name: str, text: str, kind: type[Any]) -> Any:
    try:
        return kind(text)
    except ValueError as error:
        raise InvalidSetting(f"{name}={text!r}: expected {kind.__name__}.") from error
