"""JSON for programs: `{"offering": [{"id": ..., "label_en": ..., "competencies": [...]}]}`.

Each kind leads to its rows, each row to the columns of the CSV file of the kind. Several values are a list, whose
items are taken as they are; numbers and booleans are written as such; null is nothing. Rows are counted from 1.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from graph.errors import nearest
from graph.report import Place
from graph.schema import Schema
from graph.tabular import Cell, Table, read_rows


def read(schema: Schema, body: bytes, file: str) -> Table:
    """The statements of a JSON document. Nothing is raised: faults are findings."""
    table = Table()
    try:
        # numbers stay as they are written
        document = json.loads(
            body.decode("utf-8-sig"),
            parse_int=str,
            parse_float=str,
            parse_constant=str,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as error:
        table.fault(Place(file, getattr(error, "lineno", None)), f"This is not JSON: {error}.")
        return table
    if not isinstance(document, dict):
        table.fault(Place(file), f"Write an object that leads from kinds to rows: {_sketch(schema)}.")
        return table
    for name, rows in document.items():
        _read_kind(schema, name, rows, Place(file, part=name), table)
    return table


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object each of whose names is there once. Raises ValueError."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name `{twice}` stands twice in one object")
    return made


def _read_kind(schema: Schema, name: str, rows: Any, place: Place, table: Table) -> None:
    kind = schema.kinds.get(name)
    if kind is None:
        advice = "JSON-LD has the ending `.jsonld`" if name.startswith("@") else f"there are {', '.join(schema.kinds)}"
        table.fault(place, f"There is no kind `{name}`; {advice}.", None, nearest(name, list(schema.kinds)))
    elif not isinstance(rows, list):
        table.fault(place, "Write a list of rows here, also for a single one: [{...}].")
    elif rows:
        faults = len(table.findings)
        objects = dict(_objects(rows, place, table))
        names = list(dict.fromkeys(key for row in objects.values() for key in row))
        filled = ((number, [row.get(key, "") for key in names]) for number, row in objects.items())
        if len(table.findings) == faults:
            read_rows(kind, _headed(names, filled), place, table)


def _headed(names: list[str], rows: Iterator[tuple[int, list[Cell]]]) -> Iterator[tuple[int | None, list[Cell]]]:
    yield None, list(names)
    yield from rows


def _objects(rows: list[Any], place: Place, table: Table) -> Iterator[tuple[int, dict[str, Cell]]]:
    for number, row in enumerate(rows, 1):
        where = replace(place, row=number)
        if isinstance(row, dict):
            yield number, {name: _cell(value, replace(where, column=name), table) for name, value in row.items()}
        else:
            table.fault(where, 'Write a row as an object, from columns to values: {"id": ...}.')


def _cell(value: Any, place: Place, table: Table) -> Cell:
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict | list) for one in value)):
        table.fault(place, "Write a text, a number, true, false, or a list of them here.")
        return ""
    return tuple(filter(None, map(_text, value))) if isinstance(value, list) else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _sketch(schema: Schema) -> str:
    return f'{{"{next(iter(schema.kinds))}": [{{...}}]}}'
