"""The examples of the query editor: each runs as it stands, and answers what its question does."""

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, QueryTriples

from graph.example_query import example
from graph.named_query import Catalogue, NamedQuery
from graph.namespaces import RDF, TRV
from graph.resources import QUERIES
from graph.store import Dataset

CATALOGUE = Catalogue.load(QUERIES)
NOTHING = ("upcoming-sessions",)  # the starter graph knows of no session that is still to come


@pytest.mark.parametrize("query", CATALOGUE.values(), ids=list(CATALOGUE))
def test_an_example_answers_what_its_question_does(starter: Dataset, query: NamedQuery) -> None:
    needed = {one.name: one.example or "" for one in query.parameters if one.required}
    bound = {name: term for name, term in query.bindings(needed).items() if name in needed}
    text = example(query)
    assert text.startswith(f"# {query.summary}\n")
    if query.form == "select":
        asked, answer = starter.select(query.text, bound), starter.select(text)
        assert asked.rows or query.name in NOTHING
        assert set(answer.rows) == set(asked.rows)
    else:
        found = starter.solutions(text)
        assert isinstance(found, QueryTriples)
        assert set(found) == set(starter.construct(query.text, bound))


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


def test_what_the_editor_is_told_is_kept_until_the_next_release(client: FlaskClient) -> None:
    first = client.get("/sparql/editor")
    assert client.get("/sparql/editor", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
