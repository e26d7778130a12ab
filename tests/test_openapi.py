"""The description of the API is the API: nothing more, nothing less."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from graph.resources import ROOT

METHODS = ("get", "post")
PRIVATE = ("/confirmations", "/review")  # tests/test_rights.py says who may read them


@pytest.fixture(scope="module")
def document(client: FlaskClient) -> dict[str, Any]:
    """The OpenAPI document."""
    found: dict[str, Any] = client.get("/openapi.json").json  # type: ignore[assignment]
    return found


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert document["info"].keys() >= {"title", "version", "license"}
    names = [one["operationId"] for path in document["paths"].values() for one in path.values()]
    assert len(set(names)) == len(names)
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            assert method in METHODS
            parts = {p["name"] for p in one["parameters"] if p["in"] == "path"}
            assert method == "post" or parts == set(re.findall(r"{(\w+)}", path))
            assert "200" in one["responses"]


def test_every_address_is_described(client: FlaskClient, document: dict[str, Any]) -> None:
    rules = {
        re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in client.application.url_map.iter_rules()
        if rule.endpoint != "static"
    }
    assert {rule for rule in rules if not rule.endswith(".{suffix}")} == set(document["paths"])


def test_every_parameter_is_taken_and_no_other(client: FlaskClient, document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        if "{" in path or path in ("/sparql", "/oai", "/health", "/context.jsonld"):
            continue
        response = client.get(path, query_string={"no-such-parameter": "1"})
        assert response.status_code == 400, path
        assert response.json is not None
        known = [one["name"] for one in methods["get"]["parameters"]]
        assert sorted(response.json.get("allowed", [])) == sorted(known), path


def test_every_format_is_answered(client: FlaskClient, document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        if "{" in path or path in ("/sparql", *PRIVATE):
            continue
        required = {p["name"]: p["example"] for p in methods["get"]["parameters"] if p["required"]}
        for media_type in methods["get"]["responses"]["200"]["content"]:
            response = client.get(path, query_string=required, headers={"Accept": media_type})
            assert (response.status_code, response.mimetype) == (200, media_type), path


def test_the_examples_and_enumerations_are_taken(client: FlaskClient, document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        if "{" in path or path in ("/sparql", *PRIVATE) or path.startswith("/queries/"):
            continue
        few = {"limit": 1} if any(one["name"] == "limit" for one in methods["get"]["parameters"]) else {}
        for one in methods["get"]["parameters"]:
            values = [*one["schema"].get("enum", []), *([one["example"]] if "example" in one else [])]
            for value in values:
                response = client.get(path, query_string={one["name"]: value, **few})
                assert response.status_code == 200, (path, one["name"], value)


def test_the_written_documentation_names_every_address(document: dict[str, Any]) -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    named = {path for path in document["paths"] if not path.startswith("/queries/")}
    assert not [path for path in named if f"`{path}`" not in text]


def test_the_page_names_every_address(client: FlaskClient, document: dict[str, Any]) -> None:
    text = client.get("/docs").get_data(as_text=True)
    assert not [path for path in document["paths"] if f"<code>{path}</code>" not in text]
