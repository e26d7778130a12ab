"""The command line, as a person or a script uses it: what it prints, where, and with which exit code."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from graph.releases import Releases
from graph.resources import STARTER

Told = subprocess.CompletedProcess[str]
Trivium = Callable[..., Told]


def told(data: Path, *arguments: str) -> Told:
    environment = os.environ | {"TRIVIUM_DATA": str(data), "COLUMNS": "200"}
    command = [sys.executable, "-m", "service.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def trivium(starter_data: Path) -> Trivium:
    """The command, over the starter graph; it must not change it."""
    return lambda *arguments: told(starter_data, *arguments)


@pytest.fixture
def own_data(starter_data: Path, tmp_path: Path) -> Path:
    """A copy of the starter graph that a test may change."""
    return Path(shutil.copytree(starter_data, tmp_path / "data"))


def first_row(**changes: str) -> str:
    """The first curated offering, with changes, as a file of one row."""
    rows = csv.DictReader(io.StringIO((STARTER / "offering.csv").read_text(encoding="utf-8")))
    row = next(rows) | {"id": "an-offering-of-a-test"} | changes
    out = io.StringIO()
    writer = csv.DictWriter(out, list(row), lineterminator="\n")
    writer.writeheader()
    writer.writerow(row)
    return out.getvalue()


def test_gaps_are_a_table_for_people(trivium: Trivium) -> None:
    answer = trivium("gaps", "--sector", "museums", "--limit", "5")
    assert answer.returncode == 0, answer.stderr
    assert "5 of 130; release 1, as of 2026-11-23" in answer.stdout
    assert "capacity-gap" in answer.stdout


def test_gaps_are_json_for_programs(trivium: Trivium) -> None:
    answer = json.loads(trivium("gaps", "--level", "entry", "--state", "missing", "--format", "json").stdout)
    assert answer["query"]["level"].endswith("entry")
    assert {item["state"] for item in answer["items"]} == {"missing"}


def test_a_value_that_is_not_known_is_named_with_the_nearest(trivium: Trivium) -> None:
    answer = trivium("gaps", "--sector", "museum")
    assert answer.returncode == 2
    assert "Did you mean `museums`?" in answer.stderr
    assert not answer.stdout


def test_a_question_of_the_catalogue_is_asked_by_name(trivium: Trivium) -> None:
    answer = trivium("query", "requirements-of-role", "-p", "role=archivist", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(answer.stdout)))
    curated = csv.DictReader(io.StringIO((STARTER / "requirement.csv").read_text(encoding="utf-8")))
    expected = {row["competency"] for row in curated if row["role"] == "archivist"}
    assert {row["competency_iri"].rpartition("/")[2] for row in rows} == expected


def test_a_question_that_is_not_there_is_named_with_the_nearest(trivium: Trivium) -> None:
    answer = trivium("query", "requirements-of-rol", "-p", "role=archivist")
    assert answer.returncode == 2
    assert "Did you mean `requirements-of-role`?" in answer.stderr


def test_a_file_of_sparql_is_answered_or_its_fault_is_placed(trivium: Trivium, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.rq", tmp_path / "bad.rq"
    good.write_text("SELECT (COUNT(DISTINCT ?c) AS ?n) WHERE { ?c a trv:Competency }", encoding="utf-8")
    bad.write_text("SELECT ?c\nWHERE { ?c a }", encoding="utf-8")
    assert trivium("query", str(good), "--format", "csv").stdout.split() == ["n", "130"]
    answer = trivium("query", str(bad))
    assert answer.returncode == 2
    assert "line 2, column 15" in answer.stderr


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        (
            {"competencies": "disaster-planning-and-respons"},
            ["competencies", "Did you mean `disaster-planning-and-response`?"],
        ),
        ({"provider": "aaslhh"}, ["row 2, column provider", "`aaslhh`", "Did you mean `aaslh`?"]),
        ({"page_date": "2027-02-30"}, ["row 2, column page_date", "`2027-02-30`"]),
        ({"id": "Not a slug"}, ["row 2, column id", "Did you mean `not-a-slug`?"]),
        ({"type": "courses"}, ["row 2, column type", "Did you mean `course`?"]),
        ({"url": "javascript:alert(1)"}, ["row 2, column url"]),
        ({"titel": "x"}, ["row 1, column titel", "There is no column `titel`"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_bad_file_is_refused_whole(
    own_data: Path, tmp_path: Path, changes: dict[str, str], messages: list[str]
) -> None:
    before = Releases(own_data).newest()
    file = tmp_path / "offering.csv"
    file.write_text(first_row(**changes), encoding="utf-8")
    for command in ("validate", "load"):
        answer = told(own_data, command, str(file))
        assert answer.returncode == 1, answer.stderr
        for message in ["offering.csv", *messages]:
            assert message in answer.stderr
    assert Releases(own_data).newest() == before


def test_a_good_file_is_published_and_seen(own_data: Path, tmp_path: Path) -> None:
    file = tmp_path / "offering.csv"
    file.write_text(first_row(competencies="physical-accessibility", page_date="2026-11", sectors=""), encoding="utf-8")
    assert told(own_data, "validate", str(file)).returncode == 0
    answer = told(own_data, "load", str(file), "--as-of", "2026-11-23")
    assert answer.returncode == 0, answer.stderr
    assert "Release 2" in answer.stdout
    gap = json.loads(told(own_data, "gaps", "--competency", "physical-accessibility", "--format", "json").stdout)
    assert {item["state"] for item in gap["items"]} == {"thin"}


def test_a_rebuild_gives_the_same_statements(own_data: Path) -> None:
    before = Releases(own_data).newest()
    answer = told(own_data, "rebuild", "--as-of", "2026-11-23")
    after = Releases(own_data).newest()
    assert answer.returncode == 0, answer.stderr
    assert before is not None
    assert after is not None
    assert (after.number, after.digest) == (before.number + 1, before.digest)


def test_an_export_is_every_statement(trivium: Trivium, starter_data: Path) -> None:
    newest = Releases(starter_data).newest()
    assert newest is not None
    assert len(trivium("export").stdout.splitlines()) == newest.quads
    assert len(trivium("export", "--format", "csv", "--kind", "role").stdout.splitlines()) == 70


def test_nothing_published_is_said(tmp_path: Path) -> None:
    answer = told(tmp_path, "gaps")
    assert answer.returncode == 3
    assert "trivium serve" in answer.stderr
