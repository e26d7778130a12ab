"""`/sparql/editor`: what the query editor offers to write with: prefixes, classes, properties and examples.

The editor itself is `service/editor/`, built into `service/static/editor/` by `make editor`; without it the page of
`/sparql` is a plain form.
"""

from functools import partial
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Flask, Response
from pyoxigraph import NamedNode

from graph.fair_use import Share
from graph.named_query import Catalogue, NamedQuery
from graph.namespaces import DESCRIPTIVE, PREFIXES
from graph.sparql_examples import example
from service.operation import Asked, answers
from service.representations import json_answer
from service.words import property_name

SCRIPT: Final = "editor/editor.js"
STYLE: Final = "editor/editor.css"
COMPLETED: Final = ("competency", "role", "area", "provider")
"""The kinds of things whose names are completed, by `/suggest`."""


def init_app(app: Flask) -> None:
    """Tell the templates whether the editor is built, and what share of the query time a reader has."""
    built = app.static_folder is not None and (Path(app.static_folder) / SCRIPT).is_file()
    app.jinja_env.globals.update(editor={"script": SCRIPT, "style": STYLE} if built else None, share=Share())


def blueprint_of(catalogue: Catalogue, terms: Catalogue) -> Blueprint:
    """The address, for these examples; `terms` are the questions for the classes and properties of a release."""
    blueprint = Blueprint("query-editor", __name__)
    answers(blueprint, "/sparql/editor", "What the query editor completes and begins from", ("json",), tag="SPARQL")(
        partial(show, catalogue=catalogue, terms=terms)
    )
    return blueprint


def show(asked: Asked, catalogue: Catalogue, terms: Catalogue) -> Response:
    """The prefixes, the classes and properties that the release uses, and every question as an example."""
    return json_answer(
        {
            "release": asked.view.release.number,
            "prefixes": PREFIXES | DESCRIPTIVE,
            "classes": _terms(asked, terms["classes"]),
            "properties": _terms(asked, terms["properties"]),
            "kinds": COMPLETED,
            "examples": [_example(query) for query in catalogue.values()],
        }
    )


def _terms(asked: Asked, query: NamedQuery) -> list[dict[str, str]]:
    found = [row[0] for row in query.select(asked.view.dataset, {})]
    return [{"iri": one.value, "label": property_name(asked, one)} for one in found if isinstance(one, NamedNode)]


def _example(query: NamedQuery) -> dict[str, Any]:
    text = f"# {query.summary}\n{example(query)}"
    return {"name": query.name, "summary": query.summary, "tags": query.tags, "query": text}
