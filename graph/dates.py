"""Dates that may be known only to the month or the year.

A partial date counts to the end of what it names (DESIGN, "What a gap is"); the lexical forms are those of
`xsd:date`, `xsd:gYearMonth` and `xsd:gYear`, without a time zone (XML Schema 1.1 part 2, 3.3.9 to 3.3.11).
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date

from pyoxigraph import NamedNode

from graph.namespaces import XSD

MONTHS_IN_YEAR = 12


def last_day(text: str) -> date:
    """The last day of a date, year-month or year. Raises ValueError for anything else."""
    match [int(part) for part in text.split("-")]:
        case [year, month, day]:
            return date(year, month, day)
        case [year, month]:
            return date(year, month, monthrange(year, month)[1])
        case [year]:
            return date(year, MONTHS_IN_YEAR, 31)
    raise ValueError(text)


def partial_dates(day: date) -> Iterator[tuple[str, NamedNode]]:
    """Every date, year-month and year whose last day this is, with its datatype."""
    yield day.isoformat(), XSD.date
    if day.day == monthrange(day.year, day.month)[1]:
        yield f"{day:%Y-%m}", XSD.gYearMonth
        if day.month == MONTHS_IN_YEAR:
            yield f"{day:%Y}", XSD.gYear


def months_before(day: date, months: int) -> date:
    """The same day of the month, `months` earlier; the last day of a month that is too short for it."""
    year, month = divmod(day.year * MONTHS_IN_YEAR + day.month - 1 - months, MONTHS_IN_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
