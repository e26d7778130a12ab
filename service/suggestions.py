"""The things that somebody may mean who has typed the beginning of a name, found by every name they have."""

from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from flask import Flask, current_app
from pyoxigraph import Literal

from graph.namespaces import SKOS, entity
from service.release_view import ReleaseView
from service.rows import folded


@dataclass(frozen=True)
class Suggestion:
    """A thing by its slug and its label, with its other names: in other languages, and alternative ones."""

    slug: str
    label: str
    others: tuple[str, ...]
    names: tuple[str, ...]
    """Every name and the slug, as they are searched: folded."""

    def rank(self, wanted: str) -> int | None:
        """How well a folded text fits, 0 best: a whole name, its beginning, that of a word, or its words."""
        if wanted in self.names:
            return 0
        if any(name.startswith(wanted) for name in self.names):
            return 1
        if any(f" {wanted}" in name for name in self.names):
            return 2
        return 3 if any(all(word in name for word in wanted.split()) for name in self.names) else None


Index = dict[str, list[Suggestion]]


def init_app(app: Flask) -> None:
    """Keep the names of each kind, folded, for as long as the release is looked at."""
    app.extensions["trivium.suggestions"] = WeakKeyDictionary()


def suggestions(view: ReleaseView, kind: str, text: str, language: str) -> list[Suggestion]:
    """The things of a kind that a text may mean, the likeliest first."""
    wanted = folded(text).strip()
    ranked = [(one.rank(wanted), one) for one in _all(view, kind, language)]
    found = [(rank, one.label.casefold(), one) for rank, one in ranked if rank is not None]
    return [one for _, _, one in sorted(found, key=lambda each: each[:2])]


def meant(view: ReleaseView, kind: str, text: str) -> str | None:
    """The slug of the one thing of a kind that has just this name, if there is only one."""
    wanted = folded(text).strip()
    slugs = [one.slug for one in _all(view, kind, "en") if wanted in one.names]
    return slugs[0] if len(slugs) == 1 else None


def _all(view: ReleaseView, kind: str, language: str) -> list[Suggestion]:
    kept: WeakKeyDictionary[ReleaseView, Index] = current_app.extensions["trivium.suggestions"]
    index = kept.setdefault(view, {})
    key = f"{kind} {language}"
    if key not in index:
        index[key] = [_suggestion(view, kind, slug, language) for slug in view.slugs.get(kind, ())]
    return index[key]


def _suggestion(view: ReleaseView, kind: str, slug: str, language: str) -> Suggestion:
    label = view.label(entity(kind, slug), language).value
    others = tuple(dict.fromkeys(name for name in _names(view, kind, slug) if name != label))
    searched = (label, *others, slug, slug.replace("-", " "))
    return Suggestion(slug, label, others, tuple(map(folded, searched)))


def _names(view: ReleaseView, kind: str, slug: str) -> Iterator[str]:
    for name in (SKOS.prefLabel, SKOS.altLabel):
        for quad in view.dataset.quads(entity(kind, slug), name):
            if isinstance(quad.object, Literal):
                yield quad.object.value
