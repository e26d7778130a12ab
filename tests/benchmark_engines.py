"""Other SPARQL servers to be measured beside ours: how each is fetched, loaded with N-Quads and served on loopback.

Nothing is installed on the machine: what is fetched, by the ordinary client of its registry, stays in one folder.
In all of them the default graph is the union of all graphs, as in ours.
"""

import http.client
import os
import shutil
import subprocess
import sys
import time
import venv
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

BIN = Path(sys.executable).parent
FUSEKI = "org.apache.jena:jena-fuseki-server:5.6.0"
RDFLIB_ENDPOINT = ("rdflib-endpoint==0.6.3", "uvicorn")
VIRTUOSO = ("virtuoso-opensource-7-bin", "libminizip1", "libpcre3")
VIRTUOSO_SETTINGS = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = .
MaxClientConnections = 40
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
MaxQueryMem = 2G
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
ServerThreads = 40
MaxClientConnections = 40
MaxKeepAlives = 40
KeepAliveTimeout = 600
[SPARQL]
ResultSetMaxRows = 1000000
"""


class Unavailable(Exception):
    """An engine that cannot be had here, and why."""


@dataclass(frozen=True)
class Data:
    """One release: the store of it, the same as N-Quads, the folder of ours, and a folder for what an engine keeps."""

    store: Path
    quads: Path
    ours: Path
    work: Path


class Engine(ABC):
    """A server of SPARQL: how it is fetched, loaded and started."""

    name: ClassVar[str]
    port: ClassVar[int]
    path: ClassVar[str] = "/query"
    ready: ClassVar[int] = 240  # seconds that it may take to answer

    def __init__(self, kept: Path, data: Data) -> None:
        self.kept, self.data = kept, data

    def fetch(self) -> None:  # noqa: B027 (nothing to do is right for some)
        """Get the program, if it is not there yet. Raises OSError and CalledProcessError."""

    def load(self) -> None:  # noqa: B027 (the same)
        """Put the data into a store of its own, before it is started."""

    def fill(self) -> None:  # noqa: B027 (the same)
        """Put the data into the server, once it answers."""

    @abstractmethod
    def command(self) -> list[str]:
        """What starts it."""

    def environment(self) -> Mapping[str, str]:
        return {}

    @contextmanager
    def serving(self) -> Iterator[int]:
        """Serve until the end; gives the id of its process. Raises Unavailable."""
        try:
            self.fetch()
            self.load()
        except (OSError, subprocess.SubprocessError) as error:
            raise Unavailable(f"{self.name}: {said(error)}") from error
        log = self.data.work / f"{self.name}.log"
        with log.open("w") as file:
            process = subprocess.Popen(
                self.command(), env=os.environ | self.environment(), cwd=self.data.work, stdout=file, stderr=file
            )
        try:
            self._wait(process, log)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _wait(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        deadline = time.monotonic() + self.ready
        while not answers(self.port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise Unavailable(f"{self.name} does not answer: {log.read_text(errors='replace')[-400:]}")
            time.sleep(0.2)
        try:
            self.fill()
        except (OSError, subprocess.SubprocessError) as error:
            raise Unavailable(f"{self.name}: {said(error)}") from error


def answers(port: int) -> bool:
    """Whether something on loopback answers a request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def said(error: OSError | subprocess.SubprocessError) -> str:
    """What a program said when it failed."""
    output = getattr(error, "stderr", None) or getattr(error, "stdout", None) or b""
    return f"{error} {output.decode(errors='replace')[-400:]}"


def ran(*command: str | Path, cwd: Path | None = None, more: Mapping[str, str] | None = None) -> None:
    """Run a program to its end. Raises OSError, CalledProcessError and TimeoutExpired."""
    subprocess.run(command, check=True, capture_output=True, timeout=900, cwd=cwd, env=os.environ | (more or {}))


class Trivium(Engine):
    """Ours. Each request comes from another address, as a proxy would tell: the share of one client is not measured."""

    name, port, path = "Trivium", 28101, "/sparql"

    def command(self) -> list[str]:
        return [sys.executable, "-m", "service.cli", "serve", "--port", str(self.port)]

    def environment(self) -> Mapping[str, str]:
        return {"TRIVIUM_DATA": str(self.data.ours), "TRIVIUM_PROXIES": "1"}


