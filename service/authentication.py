"""Who is asking: the bearer of a token (RFC 6750), somebody who logged in, or nobody in particular."""

from typing import Final

from flask import Flask, current_app, g, request

from graph.people import Contributor, NotAllowed, NotKnown, People, Role
from service import session
from service.settings import Settings

SCHEME: Final = "Bearer "


def init_app(app: Flask) -> None:
    """Give the application its contributors, opened when first asked for, and their sessions."""
    app.extensions["trivium.people"] = None
    session.init_app(app)


def people() -> People:
    """The contributors of this instance."""
    if current_app.extensions["trivium.people"] is None:
        settings: Settings = current_app.extensions["trivium.settings"]
        current_app.extensions["trivium.people"] = People(settings.data)
    found: People = current_app.extensions["trivium.people"]
    return found


def bearer() -> Contributor | None:
    """Who bears the token of this request, or is logged in; None for neither.

    Raises NotKnown for a token that is not valid, and NotOurForm as `service.session.visitor` does.
    """
    if "person" not in g:
        header = request.headers.get("Authorization", "")
        g.person = _by_header(header) if header else session.visitor(people())
    found: Contributor | None = g.person
    return found


def token_bearer() -> Contributor | None:
    """Who bears the token of this request, whatever its session; None for nobody. Raises NotKnown for a wrong token."""
    header = request.headers.get("Authorization", "")
    return _by_header(header) if header.startswith(SCHEME) else None


def contributor() -> Contributor:
    """Who bears the token of this request, or is logged in. Raises NotKnown for neither."""
    person = bearer()
    if person is None:
        raise NotKnown("This needs a token: log in, or send it as `Authorization: Bearer TOKEN`.")
    return person


def curator() -> Contributor:
    """The curator who asks. Raises NotKnown or NotAllowed."""
    person = contributor()
    if person.role is not Role.CURATOR:
        raise NotAllowed("Only a curator may do this.")
    return person


def _by_header(header: str) -> Contributor:
    if not header.startswith(SCHEME):
        raise NotKnown("Send the token as `Authorization: Bearer TOKEN`.")
    return people().by_token(header.removeprefix(SCHEME).strip())
