"""VoID: every count is what SPARQL and a plain count find, every address leads somewhere."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse
from rdflib import DCTERMS, FOAF, RDF, SKOS, VOID, URIRef

from graph.figures import Figures
from graph.namespaces import BASE
from graph.store import Dataset
from service import create_app
from service.settings import Settings

DATASET = URIRef("https://w3id.org/trivium/id/dataset/trivium")
ADDRESS = "https://example.org"
FORMATS = {
    "ttl": RdfFormat.TURTLE,
    "jsonld": RdfFormat.JSON_LD,
    "rdf": RdfFormat.RDF_XML,
    "nt": RdfFormat.N_TRIPLES,
}


@pytest.fixture(scope="module")
def client(starter_data: Path) -> Iterator[FlaskClient]:
    """A client of an instance with a public address."""
    app = create_app(Settings(data=starter_data, base=ADDRESS, dump_seconds=120))
    with app.test_client() as client:
        yield client
    app.extensions["trivium.dumps"].close()


@pytest.fixture(scope="module")
def described(client: FlaskClient) -> rdflib.Graph:
    """The description, as a VoID client reads it."""
    response = client.get("/.well-known/void", headers={"Accept": "text/turtle"})
    assert (response.status_code, response.mimetype) == (200, "text/turtle")
    return rdflib.Graph().parse(data=response.text, format="turtle")


def number(graph: rdflib.Graph, subject: rdflib.term.Node, predicate: URIRef) -> int:
    found = list(graph.objects(subject, predicate))
    assert len(found) == 1, (subject, predicate)
    return int(str(found[0]))


def counted(dataset: Dataset, query: str) -> int:
    [(count,)] = dataset.select(query)
    assert isinstance(count, Literal)
    return int(count.value)


def partition(described: rdflib.Graph, part: URIRef, of: URIRef, figure: URIRef) -> dict[str, int]:
    parts = list(described.objects(DATASET, part))
    return {str(described.value(one, of)): number(described, one, figure) for one in parts}


def test_every_syntax_says_the_same_and_turtle_is_the_first(client: FlaskClient, described: rdflib.Graph) -> None:
    assert client.get("/.well-known/void").mimetype == "text/turtle"
    expected = {str(quad.triple) for quad in parse(described.serialize(format="nt"), RdfFormat.N_TRIPLES)}
    for suffix, syntax in FORMATS.items():
        response = client.get(f"/.well-known/void.{suffix}")
        assert response.mimetype == syntax.media_type
        assert client.get("/.well-known/void", headers={"Accept": syntax.media_type}).data == response.data
        assert {str(quad.triple) for quad in parse(response.data, syntax)} == expected


def test_the_document_describes_the_dataset(described: rdflib.Graph) -> None:
    document = URIRef(f"{ADDRESS}/.well-known/void")
    assert (document, RDF.type, VOID.DatasetDescription) in described
    assert (document, FOAF.primaryTopic, DATASET) in described
    assert (DATASET, RDF.type, VOID.Dataset) in described
    assert (DATASET, VOID.uriSpace, rdflib.Literal(f"{BASE}id/")) in described
    assert (DATASET, DCTERMS.license, URIRef("https://creativecommons.org/publicdomain/zero/1.0/")) in described


def test_the_totals_are_true(described: rdflib.Graph, starter: Dataset) -> None:
    for figure, query in {
        VOID.triples: "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?s ?p ?o { ?s ?p ?o } }",
        VOID.distinctSubjects: "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
        VOID.properties: "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
        VOID.classes: "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }",
        VOID.entities: f'SELECT (COUNT(DISTINCT ?s) AS ?n) {{ ?s ?p ?o FILTER(STRSTARTS(STR(?s), "{BASE}id/")) }}',
    }.items():
        assert number(described, DATASET, figure) == counted(starter, query), figure


def test_every_class_and_property_is_counted(described: rdflib.Graph, starter: Dataset) -> None:
    triples = {quad.triple for quad in starter.quads()}
    uses = Counter(triple.predicate.value for triple in triples)
    subjects = defaultdict(set)
    instances = Counter(str(t.object) for t in triples if t.predicate.value == str(RDF.type))
    for triple in triples:
        subjects[triple.predicate.value].add(triple.subject)
    assert partition(described, VOID.classPartition, VOID["class"], VOID.entities) == {
        iri.strip("<>"): count for iri, count in instances.items()
    }
    assert partition(described, VOID.propertyPartition, VOID.property, VOID.triples) == dict(uses)
    assert partition(described, VOID.propertyPartition, VOID.property, VOID.distinctSubjects) == {
        predicate: len(found) for predicate, found in subjects.items()
    }


def test_a_statement_of_two_graphs_is_counted_once() -> None:
    iri = [NamedNode(f"{BASE}id/role/{name}") for name in "ab"]
    mapped, kind = NamedNode(str(SKOS.exactMatch)), NamedNode(str(RDF.type))
    esco = NamedNode("http://data.europa.eu/esco/skill/1")
    foreign = NamedNode("https://example.org/else")
    ordered = [Triple(iri[0], kind, foreign), Triple(iri[0], mapped, esco), Triple(iri[0], mapped, foreign),
               Triple(foreign, mapped, esco)]  # fmt: skip
    twice = Dataset.in_memory(Quad(t.subject, t.predicate, t.object, graph) for t in ordered for graph in iri)
    assert (len(twice), counted(twice, "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?s ?p ?o { ?s ?p ?o } }")) == (8, 4)
    figures = Figures.counted(ordered)
    assert (figures.triples, figures.subjects, figures.entities) == (4, 2, 1)
    assert figures.links == {mapped.value: 1}, "only links of our own entities, and only to ESCO"
    assert figures.properties[mapped.value].subjects == 2
    assert Figures.read(figures.as_json()) == figures


def test_the_links_to_esco_are_counted_by_how_they_link(described: rdflib.Graph, starter: Dataset) -> None:
    found = {}
    for linkset in described.subjects(RDF.type, VOID.Linkset):
        assert (DATASET, VOID.subset, linkset) in described
        assert (linkset, VOID.subjectsTarget, DATASET) in described
        target = described.value(linkset, VOID.objectsTarget)
        assert (target, RDF.type, VOID.Dataset) in described
        assert (target, VOID.uriSpace, rdflib.Literal("http://data.europa.eu/esco/")) in described
        found[described.value(linkset, VOID.linkPredicate)] = number(described, linkset, VOID.triples)
    query = """SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?s ?o { ?s <%s> ?o FILTER(STRSTARTS(STR(?s), "%sid/")
        && REGEX(STR(?o), "^http://data.europa.eu/esco/(skill|occupation)/")) } }"""
    expected = {how: counted(starter, query % (how, BASE)) for how in (SKOS.exactMatch, SKOS.closeMatch)}
    assert found == expected
    assert all(expected.values())


def test_every_address_in_it_leads_somewhere(client: FlaskClient, described: rdflib.Graph) -> None:
    examples = list(described.objects(DATASET, VOID.exampleResource))
    dumps = list(described.objects(DATASET, VOID.dataDump))
    assert len(examples) == len(dumps) == 6
    for iri in (*examples, DATASET):
        path = str(iri).removeprefix(BASE.rstrip("/"))
        with client.get(path, headers={"Accept": "text/turtle"}, follow_redirects=True) as response:
            assert (response.status_code, response.mimetype) == (200, "text/turtle")
            assert any(rdflib.Graph().parse(data=response.get_data(), format="turtle").predicate_objects(iri))
    pages = [*described.objects(DATASET, FOAF.page), *described.objects(DATASET, FOAF.homepage)]
    endpoints = list(described.objects(DATASET, VOID.sparqlEndpoint))
    assert (len(pages), len(endpoints)) == (2, 1)
    for iri in (*dumps, *pages, *endpoints):
        assert str(iri).startswith(ADDRESS)
        with client.get(str(iri).removeprefix(ADDRESS), follow_redirects=True) as response:
            assert response.status_code == 200, iri


def test_every_feature_is_a_syntax_that_there_is(client: FlaskClient, described: rdflib.Graph) -> None:
    """Those of the dumps, and those that a thing can be looked up in."""
    features = {str(one).rpartition("/")[2] for one in described.objects(DATASET, VOID.feature)}
    dumped = {str(one).rpartition("trivium.")[2].partition(".")[0] for one in described.objects(DATASET, VOID.dataDump)}
    names = {"nq": "N-Quads", "ttl": "Turtle", "jsonld": "JSON-LD", "nt": "N-Triples", "rdf": "RDF_XML"}
    looked_up = {suffix for suffix in names if client.get(f"/role/archivist.{suffix}").status_code == 200}
    assert features == {names[suffix] for suffix in dumped | looked_up}


def test_a_document_of_a_thing_leads_to_the_dataset_that_it_is_of(client: FlaskClient) -> None:
    for suffix in ("ttl", "jsonld", "rdf", "nt"):
        links = client.get(f"/role/archivist.{suffix}").headers.getlist("Link")
        assert f'<{DATASET}>; rel="{VOID.inDataset}"' in links, suffix


def test_the_vocabularies_are_those_that_are_used(described: rdflib.Graph, starter: Dataset) -> None:
    found = {str(iri) for iri in described.objects(DATASET, VOID.vocabulary)}
    assert {f"{BASE}ns#", str(SKOS), "http://www.w3.org/2008/05/skos-xl#"} <= found
    for namespace in found:
        query = f"""ASK {{ {{ ?s ?term ?o }} UNION {{ ?s a ?term }} FILTER(STRSTARTS(STR(?term), "{namespace}")) }}"""
        assert starter.ask(query), namespace
