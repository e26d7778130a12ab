"""Every question as an example in RDF: it runs as it stands, and answers as its own address does."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode
from rdflib import Graph, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import RDF, RDFS, SH
from rdflib.plugins.sparql import prepareQuery

from graph.named_query import Catalogue
from graph.namespaces import XSD
from graph.query_text import written_in
from graph.resources import QUERIES
from service import create_app
from service.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # by rdflib, in its own JSON-LD parser
ADDRESS = "https://example.org"
DOCUMENT = "/.well-known/sparql-examples"
SDO = Namespace("https://schema.org/")  # as the collections of SIB have it
CATALOGUE = Catalogue.load(QUERIES)
KINDS = {
    "select": (SH.SPARQLSelectExecutable, SH.select),
    "construct": (SH.SPARQLConstructExecutable, SH.construct),
}


@pytest.fixture(scope="module")
def client(starter_data: Path) -> Iterator[FlaskClient]:
    settings = Settings(data=starter_data, base=ADDRESS, query_seconds=60)
    with create_app(settings).test_client() as client:
        yield client


@pytest.fixture(scope="module")
def examples(client: FlaskClient) -> Graph:
    return Graph().parse(data=client.get(f"{DOCUMENT}.ttl").data, format="turtle")


def named(name: str) -> URIRef:
    return URIRef(f"{ADDRESS}{DOCUMENT}#{name}")


def test_every_question_is_an_example_of_its_form(examples: Graph) -> None:
    assert set(examples.subjects(RDF.type, SH.SPARQLExecutable)) == {named(name) for name in CATALOGUE}
    for name, query in CATALOGUE.items():
        kind, text = KINDS[query.form]
        assert (named(name), RDF.type, kind) in examples
        prepareQuery(str(examples.value(named(name), text)))


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_example_says_what_it_asks_of_whom(examples: Graph, name: str) -> None:
    query, subject = CATALOGUE[name], named(name)
    (comment,) = examples.objects(subject, RDFS.comment)
    assert (str(comment), getattr(comment, "language", None)) == (query.summary, "en")
    assert {str(word) for word in examples.objects(subject, SDO.keywords)} == set(query.tags)
    assert list(examples.objects(subject, SDO.target)) == [URIRef(f"{ADDRESS}/sparql")]
    assert list(examples.objects(subject, RDFS.seeAlso)) == [URIRef(f"{ADDRESS}/queries/{name}")]


def test_the_prefixes_are_declared_for_all(examples: Graph) -> None:
    assert {str(one) for one in examples.objects(None, SH.prefixes)} == {str(named("prefixes"))}
    declared = {
        str(examples.value(one, SH.prefix)): str(examples.value(one, SH.namespace))
        for one in examples.objects(named("prefixes"), SH.declare)
    }
    for query in CATALOGUE.values():
        for line in query.text.splitlines():
            if line.startswith("PREFIX "):
                _, prefix, iri = line.split()
                assert declared[prefix.rstrip(":")] == iri.strip("<>")


def test_the_same_in_every_syntax(client: FlaskClient, examples: Graph) -> None:
    for suffix, syntax in {"jsonld": "json-ld", "rdf": "xml", "nt": "nt"}.items():
        assert isomorphic(examples, Graph().parse(data=client.get(f"{DOCUMENT}.{suffix}").data, format=syntax))
    negotiated = client.get(DOCUMENT, headers={"Accept": "application/n-triples"})
    assert negotiated.mimetype == "application/n-triples"


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_example_runs_as_it_stands_and_answers_like_the_question(
    client: FlaskClient, examples: Graph, name: str
) -> None:
    query = CATALOGUE[name]
    text = str(examples.value(named(name), KINDS[query.form][1]))
    required = {one.name: one.example or "" for one in query.parameters if one.required}
    if query.form == "construct":
        ours, theirs = (
            Graph().parse(data=client.get(path, query_string=arguments).data, format="nt")
            for path, arguments in ((f"/queries/{name}.nt", required), ("/sparql.nt", {"query": text}))
        )
        assert len(ours) > 0
        assert isomorphic(ours, theirs)
        return
    answer = client.get("/sparql.csv", query_string={"query": text})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert "Trivium-Truncated" not in answer.headers
    asked = client.get(f"/queries/{name}.csv", query_string=required | {"limit": "0"})
    assert rows(asked.get_data(as_text=True), query.columns) == rows(answer.get_data(as_text=True), query.columns)


def rows(text: str, columns: tuple[str, ...]) -> Counter[tuple[str, ...]]:
    """The rows of a CSV by these columns; the apostrophe before what a spreadsheet would run is left out."""
    return Counter(tuple(row[name].removeprefix("'") for name in columns) for row in csv.DictReader(io.StringIO(text)))


def test_the_endpoint_leads_to_them(client: FlaskClient) -> None:
    service = Graph().parse(data=client.get("/sparql.ttl").data, format="turtle")
    assert list(service.objects(URIRef(f"{ADDRESS}/sparql"), RDFS.seeAlso)) == [URIRef(f"{ADDRESS}{DOCUMENT}")]


SECTOR = NamedNode("https://w3id.org/trivium/id/sector/museums")
WRITTEN = {
    "a term for a variable": ("SELECT ?a WHERE { ?a ?b ?x }", "SELECT ?a WHERE { ?a ?b <SECTOR> }"),
    "left out of a selection": ("SELECT ?x ?a\nWHERE { ?a ?b $x }", "SELECT ?a\nWHERE { ?a ?b <SECTOR> }"),
    "left out of a grouping": (
        "SELECT (COUNT(?x) AS ?n) ?a {} GROUP BY ?x ?a HAVING(?x = ?n)",
        "SELECT (COUNT(<SECTOR>) AS ?n) ?a {} GROUP BY ?a HAVING(<SECTOR> = ?n)",
    ),
    "kept where nothing else is grouped by": ("SELECT (1 AS ?n) {} GROUP BY ?x", "SELECT (1 AS ?n) {} GROUP BY ?x"),
    "not in a text": ('ASK { ?a ?b \'?x\', "\\"?x", """\n?x""" }', 'ASK { ?a ?b \'?x\', "\\"?x", """\n?x""" }'),
    "not in a comment": ("ASK { ?x ?b ?c } # ?x", "ASK { <SECTOR> ?b ?c } # ?x"),
    "not in an address": ("ASK { <http://a/?x#y> ?b ?x }", "ASK { <http://a/?x#y> ?b <SECTOR> }"),
    "not in a longer name": ("ASK { ?x_iri ?b ?x }", "ASK { ?x_iri ?b <SECTOR> }"),
    "beside a comparison": ("ASK { FILTER(?a <?x && ?b >?x) }", "ASK { FILTER(?a <<SECTOR> && ?b ><SECTOR>) }"),
}


@pytest.mark.parametrize(("text", "expected"), WRITTEN.values(), ids=WRITTEN)
def test_a_term_is_written_in(text: str, expected: str) -> None:
    assert written_in(text, {"x": SECTOR}) == expected.replace("<SECTOR>", str(SECTOR))


def test_a_literal_is_written_with_its_type() -> None:
    bound = {"n": Literal("3", datatype=XSD.integer), "t": Literal('say "no"\n')}
    assert written_in("ASK { ?a ?n ?t }", bound) == f'ASK {{ ?a "3"^^{XSD.integer} "say \\"no\\"\\n" }}'
