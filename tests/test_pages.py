"""The pages: every link leads somewhere, nothing active gets in, and what figures do not say is said."""

import html
import re
from collections import Counter

import pytest
from flask.testing import FlaskClient

from service.pages import local_path, prose, safe_href

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
LINK = re.compile(r'(?:href|src|action)="([^"]*)"')
EACH = 4
"""So many addresses of each form are followed: `/role/...` is one form, `/roles?...` another."""

PAGES = [
    "/",
    "/gaps",
    "/shared",
    "/competencies",
    "/roles",
    "/offerings",
    "/providers",
    "/needs",
    "/areas",
    "/sectors",
    "/surveys",
    "/queries",
    "/queries/gaps",
    "/sparql",
    "/ns",
    "/shapes",
    "/docs",
    "/network",
    "/network/roles",
    "/network/competencies",
    "/network/bridges",
    "/problems",
    "/competency/disaster-planning-and-response",
    "/role/archivist",
    "/gap/museums--disaster-planning-and-response",
    "/sector/all",
]
SCRIPTS = {'<script type="application/ld+json">', '<script type="module" src="/static/editor/editor.js">'}


def page(client: FlaskClient, path: str) -> str:
    response = client.get(path, headers=BROWSER)
    assert response.status_code == 200, path
    assert response.mimetype == "text/html", path
    return response.get_data(as_text=True)


def test_every_link_leads_somewhere(client: FlaskClient) -> None:
    seen, waiting, followed = {"/"}, ["/"], Counter[str]()
    while waiting:
        path = waiting.pop(0)
        form = re.sub(r"/[^/?]+(\?.*)?$", "", path) + ("?" if "?" in path else "")
        if followed[form] >= EACH and path.count("/") > 1:
            continue
        followed[form] += 1
        with client.get(path, headers=BROWSER, follow_redirects=True) as response:
            assert response.status_code == 200, path
            text = response.get_data(as_text=True) if response.mimetype == "text/html" else ""
        if text and len(seen) < 3_000:
            found = {html.unescape(link).partition("#")[0] for link in LINK.findall(text)}
            new = sorted(link for link in found if link.startswith("/") and link not in seen)
            seen |= set(new)
            waiting += new
    assert sum(followed.values()) > 100
    assert {path for path in PAGES if path.count("/") == 1} <= seen


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_and_quiet(client: FlaskClient, path: str) -> None:
    text = page(client, path)
    assert text.startswith("<!doctype html>")
    assert '<html lang="en">' in text
    assert text.count("<h1") == text.count("<main") == 1
    assert 'href="#content"' in text
    assert "Release 1" in text
    assert "CC0 1.0" in text
    assert set(re.findall("<script[^>]*>", text)) <= SCRIPTS
    assert " style=" not in text
    assert not re.search(r"\son[a-z]+=", text)
    assert text.count("<table") == text.count("<caption")


@pytest.mark.parametrize("path", PAGES)
def test_links_are_safe_and_sheets_are_ours(client: FlaskClient, path: str) -> None:
    for link in LINK.findall(page(client, path)):
        assert link.startswith(("/", "#", "http://", "https://", "mailto:")), link
    assert not re.search(r'<(?:link[^>]*stylesheet|img|script)[^>]*(?:href|src)="(?!/)', page(client, path))


@pytest.mark.parametrize("path", PAGES)
def test_the_headers_of_a_page(client: FlaskClient, path: str) -> None:
    headers = client.get(path, headers=BROWSER).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Referrer-Policy" in headers


@pytest.mark.parametrize(
    "path",
    [
        "/roles?q=%3Cscript%3Ealert(1)%3C/script%3E",
        "/gaps?region=%22%3E%3Cscript%3E",
        "/gaps?sector=%3Cscript%3E",
        "/sparql?draft=%3C/textarea%3E%3Cscript%3E",
        "/queries/gaps?sector=%3Cscript%3E",
        "/role/%3Cscript%3E",
        "/%3Cscript%3E",
    ],
)
def test_what_is_typed_in_is_only_text(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers=BROWSER)
    assert response.mimetype == "text/html"
    assert set(re.findall("<script[^>]*>", response.get_data(as_text=True))) <= SCRIPTS


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://example.org/a", "https://example.org/a"),
        ("HTTP://example.org", "HTTP://example.org"),
        ("mailto:someone@example.org", "mailto:someone@example.org"),
        ("javascript:alert(1)", None),
        ("JaVaScRiPt:alert(1)", None),
        ("data:text/html,x", None),
        ("//example.org", None),
        ("http://[", None),
        ("", None),
    ],
)
def test_only_safe_addresses_become_links(address: str, expected: str | None) -> None:
    assert safe_href(address) == expected


@pytest.mark.parametrize(
    ("iri", "expected"),
    [
        ("https://w3id.org/trivium/id/role/archivist", "/role/archivist"),
        ("https://w3id.org/trivium/ns#teaches", "/ns#teaches"),
        ("https://w3id.org/trivium/ns", "/ns"),
        ("https://w3id.org/trivium/shapes#Offering", "/shapes#Offering"),
        ("https://w3id.org/trivium/nsx", None),
        ("https://example.org/id/role/archivist", None),
    ],
)
def test_our_own_identifiers_are_linked_here(iri: str, expected: str | None) -> None:
    assert local_path(iri) == expected


def test_prose_is_escaped() -> None:
    assert prose("a `<b>` & c") == "a <code>&lt;b&gt;</code> &amp; c."


@pytest.mark.parametrize(
    "path", ["/", "/gaps", "/shared", "/needs", "/offerings", "/competency/outreach", "/role/archivist"]
)
def test_the_caveats_stand_where_figures_are(client: FlaskClient, path: str) -> None:
    text = page(client, path)
    for words in ("never “no”", "market share", "not comparable", "editorial", "pooled"):
        assert words in text


def test_the_page_of_a_competency(client: FlaskClient) -> None:
    text = page(client, "/competency/disaster-planning-and-response")
    for words in (
        "Planificación y respuesta ante desastres",
        'lang="es"',
        "Roles that require it",
        "Offerings that teach it",
        "Survey figures",
        "demand ÷ (1 + supply) = 0.1500",
        "Who says so",
        'href="/contribution/',
        'href="/competency/disaster-planning-and-response.ttl"',
    ):
        assert words in text


def test_labels_of_pages_follow_the_language(client: FlaskClient) -> None:
    text = client.get("/role/archivist?lang=es", headers=BROWSER).get_data(as_text=True)
    assert '<h1 lang="es">Archivista</h1>' in text


def test_an_alternative_label_says_whose_word_it_is(client: FlaskClient) -> None:
    """`Collecting policy` is what museums say (`ontology/starter/label.csv`)."""
    text = client.get("/competency/collection-development-and-policy").text
    assert "Collecting policy <small>(museums)</small>" in text
