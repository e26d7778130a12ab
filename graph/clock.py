"""The time, as something that is given: a machine's clock may jump, and what must never go back does not.

The day that gaps are reckoned on follows the clock, back too, for they are said to be those of that day. The time of
a release and of an event in the journal does not: harvesters ask for what is newer than the last that they saw.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time by the clock of this machine, in UTC."""
    return datetime.now(UTC)


def today(clock: Clock = utc_now) -> date:
    """The day, in UTC."""
    return clock().date()


def not_before(earliest: datetime | None, time: datetime) -> datetime:
    """The time, or `earliest` where the clock was put back meanwhile."""
    return max(earliest or time, time)
