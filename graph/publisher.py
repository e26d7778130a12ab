"""The publisher at work: it looks into the journal and publishes what came in, one batch after another.

It owns the store only while there is something to do, so that a command can publish in between.
"""

import logging
import shutil
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from graph.data_folder import LOCK, lock
from graph.field import STALE_AFTER_MONTHS
from graph.journal import Journal, State
from graph.people import People
from graph.publication import Publisher
from graph.releases import Releases

_log = logging.getLogger(__name__)
PAUSE = 0.1  # seconds between two looks into the journal
PATIENCE = 60.0  # seconds to wait for another who is publishing
TO_DO = (State.RECEIVED, State.ACCEPTED, State.WITHDRAWING)


def today() -> date:
    """The day, in UTC."""
    return datetime.now(UTC).date()


def work(data: Path, stale_after_months: int = STALE_AFTER_MONTHS, ended: Callable[[], bool] = lambda: False) -> None:
    """Mend the store if it is damaged, then publish whatever comes in, and the gaps anew each day, until `ended`."""
    mend(data, stale_after_months)
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


def mend(data: Path, stale_after_months: int = STALE_AFTER_MONTHS) -> bool:
    """Compare the store with the digest of the newest release; a damaged one is made anew from the journal.

    An engine may open a damaged store without a word, only shorter. Returns whether it had to be mended.
    """
    newest = Releases(data).newest()
    if newest is None or _is_sound(data, stale_after_months, newest.digest):
        return False
    _log.warning("The store is not that of release %d: it is made anew from the journal.", newest.number)
    with lock(data / LOCK, PATIENCE):
        shutil.rmtree(data / "store", ignore_errors=True)
        (data / "store").mkdir()  # empty: the release may share the damaged files
    with Publisher.open(data, stale_after_months, PATIENCE) as publisher:
        publisher.rebuild(newest.as_of)
    return True


def _is_sound(data: Path, stale_after_months: int, digest: str) -> bool:
    try:
        with Publisher.open(data, stale_after_months, PATIENCE) as publisher:
            return publisher.store.recomputed_fingerprint() == int(digest, 16)
    except (OSError, RuntimeError) as error:  # the engine reports corruption as either
        _log.warning("The store cannot be read: %s", error)
        return False
