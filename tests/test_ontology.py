"""The vocabulary, its controlled lists, its checks and its rules keep what they promise."""

import csv
import json
import re
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
import yaml
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple
from rdflib.compare import isomorphic

from graph.namespaces import (
    DCT,
    ID,
    OWL,
    PREFIXES,
    QB,
    RDF,
    RDFS,
    SKOS,
    TRV,
    VOCABULARY_GRAPH,
    entity,
    is_slug,
    kind_and_slug,
)
from graph.resources import ONTOLOGY, QUERIES, ROOT, SHAPES, STARTER
from graph.store import Dataset

DATA = Path(__file__).parent / "data"
FILES = sorted(ONTOLOGY.glob("*.ttl"))
CHECKS = sorted((QUERIES / "checks").glob("*.rq"))
RULES = sorted((QUERIES / "derive").glob("*.rq"))
CONTRIBUTION = NamedNode("https://example.org/contribution")
ENTAILED = NamedNode("https://example.org/entailed")
SCHEMES = [path.stem for path in FILES if path.stem not in {"alignments", "cube", "trivium"}]
CONTROLLED = {
    "sector": "Population", "level": "Level", "mode": "Mode", "offering-type": "OfferingType",
    "provider-kind": "ProviderKind", "importance": "Importance", "need-kind": "NeedKind", "unit": "Unit",
    "relation": "Relation", "gap-state": "GapState", "basis": "Basis", "source": "SourceKind",
}  # fmt: skip


def in_graph(triple: Triple, graph: NamedNode) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object, graph)


def parsed(path: Path, graph: NamedNode) -> list[Quad]:
    return [in_graph(quad.triple, graph) for quad in ox.parse(path=str(path))]


@pytest.fixture(scope="module")
def vocabulary() -> list[Quad]:
    return [quad for path in FILES for quad in parsed(path, VOCABULARY_GRAPH)]


@pytest.fixture(scope="module")
def ontology(vocabulary: list[Quad]) -> Dataset:
    return Dataset.in_memory(vocabulary)


