"""The command that makes dumps ahead of the first request: `trivium dump`."""

import os

import click

from graph.dump_writing import make
from graph.dumps import folder_of
from graph.errors import NotFound, TriviumError
from graph.releases import Release, Releases
from service.settings import Settings


@click.command(epilog="Example: trivium dump && ls var/releases/*/dumps")
@click.option("--release", "number", type=int, help="The number of the release (default: the newest).")
def dump(number: int | None) -> None:
    """Make the files that `/dumps/` offers of a release, unless they are made, and say where they are."""
    release = _release(Releases(Settings.from_env(os.environ).data), number)
    manifest = make(release)
    for name, file in manifest.files.items():
        click.echo(f"{file.bytes:>12,}  {folder_of(release) / name}")


def _release(releases: Releases, number: int | None) -> Release:
    newest = releases.newest()
    if newest is None:
        raise TriviumError("Nothing has been published yet: run `trivium serve` or `trivium load` first.")
    if number is None or number == newest.number:
        return newest
    if number not in releases.numbers():
        raise NotFound(f"Release {number} is not kept; there are {', '.join(map(str, releases.numbers()))}.")
    return Release.read(releases.path(number))


COMMANDS = (dump,)
