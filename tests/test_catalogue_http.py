"""The catalogue of questions: every file in `queries/` is a page, an address and a table or a graph."""

import csv
import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from rdflib import Graph
from rdflib.compare import isomorphic

from graph.named_query import ASKERS, Catalogue, NamedQuery
from graph.resources import QUERIES

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # by rdflib, in its own JSON-LD parser
CATALOGUE = Catalogue.load(QUERIES)
SYNTAXES = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml", "nt": "nt"}


def examples(query: NamedQuery) -> dict[str, str]:
    """The arguments that the question needs, as its own examples give them."""
    return {one.name: one.example or "" for one in query.parameters if one.required}


def of_form(form: str) -> list[str]:
    return [query.name for query in CATALOGUE.values() if query.form == form]


def test_the_catalogue_lists_every_file(client: FlaskClient) -> None:
    found = client.get("/queries.json").json
    assert found is not None
    assert [one["name"] for one in found["items"]] == sorted(CATALOGUE)
    assert all(one["query"] == CATALOGUE[one["name"]].text for one in found["items"])
    page = client.get("/queries", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert all(f'href="/queries/{name}"' in page for name in CATALOGUE)


def test_the_page_stands_by_topic_and_says_who_asks(client: FlaskClient) -> None:
    page = client.get("/queries").get_data(as_text=True)
    parts = page.split("<h2 id=")[1:]
    listed = {part.split('"')[1]: re.findall(r'<li><a href="/queries/([^"?]+)"', part) for part in parts}
    expected: dict[str, list[str]] = {}
    for query in CATALOGUE.values():
        expected.setdefault(query.tags[0], []).append(query.name)
    assert listed == expected
    assert list(listed) == sorted(listed)
    assert "planners, educators and funders" in page


@pytest.mark.parametrize("asker", ASKERS)
def test_the_questions_of_one_who_asks(client: FlaskClient, asker: str) -> None:
    found = client.get(f"/queries.json?asked_by={asker}").json
    assert found is not None
    assert [one["name"] for one in found["items"]] == [one.name for one in CATALOGUE.values() if asker in one.asked_by]
    assert len(found["items"]) >= 5
    assert all(asker in one["asked_by"] for one in found["items"])


def test_nobody_else_asks(client: FlaskClient) -> None:
    answer = client.get("/queries.json?asked_by=planer")
    assert answer.status_code == 400
    assert answer.json is not None
    assert "planner" in answer.json["allowed"]


def test_there_are_questions_enough_and_each_says_whose_it_is() -> None:
    assert len(CATALOGUE) >= 40
    assert [query.name for query in CATALOGUE.values() if not (query.tags and query.asked_by)] == []


@pytest.mark.parametrize("name", of_form("select"))
def test_a_table_in_json_and_csv(client: FlaskClient, name: str) -> None:
    query = CATALOGUE[name]
    answer = client.get(f"/queries/{name}.json", query_string=examples(query) | {"limit": "0"})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] | None = answer.json
    assert found is not None
    assert found["total"] == len(found["items"])
    text = client.get(f"/queries/{name}.csv", query_string=examples(query) | {"limit": "0"}).get_data(as_text=True)
    rows = list(csv.reader(io.StringIO(text)))
    assert tuple(rows[0]) == query.columns
    assert len(rows) - 1 == found["total"]


@pytest.mark.parametrize("name", of_form("construct"))
def test_a_graph_in_every_syntax(client: FlaskClient, name: str) -> None:
    arguments = examples(CATALOGUE[name])
    graphs = [
        Graph().parse(data=client.get(f"/queries/{name}.{suffix}", query_string=arguments).data, format=syntax)
        for suffix, syntax in SYNTAXES.items()
    ]
    assert len(graphs[0]) > 0
    assert all(isomorphic(graphs[0], other) for other in graphs[1:])


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_a_page_with_a_form_and_an_answer(client: FlaskClient, name: str) -> None:
    query = CATALOGUE[name]
    blank = client.get(f"/queries/{name}", headers={"Accept": "text/html"})
    assert blank.status_code == 200
    page = blank.get_data(as_text=True)
    assert all(f'name="{one.name}"' in page for one in query.parameters)
    asked = client.get(f"/queries/{name}", query_string=examples(query), headers={"Accept": "text/html"})
    assert asked.status_code == 200
    assert "Fill in the form" not in asked.get_data(as_text=True)


@pytest.mark.parametrize("name", [query.name for query in CATALOGUE.values() if examples(query)])
def test_a_missing_argument_is_named(client: FlaskClient, name: str) -> None:
    suffix = "json" if CATALOGUE[name].form == "select" else "ttl"
    response = client.get(f"/queries/{name}.{suffix}")
    assert response.status_code == 400
    assert response.json is not None
    assert response.json["parameter"] in examples(CATALOGUE[name])


def test_a_wrong_argument_is_refused(client: FlaskClient) -> None:
    for query in ("sector=museum", "colour=red", "limit=x"):
        assert client.get(f"/queries/gaps.json?{query}").status_code == 400


def test_a_question_that_is_not_there(client: FlaskClient) -> None:
    for path in ("/queries/gapps", "/queries/gapps?sector=museums", "/queries/gapps.json"):
        response = client.get(path)
        assert response.status_code == 404
        assert response.json is not None
        assert "Did you mean `gaps`?" in response.json["detail"]


def test_the_question_about_gaps_has_the_figures_of_gaps(client: FlaskClient) -> None:
    asked = client.get("/queries/gaps.json?sector=museums&limit=0").json
    shown = client.get("/gaps.json?sector=museums&limit=0").json
    assert asked is not None
    assert shown is not None
    figures = {
        one["competency"]["iri"]: (one["demand"], one["supply"], one["providers"], one["score"])
        for one in asked["items"]
    }
    assert figures == {
        one["competency"]["iri"]: (one["demand"], one["supply"], one["providers"], one["score"])
        for one in shown["items"]
    }


def test_labels_follow_the_language(client: FlaskClient) -> None:
    by_header = client.get("/queries/gaps.json?limit=5", headers={"Accept-Language": "es"}).json
    by_argument = client.get("/queries/gaps.json?limit=5&lang=es").json
    assert by_header is not None
    assert by_argument is not None
    assert by_header["items"] == by_argument["items"]
