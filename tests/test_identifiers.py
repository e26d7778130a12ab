"""Identifiers lead to documents, and every document of a thing says the same in its own syntax."""

import re

import pytest
from flask.testing import FlaskClient
from lxml import etree
from pyoxigraph import Literal, RdfFormat, Triple, parse
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic

from graph.namespaces import RDFS, SKOS, entity
from graph.serialisation import serialise
from graph.store import Dataset

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # by rdflib, in its own JSON-LD parser
SYNTAXES = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml", "nt": "nt", "json": "json-ld"}
SERIALISED = {"rdf": RdfFormat.RDF_XML, "nt": RdfFormat.N_TRIPLES, "jsonld": RdfFormat.JSON_LD}
TYPES = {
    "text/turtle": ".ttl",
    "application/ld+json": ".jsonld",
    "application/rdf+xml": ".rdf",
    "application/n-triples": ".nt",
    "application/json": ".json",
    "text/html": "",
    "*/*": "",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": "",
}
THINGS = [
    "competency/disaster-planning-and-response",
    "role/archivist",
    "sector/museums",
    "gap/museums--disaster-planning-and-response",
    "level/entry",
    "scheme/sectors",
    "framework/trivium",
]


def parsed(client: FlaskClient, path: str) -> Graph:
    response = client.get(path)
    assert response.status_code == 200, path
    return Graph().parse(data=response.data, format=SYNTAXES[path.rpartition(".")[2]])


@pytest.mark.parametrize(("accept", "suffix"), TYPES.items())
def test_the_identifier_leads_to_the_document_that_is_liked_best(client: FlaskClient, accept: str, suffix: str) -> None:
    response = client.get("/id/role/archivist", headers={"Accept": accept})
    assert response.status_code == 303
    assert response.headers["Location"] == f"/role/archivist{suffix}"
    assert response.headers["Vary"] == "Accept, Accept-Language, Accept-Profile"
    document = client.get(response.headers["Location"])
    assert document.status_code == 200


def test_an_identifier_for_which_nothing_fits(client: FlaskClient) -> None:
    assert client.get("/id/role/archivist", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize("thing", THINGS)
def test_every_syntax_says_the_same(client: FlaskClient, starter: Dataset, thing: str) -> None:
    graphs = [parsed(client, f"/{thing}.{suffix}") for suffix in SYNTAXES]
    assert all(isomorphic(graphs[0], other) for other in graphs[1:])
    expected = starter.describe(entity(*thing.split("/")))
    assert len(graphs[0]) == len(expected) > 0


def test_the_data_keep_the_public_identifiers(client: FlaskClient) -> None:
    graph = parsed(client, "/role/archivist.ttl")
    assert set(graph.subjects()) == {URIRef("https://w3id.org/trivium/id/role/archivist")}


def test_the_same_statements_give_the_same_bytes(client: FlaskClient, starter: Dataset) -> None:
    statements = starter.describe(entity("role", "archivist"))
    for suffix in SYNTAXES:
        assert serialise(statements, suffix) == serialise(reversed(statements), suffix)
        assert client.get(f"/role/archivist.{suffix}").data == serialise(statements, suffix)


def test_rdf_xml_is_well_formed_whatever_a_text_holds() -> None:
    """XML 1.0 has no way to write most control characters: U+FFFD stands for each; the other syntaxes keep them."""
    subject = entity("offering", "a-bell")
    text = "".join(map(chr, range(0x20))) + "\x7f<&\ufffe\uffff\ufffd\U0001f514"
    said = [Triple(subject, SKOS.prefLabel, Literal(text, language="en"))]
    carried = "".join(one if one in "\t\n\r" or ord(one) > 0x1F else "\ufffd" for one in text)
    expected = {"rdf": re.sub("[\ufffe\uffff]", "\ufffd", carried), "nt": text, "jsonld": text}
    for suffix, told in expected.items():
        [quad] = parse(serialise(said, suffix), SERIALISED[suffix])
        assert quad.object == Literal(told, language="en"), suffix
    etree.fromstring(serialise(said, "rdf"))


@pytest.mark.parametrize("text", ["Bell\\u0007", "Bell\\uFFFE"])
@pytest.mark.parametrize("name", ["skos:prefLabel", "rdfs:comment"])
def test_what_xml_cannot_carry_is_refused_once_at_the_door(client: FlaskClient, name: str, text: str) -> None:
    """By the shapes where they know the property, and in every other property too."""
    body = (
        "@prefix trv: <https://w3id.org/trivium/ns#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> ."
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."
        f'<https://w3id.org/trivium/id/provider/bell> a trv:Provider ; {name} "{text}" .'
    )
    report = client.post("/validate", data=body, content_type="text/turtle").json
    assert report is not None
    path = {"skos:prefLabel": SKOS.prefLabel.value, "rdfs:comment": RDFS.comment.value}[name]
    [finding] = [one for one in report["findings"] if one["path"] == path]
    assert finding["severity"] == "violation"
    assert "character" in finding["message"]


def test_signposts(client: FlaskClient) -> None:
    links = client.get("/role/archivist").headers.getlist("Link")
    assert '<https://w3id.org/trivium/id/role/archivist>; rel="canonical"' in links
    assert '</role/archivist.ttl>; rel="alternate describedby"; type="text/turtle"' in links
    assert '<https://creativecommons.org/publicdomain/zero/1.0/>; rel="license"' in links
    data = client.get("/role/archivist.ttl").headers.getlist("Link")
    assert '<https://w3id.org/trivium/id/role/archivist>; rel="describes"' in data
    assert '</role/archivist>; rel="alternate"; type="text/html"' in data
    for link in links + data:
        found = re.match("<(/[^>]*)>", link)
        assert found is None or client.get(found[1]).status_code == 200


@pytest.mark.parametrize(
    ("path", "suggestion"),
    [
        ("/id/role/archivst", "/role/archivist"),
        ("/role/archivst", "/role/archivist"),
        ("/rol/archivist", "/role/archivist"),
        ("/competency/disaster-planing-and-response.ttl", "/competency/disaster-planning-and-response"),
    ],
)
def test_a_slip_of_the_pen_is_answered_with_what_was_meant(client: FlaskClient, path: str, suggestion: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response.json is not None
    assert response.json["suggestion"] == suggestion
    assert client.get(suggestion).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/id/role/zzzz",
        "/role/Archivist",
        "/role/a..b",
        "/role/archivist.csv",
        "/nothing/at-all",
        "/role/" + "a" * 300,
        "/role/%00",
    ],
)
def test_what_is_not_described_is_not_found(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"


def test_the_vocabulary_and_the_shapes_in_every_syntax(client: FlaskClient) -> None:
    for name in ("ns", "shapes"):
        graphs = [parsed(client, f"/{name}.{suffix}") for suffix in ("ttl", "jsonld", "rdf", "nt")]
        assert all(isomorphic(graphs[0], other) for other in graphs[1:])
        assert len(graphs[0]) > 100


def test_every_term_of_the_vocabulary_has_its_anchor(client: FlaskClient) -> None:
    terms = {str(one) for one in parsed(client, "/ns.nt").subjects() if "/ns#" in str(one)}
    page = client.get("/ns").get_data(as_text=True)
    assert terms
    assert not [term for term in terms if f'id="{term.partition("#")[2]}"' not in page]


def test_the_context(client: FlaskClient) -> None:
    response = client.get("/context.jsonld")
    assert response.mimetype == "application/ld+json"
    assert response.json is not None
    assert response.json["@context"]["trv"] == "https://w3id.org/trivium/ns#"
