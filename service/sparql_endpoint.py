"""The endpoint that answers strangers' queries for this process: its pool, and what each client may use of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from flask import Flask, current_app, request

from graph.errors import PoolBusy
from graph.fair_use import FairUse, Share, ShareUsed, payer
from graph.people import Contributor
from graph.query_pool import Answer, Limits, QueryPool
from graph.releases import Release
from graph.tally import Tally
from service.authentication import token_bearer
from service.older_releases import is_older
from service.release_view import ReleaseView
from service.settings import Settings
from service.sparql_request import Query, Wanted

RETRY = 5  # seconds until a query to an older release is worth another attempt
MARGIN = 10.0  # seconds after its limit until a query whose end nobody told is forgotten


class Endpoint:
    """The pool of this process, made for the first query and moved to each newer release."""

    def __init__(self, settings: Settings) -> None:
        self._workers = settings.query_workers
        self._limits = Limits(
            seconds=settings.query_seconds,
            memory=settings.query_memory,
            rows=settings.query_rows,
            bytes=settings.query_bytes,
        )
        self._token_seconds = settings.token_query_seconds
        self._share = Share(settings.query_share, settings.query_burst, lease=settings.query_seconds + MARGIN)
        self._token_share = Share(
            settings.token_query_share, settings.token_query_burst, lease=settings.token_query_seconds + MARGIN
        )
        self._pool: QueryPool | None = None
        self._number = 0
        self._lock, self._older = Lock(), Lock()
        folder = settings.data if settings.data.is_dir() else None
        self.use = FairUse(self._share, path=folder and folder / "fair-use")
        self.tally = Tally(folder and folder / "query-tally")

    def answer(self, query: Query, formats: Wanted, view: ReleaseView) -> Answer:
        """Answer whoever asks: again what was asked before, else within its share.

        Raises ShareUsed, NotKnown and those of `QueryPool.run`.
        """
        person = token_bearer()
        kept = view.answers.get(query, formats)
        if kept is not None:
            self.tally.count("kept")
            return kept
        answer = self._evaluated(query, formats, view.release, person)
        view.answers.keep(query, formats, answer)
        return answer

    def _evaluated(self, query: Query, formats: Wanted, release: Release, person: Contributor | None) -> Answer:
        client = f"token {person.slug}" if person else payer(request.remote_addr or "")
        try:
            with self.use.turn(client, self._token_share if person else None), self._answering(release) as pool:
                return pool.run(
                    query.text,
                    results=formats.results,
                    graph=formats.graph,
                    default_graphs=query.default_graphs,
                    named_graphs=query.named_graphs,
                    seconds=self._token_seconds if person else None,
                )
        except ShareUsed:
            self.tally.count("limited")
            raise

    @contextmanager
    def _answering(self, release: Release) -> Iterator[QueryPool]:
        """What answers from a release: the pool, or for an older one a process that ends with the query.

        Raises PoolBusy where another query to an older release is being answered.
        """
        if not is_older():
            yield self.pool(release)
            return
        if not self._older.acquire(timeout=self._limits.wait):
            raise PoolBusy("Another query to an older release is being answered. Try again.", RETRY)
        try:
            with QueryPool(release.path / "store", 1, self._limits) as pool:  # the tally tells of the pool that stays
                yield pool
        finally:
            self._older.release()

    def pool(self, release: Release) -> QueryPool:
        """The pool, answering from this release or a newer one."""
        with self._lock:
            store = release.path / "store"
            if self._pool is None:
                self._pool = QueryPool(store, self._workers, self._limits, self.tally)
                self._number = release.number
            elif release.number > self._number:
                self._pool.switch(store)
                self._number = release.number
            return self._pool

    def close(self) -> None:
        """End the processes of the pool."""
        with self._lock:
            if self._pool:
                self._pool.close()
            self._pool = None


def init_app(app: Flask) -> None:
    """Give the application its endpoint."""
    app.extensions["trivium.sparql"] = Endpoint(app.extensions["trivium.settings"])


def endpoint() -> Endpoint:
    """The endpoint of this application."""
    found: Endpoint = current_app.extensions["trivium.sparql"]
    return found
