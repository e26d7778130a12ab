"""A small table in memory that the processes of a host have in common, by a file of fixed size.

Writing to it costs no system call, and neither a full disk nor a process that is killed can stop it.
"""

import fcntl
import logging
import mmap
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_log = logging.getLogger(__name__)


class SharedTable:
    """`size` bytes, zeros at first: those of a file, or without one, or where none can be made, this process's own."""

    def __init__(self, size: int, path: Path | None = None) -> None:
        """Open the file, or make it; one of another size is made anew."""
        self._file: int | None = None
        try:
            self.memory = self._opened(path, size) if path else mmap.mmap(-1, size)
        except (OSError, ValueError) as error:  # the latter where only a part of it could be written
            _log.warning("each process counts for itself: %s", error)
            self._file, self.memory = None, mmap.mmap(-1, size)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep other processes out; the kernel opens again for one that is killed."""
        if self._file is None:
            yield
            return
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _opened(self, path: Path, size: int) -> mmap.mmap:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        weakref.finalize(self, os.close, self._file)
        with self.exclusive():
            if os.fstat(self._file).st_size != size:
                os.ftruncate(self._file, 0)
                os.pwrite(self._file, bytes(size), 0)  # its blocks are taken now: later the disk may be full
            return mmap.mmap(self._file, size)
