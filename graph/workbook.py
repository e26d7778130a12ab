"""Workbooks (XLSX, ECMA-376): a sheet for each kind, with drop-down lists; the only module that uses openpyxl.

A sheet is read by the same rules as a CSV file. What is received is measured before it is unpacked, and formulas
are not evaluated. A table of an answer is written as a workbook of one sheet.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from graph.archive import UNREADABLE, danger, undated
from graph.errors import nearest
from graph.namespaces import XSD
from graph.report import Place
from graph.schema import Column, Kind, Schema
from graph.tabular import Header, Table, header_of, read_rows, uncommented
from graph.templates import Choices, template_rows

LISTS: Final = "choices"
"""The hidden sheet that the drop-down lists are taken from."""

ROWS: Final = 100_000
COLUMNS: Final = 200
FIRST_ROW: Final = 4  # below the header, the hints and the example
LAST_ROW: Final = 5_000
WIDTH: Final = 24
TEXT_FORMAT: Final = "@"
ANSWER: Final = "answer"
"""The sheet of a table that is an answer."""


def template(schema: Schema, choices: Choices) -> bytes:
    """The template of every kind as one workbook; always the same bytes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    lists = _Lists(choices)
    for kind in schema.in_order:
        _add_sheet(book, kind, choices, lists)
    lists.add_to(book)
    return _saved(book)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table as a workbook of one sheet, with its columns in the first row; always the same bytes.

    Numbers and truths become such cells, None and "" empty ones, anything else its text, which is never a formula.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(ANSWER)
    sheet.freeze_panes = "A2"
    for place in range(1, len(columns) + 1):
        sheet.column_dimensions[get_column_letter(place)].width = WIDTH
    sheet.append([_written(sheet, name, bold=True) for name in columns])
    for row in rows:
        sheet.append([_written(sheet, value) for value in row])
    return _saved(book)


def _written(sheet: Any, value: object, bold: bool = False) -> Any:
    """A value as a cell; characters that XML 1.0 has no place for are left out."""
    if isinstance(value, bool | int | float | Decimal):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", "" if value is None else str(value))
    if not text:
        return None
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # also a text that begins like a formula
    if bold:
        cell.font = Font(bold=True)
    return cell


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return undated(out.getvalue())


def read(schema: Schema, body: bytes, file: str) -> Table:
    """The statements of every sheet that is named after a kind. Nothing is raised: faults are findings."""
    table = Table()
    message = danger(body)
    if message:
        table.fault(Place(file), message)
        return table
    try:
        book = load_workbook(io.BytesIO(body), read_only=True, keep_links=False)
        sheets = [(sheet.title, _sheet(schema, sheet, file, table)) for sheet in book.worksheets]
    except UNREADABLE as error:
        table.fault(Place(file), f"This workbook cannot be read ({error}): save it again as XLSX.")
        return table
    for title, rows in sheets:
        if rows:
            _read_sheet(schema, title, rows, _place(file, title), table)
    return table


