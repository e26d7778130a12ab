"""What the graph says of each contribution: who, when, under which licence, and from which bytes."""

import csv
import hashlib
import io
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, Quad, Triple

from graph.journal import Entry, State
from graph.namespaces import CONTRIBUTIONS_GRAPH, DCT, ID, PROV, RDF, SKOS, TRV, XSD
from graph.parsing import Submission
from graph.publication import CC0, Publisher, Terms
from graph.resources import STARTER
from graph.store import Dataset

BY = "https://creativecommons.org/licenses/by/4.0/"
HEADER = "id,name,kind,country,sectors,sources"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, list[Entry]]:
    """A release of two contributions under different licences, and their entries in the journal."""
    with Publisher.open(tmp_path_factory.mktemp("provenance")) as publisher:
        for slug, license in (("a-school", BY), ("an-association", CC0)):
            row = f"{slug},{slug},association,US,museums,https://example.org/{slug}"
            submission = Submission("provider.csv", f"{HEADER}\n{row}\n".encode())
            release = publisher.contribute([submission], Terms(slug, license), date(2026, 11, 23))
        return release.dataset(), publisher.journal.entries(State.PUBLISHED)


def as_kept(*triples: Triple) -> set[Triple]:
    """The statements as the engine gives them back: it keeps times by value."""
    quads = (Quad(one.subject, one.predicate, one.object, CONTRIBUTIONS_GRAPH) for one in triples)
    return {quad.triple for quad in Dataset.in_memory(quads).quads()}


def test_a_contribution_says_who_when_under_which_licence_and_from_which_bytes(
    published: tuple[Dataset, list[Entry]],
) -> None:
    dataset, entries = published
    for entry, license in zip(entries, (BY, CC0), strict=True):
        contribution, agent = ID[f"contribution/{entry.number}"], ID[f"agent/{entry.contributor}"]
        time = Literal(entry.received.isoformat(), datatype=XSD.dateTime)
        said = {quad.triple for quad in dataset.quads(contribution, None, None, CONTRIBUTIONS_GRAPH)}
        assert said == as_kept(
            Triple(contribution, RDF.type, TRV.Contribution),
            Triple(contribution, RDF.type, PROV.Activity),
            Triple(contribution, SKOS.prefLabel, Literal("provider.csv")),
            Triple(contribution, PROV.wasAssociatedWith, agent),
            Triple(contribution, PROV.startedAtTime, time),
            Triple(contribution, PROV.endedAtTime, time),
            Triple(contribution, DCT.license, NamedNode(license)),
            Triple(contribution, TRV.sha256, Literal(hashlib.sha256(entry.submission.body).hexdigest())),
        )
        about = {quad.triple for quad in dataset.quads(agent)}
        assert about == {
            Triple(agent, RDF.type, PROV.Agent),
            Triple(agent, SKOS.prefLabel, Literal(entry.contributor)),
        }


@pytest.mark.parametrize("path", sorted(STARTER.glob("*.csv")), ids=lambda path: path.stem)
def test_whoever_holds_the_file_can_tell_that_it_was_received(starter: Dataset, path: Path) -> None:
    digest = Literal(hashlib.sha256(path.read_bytes()).hexdigest())
    (quad,) = starter.quads(None, TRV.sha256, digest)
    assert isinstance(quad.subject, NamedNode)
    (named,) = starter.quads(quad.subject, SKOS.prefLabel)
    assert named.object == Literal(path.name)


def test_who_says_so_names_the_licence(client: FlaskClient) -> None:
    answer = client.get("/queries/sources-of-entity.csv?entity=provider/aaslh")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {(row["contributor_label"], row["license"]) for row in rows} == {("trivium", CC0)}
    assert all(row["received"] for row in rows)
