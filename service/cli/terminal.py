"""What people see in a terminal: progress, tables, findings. Programs get CSV or JSON on standard output."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from graph.examination import Record
from graph.report import Finding, Report

errors = Console(stderr=True, highlight=False)


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error that follows the calls `(step, done, total)`."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=not errors.is_terminal) as bar:
        task = bar.add_task("", total=None, visible=False)

        def show(step: str, done: int, total: int) -> None:
            bar.update(task, description=step, completed=done, total=total, visible=True)

        yield show


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "") -> None:
    """A table on standard output, as wide as the terminal; what is wider than its column goes on below."""
    console = Console(highlight=False, markup=False)
    shown = Table(*(Column(name, overflow="fold") for name in columns), caption=caption or None, caption_justify="left")
    for row in rows:
        shown.add_row(*row)
    console.print(shown)


def findings(report: Report) -> None:
    """Every finding on standard error, what blocks first, and a count."""
    for finding in report.violations:
        _finding("error", finding)
    for finding in report.warnings:
        _finding("advice", finding)
    errors.print(f"{len(report.violations)} to mend, {len(report.warnings)} recommended", markup=False)


def _finding(weight: str, finding: Finding) -> None:
    errors.print(f"{weight}: {finding}", markup=False, soft_wrap=True)
    for name, text in (("why", finding.why), ("right", finding.example)):
        if text:
            errors.print(f"  {name}: {text}", markup=False, soft_wrap=True)


def faults(checks: Sequence[Mapping[str, str]], items: Sequence[Mapping[str, Any]], caption: str) -> None:
    """Every fault on standard output below the check that found it and why it matters, and a count."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for check in checks:
        found = [item for item in items if item["check"] == check["name"]]
        if found:
            console.print(f"{check['summary']} ({check['name']}): {len(found)}\n  why: {check['why']}")
        for item in found:
            details = "; ".join(f"{name}: {text}" for name, text in item["details"].items())
            console.print(f"  {item['thing']}" + (f" ({details})" if details else ""))
    console.print(caption)


def completeness(records: Sequence[Record]) -> None:
    """How many of the recommended properties the records state, on the average, on standard error."""
    if records:
        share = sum(one.completeness for one in records) / len(records)
        errors.print(f"{len(records)} records, {share:.0%} of what is recommended", markup=False)


def sentences(title: str, said: Sequence[str]) -> None:
    """Some sentences under a title, on standard error."""
    for line in (f"{title}:", *(f"  {one}" for one in said)):
        errors.print(line, markup=False, soft_wrap=True)


def failure(error: Exception) -> None:
    """What went wrong, on one line of standard error."""
    errors.print(f"error: {error}", markup=False, soft_wrap=True)
