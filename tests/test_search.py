"""The search index: every name finds its thing, also with a slip of the pen, and the index follows changes."""

import random
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from graph.folding import folded, folded_words
from graph.namespaces import DCT, ID, SKOS, entity
from graph.search import MOST_WORDS, NAMES, Found, Rank, Search
from graph.search_columns import LABEL, Segment, Thing, named_in, things_of
from graph.search_index import FEW, SearchIndex
from graph.store import Dataset

DISASTER = entity("competency", "disaster-planning-and-response")
TEXTS = st.lists(st.text("abcdeé ñ", min_size=1, max_size=12), min_size=1, max_size=3)


@pytest.fixture(scope="module")
def search(starter: Dataset) -> Search:
    """The starter graph, to be searched."""
    return Search(SearchIndex.of(starter))


def names(starter: Dataset) -> Iterator[tuple[NamedNode, str]]:
    """Every label of everything that is searched."""
    for thing in things_of(starter, named_in(starter)):
        yield from ((thing.iri, text) for role, _, text in thing.texts if role == LABEL and folded_words(text))


def slips(label: str) -> Iterator[str]:
    """The label with two neighbouring letters swapped, and with one left out, at some place."""
    at = random.Random(label).randrange(1, len(label) - 1)
    yield label[:at] + label[at + 1] + label[at] + label[at + 2 :]
    yield label[:at] + label[at + 1 :]


def iris(found: Found) -> list[NamedNode]:
    return [hit.iri for hit in found.hits]


def test_every_label_finds_its_thing_before_all_that_are_called_otherwise(search: Search, starter: Dataset) -> None:
    labels = [(iri, label) for iri, label in names(starter) if len({*folded_words(label)}) <= MOST_WORDS]
    assert len(labels) > 700
    for iri, label in labels:
        found = search.find(label, part=slice(0, 10))
        called_so = [hit.iri for hit in found.hits if hit.rank == Rank.LABEL]
        assert iri in called_so, label
        assert called_so == iris(found)[: len(called_so)]


def test_a_slip_of_the_pen_still_finds_it_among_the_first_ten(search: Search, starter: Dataset) -> None:
    """Also where the slip is at the space between words, but for a single letter that is torn off and means nothing."""
    labels = [(iri, label) for iri, label in names(starter) if len(folded(label)) > 5]
    tried = [(iri, slip) for iri, label in labels[::2] for slip in slips(label)]
    assert len(tried) > 700
    lost = [slip for iri, slip in tried if iri not in iris(search.find(slip, part=slice(0, 10)))]
    assert [slip for slip in lost if all(len(word) > 1 for word in folded_words(slip))] == []
    assert len(lost) < len(tried) / 200


@pytest.mark.parametrize(
    ("text", "rank"),
    [
        ("Disaster planning and response", Rank.LABEL),
        ("planning DISASTER response and", Rank.LABEL),
        ("disaster pl", Rank.LABEL_BEGINS),
        ("planificación desastres", Rank.LABEL_BEGINS),
        ("PLANIFICACION", Rank.LABEL_BEGINS),
        ("respuesta desas", Rank.LABEL_HAS),
        ("salvage", Rank.ALTERNATIVE),
        ("disater plannig", Rank.LABEL_LIKE),
        ("disasterplanning", Rank.LABEL_BEGINS),
        ("disatser plann", Rank.LABEL_LIKE),
        ("disats", Rank.LABEL_LIKE),
        ("disaster zebra", Rank.SPREAD),
    ],
)
def test_a_competency_is_found_in_many_ways(search: Search, text: str, rank: Rank) -> None:
    found = search.find(text, kinds=["competency"])
    assert [hit.rank for hit in found.hits if hit.iri == DISASTER] == [rank]
    assert found.whole == (text != "disaster zebra")


def test_better_ranks_come_first_and_each_thing_once(search: Search) -> None:
    for text in ("digital", "archives", "conservation", "the museum", "e"):
        found = search.find(text, part=slice(None))
        ranks = [hit.rank for hit in found.hits]
        assert ranks == sorted(ranks)
        assert len(set(iris(found))) == len(found.hits) == found.counts.total()


def test_the_language_of_the_reader_comes_first_among_equals(search: Search) -> None:
    for language in ("en", "es"):
        found = search.find("digital", language, part=slice(None))
        first = [hit.language for hit in found.hits if hit.rank == Rank.LABEL_BEGINS]
        tags = [tag == language for tag in first]
        assert tags == sorted(tags, reverse=True)
        assert tags[0]


