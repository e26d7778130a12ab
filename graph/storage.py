"""A full disk: how it is recognised, and files that survive a power loss."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from graph.errors import StorageFull

FULL: Final = (errno.ENOSPC, errno.EDQUOT)
SAID: Final = ("No space left on device", "Disk quota exceeded")
"""How the engine and `shutil` report it, which raise an OSError or RuntimeError without a number."""


def is_full(error: Exception) -> bool:
    """Whether an error says that there is no room left on the disk."""
    return getattr(error, "errno", None) in FULL or any(words in str(error) for words in SAID)


@contextmanager
def room_in(path: Path) -> Iterator[None]:
    """Raises StorageFull where what is done in `path` finds the disk full."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        if is_full(error):
            raise StorageFull(f"There is no room left on the disk of {path}: make room.") from error
        raise


def flush(path: Path) -> None:
    """Let a file, or the names in a folder, survive a power loss."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def appear(made: Path, path: Path) -> None:
    """Give what was made under another name its own, durably. Raises OSError if there is something in its place."""
    made.rename(path)
    flush(path.parent)
