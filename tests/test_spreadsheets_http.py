"""Tables as XLSX: what the CSV of the same address says, numbers as numbers, and nothing that a program would run."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from graph.named_query import Catalogue
from graph.resources import QUERIES
from graph.workbook import table

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LISTS = [f"/{name}" for name in Catalogue.load(QUERIES / "lists")]
QUESTIONS = {
    f"/queries/{query.name}": {one.name: one.example or "" for one in query.parameters if one.required}
    for query in Catalogue.load(QUERIES).values()
    if query.form == "select"
}
ADDRESSES: dict[str, dict[str, str]] = {"/gaps": {}, "/shared": {}, **{name: {} for name in LISTS}, **QUESTIONS}


def sheet(body: bytes) -> list[list[Any]]:
    book = load_workbook(io.BytesIO(body))
    assert book.sheetnames == ["answer"]
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


def same(cell: Any, text: str) -> bool:
    """Whether a cell of the workbook says what the CSV says."""
    if cell is None:
        return text == ""
    if isinstance(cell, bool):
        return text == str(cell).lower()
    if isinstance(cell, int | float):
        return abs(Decimal(text) - Decimal(str(cell))) < Decimal("1e-9")
    return bool(cell == text.removeprefix("'").replace("\r\n", "\n"))


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_workbook_says_what_the_csv_says(client: FlaskClient, address: str) -> None:
    arguments = ADDRESSES[address] | {"limit": "20"}
    answer = client.get(f"{address}.xlsx", query_string=arguments)
    assert (answer.status_code, answer.mimetype) == (200, MEDIA_TYPE)
    text = client.get(f"{address}.csv", query_string=arguments).get_data(as_text=True)
    columns, *expected = csv.reader(io.StringIO(text))
    names, *found = sheet(answer.data)
    assert names == columns
    assert len(found) == len(expected)
    for cells, texts in zip(found, expected, strict=True):
        assert all(map(same, cells, texts)), (cells, texts)


@pytest.mark.parametrize("address", ["/gaps", "/shared", "/offerings", "/queries/gaps"])
def test_the_page_offers_it_and_accept_gets_it(client: FlaskClient, address: str) -> None:
    assert f'href="{address}.xlsx?limit=0"' in client.get(address).get_data(as_text=True)
    answer = client.get(address, headers={"Accept": MEDIA_TYPE})
    assert answer.mimetype == MEDIA_TYPE
    assert 'rel="next"' in answer.headers.getlist("Link")[0]


def test_figures_are_numbers(client: FlaskClient) -> None:
    columns, *rows = sheet(client.get("/gaps.xlsx?sector=museums&state=covered&limit=5").data)
    assert rows
    for row in rows:
        cells = dict(zip(columns, row, strict=True))
        assert isinstance(cells["supply"], int)
        assert isinstance(cells["score"], int | float)


def test_a_table_is_written_as_it_is() -> None:
    rows: list[list[object]] = [["=1+1", "a\x07b", Decimal("0.2500"), True], [None, "", 3, "2026-11-24"]]
    body = table(["text", "odd", "n", "more"], rows)
    assert sheet(body) == [["text", "odd", "n", "more"], ["=1+1", "ab", 0.25, True], [None, None, 3, "2026-11-24"]]
    cell = load_workbook(io.BytesIO(body)).worksheets[0]["A2"]
    assert cell.data_type == "s"  # a formula would be `f`
    assert body == table(["text", "odd", "n", "more"], rows)
