"""The places for examinations of strangers' files in this process: each may take the whole memory of its limit."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import BoundedSemaphore
from types import MappingProxyType
from typing import Final

from flask import Flask, current_app

from graph.errors import PoolBusy, TriviumError
from graph.examination import Examination, Limits, Wanted
from graph.examiners import Examiners
from graph.fair_use import FairUse
from graph.impact import Reckoning
from graph.parsing import Submission
from graph.releases import Release
from service.release_view import NoRelease, current_view
from service.settings import Settings

NOTHING: Final[Mapping[str, int]] = MappingProxyType({})
WAIT: Final = 20.0  # seconds for a place


class Examiner:
    """Examines files when there is a place, each client within its share."""

    def __init__(self, settings: Settings) -> None:
        self._limits = Limits(seconds=settings.validation_seconds, memory=settings.validation_memory)
        self._examiners = Examiners(limits=self._limits)
        self._places = BoundedSemaphore(settings.validations)
        self._use = FairUse()
        self._contents: dict[int, Mapping[str, int]] = {}

    def examine(
        self, submissions: list[Submission], client: str, impact: bool = True, statements: int = 0
    ) -> Examination:
        """Examine files for a client when there is a place, against the current release.

        It is told what they would change if the `impact` is asked for, and at most `statements` of their statements.
        Raises PoolBusy, ShareUsed and those of an examination.
        """
        release = _known_release()
        store = release.path / "store" if release else None
        reckoning = Reckoning(release.as_of, release.stale_after_months) if release and impact else None
        with self._use.turn(client), self._place():
            return self._examiners.examine(submissions, Wanted(store, reckoning, statements))

    def read(self, submissions: Iterable[tuple[int, Submission]]) -> None:
        """Read contributions by number, in batches, and remember how many entities of each kind each contains."""
        for batch in _batches(submissions, self._limits.bytes):
            files = {f"{number}{one.suffix}": number for number, one in batch.items()}
            named = [replace(one, name=f"{n}{one.suffix}", kind=_kind(one)) for n, one in batch.items()]
            with self._place(), suppress(TriviumError, RuntimeError):
                found = self._examiners.examine(named, Wanted(validate=False))
                told = {**(dict.fromkeys(files, NOTHING) if len(files) == 1 else {}), **found.contents}
                self._contents |= {files[name]: counts for name, counts in told.items()}

    def counted(self, number: int) -> Mapping[str, int] | None:
        """How many entities of each kind a contribution contains, if it was read; this never changes."""
        return self._contents.get(number)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=WAIT):
            raise PoolBusy("Other files are being validated.", 10)
        try:
            yield
        finally:
            self._places.release()


def _batches(submissions: Iterable[tuple[int, Submission]], most: int) -> Iterator[dict[int, Submission]]:
    """The submissions in groups that are examined together, none larger than `most` bytes if it has two."""
    batch: dict[int, Submission] = {}
    for number, one in submissions:
        if batch and sum(len(other.body) for other in batch.values()) + len(one.body) > most:
            yield batch
            batch = {}
        batch[number] = one
    if batch:
        yield batch


def _kind(submission: Submission) -> str:
    """What the rows are about, also once the file has another name."""
    return submission.kind or Path(submission.name).stem


def init_app(app: Flask) -> None:
    """Give the application its places for examinations."""
    app.extensions["trivium.examiner"] = Examiner(app.extensions["trivium.settings"])


def examiner() -> Examiner:
    """The examiner of this application."""
    found: Examiner = current_app.extensions["trivium.examiner"]
    return found


def _known_release() -> Release | None:
    try:
        return current_view().release
    except NoRelease:
        return None
