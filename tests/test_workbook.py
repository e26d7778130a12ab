"""Workbooks and JSON say what CSV and Turtle say; what is wrong in them is said where it stands."""

import io
import json
from datetime import date, datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook

from graph.parsing import Submission, parsed
from graph.schema import Schema
from graph.tabular import column_names
from graph.templates import controlled
from graph.vocabulary import vocabulary
from graph.workbook import template

SCHEMA = Schema.load()
CHOICES = controlled(SCHEMA, vocabulary())
HEADER = ["id", "label_en", "provider", "type", "free", "cost_amount", "competencies", "source", "page_date"]
SOURCE = "https://example.org/x"
ROW = ["care", "Care of books", "aaslh", "course", False, 49.5, "binding;mending", SOURCE, date(2024, 5, 1)]
OBJECT = dict(zip(HEADER, ROW, strict=True)) | {"competencies": ["binding", "mending"], "page_date": "2024-05-01"}
CSV = (
    ",".join(HEADER) + "\ncare,Care of books,aaslh,course,false,49.5,binding;mending,https://example.org/x,2024-05-01\n"
)
TURTLE = """
@prefix dct: <http://purl.org/dc/terms/> .
@prefix id: <https://w3id.org/trivium/id/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix trv: <https://w3id.org/trivium/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://w3id.org/trivium/id/offering/care> a trv:Offering ; skos:prefLabel "Care of books"@en ;
    trv:provider id:provider\\/aaslh ; trv:offeringType id:offering-type\\/course ; trv:free false ;
    trv:costAmount 49.5 ; trv:teaches id:competency\\/binding , id:competency\\/mending ;
    dct:source <https://example.org/x> ; trv:pageDate "2024-05-01"^^xsd:date .
"""


def book(**sheets: list[list[Any]]) -> bytes:
    made = Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def faults(name: str, body: bytes) -> list[str]:
    return [str(finding) for finding in parsed(Submission(name, body), SCHEMA).findings]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("offering.csv", CSV.encode()),
        ("any.xlsx", book(offering=[HEADER, ROW])),
        ("any.json", json.dumps({"offering": [OBJECT]}).encode()),
    ],
)
def test_the_same_offering_in_every_format(name: str, body: bytes) -> None:
    turtle = parsed(Submission("o.ttl", TURTLE.encode()), SCHEMA)
    table = parsed(Submission(name, body), SCHEMA)
    assert not turtle.findings
    assert not table.findings
    assert set(table.triples) == set(turtle.triples)


def test_the_template_as_it_is_says_nothing() -> None:
    table = parsed(Submission("trivium.xlsx", template(SCHEMA, CHOICES)), SCHEMA)
    assert (table.triples, table.findings) == ([], [])


def test_the_template_is_always_the_same() -> None:
    assert template(SCHEMA, CHOICES) == template(SCHEMA, CHOICES)


def test_the_template_has_a_sheet_for_each_kind_and_lists_to_choose_from() -> None:
    made = load_workbook(io.BytesIO(template(SCHEMA, CHOICES)))
    assert made.sheetnames == [*(kind.name for kind in SCHEMA.in_order), "choices"]
    assert made["choices"].sheet_state == "hidden"
    names = list(column_names(SCHEMA.kinds["offering"]))
    sheet = made["offering"]
    assert [cell.value for cell in sheet[1]] == names
    assert sheet.freeze_panes == "A2"
    offered: dict[str, list[str]] = {}
    for rule in sheet.data_validations.dataValidation:
        column = names[next(iter(rule.sqref.ranges)).min_col - 1]
        cells = rule.formula1.partition("!")[2].replace("$", "")
        offered[column] = [row[0].value for row in made["choices"][cells]] if cells else [rule.formula1]
    assert offered.keys() == {"sectors", "type", "mode", "level", "free"}
    assert offered["level"] == ["entry", "intermediate", "advanced"]
    assert offered["free"] == ['"true,false"']
    assert {"archives", "libraries", "museums", "art-museums"} < set(offered["sectors"])


def test_the_example_of_a_sheet_can_be_used() -> None:
    made = load_workbook(io.BytesIO(template(SCHEMA, CHOICES)))
    for kind in SCHEMA.kinds:
        cell = made[kind]["A3"]
        cell.value = str(cell.value).removeprefix("# ")
    out = io.BytesIO()
    made.save(out)
    table = parsed(Submission("x.xlsx", out.getvalue()), SCHEMA)
    assert not table.findings
    assert {place.part for place in table.places.values()} == {f"sheet {kind}" for kind in SCHEMA.kinds}


