"""`/suggest`: what may be meant by the beginning of a name, for forms that complete while one types."""

from typing import Final

from flask import Blueprint, Flask, Response

from graph.parameters import Parameter
from graph.schema import Schema
from service.operation import Asked, answers
from service.representations import json_answer, linked
from service.suggestions import suggestions

PATH: Final = "/suggest"
TAG: Final = "Contribute"
Q: Final = Parameter("q", "text", "The beginning of a name, in any language, or of the slug.")
LIMIT: Final = Parameter("limit", "integer", "How many at most.", default="20", minimum=1, maximum=20)


def init_app(app: Flask) -> None:
    """Attach the address; the kinds are those of the shapes."""
    schema: Schema = app.extensions["trivium.schema"]
    blueprint = Blueprint("suggest", __name__)
    kinds = tuple(schema.kinds)
    kind = Parameter("kind", "enumeration", "What kind of thing.", default="competency", enumeration=kinds)
    answers(blueprint, PATH, "Things by the beginning of a name", ("json",), (kind, Q, LIMIT), TAG)(suggest)
    app.register_blueprint(blueprint)


def suggest(asked: Asked) -> Response:
    """The likeliest things first; without a text, those that come first by name."""
    found = suggestions(asked.view, asked.text("kind") or "", asked.text("q") or "", asked.language)
    items = [{"slug": one.slug, "label": one.label, "also": one.others} for one in found[: asked.number("limit")]]
    return linked(json_answer({"items": items}), {})
