"""Search over names and definitions, without regard to case and accents, and to slips of the pen.

A text is found by its words. Each word that was typed stands for the words that it is and that it begins, and, where
that finds too little, for those that are like it: RapidFuzz compares it with the words of the index, which are few
beside the texts, by the letters that were left out, added, changed or swapped (optimal string alignment).
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt
from pyoxigraph import NamedNode
from rapidfuzz import process
from rapidfuzz.distance import OSA

from graph.coverage import Mask, Numbers
from graph.folding import folded_words
from graph.search_columns import ALTERNATIVE, DEFINITION, LABEL, LONGEST, SLUG, Segment
from graph.search_index import SearchIndex

Marks = npt.NDArray[np.int8]
Meant = tuple[int, int, int]
"""A range of words that a word may mean: how well they fit, the first of them, and the one after the last."""

MOST_WORDS: Final = 16  # of what is typed; more are not looked at
ENOUGH: Final = 10  # things found as they were typed: of fewer, like words are looked for too
SHORT, LONG = 3, 8  # letters: shorter words have no like ones; from the other on, two letters may differ
LAST: Final = "\U0010ffff"  # the letter after all others
NONE, FAR, LIKE, BEGUN, WHOLE = range(5)
"""How well a word fits: not, two letters differ, one does, it begins so, it is just this."""

NAMES: Final = (LABEL, ALTERNATIVE, SLUG)
EVERY_ROLE: Final = (*NAMES, DEFINITION)


class Rank(IntEnum):
    """How well a thing fits, the best first."""

    LABEL = 0
    LABEL_BEGINS = 1
    LABEL_HAS = 2
    ALTERNATIVE = 3
    LABEL_LIKE = 4
    ALTERNATIVE_LIKE = 5
    DEFINITION = 6
    DEFINITION_LIKE = 7
    SPREAD = 8


@dataclass(frozen=True)
class Hit:
    """A thing that was found by its best text, whose role and language these are."""

    iri: NamedNode
    kind: str
    rank: Rank
    role: int
    language: str


@dataclass(frozen=True)
class Found:
    """A part of what was found, the best first.

    `counts` says how many things of each kind were found; `whole` whether they have all the words, or only most.
    """

    hits: Sequence[Hit]
    counts: Counter[str]
    whole: bool


class Search:
    """The questions that can be asked of an index."""

    def __init__(self, index: SearchIndex) -> None:
        self._segments = [_Searched(segment, stands) for segment, stands in index.segments() if len(segment)]

    def find(
        self,
        text: str,
        language: str = "en",
        kinds: Collection[str] = (),
        roles: Collection[int] = EVERY_ROLE,
        part: slice = slice(0, 50),
    ) -> Found:
        """The things that a text finds; those of `kinds`, if any are named, by texts with these roles.

        Where few things have the words as they are written, those with like words follow; where nothing has all of
        them, there is what has most of them, at least half. Of equally good texts those in the language come first.
        """
        words = tuple(dict.fromkeys(word[:LONGEST] for word in folded_words(text)))[:MOST_WORDS]
        if not words or not self._segments:
            return Found((), Counter(), True)
        marked = self._marked(words, roles, ())
        if _complete(marked, words) < (ENOUGH if len(words) == 1 else 1):
            words = self._split(words)
            unknown = [word for word in words if not any(segment.begins(word) for segment in self._segments)]
            marked = self._marked(words, roles, unknown or words)
            if unknown and not _complete(marked, words):
                marked = self._marked(words, roles, words)
        most = max(one.most for one in marked)
        if most < max(1, (len(words) + 1) // 2):
            return Found((), Counter(), False)
        ranked = [one.ranked(most, len(words), language) for one in marked]
        return self._found(ranked, kinds, part, most == len(words))

    def _marked(self, words: Sequence[str], roles: Collection[int], likes: Collection[str]) -> list["_Marked"]:
        return [segment.marked(words, roles, likes) for segment in self._segments]

    def _split(self, words: Sequence[str]) -> tuple[str, ...]:
        """The words, where one that is none is written as the two that it is made of."""
        return tuple(part for word in words for part in self._parts(word))

    def _parts(self, word: str) -> Sequence[str]:
        if any(segment.knows(word) for segment in self._segments):
            return (word,)
        pairs = ((word[:at], word[at:]) for at in range(2, len(word) - 1))
        known = ((one, two) for one, two in pairs if self._is_word(one) and self._is_word(two))
        return next(known, (word,))

    def _is_word(self, word: str) -> bool:
        return any(segment.is_word(word) for segment in self._segments)

    def _found(self, ranked: Sequence["_Ranked"], kinds: Collection[str], part: slice, whole: bool) -> Found:
        """The hits of all segments in one order."""
        counts = Counter[str]()
        for searched, one in zip(self._segments, ranked, strict=True):
            numbers, many = np.unique(searched.segment.kind[one.things], return_counts=True)
            counts += Counter({searched.segment.kinds[number]: int(n) for number, n in zip(numbers, many, strict=True)})
        kept = [one.of_kinds(searched.segment, kinds) for searched, one in zip(self._segments, ranked, strict=True)]
        of = np.concatenate([np.full(len(one.things), place) for place, one in enumerate(kept)])
        texts = np.concatenate([one.texts for one in kept])
        order = np.lexsort([np.arange(len(of)), *np.concatenate([one.keys for one in kept], axis=1)[::-1]])[part]
        keys = np.concatenate([one.keys for one in kept], axis=1)
        hits = [self._segments[of[at]].hit(int(texts[at]), Rank(int(keys[0, at]))) for at in order.tolist()]
        return Found(hits, counts, whole)


@dataclass(frozen=True)
class _Ranked:
    """Things with their best texts, and columns that they are ordered by, the first of which is the rank."""

    things: Numbers
    texts: Numbers
    keys: Numbers

    def of_kinds(self, segment: Segment, kinds: Collection[str]) -> "_Ranked":
        """Only those of some kinds, if any are named."""
        if not kinds:
            return self
        numbers = [number for number, kind in enumerate(segment.kinds) if kind in kinds]
        kept = np.isin(segment.kind[self.things], numbers)
        return _Ranked(self.things[kept], self.texts[kept], self.keys[:, kept])


@dataclass(frozen=True)
class _Marked:
    """How well each text has each of the words, one row for each word, and how many words each thing has.

    `allowed` are the texts that count, and `first` the words of the index that the first word may mean.
    """

    segment: Segment
    marks: Marks
    allowed: Mask
    first: Mask
    having: Marks

    @property
    def most(self) -> int:
        """The most words that a thing has."""
        return int(self.having.max(initial=0))

    def ranked(self, most: int, words: int, language: str) -> _Ranked:
        """The things that have the most words, each with the best of its texts."""
        segment = self.segment
        texts = np.flatnonzero((self.having == most)[segment.owner])
        texts = texts[self.allowed[texts] & (self.marks[:, texts].max(axis=0) > NONE)]
        marks, begins = self.marks[:, texts], np.append(self.first, False)[segment.first[texts]]
        role, length = segment.role[texts], segment.length[texts]
        all_words = np.count_nonzero(marks, axis=0) == words
        rank = _ranks(role, marks, all_words, length, begins)
        tags = [tag.partition("-")[0] == language.partition("-")[0] for tag in segment.languages]
        foreign = ~np.array(tags, bool)[segment.language[texts]]
        unlike = (WHOLE - marks).sum(axis=0)
        keys = np.stack([rank, foreign, ~begins, unlike, length]).astype(np.int32)
        order = np.lexsort([*keys[::-1], segment.owner[texts]])
        things, best = np.unique(segment.owner[texts][order], return_index=True)
        chosen = order[best]
        return _Ranked(things.astype(np.int32), texts[chosen].astype(np.int32), keys[:, chosen])


def _complete(marked: Sequence[_Marked], words: Sequence[str]) -> int:
    """How many things have all the words."""
    return sum(int(np.count_nonzero(one.having == len(words))) for one in marked)


def _ranks(role: Numbers, marks: Marks, all_words: Mask, length: Numbers, begins: Mask) -> Numbers:
    """The rank of each text, by the first of these that holds."""
    strict = np.where(marks > NONE, marks, WHOLE).min(axis=0) >= BEGUN
    just = (marks == WHOLE).all(axis=0) & (length == len(marks))
    label, definition = role == LABEL, role == DEFINITION
    cases = {
        Rank.SPREAD: ~all_words,
        Rank.LABEL: label & just,
        Rank.LABEL_BEGINS: label & strict & begins,
        Rank.LABEL_HAS: label & strict,
        Rank.LABEL_LIKE: label,
        Rank.DEFINITION: definition & strict,
        Rank.DEFINITION_LIKE: definition,
        Rank.ALTERNATIVE: strict,
    }
    return np.select([*cases.values()], [*cases], Rank.ALTERNATIVE_LIKE).astype(np.int32)


class _Searched:
    """A segment that is searched, of which some things stand."""

    def __init__(self, segment: Segment, stands: Mask) -> None:
        self.segment, self._stands = segment, stands
        self._words: list[str] = segment.word.tolist()
        self._kept = dict[tuple[int, ...], Mask]()

    def marked(self, words: Sequence[str], roles: Collection[int], likes: Collection[str]) -> _Marked:
        """How well each text of a standing thing has these words; of those in `likes`, also such as are like them."""
        segment = self.segment
        allowed = self._allowed(tuple(roles))
        marks = np.zeros((len(words), len(segment.owner)), np.int8)
        first = np.zeros(len(self._words), bool)
        having = np.zeros(len(segment), np.int8)
        for place, word in enumerate(words):
            for mark, low, high in sorted(self._meant(word, word in likes, word == words[-1])):
                marks[place, segment.occurrences(low, high)] = mark
                first[low:high] |= place == 0
            texts = np.flatnonzero(marks[place])
            having += segment.has(segment.owner[texts[allowed[texts]]])
        return _Marked(segment, marks, allowed, first, having)

    def _allowed(self, roles: tuple[int, ...]) -> Mask:
        """The texts of standing things that have one of some roles."""
        if roles not in self._kept:
            self._kept[roles] = self._stands[self.segment.owner] & np.isin(self.segment.role, roles)
        return self._kept[roles]

    def begins(self, word: str) -> bool:
        """Whether a word is one, or begins one."""
        low, high = self._range(word)
        return low < high

    def knows(self, word: str) -> bool:
        """Whether a word is one, or begins one, or differs from one by a letter."""
        return self.begins(word) or any(mark == LIKE for mark, _, _ in self._like(word))

    def is_word(self, word: str) -> bool:
        """Whether this is a word of the segment."""
        low = int(np.searchsorted(self.segment.word, word))
        return low < len(self._words) and self._words[low] == word

    def hit(self, text: int, rank: Rank) -> Hit:
        """The thing that a text is of."""
        segment = self.segment
        thing = segment.owner[text]
        language = segment.languages[segment.language[text]]
        iri = NamedNode(segment.iri[thing].decode())
        return Hit(iri, segment.kinds[segment.kind[thing]], rank, int(segment.role[text]), language)

    def _meant(self, word: str, likes: bool, unfinished: bool) -> Iterator[Meant]:
        """The ranges of words that a word may mean, each with how well they fit."""
        if likes:
            yield from self._like(word) or (self._begun_like(word) if unfinished else ())
        low, high = self._range(word)
        if low < high:
            yield BEGUN, low, high
        if self.is_word(word):
            yield WHOLE, low, low + 1

    def _like(self, word: str) -> list[Meant]:
        """The words that are like one: those that differ least."""
        found = _nearest(word, self._words)
        return [(mark, place, place + 1) for mark, place in found]

    def _begun_like(self, word: str) -> Iterator[Meant]:
        """The words that begin like one that is not written to its end."""
        for length in (len(word), len(word) + 1):
            beginnings = np.unique(self.segment.word.astype(f"U{length}")).tolist()
            for mark, place in _nearest(word, beginnings):
                yield mark, *self._range(beginnings[place])

    def _range(self, beginning: str) -> tuple[int, int]:
        """The numbers of the words that begin so."""
        start, end = np.searchsorted(self.segment.word, np.array([beginning, beginning + LAST]))
        return int(start), int(end)


def _nearest(word: str, others: list[str]) -> list[tuple[int, int]]:
    """The places of the words that differ from one by the least number of letters, each with how well they fit."""
    if len(word) < SHORT:
        return []
    cutoff = 2 if len(word) >= LONG else 1
    near = process.extract(word, others, scorer=OSA.distance, score_cutoff=cutoff, limit=None)
    least = min((distance for _, distance, _ in near if distance), default=0)
    return [(LIKE if distance == 1 else FAR, place) for _, distance, place in near if distance == least and least]
