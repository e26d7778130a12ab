"""`/suggest`: what may be meant by the beginning of a name, for forms that complete while one types."""

from typing import Final

from flask import Blueprint, Flask, Response

from graph.parameters import Parameter
from graph.schema import Schema
from service.operation import Asked, answers
from service.representations import json_answer, linked
from service.suggestions import Suggestion, suggestions
from service.words import kind_name

PATH: Final = "/suggest"
TAG: Final = "Contribute"
ANY: Final = "any"
Q: Final = Parameter("q", "text", "The beginnings of the words of a name, in any language, also misspelt, or the slug.")
LIMIT: Final = Parameter("limit", "integer", "How many at most.", default="20", minimum=1, maximum=20)


def init_app(app: Flask) -> None:
    """Attach the address; the kinds are those of the shapes."""
    schema: Schema = app.extensions["trivium.schema"]
    blueprint = Blueprint("suggest", __name__)
    kinds = (*schema.kinds, ANY)
    kind = Parameter(
        "kind", "enumeration", "What kind of thing, or any that has a name.", default="competency", enumeration=kinds
    )
    answers(blueprint, PATH, "Things by the beginning of a name", ("json",), (kind, Q, LIMIT), TAG)(suggest)
    app.register_blueprint(blueprint)


def suggest(asked: Asked) -> Response:
    """The likeliest things first; without a text, those of a kind that come first by their slugs."""
    kind = asked.text("kind")
    found = suggestions(asked.view, None if kind == ANY else kind, asked.text("q") or "", asked.language)
    items = [_item(one) for one in found[: asked.number("limit")]]
    return linked(json_answer({"items": items}), {})


def _item(one: Suggestion) -> dict[str, object]:
    return {"kind": one.kind, "slug": one.slug, "label": one.label, "also": one.others, "called": kind_name(one.kind)}
