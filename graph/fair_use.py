"""Each client's fair share of the query workers: seconds of query time, and how many queries at once.

A client's account fills at one second per second up to a burst; every query is paid for when it ends, with what it
took. An account may go below nothing by what was running; then the client waits until it is above again.
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from graph.errors import PoolBusy, QueryTooLarge


class ShareUsed(PoolBusy):
    """This client has used its share; others are still served (429 rather than 503)."""


@dataclass(frozen=True)
class Share:
    """What a client may use: seconds a minute, seconds saved up, queries at once; the price in seconds of the shortest
    query and of a worker that a query ended; and how many clients are remembered."""

    per_minute: float = 60.0
    burst: float = 120.0
    at_once: int = 5
    least: float = 0.01
    loss: float = 2.0
    clients: int = 10_000


_DEFAULTS: Final = Share()


@dataclass
class _Account:
    balance: float
    updated: float
    running: int = 0


class FairUse:
    """The accounts of all clients; safe to share between threads, and bounded in memory."""

    def __init__(self, share: Share = _DEFAULTS, clock: Callable[[], float] = time.monotonic) -> None:
        self._share, self._clock = share, clock
        self._accounts: OrderedDict[str, _Account] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, client: str) -> Iterator[None]:
        """Run one query for `client` inside this block. Raises ShareUsed, with the seconds to wait."""
        begun = self._enter(client)
        loss = 0.0
        try:
            yield
        except PoolBusy:  # it only waited, for others
            begun = self._clock()
            raise
        except QueryTooLarge:
            loss = self._share.loss
            raise
        finally:
            self._leave(client, max(self._share.least, self._clock() - begun) + loss)

    def __len__(self) -> int:
        return len(self._accounts)

    def _enter(self, client: str) -> float:
        with self._lock:
            now = self._clock()
            account = self._account(client, now)
            if account.running >= self._share.at_once:
                raise ShareUsed(f"{self._share.at_once} of your queries are running. Wait for one to end.", 1)
            if account.balance <= 0:
                wait = math.floor(-account.balance * 60 / self._share.per_minute) + 1
                raise ShareUsed(
                    f"Your queries have used {self._share.burst:g} s, and {self._share.per_minute:g} s more are "
                    f"given every minute. Go on in {wait} s.",
                    wait,
                )
            account.running += 1
            return now

    def _leave(self, client: str, price: float) -> None:
        with self._lock:
            account = self._account(client, self._clock())
            account.running -= 1
            account.balance -= price

    def _account(self, client: str, now: float) -> _Account:
        account = self._accounts.pop(client, None) or _Account(self._share.burst, now)
        filled = account.balance + (now - account.updated) * self._share.per_minute / 60
        account.balance, account.updated = min(self._share.burst, filled), now
        self._accounts[client] = account  # the latest used stand last
        if len(self._accounts) > self._share.clients:
            self._forget()
        return account

    def _forget(self) -> None:
        """Drop the client that was away longest and has nothing running, never the newest."""
        for client, account in list(self._accounts.items())[:-1]:
            if account.running == 0:
                del self._accounts[client]
                return
