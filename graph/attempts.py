"""How often a client may guess: attempts that failed are counted, and too many make it wait."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from graph.errors import PoolBusy

CLIENTS: Final = 10_000  # of more, the one that failed longest ago is forgotten


class TooManyAttempts(PoolBusy):
    """This client has failed too often of late."""


class Attempts:
    """Failures of each client: `most` in `seconds`. Safe to share between threads, and bounded in memory."""

    def __init__(self, most: int = 10, seconds: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._failed: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def attempt(self, client: str) -> Iterator[None]:
        """Try something for `client` in this block; what it raises is a failure.

        Raises TooManyAttempts, with the seconds to wait. An attempt counts from its beginning, so that many at once
        are not more than many one by one.
        """
        begun = self._begin(client)
        yield
        self._succeeded(client, begun)

    def _begin(self, client: str) -> float:
        with self._lock:
            now = self._clock()
            recent = [one for one in self._failed.pop(client, []) if now - one < self._seconds]
            self._failed[client] = recent
            if len(recent) >= self._most:
                wait = math.floor(recent[0] + self._seconds - now) + 1
                raise TooManyAttempts(f"This went wrong {self._most} times. Go on in {wait} s.", wait)
            recent.append(now)
            if len(self._failed) > CLIENTS:
                self._failed.popitem(last=False)
            return now

    def _succeeded(self, client: str, begun: float) -> None:
        with self._lock:
            self._failed[client] = [one for one in self._failed.get(client, []) if one != begun]
