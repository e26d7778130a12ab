"""Commands that ask: gaps, query, export. They ask the same addresses as everybody, so they get the same answers."""

import csv
import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from flask.testing import FlaskClient
from pyoxigraph import NamedNode
from werkzeug.test import TestResponse

from graph.errors import TriviumError
from graph.named_query import Catalogue
from graph.namespaces import RDF, kind_and_slug
from graph.parameters import Parameter
from graph.query_pool import Limits, QueryPool
from graph.releases import Release, Releases
from graph.resources import QUERIES
from graph.schema import Schema
from graph.store import Dataset
from graph.tabular import write
from service import create_app
from service.cli import terminal
from service.gap_search import PARAMETERS
from service.settings import Settings

FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="A table for people; CSV or JSON for programs.",
)
"""The same for every question."""


def _options(parameters: Sequence[Parameter]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """An option for each parameter of an address."""

    def add(command: Callable[..., None]) -> Callable[..., None]:
        for parameter in reversed(parameters):
            help_text = parameter.description + (f" Such as: {parameter.example}" if parameter.example else "")
            command = click.option(f"--{parameter.name}", parameter.name, help=help_text)(command)
        return command

    return add


@click.command(epilog="Example: trivium gaps --sector museums --level entry --format csv")
@_options(PARAMETERS)
@FORMAT
def gaps(form: str, **given: str | None) -> None:
    """What is needed and not offered, the most pressing first."""
    arguments = {name: value for name, value in given.items() if value is not None}
    if form != "table":
        return _print(ask(f"/gaps.{form}", arguments))
    answer = ask("/gaps.json", arguments).get_json()
    rows = [_gap_row(item) for item in answer["items"]]
    caption = f"{len(rows)} of {answer['total']}; release {answer['release']}, as of {answer['as_of']}"
    return terminal.table(["score", "demand", "basis", "supply", "state", "sector", "competency"], rows, caption)


@click.command(epilog="Example: trivium query requirements-of-role --param role=archivist")
@click.argument("question")
@click.option("--param", "-p", "given", multiple=True, metavar="NAME=VALUE", help="A parameter of the question.")
@FORMAT
def query(question: str, given: tuple[str, ...], form: str) -> None:
    """Ask a question of the catalogue by its name, or the SPARQL of a file."""
    if Path(question).is_file():
        return _query_file(Path(question), form)
    asked = Catalogue.load(QUERIES)[question]
    arguments = dict(_pair(item) for item in given)
    if asked.form == "construct":
        return _print(ask(f"/queries/{question}.ttl", arguments))
    if asked.form == "ask":
        return _print(ask(f"/queries/{question}.json", arguments))
    arguments = {"limit": "0"} | arguments
    if form == "table":
        return _csv_table(ask(f"/queries/{question}.csv", arguments).text)
    return _print(ask(f"/queries/{question}.{form}", arguments))


@click.command(epilog="Example: trivium export --format csv --kind offering > offering.csv")
@click.option("--format", "form", type=click.Choice(["nq", "csv"]), default="nq", show_default=True)
@click.option("--kind", help="The kind of entity, for CSV.")
def export(form: str, kind: str | None) -> None:
    """Write the newest release to standard output: every statement with its graph, or one kind as a spreadsheet."""
    dataset = newest().dataset()
    if form == "nq":
        for quad in dataset.quads():
            click.echo(f"{quad} .")
        return
    schema = Schema.load()
    if kind is None or kind not in schema.kinds:
        raise click.UsageError(f"Say --kind, one of: {', '.join(schema.kinds)}.")
    click.echo(_spreadsheet(dataset, schema, kind), nl=False)


def ask(path: str, arguments: Mapping[str, str]) -> TestResponse:
    """Ask an address of the service within this process. Raises TriviumError with the service's own words."""
    settings = Settings.from_env(os.environ)
    newest()
    client: FlaskClient = create_app(settings).test_client()
    response = client.get(path, query_string=arguments)
    if response.status_code != 200:
        problem = response.get_json(force=True)
        raise click.UsageError(problem.get("detail", problem["title"]))
    return response


def _query_file(path: Path, form: str) -> None:
    """Answer the SPARQL of a file, within the limits of the public endpoint."""
    with QueryPool(newest().path / "store", workers=1, limits=Limits()) as pool:
        wanted = "application/sparql-results+json" if form == "json" else "text/csv"
        answer = pool.run(path.read_text(encoding="utf-8"), results=wanted)
    text = answer.body.decode()
    if form == "table":
        _csv_table(text)
    else:
        click.echo(text, nl=False)


def newest() -> Release:
    """The newest release. Raises TriviumError before the first."""
    found = Releases(Settings.from_env(os.environ).data).newest()
    if found is None:
        raise TriviumError("Nothing has been published yet: run `trivium serve` or `trivium load` first.")
    return found


def _spreadsheet(dataset: Dataset, schema: Schema, name: str) -> str:
    kind = schema.kinds[name]
    subjects = [quad.subject for quad in dataset.quads(None, RDF.type, kind.target)]
    own = [iri for iri in subjects if isinstance(iri, NamedNode) and (kind_and_slug(iri) or ("",))[0] == name]
    return write(kind, (triple for iri in dict.fromkeys(own) for triple in dataset.describe(iri)))


def _gap_row(item: dict[str, Any]) -> list[str]:
    score, demand = item["score"], item["demand"]
    shown = [f"{score:.4f}" if score is not None else "–", f"{demand:.4f}" if demand is not None else "not known"]
    basis = item["kind"] or item["basis"] or ""
    names = [item["sector"]["label"], item["competency"]["label"]]
    return [*shown, basis, str(item["supply"]), item["state"], *names]


def _csv_table(text: str) -> None:
    """A table for people: the label of a thing, and not its identifier where there is a label."""
    rows = list(csv.DictReader(io.StringIO(text)))
    names = list(rows[0]) if rows else []
    shown = [name for name in names if f"{name.removesuffix('_iri')}_label" not in names]
    cells = [[short(row[name]) for name in shown] for row in rows]
    terminal.table([name.removesuffix("_label") for name in shown], cells, f"{len(rows)} rows")


def short(text: str) -> str:
    """`kind/slug` for one of our identifiers, else the text."""
    return "/".join(kind_and_slug(text) or (text,))


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise click.UsageError(f"`--param {text}`: write NAME=VALUE.")
    return name, value


def _print(response: TestResponse) -> None:
    sys.stdout.write(response.text)


COMMANDS = (gaps, query, export)
