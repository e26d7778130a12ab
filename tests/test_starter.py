"""The starter graph: the same numbers by hand, from the service, from SPARQL and from the command line."""

import csv
import io
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from graph.resources import STARTER
from graph.schema import Schema
from graph.store import Dataset
from graph.tabular import read, write
from tests.conftest import AS_OF
from tests.gaps_by_hand import Row
from tests.gaps_by_hand import gaps as by_hand

SECTORS = ("archives", "libraries", "museums")
FILTERS: list[dict[str, Any]] = [
    {},
    {"level": "entry"},
    {"mode": "online-live"},
    {"region": "us"},
    {"region": "California"},
    {"language": "es"},
    {"free": True},
    {"free": False},
    {"upcoming": True},
    {"basis": "roles"},
    {"basis": "survey"},
    {"level": "entry", "mode": "in-person", "free": False},
]


def slug(iri: str) -> str:
    return iri.rpartition("/")[2]


def slugs(iris: list[str]) -> frozenset[str]:
    return frozenset(map(slug, iris))


def items(client: FlaskClient, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(
        "/gaps.json", query_string={"limit": "0"} | {name: str(value).lower() for name, value in query.items()}
    )
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.get_json()["items"]
    return found


def exact(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(str(number)).quantize(Decimal("0.0001"))


def agrees(item: dict[str, Any], row: Row) -> None:
    evidence = item["evidence"]
    assert (exact(item["demand"]), item["basis"], item["kind"]) == (row.demand, row.basis, row.kind)
    assert (item["supply"], item["providers"], item["state"]) == (row.supply, row.providers, row.state)
    assert exact(item["score"]) == row.score
    assert slugs(evidence["roles"]) == row.roles
    assert slugs(evidence["offerings"]) == row.offerings
    assert slugs(evidence["elsewhere"]) == row.elsewhere
    assert slugs(evidence["stale"]) == row.stale
    assert len(evidence["needs"]) == (len(row.needs) if row.basis == "survey" else 0)
    assert {slug(sector["iri"]) for sector in item.get("elsewhere_sectors", [])} == row.elsewhere_in


@pytest.mark.parametrize("where", FILTERS, ids=lambda where: "-".join(map(str, where.values())) or "all")
@pytest.mark.parametrize("sector", [*SECTORS, "academic-libraries"])
def test_every_gap_is_as_reckoned_by_hand(client: FlaskClient, sector: str, where: dict[str, Any]) -> None:
    expected = by_hand(STARTER, sector, AS_OF, **where)
    found = items(client, sector=sector, **where)
    assert {slug(item["competency"]["iri"]) for item in found} == set(expected)
    for item in found:
        agrees(item, expected[slug(item["competency"]["iri"])])


@pytest.mark.parametrize("sector", SECTORS)
def test_gaps_are_sorted_by_score_then_label_and_the_unknown_come_last(client: FlaskClient, sector: str) -> None:
    found = items(client, sector=sector)
    order = [(item["score"] is None, -(item["score"] or 0), item["competency"]["label"].casefold()) for item in found]
    assert order == sorted(order)
    assert len(found) == 130
    assert any(item["demand"] is None for item in found)


def test_sparql_over_the_derived_graph_gives_the_same_numbers(client: FlaskClient) -> None:
    query = """
        PREFIX trv: <https://w3id.org/trivium/ns#>
        SELECT ?competency ?sector ?demand ?supply ?providers ?state ?score WHERE {
          GRAPH <https://w3id.org/trivium/id/graph/gaps> {
            ?gap trv:competency ?competency ; trv:sector ?sector ; trv:supply ?supply ;
                 trv:providerCount ?providers ; trv:gapState ?state .
            OPTIONAL { ?gap trv:demand ?demand ; trv:score ?score }
          }
        }"""
    answer = client.post("/sparql", data={"query": query}, headers={"Accept": "application/sparql-results+json"})
    assert answer.status_code == 200, answer.text
    found = {
        (row["sector"]["value"], row["competency"]["value"]): (
            exact(float(row["demand"]["value"]) if "demand" in row else None),
            int(row["supply"]["value"]),
            int(row["providers"]["value"]),
            slug(row["state"]["value"]),
            exact(float(row["score"]["value"]) if "score" in row else None),
        )
        for row in json.loads(answer.data)["results"]["bindings"]
    }
    listed = {
        (item["sector"]["iri"], item["competency"]["iri"]): (
            exact(item["demand"]),
            item["supply"],
            item["providers"],
            item["state"],
            exact(item["score"]),
        )
        for item in items(client)
    }
    assert len(listed) == 390
    assert {key: found[key] for key in listed} == listed


def test_the_command_line_gives_the_same_rows(client: FlaskClient, starter_data: Path) -> None:
    command = [sys.executable, "-m", "service.cli", "gaps", "--sector", "museums", "--limit", "0", "--format", "csv"]
    environment = os.environ | {"TRIVIUM_DATA": str(starter_data)}
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    over_http = client.get("/gaps.csv?sector=museums&limit=0").text
    assert list(csv.reader(io.StringIO(told))) == list(csv.reader(io.StringIO(over_http)))
    assert len(told.splitlines()) == 131


@pytest.mark.parametrize("path", sorted(STARTER.glob("*.csv")), ids=lambda path: path.stem)
def test_what_was_loaded_can_be_written_out_as_it_was(path: Path, starter: Dataset) -> None:
    """Every cell of the curated spreadsheets survives the way through the graph."""
    kind = Schema.load().kinds[path.stem]
    contributed = (quad.triple for quad in starter.quads() if "/id/contribution/" in str(quad.graph_name))
    written = read(kind, write(kind, contributed).encode(), path.name)
    original = read(kind, path.read_bytes(), path.name)
    assert written.findings == original.findings == []
    assert set(Dataset.in_memory(_quads(written.triples)).quads()) == set(
        Dataset.in_memory(_quads(original.triples)).quads()
    )


def _quads(triples: list[Any]) -> list[Any]:
    from pyoxigraph import Quad

    return [Quad(triple.subject, triple.predicate, triple.object) for triple in triples]
