"""The dumps of a release: which files there are, what is in them, and whether they are made.

    releases/000007/dumps/trivium.nq.gz    made once, at the first request or by `trivium dump`; never changed
    releases/000007/dumps/manifest.json    sizes, checksums, and the figures of the release

They appear at once and whole, by one rename, as releases do. `graph/dump_writing.py` makes them.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

from graph.errors import TriviumError
from graph.figures import Figures
from graph.releases import Release, Releases

FOLDER: Final = "dumps"
MANIFEST: Final = "manifest.json"


class DumpsBeingMade(TriviumError):
    """The dumps of this release are not ready: another request started making them, or they take long."""

    retry_after = 5  # seconds


@dataclass(frozen=True)
class Content:
    """What is in a dump: its suffix, media type, name, the code of its file type in the EU's list, and a sentence."""

    suffix: str
    media_type: str
    name: str
    file_type: str
    description: str


@dataclass(frozen=True)
class Packing:
    """How a dump is compressed: its suffix and media type, whether it is an archive, and the code in the EU's list."""

    suffix: str
    media_type: str
    name: str
    archive: bool = False


@dataclass(frozen=True)
class Dump:
    """One file that every release is offered as."""

    content: Content
    packing: Packing

    @property
    def name(self) -> str:
        """The name of the file: `trivium.nq.gz`, `trivium-csv.zip`."""
        between = "-" if self.packing.archive else "."
        return f"trivium{between}{self.content.suffix}.{self.packing.suffix}"

    @property
    def title(self) -> str:
        """What a reader calls it: `N-Quads, gzip`."""
        return f"{self.content.name}, {self.packing.name}"


QUADS: Final = Content(
    "nq",
    "application/n-quads",
    "N-Quads",
    "RDF_N_QUADS",
    "Every statement with the graph that says who stated it, in canonical order (RDFC-1.0).",
)
TURTLE: Final = Content(
    "ttl", "text/turtle", "Turtle", "RDF_TURTLE", "Every statement once, without the graphs, subject by subject."
)
JSONLD: Final = Content(
    "jsonld",
    "application/ld+json",
    "JSON-LD",
    "JSON_LD",
    "Every statement once, without the graphs, in expanded form: one object for each subject.",
)
TABLES: Final = Content(
    "csv",
    "text/csv",
    "CSV",
    "CSV",
    "A spreadsheet for each kind of thing, with the columns that contributors fill in, and one of the gaps.",
)
GZIP: Final = Packing("gz", "application/gzip", "gzip")
ZSTANDARD: Final = Packing("zst", "application/zstd", "Zstandard")
ZIP: Final = Packing("zip", "application/zip", "ZIP", archive=True)

DUMPS: Final = (
    *(Dump(content, packing) for content in (QUADS, TURTLE, JSONLD) for packing in (GZIP, ZSTANDARD)),
    Dump(TABLES, ZIP),
)
CRATE: Final = "ro-crate-metadata.json"
CANONICAL: Final = "trivium.nq.sha256"
CHECKSUMS: Final = "SHA256SUMS"
MEDIA_TYPES: Final[Mapping[str, str]] = {
    **{dump.name: dump.packing.media_type for dump in DUMPS},
    CRATE: "application/ld+json",
    CANONICAL: "text/plain",
    CHECKSUMS: "text/plain",
}
"""Every file that may be asked for, and the type that it is served as."""


@dataclass(frozen=True)
class File:
    """A file that was made: its size in bytes, and the SHA-256 of its content in hexadecimal digits."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What was made of a release; `canonical` is the SHA-256 of its canonical N-Quads (RDFC-1.0), not compressed."""

    files: Mapping[str, File]
    canonical: str
    figures: Figures

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """The manifest in a folder, or None where nothing is made yet."""
        try:
            stated = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        files = {name: File(**facts) for name, facts in stated["files"].items()}
        return cls(files, stated["canonical"], Figures.read(stated["figures"]))

    def save(self, folder: Path) -> None:
        """Write the manifest into a folder."""
        facts: dict[str, Any] = {
            "files": {name: asdict(file) for name, file in self.files.items()},
            "canonical": self.canonical,
            "figures": self.figures.as_json(),
        }
        (folder / MANIFEST).write_text(json.dumps(facts, indent=1), encoding="utf-8")


def folder_of(release: Release) -> Path:
    """Where the dumps of a release are, once they are made."""
    return release.path / FOLDER


def made(release: Release) -> Manifest | None:
    """What was made of a release, or None where nothing is made yet."""
    return Manifest.read(folder_of(release))


def kept(releases: Releases, newest: int) -> list[Release]:
    """The releases up to a number, the newest first; one that is removed meanwhile is passed over."""
    found = []
    for number in reversed(releases.numbers()):
        try:
            release = Release.read(releases.path(number))
        except FileNotFoundError:
            continue
        if number <= newest:
            found.append(release)
    return found
