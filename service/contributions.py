"""`/contributions`: what was submitted, what became of it, and how to submit, review and withdraw.

A submission is answered when it is durable in the journal (202 Accepted); the publisher does the rest. Its state is
at `/contributions/NUMBER`, with `Retry-After` until it is final. Browsers are led to its page instead (303).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from graph.journal import State
from graph.parameters import Parameter, Value, parse_arguments
from graph.parsing import Submission
from graph.people import NotAllowed
from graph.publication import CC0
from service import contribution_pages
from service.authentication import bearer, contributor, curator
from service.contribution_answers import done, private_json, received, state
from service.contribution_feeds import life_feed, news_feed
from service.journal_view import described, journal, may_read, reader, states_in
from service.negotiation import choose
from service.operation import Operation, declared, given
from service.parameters import LIMIT, OFFSET
from service.representations import address
from service.submitted import ENDINGS, FORMS, KIND, given_license, keep, submissions

blueprint = Blueprint("contributions", __name__)

TAG: Final = "Contribute"
TOLD: Final = ("application/json", "application/x-www-form-urlencoded")
PARAMETERS: Final = (
    KIND,
    Parameter("license", "text", "The licence of the content, as an IRI.", default=CC0),
)
STATE: Final = Parameter(
    "state", "enumeration", "Only those in this state.", enumeration=tuple(one.replace(" ", "-") for one in State)
)
CONTRIBUTOR: Final = Parameter("contributor", "text", "Only those of one contributor, by slug.")
ALL: Final = Parameter("limit", "integer", "How many to answer with; 0 is all. A page has 50 without it.", minimum=0)
DECISIONS: Final = {"accept": State.ACCEPTED, "reject": State.REJECTED}

FORMATS: Final = ("json", "html", "atom")
LIST: Final = Operation(
    "/contributions", "What was contributed, the newest first", FORMATS, (STATE, CONTRIBUTOR, ALL, OFFSET), TAG
)
PAGED: Final = replace(LIST, parameters=(STATE, CONTRIBUTOR, LIMIT, OFFSET))
ONE: Final = Operation("/contributions/<number>", "What became of a contribution", FORMATS, tag=TAG)


@blueprint.get("/contributions")
@blueprint.get(f"/contributions.<any({','.join(FORMATS)}):suffix>")
@declared(LIST)
def list_contributions(suffix: str | None = None) -> Response:
    """Everything that was published; a contributor also sees its own, a curator everything."""
    arguments = parse_arguments(LIST.parameters, given())
    match choose(FORMATS, suffix, request.headers.get("Accept")):
        case "atom":
            return news_feed(_text(arguments, "contributor"))
        case "html":
            return PAGED.personal("html", contribution_pages.show_list)
    found = reader(bearer()), states_in(_text(arguments, "state")), _text(arguments, "contributor")
    limit, offset = int(_text(arguments, "limit") or 0), int(_text(arguments, "offset"))
    total = journal().count(*found)
    following = address(offset=offset + limit) if limit and offset + limit < total else None
    items = [described(one) for one in journal().headings(*found, limit, offset)]
    return private_json({"items": items, "total": total, "next": following})


@blueprint.post("/contributions")
@declared(
    Operation("/contributions", "Submit a file", ("json",), PARAMETERS, TAG, (*FORMS, *ENDINGS), method="POST"),
)
def submit() -> Response:
    """Keep a submission durably, and say where its state can be seen."""
    person = contributor()
    parse_arguments(PARAMETERS, given())
    submission = _submitted()
    return received(keep(submission, person.slug, given_license()), person)


@blueprint.get("/contributions/<int:number>")
@blueprint.get(f"/contributions/<int:number>.<any({','.join(FORMATS)}):suffix>")
@declared(ONE)
def show_contribution(number: int, suffix: str | None = None) -> Response:
    """The state, and for its contributor and curators the report."""
    one, person = journal().heading(number), bearer()
    match choose(FORMATS, suffix, request.headers.get("Accept")):
        case "atom":
            return life_feed(one, may_read(person, one))
        case "html":
            return ONE.personal("html", lambda asked: contribution_pages.show_one(asked, one))
    return state(number, person)


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
    decision, reason = told.get("decision", ""), told.get("reason", "").strip()
    if decision not in DECISIONS:
        raise BadRequest(f"`decision` is one of {', '.join(DECISIONS)}.")
    if decision == "reject" and not reason:
        raise BadRequest("Give the `reason`: the contributor will read it.")
    journal().move(number, [State.IN_REVIEW], DECISIONS[decision], reason, person.slug)
    return done(number, person)


@blueprint.post("/contributions/<int:number>/withdrawal")
@declared(
    Operation("/contributions/<number>/withdrawal", "Take one's own back", ("json",), (), TAG, TOLD, method="POST")
)
def withdraw(number: int) -> Response:
    """Take a contribution back, as the one who made it."""
    person = contributor()
    one = journal().heading(number)
    if one.contributor != person.slug:
        raise NotAllowed(f"Contribution {number} is not yours: only who made it may withdraw it.")
    waiting = [State.IN_REVIEW]
    if one.state in waiting:
        journal().move(number, waiting, State.WITHDRAWN, _told().get("reason", ""), person.slug)
    else:
        journal().move(number, [State.PUBLISHED], State.WITHDRAWING, _told().get("reason", ""), person.slug)
    return done(number, person)


def _submitted() -> Submission:
    """The one file of the request. Raises BadRequest for several, and as `service.submitted` does."""
    found = submissions()
    if len(found) > 1:
        raise BadRequest("Send one file at a time: each becomes a contribution of its own.")
    return found[0]


def _told() -> Mapping[str, str]:
    """The texts of a JSON object or a form."""
    told = request.get_json(silent=True) if request.is_json else request.form.to_dict()
    return {name: text for name, text in (told or {}).items() if isinstance(text, str)}


def _text(arguments: Mapping[str, Value], name: str) -> str:
    return arguments[name].value if name in arguments else ""
