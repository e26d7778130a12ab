"""The session of somebody who logged in: a signed cookie, and a token in every form that changes something.

The cookie holds a slug and the fingerprint of a token, nothing else. Who it is, is asked of the journal's data folder
at every request, so a session ends with its token. Nobody who is not logged in gets a cookie.
"""

import hashlib
import hmac
import os
import secrets
import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from flask import Flask, Request, current_app, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from graph.errors import TriviumError
from graph.people import Contributor, NotKnown, People
from service.settings import Settings

LIFETIME: Final = timedelta(hours=12)
KEY_FILE: Final = "session.key"
KEY_BYTES: Final = 32
FORM_TOKEN: Final = "csrf"
SAFE: Final = ("GET", "HEAD", "OPTIONS")  # RFC 9110, 9.2.1
OURS: Final = ("same-origin", "none")  # where a browser says that the request comes from (Fetch Metadata)


class NotOurForm(TriviumError):
    """A request that changes something came with a session, but not from a form that was made for it."""


class Sessions(SecureCookieSessionInterface):
    """Flask's signed sessions; the key is read, or made, when the first session needs it."""

    digest_method = staticmethod(hashlib.sha256)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of a request; without a cookie an empty one, for which no key is needed."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What signs the cookies of this data folder."""
        _key(app)
        return super().get_signing_serializer(app)


def init_app(app: Flask) -> None:
    """Give the application its sessions; over https their cookie is bound to this host."""
    settings: Settings = app.extensions["trivium.settings"]
    secure = settings.base.startswith("https:")
    app.session_interface = Sessions()
    app.config.update(
        SESSION_COOKIE_NAME="__Host-trivium" if secure else "trivium",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=LIFETIME,
    )


def begin(person: Contributor, people: People) -> None:
    """Log somebody in."""
    session.clear()
    session.permanent = True
    session.update(slug=person.slug, token=people.fingerprint(person.slug))


def end() -> None:
    """Log out whoever is logged in."""
    session.clear()


def visitor(people: People) -> Contributor | None:
    """Who is logged in, or None. Raises NotOurForm if something is to be changed from elsewhere than a form of ours."""
    if "slug" not in session:
        return None
    try:
        person = people.by_fingerprint(session["slug"], session.get("token", ""))
    except NotKnown:
        end()
        return None
    if request.method not in SAFE:
        _check_form()
    return person


def form_token() -> str:
    """What a form of this session must carry: a keyed hash of its cookie; nothing without a session."""
    cookie = request.cookies.get(current_app.config["SESSION_COOKIE_NAME"], "")
    if not cookie:
        return ""
    return hmac.new(_key(current_app), b"form " + cookie.encode(), hashlib.sha256).hexdigest()


def check_origin() -> None:
    """Refuse what a page of another site sends. Raises NotOurForm; a client that does not say is let through."""
    if request.headers.get("Sec-Fetch-Site", OURS[0]) not in OURS:
        raise NotOurForm("This was sent from the page of another site.")


def _check_form() -> None:
    check_origin()
    token = request.form.get(FORM_TOKEN, "")
    if not hmac.compare_digest(token.encode(), form_token().encode()):
        raise NotOurForm("The form does not belong to this session: load its page again, and send it from there.")


def _key(app: Flask) -> bytes:
    if not app.secret_key:
        settings: Settings = app.extensions["trivium.settings"]
        app.secret_key = kept_key(settings.data / KEY_FILE)
    return app.secret_key if isinstance(app.secret_key, bytes) else app.secret_key.encode()


def kept_key(path: Path) -> bytes:
    """The key that every worker of a data folder signs with; the first one to need it makes it."""
    if not path.exists():
        _make_key(path)
    return path.read_bytes()


def _make_key(path: Path) -> None:
    """Let the key appear whole, or not at all where another process was first; only its owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(handle)
    with suppress(FileExistsError):
        os.link(draft, path)
    Path(draft).unlink()