class _Lists:
    """The lists that drop-downs offer, each once, in the columns of a hidden sheet."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._ranges: dict[tuple[str, ...], str] = {}

    def offered(self, column: Column) -> str | None:
        """What a column offers, as the formula of a validation, if it offers anything."""
        if column.datatypes == (XSD.boolean,):
            return '"true,false"'
        values = tuple(self._choices.get(column.shape, ()))
        if not values:
            return None
        letter = get_column_letter(len(self._ranges) + 1)
        return self._ranges.setdefault(values, f"{LISTS}!${letter}$1:${letter}${len(values)}")

    def add_to(self, book: Workbook) -> None:
        """Write the hidden sheet."""
        sheet = book.create_sheet(LISTS)
        sheet.sheet_state = "hidden"
        for place, values in enumerate(self._ranges, 1):
            for row, value in enumerate(values, 1):
                sheet.cell(row, place, value)


def _add_sheet(book: Workbook, kind: Kind, choices: Choices, lists: _Lists) -> None:
    sheet: Worksheet = book.create_sheet(kind.name)
    sheet.freeze_panes = "A2"
    rows = template_rows(kind, choices)
    for place, name in enumerate(rows[0], 1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = WIDTH
        sheet.column_dimensions[letter].number_format = TEXT_FORMAT  # else 2026-05 becomes a day
        column = header_of(kind, name).column
        if column:
            _offer(sheet, letter, column, lists)
    for number, cells in enumerate(rows, 1):
        for place, text in enumerate(cells, 1):
            cell = sheet.cell(number, place, text or None)
            cell.data_type = "s" if text else "n"  # also a text that begins like a formula
            cell.number_format = TEXT_FORMAT
            cell.font = Font(bold=number == 1, italic=number > 1)
            cell.alignment = Alignment(wrap_text=number == 2, vertical="top")


def _offer(sheet: Worksheet, letter: str, column: Column, lists: _Lists) -> None:
    """A drop-down list; it insists where there is one value, which can be nothing else."""
    offered = lists.offered(column)
    if offered is None:
        return
    closed = not column.many and (column.target is not None or not column.kinds)
    rule = DataValidation("list", offered, allow_blank=True, showErrorMessage=closed)
    rule.error, rule.errorTitle = column.message[:225], column.title[:32]  # as long as Excel takes
    rule.add(f"{letter}{FIRST_ROW}:{letter}{LAST_ROW}")
    sheet.add_data_validation(rule)


def _place(file: str, title: str) -> Place:
    return Place(file, part=f"sheet {title}")


def _sheet(schema: Schema, sheet: Any, file: str, table: Table) -> list[tuple[int, list[str]]]:
    if sheet.title == LISTS and sheet.sheet_state != "visible":
        return []
    return list(_rows(schema.kinds.get(sheet.title), sheet, _place(file, sheet.title), table))


def _read_sheet(schema: Schema, title: str, rows: list[tuple[int, list[str]]], place: Place, table: Table) -> None:
    kind = schema.kinds.get(title)
    if kind is None:
        message = f"There is no kind `{title}`: name the sheet after one of {', '.join(schema.kinds)}."
        table.fault(place, message, None, nearest(title, list(schema.kinds)))
        return
    width = len(rows[0][1])
    read_rows(kind, ((number, cells + [""] * (width - len(cells))) for number, cells in rows), place, table)


def _rows(kind: Kind | None, sheet: Any, place: Place, table: Table) -> Iterator[tuple[int, list[str]]]:
    """The rows in which something stands, as texts, but for comments and rows with a cell that cannot be read."""
    headers: list[Header] = []
    for number, cells in enumerate(sheet.iter_rows(max_row=ROWS + 1, max_col=COLUMNS), 1):
        if number > ROWS:
            table.fault(place, f"This sheet has more than {ROWS:,} rows: send it in parts.")
            return
        texts = _trimmed([_text(cell, None) for cell in cells])
        if not texts or not list(uncommented([(number, texts)])):
            continue
        if not headers and kind:
            headers = [header_of(kind, text.strip()) for text in texts]
        here = Place(place.file, number, part=place.part)
        if not _faults(headers, cells, here, table):
            yield number, _trimmed([_text(cell, column) for cell, column in _paired(cells, headers)])


def _faults(headers: Sequence[Header], cells: Sequence[Any], place: Place, table: Table) -> bool:
    """Note the cells that say nothing themselves: formulas and errors."""
    found = [cell for cell in cells if cell.value is not None and cell.data_type in ("f", "e")]
    for cell in found:
        at = cell.column - 1
        name = headers[at].name if at < len(headers) else get_column_letter(cell.column)
        what = "a formula" if cell.data_type == "f" else "an error"
        where = Place(place.file, place.row, name, part=place.part)
        table.fault(where, f"Here stands {what}, which is not read: write the value itself into the cell.")
    return bool(found)


def _paired(cells: Sequence[Any], headers: Sequence[Header]) -> Iterator[tuple[Any, Column | None]]:
    for place, cell in enumerate(cells):
        yield cell, headers[place].column if place < len(headers) else None


def _trimmed(texts: list[str]) -> list[str]:
    """The row up to the last cell in which something stands."""
    end = max((place for place, text in enumerate(texts, 1) if text.strip()), default=0)
    return texts[:end]


def _text(cell: Any, column: Column | None) -> str:
    """The value of a cell as it would stand in a CSV file."""
    match cell.value:
        case None:
            return ""
        case bool() as truth:
            return str(truth).lower()
        case float() as number if number.is_integer():
            return str(int(number))
        case datetime() as moment:
            return _dated(moment, cell.number_format, column)
        case date() | time() as day:
            return day.isoformat()
    return str(cell.value)


def _dated(moment: datetime, number_format: str, column: Column | None) -> str:
    """A day; or a month, of which spreadsheet programs make a day, where one may stand and no day is shown."""
    if column and XSD.gYearMonth in column.datatypes and "d" not in number_format.lower():
        return moment.strftime("%Y-%m")
    return moment.date().isoformat() if moment.time() == time() else moment.isoformat()
