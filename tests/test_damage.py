"""Damage is noticed, every time, and mended from the journal; what the journal itself lacks is said, and waited for."""

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import cast

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, Store
from werkzeug.test import TestResponse

from graph.errors import JournalDamaged, ReleaseDamaged
from graph.journal import Journal, State
from graph.mending import mend
from graph.namespaces import entity
from graph.parsing import Submission
from graph.people import People, Role
from graph.publication import CC0, Publisher, Terms
from graph.publisher import publish_waiting, work
from graph.releases import Release, Releases
from graph.store import Dataset
from graph.tables import JOURNAL
from service import create_app
from service.settings import Settings

DAY = date(2026, 11, 24)
FRAMEWORK = "id,label_en,definition_en,sources\n{id},A framework,Made for a test.,https://example.org/f\n"


def framework(id: str) -> Submission:
    return Submission("framework.csv", FRAMEWORK.format(id=id).encode())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with two releases, in each of which a framework came in; the store shares no file with them."""
    made = tmp_path / "made"
    with Publisher.open(made) as publisher:
        for id in ("first", "second"):
            publisher.contribute([framework(id)], Terms("operator"), DAY)
    return Path(shutil.copytree(made, tmp_path / "data"))


def client_of(data: Path) -> FlaskClient:
    return create_app(Settings(data=data, look_seconds=0)).test_client()


def newest(data: Path) -> Release:
    found = Releases(data).newest()
    assert found is not None
    return found


def is_whole(data: Path, *ids: str) -> bool:
    """Whether the newest release and the store are sound, say the same, and hold the frameworks."""
    release = newest(data)
    release.check()
    with Publisher.open(data) as publisher:
        assert publisher.store.recomputed_fingerprint() == int(release.digest, 16)
        assert publisher.rebuild(release.as_of).digest == release.digest
    dataset = release.dataset()
    assert len(dataset) == release.quads
    return all([*dataset.quads(entity("framework", id))] for id in ids)


def replace(path: Path, content: bytes) -> None:
    """Write other content, as a file of its own where there were links."""
    path.unlink()
    path.write_bytes(content)


def halve(path: Path) -> None:
    replace(path, path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    replace(path, b"")


def lose(path: Path) -> None:
    path.unlink()


def flip(path: Path) -> None:
    """Change one bit in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x10
    replace(path, bytes(content))


Damage = Callable[[Path], None]
HARM: list[Damage] = [halve, empty, lose, flip]


def one_of(store: Path, pattern: str) -> Path:
    """The largest file of a kind."""
    return max(store.glob(pattern), key=lambda path: path.stat().st_size)


def reads_the_same_by_object(store: Dataset) -> bool:
    """Whether every statement is also found by an index that is not read when all is read."""
    quads = set(store.quads())
    pairs = {(quad.object, quad.graph_name) for quad in quads}
    return quads == {found for one, graph in pairs for found in store.quads(object=one, graph=cast(NamedNode, graph))}


def one_that_matters(data: Path, pattern: str) -> Path:
    """The largest file of a kind in the store: of tables, one of the release, for later ones are thrown away."""
    files = (data / "store").glob(pattern)
    known = [path for path in files if pattern != "*.sst" or (newest(data).path / "store" / path.name).exists()]
    return max(known, key=lambda path: path.stat().st_size)


@pytest.mark.parametrize("damage", HARM)
@pytest.mark.parametrize("pattern", ["*.sst", "MANIFEST-*", "CURRENT"])
def test_a_damaged_store_is_made_anew(data: Path, pattern: str, damage: Damage) -> None:
    before = newest(data)
    assert not mend(data)
    damage(one_that_matters(data, pattern))
    assert mend(data)
    assert (newest(data).number, newest(data).digest) == (before.number + 1, before.digest)
    assert is_whole(data, "first", "second")
    assert not mend(data)


