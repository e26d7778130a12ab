"""`/contribute`: how to put something in: a file, a text, or a form for a single thing."""

import secrets
from typing import Final

from flask import Blueprint, Flask, Response, current_app, request, url_for
from pyoxigraph import NamedNode
from werkzeug.datastructures import MultiDict

from graph.errors import NotFound
from graph.examination import Examination
from graph.journal import Reader, State
from graph.ownership import taken
from graph.people import Role
from graph.schema import Kind, Schema
from graph.templates import Choices, controlled
from graph.vocabulary import vocabulary
from service.authentication import bearer, contributor
from service.examiner import examiner
from service.guided_form import ID, Messages, fields, messages_of, submission
from service.journal_view import journal
from service.operation import Asked, Operation, declared, see_other, unkept
from service.personal import personal_page
from service.submitted import LICENSES, PASTED, given_license, keep, kinds

TAG: Final = "Contribute"
FORM: Final = "application/x-www-form-urlencoded"
KEY_BYTES: Final = 16
WAYS: Final = Operation("/contribute", "How to put something in", ("html",), tag=TAG)
GUIDED: Final = Operation(
    "/contribute/<kind>", "A form for a single thing, made from the shapes", ("html",), (), TAG, (FORM,), ("html",)
)

blueprint = Blueprint("contribute", __name__)


def init_app(app: Flask) -> None:
    """Attach the addresses; what can be chosen in a form is decided by the vocabulary."""
    app.extensions["trivium.choices"] = controlled(app.extensions["trivium.schema"], vocabulary())
    app.register_blueprint(blueprint)


@blueprint.get("/contribute")
@blueprint.get("/contribute.<any(html):suffix>")
@declared(WAYS)
def show_ways(suffix: str | None = None) -> Response:
    """What can be put in and how; for who is logged in, the form for a file."""
    return WAYS.personal(suffix, _ways)


@blueprint.get("/contribute/<kind>")
@blueprint.get("/contribute/<kind>.<any(html):suffix>")
@declared(GUIDED)
def show_form(kind: str, suffix: str | None = None) -> Response:
    """The form for a single thing."""
    contributor()
    chosen = _kind(kind)
    return GUIDED.personal(suffix, lambda asked: _form(asked, chosen, MultiDict(), {}))


@blueprint.post("/contribute/<kind>")
def send_form(kind: str) -> Response:
    """Examine what was typed: show what is to be mended, or keep it and lead to its page."""
    person, chosen, asked = contributor(), _kind(kind), GUIDED.asked("html")
    made = submission(asked.view, chosen, _choices(), request.form)
    found = examiner().examine([made], request.remote_addr or "", impact=False)
    messages = messages_of(asked.view, found, chosen) | _taken(asked, found, person.slug)
    if messages:
        response = unkept(_form(asked, chosen, request.form, messages))
        response.status_code = 422
        return response
    number = keep(made, person.slug, given_license())
    return see_other(url_for("contributions.show_contribution", number=number))


def _ways(asked: Asked) -> Response:
    person = bearer()
    curates = person is not None and person.role is Role.CURATOR
    return personal_page(
        "contribute.html",
        asked,
        kinds=kinds(),
        pasted=PASTED,
        licenses=LICENSES,
        key=_key(),
        waiting=journal().count(Reader(everything=True), [State.IN_REVIEW]) if curates else None,
    )


def _form(asked: Asked, kind: Kind, typed: "MultiDict[str, str]", messages: Messages) -> Response:
    return personal_page(
        "guided_form.html",
        asked,
        kind=kind,
        fields=fields(asked, kind, _choices(), typed, messages),
        messages=messages,
        licenses=LICENSES,
        terms=typed.get("terms"),
        key=typed.get("key") or _key(),
    )


def _taken(asked: Asked, found: Examination, slug: str) -> dict[str, list[str]]:
    """What is wrong with the id that was chosen, or follows from what was said: it may be another's."""
    subjects = [NamedNode(one.subject) for one in found.records]
    others = [one.message for one in taken(asked.view.dataset, subjects, slug, "")]
    return {ID if ID in request.form else "": others} if others else {}


def _kind(name: str) -> Kind:
    schema: Schema = current_app.extensions["trivium.schema"]
    if name not in schema.kinds:
        raise NotFound(f"There is no kind `{name}`; there are {', '.join(schema.kinds)}.")
    return schema.kinds[name]


def _choices() -> Choices:
    found: Choices = current_app.extensions["trivium.choices"]
    return found


def _key() -> str:
    """What makes sending a form twice the same as once."""
    return secrets.token_urlsafe(KEY_BYTES)
