"""Commands that publish: serve, load, validate, rebuild."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces

from graph.context import Context
from graph.contribution import examine, in_order
from graph.parsing import Submission
from graph.publication import CC0, Publisher, Terms
from graph.releases import Releases
from graph.report import Finding, Report
from graph.schema import Schema
from graph.starter import load_starter
from graph.store import Dataset
from graph.vocabulary import vocabulary
from service.cli import terminal
from service.settings import Settings, variable

FILES = click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
KIND = click.option("--kind", help="What the rows of a CSV are about; else its file name says: offering.csv.")
AS_OF = click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day that gaps are reckoned on (default: today).",
)


@click.command(epilog="Example: trivium serve --port 8080")
@click.option("--host", help="The address to listen on (default 127.0.0.1).")
@click.option("--port", type=int, help="The port to listen on (default 8080).")
@click.option("--starter/--no-starter", default=True, help="Load the starter graph if nothing is published yet.")
def serve(host: str | None, port: int | None, starter: bool) -> None:
    """Serve the graph; the first time, load the starter graph before."""
    settings = Settings.from_env(os.environ)
    host, port = host or settings.host, port or settings.port
    _ensure_release(settings, starter)
    os.environ[variable("data")] = str(settings.data.resolve())
    click.echo(f"Trivium serves on http://{host}:{port}", err=True)
    Granian(
        "service:create_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        backpressure=settings.threads * 32,
        respawn_failed_workers=True,
        websockets=False,
    ).serve()


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
    with Publisher.open(settings.data, settings.stale_months) as publisher, terminal.progress() as show:
        release = publisher.contribute(submissions, Terms(contributor, license_), _day(as_of), show)
    click.echo(f"Release {release.number}: {release.quads} statements, as of {release.as_of}.")


@click.command(epilog="Example: trivium validate offering.csv")
@FILES
@KIND
def validate(files: tuple[Path, ...], kind: str | None) -> None:
    """Say what is wrong in files and how to mend it; nothing is kept or changed."""
    schema = Schema.load()
    newest = Releases(Settings.from_env(os.environ).data).newest()
    context = Context([Dataset.in_memory(vocabulary()), *([newest.dataset()] if newest else [])])
    found: list[Finding] = []
    for submission in in_order(_submissions(files, kind), schema):
        examined = examine(submission, schema, context)
        context = context.with_triples(examined.triples)
        found += examined.report.findings
    report = Report(found)
    terminal.findings(report)
    if not report.conforms:
        raise click.exceptions.Exit(1)


@click.command(epilog="Example: trivium rebuild")
@AS_OF
def rebuild(as_of: datetime | None) -> None:
    """Make the store anew from the journal alone, and publish it as the next release."""
    settings = Settings.from_env(os.environ)
    with Publisher.open(settings.data, settings.stale_months) as publisher, terminal.progress() as show:
        release = publisher.rebuild(_day(as_of), show)
    click.echo(f"Release {release.number}: {release.quads} statements, digest {release.digest}.")


def _ensure_release(settings: Settings, starter: bool) -> None:
    """Publish the starter graph if there is no release yet; reckon the gaps anew if the day has changed."""
    newest, today = Releases(settings.data).newest(), _day(None)
    if newest and newest.as_of == today:
        return
    with Publisher.open(settings.data, settings.stale_months) as publisher, terminal.progress() as show:
        if newest is None and starter:
            load_starter(publisher, today, show)
        else:
            publisher.publish(today, show)


def _submissions(files: tuple[Path, ...], kind: str | None) -> list[Submission]:
    return [Submission(path.name, path.read_bytes(), kind) for path in files]


def _day(given: datetime | None) -> date:
    return (given or datetime.now(UTC)).date()


COMMANDS = (serve, load, validate, rebuild)
