"""A full disk is survived: 507, reads go on, and publishing goes on by itself when there is room again.

Each test has a small disk of its own: a tmpfs, in a process with a mount namespace that ends with it, so that no mount
is left behind. That process has to be a new one: of an old one, threads of the engine would not see the disk.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from graph.backup import backup
from graph.errors import StorageFull
from graph.journal import Journal, State
from graph.people import People, Role
from graph.publication import Publisher
from graph.publisher import publish_waiting
from graph.releases import Releases
from graph.tables import JOURNAL
from service import create_app
from service.settings import Settings

STARTER_VARIABLE = "TRIVIUM_TEST_FULL_DISK"  # the starter graph, set for the process with mounts of its own
STARTER = os.environ.get(STARTER_VARIABLE, "")
SIZE = 96 << 20  # bytes
OFFERING = """id,label_en,provider,type,competencies,source,page_date
{id},{id},aaslh,webinar,physical-accessibility,https://example.org/{id},2026-11
"""
PAGES = ("/", "/gaps.json", "/role/archivist", "/offerings", "/contributions/1", "/sparql?query=ASK%7B%7D", "/health")


def namespace() -> list[str]:
    """The command that gives a process mounts of its own. Skips where there is none."""
    for command in (["unshare", "--mount"], ["unshare", "--map-root-user", "--mount"]):
        probe = [*command, "sh", "-c", "mount -t tmpfs tmpfs /mnt"]
        if shutil.which("unshare") and subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            return command
    return pytest.skip("NOT TESTED: a full disk. Neither root nor a user namespace may mount a small disk here.")


@pytest.mark.skipif(bool(STARTER), reason="this is the process with mounts of its own")
def test_everything_below_on_a_small_disk(starter_data: Path) -> None:
    command = [
        *namespace(),
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        f"{__file__}::TestFullDisk",
    ]
    environment = os.environ | {STARTER_VARIABLE: str(starter_data)}
    environment = {name: value for name, value in environment.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    expected = sum(name.startswith("test_") for name in vars(TestFullDisk))
    assert f"{expected} passed" in done.stdout, done.stdout
    assert done.returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk."""
    path = tmp_path / "disk"
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(path)], check=True)
    yield path
    subprocess.run(["umount", "--lazy", str(path)], check=True)


@pytest.fixture
def data(disk: Path) -> Path:
    """The starter graph on a small disk; its store is made of the release."""
    with Journal(Path(STARTER)) as journal:
        (disk / "data").mkdir()
        journal.copy(disk / "data" / JOURNAL)
    shutil.copytree(Path(STARTER) / "releases", disk / "data" / "releases")
    return disk / "data"


@pytest.fixture
def token(data: Path) -> str:
    return People(data).add("tess", "Tess", Role.TRUSTED)


@pytest.fixture
def client(data: Path) -> Iterator[FlaskClient]:
    app = create_app(Settings(data=data, look_seconds=0))
    yield app.test_client()
    app.extensions["trivium.sparql"].close()


def fill(disk: Path, room: int = 0) -> Path:
    """Write until there is no room for another byte, or only for some; removing the file makes room again."""
    path = disk / "filler"
    with path.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    assert shutil.disk_usage(disk).free == 0
    os.truncate(path, path.stat().st_size - room)
    return path


def submit(client: FlaskClient, token: str, id: str, padding: int = 0) -> TestResponse:
    """Submit an offering, with a title that is as long as wanted."""
    body = OFFERING.format(id=id).replace(f"{id},{id}", f"{id},{id}{' x' * padding}", 1)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": id}
    return client.post("/contributions?kind=offering", data=body, content_type="text/csv", headers=headers)


