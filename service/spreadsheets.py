"""`/templates`: the spreadsheets that a contributor fills in, as CSV for each kind and as one workbook."""

from typing import Final

from flask import Blueprint, Response, abort, current_app

from graph.schema import Schema
from graph.templates import Choices, controlled, csv_template
from graph.vocabulary import vocabulary
from graph.workbook import template
from service.negotiation import MEDIA_TYPES
from service.operation import Asked, answers
from service.representations import linked, page

TAG: Final = "Contribute"

blueprint = Blueprint("spreadsheets", __name__)


@answers(blueprint, "/templates", "Spreadsheets to fill in: a template for each kind", ("html", "xlsx"), tag=TAG)
def show_templates(asked: Asked) -> Response:
    """The kinds with what each is; as a workbook, a sheet for each."""
    schema = _schema()
    if asked.representation == "xlsx":
        return _file(template(schema, _choices(schema)), MEDIA_TYPES["xlsx"], "trivium.xlsx")
    return linked(page("templates.html", asked, kinds=schema.in_order), {"alternate": "/templates.xlsx"})


@answers(blueprint, "/templates/<kind>", "The template of one kind: header, hints, example", ("csv",), tag=TAG)
def show_template(asked: Asked, kind: str) -> Response:
    """The template of a kind as CSV."""
    schema = _schema()
    if kind not in schema.kinds:
        abort(404, f"There is no template `{kind}`; there are {', '.join(schema.kinds)}.")
    text = csv_template(schema.kinds[kind], _choices(schema))
    content_type = f"{MEDIA_TYPES[asked.representation]}; charset=utf-8; header=present"
    return _file(text.encode(), content_type, f"{kind}.csv")


def _file(body: bytes, content_type: str, name: str) -> Response:
    response = Response(body, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return linked(response, {})


def _schema() -> Schema:
    schema: Schema = current_app.extensions["trivium.schema"]
    return schema


def _choices(schema: Schema) -> Choices:
    return controlled(schema, vocabulary())
