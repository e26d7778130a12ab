"""The manifest of a backup: what it is, and the length and sum of each of its files."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any, Final, Self

from graph import sums
from graph.errors import BackupDamaged
from graph.releases import Release
from graph.storage import flush

NAME: Final = "manifest.json"
FORMAT: Final = 1


@dataclass(frozen=True)
class Content:
    """One file: its path in the backup, its length in bytes and its SHA-256."""

    path: str
    bytes: int
    sha256: str

    @classmethod
    def of(cls, folder: Path, path: Path) -> Self:
        """What a file is now."""
        return cls(path.relative_to(folder).as_posix(), path.stat().st_size, sums.sha256(path))

    def fault(self, folder: Path) -> str | None:
        """What is wrong with the file, if anything is."""
        path = folder / self.path
        if not path.is_file():
            return f"{self.path} is missing"
        if path.stat().st_size != self.bytes:
            return f"{self.path} has {path.stat().st_size} bytes instead of {self.bytes}"
        return None if sums.sha256(path) == self.sha256 else f"{self.path} was changed"


@dataclass(frozen=True)
class Origin:
    """The newest release at the time of the backup, whether or not it is in it."""

    number: int
    as_of: date
    digest: str
    quads: int


@dataclass(frozen=True)
class Manifest:
    """What is in a backup; `version` is that of the software that made it."""

    version: str
    created: datetime
    release: Origin | None
    files: tuple[Content, ...]

    @classmethod
    def of(cls, folder: Path, newest: Release | None, created: datetime) -> Self:
        """The manifest of the files below a folder."""
        release = Origin(newest.number, newest.as_of, newest.digest, newest.quads) if newest else None
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        return cls(version("trivium"), created, release, tuple(Content.of(folder, path) for path in paths))

    def write(self, folder: Path) -> None:
        """Write the manifest into the folder, and let the whole folder survive a power loss."""
        text = json.dumps({"format": FORMAT, **asdict(self)}, indent=2, default=lambda time: time.isoformat())
        (folder / NAME).write_text(text + "\n", encoding="utf-8")
        for path in (*folder.rglob("*"), folder):
            flush(path)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The manifest of a backup. Raises BackupDamaged if there is none, or one that cannot be understood."""
        try:
            return cls._of(json.loads((folder / NAME).read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            raise BackupDamaged(f"There is no {NAME} in {folder}: it is no backup, or was not finished.") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BackupDamaged(f"{folder / NAME} cannot be read ({error}).") from error

    @classmethod
    def _of(cls, facts: dict[str, Any]) -> Self:
        if facts["format"] != FORMAT:
            raise ValueError(f"made by Trivium {facts['version']} in format {facts['format']}, this reads {FORMAT}")
        files = tuple(Content(**one) for one in facts["files"])
        if any(PurePosixPath(one.path).is_absolute() or ".." in PurePosixPath(one.path).parts for one in files):
            raise ValueError("a path leads out of the backup")
        release = facts["release"]
        origin = Origin(**release | {"as_of": date.fromisoformat(release["as_of"])}) if release else None
        return cls(facts["version"], datetime.fromisoformat(facts["created"]), origin, files)
