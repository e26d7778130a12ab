"""The things that somebody may mean who has typed the beginning of a name, found by every name they have."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from pyoxigraph import Literal, NamedNode

from graph.folding import folded
from graph.namespaces import SKOS, entity, kind_and_slug
from graph.search import NAMES
from graph.search_columns import KINDS
from service.release_view import ReleaseView

MOST: Final = 20


@dataclass(frozen=True)
class Suggestion:
    """A thing by its kind, slug and label, with its other names: in other languages, and alternative ones."""

    kind: str
    slug: str
    label: str
    others: tuple[str, ...]


def suggestions(view: ReleaseView, kind: str | None, text: str, language: str) -> list[Suggestion]:
    """The things that a text may mean, the likeliest first, at most `MOST`: of a kind, or of any that has names."""
    return [_suggestion(view, iri, language) for iri in islice(_likely(view, kind, text, language), MOST)]


def meant(view: ReleaseView, kind: str, text: str) -> str | None:
    """The slug of the one thing of a kind that has just this name, if there is only one."""
    wanted = folded(text).strip()
    called = [one for one in suggestions(view, kind, text, "en") if wanted in map(folded, _every_name(one))]
    return called[0].slug if len(called) == 1 else None


def _likely(view: ReleaseView, kind: str | None, text: str, language: str) -> Iterator[NamedNode]:
    wanted = folded(text).strip()
    if kind and (not wanted or kind not in KINDS):
        slugs = view.slugs.get(kind, ())
        yield from (entity(kind, slug) for slug in slugs if wanted.replace(" ", "-") in slug)
    else:
        found = view.search.find(text, language, [kind] if kind else [], NAMES, slice(0, MOST))
        yield from (hit.iri for hit in found.hits if found.whole)


def _suggestion(view: ReleaseView, iri: NamedNode, language: str) -> Suggestion:
    label = view.label(iri, language).value
    kind, slug = kind_and_slug(iri) or ("", "")
    names = (quad.object for name in (SKOS.prefLabel, SKOS.altLabel) for quad in view.dataset.quads(iri, name))
    others = dict.fromkeys(one.value for one in names if isinstance(one, Literal) and one.value != label)
    return Suggestion(kind, slug, label, tuple(others))


def _every_name(one: Suggestion) -> tuple[str, ...]:
    return one.label, *one.others, one.slug, one.slug.replace("-", " ")
