"""`/contributions`: what was submitted, what became of it, and how to submit, review and withdraw.

A submission is answered when it is durable in the journal (202 Accepted); the publisher does the rest. Its state is
at `/contributions/NUMBER`, with `Retry-After` until it is final.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Flask, Response, current_app, json, request, url_for
from werkzeug.exceptions import BadRequest

from graph.errors import InvalidParameter
from graph.journal import FINAL, Entry, Event, Journal, State
from graph.namespaces import ID
from graph.parameters import Parameter, parse_arguments
from graph.parsing import Submission
from graph.people import Contributor, NotAllowed, Role
from graph.publication import CC0
from service.authentication import bearer, contributor, curator, people
from service.operation import Operation, declared, given
from service.settings import Settings
from service.submitted import ENDINGS, FORMS, KIND, submissions

blueprint = Blueprint("contributions", __name__)

TAG: Final = "Contribute"
TOLD: Final = ("application/json", "application/x-www-form-urlencoded")
PARAMETERS: Final = (
    KIND,
    Parameter("license", "text", "The licence of the content, as an IRI.", default=CC0),
)
WEB_ADDRESS: Final = re.compile(r"https?://[^\s<>\"{}|\\^`]{3,500}")
DECISIONS: Final = {"accept": State.ACCEPTED, "reject": State.REJECTED}


def init_app(app: Flask) -> None:
    """Give the application its journal, opened when first asked for."""
    app.extensions["trivium.journal"] = None
    app.register_blueprint(blueprint)


@blueprint.get("/contributions")
@declared(Operation("/contributions", "What was contributed, the newest first", ("json",), tag=TAG))
def list_contributions() -> Response:
    """Everything that was published; a contributor also sees its own, a curator everything."""
    parse_arguments((), given())
    person = bearer()
    entries = [one for one in journal().entries(*State) if one.state is State.PUBLISHED or _may_read(person, one)]
    return _json({"items": [_described(one) for one in reversed(entries)]})


@blueprint.post("/contributions")
@declared(
    Operation("/contributions", "Submit a file", ("json",), PARAMETERS, TAG, (*FORMS, *ENDINGS), method="POST"),
)
def submit() -> Response:
    """Keep a submission durably, and say where its state can be seen."""
    person = contributor()
    parse_arguments(PARAMETERS, given())
    submission = _submitted()
    license = _license()
    key = request.headers.get("Idempotency-Key")
    if key:
        number = journal().receive_once(submission, person.slug, license, key)
    else:
        (number,) = journal().receive([submission], person.slug, license)
    response = _shown(journal().entry(number), person)
    response.status_code = 202
    response.headers["Location"] = url_for(".show_contribution", number=number)
    return response


@blueprint.get("/contributions/<int:number>")
@declared(Operation("/contributions/<number>", "What became of a contribution", ("json",), tag=TAG))
def show_contribution(number: int) -> Response:
    """The state, and for its contributor and curators the report."""
    return _shown(journal().entry(number), bearer())


@blueprint.post("/contributions/<int:number>/review")
@declared(
    Operation(
        "/contributions/<number>/review", "Accept or reject, as a curator", ("json",), (), TAG, TOLD, method="POST"
    )
)
def review(number: int) -> Response:
    """Accept a contribution that waits for review, or reject it with a reason."""
    person = curator()
    told = _told()
    decision, reason = told.get("decision", ""), told.get("reason", "")
    if decision not in DECISIONS:
        raise BadRequest(f"`decision` is one of {', '.join(DECISIONS)}.")
    if decision == "reject" and not reason:
        raise BadRequest("Give the `reason`: the contributor will read it.")
    journal().move(number, [State.IN_REVIEW], DECISIONS[decision], reason, person.slug)
    return _shown(journal().entry(number), person)


@blueprint.post("/contributions/<int:number>/withdrawal")
@declared(
    Operation("/contributions/<number>/withdrawal", "Take one's own back", ("json",), (), TAG, TOLD, method="POST")
)
def withdraw(number: int) -> Response:
    """Take a contribution back, as the one who made it."""
    person = contributor()
    entry = journal().entry(number)
    if entry.contributor != person.slug:
        raise NotAllowed(f"Contribution {number} is not yours: only who made it may withdraw it.")
    waiting = [State.IN_REVIEW]
    if entry.state in waiting:
        journal().move(number, waiting, State.WITHDRAWN, _told().get("reason", ""), person.slug)
    else:
        journal().move(number, [State.PUBLISHED], State.WITHDRAWING, _told().get("reason", ""), person.slug)
    return _shown(journal().entry(number), person)


@blueprint.get("/contributors")
@declared(Operation("/contributors", "Who contributed, and how much", ("json",), tag=TAG))
def list_contributors() -> Response:
    """Everybody who contributes, with what they gave."""
    parse_arguments((), given())
    published = [entry.contributor for entry in journal().entries(State.PUBLISHED)]
    items = [
        {
            "slug": one.slug,
            "name": one.name,
            "organisation": one.organisation,
            "orcid": one.orcid,
            "published": published.count(one.slug),
        }
        for one in people().everybody()
    ]
    return _json({"items": items})


def journal() -> Journal:
    """The journal of this instance."""
    if current_app.extensions["trivium.journal"] is None:
        settings: Settings = current_app.extensions["trivium.settings"]
        current_app.extensions["trivium.journal"] = Journal(settings.data)
    found: Journal = current_app.extensions["trivium.journal"]
    return found


def _submitted() -> Submission:
    """The one file of the request. Raises BadRequest for several, and as `service.submitted` does."""
    found = submissions()
    if len(found) > 1:
        raise BadRequest("Send one file at a time: each becomes a contribution of its own.")
    return found[0]


def _license() -> str:
    """The licence of the content. Raises InvalidParameter for what is not a web address."""
    license = request.args.get("license", CC0)
    if not WEB_ADDRESS.fullmatch(license):
        raise InvalidParameter("license", license, f"write the address of the licence, such as {CC0}.")
    return license


def _told() -> Mapping[str, str]:
    """The texts of a JSON object or a form."""
    told = request.get_json(silent=True) if request.is_json else request.form.to_dict()
    return {name: text for name, text in (told or {}).items() if isinstance(text, str)}


def _may_read(person: Contributor | None, entry: Entry) -> bool:
    return person is not None and (person.role is Role.CURATOR or person.slug == entry.contributor)


def _shown(entry: Entry, person: Contributor | None) -> Response:
    notes = _may_read(person, entry)
    life = [_event(event, notes) for event in journal().events(entry.number)]
    response = _json({**_described(entry), **_progress(entry), "events": life})
    if entry.state not in FINAL:
        response.headers["Retry-After"] = "1"
    return response


def _progress(entry: Entry) -> dict[str, Any]:
    """How far the examination has come, while there is one."""
    step = journal().progress_of(entry.number) if entry.state is State.RECEIVED else None
    return {"progress": {"step": step.step, "done": step.done, "total": step.total}} if step else {}


def _described(entry: Entry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "iri": ID[f"contribution/{entry.number}"].value,
        "contributor": entry.contributor,
        "name": entry.submission.name,
        "license": entry.license,
        "received": entry.received.isoformat(),
        "state": entry.state,
    }


def _event(event: Event, notes: bool) -> dict[str, str]:
    shown = {"state": event.state, "at": event.at.isoformat(), "agent": event.agent}
    return shown | ({"note": event.note} if notes and event.note else {})


def _json(content: object) -> Response:
    response = Response(json.dumps(content, ensure_ascii=False), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Authorization"
    return response
