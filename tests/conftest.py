"""What every test may use: the starter graph, published once, and a client of the service over it."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Thread

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from graph.publication import Publisher
from graph.releases import Release, Releases
from graph.starter import load_starter
from graph.store import Dataset
from service import create_app
from service.settings import Settings

AS_OF = date(2026, 11, 23)


@pytest.fixture(scope="session")
def starter_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which the starter graph is published."""
    data = tmp_path_factory.mktemp("starter")
    with Publisher.open(data) as publisher:
        load_starter(publisher, AS_OF)
    return data


@pytest.fixture
def data(starter_data: Path, tmp_path: Path) -> Path:
    """A copy of the starter graph, to be changed."""
    return Path(shutil.copytree(starter_data, tmp_path / "data"))


@pytest.fixture(scope="session")
def starter_release(starter_data: Path) -> Release:
    """The first release of the starter graph."""
    release = Releases(starter_data).newest()
    assert release is not None
    return release


@pytest.fixture(scope="session")
def starter(starter_release: Release) -> Dataset:
    """The starter graph, opened to be read."""
    return starter_release.dataset()


@pytest.fixture(scope="session")
def client(starter_data: Path) -> Iterator[FlaskClient]:
    """A client of the service over the starter graph."""
    app = create_app(Settings(data=starter_data, dump_seconds=120))
    with app.test_client() as client:
        yield client


@pytest.fixture(scope="session")
def served(starter_data: Path) -> Iterator[str]:
    """The address of the service over the starter graph, on a port of its own, for clients that need one."""
    settings = Settings(data=starter_data, dump_seconds=120)
    server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
    base = f"http://127.0.0.1:{server.server_port}"
    server.app = app = create_app(replace(settings, base=base))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield base
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["trivium.sparql"].close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser; the files that use it say loudly where there is none."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()
