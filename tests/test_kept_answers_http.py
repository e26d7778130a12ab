"""Answers to strangers' queries that are given again: the same bytes, without a process, as long as they are true."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from graph.parsing import Submission
from graph.publication import Publisher, Terms
from service import create_app
from service.settings import Settings

ROLES = "SELECT ?role { ?role a trv:Role } LIMIT 5"
COUNT = "SELECT (COUNT(DISTINCT ?offering) AS ?offerings) { ?offering a trv:Offering }"
ROW = "id,label_en,provider,type,mode,level,competencies,sectors,source,page_date\n" + (
    "o-1,A test,aaslh,webinar,online-live,entry,leadership,museums,https://example.org/o,2026-11\n"
)


@pytest.fixture
def client(data: Path) -> Iterator[FlaskClient]:
    """A client whose share is used up by the second query that a process answers."""
    app = create_app(Settings(data=data, look_seconds=0, query_rows=200, query_burst=0.01, query_share=0.01))
    yield app.test_client()
    app.extensions["trivium.sparql"].close()


def ask(client: FlaskClient, query: str, **more: Any) -> Any:
    return client.post("/sparql", data={"query": query, **more})


def kept(client: FlaskClient) -> int:
    """How many kept answers were given on this host, in this data folder and in the one that it is a copy of."""
    found = re.search(r'trivium_queries_total\{outcome="kept"\} (\d+)', client.get("/metrics").text)
    assert found
    return int(found[1])


def test_the_same_question_is_answered_again_without_being_paid_for(client: FlaskClient) -> None:
    before = kept(client)
    first = ask(client, ROLES)
    again = [ask(client, ROLES) for _ in range(3)]
    assert first.status_code == 200
    assert [(one.status_code, one.data, one.headers["Content-Type"]) for one in again] == (
        [(200, first.data, first.headers["Content-Type"])] * 3
    )
    assert ask(client, ROLES.replace("5", "4")).status_code == 429
    assert kept(client) == before + 3


@pytest.mark.parametrize(
    "other",
    [
        {"query": ROLES + " "},
        {"query": ROLES, "default-graph-uri": "https://w3id.org/trivium/ns"},
        {"query": ROLES, "named-graph-uri": "https://w3id.org/trivium/ns"},
    ],
)
def test_another_question_is_asked_anew(client: FlaskClient, other: dict[str, str]) -> None:
    assert ask(client, ROLES).status_code == 200
    assert client.post("/sparql", data=other).status_code == 429


def test_another_form_of_the_answer_is_asked_anew(client: FlaskClient) -> None:
    assert ask(client, ROLES).status_code == 200
    assert client.post("/sparql", data={"query": ROLES}, headers={"Accept": "text/csv"}).status_code == 429


@pytest.mark.parametrize("call", ["NOW()", "rand()", "UUID()", "STRUUID()", "BNODE()", "R\\u0041ND()"])
def test_what_is_left_to_chance_is_asked_anew(client: FlaskClient, call: str) -> None:
    query = f"SELECT ?chance {{ BIND({call} AS ?chance) }}"
    ask(client, query)
    assert ask(client, query).status_code == 429


def test_a_cut_is_announced_again(client: FlaskClient) -> None:
    first, again = (ask(client, "SELECT * { ?s ?p ?o }") for _ in range(2))
    assert first.headers["Trivium-Truncated"] == again.headers["Trivium-Truncated"] == "true"
    assert first.data == again.data


def test_nobody_with_a_wrong_token_is_answered(client: FlaskClient) -> None:
    ask(client, ROLES)
    assert client.post("/sparql", data={"query": ROLES}, headers={"Authorization": "Bearer ada.x"}).status_code == 401


def test_a_newer_release_is_asked_anew(data: Path) -> None:
    app = create_app(Settings(data=data, look_seconds=0))
    client = app.test_client()
    before = int(ask(client, COUNT).json["results"]["bindings"][0]["offerings"]["value"])
    with Publisher.open(data) as publisher:
        newest = publisher.releases.newest()
        assert newest is not None
        publisher.contribute([Submission("offering.csv", ROW.encode())], Terms("tess"), newest.as_of)
    after = ask(client, COUNT).json["results"]["bindings"][0]["offerings"]["value"]
    assert int(after) == before + 1
    app.extensions["trivium.sparql"].close()
