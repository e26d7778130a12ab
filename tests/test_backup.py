"""A backup is made while everything runs, is checked before it is put back, and goes on where it ended."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from graph.backup import backup, restore
from graph.errors import BackupDamaged, JournalDamaged, ReleaseDamaged, TriviumError
from graph.journal import Journal, State
from graph.manifest import Manifest
from graph.mending import mend
from graph.namespaces import SKOS, entity
from graph.parsing import Submission
from graph.people import People, Role
from graph.publication import CC0, Publisher
from graph.publisher import publish_waiting, work
from graph.releases import Release, Releases
from graph.tables import JOURNAL
from service import create_app
from service.settings import Settings

OFFERING = """id,label_en,provider,type,competencies,source,page_date
{id},{id},aaslh,webinar,physical-accessibility,https://example.org/{id},2026-11
"""


@pytest.fixture
def made(data: Path, tmp_path: Path) -> Path:
    """A backup of the starter graph."""
    backup(data, tmp_path / "backup")
    return tmp_path / "backup"


def submit(data: Path, id: str) -> int:
    with Journal(data) as journal:
        return journal.receive_once(Submission("offering.csv", OFFERING.format(id=id).encode()), "tess", CC0, id)


def newest(data: Path) -> Release:
    found = Releases(data).newest()
    assert found is not None
    return found


def titles(data: Path, id: str) -> int:
    return len([*newest(data).dataset().quads(entity("offering", id), SKOS.prefLabel)])


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_restored_serves_and_goes_on_with_the_next_numbers(data: Path, made: Path, tmp_path: Path) -> None:
    token = People(data).add("tess", "Tess", Role.TRUSTED)
    backup(data, tmp_path / "second")
    restored = tmp_path / "restored"
    assert restore(tmp_path / "second", restored) == Release(**vars(newest(data)) | {"path": newest(restored).path})
    app = create_app(Settings(data=restored, look_seconds=0))
    client = app.test_client()
    assert client.get("/gaps.json").json == create_app(Settings(data=data)).test_client().get("/gaps.json").json
    before = submit(data, "the-next")
    answer = client.post(
        "/contributions?kind=offering",
        data=OFFERING.format(id="the-next"),
        content_type="text/csv",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert json.loads(answer.data)["number"] == before
    publish_waiting(restored)
    assert client.get("/offering/the-next").status_code == 200
    assert newest(restored).number == newest(data).number + 1
    assert not mend(restored)


def test_what_was_accepted_but_not_published_is_published_after_a_restore(data: Path, tmp_path: Path) -> None:
    accepted, received = submit(data, "accepted"), submit(data, "received")
    with Journal(data) as journal:
        journal.record([accepted], State.ACCEPTED)
    backup(data, tmp_path / "backup")
    for name, journal_only in (("whole", False), ("journal", True)):
        if journal_only:
            backup(data, tmp_path / name, journal_only=True)
        restored = tmp_path / f"restored-{name}"
        restore(tmp_path / ("journal" if journal_only else "backup"), restored)
        publish_waiting(restored)
        with Journal(restored) as journal:
            assert [journal.entry(number).state for number in (accepted, received)] == [State.PUBLISHED] * 2
        assert (titles(restored, "accepted"), titles(restored, "received")) == (1, 1)
        assert submit(restored, "another") == received + 1


def test_a_journal_alone_gives_the_same_statements_under_the_next_number(data: Path, tmp_path: Path) -> None:
    with Publisher.open(data) as publisher:
        for _ in range(3):
            before = publisher.publish(newest(data).as_of)
    manifest = backup(data, tmp_path / "backup", journal_only=True)
    assert [one.path for one in manifest.files] == [JOURNAL]
    after = restore(tmp_path / "backup", tmp_path / "restored")
    assert after is not None
    assert (after.number, after.digest, after.as_of) == (before.number + 1, before.digest, before.as_of)


def wait_for_more(acknowledged: list[int], more: int) -> None:
    """Wait until so many more contributions were acknowledged."""
    before, deadline = len(acknowledged), time.monotonic() + 60
    while len(acknowledged) < before + more:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_backups_while_everything_runs_are_each_consistent(data: Path, tmp_path: Path) -> None:
    """What a journal calls published is in the release beside it, and what it holds besides is published later."""
    People(data).add("tess", "Tess", Role.TRUSTED)
    ended = threading.Event()
    acknowledged: list[int] = []

    def contribute() -> None:
        while not ended.wait(0.5):
            acknowledged.append(submit(data, f"course-{len(acknowledged)}"))

    threads = [
        threading.Thread(target=contribute),
        threading.Thread(target=work, args=(data,), kwargs={"ended": ended.is_set}),
    ]
    for thread in threads:
        thread.start()
    sizes = []
    try:
        for number in range(2):
            wait_for_more(acknowledged, 2)
            least = len(acknowledged)
            backup(data, tmp_path / f"backup-{number}")
            sizes.append((least, len(acknowledged)))
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    for number, (least, most) in enumerate(sizes):
        restored = tmp_path / f"restored-{number}"
        restore(tmp_path / f"backup-{number}", restored)
        with Journal(restored) as journal:
            kept = [entry for entry in journal.entries(*State) if entry.number in acknowledged]
        assert least <= len(kept) <= most + 1
        shown = newest(restored).dataset()
        for index, entry in enumerate(kept):
            found = [*shown.quads(entity("offering", f"course-{index}"), SKOS.prefLabel)]
            assert len(found) == 1 or entry.state is not State.PUBLISHED
        assert not mend(restored)
    publish_waiting(restored)
    assert all(titles(restored, f"course-{index}") == 1 for index in range(len(kept)))


def test_a_backup_says_what_it_is(data: Path, made: Path) -> None:
    manifest = Manifest.read(made)
    assert manifest.release is not None
    assert (manifest.release.number, manifest.release.digest) == (1, newest(data).digest)
    assert {one.path for one in manifest.files} == files(made).keys() - {"manifest.json"}
    assert [path.name for path in made.parent.iterdir() if "unfinished" in path.name] == []


def test_dumps_are_no_damage_and_are_not_backed_up(data: Path, tmp_path: Path) -> None:
    """They are made of the release, whenever they are asked for."""
    (newest(data).path / "dumps").mkdir(exist_ok=True)
    (newest(data).path / "dumps" / "trivium.nq.gz").write_bytes(b"made later")
    assert not mend(data)
    assert not [one.path for one in backup(data, tmp_path / "backup").files if "dumps" in one.path]


def test_a_backup_holds_no_token(data: Path, tmp_path: Path) -> None:
    token = People(data).add("tess", "Tess", Role.TRUSTED)
    backup(data, tmp_path / "backup")
    kept = b"".join(files(tmp_path / "backup").values())
    assert b"tess" in kept
    assert token.partition(".")[2].encode() not in kept


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x20
    path.write_bytes(content)


def table(made: Path) -> Path:
    return max(made.rglob("*.sst"), key=lambda path: path.stat().st_size)


def forge(made: Path) -> None:
    """Say another digest, and sums that fit."""
    path = made / "releases" / "000001" / "release.json"
    facts = json.loads(path.read_text(encoding="utf-8")) | {"digest": "0" * 64}
    path.write_text(json.dumps(facts), encoding="utf-8")
    manifest = Manifest.read(made)
    (made / "manifest.json").unlink()
    Manifest.of(made, Releases(made).newest(), manifest.created).write(made)


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a changed bit of the journal": (lambda made: flip(made / JOURNAL), "journal.sqlite was changed"),
    "a short journal": (lambda made: os.truncate(made / JOURNAL, 4096), "journal.sqlite has 4096 bytes instead of"),
    "a lost journal": (lambda made: (made / JOURNAL).unlink(), "journal.sqlite is missing"),
    "a changed bit of a table": (lambda made: flip(table(made)), r"\.sst was changed"),
    "a lost table": (lambda made: table(made).unlink(), r"\.sst is missing"),
    "no manifest": (lambda made: (made / "manifest.json").unlink(), r"There is no manifest\.json"),
    "half a manifest": (lambda made: os.truncate(made / "manifest.json", 100), r"manifest\.json cannot be read"),
    "another format": (
        lambda made: (made / "manifest.json").write_text('{"format": 2, "version": "9"}'),
        "made by Trivium 9 in format 2",
    ),
    "another digest": (forge, "not those of its digest"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_is_told_and_changes_nothing(made: Path, tmp_path: Path, damage: str) -> None:
    harm, message = DAMAGES[damage]
    harm(made)
    with pytest.raises(BackupDamaged, match=message):
        restore(made, tmp_path / "restored")
    assert not (tmp_path / "restored").exists()


def test_a_path_that_leads_out_of_a_backup_is_not_followed(made: Path, tmp_path: Path) -> None:
    path = made / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace(f'"{JOURNAL}"', f'"../{JOURNAL}"'), encoding="utf-8")
    with pytest.raises(BackupDamaged, match="leads out"):
        restore(made, tmp_path / "restored")


def test_nothing_is_overwritten(data: Path, made: Path, tmp_path: Path) -> None:
    there = files(made)
    with pytest.raises(TriviumError, match="is there already: give the name of a new folder"):
        backup(data, made)
    assert files(made) == there
    before = files(data)
    with pytest.raises(TriviumError, match=r"has journal\.sqlite, .* set TRIVIUM_DATA to a new folder"):
        restore(made, data)
    assert files(data) == before
    (data / JOURNAL).unlink()
    with pytest.raises(TriviumError, match="has store, releases already"):
        restore(made, data)
    with pytest.raises(TriviumError, match="There is no journal in"):
        backup(data, tmp_path / "another")


def test_a_restore_that_was_ended_is_done_again(made: Path, tmp_path: Path) -> None:
    restored = tmp_path / "restored"
    shutil.copytree(made / "releases", restored / "releases")
    (restored / "restore.unfinished").mkdir()
    shutil.copy(made / JOURNAL, restored / "restore.unfinished")
    restore(made, restored)
    assert not mend(restored)
    assert sorted(path.name for path in restored.iterdir() if "journal.sqlite-" not in path.name) == [
        JOURNAL,
        "publisher.lock",
        "releases",
        "store",
    ]


def test_damage_is_not_backed_up(data: Path, tmp_path: Path) -> None:
    flip(table(data / "releases"))
    with pytest.raises(ReleaseDamaged, match="--journal-only"):
        backup(data, tmp_path / "backup")
    assert backup(data, tmp_path / "journal", journal_only=True).files
    with Journal(data) as journal:
        body = journal.entry(1).submission.body[:40]
    content = (data / JOURNAL).read_bytes()
    assert body in content
    (data / JOURNAL).write_bytes(content.replace(body, body.swapcase()))
    with pytest.raises(JournalDamaged, match="contribution 1 is not what was received"):
        backup(data, tmp_path / "backup", journal_only=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "journal"]


def told(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"TRIVIUM_DATA": str(data), "COLUMNS": "200"}
    command = [sys.executable, "-m", "service.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_commands(data: Path, tmp_path: Path) -> None:
    made, restored = str(tmp_path / "backup"), tmp_path / "restored"
    assert "release 1" in told(data, "backup", made).stdout
    again = told(data, "backup", made)
    assert (again.returncode, "is there already" in again.stderr) == (3, True)
    assert newest(data).digest in told(restored, "restore", made).stdout
    listed = json.loads(told(restored, "releases", "--format", "json").stdout)
    assert [(one["number"], one["digest"], one["quads"]) for one in listed] == [
        (1, newest(data).digest, newest(data).quads)
    ]
    shown = told(restored, "releases").stdout
    assert newest(data).digest[:16] in shown
    assert str(newest(data).as_of) in shown
    assert told(tmp_path / "nothing", "backup", str(tmp_path / "other")).returncode == 3
