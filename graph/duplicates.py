"""Entities that are probably there already under another identifier: hints, for their authors and for curators.

Two offerings of one provider with near-same titles · two providers with near-same names and home pages on the same
host, or with the very same name where one states no home page · two competencies with the same label in a language.

Titles and names are compared word by word without case, accents and punctuation. They are near-same from a similarity
of `ALIKE` on (twice the matching characters by all characters, the words sorted), if they have the same numbers: part
1 is not part 2, and winter 2024 not winter 2025.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Self
from urllib.parse import urlsplit

from pyoxigraph import Literal, NamedNode

from graph.namespaces import RDF, SCHEMA, SKOS, TRV
from graph.proposal import Proposal, texts
from graph.store import Dataset

ALIKE: Final = 0.85
COMPARED: Final = 20  # titles that share the most words with one, which are compared with it letter by letter
FREQUENT: Final = 50  # a word of so many titles says nothing


@dataclass(frozen=True)
class Title:
    """A text as it is compared, and whose it is."""

    iri: NamedNode
    words: tuple[str, ...]
    language: str = ""

    @classmethod
    def of(cls, iri: NamedNode, text: Literal) -> Self:
        """The words of a text, sorted, without case, accents and punctuation."""
        decomposed = unicodedata.normalize("NFKD", text.value)
        plain = "".join(one for one in decomposed if not unicodedata.combining(one)).casefold()
        return cls(iri, tuple(sorted(re.findall(r"\w+", plain))), text.language or "")

    @property
    def numbers(self) -> list[str]:
        """The words that have a digit."""
        return [word for word in self.words if any(map(str.isdigit, word))]

    def is_like(self, other: "Title") -> bool:
        """Whether two titles are near-same."""
        if self.words == other.words or self.numbers != other.numbers:
            return self.words == other.words
        matcher = SequenceMatcher(None, " ".join(self.words), " ".join(other.words), autojunk=False)
        return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


class Titles:
    """Titles, found again by their words."""

    def __init__(self, titles: Iterable[Title]) -> None:
        self._by_word: dict[str, list[Title]] = defaultdict(list)
        self._same: dict[tuple[str, ...], list[Title]] = defaultdict(list)
        self.add(titles)

    def add(self, titles: Iterable[Title]) -> None:
        """Let titles be found."""
        for title in titles:
            self._same[title.words].append(title)
            for word in set(title.words):
                self._by_word[word].append(title)

    def like(self, title: Title) -> Iterator[Title]:
        """The titles with the same words, and near-same ones."""
        yield from self._same.get(title.words, [])
        lists = (self._by_word.get(word, []) for word in dict.fromkeys(title.words))
        shared = Counter(other for titles in lists if len(titles) <= FREQUENT for other in titles)
        yield from (other for other, _ in shared.most_common(COMPARED) if title.is_like(other))


def duplicates(proposal: Proposal) -> Iterator[tuple[NamedNode, NamedNode]]:
    """Each new entity that is probably another one, with that one."""
    providers = {
        quad.object
        for quad in proposal.submission.quads(None, TRV.provider)
        if quad.subject in proposal.new and isinstance(quad.object, NamedNode)
    }
    for provider in sorted(providers, key=str):
        yield from _alike(proposal, TRV.provider, provider, lambda one, other: True)
    yield from _alike(proposal, RDF.type, TRV.Provider, lambda one, other: _is_one_provider(proposal, one, other))
    yield from _alike(proposal, RDF.type, TRV.Competency, _is_one_label)


def _alike(
    proposal: Proposal, predicate: NamedNode, value: NamedNode, are_one: Callable[[Title, Title], bool]
) -> Iterator[tuple[NamedNode, NamedNode]]:
    """New entities with near-same titles as others, among all that have a value of a property."""
    submitted = dict.fromkeys(_bearers(proposal.submission, predicate, value))
    if proposal.new.isdisjoint(submitted):
        return
    stays = (iri for iri in _bearers(proposal.release, predicate, value) if iri not in proposal.subjects)
    titles = Titles([title for iri in dict.fromkeys(stays) for title in _titles(proposal.release, iri)])
    found = dict[tuple[NamedNode, NamedNode], None]()
    for iri in sorted(submitted, key=lambda iri: (iri in proposal.new, iri.value)):  # what is restated was there first
        own = list(_titles(proposal.submission, iri))
        if iri in proposal.new:
            pairs = ((title, other) for title in own for other in titles.like(title))
            found |= {(iri, other.iri): None for title, other in pairs if are_one(title, other)}
        titles.add(own)
    yield from found


def _bearers(dataset: Dataset, predicate: NamedNode, value: NamedNode) -> Iterator[NamedNode]:
    quads = dataset.quads(None, predicate, value)
    return (quad.subject for quad in quads if isinstance(quad.subject, NamedNode))


def _titles(dataset: Dataset, iri: NamedNode) -> list[Title]:
    """The titles of an entity that have words, each once."""
    found = (Title.of(iri, text) for text in texts(dataset, iri, SKOS.prefLabel, SKOS.altLabel))
    return list(dict.fromkeys(title for title in found if title.words))


def _is_one_label(one: Title, other: Title) -> bool:
    return one.words == other.words and one.language == other.language


def _is_one_provider(proposal: Proposal, one: Title, other: Title) -> bool:
    hosts, others = _hosts(proposal, one.iri), _hosts(proposal, other.iri)
    return not hosts.isdisjoint(others) if hosts and others else one.words == other.words


def _hosts(proposal: Proposal, iri: NamedNode) -> set[str]:
    """The hosts of the home pages of a provider."""
    quads = proposal.together.quads(iri, SCHEMA.url)
    return {host for quad in quads if isinstance(quad.object, NamedNode) and (host := _host(quad.object.value))}


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
