"""The faults of the graph, as everybody sees them and as the command prints them."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from graph.journal import State
from graph.namespaces import ID
from graph.parsing import Submission
from graph.publication import Publisher, Terms
from graph.resources import QUERIES
from service import create_app
from service.settings import Settings

DAY = date(2026, 11, 23)
PROVIDER = "id,name,kind,country,sectors,sources\na-school,A school,university,US,museums,https://example.org/school\n"
OFFERING = "id,label_en,provider,type,source\na-test,A test,a-school,webinar,https://example.org/a-test\n"
DANGLING = "dangling-reference-violation"
NAMES = sorted(path.stem for path in (QUERIES / "checks").glob("*.rq"))


@pytest.fixture(scope="module")
def faulty(starter_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter graph, with an offering whose provider was withdrawn by another contributor."""
    data = Path(shutil.copytree(starter_data, tmp_path_factory.mktemp("checks") / "data"))
    with Publisher.open(data) as publisher:
        publisher.contribute([Submission("provider.csv", PROVIDER.encode())], Terms("a-school"), DAY)
        number = publisher.journal.entries(State.PUBLISHED)[-1].number
        publisher.contribute([Submission("offering.csv", OFFERING.encode())], Terms("an-association"), DAY)
        publisher.journal.move(number, [State.PUBLISHED], State.WITHDRAWING, "", "a-school")
        publisher.publish(DAY)
    return data


@pytest.fixture(scope="module")
def asking(faulty: Path) -> FlaskClient:
    return create_app(Settings(data=faulty)).test_client()


def answer(client: FlaskClient, path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(client.get(path).data)
    return found


def trivium(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "service.cli", *arguments]
    return subprocess.run(
        command, env=os.environ | {"TRIVIUM_DATA": str(data)}, capture_output=True, text=True, check=False
    )


def test_a_sound_graph_has_no_faults_and_names_every_check(client: FlaskClient) -> None:
    found = answer(client, "/checks.json")
    assert (found["total"], found["items"]) == (0, [])
    assert [(one["name"], one["faults"]) for one in found["checks"]] == [(name, 0) for name in NAMES]
    assert all(one["summary"] and one["why"] for one in found["checks"])


def test_a_fault_is_told_with_what_was_found(asking: FlaskClient) -> None:
    found = answer(asking, "/checks.json")
    thing, subject = ID["provider/a-school"].value, ID["offering/a-test"].value
    assert {"check": DANGLING, "thing": thing, "details": {"subject": subject}} in found["items"]
    counts = {one["name"]: one["faults"] for one in found["checks"]}
    assert counts[DANGLING] == sum(item["check"] == DANGLING for item in found["items"])
    assert sum(counts.values()) == found["total"] == len(found["items"])


def test_csv_has_a_line_for_each_fault(asking: FlaskClient) -> None:
    rows = list(csv.DictReader(io.StringIO(asking.get("/checks.csv?limit=0").text)))
    items = answer(asking, "/checks.json?limit=0")["items"]
    assert [(row["check"], row["thing"]) for row in rows] == [(item["check"], item["thing"]) for item in items]
    assert all(row["summary"] and row["why"] for row in rows)
    assert f"subject: {ID['offering/a-test'].value}" in [row["details"] for row in rows]


def test_one_check_may_be_asked_for(asking: FlaskClient) -> None:
    assert {one["check"] for one in answer(asking, f"/checks.json?check={DANGLING}")["items"]} == {DANGLING}
    assert answer(asking, "/checks.json?check=broader-cycle-violation")["items"] == []
    refused = asking.get("/checks.json?check=dangling-reference")
    assert refused.status_code == 400
    assert json.loads(refused.data)["suggestion"] == DANGLING


def test_the_page_says_what_is_wrong_and_why(asking: FlaskClient, client: FlaskClient) -> None:
    page = asking.get("/checks", headers={"Accept": "text/html"}).text
    assert 'href="/offering/a-test"' in page
    assert "must not find an empty page" in page
    assert "no fault that they can find" in client.get("/checks", headers={"Accept": "text/html"}).text


def test_answers_are_kept_for_a_release(asking: FlaskClient) -> None:
    tag = asking.get("/checks.json").headers["ETag"]
    assert asking.get("/checks.json", headers={"If-None-Match": tag}).status_code == 304


def test_the_command_prints_faults_and_ends_with_1(faulty: Path) -> None:
    told = trivium(faulty, "check")
    assert told.returncode == 1, told.stderr
    assert "References into our namespaces that lead to nothing (dangling-reference-violation): 1" in told.stdout
    assert "why: An identifier that is used must be described" in told.stdout
    assert f"{ID['provider/a-school'].value} (subject: {ID['offering/a-test'].value})" in told.stdout


def test_programs_get_what_the_address_answers(faulty: Path, asking: FlaskClient) -> None:
    for form in ("csv", "json"):
        told = trivium(faulty, "check", "--format", form)
        assert told.returncode == 1, told.stderr
        assert told.stdout.splitlines() == asking.get(f"/checks.{form}?limit=0").text.splitlines()


def test_the_command_ends_with_0_where_nothing_is_wrong(starter_data: Path) -> None:
    told = trivium(starter_data, "check")
    assert told.returncode == 0, told.stderr
    assert "0 faults" in told.stdout
