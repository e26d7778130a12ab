"""Every example of the shapes, sent to `/validate` in every format, is found to be what the manifest says.

Examples go many to a request, each as a file of its own, so that all of them take seconds. A file sees those before it
as what is known already, so two that would disturb each other are never in one request. What rows cannot say is listed
with its reason, and only that.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatch
from functools import cache
from typing import Any, Final

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook
from pyld import jsonld  # type: ignore[import-untyped]
from pyoxigraph import RdfFormat, Triple, serialize
from rdflib import SH

from graph.jsonld import CONTEXT as PROJECT
from graph.namespaces import RDF, SKOS, SKOSXL, is_slug, kind_and_slug
from graph.parsing import Submission, parsed
from graph.publication import Publisher, Terms
from graph.resources import ONTOLOGY
from graph.schema import Kind, Schema
from graph.tabular import write
from service import create_app
from service.settings import Settings
from tests.examples import CONTEXT, Case, Found, cases, triples_of

SCHEMA = Schema.load()
AT_ONCE = 60  # files in a request
LABELS = (SKOS.prefLabel, SKOSXL.literalForm)
Statements = tuple[Triple, ...]


# Writing an example in a format


def rdf(form: RdfFormat) -> Callable[[Kind, Statements], bytes]:
    def written(_: Kind, statements: Statements) -> bytes:
        return serialize(statements, format=form) or b""

    return written


@cache
def own_context() -> Any:
    return json.loads((ONTOLOGY / "context.jsonld").read_text(encoding="utf-8"))


def json_ld(_: Kind, statements: Statements) -> bytes:
    """With the names of the project's context, which is named and not written out."""
    expanded = json.loads(serialize(statements, format=RdfFormat.JSON_LD) or b"")
    return json.dumps(jsonld.compact(expanded, own_context()) | {"@context": PROJECT}).encode()


def rows(kind: Kind, statements: Statements) -> bytes:
    return write(kind, statements).encode()


def workbook(kind: Kind, statements: Statements) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet(kind.name)
    for number, row in enumerate(csv.reader(io.StringIO(write(kind, statements))), 1):
        for place, text in enumerate(row, 1):
            sheet.cell(number, place, text or None).data_type = "s" if text else "n"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def json_rows(kind: Kind, statements: Statements) -> bytes:
    """Several values of one column are a list, of whatever column."""
    types = [one for one in statements if one.predicate == RDF.type]
    cells: dict[str, list[str]] = {}
    for statement in statements:
        (row,) = csv.DictReader(io.StringIO(write(kind, [*types, statement])))
        for name, text in row.items():
            if text and (name != "id" or name not in cells):
                cells.setdefault(name, []).append(text)
    row = {name: texts if len(texts) > 1 else texts[0] for name, texts in cells.items()}
    return json.dumps({kind.name: [row]}).encode()


WRITERS: Final[Mapping[str, Callable[[Kind, Statements], bytes]]] = {
    "ttl": rdf(RdfFormat.TURTLE),
    "trig": rdf(RdfFormat.TRIG),
    "nt": rdf(RdfFormat.N_TRIPLES),
    "nq": rdf(RdfFormat.N_QUADS),
    "rdf": rdf(RdfFormat.RDF_XML),
    "jsonld": json_ld,
    "csv": rows,
    "xlsx": workbook,
    "json": json_rows,
}
TABLES: Final = ("csv", "xlsx")
ROWS: Final = (*TABLES, "json")

# What rows cannot say, by the name of the example: which formats, why, and which examples
UNSAID: Final = (
    (ROWS, "an id is a slug, or made of other cells", ("*-invalid-malformed-id", "*-invalid-long-id")),
    (ROWS, "what stands around a value is no part of it", ("*-invalid-padded-*", "*-invalid-b[lr]*-label")),
    (
        ROWS,
        "the column says whether its values are links, dates, or texts in a language",
        ("*-invalid-untagged-*", "*-invalid-tagged-*", "*-not-a-link", "offering-invalid-date-as-text"),
    ),
    (
        ROWS,
        "the id is made of this cell, so without it there is no row",
        (
            "label-invalid-missing-[cl]*",
            "mapping-invalid-missing-[frt]*",
            "need-invalid-missing-[ckm]*",
            "need-invalid-missing-s[eu][cr]*",
            "requirement-invalid-missing-[cr]o*",
            "session-invalid-missing-[os][ft]*",
        ),
    ),
    (ROWS, "that a thing is deprecated is said by naming what replaces it", ("*-invalid-deprecated-alone",)),
    (("json",), "an example about two things", ("framework-invalid-second-replaced-by",)),
    (TABLES, "a cell that holds one value, once for each language", ("*-invalid-repeated-*", "*-invalid-second-*")),
)
SAID_AFTER_ALL: Final = "label-invalid-second-label"  # the other is in another language, so in another column


@dataclass(frozen=True)
class Sent:
    """An example as a file, and what is to be found in it."""

    case: Case
    name: str
    body: bytes
    expected: frozenset[Found]


