"""Commands that stay: serve, publisher."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import click
from granian import Granian
from granian.constants import Interfaces

from graph.publication import Publisher
from graph.publisher import PATIENCE, PAUSE, today, work
from graph.releases import Releases
from graph.starter import load_starter
from service.cli import terminal
from service.settings import Settings, variable


@click.command(epilog="Example: trivium serve --port 8080")
@click.option("--host", help="The address to listen on (default 127.0.0.1).")
@click.option("--port", type=int, help="The port to listen on (default 8080).")
@click.option("--starter/--no-starter", default=True, help="Load the starter graph if nothing is published yet.")
def serve(host: str | None, port: int | None, starter: bool) -> None:
    """Serve the graph; the first time, load the starter graph before."""
    settings = Settings.from_env(os.environ)
    host, port = host or settings.host, port or settings.port
    _ensure_release(settings, starter)
    os.environ[variable("data")] = str(settings.data.resolve())
    os.environ[variable("host")], os.environ[variable("port")] = host, str(port)  # the catalogue tells them
    click.echo(f"Trivium serves on http://{host}:{port}", err=True)
    with _publisher_beside():
        _serve(settings, host, port)


@click.command(epilog="Example: trivium publisher")
def publisher() -> None:
    """Publish whatever comes into the journal, until interrupted; `trivium serve` starts one itself."""
    settings = Settings.from_env(os.environ)
    ending = Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    work(settings.data, settings.stale_months, lambda: ending.is_set() or os.getppid() == 1)


def _serve(settings: Settings, host: str, port: int) -> None:
    Granian(
        "service:create_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        backpressure=settings.threads * 32,
        respawn_failed_workers=True,
        websockets=False,
    ).serve()


@contextmanager
def _publisher_beside() -> Iterator[None]:
    """A publisher in a process of its own, started again if it ends, for as long as this one serves."""
    ending = Event()

    def keep() -> None:
        while not ending.is_set():
            beside = subprocess.Popen([sys.executable, "-m", "service.cli", "publisher"])
            while beside.poll() is None and not ending.wait(PAUSE):
                pass
            beside.terminate()
            beside.wait()
            ending.wait(PAUSE)

    keeper = Thread(target=keep, name="publisher-keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ending.set()
        keeper.join()


def _ensure_release(settings: Settings, starter: bool) -> None:
    """Publish the starter graph if there is no release yet; reckon the gaps anew if the day has changed."""
    newest, day = Releases(settings.data).newest(), today()
    if newest and newest.as_of == day:
        return
    with Publisher.open(settings.data, settings.stale_months, PATIENCE) as one, terminal.progress() as show:
        if newest is None and starter:
            load_starter(one, day, show)
        else:
            one.publish(day, show)


COMMANDS = (serve, publisher)
