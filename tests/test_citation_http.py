"""What is cited: each page says how, in a sentence, as BibTeX and as CSL-JSON, and its address finds it again."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SELF = "http://127.0.0.1:8080"
ROLE = "What must a person in this role know and be able to do?"
PAGES = {
    "/": "Trivium: competencies of archives, libraries and museums",
    "/gaps?sector=museums&state=missing": "Gaps, the highest score first (Museums, Missing)",
    "/shared?count=3": "Competencies by how many sectors need them (count: 3)",
    "/roles?q=archivist": "The roles (q: archivist)",
    "/queries/requirements-of-role?role=archivist": f"{ROLE} (Archivist)",
    "/competency/leadership": "Leadership",
    "/gap/museums--leadership": "Leadership · Museums",
}


def block(client: FlaskClient, address: str) -> str:
    page = client.get(address, headers=BROWSER)
    assert page.status_code == 200
    found = re.search(r'<section class="cite".*?</section>', page.text, re.DOTALL)
    assert found, address
    return unescape(found[0])


@pytest.mark.parametrize("address", PAGES)
def test_a_page_says_how_to_cite_it(client: FlaskClient, address: str) -> None:
    cited = block(client, address)
    title = PAGES[address]
    assert f"Trivium. {title}" in cited
    assert "release 1, " in cited
    assert "CC0 1.0" in cited
    permalink = f"{SELF}{address}{'&' if '?' in address else '?'}release=1"
    assert f">{permalink}</a>" in cited
    assert client.get(permalink.removeprefix(SELF), headers=BROWSER).status_code == 200


@pytest.mark.parametrize("address", PAGES)
def test_the_files_say_the_same(client: FlaskClient, address: str) -> None:
    bib, csl = re.findall(r'href="([^"]+)">(?:BibTeX|CSL-JSON)<', block(client, address))
    entry, item = client.get(bib), client.get(csl)
    assert (entry.mimetype, item.mimetype) == ("application/x-bibtex", "application/vnd.citationstyles.csl+json")
    permalink = f"{SELF}{address}{'&' if '?' in address else '?'}release=1"
    (found,) = item.get_json(force=True)
    assert found["URL"] == permalink
    assert (found["type"], found["version"]) == ("dataset", "1")
    assert found["title"] == PAGES[address]
    fields = dict(re.findall(r"^  (\w+) = \{(.*)\},$", entry.text, re.MULTILINE))
    assert (fields["url"], fields["version"], fields["author"]) == (permalink, "1", "{Trivium}")
    assert entry.text.startswith(f"@misc{{{found['id']},")
    assert [[int(fields["year"]), int(fields["month"])]] == [found["issued"]["date-parts"][0][:2]]
    assert entry.text.count("{") == entry.text.count("}")


def test_it_is_found_by_content_negotiation_as_a_doi_is(client: FlaskClient) -> None:
    for address in ("/gaps", "/role/archivist", "/"):
        assert client.get(address, headers={"Accept": "application/x-bibtex"}).text.startswith("@misc{trivium-1-")
    assert client.get("/role/nobody.bib").status_code == 404
    assert client.get("/queries/requirements-of-role.bib").status_code == 400


def test_signs_of_latex_are_written_as_signs(client: FlaskClient) -> None:
    text = client.get("/roles.bib", query_string={"q": "50% {A} & B_1 \\x"}).text
    assert r"title = {The roles (q: 50\% \{A\} \& B\_1 \textbackslash{}x)}" in text


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("/queries/requirements-of-role?role=archivist", "/queries/requirements-of-role.csv?role=archivist&limit=0"),
        ("/roles?sector=museums", "/roles.csv?sector=museums&limit=0"),
        ("/gaps?sector=museums&state=missing", "/queries/gaps.csv?sector=museums&state=missing&limit=0"),
        ("/shared?count=3", "/queries/shared-competencies.csv?sector_count=3&limit=0"),
    ],
)
def test_the_query_behind_it_is_in_the_form_and_gives_the_answer(client: FlaskClient, address: str, data: str) -> None:
    found = re.search(r'href="(/sparql\?[^"]+)"', block(client, address))
    assert found
    form = parse_qs(urlsplit(found[1]).query)
    assert form["release"] == ["1"]
    assert "?role " not in form["draft"][0]
    answer = client.get("/sparql.csv", query_string={"query": form["draft"][0], "release": "1"})
    assert [line.lstrip("'") for line in answer.text.splitlines()] == client.get(data).text.splitlines()
    assert form["draft"][0].strip() in unescape(client.get(found[1], headers=BROWSER).text).replace("\r\n", "\n")


@pytest.mark.parametrize("address", ["/gaps?level=entry", "/gaps?basis=roles", "/shared?sector=museums", "/roles?q=a"])
def test_there_is_no_query_where_none_gives_the_same(client: FlaskClient, address: str) -> None:
    assert "/sparql" not in block(client, address)


def test_a_thing_is_cited_by_its_identifier_and_its_state_by_the_release(client: FlaskClient) -> None:
    links = client.get("/role/archivist?release=1", headers=BROWSER).headers.getlist("Link")
    assert [one for one in links if "cite-as" in one] == ['<https://w3id.org/trivium/id/role/archivist>; rel="cite-as"']
    assert (
        "DESCRIBE <https://w3id.org/trivium/id/role/archivist>"
        in parse_qs(urlsplit(re.findall(r'href="(/sparql\?[^"]+)"', block(client, "/role/archivist"))[0]).query)[
            "draft"
        ]
    )
