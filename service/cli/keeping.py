"""Commands that keep: backup, restore, releases."""

import json
import os
from pathlib import Path

import click

from graph.backup import backup as make_backup
from graph.backup import restore as put_back
from graph.releases import Releases
from service.cli import terminal
from service.settings import Settings

DIGITS = 16  # of a digest in a table; JSON has it whole
FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


@click.command(epilog="Example: trivium backup /backups/2026-11-24")
@FOLDER
@click.option("--journal-only", is_flag=True, help="Without the newest release: smaller, and slower to restore.")
def backup(folder: Path, journal_only: bool) -> None:
    """Copy the journal and the newest release to a new folder; everything may run meanwhile."""
    made = make_backup(Settings.from_env(os.environ).data, folder, journal_only)
    size = sum(one.bytes for one in made.files)
    what = f"release {made.release.number}" if made.release and not journal_only else "the journal"
    click.echo(f"{folder}: {what}, {len(made.files)} files, {size:,} bytes.")


@click.command(epilog="Example: TRIVIUM_DATA=/srv/trivium trivium restore /backups/2026-11-24")
@FOLDER
def restore(folder: Path) -> None:
    """Check a backup, and put it into the data folder, which must have nothing yet."""
    settings = Settings.from_env(os.environ)
    with terminal.progress() as show:
        release = put_back(folder, settings.data, settings.policy, show)
    if release:
        click.echo(f"Release {release.number}: {release.quads} statements, digest {release.digest}.")
    click.echo(f"{settings.data} is as {folder} was. `trivium serve` goes on from there.")


@click.command(epilog="Example: trivium releases")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def releases(form: str) -> None:
    """List the releases that are kept, the newest first."""
    kept = [*Releases(Settings.from_env(os.environ).data).kept()]
    if form == "json":
        return click.echo(json.dumps([release.facts() for release in kept], indent=2))
    rows = [
        [str(one.number), f"{one.as_of}", f"{one.created:%Y-%m-%d %H:%M:%S}", f"{one.quads:,}", one.digest[:DIGITS]]
        for one in kept
    ]
    return terminal.table(["release", "as of", "made (UTC)", "statements", "digest"], rows)


COMMANDS = (backup, restore, releases)
