"""The parent's end of a process that is spoken with over a pair of pipes: start it, talk with a deadline, end it."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Final

from graph.resources import ROOT

_CHUNK: Final = 1 << 20
_PROGRAM: Final = "import sys; sys.path.insert(0, sys.argv[1]); from graph.{} import main; main()"


class PipedProcess:
    """One process that runs `main` of a module. Not thread-safe: whoever has it has it alone.

    If it asks for that (`graph/confinement.py`), it dies with the *thread* that makes it (PR_SET_PDEATHSIG), so that
    thread must live as long as the process is needed.
    """

    def __init__(self, module: str, arguments: Sequence[str], errors: int | None = None) -> None:
        """Start the process; `errors` as `stderr` of subprocess. It gets no file but the three. Raises OSError."""
        command = [sys.executable, "-I", "-c", _PROGRAM.format(module), str(ROOT), *arguments]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=errors, bufsize=0)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._read = bytearray()  # what came and nobody asked for yet: a small answer comes in one piece
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)

    @property
    def number(self) -> int:
        """The id of the process."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it at once; `bury` must follow."""
        self._process.kill()

    def bury(self) -> None:
        """Wait for the end of a killed process and free what it held."""
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe:
                pipe.close()

    def cause_of_death(self) -> str:
        """The name of the signal that ended it, or its exit status."""
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return "closed pipe"
        return signal.Signals(-code).name if code < 0 else f"exit {code}"

    def last_words(self) -> str:
        """What it said on its own standard error before it ended, as far as it was kept."""
        return self._process.stderr.read()[-2000:].decode(errors="replace") if self._process.stderr else ""

    def write(self, data: bytes, deadline: float) -> None:
        """Send bytes until `deadline` (time.monotonic). Raises TimeoutError, and EOFError if it has ended."""
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._in, rest) :]
            except BlockingIOError:
                _wait(self._in, select.POLLOUT, deadline)
            except BrokenPipeError:
                raise EOFError from None

    def read(self, size: int, deadline: float) -> bytes:
        """Wait for just so many bytes until `deadline`. Raises TimeoutError, and EOFError if it has ended."""
        while len(self._read) < size:
            _wait(self._out, select.POLLIN, deadline)
            piece = os.read(self._out, _CHUNK)
            if not piece:
                raise EOFError
            self._read += piece
        wanted = bytes(memoryview(self._read)[:size])
        del self._read[:size]
        return wanted


def _wait(handle: int, event: int, deadline: float) -> None:
    poller = select.poll()
    poller.register(handle, event)
    if not poller.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise TimeoutError
