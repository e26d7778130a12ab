"""A publisher publishes what comes in, two take turns, and a damaged store is noticed and made anew."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyoxigraph as ox
import pytest

from graph.errors import StoreLocked
from graph.journal import Journal, State
from graph.mending import mend
from graph.namespaces import entity
from graph.people import People, Role
from graph.publication import Publisher
from graph.releases import Releases
from service import create_app
from service.settings import Settings

OFFERING = """id,label_en,provider,type,competencies,source,page_date
{id},{id},aaslh,webinar,physical-accessibility,https://example.org/{id},2026-11
"""


def publisher_of(data: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {"TRIVIUM_DATA": str(data)}
    return subprocess.Popen([sys.executable, "-m", "service.cli", "publisher"], env=environment)


def wait_until_published(data: Path, numbers: list[int], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    with Journal(data) as journal:
        while {journal.entry(number).state for number in numbers} != {State.PUBLISHED}:
            assert time.monotonic() < deadline, [journal.events(number) for number in numbers[-2:]]
            time.sleep(0.1)


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
