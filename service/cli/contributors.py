"""Commands about who contributes: contributor add, list, revoke."""

import os

import click

from graph.people import People, Role
from service.cli import terminal
from service.settings import Settings


@click.group()
def contributor() -> None:
    """Add, list and revoke those who may contribute over the web."""


@contributor.command(epilog='Example: trivium contributor add my-association --name "My Association" --role trusted')
@click.argument("slug")
@click.option("--name", required=True, help="How the contributor is called in public.")
@click.option("--role", type=click.Choice([role.value for role in Role]), default="contributor", show_default=True)
@click.option("--orcid", default="", help="The ORCID iD, for credit.")
@click.option("--organisation", default="", help="The organisation, for credit.")
def add(slug: str, name: str, role: str, orcid: str, organisation: str) -> None:
    """Add a contributor, or give a new token to one, and show the token, once."""
    token = _people().add(slug, name, Role(role), orcid, organisation)
    click.echo(token)
    click.echo("Keep this token: it is not shown again.", err=True)


@contributor.command("list", epilog="Example: trivium contributor list")
def list_() -> None:
    """List every contributor."""
    everybody = _people().everybody()
    rows = [[one.slug, one.name, one.role, one.organisation, "revoked" if one.revoked else ""] for one in everybody]
    terminal.table(["slug", "name", "role", "organisation", ""], rows)


@contributor.command(epilog="Example: trivium contributor revoke my-association")
@click.argument("slug")
def revoke(slug: str) -> None:
    """End the token of a contributor; what was contributed stays."""
    _people().revoke(slug)
    click.echo(f"The token of {slug} is no longer valid.")


def _people() -> People:
    return People(Settings.from_env(os.environ).data)


COMMANDS = (contributor,)
