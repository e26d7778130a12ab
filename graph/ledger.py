"""What each client has used, in one file that all web workers of a host share.

Each account is in one of the `SLOTS` places of its bucket, where the one that was away longest makes room. Times are
seconds of a clock that the processes share and that may begin anew when the machine does (time.monotonic).
"""

import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Final

from graph.shared_table import SharedTable

SLOTS: Final = 8
AT_ONCE: Final = 16  # queries of one client that can be kept at once
_RECORD: Final = struct.Struct(f"<16sdd{AT_ONCE}d")
_NOBODY: Final = bytes(16)


@dataclass
class Account:
    """The seconds a client has left, when that was reckoned, and until when each of its running queries counts."""

    balance: float
    updated: float
    running: list[float] = field(default_factory=list)


class Ledger:
    """The accounts of at most `clients` clients, by name. Safe to share between threads and between processes."""

    def __init__(self, clients: int, path: Path | None = None) -> None:
        self._buckets = max(1, clients // SLOTS)
        self._lock = threading.Lock()
        self._table = SharedTable(self._buckets * SLOTS * _RECORD.size, path)

    @contextmanager
    def account(self, client: str, fresh: Account) -> Iterator[Account]:
        """The account of a client, `fresh` for one that has none; what the block changes is kept, however it ends."""
        key = blake2b(client.encode(errors="replace"), digest_size=16).digest()
        with self._lock, self._table.exclusive():
            place, account = self._find(key, fresh)
            try:
                yield account
            finally:
                running = (account.running + [0.0] * AT_ONCE)[:AT_ONCE]
                _RECORD.pack_into(self._table.memory, place, key, account.balance, account.updated, *running)

    def __len__(self) -> int:
        """How many accounts are kept."""
        return sum(key != _NOBODY for key, *_ in _RECORD.iter_unpack(self._table.memory))

    def _find(self, key: bytes, fresh: Account) -> tuple[int, Account]:
        """The place of an account, or that of the one to be forgotten: who runs nothing, and was away longest."""
        start = int.from_bytes(key[:8]) % self._buckets * SLOTS * _RECORD.size
        oldest, place = (True, float("inf")), start
        for at in range(start, start + SLOTS * _RECORD.size, _RECORD.size):
            found, balance, updated, *running = _RECORD.unpack_from(self._table.memory, at)
            if found == key:
                return at, Account(balance, updated, [until for until in running if until])
            seen = updated if updated <= fresh.updated else 0.0  # else it is of before the machine was started
            if (any(running), seen) < oldest:
                oldest, place = (any(running), seen), at
        return place, fresh
