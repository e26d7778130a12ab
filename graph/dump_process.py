"""Making dumps beside the service: in a process of its own, so that the memory of a web worker does not grow.

One release at a time for each web worker. The request that starts it waits for a while; whoever else asks meanwhile is
told to come again, so that no more than one thread ever waits.
"""

import subprocess
import sys
import weakref
from threading import Lock
from typing import Final

from graph.dumps import DumpsBeingMade, Manifest, made
from graph.errors import NotFound
from graph.releases import Release
from graph.resources import ROOT

_PROGRAM: Final = "import sys; sys.path.insert(0, sys.argv[1]); from graph.dump_writing import main; main()"


class DumpMaker:
    """Makes the dumps of whichever release is asked for; waits `patience` seconds for them at most.

    What the process has to say goes to the standard error of the service.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ending: weakref.finalize[..., DumpMaker] | None = None
        self._number = 0

    def made(self, release: Release) -> Manifest:
        """The dumps of a release, made if they are not. Raises DumpsBeingMade, and NotFound if it is removed."""
        found = made(release)
        if found:
            return found
        if not self._lock.acquire(blocking=False):
            raise _being_made(release)
        try:
            return self._wait_for(release)
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            if self._ending:
                self._ending()
            self._process = None

    def _wait_for(self, release: Release) -> Manifest:
        if self._process is None:
            command = [sys.executable, "-I", "-c", _PROGRAM, str(ROOT), str(release.path.absolute())]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
            self._number = release.number
            self._ending = weakref.finalize(self, _end, self._process)  # it does not outlive who would wait for it
        try:
            failed = self._process.wait(self._patience)
        except subprocess.TimeoutExpired as late:
            raise _being_made(release) from late
        if self._ending:
            self._ending.detach()
        self._process = None
        if found := made(release):
            return found
        if not release.path.exists():
            raise NotFound(f"Release {release.number} is no longer kept.")
        if failed and self._number == release.number:
            raise RuntimeError(f"making the dumps of release {release.number} ended with exit code {failed}")
        raise _being_made(release)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()  # nothing, if it has ended
    process.wait()


def _being_made(release: Release) -> DumpsBeingMade:
    return DumpsBeingMade(f"The dumps of release {release.number} are being made: ask again in a moment.")
