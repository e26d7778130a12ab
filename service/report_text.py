"""What was found in files, as the service and the command line tell it: JSON and rows of a table."""

from collections.abc import Iterator
from typing import Any, Final

from graph.examination import Examination
from graph.report import Finding
from service.impact_text import impact_members

COLUMNS: Final = (
    "severity", "file", "part", "row", "column", "subject", "path", "message", "value", "suggestion", "why",
    "example", "shape", "component",
)  # fmt: skip


def report_members(found: Examination) -> dict[str, Any]:
    """The report as an object of JSON; `conforms` is whether nothing blocks."""
    return {
        "conforms": found.conforms,
        "readable": not found.unreadable,
        "violations": len(found.report.violations),
        "warnings": len(found.report.warnings),
        "left_out": found.left_out,
        "findings": [dict(zip(COLUMNS, _row(one), strict=True)) for one in found.report.findings],
        "records": [vars(one) for one in found.records],
        "impact": impact_members(found.impact),
    }


def report_rows(found: Examination) -> Iterator[tuple[object, ...]]:
    """The findings as rows of `COLUMNS`; what is not known is empty."""
    for finding in found.report.findings:
        yield tuple("" if value is None else value for value in _row(finding))


def _row(finding: Finding) -> tuple[object, ...]:
    place = finding.place
    found = vars(place) | vars(finding) | {"severity": finding.severity.value}
    return tuple(found[name] for name in COLUMNS)
