"""`/validate`: one report as JSON, page, table and RDF; whatever is sent, the service goes on and keeps nothing."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, RdfFormat, parse
from werkzeug.test import TestResponse

from graph.examination import Wanted, examine_apart
from graph.namespaces import SH
from graph.parsing import Submission
from graph.releases import Release
from graph.resources import SHAPES, STARTER
from service import create_app
from service.settings import Settings

EXAMPLES = SHAPES / "examples"
INVALID = sorted(EXAMPLES.glob("*/invalid/*.ttl"))[5::60]
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SLIP = b"id,label_en,mode,type,provider,source\na-course,A course,hybird,course,aaslhh,https://example.org/a\n"


def sent(client: FlaskClient, body: bytes, content_type: str = "text/csv", **headers: str) -> TestResponse:
    path = "/validate?kind=offering" if content_type == "text/csv" else "/validate"
    return client.post(path, data=body, content_type=content_type, headers=headers)


def report(response: TestResponse) -> dict[str, Any]:
    found: dict[str, Any] = response.json  # type: ignore[assignment]
    return found


def files(folder: Path) -> dict[str, bytes]:
    """Every file that could keep something."""
    kept = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("LOG")]
    return {str(path): path.read_bytes() for path in kept}


@pytest.mark.parametrize("path", INVALID, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_the_findings_are_those_of_an_examination(client: FlaskClient, starter_release: Release, path: Path) -> None:
    body = path.read_bytes()
    expected = examine_apart([Submission("body.ttl", body)], Wanted(starter_release.path / "store"))
    response = sent(client, body, "text/turtle")
    found = report(response)
    assert response.status_code == 200
    assert found["conforms"] is False
    assert [one["message"] for one in found["findings"]] == [one.message for one in expected.report.findings]
    assert [one["example"] for one in found["findings"]] == [one.example for one in expected.report.findings]


def test_a_slip_in_a_spreadsheet_is_placed_explained_and_corrected(client: FlaskClient) -> None:
    response = sent(client, SLIP)
    assert (response.status_code, response.mimetype) == (200, "application/json")
    found = report(response)
    assert (found["conforms"], found["readable"], found["violations"]) == (False, True, 2)
    (mode,) = (one for one in found["findings"] if one["column"] == "mode")
    assert (
        mode.items()
        >= {
            "severity": "violation",
            "file": "body.csv",
            "row": 2,
            "value": "hybird",
            "suggestion": "hybrid",
            "why": "How one takes part.",
            "example": "mode: hybrid",
        }.items()
    )
    (record,) = found["records"]
    assert 0 < record["completeness"] < 1
    assert "url" in record["missing"]


def test_the_same_report_as_a_table_a_page_and_rdf(client: FlaskClient) -> None:
    stated = report(sent(client, SLIP))["findings"]
    table = list(csv.DictReader(io.StringIO(sent(client, SLIP, Accept="text/csv").get_data(as_text=True))))
    assert [row["message"] for row in table] == [one["message"] for one in stated]
    graph = [quad.triple for quad in parse(sent(client, SLIP, Accept="text/turtle").data, RdfFormat.TURTLE)]
    messages = {one.object for one in graph if one.predicate == SH.resultMessage}
    assert messages == {Literal(one["message"], language="en") for one in stated}
    text = sent(client, SLIP, **BROWSER).get_data(as_text=True)
    assert "This does not conform yet." in text
    assert "<code>mode: hybrid</code>" in text
    assert "<script" not in text
    by_suffix = client.post("/validate.csv?kind=offering", data=SLIP, content_type="text/csv")
    assert by_suffix.mimetype == "text/csv"


def test_a_file_that_is_all_right_conforms(client: FlaskClient) -> None:
    body = (STARTER / "role.csv").read_bytes()
    response = client.post("/validate", data={"file": (io.BytesIO(body), "role.csv")})
    assert report(response)["conforms"] is True
    assert report(response)["findings"] == []


def test_a_form_takes_files_and_pasted_text(client: FlaskClient) -> None:
    pasted = client.post("/validate", data={"text": SLIP.decode(), "format": "csv", "kind": "offering"})
    assert [one["file"] for one in report(pasted)["records"]] == ["pasted.csv"]
    typed = client.post("/validate", data={"file": (io.BytesIO(SLIP), "no-ending", "text/csv"), "kind": "offering"})
    assert report(typed)["violations"] == report(pasted)["violations"] == 2
    assert client.post("/validate", data={"kind": "offering"}).status_code == 400
    assert client.post("/validate", data={"text": "a", "format": "pdf"}).status_code == 400


def test_the_form_is_a_page(client: FlaskClient) -> None:
    text = client.get("/validate?kind=offering", headers=BROWSER).get_data(as_text=True)
    assert 'enctype="multipart/form-data"' in text
    assert '<option value="offering" selected>' in text
    assert client.get("/validate?kind=offer").status_code == 400


def test_a_kind_or_type_that_is_not_known_is_answered_with_those_that_are(client: FlaskClient) -> None:
    response = client.post("/validate?kind=offerings", data=SLIP, content_type="text/csv")
    assert (response.status_code, report(response)["suggestion"]) == (400, "offering")
    unknown = client.post("/validate", data=b"%PDF", content_type="application/pdf")
    assert unknown.status_code == 415
    assert "text/turtle" in report(unknown)["detail"]
    upload = client.post("/validate", data={"file": (io.BytesIO(b"%PDF"), "a.pdf", "application/pdf")})
    assert upload.status_code == 415


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b'<!DOCTYPE a [<!ENTITY a "b">]><rdf:RDF/>', "application/rdf+xml", 422),
        (b"[" * 30_000, "application/ld+json", 422),
        (b'{"@context": "https://example.org/c.jsonld", "@id": "x"}', "application/ld+json", 422),
        (b"not Turtle at all", "text/turtle", 422),
        (b"PK\x03\x04 no workbook", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 422),
        (b"[" * 30_000, "application/json", 422),
        (b'{"offering": 1}', "application/json", 422),
        (b"", "text/turtle", 422),
        (b"\xff\xfe\x00", "text/csv", 422),
        (b"a" * 21_000_000, "text/turtle", 413),
        (SLIP.replace(b"https://example.org/a", b"javascript:alert(1)"), "text/csv", 200),
        (b"<urn:a> <urn:b> " + b"[ <urn:b> " * 20_000, "text/turtle", 422),
    ],
    ids=[
        "doctype",
        "deep",
        "context",
        "syntax",
        "workbook",
        "deep-json",
        "json",
        "empty",
        "bytes",
        "21 MB",
        "javascript",
        "brackets",
    ],
)
def test_whatever_is_sent_the_service_goes_on(client: FlaskClient, body: bytes, content_type: str, status: int) -> None:
    response = sent(client, body, content_type)
    assert response.status_code == status, response.get_data(as_text=True)[:500]
    if status == 200:
        assert report(response)["conforms"] is False
    else:
        assert response.mimetype == "application/problem+json"
        assert report(response)["status"] == status
    assert client.get("/health").status_code == 200


def test_what_cannot_be_read_is_a_problem_with_its_report(client: FlaskClient) -> None:
    response = sent(client, b"<urn:a> <urn:b>", "text/turtle")
    found = report(response)
    assert found["type"].endswith("#invalid-input")
    assert (found["conforms"], found["readable"]) == (False, False)
    assert "This is not Turtle" in found["findings"][0]["message"]
    page = sent(client, b"<urn:a> <urn:b>", "text/turtle", **BROWSER)
    assert (page.status_code, page.mimetype) == (422, "text/html")


def test_what_takes_too_long_is_stopped_and_the_next_is_answered(starter_data: Path) -> None:
    hasty = create_app(Settings(data=starter_data, validation_seconds=0.05)).test_client()
    response = sent(hasty, SLIP)
    assert response.status_code == 503
    assert "Retry-After" in response.headers
    assert report(response)["type"].endswith("#validation-timeout")
    assert hasty.get("/gaps.json?limit=1").status_code == 200
    assert sent(create_app(Settings(data=starter_data)).test_client(), SLIP).status_code == 200


def test_nothing_is_kept(client: FlaskClient, starter_data: Path) -> None:
    before = files(starter_data)
    sent(client, SLIP)
    client.post("/validate", data={"file": (io.BytesIO(SLIP), "offering.csv")})
    assert files(starter_data) == before
    assert sent(client, SLIP).headers["Cache-Control"] == "no-store"


def test_it_works_before_the_first_release(tmp_path: Path) -> None:
    client = create_app(Settings(data=tmp_path)).test_client()
    found = report(client.post("/validate", data=(EXAMPLES / "survey/valid/full.ttl").read_bytes(),
                               content_type="text/turtle"))  # fmt: skip
    assert found["conforms"] is True, json.dumps(found["findings"])


def test_nothing_active_gets_into_the_page(client: FlaskClient) -> None:
    body = SLIP.replace(b"hybird", b"<script>alert(1)</script>").replace(b"https://example.org/a", b"javascript:x")
    text = sent(client, body, **BROWSER).get_data(as_text=True)
    assert "<script" not in text
    assert 'href="javascript:' not in text
