"""Immutable, numbered states of the published graph, each a folder that is only ever read.

    releases/0007/store/         a checkpoint of the store (hard links: quick, and small while little changes)
    releases/0007/release.json   its number, day, time, size and hash

A release appears at once and whole: it is made under another name and then renamed.
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self

from graph.store import Dataset


@dataclass(frozen=True)
class Release:
    """One release: `as_of` is the day its gaps are reckoned on, `digest` the sum of the SHA-256 of its statements.

    `quads` counts its statements, `counts` its entities by kind; `words` is the digest of its vocabulary, and
    `stale_after_months` the age at which its offerings do not count any more.
    """

    number: int
    as_of: date
    created: datetime
    digest: str
    quads: int
    counts: Mapping[str, int]
    words: str
    stale_after_months: int
    path: Path

    def dataset(self) -> Dataset:
        """Open the release to read it."""
        return Dataset.open(self.path / "store")

    def facts(self) -> dict[str, Any]:
        """What a description of the release says, as JSON has it."""
        facts = vars(self) | {"as_of": self.as_of.isoformat(), "created": self.created.isoformat()}
        return {name: value for name, value in facts.items() if name != "path"}

    def save(self) -> None:
        """Write the release's own description beside its store, durably."""
        with (self.path / "release.json").open("w", encoding="utf-8") as file:
            json.dump(self.facts(), file, indent=2)
            file.flush()
            os.fsync(file.fileno())

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the description of the release in a folder."""
        facts = json.loads((path / "release.json").read_text(encoding="utf-8"))
        return cls(
            number=facts["number"],
            as_of=date.fromisoformat(facts["as_of"]),
            created=datetime.fromisoformat(facts["created"]),
            digest=facts["digest"],
            quads=facts["quads"],
            counts=facts["counts"],
            words=facts["words"],
            stale_after_months=facts["stale_after_months"],
            path=path,
        )


class Releases:
    """The releases that are kept below a data folder."""

    def __init__(self, data: Path) -> None:
        self.folder = data / "releases"

    def numbers(self) -> list[int]:
        """The numbers of the releases that are kept, rising."""
        return sorted(int(path.name) for path in self.folder.glob("[0-9]*") if path.name.isdigit())

    def newest(self) -> Release | None:
        """The newest release, or None before the first."""
        numbers = self.numbers()
        return Release.read(self.path(numbers[-1])) if numbers else None

    def path(self, number: int) -> Path:
        """The folder of a release."""
        return self.folder / f"{number:06d}"

    def draft(self, number: int) -> Path:
        """An empty folder in which a release can be made without being seen."""
        path = self.folder / f"draft-{number:06d}"
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path

    def publish(self, draft: Path, release: Release) -> Release:
        """Let a draft become the release of its number. Raises OSError if that number exists."""
        replace(release, path=draft).save()
        draft.rename(release.path)
        return release

    def prune(self, keep: int) -> None:
        """Remove all but the newest `keep` releases; a reader that has one open keeps it until it lets go."""
        for number in self.numbers()[:-keep]:
            shutil.rmtree(self.path(number))
