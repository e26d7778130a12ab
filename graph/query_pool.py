"""Strangers' queries in a pool of processes: bounded in time, memory and size, and never in this process.

    with QueryPool(release.path, workers=2) as pool:
        answer = pool.run("SELECT ...", results="text/csv")

One thread, the keeper, starts and buries the processes in the background; the threads that call `run` only wait.
"""

import logging
import math
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from graph.errors import PoolBusy, QueryError, QueryTimeout, QueryTooLarge
from graph.guard import check
from graph.query_frames import GRAPHS, RESULTS, Answer, QueryFailed, Question, WrongForm, opened
from graph.query_process import Limits, StartFailed, Worker
from graph.tally import Tally

__all__ = ["GRAPHS", "RESULTS", "Answer", "Limits", "QueryFailed", "QueryPool", "WrongForm"]

_DEFAULTS: Final = Limits()
_PAUSE: Final = 1.0  # seconds before another attempt when no worker can be started
_log = logging.getLogger(__name__)


class QueryPool:
    """Worker processes over one release; safe to share between threads."""

    def __init__(
        self, release_path: Path, workers: int = 2, limits: Limits = _DEFAULTS, tally: Tally | None = None
    ) -> None:
        """Start `workers` processes in the background; queries that come earlier wait for them."""
        self.limits = limits
        self.tally = tally or Tally()
        self._release, self._wanted = release_path, workers
        self._changed = threading.Condition()
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._dead: list[Worker] = []
        self._closed, self._waiting = False, 0
        self._network_closed: bool | None = None
        self._fault: str | None = None
        self._keeper = threading.Thread(target=self._keep, name="query-pool-keeper", daemon=True)
        self._keeper.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(
        self,
        query: str,
        *,
        results: str | None = RESULTS[0],
        graph: str | None = GRAPHS[0],
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        seconds: float | None = None,
    ) -> Answer:
        """Answer a stranger's query within `seconds`, waiting for a free worker included; None for `limits.seconds`.

        `results` is the media type for SELECT and ASK, `graph` the one for CONSTRUCT and DESCRIBE; None where the
        client takes none. The graphs are those of the protocol (SPARQL 1.1 Protocol, 2.1.4) and override FROM.

        Raises QueryRefused, InvalidQuery, WrongForm, QueryFailed, QueryTimeout, QueryTooLarge, PoolBusy.
        """
        check(query)
        return self.evaluate(Question(query, results, graph, list(default_graphs), list(named_graphs), seconds))

    def evaluate(self, question: Question) -> Answer:
        """Answer a question that the guard has not looked at: the process alone confines it. Raises as `run`."""
        begun = time.monotonic()
        seconds = question.seconds or self.limits.seconds
        deadline = begun + seconds
        worker = self._take()
        try:
            header, body = worker.ask(question, deadline)
        except TimeoutError:
            self._lose(worker, "killed", begun)
            raise QueryTimeout(
                f"The query did not end within {seconds:g} s and was stopped. "
                "Make it more selective, or ask for less at once with LIMIT."
            ) from None
        except EOFError:
            cause = worker.cause_of_death()
            self._lose(worker, "died", begun)
            raise self._obituary(cause) from None
        except BaseException:  # the answer may be half read: this worker cannot be used again
            self._lose(worker, "killed", begun)
            raise
        self._give_back(worker, begun)
        return opened(header, body, worker.release)

    def switch(self, release_path: Path) -> None:
        """Answer from another release: no query that starts after this returns sees the old one."""
        with self._changed:
            self._release = release_path
            self._retire(self._idle)
            self._idle = []
            self._changed.notify_all()

    def close(self) -> None:
        """Kill every worker and wait for their ends; queries that run fail with PoolBusy."""
        with self._changed:
            self._closed = True
            self._retire(self._idle)
            self._idle = []
            for worker in self._busy:
                worker.kill()
            self._show()
            self._changed.notify_all()
        self._keeper.join()

    def _take(self) -> Worker:
        with self._changed:
            if not self._idle and self._waiting >= self.limits.queue:
                raise self._busy_error()
            self._waiting += 1
            self._show()
            try:
                self._changed.wait_for(self._can_take, timeout=self.limits.wait)
            finally:
                self._waiting -= 1
                self._show()
            if self._closed or not self._idle:
                raise self._busy_error()
            worker = self._idle.pop()
            self._busy.add(worker)
            self._show()
            return worker

    def _can_take(self) -> bool:
        """Whether there is nothing to wait for; idle workers that something else has ended are set aside."""
        while self._idle and not self._idle[-1].alive():
            self._dead.append(self._idle.pop())
            self.tally.count("died")
            self._changed.notify_all()
        return self._closed or bool(self._idle)

    def _busy_error(self) -> PoolBusy:
        self.tally.count("refused")
        reason = self._fault if self._fault and not self._busy else "every worker is taken"
        return PoolBusy(f"No query can be answered now: {reason}. Try again.", math.ceil(self.limits.seconds))

    def _give_back(self, worker: Worker, begun: float) -> None:
        with self._changed:
            self._settle(worker, "answered", begun)
            spent = worker.answered >= self.limits.recycle or worker.release != self._release
            if spent or self._closed:
                self._retire([worker])
            else:
                self._idle.append(worker)
            self._show()
            self._changed.notify_all()

    def _lose(self, worker: Worker, how: str, begun: float) -> None:
        with self._changed:
            self._settle(worker, how, begun)
            self._retire([worker])
            self._show()
            self._changed.notify_all()

    def _settle(self, worker: Worker, how: str, begun: float) -> None:
        self._busy.discard(worker)
        self.tally.count(how)
        self.tally.took(time.monotonic() - begun)

    def _show(self) -> None:
        """Tell the tally what is so now."""
        closed = self._network_closed
        self.tally.show({
            "idle": len(self._idle), "busy": len(self._busy), "waiting": self._waiting,
            "closed": closed is True, "open": closed is False,
        })  # fmt: skip

    def _retire(self, workers: Sequence[Worker]) -> None:
        for worker in workers:
            worker.kill()
        self._dead.extend(workers)

    def _obituary(self, cause: str) -> QueryError:
        if self._closed:
            return PoolBusy("The service is being stopped. Try again.", math.ceil(self.limits.seconds))
        _log.warning("a query ended its worker (%s)", cause)
        memory = f"{self.limits.memory >> 20:,} MB"
        return QueryTooLarge(
            f"The query ended the process that evaluated it ({cause}): it took more than {memory} of memory "
            "or was nested too deep. Ask for less at once, or write it flatter."
        )

    def _keep(self) -> None:
        """The life of the keeper: start what is lacking, then bury the dead, until the pool is closed and empty."""
        finished = False
        while not finished:
            with self._changed:
                self._changed.wait_for(lambda: self._dead or self._lacking() or self._finished())
                release, lacking, finished = self._release, self._lacking(), self._finished()
                dead, self._dead = self._dead, []
            if lacking:
                self._start(release)
            for worker in dead:
                worker.bury()

    def _finished(self) -> bool:
        return self._closed and not self._busy

    def _lacking(self) -> int:
        return 0 if self._closed else self._wanted - len(self._idle) - len(self._busy)

    def _start(self, release: Path) -> None:
        try:
            worker = Worker(release, self.limits)
        except (StartFailed, OSError) as error:
            self._cannot_start(error)
            return
        with self._changed:
            self.tally.count("started")
            self._fault, self._network_closed = None, worker.network_closed
            if self._closed or worker.release != self._release:
                self._retire([worker])
            else:
                self._idle.insert(0, worker)
            self._show()
            self._changed.notify_all()

    def _cannot_start(self, error: Exception) -> None:
        _log.error("no query worker can be started: %s", error)
        with self._changed:
            self._fault = f"no worker can be started, {error}"
            self._changed.wait_for(lambda: self._closed, timeout=_PAUSE)
