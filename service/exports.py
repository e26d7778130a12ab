"""What is taken away, with what it is: a CSV with a head or its description beside it, a workbook, and JSON-LD.

They are made of the CSV and the JSON that an address answers anyway, so that every table has them.

- Plain CSV stays as RFC 4180 has it, and links to its description (CSV on the Web; Locating Metadata, Link header).
- `head=true` puts the same as comments before the header row, for those who keep nothing but the file.
- A workbook has it in its first sheet.
- JSON-LD says of the whole what it is, and puts the rows into a graph of that name.
"""

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any, Final
from urllib.parse import urlencode

from flask import Response, json, request

from graph.dataset_text import LICENCE
from graph.namespaces import DCT, ID, RDFS, SCHEMA, TRV, XSD
from graph.table_workbook import ROWS, table_workbook
from service.asked import Asked
from service.citation import FORMATS as CITATIONS
from service.citation import Citation, citation, cited
from service.deployment import deployment
from service.parameters import HEAD, LIMIT
from service.representations import FORMULA, LINE, bytes_answer, jsonld_answer

DESCRIPTION: Final = "csvm"
WORKBOOK: Final = "xlsx"
EXPORTS: Final = (WORKBOOK, "jsonld", DESCRIPTION)
"""What there is of every table beside its CSV and its JSON."""

COMMENT: Final = "#"
SEPARATOR: Final = ";"
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.]*", re.ASCII)
IRI: Final = re.compile(r"https?://\S+")
DATATYPES: Final = {
    "anyURI": IRI,
    "integer": re.compile(r"-?(0|[1-9]\d{0,14})"),  # as many digits as a workbook keeps; 007 is a text
    "decimal": re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?"),
    "date": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "boolean": re.compile("true|false"),
}


def answered(asked: Asked, added: Sequence[str], view: Callable[[Asked], Response]) -> Response:
    """The answer of a view, or what is made of it in one of the formats added to its own. Raises InvalidParameter."""
    form = asked.representation
    if asked.head and form not in ("csv", DESCRIPTION):
        raise HEAD.refusal("true", "only a CSV begins with a head: other formats say it anyway. Leave it out.")
    if form == WORKBOOK and DESCRIPTION in added:
        return _as_workbook(asked, view(replace(asked, representation="csv")))
    if form not in added:
        response = view(asked)
        return _with_description(asked, response) if form == "csv" and DESCRIPTION in added else response
    if form in CITATIONS:
        return cited(citation(asked), form)
    if form == DESCRIPTION:
        return _described(asked, view(replace(asked, representation="csv")))
    return _as_jsonld(asked, view(replace(asked, representation="json")))


def _with_description(asked: Asked, response: Response) -> Response:
    """A CSV, with its head if it was asked for, and the link to its description."""
    response.headers.add("Link", f'<{_beside(DESCRIPTION)}>; rel="describedby"; type="application/csvm+json"')
    if asked.head:
        lines = (f"{COMMENT} {name}: {' '.join(text.split())}{LINE}" for name, text in citation(asked).facts().items())
        response.set_data("".join(lines).encode() + response.get_data())
    return response


def _described(asked: Asked, table: Response) -> Response:
    """The description of a CSV (Metadata Vocabulary for Tabular Data), of just the file that stands at `url`."""
    one = citation(asked)
    header, *rows = _read(table)
    columns = [_column(name, [row[place] for row in rows]) for place, name in enumerate(header)]
    document = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": _beside("csv"),
        "dc:title": one.title,
        "dc:publisher": one.publisher,
        "dc:issued": one.issued.isoformat(),
        "dc:license": {"@id": LICENCE},
        "dc:source": {"@id": one.address},
        "dc:description": f"Filter: {one.filter}. As of {one.as_of.isoformat()}.",
        "schema:version": str(one.release),
        **({"dialect": {"commentPrefix": COMMENT}} if asked.head else {}),
        "tableSchema": {"columns": columns, **({"aboutUrl": "{+iri}"} if "iri" in header else {})},
    }
    return bytes_answer(json.dumps(document, ensure_ascii=False, sort_keys=False).encode(), DESCRIPTION)


def _read(table: Response) -> list[list[str]]:
    """The rows of a CSV, the header first."""
    return list(csv.reader(io.StringIO(table.get_data(as_text=True), newline="")))


