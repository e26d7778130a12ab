"""The search box: `/search` and the suggestions while one types."""

import csv
import io
import re
import shutil
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from graph.parsing import Submission
from graph.publication import Publisher, Terms
from service import create_app
from service.settings import Settings

DISASTER = "https://w3id.org/trivium/id/competency/disaster-planning-and-response"


def asked(client: FlaskClient, query: str, **headers: str) -> dict[str, Any]:
    answer = client.get(f"/search.json?{query}", headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert isinstance(answer.json, dict)
    return answer.json


def page(client: FlaskClient, query: str) -> str:
    answer = client.get(f"/search?{query}", headers={"Accept": "text/html"})
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def test_a_misspelt_name_is_found_first(client: FlaskClient) -> None:
    first = asked(client, "q=disater+plannig")["items"][0]
    assert (first["iri"], first["kind"], first["rank"], first["matched"]) == (
        DISASTER,
        "competency",
        "label_like",
        "label",
    )
    assert client.get(first["page"]).status_code == 200


def test_what_matched_is_said(client: FlaskClient) -> None:
    by_other_name = next(one for one in asked(client, "q=salvage")["items"] if one["iri"] == DISASTER)
    assert (by_other_name["matched"], by_other_name["text"]) == ("alternative", "Salvage")
    by_definition = next(one for one in asked(client, "q=incendios+inundaciones")["items"] if one["iri"] == DISASTER)
    assert (by_definition["matched"], by_definition["language"]) == ("definition", "es")
    text = page(client, "q=salvage&kind=competency")
    assert "Found by another name (English): <q>Salvage</q>" in text


def test_labels_are_in_the_language_of_the_reader(client: FlaskClient) -> None:
    spanish = asked(client, "q=disaster+planning", **{"Accept-Language": "es"})["items"][0]
    assert (spanish["label"], spanish["language"]) == ("Planificación y respuesta ante desastres", "en")


def test_kinds_have_counts_and_narrow(client: FlaskClient) -> None:
    every = asked(client, "q=archives&limit=0")
    assert every["total"] == sum(every["counts"].values()) == len(every["items"])
    for kind, count in every["counts"].items():
        found = asked(client, f"q=archives&kind={kind}&limit=0")
        assert found["total"] == count == len(found["items"])
        assert {one["kind"] for one in found["items"]} == {kind}
        assert found["counts"] == every["counts"]
    text = page(client, "q=archives")
    assert f'Everything <span class="number">{every["total"]}</span>' in text


def test_questions_of_the_catalogue_are_found(client: FlaskClient) -> None:
    found = asked(client, "q=requirements+role&kind=question")["items"]
    assert "/queries/requirements-of-role" in {one["page"] for one in found}
    assert all(client.get(one["page"]).status_code == 200 for one in found)


def test_pages_follow_each_other_to_the_questions_at_the_end(client: FlaskClient) -> None:
    whole = asked(client, "q=skills&limit=0")["items"]
    got, following = list[Any](), "/search.json?q=skills&limit=7"
    while following:
        answer = client.get(following).json
        assert answer is not None
        got += answer["items"]
        following = answer["next"]
    assert got == whole
    assert {"question", "offering"} <= {one["kind"] for one in whole}


def test_the_same_as_a_table(client: FlaskClient) -> None:
    answer = client.get("/search.csv?q=digital&limit=5")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert [row["iri"] for row in rows] == [one["iri"] for one in asked(client, "q=digital&limit=5")["items"]]
    assert 'rel="next"' in "".join(answer.headers.getlist("Link"))


@pytest.mark.parametrize("query", ["q=zzzzzzz", "q=zzzzzzz+yyyyyyy"])
def test_nothing_found_says_what_to_do(client: FlaskClient, query: str) -> None:
    assert asked(client, query)["total"] == 0
    text = page(client, query)
    assert "Nothing was found." in text
    assert 'href="/competencies"' in text


def test_where_nothing_has_all_words_there_is_what_has_most_and_what_may_be_meant(client: FlaskClient) -> None:
    found = asked(client, "q=disaster+zebra")
    assert (found["whole"], found["total"] > 0) == (False, True)
    assert "Disaster planning and response" in found["suggestions"]
    text = page(client, "q=disaster+zebra")
    assert "Nothing has all of these words." in text
    assert "q=Disaster+planning+and+response" in text


def test_without_a_text_the_page_says_what_it_is(client: FlaskClient) -> None:
    assert "in every language" in page(client, "")
    assert asked(client, "")["items"] == []


@pytest.mark.parametrize("query", ["q=a&kind=animal", "colour=red", "q=a&limit=x"])
def test_a_wrong_argument_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/search.json?{query}").status_code == 400


def test_every_page_has_the_box_once_and_it_works_as_a_plain_form(client: FlaskClient) -> None:
    for path in ("/", "/gaps", "/role/archivist", "/search?q=a", "/no-such-page"):
        text = client.get(path, headers={"Accept": "text/html"}).get_data(as_text=True)
        boxes = re.findall(
            r'<form class="search" method="get" action="/search" role="search">.*?</form>', text, re.DOTALL
        )
        assert len(boxes) == 1, path
        assert 'name="q"' in boxes[0]
        assert "<button>Search</button>" in boxes[0]


@pytest.mark.parametrize(
    ("query", "kind", "slug"),
    [
        ("kind=any&q=disats", "competency", "disaster-planning-and-response"),
        ("kind=any&q=archivst", "role", "archivist"),
        ("kind=competency&q=digital+preservaton", "competency", "digital-preservation"),
        ("kind=provider&q=aaslh", "provider", "aaslh"),
    ],
)
def test_suggestions_forgive_slips(client: FlaskClient, query: str, kind: str, slug: str) -> None:
    answer = client.get(f"/suggest?{query}").json
    assert answer is not None
    assert (answer["items"][0]["kind"], answer["items"][0]["slug"]) == (kind, slug)


def test_search_follows_the_release_and_an_older_one_keeps_its_own(starter_data: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(starter_data, tmp_path / "data"))
    client = create_app(Settings(data=data, look_seconds=0.0)).test_client()
    assert asked(client, "q=quokka")["total"] == 0
    offering = "id,label_en,provider,type,source\na-test,Quokka handling,aaslh,webinar,https://example.org/a-test\n"
    with Publisher.open(data) as publisher:
        publisher.contribute([Submission("offering.csv", offering.encode())], Terms("somebody"), date(2026, 11, 24))
    assert [one["label"] for one in asked(client, "q=qoukka")["items"]] == ["Quokka handling"]
    assert asked(client, "q=quokka&release=1")["total"] == 0
    first, second = sorted(path for path in (data / "releases").iterdir() if path.name.isdigit())
    assert (first / "search/base/occurrence.npy").samefile(second / "search/base/occurrence.npy")
