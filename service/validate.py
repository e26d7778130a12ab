"""`/validate`: what is wrong in a file and how to mend it, without an account. Nothing is kept.

A file is read and validated in a process of its own, of which one is kept ready (`graph/examiners.py`). 200 says
whether it conforms, 422 that it could not be read; both carry the report.
"""

from typing import Final

from flask import Blueprint, Flask, Response, json, render_template, request

from graph.errors import InvalidInput
from graph.examination import Examination
from graph.parameters import parse_arguments
from service.examiner import examiner
from service.negotiation import MEDIA_TYPES, choose
from service.operation import Asked, Operation, declared, given
from service.problems import MEDIA_TYPE, PROBLEMS
from service.report_text import COLUMNS, report_members, report_rows
from service.representations import csv_answer, json_answer, page
from service.submitted import ENDINGS, FORMS, KIND, PASTED, given_kind, kinds, known_kind, submissions

FORMATS: Final = ("json", "html", "csv", "ttl")
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


def init_app(app: Flask) -> None:
    """Attach the addresses."""
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
    parse_arguments((KIND,), given())
    found = examiner().examine(submissions(), request.remote_addr or "")
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
