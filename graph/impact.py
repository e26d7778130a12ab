"""What a submission would change for the field: plain values, as they are told in a report (`graph/preview.py`).

Labels are English where there are any; demand and score are rounded to four decimals, as everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Self

CLOSED: Final = "closed"
OPENED: Final = "opened"
CHANGED: Final = "changed"
ADDED: Final = "added"
EFFECTS: Final = (CLOSED, OPENED, CHANGED, ADDED)
"""What becomes of a gap.

*closed*: its sector gets a current offering where it had none · *opened*: its sector has no current offering, where it
had one or its demand was not known · *changed*: another state, supply or score · *added*: of a new competency, and not
open. A gap is open as long as its demand is known and its sector has no current offering.
"""


@dataclass(frozen=True)
class Reckoning:
    """How gaps are reckoned: on which day, and after how many months without a sign of it an offering is stale."""

    as_of: date
    stale_after_months: int


@dataclass(frozen=True)
class Thing:
    """An entity and its label; `known` if the release describes it, so that it can be looked at."""

    iri: str
    label: str
    known: bool = True


@dataclass(frozen=True)
class Standing:
    """How a gap stands. Demand and score are None where the demand is not known."""

    state: str
    demand: float | None
    supply: int
    score: float | None


@dataclass(frozen=True)
class GapChange:
    """A gap that would change, and how it stands before, if there is such a gap, and after."""

    iri: str
    effect: str
    competency: Thing
    sector: Thing
    before: Standing | None
    after: Standing


@dataclass(frozen=True)
class Count:
    """How many entities of a kind are new, described otherwise than before, and described as before."""

    kind: str
    new: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class Audience:
    """How many new offerings are addressed to a sector or one below it; to nobody in particular where it is None."""

    sector: Thing | None
    offerings: int


@dataclass(frozen=True)
class Duplicate:
    """A new entity that is probably another one, which the release describes or the submission itself."""

    kind: str
    entity: Thing
    like: Thing


@dataclass(frozen=True)
class Unknown:
    """Something that is referred to and described nowhere, how often, and the nearest of its kind that is."""

    kind: str
    iri: str
    times: int
    nearest: Thing | None


@dataclass(frozen=True)
class Impact:
    """What a submission would change if it were published as it is, on the day of the release.

    `gaps` are those of the top sectors, and empty where they were not `reckoned`, for the `reason` given. `left_out`
    counts the duplicates and unknown references that are not told.
    """

    as_of: str
    reckoned: bool
    reason: str
    gaps: tuple[GapChange, ...]
    entities: tuple[Count, ...]
    new_offerings: int
    audiences: tuple[Audience, ...]
    duplicates: tuple[Duplicate, ...]
    unknown: tuple[Unknown, ...]
    left_out: int = 0

    def gaps_that_are(self, effect: str) -> list[GapChange]:
        """The gaps of one of `EFFECTS`."""
        return [one for one in self.gaps if one.effect == effect]

    @classmethod
    def read(cls, stated: Mapping[str, Any]) -> Self:
        """The impact that `dataclasses.asdict` made these values of, such as from JSON."""
        duplicates = [(one["kind"], Thing(**one["entity"]), Thing(**one["like"])) for one in stated["duplicates"]]
        return cls(
            **{
                **stated,
                "gaps": tuple(_gap(one) for one in stated["gaps"]),
                "entities": tuple(Count(**one) for one in stated["entities"]),
                "audiences": tuple(Audience(_thing(one["sector"]), one["offerings"]) for one in stated["audiences"]),
                "duplicates": tuple(Duplicate(*one) for one in duplicates),
                "unknown": tuple(Unknown(**{**one, "nearest": _thing(one["nearest"])}) for one in stated["unknown"]),
            }
        )


def _thing(stated: Mapping[str, Any] | None) -> Thing | None:
    return Thing(**stated) if stated else None


def _gap(stated: Mapping[str, Any]) -> GapChange:
    return GapChange(
        iri=stated["iri"],
        effect=stated["effect"],
        competency=Thing(**stated["competency"]),
        sector=Thing(**stated["sector"]),
        before=Standing(**stated["before"]) if stated["before"] else None,
        after=Standing(**stated["after"]),
    )
