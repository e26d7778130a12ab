"""The publisher at work: it looks into the journal and publishes what came in, one batch after another.

It owns the store only while there is something to do, so that a command can publish in between.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from graph.clock import Clock, today, utc_now
from graph.data_folder import PATIENCE
from graph.errors import JournalDamaged, StorageFull, StoreLocked
from graph.examination import examine_apart
from graph.examiners import Examiners
from graph.journal import Journal, State
from graph.mending import mend
from graph.people import People
from graph.policy import Policy
from graph.publication import POLICY, Examine, Publisher
from graph.releases import Releases

_log = logging.getLogger(__name__)
PAUSE = 0.1  # seconds between two looks into the journal
BATCH = 5.0  # seconds of examining after which something is published, however much comes in meanwhile
TURN = 0.05  # seconds between two batches, in which another who waits to publish or to back up gets its turn
HELD_UP = 2.0  # seconds until it is tried again, when the disk is full or the journal damaged
QUIET = 60.0  # seconds without a trouble, after which it is said again
TO_DO = (State.RECEIVED, State.ACCEPTED, State.WITHDRAWING)


def work(
    data: Path, policy: Policy = POLICY, ended: Callable[[], bool] = lambda: False, clock: Clock = utc_now
) -> None:
    """Publish whatever comes in, and the gaps anew each day, until `ended`.

    At the beginning and each day, what is there is checked and mended. What holds this up is said once, and waited for.
    """
    said, at = "", 0.0
    with Examiners() as examiners:
        while not ended():
            try:
                _work_until_tomorrow(data, policy, ended, clock, examiners.examine)
            except (StorageFull, JournalDamaged, StoreLocked) as error:
                if str(error) != said or time.monotonic() > at + QUIET:
                    _log.error("Publishing waits: %s", error)
                said, at = str(error), time.monotonic()
                time.sleep(HELD_UP)


def _work_until_tomorrow(data: Path, policy: Policy, ended: Callable[[], bool], clock: Clock, examine: Examine) -> None:
    day = today(clock)
    mend(data, policy, PATIENCE, clock)
    with Journal(data, clock) as journal:
        while not ended() and today(clock) == day:
            newest = Releases(data).newest()
            if journal.entries(*TO_DO) or (newest and newest.as_of != day):
                publish_waiting(data, policy, clock, BATCH, examine)
                time.sleep(TURN)
            else:
                time.sleep(PAUSE)


def publish_waiting(
    data: Path,
    policy: Policy = POLICY,
    clock: Clock = utc_now,
    seconds: float = float("inf"),
    examine: Examine = examine_apart,
) -> None:
    """Examine what came in, for about so many seconds, and publish what may be published."""
    people, deadline = People(data), time.monotonic() + seconds
    with Publisher.open(data, policy, PATIENCE, clock) as publisher:
        for entry in publisher.journal.entries(State.RECEIVED):
            publisher.examine_received(entry, people.is_reviewed(entry.contributor), examine)
            if time.monotonic() > deadline:
                break
        newest = publisher.releases.newest()
        waiting = publisher.journal.entries(State.ACCEPTED, State.WITHDRAWING)
        if waiting or newest is None or newest.as_of != today(clock):
            publisher.publish(today(clock))
