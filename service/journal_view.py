"""The journal as the web sees it: opened once, and who may read what of it."""

from typing import Any, Final

from flask import Flask, current_app

from graph.journal import Entry, Event, Heading, Journal, Reader, State
from graph.namespaces import ID
from graph.people import Contributor, Role
from graph.releases import Releases
from service.settings import Settings

MOVING: Final = (State.RECEIVED, State.ACCEPTED, State.WITHDRAWING)
"""States that a contribution leaves by itself, within moments."""


def init_app(app: Flask) -> None:
    """Give the application its journal, opened when first asked for."""
    app.extensions["trivium.journal"] = None


def journal() -> Journal:
    """The journal of this instance."""
    if current_app.extensions["trivium.journal"] is None:
        settings: Settings = current_app.extensions["trivium.settings"]
        current_app.extensions["trivium.journal"] = Journal(settings.data)
    found: Journal = current_app.extensions["trivium.journal"]
    return found


def sound_journal() -> Journal:
    """The journal, to write to. Raises JournalDamaged if it lacks what was published: a number would be given twice."""
    settings: Settings = current_app.extensions["trivium.settings"]
    newest = Releases(settings.data).newest()
    journal().check_reaches(newest.journal if newest else 0)
    return journal()


def states_in(text: str) -> list[State]:
    """The state that an address names, `in-review` for instance; none for an empty text."""
    return [State(text.replace("-", " "))] if text else []


def reader(person: Contributor | None) -> Reader:
    """What somebody may see of the journal."""
    return Reader(person.slug, person.role is Role.CURATOR) if person else Reader()


def may_read(person: Contributor | None, one: Heading | Entry) -> bool:
    """Whether somebody may read the report on a contribution: its contributor and curators may."""
    return person is not None and (person.role is Role.CURATOR or person.slug == one.contributor)


def described(one: Heading) -> dict[str, Any]:
    """A contribution as an object of JSON."""
    return {
        "number": one.number,
        "iri": ID[f"contribution/{one.number}"].value,
        "contributor": one.contributor,
        "name": one.name,
        "license": one.license,
        "received": one.received.isoformat(),
        "state": one.state,
    }


def steps(number: int, notes: bool) -> list[dict[str, str]]:
    """The life of a contribution, from its beginning; with the notes for those who may read them."""
    return [_step(event, notes) for event in journal().events(number)]


def _step(event: Event, notes: bool) -> dict[str, str]:
    shown = {"state": str(event.state), "at": event.at.isoformat(), "agent": event.agent}
    return shown | ({"note": event.note} if notes and event.note else {})