@pytest.mark.parametrize("damage", HARM)
def test_a_table_that_no_release_vouches_for_does_no_harm(tmp_path: Path, data: Path, damage: Damage) -> None:
    """The engine writes tables as it likes, and a changed bit may lie in an index that nobody has read yet."""
    Store(str(data / "store")).optimize()
    for name in [path.name for path in (data / "store").glob("*.sst")]:
        harmed = Path(shutil.copytree(data, tmp_path / name))
        damage(harmed / "store" / name)
        mend(harmed)
        with Publisher.open(harmed) as publisher:
            assert reads_the_same_by_object(publisher.store)
        assert is_whole(harmed, "first", "second")


@pytest.mark.parametrize("damage", [halve, lose, flip])
def test_a_damaged_log_of_a_killed_publisher_loses_nothing(data: Path, damage: Damage) -> None:
    """The engine drops what it cannot read of its log without a word; the journal has it all."""
    script = """
import os, signal, sys
from pathlib import Path
from graph.journal import State
from graph.parsing import Submission
from graph.publication import Publisher

with Publisher.open(Path(sys.argv[1])) as publisher:
    numbers = publisher.journal.receive([Submission("framework.csv", sys.argv[2].encode())], "operator", "x:y")
    publisher.journal.record(numbers, State.ACCEPTED)
    publisher._release = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    publisher.publish(publisher.releases.newest().as_of)
"""
    ended = subprocess.run([sys.executable, "-c", script, str(data), FRAMEWORK.format(id="third")], check=False)
    assert ended.returncode == -signal.SIGKILL
    log = one_of(data / "store", "*.log")
    assert log.stat().st_size > 0
    damage(log)
    publish_waiting(data)
    assert is_whole(data, "first", "second", "third")


@pytest.mark.parametrize("damage", HARM)
@pytest.mark.parametrize("pattern", ["store/*.sst", "store/MANIFEST-*", "store/CURRENT", "release.json", "SHA256SUMS"])
def test_a_damaged_release_is_passed_over_and_followed_by_a_sound_one(
    data: Path, pattern: str, damage: Damage, caplog: pytest.LogCaptureFixture
) -> None:
    before = newest(data)
    client = client_of(data)
    assert client.get("/framework/second").status_code == 200
    damage(one_of(before.path, pattern))
    assert client.get("/framework/second").status_code == 200  # who has it open keeps it
    late = client_of(data)
    health = late.get("/health").json
    assert health is not None
    unseen = damage is flip and pattern in ("store/*.sst", "SHA256SUMS")  # seen when it is come across, and by `mend`
    assert health["release"] == before.number - 1 or unseen
    assert late.get("/framework/first").status_code == 200
    with caplog.at_level(logging.WARNING):
        assert mend(data)
    assert f"Release {before.number}" in caplog.text
    assert (newest(data).number, newest(data).digest) == (before.number + 1, before.digest)
    for one in (client, late):
        assert one.get("/health").json["release"] == before.number + 1  # type: ignore[index]
        assert one.get("/framework/second").status_code == 200
    assert not mend(data)
    assert is_whole(data, "first", "second")


