"""The data folder of a publisher: its lock, and its store as the newest release left it."""

import fcntl
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from graph import sums
from graph.errors import StoreLocked
from graph.releases import Releases
from graph.store import WritableDataset

UNFINISHED = "store.unfinished"
LOCK = "publisher.lock"
PATIENCE = 60.0  # seconds to wait for another who is publishing
LOOK_AGAIN = 0.02  # seconds


def opened(data: Path) -> WritableDataset:
    """The store as of the newest release: what an ended process left unfinished is undone, a lost store copied.

    Raises ReleaseDamaged if the release to copy is damaged.
    """
    store, newest = data / "store", Releases(data).newest()
    unfinished = data / UNFINISHED
    if unfinished.exists() or not store.exists():
        shutil.rmtree(store, ignore_errors=True)
        if newest:
            newest.check()
            shutil.copytree(newest.path / "store", store, copy_function=_shared)
        unfinished.unlink(missing_ok=True)
    if newest is None:
        return WritableDataset.create(store)
    return WritableDataset.create(store, newest.quads, int(newest.digest, 16))


def emptied(data: Path) -> WritableDataset:
    """An empty store, to be made anew; unfinished until that is done."""
    (data / UNFINISHED).touch()
    shutil.rmtree(data / "store", ignore_errors=True)
    return WritableDataset.create(data / "store", 0, 0)


def _shared(source: str, target: str) -> str:
    """A table, which the engine never changes, by a link where the file system has them: no room is needed."""
    if source.endswith(sums.LARGE):
        with suppress(OSError):
            Path(target).hardlink_to(source)
            return target
    return str(shutil.copy2(source, target))


@contextmanager
def lock(path: Path, wait: float) -> Iterator[None]:
    """Be the only publisher. Raises StoreLocked if another is, for more than `wait` seconds."""
    deadline = time.monotonic() + wait
    with path.open("w") as file:
        while not _locked(file):
            if time.monotonic() >= deadline:
                raise StoreLocked(f"Another process is publishing in {path.parent}: wait for it or stop it.")
            time.sleep(LOOK_AGAIN)
        yield


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