def wait_for(reached: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def snapshot(data: Path) -> set[str]:
    """The files of the releases, and what may be left beside them."""
    return {str(path.relative_to(data)) for path in (data / "releases").rglob("*")}


class TestFullDisk:
    """In a mount namespace only; see above."""

    __test__ = bool(STARTER)

    def test_a_submission_is_answered_with_507_and_not_kept(
        self, disk: Path, data: Path, client: FlaskClient, token: str
    ) -> None:
        first = json.loads(submit(client, token, "first").data)["number"]
        filler = fill(disk)
        answers = [submit(client, token, f"more-{number}", padding=200_000) for number in range(3)]
        for answer in answers:
            assert (answer.status_code, answer.mimetype) == (507, "application/problem+json")
            assert json.loads(answer.data)["type"].endswith("#storage-full")
        for path in PAGES:
            assert client.get(path).status_code == 200, path
        with Journal(data) as journal:
            assert [entry.number for entry in journal.entries(State.RECEIVED)] == [first]
            filler.unlink()
            again = submit(client, token, "more-0", padding=2)
            assert (again.status_code, json.loads(again.data)["number"]) == (202, first + 1)
            assert journal.faults() == []

    def test_publishing_is_undone_and_done_again(self, disk: Path, data: Path, client: FlaskClient, token: str) -> None:
        before = Releases(data).newest()
        assert before is not None
        number = json.loads(submit(client, token, "a-course").data)["number"]
        there = snapshot(data)
        for room in (1 << 18, 0):
            filler = fill(disk, room)
            with pytest.raises(StorageFull, match="make room"):
                publish_waiting(data)
            assert {one for one in snapshot(data) - there if "draft-" not in one} == set()
        assert client.get("/offering/a-course").status_code == 404
        filler.unlink()
        publish_waiting(data)
        with Journal(data) as journal:
            assert journal.entry(number).state is State.PUBLISHED
        assert client.get("/offering/a-course").status_code == 200
        newest = Releases(data).newest()
        assert newest is not None
        assert newest.number == before.number + 1
        assert not [path for path in snapshot(data) if "draft-" in path]
        with Publisher.open(data) as publisher:
            assert publisher.store.recomputed_fingerprint() == int(newest.digest, 16)
            assert publisher.rebuild(newest.as_of).digest == newest.digest

    def test_a_publisher_at_work_waits_says_so_once_and_goes_on(
        self, disk: Path, data: Path, client: FlaskClient, token: str, tmp_path: Path
    ) -> None:
        number = json.loads(submit(client, token, "a-course").data)["number"]
        filler = fill(disk)
        log = tmp_path / "log"
        with log.open("w") as file:
            command = [sys.executable, "-m", "service.cli", "publisher"]
            publisher = subprocess.Popen(command, env=os.environ | {"TRIVIUM_DATA": str(data)}, stderr=file)
        try:
            wait_for(lambda: "Publishing waits" in log.read_text())
            time.sleep(5)  # it tries again meanwhile
            assert publisher.poll() is None
            filler.unlink()
            with Journal(data) as journal:
                wait_for(lambda: journal.entry(number).state is State.PUBLISHED)
            assert publisher.poll() is None
            assert log.read_text().count("Publishing waits: There is no room left") == 1
            assert "Traceback" not in log.read_text()
            assert client.get("/offering/a-course").status_code == 200
        finally:
            publisher.terminate()
            publisher.wait(20)

    def test_a_backup_that_finds_no_room_leaves_nothing(
        self, disk: Path, data: Path, client: FlaskClient, tmp_path: Path
    ) -> None:
        assert client.get("/contributions/1").status_code == 200  # the journal is open, as while it serves
        fill(disk)
        with pytest.raises(StorageFull, match="make room"):
            backup(data, disk / "backup")
        assert not [path for path in disk.iterdir() if path.name.startswith("backup")]
        assert backup(data, tmp_path / "elsewhere").files

    def test_a_command_says_it_and_nothing_is_kept(self, disk: Path, data: Path, tmp_path: Path) -> None:
        fill(disk)
        file = tmp_path / "offering.csv"
        file.write_text(OFFERING.format(id="a-course"), encoding="utf-8")
        command = [sys.executable, "-m", "service.cli", "load", str(file)]
        told = subprocess.run(
            command, env=os.environ | {"TRIVIUM_DATA": str(data)}, capture_output=True, text=True, check=False
        )
        assert (told.returncode, "make room" in told.stderr) == (3, True), told.stderr
        assert "Traceback" not in told.stderr
