"""The interface in the language of the reader: by `?lang=`, else by `Accept-Language`, else in English."""

import re
from bisect import bisect_left

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal
from werkzeug.test import TestResponse

from graph.store import Dataset
from tests.kinds_of_page import PAGES as PAGES_OF_EACH_KIND
from tests.template_words import said

PAGE = {"Accept": "text/html"}
SPANISH = PAGE | {"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"}
PAGES = ("/releases", "/queries", "/contribute", "/login", "/changes", "/contributors", "/sparql", "/validate")


FURTHER = ("/dumps/1/", "/contributions/1")
"""Pages that are no kind of their own."""

NO_WORDS = re.compile(r"(https?:/)?/\S+|trv:\w+|[a-z]+(-[a-z]+)+|(\d+: )?[a-z]+\.csv|IT")
"""Addresses, terms of the vocabulary, slugs, files and the code of Italy: the same in every language."""

ENGLISH_ALONE = {
    "/shapes": {"offering"},  # a kind by its slug, among the columns
    "/design": {"offerings"},  # the name of a file of data
    "/queries/requirements-of-role?role=archivist": {  # a question; a title can hold no mark of its language
        "What must a person in this role know and be able to do? · Trivium"
    },
}
"""What stays in English on a page that says it, and why."""

AFTER = re.compile(r"( \(\d+\)| · .*|…)$")
"""What a page puts after a text of the data: a count, the day and place of a session, the name of the site."""
ENGLISH = re.compile(r"\b(the|of|and|is|are|that|which|with|by|this|its|in|it|what|each|show|offerings?|gaps?)\b", re.I)


def get(client: FlaskClient, address: str, headers: dict[str, str] = PAGE) -> TestResponse:
    response = client.get(address, headers=headers)
    assert response.status_code == 200, response.text
    return response


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_in_the_language_of_its_reader(client: FlaskClient, address: str) -> None:
    for response in (get(client, address, SPANISH), get(client, f"{address}?lang=es")):
        assert '<html lang="es">' in response.text
        assert response.headers["Content-Language"] == "es"
        assert "Iniciar sesión" in response.text
    english = get(client, address)
    assert '<html lang="en">' in english.text
    assert english.headers["Content-Language"] == "en"
    assert "Accept-Language" in english.headers["Vary"]


def test_the_address_beats_the_header(client: FlaskClient) -> None:
    assert '<html lang="en">' in get(client, "/releases?lang=en", SPANISH).text


def test_a_language_of_labels_alone_leaves_the_words_to_the_header(client: FlaskClient) -> None:
    assert '<html lang="es">' in get(client, "/competencies?lang=fr", SPANISH).text
    assert '<html lang="en">' in get(client, "/competencies?lang=fr").text


def test_what_is_kept_of_one_language_is_not_answered_in_another(client: FlaskClient) -> None:
    english, spanish = get(client, "/releases"), get(client, "/releases", SPANISH)
    assert english.headers["ETag"] != spanish.headers["ETag"]
    again = client.get("/releases", headers=SPANISH | {"If-None-Match": english.headers["ETag"]})
    assert again.status_code == 200
    assert client.get("/releases", headers=SPANISH | {"If-None-Match": spanish.headers["ETag"]}).status_code == 304


def test_links_stay_in_the_language_that_was_chosen(client: FlaskClient) -> None:
    text = get(client, "/competencies?lang=es").text
    assert 'href="/gaps?lang=es"' in text
    assert re.search(r'href="/competency/[a-z-]+\?lang=es"', text)
    assert 'href="/gaps"' in get(client, "/competencies", SPANISH).text  # the browser says it each time


def test_each_page_links_to_itself_in_the_other_language(client: FlaskClient) -> None:
    text = get(client, "/competencies?q=archive").text
    assert '<link rel="alternate" hreflang="es" href="/competencies?q=archive&amp;lang=es">' in text
    assert '<link rel="alternate" hreflang="en" href="/competencies?q=archive&amp;lang=en">' in text


def test_a_problem_is_a_page_in_spanish_and_json_in_english(client: FlaskClient) -> None:
    page = client.get("/nowhere", headers=SPANISH)
    assert (page.status_code, page.headers["Content-Language"]) == (404, "es")
    assert '<html lang="es">' in page.text
    assert "Accept-Language" in page.headers["Vary"]
    problem = client.get("/nowhere", headers=SPANISH | {"Accept": "application/json"})
    assert problem.get_json()["title"] == "There is no such address"


def test_an_unknown_language_is_no_fault_and_what_is_none_is_one(client: FlaskClient) -> None:
    assert '<html lang="en">' in get(client, "/releases?lang=eo").text
    refused = client.get("/releases?lang=no+language", headers=PAGE)
    assert refused.status_code == 400
    assert "no+language" not in re.findall(r'href="/gaps[^"]*"', refused.text)[0]


@pytest.fixture(scope="module")
def literals(starter: Dataset) -> list[str]:
    """Every text of the graph, in order: names and quotations, which are in the language that they were given in."""
    return sorted({quad.object.value.casefold() for quad in starter.quads() if isinstance(quad.object, Literal)})


@pytest.mark.parametrize("address", [*PAGES_OF_EACH_KIND, *FURTHER])
def test_what_a_page_says_in_spanish_is_not_english(client: FlaskClient, literals: list[str], address: str) -> None:
    english = set(said(get(client, address).text))
    spanish = said(get(client, address, SPANISH).text)
    assert len(spanish) > (4 if address.startswith("/embed/") else 20)
    same = {one for one in spanish if one in english and ENGLISH.search(one) and not NO_WORDS.fullmatch(one)}
    assert {one for one in same if not of_data(one, literals)} <= ENGLISH_ALONE.get(address, set())


def of_data(text: str, literals: list[str]) -> bool:
    """Whether a page shows a text of the graph, whole or its beginning."""
    start = AFTER.sub("", text).casefold()
    place = bisect_left(literals, start)
    whole = not text.endswith("…")
    return place < len(literals) and (literals[place] == start if whole else literals[place].startswith(start))


def test_a_label_that_is_not_there_in_the_language_is_marked_and_the_page_says_so(client: FlaskClient) -> None:
    note = "Lo que no tiene nombre en el idioma pedido"
    changes = get(client, "/changes?kind=offering", SPANISH).text
    assert re.search(r'<a href="/offering/[^"]*" lang="en">', changes)
    assert changes.count(note) == 1
    assert note not in get(client, "/login", SPANISH).text


def test_a_language_of_a_country_is_served_with_the_language(client: FlaskClient) -> None:
    text = get(client, "/sectors?lang=es-MX").text
    assert '<html lang="es">' in text
    assert "Bibliotecas" in text


def test_numbers_and_days_are_written_as_in_the_language(client: FlaskClient) -> None:
    assert "23 November 2026" in get(client, "/cite").text
    assert "23 de noviembre de 2026" in get(client, "/cite", SPANISH).text


def test_words_in_data_are_in_the_language_of_their_labels(client: FlaskClient) -> None:
    rows = client.get("/changes.json?kind=offering&limit=1&lang=es").get_json()["items"]
    assert [one["said"] for one in rows] == ["añadida"]
    assert [one["change"] for one in rows] == ["created"]  # what programs compare stays as it is


def test_a_question_that_waits_for_its_form_takes_a_language(client: FlaskClient) -> None:
    for address in ("/queries/all-mappings?lang=es", "/queries/gaps-in-a-country?lang=es"):
        assert '<html lang="es">' in get(client, address).text