def test_cells_are_read_as_they_are_shown() -> None:
    """2024 as a number is a year; 2024-05, which spreadsheet programs make a day of, stays a month."""
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = "offering"
    for row in (["id", "page_date", "cost_amount"], ["a", 2024, 295.0], ["b", datetime(2024, 5, 1), 1]):
        sheet.append(row)
    sheet["B3"].number_format = "mmm-yy"
    out = io.BytesIO()
    made.save(out)
    literals = {str(t.object) for t in parsed(Submission("x.xlsx", out.getvalue()), SCHEMA).triples}
    year_month = "http://www.w3.org/2001/XMLSchema#gYear"
    assert {f'"2024"^^<{year_month}>', f'"2024-05"^^<{year_month}Month>'} < literals
    assert '"295"^^<http://www.w3.org/2001/XMLSchema#decimal>' in literals


def bomb() -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 5_000_000)
    return out.getvalue()


def with_doctype() -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    return out.getvalue()


def without_content() -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("nothing.xml", b"<x/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("x.xlsx", book(offering=[["id", "url"], ["a", '=HYPERLINK("x")']]), "column url: Here stands a formula"),
        ("x.xlsx", book(offering=[["id"], ["=A1"]]), "x.xlsx, sheet offering, row 2, column id: Here stands"),
        ("x.xlsx", book(offering=[["id", "url"], ["a", "#N/A"]]), "row 2, column url: Here stands an error"),
        ("x.xlsx", book(offering=[["id"], [None], ["A b"]]), "x.xlsx, sheet offering, row 3, column id: An id is"),
        ("x.xlsx", book(offering=[["id"], ["a", "b"]]), "row 2: This row has 2 cells where the first row has 1"),
        ("x.xlsx", book(offering=[["id", "titel"], ["a"]]), "sheet offering, row 1, column titel: There is no column"),
        ("x.xlsx", book(oferings=[["id"], ["a"]]), "sheet oferings: There is no kind `oferings`"),
        ("x.xlsx", book(oferings=[["id"], ["a"]]), "Did you mean `offering`?"),
        ("x.xlsx", bomb(), "This workbook unpacks to 5,000,000 bytes"),
        ("x.xlsx", with_doctype(), "A workbook with a DOCTYPE is not taken"),
        ("x.xlsx", without_content(), "This workbook cannot be read"),
        ("x.xlsx", b"id,label_en\n", "This is not an XLSX workbook"),
        ("x.json", b'{"offering": [', "x.json, row 1: This is not JSON"),
        ("x.json", b"\xff", "This is not JSON"),
        ("x.json", b"[" * 100_000, "This is not JSON"),
        ("x.json", b"[]", "Write an object that leads from kinds to rows"),
        ("x.json", b'{"offering": [{"id": "a", "id": "b"}]}', "the name `id` stands twice"),
        ("x.json", b'{"ofering": []}', "x.json, ofering: There is no kind `ofering`"),
        ("x.json", b'{"ofering": []}', "Did you mean `offering`?"),
        ("x.json", b'{"@graph": []}', "JSON-LD has the ending `.jsonld`"),
        ("x.json", b'{"offering": {"id": "a"}}', "x.json, offering: Write a list of rows"),
        ("x.json", b'{"offering": ["a"]}', "x.json, offering, row 1: Write a row as an object"),
        ("x.json", b'{"offering": [{"id": "a"}, {"id": "b", "url": {}}]}', "offering, row 2, column url: Write a text"),
        ("x.json", b'{"offering": [{"id": "a", "titel": "b"}]}', "offering, column titel: There is no column `titel`"),
        ("x.json", b'{"offering": [{"id": "A b"}]}', "x.json, offering, row 1, column id: An id is made of"),
        ("x.ods", b"", "known are .csv, .xlsx, .json, .ttl"),
    ],
)
def test_what_cannot_be_read_is_said_where_it_stands(name: str, body: bytes, message: str) -> None:
    assert any(message in fault for fault in faults(name, body)), faults(name, body)


def test_a_fault_in_one_sheet_hides_none_in_another() -> None:
    """Rows of sheets have the same numbers."""
    first = [["role", "competency"], ["", "x"]]
    second = [["offering", "start_date", "location"], ["", "2024", "x"]]
    found = faults("x.xlsx", book(requirement=first, session=second))
    assert sum("This cell is needed" in fault for fault in found) == 2


def test_items_of_a_list_and_texts_in_json_are_taken_as_they_are() -> None:
    row = {"id": "a", "label_en": "#1; or not", "sources": ["https://example.org/?a;b"], "homepage": None}
    table = parsed(Submission("x.json", json.dumps({"framework": [row]}).encode()), SCHEMA)
    assert not table.findings
    said = {str(triple.object) for triple in table.triples}
    assert {'"#1; or not"@en', "<https://example.org/?a;b>"} < said
    assert len(said) == 3


def test_the_workbook_is_served(client: FlaskClient) -> None:
    response = client.get("/templates.xlsx")
    assert response.status_code == 200
    assert response.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert response.headers["Content-Disposition"] == 'attachment; filename="trivium.xlsx"'
    assert response.get_data() == template(SCHEMA, CHOICES)
