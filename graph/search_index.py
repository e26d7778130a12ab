"""The index of a release, as the publisher makes it: it follows a change at the cost of what changed since its base."""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from pyoxigraph import NamedNode

from graph.coverage import Mask
from graph.search_columns import Segment, named_in, things_of
from graph.store import Dataset

FEW: Final = 500  # things that may have changed since the base was made, even if it is small
SHARE: Final = 20  # of a large base, a twentieth
BASE, RECENT, CHANGED = "base", "recent", "changed.txt"


@dataclass(frozen=True)
class SearchIndex:
    """What can be searched in a release. `changed` is what has changed since the base, also what is there no more."""

    base: Segment
    recent: Segment
    changed: frozenset[NamedNode]
    folder: Path | None = None
    """Where the base stands already, if it stands anywhere."""

    @classmethod
    def of(cls, dataset: Dataset) -> Self:
        """The index of everything that a dataset has."""
        return cls(Segment.of(things_of(dataset, named_in(dataset))), Segment.of(()), frozenset())

    def updated(self, dataset: Dataset, changed: Collection[NamedNode]) -> "SearchIndex":
        """The index after a change of some things, of which the dataset says how they are now."""
        every = self.changed | {*changed}
        if len(every) > max(FEW, len(self.base) // SHARE):
            return SearchIndex.of(dataset)
        recent = Segment.of(things_of(dataset, sorted(every, key=str)))
        return SearchIndex(self.base, recent, frozenset(every), self.folder)

    def save(self, folder: Path) -> None:
        """Write the index into a folder of its own; a base that stands somewhere already is linked."""
        folder.mkdir()
        if self.folder is None:
            self.base.save(folder / BASE)
        else:
            (folder / BASE).mkdir()
            for path in (self.folder / BASE).iterdir():
                os.link(path, folder / BASE / path.name)
        self.recent.save(folder / RECENT)
        (folder / CHANGED).write_text("".join(f"{iri.value}\n" for iri in sorted(self.changed, key=str)), "utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The index in a folder, mapped into memory. Raises OSError and ValueError if it cannot be read."""
        changed = frozenset(map(NamedNode, (folder / CHANGED).read_text("utf-8").split()))
        return cls(Segment.read(folder / BASE), Segment.read(folder / RECENT), changed, folder)

    def segments(self) -> Sequence[tuple[Segment, Mask]]:
        """Both segments, each with which of its things stand."""
        stands = np.ones(len(self.base), bool)
        if self.changed:
            stands[self.base.numbers(iri.value for iri in self.changed)] = False
        return (self.base, stands), (self.recent, np.ones(len(self.recent), bool))
