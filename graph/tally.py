"""What the query pools of all web workers of a host do and have done, in one file that they share.

Each process writes to a row of its own. A row whose process has ended is taken over with what it counted, so that the
counts of all rows together never go back.
"""

import os
import threading
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from graph.shared_table import SharedTable

COUNTS: Final = ("started", "kept", "answered", "killed", "died", "refused", "limited", "seconds")
STEPS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, float("inf"))
"""Until when, in seconds, a query belongs to a step of the histogram; one that took longer belongs to the next."""

LEVELS: Final = ("idle", "busy", "waiting", "closed", "open")
"""Workers and queries now; and workers started with the network closed for certain, and not."""

_ROWS: Final = 64
_AT: Final = {name: at for at, name in enumerate(("process", *COUNTS, *map(str, STEPS), *LEVELS))}
_WIDTH: Final = len(_AT)


class Tally:
    """The row of this process, and the sum of all. Safe to share between threads."""

    def __init__(self, path: Path | None = None) -> None:
        """Take a row of the file, or count in this process's own memory where there is none."""
        self._table = SharedTable(_ROWS * _WIDTH * 8, path)
        self._numbers = memoryview(self._table.memory).cast("B").cast("d")
        self._lock = threading.Lock()
        with self._table.exclusive():
            self._start = self._taken() * _WIDTH

    def count(self, name: str, by: float = 1) -> None:
        """Add to a count, one of COUNTS."""
        with self._lock:
            self._numbers[self._start + _AT[name]] += by

    def took(self, seconds: float) -> None:
        """Add a query that took so long."""
        with self._lock:
            self._numbers[self._start + _AT["seconds"]] += seconds
            self._numbers[self._start + _AT[str(STEPS[bisect_left(STEPS, seconds)])]] += 1

    def show(self, levels: Mapping[str, float]) -> None:
        """Set what is so now, by the names of LEVELS."""
        with self._lock:
            for name, value in levels.items():
                self._numbers[self._start + _AT[name]] = value

    def total(self) -> dict[str, float]:
        """The sum over all processes, by name; levels of those that live."""
        rows = [self._numbers[at : at + _WIDTH] for at in range(0, _ROWS * _WIDTH, _WIDTH)]
        living = [row for row in rows if _lives(int(row[0]))]
        counted = {name: sum(row[_AT[name]] for row in rows) for name in (*COUNTS, *map(str, STEPS))}
        return counted | {name: sum(row[_AT[name]] for row in living) for name in LEVELS}

    def _taken(self) -> int:
        """The row of this process, else the first of one that has ended; the last is shared when there are too many."""
        own = os.getpid()
        processes = [int(self._numbers[row * _WIDTH]) for row in range(_ROWS)]
        free = (row for row, process in enumerate(processes) if not _lives(process))
        row = processes.index(own) if own in processes else next(free, _ROWS - 1)
        if processes[row] != own:
            self._numbers[row * _WIDTH] = own
            for name in LEVELS:
                self._numbers[row * _WIDTH + _AT[name]] = 0
        return row


def cumulated(total: Mapping[str, float]) -> Iterator[tuple[float, float]]:
    """The histogram of a total: until how many seconds, how many queries took at most that."""
    so_far = 0.0
    for step in STEPS:
        so_far += total[str(step)]
        yield step, so_far


def _lives(process: int) -> bool:
    if not process:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