def _as_workbook(asked: Asked, table: Response) -> Response:
    """A CSV as a workbook, with what it is in its first sheet. Raises InvalidParameter for more than a sheet holds."""
    header, *rows = _read(table)
    if len(rows) > ROWS:
        raise LIMIT.refusal(str(len(rows)), f"a sheet holds {ROWS:,} rows: take the CSV, or ask for fewer.")
    kinds = [_column(name, [row[place] for row in rows])["datatype"] for place, name in enumerate(header)]
    values = ([_value(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in rows)
    response = bytes_answer(table_workbook(citation(asked).facts(), header, values), WORKBOOK)
    response.headers.extend((name, value) for name, value in table.headers if name == "Link")
    response.headers["Content-Disposition"] = f'attachment; filename="{citation(asked).key}.{WORKBOOK}"'
    return response


def _value(cell: str, kind: str) -> object:
    """A cell of a CSV as what it stands for; a text without the apostrophe that guards it there."""
    if cell and kind in VALUES:
        return VALUES[kind](cell)
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def _day(text: str) -> object:
    """A day that the calendar of workbooks has, which begins with 1900; any other is a text."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return day if day.year >= 1900 else text


VALUES: Final[dict[str, Callable[[str], object]]] = {
    "integer": int,
    "decimal": Decimal,
    "date": _day,
    "boolean": "true".__eq__,
}


def _column(name: str, cells: Sequence[str]) -> dict[str, Any]:
    """A column as the file has it: its datatype is the narrowest that all of its cells have."""
    parts = [cell.split(SEPARATOR) for cell in cells if cell]
    several = any(len(one) > 1 for one in parts) and all(IRI.fullmatch(part) for part in chain(*parts))
    values = list(chain(*parts)) if several else [cell for cell in cells if cell]
    fitting = (kind for kind, pattern in DATATYPES.items() if values and all(map(pattern.fullmatch, values)))
    return {
        **({"name": name} if NAME.fullmatch(name) else {}),
        "titles": name,
        "datatype": next(fitting, "string"),
        **({"separator": SEPARATOR} if several else {}),
    }


def _as_jsonld(asked: Asked, table: Response) -> Response:
    """A list as JSON-LD: the rows are a graph, and the name of the graph is the address that it is cited by."""
    one = citation(asked)
    listed = json.loads(table.get_data())
    response = jsonld_answer(
        {
            "@context": _context(one),
            "iri": one.address,
            "@type": "Dataset",
            **{name: listed[name] for name in ("release", "as_of") if name in listed},
            "title": one.title,
            "filter": one.filter,
            "issued": one.issued.isoformat(),
            "license": LICENCE,
            "publisher": {"iri": deployment().publisher.iri.value, "label": one.publisher},
            **{name: listed[name] for name in ("total", "limit", "offset", "next") if name in listed},
            "items": listed["items"],
        }
    )
    response.headers.extend((name, value) for name, value in table.headers if name == "Link")
    return response


def _context(one: Citation) -> dict[str, Any]:
    """The context of a list: things by their identifiers, and each column a property of this list."""
    terms = GAP_TERMS if one.page.partition("?")[0] == "/gaps" else {}
    return {
        "@version": 1.1,
        "@vocab": f"{one.address.partition('?')[0]}#",
        "iri": "@id",
        "label": RDFS.label.value,
        "items": "@graph",
        "Dataset": SCHEMA.Dataset.value,
        "release": SCHEMA.version.value,
        "as_of": {"@id": TRV.asOf.value, "@type": XSD.date.value},
        "title": DCT.title.value,
        "filter": DCT.description.value,
        "issued": {"@id": DCT.issued.value, "@type": XSD.date.value},
        "license": {"@id": DCT.license.value, "@type": "@id"},
        "publisher": DCT.publisher.value,
        **dict.fromkeys(("total", "limit", "offset", "next")),
        **terms,
    }


def _things(name: str) -> dict[str, str]:
    return {"@id": TRV[name].value, "@type": "@id"}


def _word(name: str, kind: str) -> dict[str, Any]:
    """A word of a controlled list, which JSON has by its slug."""
    return {"@id": TRV[name].value, "@type": "@id", "@context": {"@base": f"{ID.iri}{kind}/"}}


GAP_TERMS: Final[dict[str, Any]] = {
    **{name: TRV[name].value for name in ("competency", "sector", "demand", "supply", "score")},
    "area": TRV.inArea.value,
    "providers": TRV.providerCount.value,
    "state": _word("gapState", "gap-state"),
    "basis": _word("basis", "basis"),
    "kind": _word("needKind", "need-kind"),
    "evidence": "@nest",
    "needs": _things("needEvidence"),
    "roles": _things("roleEvidence"),
    "offerings": _things("offeringEvidence"),
    "elsewhere": _things("elsewhereEvidence"),
    "stale": _things("staleEvidence"),
}
"""A gap of `/gaps.json` in the words of the vocabulary."""


def _beside(suffix: str) -> str:
    """The address of the same table in another format, under the same arguments."""
    path, _, last = request.path.rpartition("/")
    query = urlencode(request.args.to_dict())
    return f"{path}/{last.partition('.')[0]}.{suffix}" + (f"?{query}" if query else "")
