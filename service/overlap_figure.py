"""What is drawn of an overlap: a bar for each part, the dots of those who share it, and a bar for the whole of each.

The figure is that of UpSet (Lex and others 2014): it holds any number of sets, of which a Venn diagram holds three.
It is measured in units of its own box. Of many parts the largest are drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

MOST: Final = 10
"""So many parts are drawn."""

COLUMN: Final = 44.0
ROW: Final = 52.0
TALLEST: Final = 150.0
HEAD: Final = 34.0
"""Room above the tallest bar, for its number."""

NAMES: Final = 340.0
LONGEST: Final = 26
"""Letters of a name that are written; the table has the rest."""


@dataclass(frozen=True)
class Whole:
    """One of those that are compared: its key, name and address, and how much it needs in all."""

    key: str
    name: str
    href: str
    total: int


@dataclass(frozen=True)
class Share:
    """A part: the keys of those who share it, how much it holds, what to call it and where it leads."""

    keys: tuple[str, ...]
    total: int
    name: str
    href: str
    chosen: bool = False


@dataclass(frozen=True)
class Column:
    """A part as it is drawn: its middle, the top of its bar, and the heights of the dots that are on and off."""

    share: Share
    x: float
    top: float
    on: tuple[float, ...]
    off: tuple[float, ...]


@dataclass(frozen=True)
class Row:
    """A whole as it is drawn: its middle, its name if need be shortened, and the length of its bar."""

    whole: Whole
    name: str
    y: float
    length: float


@dataclass(frozen=True)
class Overlap:
    """The figure: its size, the foot of its bars, where the names begin, and how many parts are left out."""

    width: float
    height: float
    foot: float
    names: float
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    left_out: int


def overlap_figure(wholes: Sequence[Whole], shares: Sequence[Share]) -> Overlap:
    """Draw what is shared; the parts in the order given, and of many the largest."""
    largest = sorted(shares, key=lambda one: -one.total)[:MOST]
    drawn = [one for one in shares if one in largest]
    foot = HEAD + TALLEST
    places = {one.key: foot + ROW * (at + 0.75) for at, one in enumerate(wholes)}
    names = COLUMN * len(drawn) + 16
    return Overlap(
        width=names + NAMES,
        height=foot + ROW * (len(wholes) + 0.4),
        foot=foot,
        names=names,
        columns=tuple(_column(at, one, places, max(share.total for share in drawn)) for at, one in enumerate(drawn)),
        rows=tuple(_row(one, places[one.key], max(whole.total for whole in wholes)) for one in wholes),
        left_out=len(shares) - len(drawn),
    )


def _column(at: int, share: Share, places: Mapping[str, float], most: int) -> Column:
    on = tuple(place for key, place in places.items() if key in share.keys)
    off = tuple(place for key, place in places.items() if key not in share.keys)
    return Column(share, COLUMN * (at + 0.5), HEAD + TALLEST * (1 - share.total / (most or 1)), on, off)


def _row(whole: Whole, y: float, most: int) -> Row:
    name = whole.name if len(whole.name) <= LONGEST else f"{whole.name[: LONGEST - 1].rstrip()}…"
    return Row(whole, name, y, (NAMES - 20) * whole.total / (most or 1))
