"""`/login` and `/logout`: from a token to a session and back. The token is never kept, and never in an address."""

import re
from functools import partial
from typing import Final

from flask import Blueprint, Flask, Response, current_app, request, url_for

from graph.attempts import Attempts
from graph.parameters import Parameter
from graph.people import NotKnown
from service import session
from service.authentication import bearer, people
from service.operation import Asked, Operation, declared, see_other
from service.personal import personal_page
from service.problems import answer, prefers_page

TAG: Final = "Contribute"
FORM: Final = "application/x-www-form-urlencoded"
NEXT: Final = Parameter("next", "text", "Where to go after logging in: an address of this service.")
LOCAL: Final = re.compile(r"/(?![/\\])[!-\[\]-~]*")  # no other host, and nothing that browsers drop or turn round
WELCOME: Final = "/contribute"

LOG_IN: Final = Operation("/login", "Log in with a token", ("html",), (NEXT,), TAG, (FORM,), ("html",))
LOG_OUT: Final = Operation("/logout", "Log out", ("html",), (), TAG, (FORM,), ("html",))

blueprint = Blueprint("login", __name__)


def init_app(app: Flask) -> None:
    """Attach the addresses; lead whoever asks for a page that needs a session to where one begins."""
    app.extensions["trivium.attempts"] = Attempts()
    app.register_blueprint(blueprint)
    app.register_error_handler(NotKnown, _log_in_first)


@blueprint.get("/login")
@blueprint.get("/login.<any(html):suffix>")
@declared(LOG_IN)
def show_log_in(suffix: str | None = None) -> Response:
    """The form for the token."""
    return LOG_IN.personal(suffix, _form)


@blueprint.post("/login")
def log_in() -> Response:
    """Begin a session. A token that is not valid shows the form again, and too many of them make the client wait."""
    session.check_origin()
    attempts: Attempts = current_app.extensions["trivium.attempts"]
    try:
        with attempts.attempt(request.remote_addr or ""):
            person = people().by_token(request.form.get("token", "").strip())
    except NotKnown as error:
        response = LOG_IN.personal("html", partial(_form, problem=str(error)))
        response.status_code = 401
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    session.begin(person, people())
    return see_other(local(request.form.get("next", "")))


@blueprint.get("/logout")
@blueprint.get("/logout.<any(html):suffix>")
@declared(LOG_OUT)
def show_log_out(suffix: str | None = None) -> Response:
    """The button that ends the session."""
    return LOG_OUT.personal(suffix, lambda asked: personal_page("logout.html", asked))


@blueprint.post("/logout")
def log_out() -> Response:
    """End the session."""
    bearer()  # a form of ours, or nothing is ended
    session.end()
    return see_other("/")


def local(address: str) -> str:
    """The address, if it leads to a page of this service; else where contributors begin."""
    return address if LOCAL.fullmatch(address) else WELCOME


def _form(asked: Asked, problem: str = "") -> Response:
    following = request.form.get("next") or request.args.get("next", "")
    return personal_page("login.html", asked, problem=problem, following=local(following))


def _log_in_first(error: NotKnown) -> Response:
    """A page that needs a session leads to the form; whatever else needs a token gets the problem."""
    if request.method == "GET" and prefers_page() and "Authorization" not in request.headers:
        address = request.full_path.rstrip("?")
        return see_other(url_for("login.show_log_in", next=address))
    return answer(error)
