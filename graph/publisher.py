"""The publisher at work: it looks into the journal and publishes what came in, one batch after another.

It owns the store only while there is something to do, so that a command can publish in between.
"""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from graph.field import STALE_AFTER_MONTHS
from graph.journal import Journal, State
from graph.people import People
from graph.publication import Publisher
from graph.releases import Releases

PAUSE = 0.1  # seconds between two looks into the journal
PATIENCE = 60.0  # seconds to wait for another who is publishing
TO_DO = (State.RECEIVED, State.ACCEPTED, State.WITHDRAWING)


def today() -> date:
    """The day, in UTC."""
    return datetime.now(UTC).date()


def work(data: Path, stale_after_months: int = STALE_AFTER_MONTHS, ended: Callable[[], bool] = lambda: False) -> None:
    """Publish whatever comes in, and the gaps anew each day, until `ended`."""
    with Journal(data) as journal:
        while not ended():
            newest = Releases(data).newest()
            if journal.entries(*TO_DO) or (newest and newest.as_of != today()):
                publish_waiting(data, stale_after_months)
            else:
                time.sleep(PAUSE)


def publish_waiting(data: Path, stale_after_months: int = STALE_AFTER_MONTHS) -> None:
    """Examine what came in, and publish what may be published."""
    people = People(data)
    with Publisher.open(data, stale_after_months, PATIENCE) as publisher:
        for entry in publisher.journal.entries(State.RECEIVED):
            publisher.examine_received(entry, people.is_reviewed(entry.contributor))
        newest = publisher.releases.newest()
        waiting = publisher.journal.entries(State.ACCEPTED, State.WITHDRAWING)
        if waiting or newest is None or newest.as_of != today():
            publisher.publish(today())
