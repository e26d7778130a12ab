"""What can be searched, in columns: the words of every text of every thing, and what things say of themselves.

A segment is a set of such columns that never changes. A release has two: `base`, which is one and the same file in many
releases (a hard link, mapped into memory once for all readers), and `recent`, in which stands what has changed since.
So a release costs what has changed; once that is much, a new base is made.
"""

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from pyoxigraph import Literal, NamedNode

from graph.coverage import Mask, Numbers, Texts
from graph.folding import folded_words
from graph.mergers import replaced_by
from graph.namespaces import DCT, SKOS, TRV, kind_and_slug
from graph.store import Dataset

Words = npt.NDArray[np.str_]

KINDS: Final = ("competency", "role", "offering", "provider", "survey", "sector", "area", "framework")
"""The kinds of things that are searched, in the order in which a reader meets them."""

LABEL, ALTERNATIVE, SLUG, DEFINITION = range(4)
ROLES: Final = {SKOS.prefLabel: LABEL, DCT.title: LABEL, SKOS.altLabel: ALTERNATIVE, SKOS.definition: DEFINITION}
SAID: Final = {
    TRV.addressedTo: "sector",
    TRV.attestedIn: "sector",
    TRV.practisedIn: "sector",
    TRV.subSector: "sector",
    TRV.serves: "sector",
    TRV.country: "country",
    TRV.free: "free",
    TRV.inArea: "area",
    TRV.language: "language",
    TRV.level: "level",
    TRV.mode: "mode",
    TRV.offeringType: "type",
    TRV.provider: "provider",
    TRV.providerKind: "kind",
    TRV.region: "region",
    SKOS.inScheme: "framework",
}
"""What a thing says of itself that lists are filtered by."""

LONGEST: Final = 24  # letters of a word that are compared
SORTED_BY: Final = 48  # bytes of a label that things are put in order by
NAMES: Final = "names.json"


@dataclass(frozen=True)
class Thing:
    """A thing as it is searched: its texts, each with its role and language, and what it says of itself."""

    iri: NamedNode
    texts: tuple[tuple[int, str, str], ...]
    said: frozenset[str]

    @classmethod
    def read(cls, dataset: Dataset, iri: NamedNode) -> Self | None:
        """What a dataset says of a thing; None if it is not of a kind that is searched, or has no name."""
        named = kind_and_slug(iri)
        if named is None or named[0] not in KINDS or replaced_by(dataset, iri) is not None:
            return None
        texts, said = dict[tuple[int, str, str], None](), set[str]()
        for quad in dataset.quads(iri):
            if quad.predicate in ROLES and isinstance(quad.object, Literal):
                texts[ROLES[quad.predicate], quad.object.language or "", quad.object.value] = None
            elif quad.predicate in SAID and isinstance(quad.object, Literal | NamedNode):
                said.add(f"{SAID[quad.predicate]} {quad.object.value}")
        if all(role != LABEL for role, _, _ in texts):
            return None
        return cls(iri, (*texts, (SLUG, "", named[1].replace("-", " "))), frozenset(said))


