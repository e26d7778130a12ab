"""Processes that wait, ready, for files to examine: each is used for one examination, then another takes its place.

    with Examiners() as examiners:
        examiners.examine([Submission("offering.csv", body)], Wanted(release.path / "store"))

To start Python and to read the shapes takes far longer than to examine one offering. Nothing is started before the
first use. One thread, the keeper, starts the processes, because each ends with the thread that started it.
"""

import logging
import threading
from collections.abc import Sequence
from typing import Final, Self

from graph.examination import DEFAULTS, ONLY_REPORT, Examination, Limits, Wanted, answered, asked, started
from graph.parsing import Submission
from graph.piped_process import PipedProcess
from graph.progress import Progress, silently

_PAUSE: Final = 1.0  # seconds before another attempt when no process can be started
_log = logging.getLogger(__name__)


class Examiners:
    """Some processes kept ready; safe to share between threads. More are started while more are asked for."""

    def __init__(self, count: int = 1, limits: Limits = DEFAULTS) -> None:
        """Keep `count` ready from the first use on, each with the same limits."""
        self._count, self._limits = count, limits
        self._changed = threading.Condition()
        self._spares: list[PipedProcess] = []
        self._asking = self._busy = 0
        self._closed = False
        self._fault: OSError | None = None
        self._keeper: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def examine(
        self,
        submissions: Sequence[Submission],
        wanted: Wanted = ONLY_REPORT,
        progress: Progress = silently,
    ) -> Examination:
        """Examine files together as `examine_apart` does, with what it raises."""
        question = asked(submissions, wanted, self._limits)
        process = self._take()
        try:
            return answered(process, question, self._limits, progress)
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def ready(self) -> list[int]:
        """The ids of the processes that wait."""
        with self._changed:
            return [spare.number for spare in self._spares if spare.alive()]

    def close(self) -> None:
        """End the processes that wait; those that examine end when they have answered."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._keeper:
            self._keeper.join()
        for spare in self._spares:
            _end(spare)
        self._spares = []

    def _take(self) -> PipedProcess:
        """A process that is ready or will be. Raises RuntimeError if none can be started."""
        with self._changed:
            if self._keeper is None:
                self._keeper = threading.Thread(target=self._keep, name="examiners-keeper", daemon=True)
                self._keeper.start()
            self._asking += 1
            self._changed.notify_all()
            try:
                self._changed.wait_for(lambda: self._living() or self._fault or self._closed)
            finally:
                self._asking -= 1
            if not self._spares:
                raise RuntimeError(f"no examination can be started: {self._fault or 'this is being stopped'}")
            self._busy += 1
            return self._spares.pop(0)

    def _living(self) -> bool:
        """Whether one is ready; those that something else has ended are replaced."""
        for spare in [one for one in self._spares if not one.alive()]:
            self._spares.remove(spare)
            _end(spare)
            self._changed.notify_all()
        return bool(self._spares)

    def _keep(self) -> None:
        """The life of the keeper: start what is lacking."""
        while not self._closed:
            with self._changed:
                self._changed.wait_for(lambda: self._lacking() or self._closed)
                if not self._closed:
                    self._start()

    def _lacking(self) -> bool:
        """Whether another is needed; while files are examined, only for those that wait: a start takes a whole core."""
        return len(self._spares) < (self._asking if self._busy else max(self._asking, self._count))

    def _start(self) -> None:
        try:
            self._spares.append(started(self._limits))
            self._fault = None
            self._changed.notify_all()
        except OSError as error:
            _log.error("no examination can be started: %s", error)
            self._fault = error
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._closed, timeout=_PAUSE)


def _end(process: PipedProcess) -> None:
    process.kill()
    process.bury()