def test_damage_to_a_file_that_store_and_releases_share_is_mended(tmp_path: Path) -> None:
    with Publisher.open(tmp_path) as publisher:
        publisher.contribute([framework("first")], Terms("operator"), DAY)
        publisher.publish(DAY)
    table = one_of(newest(tmp_path).path / "store", "*.sst")
    assert table.stat().st_nlink > 1
    content = bytearray(table.read_bytes())
    content[len(content) // 2] ^= 0x10
    table.write_bytes(content)
    assert mend(tmp_path)
    assert is_whole(tmp_path, "first")


def test_without_a_sound_release_it_is_said_until_there_is_one(data: Path) -> None:
    for release in Releases(data).kept():
        halve(one_of(release.path / "store", "MANIFEST-*"))
    client = client_of(data)
    assert client.get("/health").status_code == 503
    assert client.get("/framework/first").status_code == 503
    assert mend(data)
    assert client.get("/framework/first").status_code == 200


def test_an_unfinished_store_is_not_copied_from_a_damaged_release(data: Path) -> None:
    (data / "store.unfinished").touch()
    flip(one_of(newest(data).path / "store", "*.sst"))
    with pytest.raises(ReleaseDamaged, match="trivium rebuild"), Publisher.open(data):
        pass
    assert mend(data)
    assert is_whole(data, "first", "second")


LEFT_OPEN = """
import os, signal, sys
from datetime import date
from pathlib import Path
from graph.parsing import Submission
from graph.publication import Publisher, Terms

with Publisher.open(Path(sys.argv[1])) as publisher:
    for text in sys.argv[2:]:
        publisher.contribute([Submission("framework.csv", text.encode())], Terms("operator"), date(2026, 11, 24))
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def left_open(data: Path) -> Path:
    """A data folder whose publisher was killed: the last events of the journal are only in its write-ahead log."""
    texts = [FRAMEWORK.format(id=id) for id in ("third", "fourth")]
    subprocess.run([sys.executable, "-c", LEFT_OPEN, str(data), *texts], check=False)
    assert (data / f"{JOURNAL}-wal").stat().st_size > 0
    return data


def test_a_write_ahead_log_that_a_killed_process_left_is_read(left_open: Path) -> None:
    assert not mend(left_open)
    assert is_whole(left_open, "first", "second", "third", "fourth")


def flip_first_page(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[200] ^= 0x10
    replace(path, bytes(content))


@pytest.mark.parametrize("damage", [halve, empty, lose, flip, flip_first_page])
def test_a_journal_that_lost_its_end_is_noticed_and_no_number_given_twice(
    left_open: Path, damage: Damage, caplog: pytest.LogCaptureFixture
) -> None:
    """SQLite drops what it cannot read of its write-ahead log without a word."""
    before = newest(left_open)
    damage(left_open / f"{JOURNAL}-wal")
    client = client_of(left_open)
    assert client.get("/framework/fourth").status_code == 200
    token = People(left_open).add("tess", "Tess", Role.TRUSTED)
    answer = submit(client, token, "fifth")
    assert (answer.status_code, json.loads(answer.data)["type"]) == (503, "https://w3id.org/trivium/problems#damaged")
    for publish in (publish_waiting, mend):
        with pytest.raises(JournalDamaged, match="some of it was lost"):
            publish(left_open)
    times = iter([False, False, True])
    with caplog.at_level(logging.ERROR):
        work(left_open, ended=lambda: next(times))
    assert caplog.text.count("Publishing waits: The journal has") == 1
    assert newest(left_open) == before


def submit(client: FlaskClient, token: str, id: str) -> TestResponse:
    return client.post(
        "/contributions?kind=framework",
        data=FRAMEWORK.format(id=id),
        content_type="text/csv",
        headers={"Authorization": f"Bearer {token}"},
    )


def test_a_journal_that_is_gone_is_noticed(data: Path) -> None:
    for path in data.glob(f"{JOURNAL}*"):
        path.unlink()
    with pytest.raises(JournalDamaged, match="has 0 events"):
        publish_waiting(data)
    assert newest(data).number == 2


def test_damage_within_the_journal_is_noticed_when_the_publisher_starts(data: Path) -> None:
    with Journal(data) as journal:
        number = journal.receive_once(framework("third"), "operator", CC0, "third")
        journal.record([number], State.ACCEPTED)
    content = (data / JOURNAL).read_bytes()
    (data / JOURNAL).write_bytes(content.replace(b"third,A framework", b"third,A framewurk"))
    with pytest.raises(JournalDamaged, match="contribution 3 is not what was received"):
        mend(data)


def test_a_journal_that_is_no_database_is_told(data: Path) -> None:
    (data / JOURNAL).write_bytes(b"This is not a database." * 1000)
    for path in data.glob(f"{JOURNAL}-*"):
        path.unlink()
    with pytest.raises(JournalDamaged, match=r"The journal is damaged \(file is not a database\)"):
        publish_waiting(data)
    told = subprocess.run(
        [sys.executable, "-m", "service.cli", "rebuild"],
        env=os.environ | {"TRIVIUM_DATA": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, "Traceback" in told.stderr) == (3, False)
