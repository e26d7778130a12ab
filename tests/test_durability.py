"""What was acknowledged is published exactly once, whatever ends the publisher.

`TRIVIUM_TEST_KILLS=100 pytest tests/test_durability.py` is the long run.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyoxigraph as ox
import pytest

from graph.errors import StoreLocked
from graph.journal import Journal, State
from graph.mending import mend
from graph.namespaces import SKOS, entity
from graph.people import People, Role
from graph.publication import Publisher
from graph.publisher import publish_waiting
from graph.releases import Releases
from service import create_app
from service.settings import Settings

KILLS = int(os.environ.get("TRIVIUM_TEST_KILLS", "5"))
OFFERING = """id,label_en,provider,type,competencies,source,page_date
{id},{id},aaslh,webinar,physical-accessibility,https://example.org/{id},2026-11
"""


@pytest.fixture
def data(starter_data: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(starter_data, tmp_path / "data"))


def publisher_of(data: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {"TRIVIUM_DATA": str(data)}
    return subprocess.Popen([sys.executable, "-m", "service.cli", "publisher"], env=environment)


def wait_until_published(data: Path, numbers: list[int], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    with Journal(data) as journal:
        while {journal.entry(number).state for number in numbers} != {State.PUBLISHED}:
            assert time.monotonic() < deadline, [journal.events(number) for number in numbers[-2:]]
            time.sleep(0.1)


def test_kills_lose_nothing_and_double_nothing(data: Path) -> None:
    """Contributions arrive all the while, and the publisher is killed at random moments."""
    token = People(data).add("tess", "Tess", Role.TRUSTED)
    client = create_app(Settings(data=data)).test_client()
    acknowledged: list[int] = []
    ended = threading.Event()

    def contribute() -> None:
        for number in range(10_000):
            if ended.wait(0.2):
                return
            answer = client.post(
                "/contributions?kind=offering",
                data=OFFERING.format(id=f"course-{number}"),
                content_type="text/csv",
                headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(number)},
            )
            assert answer.status_code == 202
            acknowledged.append(json.loads(answer.data)["number"])

    contributing = threading.Thread(target=contribute)
    contributing.start()
    chance = random.Random(7)
    for _ in range(KILLS):
        publisher = publisher_of(data)
        time.sleep(0.8 + chance.random() * 1.5)
        publisher.send_signal(signal.SIGKILL)
        publisher.wait()
    ended.set()
    contributing.join()
    publish_waiting(data)
    wait_until_published(data, acknowledged, 10)
    newest = Releases(data).newest()
    assert newest is not None
    dataset = newest.dataset()
    for number in range(len(acknowledged)):
        assert len(list(dataset.quads(entity("offering", f"course-{number}"), SKOS.prefLabel))) == 1
    with Journal(data) as journal:
        published = Counter(number for number, state in journal.history() if state is State.PUBLISHED)
    assert set(acknowledged) <= set(published)
    with Publisher.open(data) as one:
        assert one.store.recomputed_fingerprint() == int(newest.digest, 16)
        assert one.rebuild(newest.as_of).digest == newest.digest


def test_a_running_publisher_publishes_within_a_second_and_lets_others_in_between(data: Path) -> None:
    """Not a timed test: it waits, and only fails when nothing comes."""
    token = People(data).add("tess", "Tess", Role.TRUSTED)
    client = create_app(Settings(data=data, look_seconds=0)).test_client()
    publisher = publisher_of(data)
    try:
        answer = client.post(
            "/contributions?kind=offering",
            data=OFFERING.format(id="a-course"),
            content_type="text/csv",
            headers={"Authorization": f"Bearer {token}"},
        )
        wait_until_published(data, [json.loads(answer.data)["number"]], 20)
        assert client.get("/offering/a-course").status_code == 200
        with Publisher.open(data, wait=10) as other:
            other.publish(date(2030, 1, 1))
    finally:
        publisher.terminate()
        publisher.wait(20)


def test_two_publishers_share_one_store_in_turn(data: Path) -> None:
    with Publisher.open(data), pytest.raises(StoreLocked):
        Publisher.open(data, wait=0.1).__enter__()


def shorten(store: Path) -> None:
    """Cut the largest file in half, as a disk that lies about a flush does."""
    largest = max(store.glob("*.sst"), key=lambda path: path.stat().st_size)
    content = largest.read_bytes()
    largest.unlink()
    largest.write_bytes(content[: len(content) // 2])


def lose(store: Path) -> None:
    """Lose the largest file."""
    max(store.glob("*.sst"), key=lambda path: path.stat().st_size).unlink()


def forget(store: Path) -> None:
    """Lose some statements without a trace."""
    kept = ox.Store(str(store))
    for quad in list(
        kept.quads_for_pattern(entity("offering", "aaslh-online-course-collections-management"), None, None)
    ):
        kept.remove(quad)
    kept.flush()


@pytest.mark.parametrize("damage", [shorten, lose, forget])
def test_a_damaged_store_is_noticed_and_made_anew_from_the_journal(data: Path, damage: Callable[[Path], None]) -> None:
    before = Releases(data).newest()
    assert before is not None
    assert not mend(data)
    damage(data / "store")
    assert mend(data)
    after = Releases(data).newest()
    assert after is not None
    assert (after.digest, after.number) == (before.digest, before.number + 1)
    assert len(after.dataset()) == before.quads
    assert not mend(data)
