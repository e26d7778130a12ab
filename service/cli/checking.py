"""Commands of a curator who keeps the graph true: check, check-links."""

import csv
import io
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from itertools import count
from typing import Any

import click

from graph.links import Link, LinkChecker, Outcome, Result, links
from graph.outward import Outward
from service.cli import terminal
from service.cli.asking import FORMAT, ask, newest, short
from service.representations import csv_answer
from service.settings import Settings

COLUMNS = ("address", "result", "moved_to", "detail", "seconds", "entities")


@click.command(epilog="Example: trivium check --format csv > faults.csv")
@click.option("--format", "form", type=click.Choice(["text", "csv", "json"]), default="text", show_default=True)
def check(form: str) -> None:
    """Say what is wrong with the graph, and why it matters; exit with 1 if anything is."""
    if form == "csv":
        text = ask("/checks.csv", {"limit": "0"}).text
        sys.stdout.write(text)
        total = sum(1 for _ in csv.DictReader(io.StringIO(text)))
    else:
        response = ask("/checks.json", {"limit": "0"})
        total = response.get_json()["total"]
        sys.stdout.write(response.text) if form == "json" else _show(response.get_json())
    if total:
        raise click.exceptions.Exit(1)


@click.command(name="check-links", epilog="Example: trivium check-links --since 2026-11-01 --format csv > links.csv")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only what was contributed on that day or later.")
@click.option("--limit", type=click.IntRange(0), default=0, show_default=True, help="So many addresses; 0 is all.")
@click.option("--at-once", type=click.IntRange(1, 32), default=4, show_default=True, help="Hosts asked at once.")
@click.option("--pause", type=click.FloatRange(0), default=1.0, show_default=True, help="Seconds between requests.")
@click.option("--seconds", type=click.FloatRange(0.1), default=10.0, show_default=True, help="Limit of a request.")
@FORMAT
def check_links(since: datetime | None, limit: int, at_once: int, pause: float, seconds: float, form: str) -> None:
    """Ask every web address that the newest release refers to whether it still answers.

    Only the open Internet is asked, over http and https, and each host one thing at a time.
    """
    chosen = links(newest().dataset(), since.date() if since else None)
    chosen = chosen[:limit] if limit else chosen
    found = _checked(LinkChecker(Outward(agent=_agent(), seconds=seconds), at_once, pause), chosen)
    match form:
        case "json":
            click.echo(json.dumps({"items": [_member(one) for one in found]}, ensure_ascii=False, indent=2))
        case "csv":
            rows = ({**_member(one), "entities": "; ".join(_iris(one))}.values() for one in found)
            click.echo(csv_answer(COLUMNS, map(list, rows)).get_data(), nl=False)
        case _:
            counts = Counter(one.result.value for one in found)
            caption = ", ".join(f"{number} {result}" for result, number in counts.most_common()) or "no addresses"
            rows_shown = [_row(one) for one in found if one.result is not Result.OK]
            terminal.table(["result", "address", "what was found", "referred to by"], rows_shown, caption)


def _show(answer: dict[str, Any]) -> None:
    caption = f"{answer['total']} faults in {len(answer['checks'])} checks; release {answer['release']}"
    terminal.faults(answer["checks"], answer["items"], f"{caption}, as of {answer['as_of']}")


def _agent() -> str:
    """The name that the servers see, with the address where they can ask who it is."""
    base = Settings.from_env(os.environ).base
    return f"Trivium-check-links/{version('trivium')}" + (f" (+{base})" if base else "")


def _checked(checker: LinkChecker, chosen: Sequence[Link]) -> list[Outcome]:
    counted = count(1)
    with terminal.progress() as show:
        return checker.check(chosen, lambda outcome: show("ask", next(counted), len(chosen)))


def _iris(outcome: Outcome) -> list[str]:
    return [entity.value for entity in outcome.link.entities]


def _member(outcome: Outcome) -> dict[str, Any]:
    return {
        "address": outcome.link.address,
        "result": outcome.result.value,
        "moved_to": outcome.moved_to,
        "detail": outcome.detail,
        "seconds": round(outcome.seconds, 3),
        "entities": _iris(outcome),
    }


def _row(outcome: Outcome) -> list[str]:
    """What people see: where it has moved to, or what was found, and the first of those that refer to it."""
    first, *others = map(short, _iris(outcome))
    more = f" and {len(others)} more" if others else ""
    return [outcome.result.value, outcome.link.address, outcome.moved_to or outcome.detail, first + more]


COMMANDS = (check, check_links)
