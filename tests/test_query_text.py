"""The text that a reader is shown for a question gives the answer that the question gives."""

import pytest
from pyoxigraph import Literal

from graph.named_query import Catalogue, NamedQuery
from graph.namespaces import entity
from graph.query_text import written_in
from graph.resources import QUERIES
from graph.store import Dataset

QUESTIONS = [*Catalogue.load(QUERIES).values(), *Catalogue.load(QUERIES / "lists").values()]


def answered(query: NamedQuery, dataset: Dataset, arguments: dict[str, str]) -> object:
    """The answer of the text with its arguments written in, as an engine gives it that knows no parameters."""
    text = written_in(query.text, query.bindings(arguments), [one.name for one in query.parameters])
    match query.form:
        case "select":
            rows = dataset.select(text)
            assert rows.variables == query.columns
            return rows
        case "construct":
            return set(dataset.construct(text))
    return dataset.ask(text)


@pytest.mark.parametrize("query", QUESTIONS, ids=lambda query: query.name)
def test_it_gives_the_answer_of_the_question(query: NamedQuery, starter: Dataset) -> None:
    """With only what is required, and with every example at once."""
    required = {one.name: one.example or "" for one in query.parameters if one.required}
    every = {one.name: one.example for one in query.parameters if one.example}
    for arguments in (required, every):
        expected = query.run(starter, arguments)
        assert answered(query, starter, arguments) == (set(expected) if isinstance(expected, list) else expected)


def test_questions_that_have_an_answer_are_among_them(starter: Dataset) -> None:
    """Lest two empty answers be all that was compared above."""
    asked = {"gaps": {"sector": "museums", "state": "missing"}, "upcoming-sessions": {"from_day": "2020-01-01"}}
    for query in QUESTIONS:
        if query.name in asked:
            expected = query.select(starter, asked[query.name])
            assert len(expected)
            assert answered(query, starter, asked[query.name]) == expected


def test_what_only_looks_like_a_parameter_stays() -> None:
    text = """SELECT ?sector ?x (STR(?sector) AS ?y) WHERE { # ?sector
      <http://example.org/?sector> ?sector_iri ?x . FILTER(?x = ?sector && ?y < "?sector" && $sector > '?sector')
    } GROUP BY ?sector ?x"""
    assert written_in(text, {"sector": entity("sector", "museums")}) == (
        """SELECT ?x (STR(<https://w3id.org/trivium/id/sector/museums>) AS ?y) WHERE { # ?sector
      <http://example.org/?sector> ?sector_iri ?x . FILTER(?x = <https://w3id.org/trivium/id/sector/museums> """
        """&& ?y < "?sector" && <https://w3id.org/trivium/id/sector/museums> > '?sector')
    } GROUP BY ?x"""
    )


def test_a_text_cannot_leave_its_quotes() -> None:
    shown = written_in("ASK { ?s ?p ?o FILTER(?o = ?q) }", {"q": Literal('" } # \n \\')})
    assert shown == 'ASK { ?s ?p ?o FILTER(?o = "\\" } # \\n \\\\") }'
