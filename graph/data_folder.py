"""The data folder of a publisher: its lock, and its store as the newest release left it."""

import fcntl
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from graph.errors import StoreLocked
from graph.releases import Releases
from graph.store import WritableDataset

UNFINISHED = "store.unfinished"
LOCK = "publisher.lock"
LOOK_AGAIN = 0.02  # seconds


def opened(data: Path) -> WritableDataset:
    """The store as of the newest release: what an ended process left unfinished is undone, a lost store copied."""
    store, newest = data / "store", Releases(data).newest()
    unfinished = data / UNFINISHED
    if unfinished.exists() or not store.exists():
        shutil.rmtree(store, ignore_errors=True)
        if newest:
            shutil.copytree(newest.path / "store", store)
        unfinished.unlink(missing_ok=True)
    if newest is None:
        return WritableDataset.create(store)
    return WritableDataset.create(store, newest.quads, int(newest.digest, 16))


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
