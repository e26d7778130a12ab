"""`/sparql`: the SPARQL 1.1 Protocol, its refusals and its limits, over HTTP."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic

from service import create_app
from service.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # by rdflib, in its own JSON-LD parser
SELECT = "SELECT ?role WHERE { ?role a trv:Role } ORDER BY ?role LIMIT 3"
CONSTRUCT = "CONSTRUCT WHERE { <https://w3id.org/trivium/id/role/archivist> ?p ?o }"
ASK = "ASK { ?s ?p ?o }"
VOCABULARY = "https://w3id.org/trivium/ns"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def endpoint(starter_data: Path) -> Iterator[FlaskClient]:
    """A client whose query workers end with the module; queries are stopped after two seconds."""
    app = create_app(Settings(data=starter_data, query_seconds=2.0, query_rows=50, query_length=2_000, cache_bytes=0))
    yield app.test_client()
    app.extensions["trivium.sparql"].close()


def problem(response: Any) -> dict[str, Any]:
    assert response.mimetype == "application/problem+json", response.data
    found: dict[str, Any] = response.json
    assert found["status"] == response.status_code
    return found


def test_the_three_ways_to_ask_answer_alike(endpoint: FlaskClient) -> None:
    answers = [
        endpoint.get("/sparql", query_string={"query": SELECT}),
        endpoint.post("/sparql", data={"query": SELECT}),
        endpoint.post("/sparql", data=SELECT, content_type="application/sparql-query"),
        endpoint.post("/sparql", data=SELECT, content_type="application/sparql-query; charset=UTF-8"),
    ]
    assert [one.status_code for one in answers] == [200] * 4
    assert {one.mimetype for one in answers} == {"application/sparql-results+json"}
    assert len({one.data for one in answers}) == 1
    assert answers[0].json is not None
    assert len(answers[0].json["results"]["bindings"]) == 3


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        (SELECT, "*/*", "application/sparql-results+json"),
        (SELECT, "application/sparql-results+xml", "application/sparql-results+xml"),
        (SELECT, "application/json", "application/sparql-results+json"),
        (SELECT, "text/csv", "text/csv"),
        (SELECT, "text/tab-separated-values", "text/tab-separated-values"),
        (SELECT, "text/turtle, application/sparql-results+xml;q=0.5", "application/sparql-results+xml"),
        (ASK, "application/sparql-results+xml", "application/sparql-results+xml"),
        (CONSTRUCT, "*/*", "text/turtle"),
        (CONSTRUCT, "application/n-triples", "application/n-triples"),
        (CONSTRUCT, "application/rdf+xml", "application/rdf+xml"),
        (CONSTRUCT, "application/ld+json", "application/ld+json"),
        (CONSTRUCT, "text/csv, text/turtle;q=0.1", "text/turtle"),
    ],
)
def test_the_accept_header_chooses(endpoint: FlaskClient, query: str, accept: str, media_type: str) -> None:
    response = endpoint.get("/sparql", query_string={"query": query}, headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (200, media_type)
    assert response.headers["Vary"] == "Accept"


def test_a_suffix_beats_the_header(endpoint: FlaskClient) -> None:
    for suffix, media_type in {"csv": "text/csv", "json": "application/sparql-results+json"}.items():
        response = endpoint.get(f"/sparql.{suffix}", query_string={"query": SELECT}, headers=BROWSER)
        assert (response.status_code, response.mimetype) == (200, media_type)


def test_a_graph_is_the_same_in_every_syntax(endpoint: FlaskClient) -> None:
    syntaxes = {"ttl": "turtle", "nt": "nt", "rdf": "xml", "jsonld": "json-ld"}
    graphs = [
        Graph().parse(data=endpoint.get(f"/sparql.{suffix}", query_string={"query": CONSTRUCT}).data, format=syntax)
        for suffix, syntax in syntaxes.items()
    ]
    assert len(graphs[0]) > 5
    assert all(isomorphic(graphs[0], other) for other in graphs[1:])


def test_formats_that_cannot_carry_the_answer(endpoint: FlaskClient) -> None:
    assert endpoint.get("/sparql", query_string={"query": SELECT}, headers={"Accept": "text/turtle"}).status_code == 406
    assert endpoint.get("/sparql.csv", query_string={"query": CONSTRUCT}).status_code == 406
    assert endpoint.get("/sparql", query_string={"query": SELECT}, headers={"Accept": "image/png"}).status_code == 406


def test_the_dataset_of_the_protocol(endpoint: FlaskClient) -> None:
    def holds(query: str, **graphs: str) -> bool:
        arguments = {"query": query} | {name.replace("_", "-"): iri for name, iri in graphs.items()}
        found = [
            endpoint.get("/sparql", query_string=arguments),
            endpoint.post("/sparql", data=arguments),
        ]
        assert [one.status_code for one in found] == [200, 200]
        assert found[0].json == found[1].json
        assert found[0].json is not None
        return bool(found[0].json["boolean"])

    role = "ASK { ?role a trv:Role }"
    assert holds(role)
    assert not holds(role, default_graph_uri=VOCABULARY)
    assert holds("ASK { ?c a owl:Class }", default_graph_uri=VOCABULARY)
    assert holds("ASK { GRAPH ?g { ?c a owl:Class } }", named_graph_uri=VOCABULARY)
    assert not holds("ASK { GRAPH ?g { ?role a trv:Role } }", named_graph_uri=VOCABULARY)


def test_what_is_not_sparql_says_where(endpoint: FlaskClient) -> None:
    found = problem(endpoint.get("/sparql", query_string={"query": "SELECT * WHERE {\n  ?s ?p }"}))
    assert found["status"] == 400
    assert found["line"] == 2
    assert found["column"] > 1


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
        "SELECT * " + "{" * 500,
    ],
)
def test_what_is_not_done_here_is_refused(endpoint: FlaskClient, query: str) -> None:
    assert problem(endpoint.post("/sparql", data={"query": query}))["status"] == 403


def test_a_query_that_does_not_end_is_stopped(endpoint: FlaskClient) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    response = endpoint.get("/sparql", query_string={"query": query})
    assert problem(response)["status"] == 503
    assert int(response.headers["Retry-After"]) > 0
    assert endpoint.get("/sparql", query_string={"query": ASK}).status_code == 200


def test_a_cut_is_announced(endpoint: FlaskClient) -> None:
    whole = endpoint.get("/sparql", query_string={"query": SELECT})
    assert "Trivium-Truncated" not in whole.headers
    cut = endpoint.get("/sparql", query_string={"query": "SELECT * { ?s ?p ?o }"})
    assert cut.headers["Trivium-Truncated"] == "true"
    assert cut.json is not None
    assert len(cut.json["results"]["bindings"]) == 50
    assert "Trivium-Truncated" in cut.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"method": "PUT", "data": ASK, "content_type": "application/sparql-query"}, 405),
        ({"method": "DELETE"}, 405),
        ({"method": "POST", "data": ASK, "content_type": "text/plain"}, 415),
        ({"method": "POST", "data": ASK}, 415),
        (
            {
                "method": "POST",
                "data": ASK.encode("utf-16"),
                "content_type": "application/sparql-query; charset=UTF-16",
            },
            415,
        ),
        ({"method": "POST", "data": b"ASK { ?s ?p '\xff' }", "content_type": "application/sparql-query"}, 400),
        ({"method": "POST", "data": "", "content_type": "application/sparql-query"}, 400),
        ({"method": "POST", "data": "other=1", "content_type": FORM}, 400),
        ({"method": "GET", "query_string": "query=ASK%7B%7D&query=SELECT*%7B%7D"}, 400),
        ({"method": "POST", "data": "query=ASK%7B%7D&query=SELECT*%7B%7D", "content_type": FORM}, 400),
        ({"method": "GET", "query_string": "update=CLEAR%20ALL"}, 400),
        ({"method": "POST", "data": "update=CLEAR%20ALL", "content_type": FORM}, 400),
        ({"method": "POST", "data": "CLEAR ALL", "content_type": "application/sparql-update"}, 403),
        ({"method": "POST", "data": "#" * 2_001, "content_type": "application/sparql-query"}, 413),
        ({"method": "POST", "data": "#" * 100_000, "content_type": "application/sparql-query"}, 413),
        ({"method": "GET", "query_string": "query=" + "a" * 2_001}, 414),
    ],
)
def test_requests_that_the_protocol_does_not_know(endpoint: FlaskClient, request_: dict[str, Any], status: int) -> None:
    response = endpoint.open("/sparql", **request_)
    assert problem(response)["status"] == status
    if status == 405:
        assert {"GET", "POST"} <= set(response.headers["Allow"].split(", "))


def test_what_other_clients_add_is_let_pass(endpoint: FlaskClient) -> None:
    arguments = {"query": ASK, "format": "json", "output": "json", "results": "json"}
    assert endpoint.get("/sparql", query_string=arguments).status_code == 200


def test_without_a_query_the_service_describes_itself(endpoint: FlaskClient) -> None:
    sd = "http://www.w3.org/ns/sparql-service-description#"
    for accept, syntax in {"*/*": "turtle", "application/rdf+xml": "xml", "text/turtle": "turtle"}.items():
        response = endpoint.get("/sparql", headers={"Accept": accept})
        graph = Graph().parse(data=response.data, format=syntax)
        address = URIRef("http://127.0.0.1:8080/sparql")
        assert (address, URIRef(sd + "endpoint"), address) in graph
        assert (address, URIRef(sd + "supportedLanguage"), URIRef(sd + "SPARQL11Query")) in graph
    assert endpoint.get("/sparql", headers={"Accept": "image/png"}).status_code == 406


def test_an_unchanged_answer_is_304(endpoint: FlaskClient) -> None:
    first = endpoint.get("/sparql", query_string={"query": SELECT})
    again = endpoint.get("/sparql", query_string={"query": SELECT}, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_form_for_a_browser(endpoint: FlaskClient) -> None:
    empty = endpoint.get("/sparql", headers=BROWSER).get_data(as_text=True)
    assert "<textarea" in empty
    draft = endpoint.get("/sparql", query_string={"draft": "</textarea><script>"}, headers=BROWSER)
    assert "<script>" not in draft.get_data(as_text=True)
    answer = endpoint.get("/sparql", query_string={"query": SELECT}, headers=BROWSER)
    assert answer.mimetype == "text/html"
    assert "3 rows" in answer.get_data(as_text=True)
    graph = endpoint.get("/sparql", query_string={"query": CONSTRUCT}, headers=BROWSER).get_data(as_text=True)
    assert "skos:prefLabel" in graph
    assert endpoint.get("/sparql", query_string={"query": "SELECT"}, headers=BROWSER).mimetype == "text/html"


def test_a_share_that_is_used_up_is_429(endpoint: FlaskClient) -> None:
    use = endpoint.application.extensions["trivium.sparql"].use
    with ExitStack() as running:
        for _ in range(5):
            running.enter_context(use.turn("127.0.0.1"))
        response = endpoint.get("/sparql", query_string={"query": ASK})
    assert problem(response)["status"] == 429
    assert int(response.headers["Retry-After"]) > 0
    assert endpoint.get("/sparql", query_string={"query": ASK}).status_code == 200
