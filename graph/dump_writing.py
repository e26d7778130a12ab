"""Making the dumps of a release, in memory that does not grow with the graph.

The statements are written out once, sorted by code point. The graph has no blank nodes, so that is the canonical form
of RDFC-1.0, and its hash is one that anybody can recompute. Everything else is made by reading that file in order.
"""

import gzip
import io
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import file_digest
from itertools import groupby
from pathlib import Path
from typing import IO, Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import zstandard
from pyoxigraph import Quad, RdfFormat, Triple, parse, serialize

from graph.archive import SAVED
from graph.crate import crate
from graph.data_folder import lock
from graph.dump_tables import tables
from graph.dumps import CANONICAL, CHECKSUMS, CRATE, DUMPS, JSONLD, QUADS, TABLES, TURTLE, File, Manifest, folder_of
from graph.dumps import made as made_before
from graph.errors import TriviumError
from graph.figures import Figures
from graph.namespaces import ID, PREFIXES, is_slug
from graph.releases import Release
from graph.schema import Schema
from graph.sorting import sorted_lines
from graph.store import Dataset

LOCK: Final = "dumps.lock"
LEVEL: Final = 9  # of gzip; Zstandard's usual level is as small and much quicker
NICENESS: Final = 10


class DamagedRelease(TriviumError):
    """The statements of a release are not those that its digest stands for."""


def make(release: Release) -> Manifest:
    """Make the dumps of a release, unless they are made; waits while another process makes them.

    Raises DamagedRelease, and FileNotFoundError if the release is no longer kept.
    """
    with lock(release.path / LOCK, float("inf")):
        found = made_before(release)
        if found is None:
            draft = release.path / "dumps-draft"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            found = _written(release, draft)
            draft.rename(folder_of(release))
    return found


def main() -> None:
    """Make the dumps of the release in the folder that the last argument names, out of the way of others."""
    os.nice(NICENESS)
    make(Release.read(Path(sys.argv[-1])))


def _written(release: Release, draft: Path) -> Manifest:
    plain = draft / "plain.nq"
    _write_plain(release, plain)
    canonical = _sum(plain)
    with plain.open("rb") as source, _Packed(draft, QUADS.suffix) as out:
        shutil.copyfileobj(source, out)
    figures = Figures.counted(_triples(plain))
    for content, syntax in ((TURTLE, RdfFormat.TURTLE), (JSONLD, RdfFormat.JSON_LD)):
        with _Packed(draft, content.suffix) as out, io.BufferedWriter(out) as buffered:
            serialize(_triples(plain), buffered, syntax, prefixes=_prefixes(figures))
    _zip(plain, draft)
    plain.unlink()
    return _described(release, draft, canonical, figures)


def _write_plain(release: Release, path: Path) -> None:
    """Write every statement, sorted. Raises DamagedRelease."""
    dataset: Dataset = release.dataset()
    if dataset.recomputed_fingerprint() != int(release.digest, 16):
        raise DamagedRelease(f"Release {release.number} is damaged: its statements do not have its digest.")
    with path.open("wb") as file:
        file.writelines(sorted_lines((f"{quad} .\n".encode() for quad in dataset.quads()), path.parent))


def _triples(plain: Path) -> Iterator[Triple]:
    """Every distinct statement, in order: those that differ in the graph alone stand together."""
    quads: Iterator[Any] = iter(parse(path=str(plain), format=RdfFormat.N_QUADS))
    return (triple for triple, _ in groupby(quads, _triple))


def _triple(quad: Quad) -> Triple:
    return quad.triple


def _prefixes(figures: Figures) -> dict[str, str]:
    """The prefixes of Trivium, and one for each kind of identifier: `competency:digital-preservation`."""
    own = {kind: f"{ID.iri}{kind}/" for kind in figures.kinds if is_slug(kind)}
    general = {prefix: iri for prefix, iri in PREFIXES.items() if prefix != "id"}
    return dict(sorted((own | general).items()))


def _zip(plain: Path, draft: Path) -> None:
    dump = next(dump for dump in DUMPS if dump.content is TABLES)
    folder = draft / "tables"
    folder.mkdir()
    with ZipFile(draft / dump.name, "w", ZIP_DEFLATED) as archive:
        for path in tables(lambda: _triples(plain), Schema.load(), folder):
            entry = ZipInfo(path.name, SAVED)
            entry.compress_type = ZIP_DEFLATED
            with path.open("rb") as source, archive.open(entry, "w") as target:
                shutil.copyfileobj(source, target)
    shutil.rmtree(folder)


def _described(release: Release, draft: Path, canonical: str, figures: Figures) -> Manifest:
    """Write what describes the dumps: checksums, the RO-Crate, the manifest."""
    (draft / CANONICAL).write_text(f"{canonical}  trivium.nq\n")
    files = {dump.name: _file(draft / dump.name) for dump in DUMPS} | {CANONICAL: _file(draft / CANONICAL)}
    (draft / CRATE).write_text(crate(release, files), encoding="utf-8")
    files[CRATE] = _file(draft / CRATE)
    (draft / CHECKSUMS).write_text("".join(f"{file.sha256}  {name}\n" for name, file in files.items()))
    files[CHECKSUMS] = _file(draft / CHECKSUMS)
    manifest = Manifest(files, canonical, figures)
    manifest.save(draft)
    for path in draft.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    return manifest


def _file(path: Path) -> File:
    return File(path.stat().st_size, _sum(path))


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


class _Packed(io.RawIOBase):
    """A file that is written in every compression at once. The same content gives the same bytes."""

    def __init__(self, folder: Path, suffix: str) -> None:
        self._open = ExitStack()
        raw = self._open.enter_context((folder / f"trivium.{suffix}.gz").open("wb"))
        gz = self._open.enter_context(gzip.GzipFile("", "wb", LEVEL, raw, mtime=0))
        zst = self._open.enter_context((folder / f"trivium.{suffix}.zst").open("wb"))
        writer = zstandard.ZstdCompressor().stream_writer(zst, closefd=False)
        self._targets: list[IO[bytes]] = [gz, self._open.enter_context(writer)]  # type: ignore[list-item]

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, content: Any) -> int:
        """Write to every file."""
        for target in self._targets:
            target.write(content)
        return len(content)

    def close(self) -> None:
        """Finish every file."""
        self._open.close()
        super().close()
