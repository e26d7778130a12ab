"""What is answered after something was done to a contribution: its state, or for a browser the way to its page."""

from typing import Any

from flask import Response, json, url_for

from graph.journal import FINAL, Heading, State
from graph.people import Contributor
from service.journal_view import described, journal, may_read, steps
from service.operation import see_other, unkept
from service.problems import prefers_page


def received(number: int, person: Contributor) -> Response:
    """A new contribution is durable: 202, with the address of its state."""
    response = done(number, person)
    if not prefers_page():
        response.status_code = 202
        response.headers["Location"] = _address(number)
    return response


def done(number: int, person: Contributor) -> Response:
    """The state after something was done; a browser is led to the page."""
    return see_other(_address(number)) if prefers_page() else state(number, person)


def state(number: int, person: Contributor | None) -> Response:
    """The state with each step, and `Retry-After` until it is final."""
    one = journal().heading(number)
    response = private_json({**described(one), **_progress(one), "events": steps(number, may_read(person, one))})
    if one.state not in FINAL:
        response.headers["Retry-After"] = "1"
    return response


def _progress(one: Heading) -> dict[str, Any]:
    """How far the examination has come, while there is one."""
    step = journal().progress_of(one.number) if one.state is State.RECEIVED else None
    return {"progress": {"step": step.step, "done": step.done, "total": step.total}} if step else {}


def private_json(content: object) -> Response:
    """A JSON document that depends on who asks, and that nobody keeps."""
    return unkept(Response(json.dumps(content, ensure_ascii=False), content_type="application/json"))


def _address(number: int) -> str:
    return url_for("contributions.show_contribution", number=number)
