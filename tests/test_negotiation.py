"""Which representation a request gets, and the headers that caches and clients rely on."""

import pytest
from flask.testing import FlaskClient

from service.negotiation import NothingFits, choose, choose_language

PAGE = ("html", "json", "csv", "ttl")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "html"),
        ("*/*", "html"),
        (BROWSER, "html"),
        ("text/*", "html"),
        ("application/json", "json"),
        ("application/*", "json"),
        ("text/csv, text/html;q=0.5", "csv"),
        ("text/html;q=0.5, application/json;q=0.4", "html"),
        ("text/html;q=0, */*", "json"),
        ("text/turtle", "ttl"),
        ("image/png, text/turtle;q=0.1", "ttl"),
        ("APPLICATION/JSON", "json"),
    ],
)
def test_the_accept_header_chooses(accept: str | None, expected: str) -> None:
    assert choose(PAGE, None, accept) == expected


@pytest.mark.parametrize("accept", ["image/png", "text/html;q=0", "application/rdf+xml", "*/*;q=0"])
def test_nothing_acceptable_is_refused(accept: str) -> None:
    with pytest.raises(NothingFits):
        choose(PAGE, None, accept)


def test_a_suffix_beats_the_header() -> None:
    assert choose(PAGE, "csv", "text/html") == "csv"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [(None, "en"), ("es", "es"), ("es-MX, en;q=0.5", "es"), ("fr", "en"), ("en;q=0.1, es;q=0.9", "es"), ("*", "en")],
)
def test_the_language_of_labels(accept: str | None, expected: str) -> None:
    assert choose_language(("en", "es"), accept) == expected


@pytest.mark.parametrize(
    ("path", "accept", "media_type"),
    [
        ("/gaps", "application/json", "application/json"),
        ("/gaps", BROWSER, "text/html"),
        ("/gaps.json", "text/html", "application/json"),
        ("/gaps.html", "application/json", "text/html"),
        ("/gaps.csv", "", "text/csv"),
        ("/competencies", "text/csv", "text/csv"),
        ("/ns", "text/turtle", "text/turtle"),
        ("/ns", "*/*", "text/html"),
        ("/shapes", "application/ld+json", "application/ld+json"),
        ("/competency/outreach", "application/rdf+xml;q=0.8, text/html;q=0.1", "application/rdf+xml"),
        ("/queries", "application/json", "application/json"),
    ],
)
def test_the_type_of_the_answer(client: FlaskClient, path: str, accept: str, media_type: str) -> None:
    response = client.get(path, headers={"Accept": accept} if accept else {})
    assert response.status_code == 200
    assert response.mimetype == media_type
    by_profile = ", Accept-Profile" if path.startswith("/competency/") else ""
    assert response.headers["Vary"] == f"Accept, Accept-Language{by_profile}"
    assert response.headers["ETag"].startswith('"')


def test_406_names_what_is_offered(client: FlaskClient) -> None:
    response = client.get("/gaps", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert response.mimetype == "application/problem+json"
    assert response.json is not None
    assert "text/csv" in response.json["allowed"]


@pytest.mark.parametrize(
    "path", ["/", "/gaps", "/gaps.json?sector=museums", "/roles", "/role/archivist.ttl", "/ns.rdf"]
)
def test_an_unchanged_answer_is_304_with_the_same_etag(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Vary"] == first.headers["Vary"]
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_each_representation_and_language_has_its_own_etag(client: FlaskClient) -> None:
    asked = [
        ("/gaps", {"Accept": "text/html"}),
        ("/gaps", {"Accept": "application/json"}),
        ("/gaps", {"Accept": "text/csv"}),
        ("/gaps", {"Accept": "application/json", "Accept-Language": "es"}),
        ("/gaps?lang=es", {"Accept": "application/json"}),
        ("/gaps?sector=museums", {"Accept": "application/json"}),
    ]
    tags = [client.get(path, headers=headers).headers["ETag"] for path, headers in asked]
    assert len(set(tags)) == len(tags)


def test_an_answer_from_the_cache_is_the_answer(client: FlaskClient) -> None:
    first, again = client.get("/shared.json"), client.get("/shared.json")
    assert again.data == first.data
    assert sorted(again.headers) == sorted(first.headers)


@pytest.mark.parametrize("path", ["/", "/gaps.json", "/id/role/archivist", "/role/archivist", "/sparql", "/health"])
def test_head_has_the_headers_of_get(client: FlaskClient, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert head.data == b""
    assert head.status_code == got.status_code
    assert sorted(head.headers) == sorted(got.headers)


def test_data_may_be_read_from_any_page(client: FlaskClient) -> None:
    data = client.get("/gaps.json").headers
    assert data["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in data["Access-Control-Expose-Headers"]
    assert "Link" in data["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Origin" not in client.get("/gaps").headers
    asked = client.options("/sparql", headers={"Origin": "https://example.org"}).headers
    assert "POST" in asked["Access-Control-Allow-Methods"]
    assert "Content-Type" in asked["Access-Control-Allow-Headers"]


def test_labels_follow_the_language(client: FlaskClient) -> None:
    path = "/gaps.json?competency=disaster-planning-and-response&limit=1"
    spanish = client.get(path, headers={"Accept-Language": "es"}).json
    chosen = client.get(path + "&lang=es").json
    english = client.get(path, headers={"Accept-Language": "fr"}).json
    assert spanish is not None
    assert chosen is not None
    assert english is not None
    assert spanish["items"][0]["competency"]["label"] == chosen["items"][0]["competency"]["label"]
    assert english["items"][0]["competency"]["label"] == "Disaster planning and response"
    assert spanish["items"][0]["competency"]["label"] != "Disaster planning and response"
