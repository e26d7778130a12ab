"""Who is asking: the bearer of a token (RFC 6750), or nobody in particular."""

from typing import Final

from flask import Flask, current_app, request

from graph.people import Contributor, NotAllowed, NotKnown, People, Role
from service.settings import Settings

SCHEME: Final = "Bearer "


def init_app(app: Flask) -> None:
    """Give the application its contributors, opened when first asked for."""
    app.extensions["trivium.people"] = None


def people() -> People:
    """The contributors of this instance."""
    if current_app.extensions["trivium.people"] is None:
        settings: Settings = current_app.extensions["trivium.settings"]
        current_app.extensions["trivium.people"] = People(settings.data)
    found: People = current_app.extensions["trivium.people"]
    return found


def bearer() -> Contributor | None:
    """Who bears the token of this request, or None without one. Raises NotKnown for a token that is not valid."""
    header = request.headers.get("Authorization", "")
    if not header:
        return None
    if not header.startswith(SCHEME):
        raise NotKnown("Send the token as `Authorization: Bearer TOKEN`.")
    return people().by_token(header.removeprefix(SCHEME).strip())


def contributor() -> Contributor:
    """Who bears the token of this request. Raises NotKnown without a valid one."""
    person = bearer()
    if person is None:
        raise NotKnown("This needs a token: send it as `Authorization: Bearer TOKEN`.")
    return person


def curator() -> Contributor:
    """The curator who bears the token of this request. Raises NotKnown or NotAllowed."""
    person = contributor()
    if person.role is not Role.CURATOR:
        raise NotAllowed("Only a curator may do this.")
    return person
