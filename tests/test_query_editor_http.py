"""What the query editor is told: the words of the release, and the questions to begin from."""

from flask.testing import FlaskClient
from pyoxigraph import NamedNode

from graph.named_query import Catalogue
from graph.namespaces import RDF, TRV
from graph.resources import QUERIES
from graph.store import Dataset

CATALOGUE = Catalogue.load(QUERIES)


def test_the_editor_is_told_what_the_release_uses(client: FlaskClient, starter: Dataset) -> None:
    told = client.get("/sparql/editor").get_json()
    classes = {one["iri"]: one["label"] for one in told["classes"]}
    assert classes[TRV.Competency.value] == "competency"
    used = {quad.object.value for quad in starter.quads(None, RDF.type) if isinstance(quad.object, NamedNode)}
    assert set(classes) == used
    properties = {one["iri"]: one["label"] for one in told["properties"]}
    assert properties[TRV.teaches.value] == "teaches"
    assert set(properties) == {quad.predicate.value for quad in starter.quads()}
    assert told["prefixes"]["trv"] == TRV.iri
    assert [one["name"] for one in told["examples"]] == list(CATALOGUE)
    assert all(one["tags"] for one in told["examples"])
    for one in told["examples"][::10]:
        assert client.get("/sparql", query_string={"query": one["query"]}).status_code == 200


def test_what_the_editor_is_told_is_kept_until_the_next_release(client: FlaskClient) -> None:
    first = client.get("/sparql/editor")
    assert client.get("/sparql/editor", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
