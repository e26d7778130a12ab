"""Commands of a curator who keeps the graph true: check."""

import csv
import io
import sys
from typing import Any

import click

from service.cli import terminal
from service.cli.asking import ask


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


def _show(answer: dict[str, Any]) -> None:
    caption = f"{answer['total']} faults in {len(answer['checks'])} checks; release {answer['release']}"
    terminal.faults(answer["checks"], answer["items"], f"{caption}, as of {answer['as_of']}")


COMMANDS = (check,)
