"""`/offerings.ics`: the sessions of the offerings that a filter finds, as a calendar to subscribe to (RFC 5545, 7986).

A calendar shows days. A session whose first day is known only to the month or the year is counted, not shown.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from flask import Response
from icalendar import Calendar, Event, Timezone, TimezoneStandard, vText, vUri
from pyoxigraph import NamedNode

from graph.changes import Changed
from graph.field import slug
from graph.namespaces import SCHEMA, TRV
from graph.store import Rows
from graph.upcoming import Session, day_of, upcoming, withdrawn
from service.deployment import deployment
from service.feed_pages import feed_address
from service.filter_words import filter_words
from service.operation import Asked
from service.representations import bytes_answer, linked

PRODUCT: Final = "-//Trivium//Offerings//EN"
FRESH: Final = timedelta(hours=12)


def calendar(asked: Asked, offerings: Rows) -> Response:
    """The sessions of these offerings that are not over, and those withdrawn before they began."""
    view, day = asked.view, asked.view.release.as_of
    wanted = {row[offerings.variables.index("iri")] for row in offerings}
    found = [one for one in upcoming(view.dataset, day) if one.offering in wanted]
    gone = withdrawn(view.log, view.dataset, day, view.release.number)
    everything = not filter_words(asked)
    dated = [one for one in found if day_of(one.starts)]
    shown = [*dated, *(one for one in gone if one.offering in wanted or (everything and not view.exists(one.offering)))]
    made = _started(asked, len(found) - len(dated))
    revisions = _revisions(asked, shown)
    for one in shown:
        made.add_component(_event(asked, one, revisions[one.iri]))
    if not shown:
        made.add_component(_utc())
    return linked(bytes_answer(made.to_ical(), "ics"), {})


def _started(asked: Asked, undated: int) -> Calendar:
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    name = " · ".join(("Trivium", "Sessions", *filter_words(asked)))
    about = "Sessions that are not over yet, of the offerings that this graph knows."
    if undated:
        about += (
            f" {undated} more {'is' if undated == 1 else 'are'} known only to the month or the year, and not shown."
        )
    for property, text in (("name", name), ("x-wr-calname", name), ("description", about), ("x-wr-caldesc", about)):
        made.add(property, vText(text))
    made.add("url", feed_address("/offerings"))
    made.add("source", vUri(feed_address("/offerings.ics")), {"VALUE": "URI"})
    made.add("refresh-interval", FRESH, {"VALUE": "DURATION"})
    made.add("x-published-ttl", FRESH)
    return made


def _revisions(asked: Asked, sessions: Iterable[Session]) -> dict[NamedNode, Changed]:
    """For each session the newest row of the change log about what its event says: itself, or its offering."""
    pairs = {one.iri: (one.iri, one.offering) for one in sessions}
    things = list({thing for pair in pairs.values() for thing in pair})
    last = asked.view.log.last_of(things, asked.view.release.number)
    return {iri: max((last[one] for one in pair if one in last), key=_number) for iri, pair in pairs.items()}


def _number(one: Changed) -> int:
    return one.number


def _event(asked: Asked, session: Session, revision: Changed) -> Event:
    """One session. Its sequence is a number of the change log: it rises with every change of what is said."""
    event, title = Event(), asked.label(session.offering)
    event.add("uid", session.iri.value)
    event.add("dtstamp", revision.at)
    event.add("last-modified", revision.at)
    event.add("sequence", revision.number)
    event.add("summary", f"Cancelled: {title}" if session.withdrawn else title)
    event.add("status", "CANCELLED" if session.withdrawn else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    first, last = day_of(session.starts), day_of(session.ends)
    event.add("dtstart", first)
    if last and first and last >= first:
        event.add("dtend", last + timedelta(days=1))  # the day after: it is exclusive
    if session.location:
        event.add("location", session.location)
    event.add("description", _description(asked, session))
    event.add("url", _address(asked, session))
    topics = [asked.label(one) for one in _objects(asked, session.offering, TRV.teaches)]
    if topics:
        event.add("categories", sorted(topics))
    return event


def _description(asked: Asked, session: Session) -> str:
    providers = ", ".join(asked.label(one) for one in _objects(asked, session.offering, TRV.provider))
    lines = [
        f"By {providers}." if providers else "",
        f"{asked.label(session.mode)}." if session.mode else "",
        f"It ends in {session.ends}." if session.ends and not day_of(session.ends) else "",
        f"Said by {session.source}" if session.source else "",
        f"In Trivium: {_page(session)}",
    ]
    return "\n".join(filter(None, lines))


def _address(asked: Asked, session: Session) -> str:
    """The provider's own page of the offering, or ours."""
    return next((one.value for one in _objects(asked, session.offering, SCHEMA.url)), _page(session))


def _page(session: Session) -> str:
    return deployment().at(f"/offering/{slug(session.offering)}").value


def _objects(asked: Asked, subject: NamedNode, predicate: NamedNode) -> list[NamedNode]:
    objects = (quad.object for quad in asked.view.dataset.quads(subject, predicate))
    return list(dict.fromkeys(one for one in objects if isinstance(one, NamedNode)))


def _utc() -> Timezone:
    """A component that says nothing: a calendar may not be without any (RFC 5545, 3.6)."""
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", "UTC")
    standard.add("dtstart", datetime(1970, 1, 1))
    standard.add("tzoffsetfrom", timedelta(0))
    standard.add("tzoffsetto", timedelta(0))
    zone.add_component(standard)
    return zone
