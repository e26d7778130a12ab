"""Surveys and gaps as RDF Data Cubes: documents that stand for themselves, in which every constraint holds."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from graph.namespaces import ID, QB, RDF, SKOS, TRV
from graph.store import Dataset

DATA = Path(__file__).parent / "data" / "cube"
CONSTRAINTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(DATA.glob("ic-*.rq"))}
NORMALISE = (DATA / "normalise.ru").read_text(encoding="utf-8")
SLOW = "ic-12"  # compares each observation with each; for the gaps it is done in Python
PREFIXES = """
PREFIX : <https://example.org/>
PREFIX qb: <http://purl.org/linked-data/cube#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
FAULTS = {
    "ic-01": [
        "DELETE DATA { :o3 qb:dataSet :set } ; INSERT DATA { :o3 a qb:Observation }",
        "INSERT DATA { :o3 qb:dataSet :many }",
    ],
    "ic-02": ["DELETE DATA { :set qb:structure :structure }", "INSERT DATA { :set qb:structure :measures }"],
    "ic-03": ["DELETE DATA { :structure qb:component :c-count }"],
    "ic-04": ["DELETE DATA { :year rdfs:range rdfs:Literal }"],
    "ic-05": ["DELETE DATA { :place qb:codeList :places }"],
    "ic-06": ["INSERT DATA { :c-year qb:componentRequired false }"],
    "ic-07": ["DELETE DATA { :structure qb:sliceKey :key }"],
    "ic-08": ["INSERT DATA { :key qb:componentProperty :zone . :slice :zone :one }"],
    "ic-09": ["DELETE DATA { :slice qb:sliceStructure :key }", "INSERT DATA { :slice qb:sliceStructure :other }"],
    "ic-10": ["DELETE DATA { :slice :place :here } ; INSERT DATA { :o1 :place :here . :o2 :place :here }"],
    "ic-11": ["DELETE DATA { :o3 :year 2026 }"],
    "ic-12": ["INSERT DATA { :o4 qb:dataSet :set ; :place :there ; :year 2026 ; :count 9 }"],
    "ic-13": ["DELETE DATA { :set :status 'final' }"],
    "ic-14": ["DELETE DATA { :o3 :count 4 }"],
    "ic-15": ["DELETE DATA { :m1 :length 3 }"],
    "ic-16": ["INSERT DATA { :m1 :width 2 }"],
    "ic-17": ["DELETE DATA { :m2 qb:dataSet :many ; qb:measureType :width }"],
    "ic-18": ["INSERT DATA { :many qb:slice :slice }"],
    "ic-19": ["DELETE DATA { :there skos:inScheme :places }", "DELETE DATA { :there a skos:Concept }"],
    "ic-20": ["DELETE DATA { :world :holds :land }"],
    "ic-21": ["DELETE DATA { :one :within :all }"],
}


def normalised(text: bytes, change: str = "") -> Store:
    """A document, changed if need be, in the normal form that the constraints are asked of."""
    store = Store()
    store.extend(Quad(one.subject, one.predicate, one.object) for one in parse(text, RdfFormat.TURTLE))
    if change:
        store.update(PREFIXES + change)
    store.update(NORMALISE)
    return store


def texts_of(name: str, store: Store) -> Iterator[str]:
    """The constraint; one about hierarchies once for each property by which one is built (IC-20, IC-21)."""
    text = CONSTRAINTS[name]
    down, up = (
        "SELECT DISTINCT ?p WHERE { ?list qb:parentChildProperty ?p FILTER(ISIRI(?p)) }",
        "SELECT DISTINCT ?p WHERE { ?list qb:parentChildProperty/<http://www.w3.org/2002/07/owl#inverseOf> ?p }",
    )
    for placeholder, query in (("<urn:example:down>", down), ("<urn:example:up>", up)):
        if placeholder in text:
            rows: Any = store.query(PREFIXES + query)
            yield from (text.replace(placeholder, str(row["p"])) for row in rows)
            return
    yield text


