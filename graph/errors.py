"""Everything that can go wrong by name. Each message says what is wrong and how to mend it.

TriviumError
├── InvalidParameter     a parameter of a question is unknown or has a value that is not allowed
├── InvalidInput         a file or its content cannot be taken as it is; carries the report
├── NotFound             no such entity, query, or file
├── QueryError
│   ├── InvalidQuery     the text is not SPARQL; carries the parser's message and position
│   ├── QueryRefused     the text is SPARQL, but asks for what is not allowed here
│   ├── QueryTimeout     it did not end within its limit
│   ├── QueryTooLarge    its answer, or the memory it took, passed the limit
│   └── PoolBusy         every worker is taken, or the client has used its share
├── InvalidQueryFile     a file in queries/ does not keep its own rules
├── StoreLocked          another process is writing to the store
├── StorageFull          there is no room left on the disk
└── Damaged              files are not what they were when they were written
    ├── ReleaseDamaged   of a release: the publisher makes the next one from the journal
    ├── JournalDamaged   of the journal, or it is older than the newest release: nothing is published until it is mended
    └── BackupDamaged    of a backup
"""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graph.report import Report


class TriviumError(Exception):
    """The root of every error that Trivium raises on purpose."""


class NotFound(TriviumError):
    """No such entity, query, release or file."""


class InvalidParameter(TriviumError):
    """A parameter that is unknown, missing, or has a value outside what is allowed."""

    def __init__(self, name: str, value: str | None, problem: str, allowed: Sequence[str] = ()) -> None:
        self.name, self.value, self.problem, self.allowed = name, value, problem, tuple(allowed)
        self.suggestion = nearest(value or "", allowed)
        super().__init__(f"{name}: {problem}{did_you_mean(self.suggestion)}")


class InvalidInput(TriviumError):
    """A submission that was refused whole; nothing was changed."""

    def __init__(self, report: "Report") -> None:
        self.report = report
        super().__init__(str(report))


class QueryError(TriviumError):
    """A SPARQL query that could not be answered."""


class InvalidQuery(QueryError):
    """The text is not SPARQL 1.1; line and column count from 1 where the parser gave them."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        self.line, self.column = line, column
        super().__init__(message)


class QueryRefused(QueryError):
    """The query asks for something that a public endpoint does not do."""


class QueryTimeout(QueryError):
    """The query did not end within its limit and was stopped."""


class QueryTooLarge(QueryError):
    """The query passed its limit of memory, or its answer cannot be cut."""


class PoolBusy(QueryError):
    """Try again: every worker is taken, or this client has used its share."""

    def __init__(self, message: str, retry_after: int = 1) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class InvalidQueryFile(TriviumError):
    """A file in `queries/` whose header or text does not keep the rules of the catalogue."""


class StoreLocked(TriviumError):
    """Another process is publishing; only one may write at a time."""


class StorageFull(TriviumError):
    """There is no room left on the disk; what was begun has been undone."""


class Damaged(TriviumError):
    """Files are not what they were when they were written."""


class ReleaseDamaged(Damaged):
    """A release is damaged; the publisher makes the next one when it starts."""


class JournalDamaged(Damaged):
    """The journal is damaged or lacks what a release holds: nothing is published, lest numbers be given twice."""


class BackupDamaged(Damaged):
    """A backup is damaged, or is none."""


def nearest(value: str, known: Sequence[str]) -> str | None:
    """The known value that is most like the one given, if any is like it at all."""
    found = get_close_matches(value.strip().lower(), known, n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(suggestion: str | None) -> str:
    """The closing words of an error message that has a suggestion."""
    return f" Did you mean `{suggestion}`?" if suggestion else ""
