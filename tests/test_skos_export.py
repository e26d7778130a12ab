"""Whole concept schemes as SKOS: sound by the integrity conditions, and nothing in them for a tool to repair."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from graph.namespaces import ID, RDF, SKOS, entity
from graph.rewriting import Source
from graph.skos_export import scheme
from graph.store import Dataset

PREFIXES = """
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX vann: <http://purl.org/vocab/vann/>
"""
FAULTS = {
    # what must not be found, and the smallest document in which it is
    "S9: a concept is no scheme": (
        "?x a skos:Concept , skos:ConceptScheme",
        "<a> a skos:Concept , skos:ConceptScheme .",
    ),
    "S13: preferred, alternative and hidden labels are disjoint": (
        "VALUES (?p ?q) { (skos:prefLabel skos:altLabel) (skos:prefLabel skos:hiddenLabel) "
        "(skos:altLabel skos:hiddenLabel) } ?x ?p ?label ; ?q ?label",
        '<a> skos:prefLabel "A"@en ; skos:altLabel "A"@en .',
    ),
    "S14: one preferred label in a language": (
        "?x skos:prefLabel ?one , ?two FILTER(?one != ?two && LANG(?one) = LANG(?two))",
        '<a> skos:prefLabel "A"@en , "B"@en .',
    ),
    "S27: related and broader are disjoint": (
        "?x skos:related ?y . ?x skos:broader+|skos:narrower+ ?y",
        "<a> skos:related <c> ; skos:broader <b> . <b> skos:broader <c> .",
    ),
    "S46: exact and other matches are disjoint": (
        "?x skos:exactMatch ?y . ?x skos:broadMatch|skos:narrowMatch|skos:relatedMatch|"
        "^skos:broadMatch|^skos:narrowMatch|^skos:relatedMatch ?y",
        "<a> skos:exactMatch <b> . <b> skos:broadMatch <a> .",
    ),
    "a cycle": ("?x skos:broader+ ?x", "<a> skos:broader <b> . <b> skos:broader <a> ."),
    "a redundant broader": (
        "?x skos:broader ?y , ?z . ?z skos:broader+ ?y",
        "<a> skos:broader <b> , <c> . <b> skos:broader <c> .",
    ),
    "broader one way": ("?x skos:broader ?y FILTER NOT EXISTS { ?y skos:narrower ?x }", "<a> skos:broader <b> ."),
    "narrower one way": ("?x skos:narrower ?y FILTER NOT EXISTS { ?y skos:broader ?x }", "<a> skos:narrower <b> ."),
    "related one way": ("?x skos:related ?y FILTER NOT EXISTS { ?y skos:related ?x }", "<a> skos:related <b> ."),
    "top concept one way": (
        "{ ?x skos:topConceptOf ?s FILTER NOT EXISTS { ?s skos:hasTopConcept ?x } } UNION "
        "{ ?s skos:hasTopConcept ?x FILTER NOT EXISTS { ?x skos:topConceptOf ?s } }",
        "<s> skos:hasTopConcept <a> .",
    ),
    "a top concept below another": (
        "?x skos:topConceptOf ?s ; skos:broader ?y",
        "<a> skos:topConceptOf <s> ; skos:broader <b> .",
    ),
    "an orphan": (
        "?x a skos:Concept FILTER NOT EXISTS { ?x skos:topConceptOf ?s } FILTER NOT EXISTS { ?x skos:broader ?y }",
        "<a> a skos:Concept .",
    ),
    "a concept without a scheme": (
        "?x a skos:Concept FILTER NOT EXISTS { ?x skos:inScheme/a skos:ConceptScheme }",
        "<a> a skos:Concept .",
    ),
    "a concept that is not described": (
        "?any skos:broader|skos:narrower|skos:related|skos:hasTopConcept ?x FILTER NOT EXISTS { ?x a skos:Concept }",
        "<s> skos:hasTopConcept <a> .",
    ),
    "a concept without a label": (
        "?x a skos:Concept FILTER NOT EXISTS { ?x skos:prefLabel ?label }",
        "<a> a skos:Concept .",
    ),
    "a label without a language": (
        "?x skos:prefLabel|skos:altLabel|skos:hiddenLabel|skos:definition ?label FILTER(LANG(?label) = '')",
        '<a> skos:altLabel "A" .',
    ),
    "a language that only some concepts are labelled in": (
        "?x a skos:Concept . ?any a skos:Concept ; skos:prefLabel ?label BIND(LANG(?label) AS ?tag) "
        "FILTER NOT EXISTS { ?x skos:prefLabel ?own FILTER(LANG(?own) = ?tag) }",
        '<a> a skos:Concept ; skos:prefLabel "A"@en . <b> a skos:Concept ; skos:prefLabel "B"@es .',
    ),
    "a scheme without title, licence or namespace": (
        "?x a skos:ConceptScheme "
        "FILTER NOT EXISTS { ?x dct:title ?t ; dct:license ?l ; vann:preferredNamespaceUri ?n }",
        "<s> a skos:ConceptScheme .",
    ),
}


def graph(text: str) -> Dataset:
    return Dataset.in_memory(parse(PREFIXES + text, RdfFormat.TURTLE, base_iri="https://example.org/"))


def schemes(client: FlaskClient) -> list[dict[str, Any]]:
    found = client.get("/schemes.json?limit=0").json
    assert found is not None
    assert len(found["items"]) == 14
    items: list[dict[str, Any]] = found["items"]
    return items


def export(client: FlaskClient, iri: str) -> Dataset:
    answer = client.get(f"/{iri.removeprefix(ID.iri)}.ttl?profile=skos")
    assert answer.status_code == 200
    return Dataset.in_memory(parse(answer.data, RdfFormat.TURTLE))


@pytest.fixture(scope="module")
def exports(client: FlaskClient) -> dict[str, Dataset]:
    return {one["iri"]: export(client, one["iri"]) for one in schemes(client)}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_would_be_found(fault: str) -> None:
    pattern, faulty = FAULTS[fault]
    assert graph(faulty).ask(f"{PREFIXES} ASK {{ {pattern} }}")


@pytest.mark.parametrize("fault", FAULTS)
def test_no_scheme_has_a_fault(exports: dict[str, Dataset], fault: str) -> None:
    for iri, dataset in exports.items():
        rows = dataset.select(f"{PREFIXES} SELECT DISTINCT ?x WHERE {{ {FAULTS[fault][0]} }}").rows
        assert rows == [], iri


def test_the_whole_scheme_is_there(client: FlaskClient, exports: dict[str, Dataset], starter: Dataset) -> None:
    """Every concept with every label, definition and match, and the same concepts above it as in the graph."""
    for one in schemes(client):
        dataset, iri = exports[one["iri"]], NamedNode(one["iri"])
        concepts = {quad.subject for quad in starter.quads(None, SKOS.inScheme, iri)}
        assert {quad.subject for quad in dataset.quads(None, RDF.type, SKOS.Concept)} == concepts
        assert len(concepts) == one["concepts"] > 0
        for name in (SKOS.prefLabel, SKOS.altLabel, SKOS.definition, SKOS.notation, SKOS.exactMatch, SKOS.closeMatch):
            for concept in concepts:
                assert values(dataset, concept, name) == values(starter, concept, name)  # type: ignore[arg-type]
        above = "SELECT ?x ?y WHERE { ?x skos:broader+ ?y ; skos:inScheme ?s }"
        there = {tuple(row) for row in starter.select(above.replace("?s }", f"{iri} }}"))}
        assert {tuple(row) for row in dataset.select(above.replace("?s }", f"{iri} }}"))} == there


def values(dataset: Dataset, subject: NamedNode, name: NamedNode) -> set[Any]:
    return {quad.object for quad in dataset.quads(subject, name)}


def test_what_is_implied_is_left_out(exports: dict[str, Dataset], starter: Dataset) -> None:
    framework = exports[f"{ID.iri}framework/trivium"]
    pests = entity("competency", "integrated-pest-management")
    above = entity("competency", "preventive-conservation")
    assert values(starter, pests, SKOS.broader) > {above}
    assert values(framework, pests, SKOS.broader) == {above}


MADE_UP = """
<s> a skos:ConceptScheme ; dct:title "S"@en ; skos:hasTopConcept <top> .
<top> skos:inScheme <s> ; skos:topConceptOf <s> ; skos:prefLabel "Top"@en .
<a> skos:inScheme <s> ; skos:broader <top> , <b> , <c> , <elsewhere> ; skos:related <elsewhere> , <d> .
<b> skos:inScheme <s> ; skos:broader <c> , <top> .
<c> skos:inScheme <s> ; skos:broader <top> .
<d> skos:inScheme <s> ; skos:broader <top> ; skos:related <a> ; owl:deprecated true ; dct:isReplacedBy <a> .
<x> skos:inScheme <s> ; skos:broader <y> . <y> skos:inScheme <s> ; skos:broader <x> .
<elsewhere> skos:inScheme <t> .
"""


def test_reduction_mappings_and_deprecation() -> None:
    """A chain keeps its links only; other schemes are mapped to; what was withdrawn stays; a cycle ends."""
    written = scheme(Source(graph(MADE_UP)), NamedNode("https://example.org/s"))
    found = Dataset.in_memory(Quad(one.subject, one.predicate, one.object) for one in written)

    def of(name: str, predicate: NamedNode) -> set[str]:
        subject = NamedNode(f"https://example.org/{name}")
        return {one.value.removeprefix("https://example.org/") for one in values(found, subject, predicate)}

    assert [of(name, SKOS.broader) for name in "abcd"] == [{"b"}, {"c"}, {"top"}, {"top"}]
    assert [of(name, SKOS.narrower) for name in ("top", "c", "b", "a")] == [{"c", "d"}, {"b"}, {"a"}, set()]
    assert (of("a", SKOS.broadMatch), of("a", SKOS.relatedMatch), of("a", SKOS.related)) == (
        {"elsewhere"},
        {"elsewhere"},
        {"d"},
    )
    assert found.ask(f"{PREFIXES} ASK {{ ?d owl:deprecated true ; dct:isReplacedBy ?a ; skos:inScheme ?s }}")
    assert of("elsewhere", RDF.type) == set()
    assert of("s", NamedNode("http://purl.org/vocab/vann/preferredNamespaceUri")) == {ID.iri}