def broken(store: Store, without: str = "") -> list[str]:
    """The constraints that do not hold."""
    names = [name for name in CONSTRAINTS if name != without]
    return [name for name in names if any(bool(store.query(text)) for text in texts_of(name, store))]


def test_there_is_every_constraint() -> None:
    assert list(CONSTRAINTS) == [f"ic-{number:02}" for number in range(1, 22)] == list(FAULTS)


def test_the_made_up_cube_is_sound() -> None:
    assert broken(normalised((DATA / "sound.ttl").read_bytes())) == []


@pytest.mark.parametrize(("name", "update"), [(name, one) for name, updates in FAULTS.items() for one in updates])
def test_each_constraint_finds_its_fault(name: str, update: str) -> None:
    assert name in broken(normalised((DATA / "sound.ttl").read_bytes(), update))


@pytest.fixture(scope="module")
def surveys(client: FlaskClient) -> dict[str, bytes]:
    found = client.get("/surveys.json?limit=0").json
    assert found is not None
    iris = [one["iri"] for one in found["items"]]
    return {iri: client.get(f"/{iri.removeprefix(ID.iri)}.ttl?profile=cube").data for iri in iris}


@pytest.fixture(scope="module")
def gaps(client: FlaskClient) -> bytes:
    text: bytes = client.get("/dataset/gaps.ttl?profile=cube").data
    return text


def test_every_survey_is_a_sound_cube(surveys: dict[str, bytes]) -> None:
    assert len(surveys) == 25
    for iri, text in surveys.items():
        assert broken(normalised(text)) == [], iri


def test_the_gaps_are_a_sound_cube(gaps: bytes) -> None:
    store = normalised(gaps)
    assert broken(store, SLOW) == []
    rows: Any = store.query(f"{PREFIXES} SELECT ?o ?c ?s WHERE {{ ?o {TRV.competency} ?c ; {TRV.sector} ?s }}")
    points = [(row["c"], row["s"]) for row in rows]
    assert len(points) == len(set(points)) > 1000


def test_every_observation_is_there_with_what_it_says(surveys: dict[str, bytes], gaps: bytes, starter: Dataset) -> None:
    """For each component: the same values as in the graph, no more and no fewer."""
    for iri, text in chain(surveys.items(), [(ID.iri + "dataset/gaps", gaps)]):
        document = Dataset.in_memory(parse(text, RdfFormat.TURTLE))
        data_set = NamedNode(iri)
        observations = {quad.subject for quad in starter.quads(None, QB.dataSet, data_set)}
        assert {quad.subject for quad in document.quads(None, QB.dataSet, data_set)} == observations
        (structure,) = {quad.object for quad in starter.quads(data_set, QB.structure)}
        properties = {
            quad.object for one in (QB.dimension, QB.measure, QB.attribute) for quad in document.quads(None, one)
        }
        stated = starter.select(
            "SELECT DISTINCT ?p WHERE { ?s qb:component/(qb:dimension|qb:measure|qb:attribute) ?p }"
        )
        assert properties <= {row[0] for row in stated}
        assert len(properties) == len({quad.object for quad in document.quads(structure, QB.component)})  # type: ignore[arg-type]
        for subject in (*observations, data_set):
            for name in properties:
                there = {quad.object for quad in starter.quads(subject, name)}  # type: ignore[arg-type]
                assert {quad.object for quad in document.quads(subject, name)} == there  # type: ignore[arg-type]


def test_every_code_has_its_label(gaps: bytes) -> None:
    document = Dataset.in_memory(parse(gaps, RdfFormat.TURTLE))
    codes = {quad.subject for quad in document.quads(None, RDF.type, SKOS.Concept)}
    assert codes
    assert all(any(document.quads(code, SKOS.prefLabel)) for code in codes)  # type: ignore[arg-type]
