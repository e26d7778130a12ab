"""What was found in a submission, in words that its author can act on.

Severities are those of SHACL (3.1 of the recommendation): a violation blocks, a warning recommends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from graph.errors import did_you_mean


class Severity(StrEnum):
    """How much a finding weighs."""

    VIOLATION = "violation"
    WARNING = "warning"


@dataclass(frozen=True)
class Place:
    """Where in a submission: a row (the header is row 1) and a column, or a subject and a property.

    `part` is the part of a file that the rows are counted in, such as a sheet of a workbook.
    """

    file: str
    row: int | None = None
    column: str | None = None
    subject: str | None = None
    path: str | None = None
    part: str | None = None

    def __str__(self) -> str:
        row = f"row {self.row}" if self.row is not None else None
        column = f"column {self.column}" if self.column else None
        named = () if row else (self.subject, self.path)
        described = " ".join(text for text in named if text)
        return ", ".join(text for text in (self.file, self.part, row, column, described) if text)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong or could be better: what, where, the value found and the nearest valid one.

    `why` is the purpose of the rule, `example` a right value as the submission's own format writes it, and `term` the
    value found as Turtle writes it.
    """

    severity: Severity
    message: str
    place: Place
    value: str | None = None
    suggestion: str | None = None
    shape: str | None = None
    component: str | None = None
    why: str | None = None
    example: str | None = None
    term: str | None = None

    def __str__(self) -> str:
        found = f" Found: `{self.value}`." if self.value is not None else ""
        return f"{self.place}: {self.message}{found}{did_you_mean(self.suggestion)}"


@dataclass(frozen=True)
class Report:
    """Every finding of one submission."""

    findings: Sequence[Finding] = ()

    @property
    def conforms(self) -> bool:
        """Whether nothing blocks."""
        return not self.violations

    @property
    def violations(self) -> list[Finding]:
        """What blocks."""
        return [finding for finding in self.findings if finding.severity is Severity.VIOLATION]

    @property
    def warnings(self) -> list[Finding]:
        """What is recommended."""
        return [finding for finding in self.findings if finding.severity is Severity.WARNING]

    def __str__(self) -> str:
        return "\n".join(map(str, self.violations)) or "nothing is wrong"
