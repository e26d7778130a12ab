"""Immutable, numbered states of the published graph, each a folder that is only ever read.

    releases/0007/store/         a checkpoint of the store (hard links: quick, and small while little changes)
    releases/0007/coverage/      who needs and who teaches what, in columns (`graph/coverage.py`)
    releases/0007/release.json   its number, day, time, size and hash
    releases/0007/SHA256SUMS     the sum of each file, so that damage is noticed

A release appears at once and whole: it is made under another name and then renamed.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from graph import sums
from graph.coverage import Coverage
from graph.errors import ReleaseDamaged
from graph.storage import appear, flush
from graph.store import Dataset

PASSING: Final = ("draft-*", "removed-*")
"""Folders that are there only while something is made or removed; another publisher clears what is left of them."""


@dataclass(frozen=True)
class Release:
    """One release: `as_of` is the day its gaps are reckoned on, `digest` the sum of the SHA-256 of its statements.

    `quads` counts its statements, `counts` its entities by kind; `words` is the digest of its vocabulary,
    `stale_after_months` the age at which its offerings do not count any more, and `journal` the number of the last
    event in the journal that it may hold.
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
    journal: int = 0

    def dataset(self) -> Dataset:
        """Open the release to read it. Raises ReleaseDamaged where that is seen at a glance, or by the engine."""
        self.check(whole=False)
        try:
            return Dataset.open(self.path / "store")
        except (OSError, RuntimeError) as error:
            raise ReleaseDamaged(f"Release {self.number} cannot be opened ({error}).") from error

    def coverage(self) -> Coverage:
        """The columns that gaps are looked up in. Raises ReleaseDamaged if they cannot be read."""
        try:
            return Coverage.read(self.path / "coverage")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ReleaseDamaged(f"The coverage of release {self.number} cannot be read ({error}).") from error

    def check(self, whole: bool = True) -> None:
        """Compare the files with their sums; unless `whole`, the small ones. Raises ReleaseDamaged."""
        faults = sums.faults(self.path, whole)
        if faults:
            raise ReleaseDamaged(
                f"Release {self.number} is damaged: {', '.join(faults)}. `trivium rebuild` makes the next."
            )

    def facts(self) -> dict[str, Any]:
        """What a description of the release says, as JSON has it."""
        facts = vars(self) | {"as_of": self.as_of.isoformat(), "created": self.created.isoformat()}
        return {name: value for name, value in facts.items() if name != "path"}

    def save(self) -> None:
        """Write the release's own description beside its store, durably."""
        (self.path / "release.json").write_text(json.dumps(self.facts(), indent=2), encoding="utf-8")
        flush(self.path / "release.json")

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
            journal=facts.get("journal", 0),
        )


class Releases:
    """The releases that are kept below a data folder."""

    def __init__(self, data: Path) -> None:
        self.folder = data / "releases"

    def numbers(self) -> list[int]:
        """The numbers of the releases that are kept, rising."""
        return sorted(int(path.name) for path in self.folder.glob("[0-9]*") if path.name.isdigit())

    def newest(self) -> Release | None:
        """The newest release whose description can be read, or None before the first."""
        return next(self.kept(), None)

    def kept(self) -> Iterator[Release]:
        """The releases whose descriptions can be read, the newest first."""
        for number in reversed(self.numbers()):
            try:
                release = Release.read(self.path(number))
            except (OSError, ValueError, KeyError):  # damaged, or removed meanwhile
                continue
            yield release

    def next_number(self) -> int:
        """The number after the newest, which is never given twice."""
        return (self.numbers() or [0])[-1] + 1

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
        before = self.newest()
        sums.write(draft, sums.sums_of(draft, before.path if before else None))
        appear(draft, release.path)
        return release

    def prune(self, keep: int, days: int = 0) -> None:
        """Remove all but the newest `keep`, and the last of each of the newest `days` days.

        A reader that has one open keeps it until it lets go.
        """
        self.clear()
        kept = [*self.kept()]
        last_of_day = {release.created.date(): release.number for release in reversed(kept)}
        recent = [number for day, number in last_of_day.items() if day > max(last_of_day) - timedelta(days)]
        for number in {*self.numbers()[:-keep]} - {*recent}:
            removed = self.folder / f"removed-{number:06d}"
            self.path(number).rename(removed)
            shutil.rmtree(removed, ignore_errors=True)  # dumps may be made in it still: the next one clears it

    def clear(self) -> None:
        """Remove what an ended process left half made or half removed."""
        for path in (one for pattern in PASSING for one in self.folder.glob(pattern)):
            shutil.rmtree(path, ignore_errors=True)
