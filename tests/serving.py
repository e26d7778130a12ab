"""The starter graph, loaded into a temporary folder and served on a free port: for tools, not for tests."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Thread

from werkzeug.serving import make_server

from graph.publication import Publisher
from graph.starter import load_starter
from service import create_app
from service.settings import Settings

AS_OF = date(2026, 11, 23)


@contextmanager
def starter_data() -> Iterator[Path]:
    """A folder in which the starter graph is published."""
    with tempfile.TemporaryDirectory() as folder:
        with Publisher.open(Path(folder)) as publisher:
            load_starter(publisher, AS_OF)
        yield Path(folder)


@contextmanager
def served(data: Path) -> Iterator[str]:
    """The address of the service over a folder."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # not a line for each request
    app = create_app(Settings(data=data, dump_seconds=120))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["trivium.sparql"].close()