@dataclass(frozen=True)
class Segment:
    """The columns. Kinds, languages, things, texts, words and values are numbers: places in their columns or lists.

    Of each thing `iri`, rising, and `kind`; of each text the thing it is of, its `owner`, in the order of things, its
    `role`, `language`, `length` in different words, `first` word (-1 if it has none) and, of labels, the beginning to
    be ordered by. `word` are all words in their order, and `occurrence[start[w]:start[w + 1]]` the texts that have
    word w. `said` (value, thing) is in the order of values.
    """

    kinds: tuple[str, ...]
    languages: tuple[str, ...]
    values: tuple[str, ...]
    iri: Texts
    kind: Numbers
    owner: Numbers
    role: Numbers
    language: Numbers
    length: Numbers
    first: Numbers
    beginning: Texts
    word: Words
    start: Numbers
    occurrence: Numbers
    said: Numbers

    @classmethod
    def of(cls, things: Iterable[Thing]) -> Self:
        """The columns of some things, which come in the order of their IRIs."""
        return cls(**_Growing(things).columns())

    def save(self, folder: Path) -> None:
        """Write the columns into a folder of their own."""
        folder.mkdir(parents=True)
        lists = {name: getattr(self, name) for name in _LISTS}
        (folder / NAMES).write_text(json.dumps(lists), encoding="utf-8")
        for name in _COLUMNS:
            np.save(folder / f"{name}.npy", getattr(self, name))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The columns in a folder, mapped into memory. Raises OSError and ValueError if they cannot be read."""
        columns: dict[str, Any] = json.loads((folder / NAMES).read_text(encoding="utf-8"))
        columns = {name: tuple(values) for name, values in columns.items()}
        return cls(**columns, **{name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _COLUMNS})

    def __len__(self) -> int:
        return len(self.iri)

    def numbers(self, iris: Iterable[str]) -> Numbers:
        """The numbers of those of some things that are here."""
        wanted = np.array([iri.encode() for iri in iris], self.iri.dtype if len(self) == 0 else "S")
        places = np.minimum(np.searchsorted(self.iri, wanted), max(len(self) - 1, 0))
        return places[self.iri[places] == wanted].astype(np.int32) if len(self) else np.zeros(0, np.int32)

    @cached_property
    def value(self) -> Mapping[str, int]:
        """The number of each value."""
        return {value: number for number, value in enumerate(self.values)}

    def occurrences(self, low: int, high: int) -> Numbers:
        """The texts that have one of the words from one number to before another, some of them several times."""
        found: Numbers = self.occurrence[self.start[low] : self.start[high]]
        return found

    def saying(self, value: str) -> Numbers:
        """The things that say this of themselves."""
        if value not in self.value:
            return np.zeros(0, np.int32)
        low, high = np.searchsorted(self.said[0], (self.value[value], self.value[value] + 1))
        found: Numbers = self.said[1][low:high]
        return found

    def has(self, things: Numbers) -> Mask:
        """Of each thing, whether it is one of these."""
        mask = np.zeros(len(self), bool)
        mask[things] = True
        return mask


_LISTS: Final = ("kinds", "languages", "values")
_COLUMNS: Final = tuple(field.name for field in fields(Segment) if field.name not in _LISTS)


class _Growing:
    """Columns while things are added; numbers are given as they come, and put in order at the end."""

    def __init__(self, things: Iterable[Thing]) -> None:
        self._iris, self._beginnings = list[bytes](), list[bytes]()
        self._numbers: dict[str, dict[str, int]] = {name: {} for name in ("kinds", "languages", "values", "words")}
        self._of = {name: array("i") for name in ("kind", "owner", "role", "language", "length", "first")}
        self._pairs = array("i"), array("i")
        self._said = array("i"), array("i")
        for thing in things:
            self._add(thing)

    def _number(self, what: str, name: str) -> int:
        known = self._numbers[what]
        return known.setdefault(name, len(known))

    def _add(self, thing: Thing) -> None:
        kind, _ = kind_and_slug(thing.iri) or ("", "")
        for value in thing.said:
            self._said[0].append(self._number("values", value))
            self._said[1].append(len(self._iris))
        for role, language, text in thing.texts:
            self._add_text(role, language, text)
        self._of["kind"].append(self._number("kinds", kind))
        self._iris.append(thing.iri.value.encode())

    def _add_text(self, role: int, language: str, text: str) -> None:
        words = [self._number("words", word[:LONGEST]) for word in folded_words(text)]
        for word in dict.fromkeys(words):
            self._pairs[0].append(word)
            self._pairs[1].append(len(self._beginnings))
        row = (len(self._iris), role, self._number("languages", language), len(set(words)), words[0] if words else -1)
        for name, number in zip(("owner", "role", "language", "length", "first"), row, strict=True):
            self._of[name].append(number)
        self._beginnings.append(text.encode()[:SORTED_BY] if role == LABEL else b"")

    def columns(self) -> dict[str, Any]:
        """The columns, words and values in their order."""
        words = np.array([*self._numbers["words"]] or [""], f"U{LONGEST}")[: len(self._numbers["words"])]
        order = np.argsort(words)
        place = np.append(_places(order), -1).astype(np.int32)  # the last one is that of no word: -1
        word, text = place[_numbers(self._pairs[0])], _numbers(self._pairs[1])
        in_order = np.lexsort((text, word))
        said = np.stack([_numbers(column) for column in self._said])
        numbers = {name: _numbers(column) for name, column in self._of.items()}
        return {
            **{name: tuple(self._numbers[name]) for name in _LISTS},
            **numbers,
            "first": place[numbers["first"]],
            "iri": np.array(self._iris, "S"),
            "beginning": np.array(self._beginnings, f"S{SORTED_BY}"),
            "word": words[order],
            "start": np.searchsorted(word[in_order], np.arange(len(words) + 1)).astype(np.int32),
            "occurrence": text[in_order],
            "said": said[:, np.argsort(said[0], kind="stable")],
        }


def things_of(dataset: Dataset, iris: Iterable[NamedNode]) -> Iterator[Thing]:
    """Some things as a dataset has them; those that it does not have, or are not searched, are left out."""
    return (thing for iri in iris if (thing := Thing.read(dataset, iri)) is not None)


def named_in(dataset: Dataset) -> list[NamedNode]:
    """Everything that has a label of its own, in the order of identifiers."""
    quads = (quad for name, role in ROLES.items() if role == LABEL for quad in dataset.quads(None, name))
    found = {quad.subject for quad in quads if isinstance(quad.subject, NamedNode) and kind_and_slug(quad.subject)}
    return sorted(found, key=str)


def _numbers(column: "array[int]") -> Numbers:
    return np.frombuffer(column, np.int32) if column else np.zeros(0, np.int32)


def _places(order: npt.NDArray[np.intp]) -> Numbers:
    places = np.empty(len(order), np.int32)
    places[order] = np.arange(len(order), dtype=np.int32)
    return places
