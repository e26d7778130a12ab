"""`/validate`: what is wrong in a file and how to mend it, without an account. Nothing is kept.

A file is read and validated in a process of its own, of which one is kept ready (`graph/examiners.py`). 200 says
whether it conforms, 422 that it could not be read; both carry the report.
"""

from threading import BoundedSemaphore
from typing import Final

from flask import Blueprint, Flask, Response, current_app, json, render_template, request

from graph.errors import InvalidInput, PoolBusy
from graph.examination import Examination, Limits
from graph.examiners import Examiners
from graph.fair_use import FairUse
from graph.impact import Reckoning
from graph.parameters import parse_arguments
from graph.parsing import Submission
from graph.releases import Release
from service.negotiation import MEDIA_TYPES, choose
from service.operation import Asked, Operation, declared, given
from service.problems import MEDIA_TYPE, PROBLEMS
from service.release_view import NoRelease, current_view
from service.report_text import COLUMNS, report_members, report_rows
from service.representations import csv_answer, json_answer, page
from service.settings import Settings
from service.submitted import ENDINGS, FORMS, KIND, PASTED, given_kind, kinds, known_kind, submissions

FORMATS: Final = ("json", "html", "csv", "ttl")
WAIT: Final = 20.0  # seconds for a place
SHOWN: Final = 500
OPERATION: Final = Operation(
    "/validate",
    "What is wrong in a file, and how to mend it",
    ("html",),
    (KIND,),
    "Contribute",
    (*FORMS, *ENDINGS),
    FORMATS,
)

blueprint = Blueprint("validate", __name__)


class Examiner:
    """The places for examinations of this process: each may take the whole memory of its limit."""

    def __init__(self, settings: Settings) -> None:
        limits = Limits(seconds=settings.validation_seconds, memory=settings.validation_memory)
        self._examiners = Examiners(limits=limits)
        self._stale_months = settings.stale_months
        self._places = BoundedSemaphore(settings.validations)
        self._use = FairUse()

    def examine(self, submissions: list[Submission], release: Release | None, client: str) -> Examination:
        """Examine files for a client when there is a place. Raises PoolBusy, ShareUsed and those of an examination."""
        with self._use.turn(client):
            if not self._places.acquire(timeout=WAIT):
                raise PoolBusy("Other files are being validated.", 10)
            try:
                store = release.path / "store" if release else None
                reckoning = Reckoning(release.as_of, self._stale_months) if release else None
                return self._examiners.examine(submissions, store, reckoning)
            finally:
                self._places.release()


def init_app(app: Flask) -> None:
    """Attach the addresses and the places for examinations."""
    app.extensions["trivium.examiner"] = Examiner(app.extensions["trivium.settings"])
    app.register_blueprint(blueprint)


@blueprint.get("/validate")
@blueprint.get("/validate.<any(html):suffix>")
@declared(OPERATION)
def show_form(suffix: str | None = None) -> Response:
    """The page where a file is dropped or a text pasted."""
    return OPERATION.answer(suffix, _form)


@blueprint.post("/validate")
@blueprint.post(f"/validate.<any({','.join(FORMATS)}):suffix>")
def validate(suffix: str | None = None) -> Response:
    """Examine what was sent, and answer with the report."""
    form = choose(FORMATS, suffix, request.headers.get("Accept"))
    examiner: Examiner = current_app.extensions["trivium.examiner"]
    parse_arguments((KIND,), given())
    found = examiner.examine(submissions(), _release(), request.remote_addr or "")
    response = _response(found, form)
    response.status_code = 422 if found.unreadable else 200
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-store"
    return response


def _form(asked: Asked) -> Response:
    return page("validate.html", asked, found=None, kinds=kinds(), kind=known_kind(asked.text("kind")), pasted=PASTED)


def _response(found: Examination, form: str) -> Response:
    match form:
        case "csv":
            return csv_answer(COLUMNS, report_rows(found))
        case "ttl":
            return Response(found.shacl, content_type=f"{MEDIA_TYPES['ttl']}; charset=utf-8")
        case "html":
            shown = found.report.findings[:SHOWN]
            content = render_template(
                "validate.html", found=found, findings=shown, kinds=kinds(), kind=given_kind(), pasted=PASTED
            )
            return Response(content, content_type="text/html; charset=utf-8")
    return _problem(found) if found.unreadable else json_answer(report_members(found))


def _problem(found: Examination) -> Response:
    """The report on a file that could not be read, as the problem that it is (RFC 9457)."""
    problem = PROBLEMS[InvalidInput]
    members = {"type": problem.type, "title": problem.title, "status": problem.status, "detail": str(found.report)}
    return Response(json.dumps(members | report_members(found), ensure_ascii=False), content_type=MEDIA_TYPE)


def _release() -> Release | None:
    try:
        return current_view().release
    except NoRelease:
        return None
