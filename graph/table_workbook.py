"""A table of an answer as a workbook (XLSX, ECMA-376): a sheet that says what it is, and the sheet of the table."""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from graph.archive import undated

ABOUT: Final = "About"
TABLE: Final = "answer"
ROWS: Final = 1_048_575
"""As many as a sheet holds, beside the header."""

WIDTH: Final = 24
WIDE: Final = 100


def table_workbook(about: Mapping[str, str], columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The sheets `About` and `answer`; always the same bytes.

    Numbers, truths and days become such cells, None and "" empty ones, anything else its text, never a formula.
    """
    book = Workbook(write_only=True)
    _fill(book.create_sheet(ABOUT), (14, WIDE), [(_Heading(name), text) for name, text in about.items()])
    sheet = book.create_sheet(TABLE)
    sheet.freeze_panes = "A2"
    _fill(sheet, [WIDTH] * len(columns), chain([[_Heading(name) for name in columns]], rows))
    out = io.BytesIO()
    book.save(out)
    return undated(out.getvalue())


class _Heading(str):
    """A text that is a heading."""


def _fill(sheet: Any, widths: Sequence[int], rows: Iterable[Sequence[object]]) -> None:
    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: Any, value: object) -> Any:
    """A value as a cell; characters that XML 1.0 has no place for are left out."""
    if isinstance(value, bool | int | float | Decimal | date):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", "" if value is None else str(value))
    if not text:
        return None
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # also a text that begins like a formula
    cell.alignment = Alignment(vertical="top")
    cell.font = Font(bold=isinstance(value, _Heading))
    return cell
