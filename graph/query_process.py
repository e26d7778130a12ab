"""The parent's end of one worker process: start it, ask it with a deadline, kill it, bury it."""

import json
import logging
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from graph.query_frames import Header, Question, pack, unpack
from graph.resources import ROOT

START: Final = 20.0  # seconds that a worker may take to open its release
_CHUNK: Final = 1 << 20
_PROGRAM: Final = "import sys; sys.path.insert(0, sys.argv[1]); from graph.query_worker import main; main()"
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


class Worker:
    """One worker process over one release. Not thread-safe: whoever took it from the pool has it alone."""

    def __init__(self, release: Path, limits: Limits) -> None:
        """Start the process and wait until it is ready. Raises StartFailed.

        It dies with the *thread* that calls this (PR_SET_PDEATHSIG), so that thread must live as long as the pool.
        """
        self.release, self.answered = release, 0
        settings = {
            "memory": limits.memory, "rows": limits.rows, "bytes": limits.bytes,
            "seconds": limits.seconds, "parent": os.getpid(),
        }  # fmt: skip
        command = [sys.executable, "-I", "-c", _PROGRAM, str(ROOT), str(release.absolute()), json.dumps(settings)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)
        self.network_closed = self._ready()

    def ask(self, question: Question, deadline: float) -> tuple[Header, bytes]:
        """Put a question and wait for the answer until `deadline` (time.monotonic). Raises TimeoutError, EOFError."""
        self.answered += 1
        self._write(b"".join(pack(asdict(question))), deadline)
        return unpack(lambda size: self._read(size, deadline))

    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it at once; `bury` must follow."""
        self._process.kill()

    def bury(self) -> None:
        """Wait for the end of a killed process and free what it held."""
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def cause_of_death(self) -> str:
        """The name of the signal that ended it, or its exit status."""
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return "closed pipe"
        return signal.Signals(-code).name if code < 0 else f"exit {code}"

    def _ready(self) -> bool:
        try:
            hello, _ = unpack(lambda size: self._read(size, time.monotonic() + START))
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

    def _write(self, data: bytes, deadline: float) -> None:
        rest = memoryview(data)
        while rest:
            _wait(self._in, select.POLLOUT, deadline)
            try:
                rest = rest[os.write(self._in, rest) :]
            except BrokenPipeError:
                raise EOFError from None

    def _read(self, size: int, deadline: float) -> bytes:
        pieces: list[bytes] = []
        while size > 0:
            _wait(self._out, select.POLLIN, deadline)
            pieces.append(os.read(self._out, min(size, _CHUNK)))
            if not pieces[-1]:
                raise EOFError
            size -= len(pieces[-1])
        return b"".join(pieces)


def _wait(handle: int, event: int, deadline: float) -> None:
    poller = select.poll()
    poller.register(handle, event)
    if not poller.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise TimeoutError
