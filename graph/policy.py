"""What an instance decides about its graph: when an offering is stale, and which releases are kept."""

from dataclasses import dataclass

STALE_AFTER_MONTHS = 36


@dataclass(frozen=True)
class Policy:
    """The decisions that a publisher goes by.

    Kept are the newest `keep_releases`, and the last release of each of the newest `keep_days` days.
    """

    stale_after_months: int = STALE_AFTER_MONTHS
    keep_releases: int = 5
    keep_days: int = 30
