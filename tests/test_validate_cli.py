"""`trivium validate` says what `/validate` says, to people and to programs."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse

from graph.namespaces import SH
from graph.resources import STARTER

SLIP = b"id,label_en,mode,type,provider,source\na-course,A course,hybird,course,aaslhh,https://example.org/a\n"
Told = subprocess.CompletedProcess[bytes]


def told(data: Path, *arguments: str) -> Told:
    command = [sys.executable, "-m", "service.cli", "validate", *arguments]
    return subprocess.run(command, env=os.environ | {"TRIVIUM_DATA": str(data)}, capture_output=True, check=False)


@pytest.fixture
def slip(tmp_path: Path) -> str:
    """A file with slips."""
    path = tmp_path / "offering.csv"
    path.write_bytes(SLIP)
    return str(path)


def test_json_is_the_report_of_the_service(client: FlaskClient, starter_data: Path, slip: str) -> None:
    answer = told(starter_data, slip, "--format", "json")
    upload = {"file": (io.BytesIO(SLIP), "offering.csv")}
    assert answer.returncode == 1
    assert json.loads(answer.stdout) == client.post("/validate", data=upload).json


def test_the_other_formats_are_for_programs_too(starter_data: Path, slip: str) -> None:
    rows = list(csv.DictReader(io.StringIO(told(starter_data, slip, "--format", "csv").stdout.decode())))
    report = [quad.triple for quad in parse(told(starter_data, slip, "--format", "turtle").stdout, RdfFormat.TURTLE)]
    assert {row["column"] for row in rows if row["severity"] == "violation"} == {"mode", "provider"}
    assert sum(triple.predicate == SH.result for triple in report) == len(rows)


def test_people_read_why_and_what_is_right(starter_data: Path, slip: str) -> None:
    said = told(starter_data, slip).stderr.decode()
    assert "why: How one takes part." in said
    assert "right: mode: hybrid" in said
    assert "20% of what is recommended" in said
    assert "What it would change:\n  Closes no gap.\n" in said
    assert "1 provider is not known: “aaslhh” (the nearest is" in said


def test_a_file_that_is_all_right_ends_with_0(starter_data: Path) -> None:
    answer = told(starter_data, str(STARTER / "role.csv"), "--format", "json")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["findings"] == []
