"""The lists: browse, search, filter, page through, take away."""

import csv
import io
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from graph.parsing import Submission
from graph.publication import Publisher, Terms
from service import create_app
from service.representations import csv_answer
from service.settings import Settings

LISTS = {
    "competencies": 130,
    "roles": 69,
    "offerings": 314,
    "providers": 121,
    "sectors": 25,
    "needs": 115,
    "areas": 12,
    "surveys": 25,
    "schemes": 14,
}


def asked(client: FlaskClient, path: str) -> dict[str, Any]:
    response = client.get(path)
    assert response.status_code == 200, response.get_data(as_text=True)
    found: dict[str, Any] | None = response.json
    assert found is not None
    return found


@pytest.mark.parametrize(("name", "total"), LISTS.items())
def test_every_list_in_every_format(client: FlaskClient, name: str, total: int) -> None:
    found = asked(client, f"/{name}.json?limit=0")
    assert found["total"] == len(found["items"]) == total
    assert len({one["iri"] for one in found["items"]}) == total
    rows = list(csv.DictReader(io.StringIO(client.get(f"/{name}.csv?limit=0").get_data(as_text=True))))
    assert [row["iri"] for row in rows] == [one["iri"] for one in found["items"]]
    assert all(row["label"] for row in rows)
    page = client.get(f"/{name}", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert page.mimetype == "text/html"


def test_pages_of_a_list_are_linked(client: FlaskClient) -> None:
    response = client.get("/roles.json?limit=60&sector=libraries&lang=es")
    assert response.json is not None
    following = response.json["next"]
    if response.json["total"] > 60:
        assert f'<{following}>; rel="next"' in response.headers.getlist("Link")
    first = asked(client, "/roles.json?limit=40")
    second = asked(client, first["next"])
    iris = [one["iri"] for one in first["items"] + second["items"]]
    assert len(set(iris)) == 69
    assert second["next"] is None


@pytest.mark.parametrize(
    "words",
    [
        "planificacion desastres",
        "PLANIFICACIÓN",
        "emergency preparedness",
        "disaster PLANNING",
        "incendios inundaciones",
    ],
)
def test_words_are_found_in_any_language_case_and_accent(client: FlaskClient, words: str) -> None:
    found = asked(client, f"/competencies.json?q={words}")
    assert "https://w3id.org/trivium/id/competency/disaster-planning-and-response" in {
        one["iri"] for one in found["items"]
    }
    assert found["total"] < 30


def test_all_words_must_occur(client: FlaskClient) -> None:
    assert asked(client, "/competencies.json?q=disaster zebra")["items"] == []
    assert asked(client, "/competencies.json?q=")["total"] == 130


def test_a_sector_narrows(client: FlaskClient) -> None:
    found = asked(client, "/roles.json?sector=museums&limit=0")
    assert 0 < found["total"] < 69
    assert asked(client, "/needs.json?sector=all")["total"] > 0


def test_related_things_are_objects(client: FlaskClient) -> None:
    one = asked(client, "/offerings.json?limit=1")["items"][0]
    assert one["provider"]["iri"].startswith("https://w3id.org/trivium/id/provider/")
    assert one["provider"]["label"]
    assert isinstance(asked(client, "/competencies.json?limit=1")["items"][0]["offerings"], int)


def test_labels_follow_the_language(client: FlaskClient) -> None:
    by_header = client.get("/areas.json", headers={"Accept-Language": "es"}).json
    by_argument = asked(client, "/areas.json?lang=es")
    assert by_header is not None
    assert by_header["items"] == by_argument["items"]
    assert {one["label"] for one in by_argument["items"]}.isdisjoint(
        one["label"] for one in asked(client, "/areas.json?lang=en")["items"]
    )


@pytest.fixture(scope="module")
def of_two(starter_data: Path, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client of the service over the starter graph and one offering of somebody else."""
    data = Path(shutil.copytree(starter_data, tmp_path_factory.mktemp("lists") / "data"))
    offering = "id,label_en,provider,type,source\na-test,A test,aaslh,webinar,https://example.org/a-test\n"
    with Publisher.open(data) as publisher:
        publisher.contribute(
            [Submission("offering.csv", offering.encode())], Terms("my-association"), date(2026, 11, 23)
        )
    return create_app(Settings(data=data)).test_client()


def test_a_contributor_narrows_to_what_it_describes(of_two: FlaskClient) -> None:
    theirs = asked(of_two, "/offerings.json?contributor=my-association")
    assert [one["iri"] for one in theirs["items"]] == ["https://w3id.org/trivium/id/offering/a-test"]
    assert asked(of_two, "/offerings.json?contributor=trivium&limit=1")["total"] == LISTS["offerings"]
    assert asked(of_two, "/offerings.json?limit=1")["total"] == LISTS["offerings"] + 1
    for name in LISTS.keys() - {"offerings"}:
        assert asked(of_two, f"/{name}.json?contributor=my-association")["items"] == []


def test_an_unknown_contributor_is_refused_with_those_there_are(of_two: FlaskClient) -> None:
    response = of_two.get("/offerings.json?contributor=my-asociation")
    assert response.status_code == 400
    assert response.json is not None
    assert response.json["suggestion"] == "my-association"


@pytest.mark.parametrize("query", ["sector=museum", "limit=x", "colour=red", "lang=!", "q=a&q=b"])
def test_a_wrong_argument_is_refused(client: FlaskClient, query: str) -> None:
    for name in LISTS:
        response = client.get(f"/{name}.json?{query}")
        assert response.status_code == 400
        assert response.mimetype == "application/problem+json"


def test_a_cell_is_no_formula() -> None:
    with Flask(__name__).app_context():
        answer = csv_answer(["label"], [["=1+1"], ["plain"], ["@x"], [0.5]])
    assert answer.get_data(as_text=True) == "label\r\n'=1+1\r\nplain\r\n'@x\r\n0.5\r\n"
