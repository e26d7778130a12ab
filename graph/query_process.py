"""The parent's end of one process that answers queries: start it, and ask it with a deadline."""

import json
import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from graph.piped_process import PipedProcess
from graph.query_frames import Header, Question, pack, unpack

START: Final = 20.0  # seconds that a worker may take to open its release
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """What a query may take: seconds from arrival to answer, bytes of memory, rows and bytes of result; how many may
    queue for how many seconds; after how many queries a worker is replaced."""

    seconds: float = 10.0
    memory: int = 2 << 30
    rows: int = 100_000
    bytes: int = 50_000_000
    queue: int = 32
    wait: float = 2.0
    recycle: int = 1_000


class StartFailed(Exception):
    """A worker could not be started; says why."""


class Worker(PipedProcess):
    """One worker process over one release. Not thread-safe: whoever took it from the pool has it alone."""

    def __init__(self, release: Path, limits: Limits) -> None:
        """Start the process and wait until it is ready. Raises StartFailed.

        It dies with the *thread* that calls this, so that thread must live as long as the pool.
        """
        self.release, self.answered = release, 0
        settings = {
            "memory": limits.memory, "rows": limits.rows, "bytes": limits.bytes,
            "seconds": limits.seconds, "parent": os.getpid(),
        }  # fmt: skip
        super().__init__("query_worker", [str(release.absolute()), json.dumps(settings)])
        self.network_closed = self._ready()

    def ask(self, question: Question, deadline: float) -> tuple[Header, bytes]:
        """Put a question and wait for the answer until `deadline` (time.monotonic). Raises TimeoutError, EOFError."""
        self.answered += 1
        self.write(b"".join(pack(vars(question))), deadline)
        return unpack(lambda size: self.read(size, deadline))

    def _ready(self) -> bool:
        try:
            hello, _ = unpack(lambda size: self.read(size, time.monotonic() + START))
        except (EOFError, TimeoutError) as error:
            self.kill()
            cause = self.cause_of_death()
            self.bury()
            raise StartFailed(f"a worker did not start ({cause})") from error
        if "ready" not in hello:
            self.kill()
            self.bury()
            raise StartFailed(hello["message"])
        if not hello["ready"]["network_closed"]:
            _log.warning("query workers keep their network: %s", hello["ready"]["reason"])
        return bool(hello["ready"]["network_closed"])
