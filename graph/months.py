"""Months as texts, `2026-12`: the sessions of each, and its days as a calendar lays them out."""

from calendar import Calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from graph.upcoming import Session, day_of

LENGTH: Final = len("2026-12")
MONDAY_FIRST: Final = Calendar(0)  # ISO 8601


@dataclass(frozen=True)
class Month:
    """A month, its weeks of days (None where a day is of another month), and what begins on each.

    `undated` are those known to begin in the month, and no more; `running` those that began earlier and are not over.
    """

    name: str
    weeks: Sequence[Sequence[date | None]]
    days: dict[date, list[Session]]
    undated: list[Session]
    running: list[Session]

    @property
    def first(self) -> date:
        """Its first day."""
        return first_day(self.name)


def first_day(name: str) -> date:
    """The first day of a month. Raises ValueError for what names none."""
    if len(name) != LENGTH:
        raise ValueError(name)
    return date.fromisoformat(f"{name}-01")


def months_of(sessions: Iterable[Session]) -> dict[str, int]:
    """The months in which sessions begin, in their order, and how many do; without those known to the year only."""
    counts: dict[str, int] = {}
    for name in sorted(one.starts[:LENGTH] for one in sessions if len(one.starts) >= LENGTH):
        counts[name] = counts.get(name, 0) + 1
    return counts


def month_of(name: str, sessions: Iterable[Session]) -> Month:
    """One month of these sessions."""
    first, known = first_day(name), list(sessions)
    weeks = [
        [day if day.month == first.month else None for day in week]
        for week in MONDAY_FIRST.monthdatescalendar(first.year, first.month)
    ]
    days: dict[date, list[Session]] = {}
    for one in known:
        if one.starts[:LENGTH] == name and (day := day_of(one.starts)):
            days.setdefault(day, []).append(one)
    undated = [one for one in known if one.starts == name]
    running = [one for one in known if one.starts[:LENGTH] < name <= (one.ends or one.starts)[:LENGTH]]
    return Month(name, weeks, dict(sorted(days.items())), undated, running)
