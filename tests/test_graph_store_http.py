"""`/sparql/graphs` by the Graph Store Protocol, the limits of a token, and what `/metrics` counts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse
from rdflib import Graph, Namespace, URIRef

from graph.people import People, Role
from service import create_app
from service.settings import Settings

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
VOCABULARY = "https://w3id.org/trivium/ns"
GRAPHS = "/sparql/graphs"
ASK = {"query": "ASK { ?s ?p ?o }"}
LONG = {"query": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"}


@pytest.fixture
def endpoint(data: Path) -> Iterator[FlaskClient]:
    """A client of a service of its own: strangers have half a second, tokens two."""
    app = create_app(
        Settings(
            data=data, query_seconds=0.5, token_query_seconds=2.0, query_burst=1.0, query_share=0.01, cache_bytes=0
        )
    )
    yield app.test_client()
    app.extensions["trivium.sparql"].close()


def test_a_graph_is_read_by_name(client: FlaskClient, starter_data: Path) -> None:
    answers = {
        suffix: client.get(f"{GRAPHS}.{suffix}", query_string={"graph": VOCABULARY})
        for suffix in ("ttl", "nt", "nq", "trig", "rdf", "jsonld")
    }
    triples = {
        suffix: {quad.triple for quad in parse(answer.data, RdfFormat.from_media_type(str(answer.mimetype)))}
        for suffix, answer in answers.items()
    }
    asked = client.post("/sparql.nt", data={"query": "CONSTRUCT WHERE { ?s ?p ?o }", "default-graph-uri": VOCABULARY})
    expected = {quad.triple for quad in parse(asked.data, RdfFormat.N_TRIPLES)}
    assert len(expected) > 1_000
    assert all(len(found) == len(expected) for found in triples.values())
    assert triples["nt"] == expected


def test_the_default_graph_is_all(client: FlaskClient) -> None:
    answer = client.get(f"{GRAPHS}.nt?default")
    assert answer.status_code == 200
    whole = client.get("/sparql", query_string={"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"}).json
    assert whole is not None
    assert answer.data.count(b"\n") == int(whole["results"]["bindings"][0]["n"]["value"])


def test_the_list_names_every_graph_with_its_size(client: FlaskClient) -> None:
    listed = Graph().parse(data=client.get(GRAPHS).data, format="turtle")
    names = {str(one) for one in listed.objects(None, SD.name)}
    query = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    found = client.get("/sparql", query_string={"query": query}).json
    assert found is not None
    assert names == {row["g"]["value"] for row in found["results"]["bindings"]}
    described = Graph().parse(data=client.get("/sparql").data, format="turtle")
    assert {str(one) for one in described.objects(None, SD.name)} == names
    assert (None, SD.name, URIRef(VOCABULARY)) in described


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"{GRAPHS}?graph=https://example.org/none", 404),
        ("HEAD", f"{GRAPHS}?graph=https://example.org/none", 404),
        ("GET", f"{GRAPHS}?graph=not-an-iri", 400),
        ("GET", f"{GRAPHS}?graph={VOCABULARY}&default", 400),
        ("GET", f"{GRAPHS}?other=1", 400),
        ("HEAD", f"{GRAPHS}?graph={VOCABULARY}", 200),
        ("PUT", f"{GRAPHS}?graph={VOCABULARY}", 405),
        ("POST", f"{GRAPHS}?graph={VOCABULARY}", 405),
        ("DELETE", f"{GRAPHS}?default", 405),
        ("PATCH", f"{GRAPHS}?default", 405),
    ],
)
def test_statuses(client: FlaskClient, method: str, path: str, status: int) -> None:
    answer: Any = client.open(path, method=method)
    assert answer.status_code == status
    if status != 200:
        assert answer.mimetype == "application/problem+json"
    if status == 405:
        assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_a_graph_in_no_acceptable_format_is_406(client: FlaskClient) -> None:
    assert client.get(f"{GRAPHS}?graph={VOCABULARY}", headers={"Accept": "text/csv"}).status_code == 406


@pytest.mark.parametrize("path", ["/sparql", "/sparql/", GRAPHS])
def test_a_page_from_elsewhere_may_ask_first(client: FlaskClient, path: str) -> None:
    headers = {
        "Origin": "https://example.org",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    allowed = client.options(path, headers=headers)
    assert allowed.status_code == 200
    assert allowed.headers["Access-Control-Allow-Origin"] == "*"
    assert "GET" in allowed.headers["Access-Control-Allow-Methods"]
    assert {"Authorization", "Content-Type"} <= set(allowed.headers["Access-Control-Allow-Headers"].split(", "))


def test_a_token_has_more_time_and_a_share_of_its_own(endpoint: FlaskClient, data: Path) -> None:
    token = {"Authorization": f"Bearer {People(data).add('ada', 'Ada', Role.CONTRIBUTOR)}"}
    for _ in range(3):
        stopped = endpoint.post("/sparql", data=LONG)
    assert stopped.status_code == 429
    longer = endpoint.post("/sparql", data=LONG, headers=token)
    assert longer.status_code == 503
    assert longer.json is not None
    assert "within 2 s" in longer.json["detail"]
    assert endpoint.post("/sparql", data=ASK, headers=token).status_code == 200
    assert endpoint.post("/sparql", data=ASK, headers={"Authorization": "Bearer ada.wrong"}).status_code == 401
    assert endpoint.post("/sparql", data=ASK, headers={"Authorization": "Basic eDp5"}).status_code == 429


def numbers(endpoint: FlaskClient) -> dict[str, float]:
    lines = endpoint.get("/metrics").get_data(as_text=True).splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def test_metrics_count_how_queries_ended(endpoint: FlaskClient) -> None:
    assert endpoint.get("/metrics").headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    before = numbers(endpoint)  # of the service that the folder was copied from
    for query in (ASK, LONG, LONG, LONG, LONG):
        endpoint.post("/sparql", data=query)
    after = numbers(endpoint)
    ended = {
        how: after[name] - before[name]
        for how in ("answered", "killed", "limited")
        for name in [f'trivium_queries_total{{outcome="{how}"}}']
    }
    assert ended["answered"] == 1
    assert ended["killed"] >= 2
    assert ended["limited"] >= 1
    assert sum(ended.values()) == 5
    assert after["trivium_query_seconds_count"] == after['trivium_query_seconds_bucket{le="+Inf"}']
    assert after["trivium_query_seconds_count"] - before["trivium_query_seconds_count"] == 1 + ended["killed"]
    assert endpoint.get("/health").json["query_network_closed"] is True  # type: ignore[index]
