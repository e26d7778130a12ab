"""One shape for every error, at every surface; what is a fault of ours stays 500."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from graph.errors import InvalidInput, InvalidParameter, InvalidQuery, PoolBusy, QueryTooLarge, StoreLocked
from graph.report import Report
from service import create_app
from service.problems import PROBLEMS
from service.settings import Settings

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def member(response: TestResponse) -> dict[str, Any]:
    assert response.mimetype == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = response.json  # type: ignore[assignment]
    assert found.keys() >= {"type", "title", "status", "detail"}
    assert found["status"] == response.status_code
    assert found["type"].startswith("https://w3id.org/trivium/problems#")
    return found


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/role/nobody", 404),
        ("/id/role/nobody", 404),
        ("/queries/nothing", 404),
        ("/gaps.json?limit=x", 400),
        ("/roles?colour=red", 400),
        ("/queries/gaps?sector=x", 400),
        ("/gaps.xml", 404),
        ("/static/nothing.css", 404),
    ],
)
def test_every_surface_has_the_same_shape(client: FlaskClient, path: str, status: int) -> None:
    found = member(client.get(path))
    assert found["status"] == status
    text = client.get(path, headers=BROWSER)
    if not path.startswith("/gaps.json"):
        assert text.mimetype == "text/html"
        assert found["title"] in text.get_data(as_text=True)


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    response = client.delete("/gaps")
    assert member(response)["allowed"] == ["GET", "HEAD", "OPTIONS"]
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_an_address_with_a_slip_is_answered_with_what_was_meant(client: FlaskClient) -> None:
    assert member(client.get("/competences"))["suggestion"] == "/competencies"


def test_a_wrong_argument(client: FlaskClient) -> None:
    found = member(client.get("/gaps.json?sector=museum"))
    assert (found["parameter"], found["value"], found["suggestion"]) == ("sector", "museum", "museums")
    assert "museums" in found["allowed"]


@pytest.fixture
def failing(starter_data: Path) -> Flask:
    """An application in which an address raises what a test puts there."""
    app = create_app(Settings(data=starter_data))
    app.add_url_rule("/fail", view_func=lambda: _raise(app.config["FAILURE"]))
    return app


def _raise(error: Exception) -> str:
    raise error


@pytest.mark.parametrize(
    ("error", "status", "expected"),
    [
        (InvalidParameter("a", "b", "wrong.", ["bc"]), 400, {"parameter": "a", "value": "b", "allowed": ["bc"]}),
        (InvalidQuery("wrong", 3, 4), 400, {"line": 3, "column": 4}),
        (InvalidQuery("wrong"), 400, {"detail": "wrong"}),
        (QueryTooLarge("too much"), 507, {}),
        (PoolBusy("busy", 7), 503, {}),
        (StoreLocked("locked"), 503, {}),
        (InvalidInput(Report([])), 422, {}),
    ],
)
def test_each_error_has_its_status(failing: Flask, error: Exception, status: int, expected: dict[str, Any]) -> None:
    failing.config["FAILURE"] = error
    response = failing.test_client().get("/fail")
    found = member(response)
    assert found["status"] == status
    assert expected.items() <= found.items()
    assert ("Retry-After" in response.headers) == (status == 503)
    if isinstance(error, PoolBusy):
        assert response.headers["Retry-After"] == "7"


def test_a_fault_of_ours_is_500_and_says_nothing_of_the_inside(failing: Flask) -> None:
    failing.config["FAILURE"] = KeyError("secret")
    failing.logger.disabled = True
    response = failing.test_client().get("/fail")
    assert member(response)["status"] == 500
    assert "secret" not in response.get_data(as_text=True)


def test_before_the_first_release(tmp_path: Path) -> None:
    client = create_app(Settings(data=tmp_path)).test_client()
    for path in ("/", "/gaps.json", "/role/archivist", "/id/role/archivist", "/sparql", "/ns"):
        response = client.get(path)
        assert member(response)["status"] == 503
        assert "Retry-After" in response.headers
    health = client.get("/health")
    assert health.status_code == 503
    assert health.json is not None
    assert (health.json["alive"], health.json["ready"]) == (True, False)
    assert client.get("/gaps", headers=BROWSER).mimetype == "text/html"


def test_every_kind_of_problem_is_explained_where_its_type_leads(client: FlaskClient) -> None:
    text = client.get("/problems").get_data(as_text=True)
    for problem in PROBLEMS.values():
        assert f'id="{problem.name}"' in text
        assert problem.type == f"https://w3id.org/trivium/problems#{problem.name}"