@cache
def as_file(case: Case, form: str) -> Sent | None:
    """The example in a format, or None where reading it would not give the same statements again.

    In rows of a kind whose ids are made from cells, the id may be another.
    """
    kind, statements, name = SCHEMA.kinds[case.kind], triples_of(case.file), f"{case.name}.{form}"
    try:
        body = WRITERS[form](kind, statements)
    except ValueError:
        return None
    read = parsed(Submission(name, body, case.kind), SCHEMA)
    focus = {one.subject for one in statements}
    made = {one.subject for one in read.triples}
    names = dict(zip(made, focus, strict=True)) if len(made) == len(focus) == 1 and may_differ(kind, focus) else {}
    if read.findings or {renamed(one, names) for one in read.triples} != set(statements):
        return None
    made_of = {text(old): text(new) for new, old in names.items()}
    own = {text(one) for one in focus}  # what is published already is not validated again
    expected = (replace(one, focus=made_of.get(one.focus, one.focus)) for one in case.expected if one.focus in own)
    return Sent(case, name, body, frozenset(expected))


def may_differ(kind: Kind, focus: Iterable[Any]) -> bool:
    """Whether nothing is wrong with the id, and rows make it from other cells."""
    return bool(kind.key) and all(is_slug((kind_and_slug(one) or ("", ""))[1]) for one in focus)


def text(iri: Any) -> str:
    return str(iri.value)


def renamed(triple: Triple, names: Mapping[Any, Any]) -> Triple:
    return Triple(names.get(triple.subject, triple.subject), triple.predicate, triple.object)


@cache
def files(form: str) -> tuple[Sent, ...]:
    """Every example that the format can say."""
    return tuple(found for case in cases() if (found := as_file(case, form)))


@pytest.mark.parametrize("form", WRITERS)
def test_all_is_said_but_for_what_is_listed(form: str) -> None:
    patterns = [one for forms, _, names in UNSAID if form in forms for one in names]
    listed = {
        case.name
        for case in cases()
        if any(fnmatch(case.name, one) for one in patterns) and case.name != SAID_AFTER_ALL
    }
    assert {case.name for case in cases()} - {sent.case.name for sent in files(form)} == listed
    for pattern in patterns:
        assert any(fnmatch(name, pattern) for name in listed), pattern


# Sending them


def disturb(one: Sent, other: Sent) -> bool:
    """Whether what one says is what the other refers to, or both give a label to different things."""
    says, also = (triples_of(sent.case.file) for sent in (one, other))
    things, others = ({triple.subject for triple in stated} for stated in (says, also))
    if {triple.object for triple in says} & (others - things) or {triple.object for triple in also} & (things - others):
        return True
    labels = {triple.object for triple in says if triple.predicate in LABELS}
    return things != others and any(triple.predicate in LABELS and triple.object in labels for triple in also)


def requests(form: str) -> Iterator[list[Sent]]:
    """The examples in parts of which each may be sent at once; spreadsheets are of one kind in a request."""
    parts: list[list[Sent]] = []
    for sent in files(form):
        for part in parts:
            same_kind = form != "csv" or part[0].case.kind == sent.case.kind
            if same_kind and len(part) < AT_ONCE and not any(disturb(sent, other) for other in part):
                part.append(sent)
                break
        else:
            parts.append([sent])
    yield from parts


def reports(client: FlaskClient, form: str) -> dict[str, list[dict[str, Any]]]:
    """What `/validate` finds in each example, by its name."""
    found: dict[str, list[dict[str, Any]]] = {sent.case.name: [] for sent in files(form)}
    for part in requests(form):
        uploads = [(io.BytesIO(sent.body), sent.name) for sent in part]
        kind = {"kind": part[0].case.kind} if form == "csv" else {}
        answer = client.post("/validate.json", data={"file": uploads, **kind})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        report: dict[str, Any] = answer.get_json()
        assert report["left_out"] == 0
        for finding in report["findings"]:
            found[finding["file"].removesuffix(f".{form}")].append(finding)
    return found


def results(findings: list[dict[str, Any]]) -> frozenset[Found]:
    """The findings that are results of SHACL."""
    return frozenset(
        Found(one["subject"], one["path"], one["component"], str(SH[one["severity"].capitalize()]), one["shape"])
        for one in findings
        if one["component"]
    )


def of_the_reader(findings: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """The other findings."""
    return sorted((one["severity"], str(one["subject"]), one["message"]) for one in findings if not one["component"])


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client of a service that has published the context of the examples, but for what the controlled lists say."""
    data = tmp_path_factory.mktemp("examples")
    stated = [one for one in triples_of(CONTEXT) if (kind_and_slug(text(one.subject)) or ("",))[0] in SCHEMA.kinds]
    with Publisher.open(data) as publisher:
        body = serialize(stated, format=RdfFormat.TURTLE) or b""
        publisher.contribute([Submission("context.ttl", body)], Terms("operator"), date(2026, 11, 23))
    return create_app(Settings(data=data)).test_client()


@pytest.fixture(scope="module")
def turtle(client: FlaskClient) -> dict[str, list[dict[str, Any]]]:
    """What is found in Turtle."""
    return reports(client, "ttl")


@pytest.mark.parametrize("form", WRITERS)
def test_every_example_is_found_to_be_what_the_manifest_says(
    client: FlaskClient, turtle: dict[str, list[dict[str, Any]]], form: str
) -> None:
    found = turtle if form == "ttl" else reports(client, form)
    differing = {
        sent.name: (results(found[sent.case.name]) ^ sent.expected)
        for sent in files(form)
        if results(found[sent.case.name]) != sent.expected
    }
    assert not differing
    for sent in files(form):
        expected = [] if form in ROWS else of_the_reader(turtle[sent.case.name])
        assert of_the_reader(found[sent.case.name]) == expected, sent.name
