"""The SPARQL behind an answer, with its arguments written in: to be read, cited, and changed in the form."""

from collections.abc import Mapping

from flask import current_app
from pyoxigraph import NamedNode

from graph.named_query import Catalogue, NamedQuery
from graph.query_text import written_in
from service.asked import Asked

PLACE = ("limit", "offset")
"""Arguments that choose a part of the answer."""


def written(query: NamedQuery, asked: Asked, arguments: Mapping[str, str]) -> str:
    """The text of a question for these arguments. Raises InvalidParameter."""
    names = [parameter.name for parameter in query.parameters]
    return written_in(query.text, query.bindings(arguments, asked.view.slugs), names)


def same_question(asked: Asked, name: str, names: Mapping[str, str]) -> str | None:
    """The question of the catalogue that gives what a page shows, if there is one for its arguments.

    `names` are the parameters of the page that the question has too, with what it calls them.
    """
    given = {one: value for one, value in asked.given(*PLACE, "lang").items() if (one, value) != ("basis", "any")}
    if given.keys() - names.keys():
        return None
    catalogue: Catalogue = current_app.extensions["trivium.questions"]
    arguments = {names[one]: value for one, value in given.items()}
    return written(catalogue[name], asked, arguments | {"lang": asked.language})


def description(iri: NamedNode) -> str:
    """The query for what is said of a thing."""
    return f"DESCRIBE {iri}"
