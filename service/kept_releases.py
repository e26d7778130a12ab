"""The releases that are kept, their dumps, and what makes these: for every address that tells of them."""

from flask import Flask, current_app

from graph.dump_process import DumpMaker
from graph.dumps import Manifest, folder_of, kept
from graph.releases import Release, Releases
from service.release_view import ReleaseView
from service.settings import Settings


def init_app(app: Flask) -> None:
    """Attach what makes dumps."""
    settings: Settings = app.extensions["trivium.settings"]
    app.extensions["trivium.dumps"] = DumpMaker(settings.dump_seconds)


def releases_of(view: ReleaseView) -> list[Release]:
    """The releases that are kept, up to the one that is answered from, the newest first."""
    settings: Settings = current_app.extensions["trivium.settings"]
    return kept(Releases(settings.data), view.release.number)


def state(view: ReleaseView) -> str:
    """Which releases are kept, and whose dumps are made: what may change while a release stays the newest."""
    return " ".join(f"{one.number}{'+' if folder_of(one).exists() else ''}" for one in releases_of(view))


def manifest_of(release: Release) -> Manifest:
    """The dumps of a release, made if they are not. Raises DumpsBeingMade and NotFound."""
    maker: DumpMaker = current_app.extensions["trivium.dumps"]
    return maker.made(release)
