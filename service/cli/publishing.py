"""Commands that publish or check: load, validate, rebuild."""

import json
import os
from datetime import date, datetime
from pathlib import Path

import click

from graph.clock import today
from graph.data_folder import PATIENCE
from graph.examination import Examination, Limits, Wanted, examine_apart
from graph.impact import Reckoning
from graph.parsing import Submission
from graph.publication import CC0, Publisher, Terms
from graph.releases import Releases
from service.cli import terminal
from service.impact_text import plain, sentences
from service.report_text import COLUMNS, report_members, report_rows
from service.representations import csv_answer
from service.settings import Settings

FILES = click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
KIND = click.option("--kind", help="What the rows of a CSV are about; else its file name says: offering.csv.")
AS_OF = click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day that gaps are reckoned on (default: today).",
)


@click.command(epilog="Example: trivium load offering.csv session.csv --contributor my-association")
@FILES
@KIND
@AS_OF
@click.option("--contributor", default="operator", show_default=True, help="The slug of who says so.")
@click.option("--license", "license_", default=CC0, show_default=True, help="The licence of the content.")
def load(files: tuple[Path, ...], kind: str | None, as_of: datetime | None, contributor: str, license_: str) -> None:
    """Take in CSV or RDF files, all or none, and publish them as the next release."""
    settings = Settings.from_env(os.environ)
    submissions = _submissions(files, kind)
    with Publisher.open(settings.data, settings.policy, PATIENCE) as publisher, terminal.progress() as show:
        release = publisher.contribute(submissions, Terms(contributor, license_), _day(as_of), show)
    click.echo(f"Release {release.number}: {release.quads} statements, as of {release.as_of}.")


@click.command(epilog="Example: trivium validate offering.csv --format json")
@FILES
@KIND
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv", "turtle"]),
    default="text",
    show_default=True,
    help="Text goes to standard error, the others to standard output; Turtle is the report of SHACL.",
)
def validate(files: tuple[Path, ...], kind: str | None, form: str) -> None:
    """Say what is wrong in files and how to mend it; nothing is kept or changed."""
    settings = Settings.from_env(os.environ)
    newest = Releases(settings.data).newest()
    wanted = Wanted(newest.path / "store", Reckoning(newest.as_of, newest.stale_after_months)) if newest else Wanted()
    limits = Limits(seconds=settings.validation_seconds, memory=settings.validation_memory)
    with terminal.progress() as show:
        found = examine_apart(_submissions(files, kind), wanted, show, limits)
    _show(found, form)
    if not found.conforms:
        raise click.exceptions.Exit(1)


def _show(found: Examination, form: str) -> None:
    match form:
        case "json":
            click.echo(json.dumps(report_members(found), ensure_ascii=False, indent=2))
        case "csv":
            click.echo(csv_answer(COLUMNS, report_rows(found)).get_data(), nl=False)
        case "turtle":
            click.echo(found.shacl, nl=False)
        case _:
            terminal.findings(found.report)
            terminal.completeness(found.records)
            if found.impact:
                terminal.sentences("What it would change", [plain(one) for one in sentences(found.impact)])


@click.command(epilog="Example: trivium rebuild")
@AS_OF
def rebuild(as_of: datetime | None) -> None:
    """Make the store anew from the journal alone, and publish it as the next release."""
    settings = Settings.from_env(os.environ)
    with Publisher.open(settings.data, settings.policy, PATIENCE) as publisher, terminal.progress() as show:
        release = publisher.rebuild(_day(as_of), show)
    click.echo(f"Release {release.number}: {release.quads} statements, digest {release.digest}.")


def _submissions(files: tuple[Path, ...], kind: str | None) -> list[Submission]:
    return [Submission(path.name, path.read_bytes(), kind) for path in files]


def _day(given: datetime | None) -> date:
    return given.date() if given else today()


COMMANDS = (load, validate, rebuild)
