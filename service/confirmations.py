"""`/confirmations`: which of its offerings a contributor has to confirm, and how it confirms them.

A confirmation becomes a contribution, so it is answered as one: 202, and its state is at `/contributions/NUMBER`.
"""

from typing import Any, Final

from flask import Blueprint, Response, current_app, json, request
from pyoxigraph import NamedNode
from werkzeug.exceptions import BadRequest

from graph.clock import today
from graph.confirmation import DUE_AFTER_MONTHS, Due, confirmation, due, statements
from graph.parameters import Parameter
from graph.people import Contributor
from graph.releases import Releases
from graph.schema import Schema
from graph.tabular import write
from graph.templates import BYTE_ORDER_MARK
from service.authentication import contributor
from service.contribution_answers import received
from service.journal_view import journal
from service.negotiation import MEDIA_TYPES
from service.operation import Operation, declared, unkept
from service.personal import personal_page
from service.release_view import ReleaseView
from service.settings import Settings
from service.submitted import keep

TAG: Final = "Contribute"
FORMATS: Final = ("json", "html", "csv")
TOLD: Final = ("application/json", "application/x-www-form-urlencoded")
LONGEST: Final = 1_000_000  # bytes of a request
OFFERING: Final = Parameter("offering", "iri", "An offering to confirm.", kind="offering")
MONTHS: Final = Parameter(
    "months",
    "integer",
    "Offerings that were last known so many months ago, or longer.",
    default=str(DUE_AFTER_MONTHS),
    minimum=0,
    maximum=1200,
)
DUE: Final = Operation("/confirmations", "What one has to confirm", FORMATS, (MONTHS,), TAG, private=True)
CONFIRM: Final = Operation(
    "/confirmations", "Confirm one's offerings", ("json",), (), TAG, TOLD, method="POST", private=True
)

blueprint = Blueprint("confirmations", __name__)


@blueprint.get("/confirmations")
@blueprint.get(f"/confirmations.<any({','.join(FORMATS)}):suffix>")
@declared(DUE)
def list_due(suffix: str | None = None) -> Response:
    """The offerings that the bearer of the token has to confirm; as CSV, ready to be sent back."""
    asked, person = DUE.asked(suffix), contributor()
    months = asked.number("months")
    found = due(asked.view.dataset, person.slug, today(), months, asked.view.release.stale_after_months)
    match asked.representation:
        case "html":
            return unkept(personal_page("confirmations.html", asked, due=found, months=months))
        case "csv":
            return _private(_table(asked.view, person, found), "csv")
    return _private(_listed(asked.view, found, months), "json")


@blueprint.post("/confirmations")
@declared(CONFIRM)
def confirm() -> Response:
    """Say of some offerings that they are still offered today."""
    person = contributor()
    confirmed = confirmation(journal(), Releases(_settings().data), person.slug, _told(), today())
    return received(keep(confirmed.submission, person.slug, confirmed.license), person)


def _listed(view: ReleaseView, found: list[Due], months: int) -> str:
    items = [_member(view, one) for one in found]
    about = {"release": view.release.number, "day": today().isoformat(), "months": months, "total": len(items)}
    return json.dumps({**about, "items": items}, ensure_ascii=False, sort_keys=False)


def _member(view: ReleaseView, one: Due) -> dict[str, Any]:
    return {
        "offering": {"iri": one.offering.value, "label": view.label(one.offering).value},
        "dated": one.dated and one.dated.isoformat(),
        "stale_from": one.stale_from and one.stale_from.isoformat(),
        "stale": one.stale,
        "says": str(one),
    }


def _table(view: ReleaseView, person: Contributor, found: list[Due]) -> str:
    """The template of offerings with a row for each, confirmed today."""
    schema: Schema = current_app.extensions["trivium.schema"]
    said = statements(view.dataset, person.slug, [one.offering for one in found], today())
    return BYTE_ORDER_MARK + write(schema.kinds["offering"], said)


def _told() -> list[NamedNode]:
    """The offerings that the request names, each once. Raises BadRequest and InvalidParameter."""
    request.max_content_length = LONGEST
    body = request.get_json() if request.is_json else request.form.to_dict(flat=False)
    told = body.get("offering") if isinstance(body, dict) else None
    texts = [told] if isinstance(told, str) else told
    if not (isinstance(texts, list) and texts and all(isinstance(text, str) for text in texts)):
        raise BadRequest("Name the `offering` that you confirm by its slug or IRI; a list of them confirms several.")
    named = (OFFERING.parse(text) for text in texts)
    return [iri for iri in dict.fromkeys(named) if isinstance(iri, NamedNode)]


def _private(content: str, form: str) -> Response:
    response = Response(content, content_type=MEDIA_TYPES[form] + ("; charset=utf-8" if form == "csv" else ""))
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Authorization, Accept"
    return response


def _settings() -> Settings:
    settings: Settings = current_app.extensions["trivium.settings"]
    return settings
