"""An answer of the endpoint as a page shows it."""

from dataclasses import dataclass
from typing import Any, Final

from flask import json

from graph.query_pool import RESULTS, Answer

SHOWN: Final = 500
DRAWN: Final = 1_000_000
"""Bytes of an answer that the page holds besides as it is, for the editor to draw."""


@dataclass(frozen=True)
class Shown:
    """A table of cells, a truth value, or text; `total` counts the rows that are not shown too.

    `data` is the answer as the editor takes it, unless it is long.
    """

    truncated: bool
    data: dict[str, Any] | None = None
    truth: bool | None = None
    text: str | None = None
    variables: tuple[str, ...] = ()
    rows: tuple[tuple[dict[str, Any], ...], ...] = ()
    total: int = 0


def page_of(answer: Answer) -> Shown:
    """The answer, read for a page: SPARQL 1.1 Query Results JSON as a table, anything else as text."""
    data = _data(answer)
    if not answer.content_type.startswith(RESULTS[0]):
        return Shown(answer.truncated, data, text=answer.body.decode(errors="replace")[:200_000])
    content = json.loads(answer.body)
    if "boolean" in content:
        return Shown(answer.truncated, data, truth=content["boolean"])
    variables = tuple(content["head"]["vars"])
    found = content["results"]["bindings"]
    rows = tuple(tuple(row.get(name, {}) for name in variables) for row in found[:SHOWN])
    return Shown(answer.truncated, data, variables=variables, rows=rows, total=len(found))


def _data(answer: Answer) -> dict[str, Any] | None:
    if len(answer.body) > DRAWN:
        return None
    return {"type": answer.content_type, "content": answer.body.decode(), "truncated": answer.truncated}
