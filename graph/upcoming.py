"""Sessions that are still to come or not over yet, and those of them that were withdrawn."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from pyoxigraph import Literal, NamedNode

from graph.changes import ChangeLog
from graph.differences import Change
from graph.namespaces import XSD, entity, kind_and_slug
from graph.resources import QUERIES
from graph.store import Dataset, Term

KIND: Final = "session"
DATED: Final = re.compile(r"(?P<offering>.+)--(?P<day>\d{4}-\d{2}-\d{2})(?:--.*)?", re.ASCII)
"""The slug of a session: its offering, its first day and, where there is one, its place."""


@dataclass(frozen=True)
class Session:
    """One dated run of an offering. `starts` and `ends` are as they were stated: a day, a month or a year."""

    iri: NamedNode
    offering: NamedNode
    starts: str
    ends: str = ""
    location: str = ""
    mode: NamedNode | None = None
    source: str = ""
    withdrawn: bool = False


def upcoming(dataset: Dataset, day: date) -> list[Session]:
    """The sessions that are not over on a day, the earliest first."""
    query = (QUERIES / "field" / "sessions.rq").read_text(encoding="utf-8")
    rows = dataset.select(query, {"day": Literal(day.isoformat(), datatype=XSD.date)})
    return [_session(*row[1:]) for row in rows]


def withdrawn(log: ChangeLog, dataset: Dataset, day: date, upto: int) -> Iterator[Session]:
    """The sessions that were withdrawn before they began, as far as their identifiers tell what they were."""
    gone = dict.fromkeys(one.entity for one in log.newest(upto, [KIND], Change.WITHDRAWN))
    for iri in gone:
        named = DATED.fullmatch((kind_and_slug(iri) or ("", ""))[1])
        if named and named["day"] >= day.isoformat() and not any(dataset.quads(iri)):
            yield Session(iri, entity("offering", named["offering"]), named["day"], withdrawn=True)


def day_of(text: str) -> date | None:
    """The day that a text names; None for a month or a year."""
    try:
        return date.fromisoformat(text) if len(text) == len("2026-11-24") else None
    except ValueError:
        return None


def _session(
    iri: NamedNode,
    offering: NamedNode,
    starts: Literal,
    ends: Literal | None,
    location: Literal | None,
    mode: NamedNode | None,
    source: Term | None,
) -> Session:
    return Session(iri, offering, starts.value, _text(ends), _text(location), mode, _text(source))


def _text(term: Term | None) -> str:
    return term.value if isinstance(term, Literal | NamedNode) else ""
