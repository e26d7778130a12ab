"""The releases before the newest that somebody asks for by `?release=`: opened on demand, a few at a time.

What they know is taken over from the newest view but for what has changed between, so opening one costs what these
changes cost. One at a time is opened, and one more request may wait for it, so that the newest never lacks threads.
The one used least recently is let go of first; one that is no longer kept, or was not asked for in a while, at the
next request.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import BoundedSemaphore, Lock
from time import monotonic
from typing import Final

from flask import Flask, current_app, g

from graph.errors import NotFound, TriviumError
from graph.releases import Release, Releases
from service.release_view import ReleaseView, current_view
from service.settings import Settings

SHARE: Final = 8
"""Each older release may keep an eighth of the rendered answers that the newest may."""

IDLE: Final = 600.0  # seconds after which one that nobody asks for is let go of
BEING_OPENED: Final = "A release is being opened. Ask again in a moment."
PLACES: Final = 2  # requests that may open a release, or wait for it


class NoSuchRelease(NotFound):
    """There never was a release of this number."""

    def __init__(self, number: int, newest: int) -> None:
        super().__init__(f"There is no release {number}: the newest is {newest}.")


class ReleaseGone(TriviumError):
    """There was a release of this number once; carries the numbers of those that are kept."""

    def __init__(self, number: int, kept: list[int]) -> None:
        self.number, self.kept = number, kept
        super().__init__(
            f"Release {number} is no longer kept. What it said is in later ones: /changes says what changed."
        )


class ReleaseBeingOpened(TriviumError):
    """The release, or another one before it in the queue, is being opened."""

    retry_after = 1  # seconds


@dataclass
class _Open:
    view: ReleaseView
    used: float


class OlderReleases:
    """Views of older releases, at most `settings.older_releases` of them."""

    def __init__(self, settings: Settings) -> None:
        self._most = settings.older_releases
        self._settings = replace(settings, cache_bytes=settings.cache_bytes // SHARE)
        self._releases = Releases(settings.data)
        self._open: OrderedDict[int, _Open] = OrderedDict()
        self._lock, self._opening, self._places = Lock(), Lock(), BoundedSemaphore(PLACES)

    def view(self, number: int, newest: ReleaseView) -> ReleaseView:
        """The view of an older release. Raises NoSuchRelease, ReleaseGone, ReleaseBeingOpened and ReleaseDamaged."""
        release = self._kept(number, newest)
        found = self._found(number)
        if found is None:
            with self._place(), self._opening:
                found = self._found(number) or ReleaseView(release, self._settings, newest.log, newest)
                self._keep(found)
        return found

    def numbers(self) -> list[int]:
        """The releases that are open, the one used least recently first."""
        with self._lock:
            return list(self._open)

    def tidy(self) -> None:
        """Let go of what is no longer kept, and of what nobody has asked for in a while."""
        for number, one in [*self._open.items()]:
            if one.used + IDLE < monotonic() or not self._releases.path(number).exists():
                with self._lock:
                    self._open.pop(number, None)

    def _kept(self, number: int, newest: ReleaseView) -> Release:
        path = self._releases.path(number)
        if number > newest.release.number:
            raise ReleaseBeingOpened(BEING_OPENED) if path.exists() else NoSuchRelease(number, newest.release.number)
        try:
            return Release.read(path)
        except FileNotFoundError:
            if not newest.log.published(number):
                raise NoSuchRelease(number, newest.release.number) from None
            kept = [one for one in self._releases.numbers() if one <= newest.release.number]
            raise ReleaseGone(number, kept) from None

    def _found(self, number: int) -> ReleaseView | None:
        with self._lock:
            if number not in self._open:
                return None
            self._open.move_to_end(number)
            self._open[number].used = monotonic()
            return self._open[number].view

    def _keep(self, view: ReleaseView) -> None:
        with self._lock:
            self._open[view.release.number] = _Open(view, monotonic())
            while len(self._open) > self._most:
                self._open.popitem(last=False)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise ReleaseBeingOpened(BEING_OPENED)
        try:
            yield
        finally:
            self._places.release()


def init_app(app: Flask) -> None:
    """Give the application its older releases."""
    app.extensions["trivium.older"] = OlderReleases(app.extensions["trivium.settings"])


def view_of(number: int | None) -> ReleaseView:
    """Answer this request from a release, else from the newest. Raises as `OlderReleases.view`."""
    older: OlderReleases = current_app.extensions["trivium.older"]
    older.tidy()
    newest = current_view()
    if number is not None and number > newest.release.number:
        newest = current_view(look=True)  # another worker may have seen it already
    if number is not None and number != newest.release.number:
        g.view, g.older = older.view(number, newest), True
    return current_view()


def is_older() -> bool:
    """Whether this request is answered from a release that is not the newest."""
    return bool(g.get("older", False))
