"""The check of what a publisher builds on, and its mending: a damaged store or release is made anew from the journal.

An engine may open a damaged store without a word, only shorter, or come across a changed bit a month later. So the
statements of the store are compared with the digest of the newest release, and its files with their sums.
"""

import logging
from pathlib import Path

from graph import sums
from graph.clock import Clock, today, utc_now
from graph.data_folder import LOCK, UNFINISHED, lock, opened
from graph.errors import JournalDamaged, ReleaseDamaged
from graph.policy import Policy
from graph.publication import POLICY, Publisher
from graph.releases import Releases

_log = logging.getLogger(__name__)


def mend(data: Path, policy: Policy = POLICY, wait: float = 0.0, clock: Clock = utc_now) -> bool:
    """Make a damaged store or newest release anew from the journal, as the next release. Returns whether it had to.

    Raises JournalDamaged if the journal itself is damaged, StoreLocked and StorageFull as `Publisher.open` does.
    """
    if not Releases(data).numbers():
        return False
    fault = _fault(data, policy, wait)
    if fault is None:
        _forget_unproven(data, wait)
        return False
    _log.warning("%s The store is made anew from the journal.", fault)
    with Publisher.open(data, policy, wait, clock, anew=True) as publisher:
        newest = publisher.releases.newest()
        publisher.rebuild(newest.as_of if newest else today(clock))
    return True


def _fault(data: Path, policy: Policy, wait: float) -> str | None:
    """What is wrong with the store or the newest release, if anything is. Raises JournalDamaged."""
    try:
        with lock(data / LOCK, wait):  # before the store is opened, for then the engine replaces tables
            if fault := _fault_of_files(data):
                return fault
        with Publisher.open(data, policy, wait) as publisher:
            return _fault_of_content(publisher)
    except ReleaseDamaged as error:
        return str(error)
    except (OSError, RuntimeError) as error:  # the engine reports corruption as either
        return f"The store cannot be read ({error})."


def _fault_of_files(data: Path) -> str | None:
    """Whether the newest release or a table of the store, which the engine never changes, is not what it was."""
    newest, numbers = Releases(data).newest(), Releases(data).numbers()
    if newest is None or newest.number != numbers[-1]:
        return f"Release {numbers[-1]} is damaged."
    newest.check()
    known = sums.read(newest.path)
    tables = [path for path in _tables(data) if f"store/{path.name}" in known]
    alone = [path for path in tables if not path.samefile(newest.path / "store" / path.name)]
    changed = [path.name for path in alone if sums.sha256(path) != known[f"store/{path.name}"]]
    return f"In the store, {', '.join(changed)} was changed." if changed else None


def _forget_unproven(data: Path, wait: float) -> None:
    """Copy the store from its release if the engine wrote tables since, for the content was read from one index only.

    A bit changed in another index would be found when a query comes across it. Raises StoreLocked.
    """
    with lock(data / LOCK, wait):
        newest = Releases(data).newest()
        if newest and any(f"store/{path.name}" not in sums.read(newest.path) for path in _tables(data)):
            (data / UNFINISHED).touch()
            opened(data).close()


def _tables(data: Path) -> list[Path]:
    return [*(data / "store").glob(f"*{sums.LARGE}")]


def _fault_of_content(publisher: Publisher) -> str | None:
    """Whether the store says other things than the newest release. Raises JournalDamaged."""
    faults = publisher.journal.faults()
    if faults:
        raise JournalDamaged(f"The journal is damaged: {'; '.join(faults)}. Restore the last backup.")
    newest = publisher.releases.newest()
    if newest and publisher.store.recomputed_fingerprint() == int(newest.digest, 16):
        return None
    return "The store is not what the newest release is."
