"""`/review`: what waits for a curator, the oldest first, and accepting several at once."""

from typing import Final

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from graph.journal import Heading, Reader, State, WrongState
from service.authentication import curator
from service.contribution_pages import names
from service.examiner import examiner
from service.journal_view import journal
from service.operation import Asked, Operation, declared
from service.parameters import LIMIT, OFFSET
from service.personal import personal_page
from service.words import kind_name

FORM: Final = "application/x-www-form-urlencoded"
EVERYTHING: Final = Reader(everything=True)
QUEUE: Final = Operation(
    "/review", "What waits for a curator", ("html",), (LIMIT, OFFSET), "Contribute", (FORM,), ("html",)
)

blueprint = Blueprint("review", __name__)


@blueprint.get("/review")
@blueprint.get("/review.<any(html):suffix>")
@declared(QUEUE)
def show_queue(suffix: str | None = None) -> Response:
    """The queue, for curators."""
    asked = QUEUE.asked(suffix)
    curator()
    return QUEUE.personal(suffix, lambda _: _queue(asked))


@blueprint.post("/review")
def accept_several() -> Response:
    """Accept each contribution that was ticked; those that cannot be are named."""
    person = curator()
    accepted, refused = list[int](), list[str]()
    for number in _ticked():
        try:
            journal().move(number, [State.IN_REVIEW], State.ACCEPTED, "", person.slug)
            accepted.append(number)
        except WrongState as error:
            refused.append(str(error))
    return QUEUE.personal("html", lambda asked: _queue(asked, accepted, refused))


def _ticked() -> list[int]:
    """The numbers that were ticked, each once. Raises BadRequest for what is no number, or for none."""
    texts = dict.fromkeys(request.form.getlist("number"))
    if not texts:
        raise BadRequest("Nothing was ticked: tick the contributions that you accept.")
    if not all(text.isascii() and text.isdigit() and len(text) < 16 for text in texts):
        raise BadRequest("A `number` is that of a contribution.")
    return [int(text) for text in texts]


def _queue(asked: Asked, accepted: list[int] | None = None, refused: list[str] | None = None) -> Response:
    waiting = journal().headings(
        EVERYTHING, [State.IN_REVIEW], "", asked.number("limit"), asked.number("offset"), oldest_first=True
    )
    unread = [one.number for one in waiting if examiner().counted(one.number) is None]
    examiner().read((number, journal().entry(number).submission) for number in unread)
    return personal_page(
        "review.html",
        asked,
        waiting=[(one, examiner().counted(one.number), _remarks(one)) for one in waiting],
        total=journal().count(EVERYTHING, [State.IN_REVIEW]),
        names=names(),
        kind_name=kind_name,
        accepted=accepted,
        refused=refused,
    )


def _remarks(one: Heading) -> int:
    """How many findings the journal noted when the contribution was examined: each line names the file first."""
    note = journal().events(one.number)[-1].note
    return sum(line.startswith(one.name) for line in note.splitlines())
