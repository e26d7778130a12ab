"""Commands that stay: serve, publisher."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import click
from granian import Granian
from granian.constants import Interfaces
from granian.server.common import AbstractServer

from graph.clock import today
from graph.data_folder import PATIENCE
from graph.publication import Publisher
from graph.publisher import PAUSE, work
from graph.releases import Releases
from graph.starter import load_starter
from service.cli import terminal
from service.settings import Settings, variable

BREATH = 1.0  # seconds


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
@click.option("--parent", type=int, hidden=True, help="End when this process is not the parent any more.")
def publisher(parent: int | None) -> None:
    """Publish whatever comes into the journal, until interrupted; `trivium serve` starts one itself."""
    settings = Settings.from_env(os.environ)
    ending = Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    work(settings.data, settings.policy, lambda: ending.is_set() or parent not in (None, os.getppid()))


def _serve(settings: Settings, host: str, port: int) -> None:
    """Serve until a signal comes.

    Granian gives up when one web worker ends twice within seconds, whatever ended it: then it is begun anew.
    """
    while _gave_up(server := _server(settings, host, port)):
        click.echo("Web workers ended in quick succession: all are started anew.", err=True)
        time.sleep(BREATH)
        if server.interrupt_signal:  # meanwhile
            return


def _gave_up(server: AbstractServer[Any]) -> bool:
    """Serve; returns whether that ended without a signal."""
    try:
        server.serve()
    except SystemExit:
        if server.interrupt_signal:
            raise
        return True
    return False


def _server(settings: Settings, host: str, port: int) -> AbstractServer[Any]:
    return Granian(
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
    )


@contextmanager
def _publisher_beside() -> Iterator[None]:
    """A publisher in a process of its own, started again if it ends, for as long as this one serves."""
    ending = Event()
    command = [sys.executable, "-m", "service.cli", "publisher"]

    def keep() -> None:
        while not ending.is_set():
            beside = subprocess.Popen([*command, "--parent", str(os.getpid())])
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
    """Make a first release if there is none: of what the journal has, else of the starter graph."""
    if Releases(settings.data).numbers():
        return  # the publisher beside checks it, and reckons the gaps anew if the day has changed
    day = today()
    with Publisher.open(settings.data, settings.policy, PATIENCE) as one, terminal.progress() as show:
        if one.journal.history():
            one.rebuild(day, show)
        elif starter:
            load_starter(one, day, show)
        else:
            one.publish(day, show)


COMMANDS = (serve, publisher)
