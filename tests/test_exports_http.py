"""What is taken away says what it is: the filter, the release, the licence, the address; with URIs and labels."""

import csv
import io
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from pyld import jsonld  # type: ignore[import-untyped]
from pyoxigraph import RdfFormat, parse

SELF = "http://127.0.0.1:8080"
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
TRV = "https://w3id.org/trivium/ns#"
TABLES = (
    "/gaps.csv?sector=museums&limit=0",
    "/shared.csv?count=3",
    "/roles.csv?sector=archives&limit=5&offset=5",
    "/offerings.csv?q=digital",
    "/queries/requirements-of-role.csv?role=archivist&limit=0",
    "/checks.csv",
)


def in_format(address: str, suffix: str) -> str:
    return address.replace(".csv", f".{suffix}")


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def document(client: FlaskClient, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.get_json(force=True)


@pytest.mark.parametrize("address", TABLES)
def test_a_csv_leads_to_its_description_which_is_of_just_this_file(client: FlaskClient, address: str) -> None:
    table = client.get(address)
    assert not table.text.startswith("#")
    (link,) = [one for one in table.headers.getlist("Link") if "describedby" in one]
    assert link == f'<{in_format(address, "csvm")}>; rel="describedby"; type="application/csvm+json"'
    about = client.get(in_format(address, "csvm"))
    assert about.mimetype == "application/csvm+json"
    described = about.get_json(force=True)
    assert described["@context"][0] == "http://www.w3.org/ns/csvw"
    assert described["url"] == address
    assert described["dc:license"] == {"@id": CC0}
    assert described["schema:version"] == "1"
    assert "release=1" in described["dc:source"]["@id"]
    header, *body = rows(table.text)
    assert [one["titles"] for one in described["tableSchema"]["columns"]] == header
    for place, column in enumerate(described["tableSchema"]["columns"]):
        cells = [row[place] for row in body if row[place]]
        assert column["datatype"] != "integer" or all(cell.isdigit() for cell in cells)
        assert column["datatype"] != "decimal" or all(float(cell) >= 0 for cell in cells)
        assert not column["titles"].endswith("_iri") or not cells or column["datatype"] == "anyURI"
        values = [part for cell in cells for part in cell.split(column.get("separator", "\0"))]
        assert column["datatype"] != "anyURI" or all(one.startswith("http") and ";" not in one for one in values)


def test_the_figures_of_gaps_are_described_as_numbers_and_evidence_as_several(client: FlaskClient) -> None:
    columns = document(client, "/gaps.csvm?limit=0")["tableSchema"]["columns"]
    by_name = {one["name"]: one for one in columns}
    assert by_name["demand"]["datatype"] == by_name["score"]["datatype"] == "decimal"
    assert by_name["supply"]["datatype"] == "integer"
    assert by_name["as_of"]["datatype"] == "date"
    assert by_name["offerings"] == {"name": "offerings", "titles": "offerings", "datatype": "anyURI", "separator": ";"}
    assert by_name["competency_label"]["datatype"] == "string"


@pytest.mark.parametrize("address", TABLES)
def test_a_head_is_put_before_the_same_table_by_request(client: FlaskClient, address: str) -> None:
    plain = client.get(address).text
    headed = client.get(f"{address}{'&' if '?' in address else '?'}head=true").text
    assert headed.endswith(plain)
    head = headed.removesuffix(plain)
    assert head.endswith("\r\n")
    said = dict(line.removeprefix("# ").split(": ", 1) for line in head.splitlines())
    assert said.keys() == {"Title", "Filter", "Release", "Publisher", "Licence", "Address"}
    assert said["Release"].startswith("1, published ")
    assert CC0 in said["Licence"]
    assert "release=1" in said["Address"]


def test_the_head_names_the_filter_in_words(client: FlaskClient) -> None:
    head = client.get("/gaps.csv?sector=museums&state=missing&level=entry&head=true").text
    assert "# Filter: Museums, Missing, Entry\r\n" in head
    assert "# Filter: none\r\n" in client.get("/gaps.csv?head=true").text


def test_nothing_in_a_filter_can_leave_the_head(client: FlaskClient) -> None:
    text = client.get("/roles.csv", query_string={"q": "a\r\nb,c\n# d", "head": "true"}).text
    lines = text.splitlines()
    assert [line.startswith("# ") for line in lines[:7]] == [True] * 6 + [False]
    assert lines[6].startswith("iri,label")


@pytest.mark.parametrize("suffix", ["json", "html", "jsonld", "bib"])
def test_only_a_csv_has_a_head(client: FlaskClient, suffix: str) -> None:
    answer = client.get(f"/gaps.{suffix}?head=true", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (400, "text/html" if suffix == "html" else answer.mimetype)


@pytest.mark.parametrize("address", TABLES)
def test_jsonld_is_a_graph_of_rows_and_says_what_it_is(client: FlaskClient, address: str) -> None:
    answer = client.get(in_format(address, "jsonld"))
    assert answer.mimetype == "application/ld+json"
    found = answer.get_json(force=True)
    listed = document(client, in_format(address, "json"))
    assert (found["items"], found["total"]) == (listed["items"], listed["total"])
    dataset: Any = jsonld.to_rdf(found)
    permalink = SELF + address.replace(".csv", "") + ("&" if "?" in address else "?") + "release=1"
    assert set(dataset) == {"@default", permalink} or not listed["items"]
    said = {(one["predicate"]["value"].rpartition("/")[2], one["object"]["value"]) for one in dataset["@default"]
            if one["subject"]["value"] == permalink}  # fmt: skip
    assert {("license", CC0), ("version", "1"), ("title", found["title"])} <= said
    assert {name for name, _ in said} >= {"description", "issued", "publisher"}


@pytest.mark.parametrize("address", TABLES)
def test_a_workbook_says_what_it_is_in_its_first_sheet(client: FlaskClient, address: str) -> None:
    """And holds the table of the CSV, with numbers as numbers."""
    answer = client.get(in_format(address, "xlsx"))
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert answer.data == client.get(in_format(address, "xlsx")).data
    book = load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["About", "answer"]
    about: Any = book["About"].iter_rows(values_only=True)
    said = dict(about)
    headed = client.get(f"{address}{'&' if '?' in address else '?'}head=true").text
    assert [f"# {name}: {text}" for name, text in said.items()] == headed.splitlines()[: len(said)]
    header, *body = rows(client.get(address).text)
    found: list[Any] = list(book["answer"].iter_rows(values_only=True))
    assert list(found[0]) == header
    for ours, theirs in zip(body, found[1:], strict=True):
        for cell, value in zip(ours, theirs, strict=True):
            assert as_text(value) == cell or float(cell) == value


def as_text(value: object) -> str:
    """A cell of a workbook as the CSV writes it."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return value.date().isoformat()
    return str(value)


def test_numbers_and_days_are_no_texts_in_a_workbook(client: FlaskClient) -> None:
    book = load_workbook(io.BytesIO(client.get("/gaps.xlsx?sector=museums").data))
    table: list[Any] = list(book["answer"].iter_rows(values_only=True))
    row = dict(zip(table[0], table[1], strict=True))
    assert (type(row["demand"]), type(row["supply"]), type(row["as_of"])) == (float, int, datetime)
    assert row["competency_iri"].startswith("https://w3id.org/trivium/id/competency/")
    assert not row["competency_label"].startswith("http")


def test_a_text_that_looks_like_a_formula_is_a_text(client: FlaskClient) -> None:
    book = load_workbook(io.BytesIO(client.get("/roles.xlsx", query_string={"q": "=1+1"}).data))
    about: Any = book["About"]
    cells = {row[0].value: row[1] for row in about.iter_rows()}
    assert cells["Filter"].value == "q: =1+1"
    assert all(cell.data_type == "s" for cell in cells.values())


def test_gaps_in_jsonld_are_those_of_turtle(client: FlaskClient) -> None:
    """The same statements about each gap, whatever it is called; figures by their value."""
    dataset: Any = jsonld.to_rdf(document(client, "/gaps.jsonld?sector=museums&limit=0"))
    (graph,) = [triples for name, triples in dataset.items() if name != "@default"]
    theirs: dict[str, set[tuple[str, str]]] = {}
    for one in graph:
        theirs.setdefault(one["subject"]["value"], set()).add((one["predicate"]["value"], one["object"]["value"]))
    ours: dict[str, set[tuple[str, str]]] = {}
    for quad in parse(client.get("/gaps.ttl?sector=museums&limit=0").data, RdfFormat.TURTLE):
        ours.setdefault(str(quad.subject), set()).add((quad.predicate.value, getattr(quad.object, "value", "")))
    names = {"competency", "sector", "gapState", "basis", "needKind", "supply", "providerCount"}
    names |= {f"{what}Evidence" for what in ("need", "role", "offering", "elsewhere", "stale")}
    shared = {TRV + name for name in names}
    left = {frozenset(one for one in said if one[0] in shared) for said in theirs.values()} - {frozenset()}
    right = {frozenset(one for one in said if one[0] in shared) for said in ours.values()} - {frozenset()}
    assert len(left) == 130
    assert left == right


def test_the_page_offers_the_csv_with_its_head(client: FlaskClient) -> None:
    page = client.get("/gaps?sector=museums", headers={"Accept": "text/html"}).text
    assert 'href="/gaps.csv?sector=museums&amp;release=1&amp;head=true"' in page
    assert client.get("/gaps.csv?sector=museums&release=1&head=true").text.startswith("# Title: ")
