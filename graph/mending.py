"""The check of what a publisher builds on, and its mending: a damaged store or release is made anew from the journal.

An engine may open a damaged store without a word, only shorter, or come across a changed bit a month later. So the
statements of the store are compared with the digest of the newest release, and its files with their sums.
"""

import logging
from pathlib import Path

from graph import sums
from graph.clock import Clock, today, utc_now
from graph.errors import JournalDamaged, ReleaseDamaged
from graph.policy import Policy
from graph.publication import POLICY, Publisher
from graph.releases import Release, Releases

_log = logging.getLogger(__name__)


def mend(data: Path, policy: Policy = POLICY, wait: float = 0.0, clock: Clock = utc_now) -> bool:
    """Make a damaged store or newest release anew from the journal, as the next release. Returns whether it had to.

    Raises JournalDamaged if the journal itself is damaged, StoreLocked and StorageFull as `Publisher.open` does.
    """
    if not Releases(data).numbers():
        return False
    fault = _fault(data, policy, wait)
    if fault is None:
        return False
    _log.warning("%s The store is made anew from the journal.", fault)
    with Publisher.open(data, policy, wait, clock, anew=True) as publisher:
        newest = publisher.releases.newest()
        publisher.rebuild(newest.as_of if newest else today(clock))
    return True


def _fault(data: Path, policy: Policy, wait: float) -> str | None:
    """What is wrong with the store or the newest release, if anything is. Raises JournalDamaged."""
    try:
        with Publisher.open(data, policy, wait) as publisher:
            faults = publisher.journal.faults()
            if faults:
                raise JournalDamaged(f"The journal is damaged: {'; '.join(faults)}. Restore the last backup.")
            return _difference(publisher)
    except ReleaseDamaged as error:
        return str(error)
    except (OSError, RuntimeError) as error:  # the engine reports corruption as either
        return f"The store cannot be read ({error})."


def _difference(publisher: Publisher) -> str | None:
    newest, numbers = publisher.releases.newest(), publisher.releases.numbers()
    if newest is None or newest.number != numbers[-1]:
        return f"Release {numbers[-1]} is damaged."
    newest.check()
    if publisher.store.recomputed_fingerprint() != int(newest.digest, 16) or _changed(publisher.data, newest):
        return f"The store is not that of release {newest.number}."
    return None


def _changed(data: Path, release: Release) -> bool:
    """Whether a table of the store, which the engine never changes, is not what it was in the release."""
    known = sums.read(release.path)
    tables = [path for path in (data / "store").glob(f"*{sums.LARGE}") if f"store/{path.name}" in known]
    alone = [path for path in tables if not path.samefile(release.path / "store" / path.name)]
    return any(sums.sha256(path) != known[f"store/{path.name}"] for path in alone)