def test_a_part_is_a_part_of_the_whole(search: Search) -> None:
    whole = search.find("collections", part=slice(None))
    parts = [iris(search.find("collections", part=slice(start, start + 7))) for start in range(0, len(whole.hits), 7)]
    assert [iri for part in parts for iri in part] == iris(whole)


def test_kinds_narrow_but_do_not_change_the_counts(search: Search) -> None:
    every, roles = search.find("archives"), search.find("archives", kinds=["role"])
    assert {hit.kind for hit in roles.hits} == {"role"}
    assert every.counts == roles.counts
    assert roles.counts["role"] == len(roles.hits)


@pytest.mark.parametrize("text", ["", "  ", "?!", "zzzzzzz", "qqqq wwww xxxx"])
def test_nothing_is_found_by_nothing_and_by_what_is_nowhere(search: Search, text: str) -> None:
    assert search.find(text).hits == ()


def test_definitions_are_left_out_where_only_names_are_asked_for(search: Search) -> None:
    assert DISASTER in iris(search.find("incendios inundaciones"))
    assert DISASTER not in iris(search.find("incendios inundaciones", roles=NAMES))


def equal(one: Segment, other: Segment) -> bool:
    """Whether two segments find the same, though their lists may be in another order."""

    def said(segment: Segment) -> set[tuple[str, bytes]]:
        return {(segment.values[value], segment.iri[thing]) for value, thing in segment.said.T}

    same = ("iri", "owner", "role", "length", "first", "beginning", "word", "start", "occurrence")
    return said(one) == said(other) and all((getattr(one, name) == getattr(other, name)).all() for name in same)


def test_an_index_is_read_as_it_was_saved(starter: Dataset, tmp_path: Path) -> None:
    index = SearchIndex.of(starter)
    index.save(tmp_path / "one")
    read = SearchIndex.read(tmp_path / "one")
    assert equal(read.base, index.base)
    assert len(read.recent) == 0
    assert {field.name for field in fields(Segment)} == set(vars(read.base)) - {"value"}


def test_a_base_is_linked_and_what_changed_stands_beside_it(starter: Dataset, tmp_path: Path) -> None:
    SearchIndex.of(starter).save(tmp_path / "one")
    changed = Dataset.in_memory(
        quad for quad in starter.quads() if quad.subject not in (DISASTER, entity("role", "archivist"))
    )
    changed = Dataset.in_memory(
        [*changed.quads(), _labelled(DISASTER, "Calamities"), _labelled(ID["area/new"], "Newly")]
    )
    following = SearchIndex.read(tmp_path / "one").updated(
        changed, [DISASTER, entity("role", "archivist"), NamedNode(ID["area/new"].value)]
    )
    following.save(tmp_path / "two")
    word = "base/word.npy"
    assert (tmp_path / "one" / word).samefile(tmp_path / "two" / word)
    search, anew = Search(SearchIndex.read(tmp_path / "two")), Search(SearchIndex.of(changed))
    for text in ("calamities", "newly", "archivist", "disaster planning", "digital"):
        assert iris(search.find(text, part=slice(None))) == iris(anew.find(text, part=slice(None))), text


def test_a_new_base_is_made_once_much_has_changed(starter: Dataset, tmp_path: Path) -> None:
    SearchIndex.of(starter).save(tmp_path / "one")
    many = [ID[f"offering/made-up-{number}"] for number in range(FEW + 1)]
    grown = Dataset.in_memory([*starter.quads(), *(_labelled(iri, "Made up") for iri in many)])
    following = SearchIndex.read(tmp_path / "one").updated(grown, many)
    assert (len(following.recent), following.changed) == (0, frozenset())
    assert Search(following).find("made up").counts["offering"] == len(many)


def test_what_was_merged_is_not_found(starter: Dataset) -> None:
    merged = Quad(DISASTER, DCT.isReplacedBy, entity("competency", "digital-preservation"))
    assert Thing.read(Dataset.in_memory([*starter.quads(DISASTER), merged]), DISASTER) is None


@settings(max_examples=40, deadline=None)
@given(TEXTS, st.data())
def test_any_text_is_found_by_the_beginnings_of_its_words(texts: list[str], data: st.DataObject) -> None:
    things = [Thing(ID[f"role/r{number}"], ((LABEL, "en", text),), frozenset()) for number, text in enumerate(texts)]
    search = Search(SearchIndex(Segment.of(things), Segment.of(()), frozenset()))
    for thing in things:
        words = folded_words(thing.texts[0][2])
        typed = [word[: data.draw(st.integers(1, len(word)))] for word in words]
        if typed:
            assert thing.iri in iris(search.find(" ".join(typed)))


def _labelled(iri: NamedNode, text: str) -> Quad:
    return Quad(iri, SKOS.prefLabel, Literal(text, language="en"))