class Oxigraph(Engine):
    """Oxigraph's own server, from PyPI, over the store of the release."""

    name, port = "Oxigraph", 28102

    def command(self) -> list[str]:
        where = ["-l", str(self.data.store), "-b", f"127.0.0.1:{self.port}"]
        return [str(BIN / "oxigraph"), "serve-read-only", *where, "--union-default-graph"]


class Fuseki(Engine):
    """Apache Jena Fuseki over TDB2, from Maven Central."""

    name, port, path = "Fuseki", 28103, "/trivium"

    @property
    def jar(self) -> Path:
        _, artifact, version = FUSEKI.split(":")
        return self.kept / f"{artifact}-{version}.jar"

    def fetch(self) -> None:
        if not self.jar.exists():
            ran("mvn", "-q", "-B", "dependency:copy", f"-Dartifact={FUSEKI}", f"-DoutputDirectory={self.kept}")

    def load(self) -> None:
        ran("java", "-cp", self.jar, "tdb2.tdbloader", "--loc", self.data.work / "tdb2", self.data.quads)

    def command(self) -> list[str]:
        where = ["--localhost", "--port", str(self.port), "--loc", str(self.data.work / "tdb2")]
        return ["java", "-Xmx3g", "-jar", str(self.jar), *where, "--set", "tdb2:unionDefaultGraph=true", self.path]


class Virtuoso(Engine):
    """Virtuoso, from Debian's packages, unpacked and not installed."""

    name, port, path = "Virtuoso", 28104, "/sparql"
    sql = 28105

    @property
    def programs(self) -> Path:
        return self.kept / "virtuoso" / "usr" / "bin"

    def environment(self) -> Mapping[str, str]:
        libraries = [self.kept / "virtuoso" / place / "x86_64-linux-gnu" for place in ("usr/lib", "lib")]
        return {"LD_LIBRARY_PATH": ":".join(map(str, libraries))}

    def fetch(self) -> None:
        if (self.programs / "virtuoso-t").exists():
            return
        packages = self.kept / "packages"
        packages.mkdir(exist_ok=True)
        ran("apt-get", "download", *VIRTUOSO, cwd=packages)
        for package in packages.glob("*.deb"):
            ran("dpkg-deb", "-x", package, self.kept / "virtuoso")

    def load(self) -> None:
        (self.data.work / "virtuoso.ini").write_text(VIRTUOSO_SETTINGS.format(sql=self.sql, http=self.port))

    def command(self) -> list[str]:
        return [str(self.programs / "virtuoso-t"), "+foreground", "+configfile", "virtuoso.ini"]

    def fill(self) -> None:
        folder, name = self.data.quads.parent, self.data.quads.name
        if folder != self.data.work:
            raise FileNotFoundError(f"{name} must be in the folder that Virtuoso may read")
        steps = f"ld_dir('.', '{name}', 'http://example.org/'); rdf_loader_run(); checkpoint;"
        isql = self.programs / "isql-vt"
        ran(isql, f"127.0.0.1:{self.sql}", "dba", "dba", f"exec={steps}", cwd=folder, more=self.environment())


class RdflibEndpoint(Engine):
    """rdflib-endpoint over rdflib's own store in memory, from PyPI, in an environment of its own."""

    name, port, path = "rdflib-endpoint", 28106, "/"

    @property
    def python(self) -> Path:
        return self.kept / "rdflib-endpoint" / "bin" / "python"

    def fetch(self) -> None:
        if self.python.exists():
            return
        home = self.python.parent.parent
        try:
            venv.create(home, with_pip=True)
            ran(self.python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *RDFLIB_ENDPOINT)
        except (OSError, subprocess.SubprocessError):
            shutil.rmtree(home, ignore_errors=True)
            raise

    def command(self) -> list[str]:
        where = ["--host", "127.0.0.1", "--port", str(self.port)]
        return [str(self.python.with_name("rdflib-endpoint")), "serve", str(self.data.quads), *where]

    def environment(self) -> Mapping[str, str]:
        return {"PYTHONPATH": ""}


ENGINES: tuple[type[Engine], ...] = (Trivium, Oxigraph, Fuseki, Virtuoso, RdflibEndpoint)
