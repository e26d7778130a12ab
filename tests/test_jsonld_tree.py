"""A tree of JSON-LD says what the statements say, whatever their shape, as pyld reads it."""

from typing import Any

import pytest
from pyld import jsonld  # type: ignore[import-untyped]
from pyoxigraph import RdfFormat, Triple, parse

from graph.jsonld_tree import DEEPEST, tree
from graph.namespaces import XSD, Namespace

EX = Namespace("https://example.org/")
CONTEXT = {"@vocab": EX.iri, "other": "https://example.com/"}
TEXTS = {
    "a cycle": "<a> :p <b> . <b> :p <c> . <c> :p <a> .",
    "itself": "<a> :p <a> .",
    "a thing met twice": "<a> :p <c> ; :q <b> . <b> :p <c> . <c> :name 'C' .",
    "things apart": "<a> :p <b> . <c> :p <a> . <d> :name 'D'@en .",
    "nothing of its own": "<b> :p <a> .",
    "values of every sort": "<a> :p true , false , 1 , 2.50 , 'x' , 'x'@en , '2026-01-01'^^xsd:date .",
    "names of every sort": "<a> a :T , <https://example.com/U> , <https://example.net/V> ; xsd:q <b> .",
    "several in a language": "<a> :name 'one'@en , 'two'@en , 'uno'@es .",
}


def statements(text: str) -> set[Triple]:
    whole = f"@base <{EX.iri}> . @prefix : <{EX.iri}> . @prefix xsd: <{XSD.iri}> . {text}"
    return {quad.triple for quad in parse(whole, RdfFormat.TURTLE)}


def read(document: dict[str, Any]) -> set[Triple]:
    quads = jsonld.to_rdf(document, {"format": "application/n-quads"})
    return {quad.triple for quad in parse(quads, RdfFormat.N_QUADS)}


@pytest.mark.parametrize("name", TEXTS)
def test_the_tree_says_the_same(name: str) -> None:
    expected = statements(TEXTS[name])
    assert read(tree(expected, EX.a, CONTEXT)) == expected


@pytest.mark.parametrize("name", ["several in a language", "things apart"])
def test_texts_as_language_maps(name: str) -> None:
    expected = statements(TEXTS[name])
    document = tree(expected, EX.a, CONTEXT, maps=True)
    assert read(document) == expected
    assert document["@context"]["name"]["@container"] == "@language"
    if "name" in document:
        assert document["name"] == {"en": ["one", "two"], "es": "uno"}


def test_a_long_chain_ends_no_stack() -> None:
    chain = {Triple(EX[f"n{number}"], EX.p, EX[f"n{number + 1}"]) for number in range(3_000)}
    document = tree(chain, EX.n0, CONTEXT)
    assert read(document) == chain
    node, depth = document["@graph"][0], 0
    while "p" in node:
        node, depth = node["p"], depth + 1
    assert depth == DEEPEST + 1


def test_a_blank_node_is_refused() -> None:
    with pytest.raises(ValueError, match="name it"):
        tree(statements("[] :p <a> ."), EX.a, CONTEXT)
