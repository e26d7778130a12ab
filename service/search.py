"""`/search`: one box over everything that has a name, and over the questions of the catalogue."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, current_app
from pyoxigraph import Literal, NamedNode

from graph.folding import folded, folded_words
from graph.named_query import Catalogue
from graph.namespaces import SKOS
from graph.parameters import Parameter
from graph.search import NAMES, Hit, Rank
from graph.search_columns import DEFINITION, KINDS, LABEL, ROLES
from service.languages import gettext
from service.negotiation import PAGE_LANGUAGE
from service.operation import Asked, answers
from service.parameters import LANG, LIMIT, OFFSET, RELEASE
from service.representations import csv_answer, linked, listing, next_address, page
from service.words import kind_name

blueprint = Blueprint("search", __name__)

QUESTION: Final = "question"
EVERY_KIND: Final = (*KINDS, QUESTION)
MATCHED: Final = ("label", "alternative", "identifier", "definition")
"""Where a text was found, by its role."""

PARAMETERS: Final = (
    Parameter("q", "text", "What is looked for: words, beginnings of words, also misspelt.", example="disater plannig"),
    Parameter("kind", "enumeration", "Only things of this kind.", enumeration=EVERY_KIND),
    LANG,
    LIMIT,
    OFFSET,
)
COLUMNS: Final = ("kind", "iri", "label", "matched", "matched_language", "text", "rank", "page")
SUGGESTED: Final = 5


@dataclass(frozen=True)
class Result:
    """Something that was found: what it is called, where its page is, by which text, and what it is about."""

    kind: str
    iri: NamedNode | None
    label: Literal
    path: str
    matched: str
    text: Literal
    rank: Rank
    about: Literal | None = None

    @property
    def by_label(self) -> bool:
        """Whether the label itself is what was found."""
        return self.text.value == self.label.value


@answers(blueprint, "/search", "Search everything", ("html", "json", "csv"), (*PARAMETERS, RELEASE))
def show_search(asked: Asked) -> Response:
    """What a text finds, the best first, with how many of each kind."""
    found = _Answer.of(asked)
    following = {"next": next_address(asked, found.total)}
    match asked.representation:
        case "json":
            more = {"whole": found.whole, "counts": found.counts, "suggestions": found.suggestions}
            return listing(asked, [_item(one) for one in found.results], found.total, **more)
        case "csv":
            return linked(csv_answer(COLUMNS, map(_cells, found.results)), following)
    counted = [(kind, kind_word(kind), found.counts[kind]) for kind in EVERY_KIND if found.counts.get(kind)]
    return linked(page("search.html", asked, found=found, counted=counted, kind_word=kind_word), following)


@dataclass(frozen=True)
class _Answer:
    results: Sequence[Result]
    counts: Mapping[str, int]
    total: int
    whole: bool
    suggestions: Sequence[str]

    @classmethod
    def of(cls, asked: Asked) -> "_Answer":
        text, kind = asked.text("q") or "", asked.text("kind")
        limit, offset = asked.number("limit"), asked.number("offset")
        end = offset + limit if limit else None
        kinds = (kind,) if kind else ()
        found = asked.view.search.find(text, asked.language, kinds, part=slice(0, end))
        questions = [] if found.hits and not found.whole else list(_questions(text))
        shown = [_result(asked, hit, text) for hit in found.hits[offset:]]
        total = sum(found.counts[one] for one in kinds) if kind else found.counts.total()
        if kind in (None, QUESTION):
            before = max(offset - total, 0)
            shown += questions[before : None if end is None else max(end - total, 0)]
            total += len(questions)
        counts = {one: found.counts[one] for one in KINDS if found.counts[one]}
        counts |= {QUESTION: len(questions)} if questions else {}
        whole = found.whole or bool(questions)
        return cls(shown, counts, total, whole, [] if total and whole else [*_suggestions(asked, text)])


def kind_word(kind: str) -> str:
    """What a kind of thing is called."""
    return gettext("Question") if kind == QUESTION else kind_name(kind)


def _result(asked: Asked, hit: Hit, typed: str) -> Result:
    label = asked.view.label(hit.iri, asked.language)
    path = f"/{hit.kind}/{hit.iri.value.rpartition('/')[2]}"
    text, about = _text(asked, hit, typed) or label, _definition(asked, hit.iri)
    return Result(hit.kind, hit.iri, label, path, MATCHED[hit.role], text, hit.rank, about)


def _definition(asked: Asked, iri: NamedNode) -> Literal | None:
    """The definition in the language of the reader, else in English, else any."""
    quads = asked.view.dataset.quads(iri, SKOS.definition)
    found = {one.object.language or "": one.object for one in quads if isinstance(one.object, Literal)}
    return next((found[tag] for tag in (asked.language, PAGE_LANGUAGE, *sorted(found)) if tag in found), None)


def _text(asked: Asked, hit: Hit, typed: str) -> Literal | None:
    """The text of the role and language that was found which has most of what was typed."""
    names = [name for name, role in ROLES.items() if role == hit.role]
    quads = (quad for name in names for quad in asked.view.dataset.quads(hit.iri, name))
    texts = (quad.object for quad in quads if isinstance(quad.object, Literal))
    wanted = folded_words(typed)
    of_language = [one for one in texts if (one.language or "") == hit.language]
    return max(of_language, key=lambda one: (_having(one, wanted), -len(one.value)), default=None)


def _having(text: Literal, words: Sequence[str]) -> int:
    """How many words begin like those that were typed, or at least with their first letters."""
    own = folded_words(text.value)
    return sum(any(one.startswith(word) for one in own) + any(one[:3] == word[:3] for one in own) for word in words)


def _questions(text: str) -> Iterator[Result]:
    """The questions of the catalogue that have every word of a text."""
    catalogue: Catalogue = current_app.extensions["trivium.questions"]
    words = folded_words(text)
    for query in catalogue.values() if words else ():
        own = folded_words(f"{query.summary} {query.description} {query.name}")
        if all(any(one.startswith(word) for one in own) for word in words):
            in_summary = all(word in folded(query.summary) for word in words)
            summary, description = Literal(query.summary, language="en"), Literal(query.description, language="en")
            rank = Rank.LABEL_HAS if in_summary else Rank.DEFINITION
            matched = MATCHED[LABEL] if in_summary else MATCHED[DEFINITION]
            shown = summary if in_summary or not query.description else description
            yield Result(QUESTION, None, summary, f"/queries/{query.name}", matched, shown, rank)


def _suggestions(asked: Asked, text: str) -> Iterator[str]:
    """Labels that have one of the words, or one like it, where nothing has all of them."""
    words = sorted(folded_words(text), key=len, reverse=True)
    for word in words[:SUGGESTED]:
        hits = asked.view.search.find(word, asked.language, roles=NAMES, part=slice(0, 1)).hits
        yield from (asked.label(hit.iri) for hit in hits)


def _item(one: Result) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "iri": one.iri.value if one.iri else None,
        "label": one.label.value,
        "matched": one.matched,
        "text": one.text.value,
        "language": one.text.language,
        "rank": one.rank.name.lower(),
        "page": one.path,
    }


def _cells(one: Result) -> Sequence[object]:
    iri = one.iri.value if one.iri else ""
    text, rank = one.text, one.rank.name.lower()
    return one.kind, iri, one.label.value, one.matched, text.language or "", text.value, rank, one.path