def prefixes(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^(?:@prefix|PREFIX) (\w+): <([^>]*)>", path.read_text(), flags=re.MULTILINE))


def local(name: str) -> str:
    """The last part of an IRI."""
    return re.split(r"[/#]", name)[-1]


def iri(term: object) -> str:
    """The IRI of a term that must be one."""
    assert isinstance(term, NamedNode), term
    return term.value


def text(term: object) -> str:
    """The text of a term that must be a literal."""
    assert isinstance(term, Literal), term
    return term.value


def is_faulty(name: str) -> bool:
    return local(name).lower().startswith("faulty")


# Files


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_says_the_same_to_both_parsers(path: Path) -> None:
    once = rdflib.Graph().parse(path)
    triples = ox.serialize(ox.parse(path=str(path)), format=RdfFormat.N_TRIPLES)
    again = rdflib.Graph().parse(data=triples, format="nt")
    assert isomorphic(once, again)


@pytest.mark.parametrize("path", [*FILES, *CHECKS, *RULES], ids=lambda path: path.name)
def test_prefixes_are_sorted_used_and_the_usual_ones(path: Path) -> None:
    text, bound = path.read_text(), prefixes(path)
    body = re.sub(r'<[^>]*>|"(?:[^"\\]|\\.)*"|^(?:@prefix|PREFIX|#).*$', "", text, flags=re.MULTILINE)
    assert list(bound) == sorted(bound)
    assert set(bound) == {prefix for prefix in bound if re.search(rf"(?<!\w){prefix}:", body)}
    assert {prefix: iri for prefix, iri in bound.items() if PREFIXES.get(prefix, iri) != iri} == {}


def test_the_header_is_complete(ontology: Dataset) -> None:
    stated = {triple.predicate for triple in ontology.describe(VOCABULARY_GRAPH)}
    names = ("title", "description", "creator", "publisher", "created", "modified", "license")
    wanted = {DCT[name] for name in names}
    assert wanted | {OWL.versionIRI, OWL.versionInfo} <= stated


def test_the_header_counts_the_version_in_one_way(ontology: Dataset) -> None:
    header = {triple.predicate: triple.object for triple in ontology.describe(VOCABULARY_GRAPH)}
    assert header[OWL.versionIRI] == NamedNode(f"{VOCABULARY_GRAPH.value}/{text(header[OWL.versionInfo])}")


def test_no_definition_starts_with_its_label(ontology: Dataset) -> None:
    rows = ontology.select("""
        SELECT ?term ?label WHERE {
          ?term rdfs:label|skos:prefLabel ?label ; skos:definition ?definition .
          FILTER (LANG(?label) = LANG(?definition))
          FILTER STRSTARTS(LCASE(?definition), CONCAT(LCASE(?label), " "))
        }""")
    assert list(rows) == []


# Terms


def ours(text: str) -> set[str]:
    return set(re.findall(r"(?<!\w)trv:(\w+)", text)) | set(re.findall(re.escape(TRV.iri) + r"(\w+)", text))


def uses_of_terms() -> dict[str, set[str]]:
    """The local names of the terms used in each file of RDF, queries and code, leaving comments out."""
    files = [path for folder in (ONTOLOGY, SHAPES, QUERIES) for path in folder.rglob("*")]
    rdf = [path for path in files if path.suffix in {".ttl", ".rq"}]
    used = {path: ours(re.sub(r"(?m)^\s*#.*$", "", path.read_text())) for path in rdf}
    for path in (*ROOT.glob("graph/*.py"), *ROOT.glob("service/**/*.py")):
        used[path] = set(re.findall(r'\bTRV(?:\.|\[")(\w+)', path.read_text())) - {"iri"}
    return {str(path.relative_to(ROOT)): terms for path, terms in used.items()}


def test_every_term_that_is_used_is_defined(vocabulary: list[Quad]) -> None:
    defined = {local(iri(q.subject)) for q in vocabulary if q.predicate == RDFS.isDefinedBy}
    undefined = {path: sorted(terms - defined) for path, terms in uses_of_terms().items() if terms - defined}
    assert undefined == {}, "define them in ontology/trivium.ttl, or mend the spelling"


# Controlled lists


@pytest.mark.parametrize("kind", CONTROLLED)
def test_a_controlled_list_speaks_english_and_spanish(ontology: Dataset, kind: str) -> None:
    concepts = [quad.subject for quad in ontology.quads(None, RDF.type, TRV[CONTROLLED[kind]])]
    assert concepts
    for concept in concepts:
        assert isinstance(concept, NamedNode)
        assert (kind_and_slug(concept) or ("", ""))[0] == kind
        for predicate in (SKOS.prefLabel, SKOS.definition):
            values = [q.object for q in ontology.quads(concept, predicate)]
            assert sorted(str(v.language) for v in values if isinstance(v, Literal)) == ["en", "es"], concept


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_scheme_is_named_for_its_file_and_says_what_it_is(ontology: Dataset, scheme: str) -> None:
    stated = {triple.predicate for triple in ontology.describe(entity("scheme", scheme))}
    assert {DCT.title, DCT.description, DCT.license, SKOS.prefLabel} <= stated
    assert list(ontology.quads(entity("scheme", scheme), RDF.type, SKOS.ConceptScheme))


def test_every_identifier_has_a_slug(vocabulary: list[Quad]) -> None:
    """Identifiers of the vocabulary keep the rule that contributors must keep."""
    names = {quad.subject.value for quad in vocabulary if isinstance(quad.subject, NamedNode)}
    slugs = {name.rpartition("/")[2] for name in names if name.startswith(ID.iri)}
    assert {slug for slug in slugs if not is_slug(slug)} == set()


def test_the_field_as_a_whole_is_a_population_but_no_sector(ontology: Dataset) -> None:
    field = entity("sector", "all")
    assert {q.object for q in ontology.quads(field, RDF.type)} == {SKOS.Concept, TRV.Population}
    assert not ontology.ask("ASK { ?sector skos:broader <https://w3id.org/trivium/id/sector/all> }")


def test_sectors_are_three_with_narrower_ones_below(ontology: Dataset) -> None:
    rows = ontology.select("""
        SELECT ?sector WHERE { ?sector a trv:Sector FILTER NOT EXISTS { ?sector skos:broader ?other } }""")
    assert {row[0] for row in rows} == {entity("sector", slug) for slug in ("archives", "libraries", "museums")}
    assert len(list(ontology.quads(None, RDF.type, TRV.Sector))) == 25


def test_levels_rise_in_rank_as_in_the_collection(ontology: Dataset) -> None:
    listed = ontology.select("""
        SELECT ?level (COUNT(?step) AS ?place) WHERE {
          <https://w3id.org/trivium/id/collection/levels> skos:memberList/rdf:rest* ?step .
          ?step rdf:rest*/rdf:first ?level .
        } GROUP BY ?level""")
    ranks = {quad.subject: text(quad.object) for quad in ontology.quads(None, TRV["rank"])}
    assert {row[0]: text(row[1]) for row in listed} == ranks
    assert [ranks[entity("level", slug)] for slug in ("entry", "intermediate", "advanced")] == ["1", "2", "3"]


STARTER_CODES = [
    ("label", "sectors", "sector"),
    ("need", "kind", "need-kind"),
    ("need", "sector", "sector"),
    ("need", "unit", "unit"),
    ("offering", "level", "level"),
    ("offering", "mode", "mode"),
    ("offering", "type", "offering-type"),
    ("provider", "kind", "provider-kind"),
    ("mapping", "relation", "relation"),
    ("requirement", "importance", "importance"),
    ("requirement", "level", "level"),
    ("role", "sub_sectors", "sector"),
    ("session", "mode", "mode"),
]


@pytest.mark.parametrize(("file", "column", "kind"), STARTER_CODES)
def test_the_lists_hold_every_code_of_the_starter_data(ontology: Dataset, file: str, column: str, kind: str) -> None:
    with (STARTER / f"{file}.csv").open(encoding="utf-8", newline="") as lines:
        codes = {code for row in csv.DictReader(lines) for code in row[column].split(";") if code}
    concepts = ontology.quads(None, RDF.type, TRV[CONTROLLED[kind]])
    known = {name for quad in concepts if (name := kind_and_slug(iri(quad.subject)))}
    assert codes
    assert {code for code in codes if (kind, code) not in known} == set()


# Data cubes (the integrity constraints that speak of structures)


def test_every_structure_has_a_measure_and_only_attributes_are_optional(ontology: Dataset) -> None:
    """Data Cube, IC-3 and IC-6."""
    structures = {q.subject for q in ontology.quads(None, RDF.type, QB.DataStructureDefinition)}
    measured = ontology.select("SELECT DISTINCT ?structure WHERE { ?structure qb:component/qb:measure ?any }")
    assert {row[0] for row in measured} == structures == {entity("structure", "gaps"), entity("structure", "needs")}
    assert not ontology.ask("ASK { ?c qb:dimension|qb:measure ?any ; qb:componentRequired false }")


def test_every_dimension_has_a_range_and_every_coded_property_a_list(ontology: Dataset) -> None:
    """Data Cube, IC-4 and IC-5."""
    assert not ontology.ask("ASK { ?p a qb:DimensionProperty FILTER NOT EXISTS { ?p rdfs:range ?range } }")
    assert not ontology.ask("""
        ASK {
          ?component qb:dimension|qb:attribute ?property .
          ?property rdfs:range/rdfs:subClassOf* skos:Concept .
          FILTER NOT EXISTS { ?property a qb:CodedProperty ; qb:codeList ?list . ?list a ?kind }
        }""")


def test_components_use_properties_in_the_part_they_play(ontology: Dataset) -> None:
    rows = ontology.select("""
        SELECT ?property ?part WHERE {
          VALUES (?part ?class) {
            (qb:dimension qb:DimensionProperty) (qb:measure qb:MeasureProperty) (qb:attribute qb:AttributeProperty)
          }
          ?component ?part ?property FILTER NOT EXISTS { ?property a ?class }
        }""")
    assert list(rows) == []


# Checks


@pytest.mark.parametrize("path", [*CHECKS, *RULES], ids=lambda path: path.stem)
def test_a_query_says_what_it_is_for(path: Path) -> None:
    header = yaml.safe_load("\n".join(re.findall(r"^#\+ ?(.*)$", path.read_text(), flags=re.MULTILINE)))
    assert header["summary"]
    assert header["description"]
    assert ox.Store().query(path.read_text()) is not None, "declares its own prefixes"


def test_every_query_has_an_example_and_every_example_a_query() -> None:
    assert [path.stem for path in sorted((DATA / "checks").iterdir())] == [path.stem for path in CHECKS]
    assert [path.stem for path in sorted((DATA / "derive").iterdir())] == [path.stem for path in RULES]
    assert all(path.stem.endswith("-violation") for path in CHECKS)


@pytest.mark.parametrize("path", CHECKS, ids=lambda path: path.stem)
def test_the_ontology_passes_every_check(ontology: Dataset, path: Path) -> None:
    assert list(ontology.select(path.read_text())) == []


@pytest.mark.parametrize("path", CHECKS, ids=lambda path: path.stem)
def test_the_published_starter_graph_passes_every_check(starter: Dataset, path: Path) -> None:
    assert list(starter.select(path.read_text())) == []


@pytest.mark.parametrize("path", CHECKS, ids=lambda path: path.stem)
def test_a_check_finds_the_fault_and_nothing_else(vocabulary: list[Quad], path: Path) -> None:
    """The first column of a row is the faulty thing; in an example its name starts with "faulty"."""
    example = parsed(DATA / "checks" / f"{path.stem}.ttl", CONTRIBUTION)
    terms = {term.value for quad in example for term in quad.triple if isinstance(term, NamedNode)}
    found = Dataset.in_memory([*vocabulary, *example]).select(path.read_text())
    assert {iri(row[0]) for row in found} == {name for name in terms if is_faulty(name)}


# Rules


def triples(quads: Iterable[Quad], graph: NamedNode) -> set[Triple]:
    return {quad.triple for quad in quads if quad.graph_name == graph}


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_a_rule_entails_exactly_what_is_expected(vocabulary: list[Quad], path: Path) -> None:
    example = list(ox.parse(path=str(DATA / "derive" / f"{path.stem}.trig")))
    given = [quad for quad in example if quad.graph_name == CONTRIBUTION]
    entailed = Dataset.in_memory([*vocabulary, *given]).construct(path.read_text())
    expected = triples(example, ENTAILED)
    assert expected
    assert set(entailed) == expected, "no blank nodes are made, so sets compare graphs"


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_the_ontology_alone_entails_nothing(ontology: Dataset, path: Path) -> None:
    """So what a rule gives for a contribution follows from that contribution."""
    assert ontology.construct(path.read_text()) == []


def test_no_rule_waits_for_another(vocabulary: list[Quad]) -> None:
    """One pass over the rules, in any order, reaches the end: a second pass adds nothing."""
    given = [
        quad
        for path in sorted((DATA / "derive").iterdir())
        for quad in ox.parse(path=str(path))
        if quad.graph_name == CONTRIBUTION
    ]
    first = entailment([*vocabulary, *given])
    second = entailment([*vocabulary, *given, *(in_graph(triple, ENTAILED) for triple in first)])
    assert second - first == set()


def entailment(quads: list[Quad]) -> set[Triple]:
    dataset = Dataset.in_memory(quads)
    return {triple for path in RULES for triple in dataset.construct(path.read_text())}


# JSON-LD

DOCUMENT = {
    "@id": "id:offering/preservation-course",
    "@type": "Offering",
    "label": {"en": "Preservation course", "es": "Curso de preservación"},
    "provider": {"@id": "id:provider/example", "@type": "Provider", "name": "Example"},
    "teaches": ["id:competency/storage", "id:competency/handling"],
    "level": "id:level/entry",
    "free": False,
    "costAmount": "295.50",
    "costCurrency": "EUR",
    "duration": "P8W",
    "pageDate": {"@value": "2024-05", "@type": "xsd:gYearMonth"},
    "verifiedDate": "2026-11-01",
    "source": "https://example.org/course",
}
EXPECTED = """
@prefix id: <https://w3id.org/trivium/id/> .
id:offering\\/preservation-course a trv:Offering ;
    skos:prefLabel "Preservation course"@en , "Curso de preservación"@es ;
    trv:provider id:provider\\/example ;
    trv:teaches id:competency\\/storage , id:competency\\/handling ;
    trv:level id:level\\/entry ;
    trv:free false ;
    trv:costAmount "295.50"^^xsd:decimal ;
    trv:costCurrency "EUR" ;
    trv:duration "P8W" ;
    trv:pageDate "2024-05"^^xsd:gYearMonth ;
    trv:verifiedDate "2026-11-01"^^xsd:date ;
    dct:source <https://example.org/course> .
id:provider\\/example a trv:Provider ; skos:prefLabel "Example" .
"""


@pytest.fixture(scope="module")
def context() -> dict[str, object]:
    content: dict[str, dict[str, object]] = json.loads((ONTOLOGY / "context.jsonld").read_text())
    return content["@context"]


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # by rdflib, of its own parser
def test_a_document_with_the_context_says_what_it_means(context: dict[str, object]) -> None:
    document = json.dumps({"@context": context, **DOCUMENT})
    header = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    expected = rdflib.Graph().parse(data=header + EXPECTED, format="turtle")
    assert isomorphic(rdflib.Graph().parse(data=document, format="json-ld"), expected)
    read = ox.serialize(ox.parse(document, format=RdfFormat.JSON_LD), format=RdfFormat.N_TRIPLES)
    assert isomorphic(rdflib.Graph().parse(data=read, format="nt"), expected)


def test_the_context_has_a_key_for_every_class_and_property(context: dict[str, object], ontology: Dataset) -> None:
    rows = ontology.select("""
        SELECT ?term ?kind WHERE {
          VALUES ?kind { owl:Class owl:ObjectProperty owl:DatatypeProperty }
          ?term a ?kind FILTER STRSTARTS(STR(?term), STR(trv:))
        }""")
    assert len(rows) > 0
    for term, kind in rows:
        assert isinstance(term, NamedNode)
        name = local(term.value)
        entry = context[name]
        target = entry["@id"] if isinstance(entry, dict) else entry
        assert target == f"trv:{name}"
        assert (kind == OWL.ObjectProperty) == (isinstance(entry, dict) and entry.get("@type") == "@id"), name


def test_the_context_binds_our_prefixes_and_no_base(context: dict[str, object]) -> None:
    needed = {prefix: value for prefix, value in PREFIXES.items() if prefix not in {"sh", "shape"}}
    assert {prefix: context.get(prefix) for prefix in needed} == needed
    assert "@base" not in context, "relative identifiers would depend on where a file was found"
    assert "@vocab" not in context
