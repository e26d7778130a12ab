"""Each client's fair share of the query workers: seconds of query time, and how many queries at once.

A client's account fills at one second per second up to a burst; every query is paid for when it ends, with what it
took. An account may go below nothing by what was running; then the client waits until it is above again. The web
workers of a host share the accounts by a file (`graph/ledger.py`).
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Final

from graph.errors import PoolBusy, QueryTooLarge
from graph.ledger import Account, Ledger

CLIENTS: Final = 16_384  # of more, some that were away longest are forgotten


class ShareUsed(PoolBusy):
    """This client has used its share; others are still served (429 rather than 503)."""


@dataclass(frozen=True)
class Share:
    """What a client may use: seconds a minute, seconds saved up, queries at once; the price in seconds of the shortest
    query and of a worker that a query ended; and after how many seconds a query whose end nobody told is forgotten."""

    per_minute: float = 60.0
    burst: float = 120.0
    at_once: int = 5
    least: float = 0.01
    loss: float = 2.0
    lease: float = 120.0


_DEFAULTS: Final = Share()


class FairUse:
    """The accounts of all clients; safe to share between threads, and with a file between processes."""

    def __init__(
        self,
        share: Share = _DEFAULTS,
        clock: Callable[[], float] = time.monotonic,
        path: Path | None = None,
        clients: int = CLIENTS,
    ) -> None:
        self._share, self._clock = share, clock
        self._ledger = Ledger(clients, path)

    @contextmanager
    def turn(self, client: str, share: Share | None = None) -> Iterator[None]:
        """Run one query for `client` inside this block, within a share of its own if it has one.

        Raises ShareUsed, with the seconds to wait.
        """
        share = share or self._share
        begun = self._enter(client, share)
        started, loss = begun, 0.0
        try:
            yield
        except PoolBusy:  # it only waited, for others
            started = self._clock()
            raise
        except QueryTooLarge:
            loss = share.loss
            raise
        finally:
            self._leave(client, share, begun, max(share.least, self._clock() - started) + loss)

    def __len__(self) -> int:
        return len(self._ledger)

    def _enter(self, client: str, share: Share) -> float:
        with self._account(client, share) as account:
            if len(account.running) >= share.at_once:
                raise ShareUsed(f"{share.at_once} of your queries are running. Wait for one to end.", 1)
            if account.balance <= 0:
                wait = math.floor(-account.balance * 60 / share.per_minute) + 1
                raise ShareUsed(
                    f"Your queries have used {share.burst:g} s, and {share.per_minute:g} s more are "
                    f"given every minute. Go on in {wait} s.",
                    wait,
                )
            account.running.append(account.updated + share.lease)
            return account.updated

    def _leave(self, client: str, share: Share, begun: float, price: float) -> None:
        with self._account(client, share) as account:
            if begun + share.lease in account.running:
                account.running.remove(begun + share.lease)
            account.balance -= price

    @contextmanager
    def _account(self, client: str, share: Share) -> Iterator[Account]:
        now = self._clock()
        with self._ledger.account(client, Account(share.burst, now)) as account:
            filled = account.balance + max(0.0, now - account.updated) * share.per_minute / 60
            account.balance, account.updated = min(share.burst, filled), now
            account.running = [until for until in account.running if now < until <= now + share.lease]
            yield account


def payer(address: str) -> str:
    """Who pays for what an address asks: itself, or its network where one customer has 2^64 addresses (IPv6)."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return address
    return str(known.ipv4_mapped or ip_network((known, 64), strict=False))
