"""Figures of networks: where dots, lines and labels go, for `figures.html` to draw as SVG.

Everything is reckoned in the units of the figure's own box, so that a figure has any width. Labels are placed in two
turns: a few that are still legible where the figure is as narrow as a telephone, then as many more as fit otherwise.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import atan2, cos, hypot, pi, sin
from operator import mul
from typing import Final

WIDTH: Final = 1_000.0
MARGIN: Final = 70.0
APART: Final = 4.0
LARGE: Final = 30.0
SMALL: Final = 13.0
"""Sizes of labels: those that a narrow figure shows too, and the others."""

GLYPH: Final = 0.54  # the width of a letter by its size, on average
FEW: Final = 9  # labels of a narrow figure
TURNS: Final = 80  # of pushing dots apart
GOLDEN: Final = pi * (3 - 5**0.5)  # the angle whose multiples spread evenly
CORNERS: Final = 450.0  # from the middle of a figure to its corners
ROOM: Final = 100.0  # about the corners, for their names
NAME: Final = 68.0  # from a corner to its name
RING: Final = 300.0
BAND: Final = 90.0  # the width of a band between what is entirely alike
HALF: Final = 17.0  # of the height of a line of text

Point = tuple[float, float]
Box = tuple[float, float, float, float]
Way = tuple[float, str, str]
"""How strongly two corners are joined, in [0,1], and what is written on the line."""


@dataclass(frozen=True)
class Dot:
    """One thing: where, how large, what it is called and says, where it leads, and its parts as shares of the whole."""

    key: str
    x: float
    y: float
    size: float
    label: str
    note: str
    href: str
    parts: tuple[tuple[str, float], ...]
    mark: str = ""

    @property
    def slices(self) -> list[tuple[str, str]]:
        """The outline of each part with its class; a dot of one part is a circle and has none."""
        found, turn = [], 0.0
        for name, share in self.parts if len(self.parts) > 1 else ():
            start, end = _on(self, turn), _on(self, turn + share)
            arc = f"A{self.size:.1f} {self.size:.1f} 0 {int(share > 0.5)} 1"
            found.append((name, f"M{_written((self.x, self.y))}L{_written(start)}{arc} {_written(end)}Z"))
            turn += share
        return found


@dataclass(frozen=True)
class Line:
    """A line between two dots."""

    start: Point
    end: Point
    width: float


@dataclass(frozen=True)
class Label:
    """A text beside a dot; a `minor` one is left out where the figure is narrow."""

    x: float
    y: float
    anchor: str
    text: str
    minor: bool = False


@dataclass(frozen=True)
class Figure:
    """A figure to be drawn; `corners` are the names at the ends of a figure that has ends."""

    height: float
    dots: Sequence[Dot]
    lines: Sequence[Line] = ()
    labels: Sequence[Label] = ()
    corners: Sequence[Label] = ()
    width: float = WIDTH


def network_figure(dots: Sequence[Dot], joined: Mapping[tuple[str, str], float], height: float) -> Figure:
    """A network: dots placed within [-1,1] and the most important first, and how strongly pairs of them are joined."""
    placed = _apart(_fitted(dots, height), height)
    at = {dot.key: dot for dot in placed}
    lines = [
        Line((at[one].x, at[one].y), (at[other].x, at[other].y), 0.8 + 5 * weight)
        for (one, other), weight in joined.items()
    ]
    return Figure(height, placed, lines, labels_of(placed, height))


def ring_figure(dots: Sequence[Dot], ways: Mapping[tuple[str, str], Way]) -> Figure:
    """Dots at the corners of an even figure, with their names in them, and bands between them that say how strong."""
    corners, height = _polygon([dot.key for dot in dots], RING, max((dot.size for dot in dots), default=0.0) + 6)
    placed = [replace(dot, x=corners[dot.key][0], y=corners[dot.key][1]) for dot in dots]
    lines = [Line(corners[one], corners[other], BAND * strength) for (one, other), (strength, *_) in ways.items()]
    labels = [
        Label(
            (corners[one][0] + corners[other][0]) / 2, (corners[one][1] + corners[other][1]) / 2 + down, "middle", text
        )
        for (one, other), (_, *texts) in ways.items()
        for down, text in zip((-HALF, HALF), texts, strict=True)
    ]
    return Figure(height, placed, lines, labels)


def corner_figure(dots: Sequence[Dot], names: Mapping[str, str]) -> Figure:
    """Dots between named corners, each drawn to a corner by the share that its part of this name has of it."""
    corners, height = _polygon(list(names), CORNERS, ROOM)
    placed = []
    for dot in dots:
        x = sum(corners[name][0] * share for name, share in dot.parts)
        y = sum(corners[name][1] * share for name, share in dot.parts)
        placed.append(replace(dot, x=x, y=y))
    placed = _apart(placed, height)
    ring = list(corners.values())
    lines = [Line(one, other, 1.5) for one, other in zip(ring, [*ring[1:], *ring[:1]], strict=True)]
    ends = [_corner(corners[name], names[name], height) for name in names]
    labels = labels_of(placed, height, [_box(one, LARGE) for one in ends])
    return Figure(height, placed, lines, labels, ends)


def labels_of(dots: Sequence[Dot], height: float, taken: Iterable[Box] = ()) -> list[Label]:
    """A label for each dot that has room for one, in the order of the dots."""
    fixed = [*taken, *((dot.x - dot.size, dot.y - dot.size, dot.x + dot.size, dot.y + dot.size) for dot in dots)]
    found: dict[str, Label] = {}
    for size, most in ((LARGE, FEW), (SMALL, len(dots))):
        boxes = fixed + [_box(one, size) for one in found.values()]
        for dot in dots:
            label = None if dot.key in found or len(found) >= most else _free(dot, size, height, boxes)
            if label:
                found[dot.key] = label
                boxes.append(_box(label, size))
    return list(found.values())


def _free(dot: Dot, size: float, height: float, boxes: Sequence[Box]) -> Label | None:
    """The first place beside a dot where a label lies on nothing else."""
    for label in _beside(dot, size):
        box = _box(label, size)
        if _inside(box, height) and not any(_meet(box, other) for other in boxes):
            return label
    return None


def _beside(dot: Dot, size: float) -> Iterator[Label]:
    gap, minor = dot.size + 5, size == SMALL
    yield Label(dot.x + gap, dot.y, "start", dot.label, minor)
    yield Label(dot.x - gap, dot.y, "end", dot.label, minor)
    yield Label(dot.x, dot.y - gap - size / 2, "middle", dot.label, minor)
    yield Label(dot.x, dot.y + gap + size / 2, "middle", dot.label, minor)


def _box(label: Label, size: float) -> Box:
    width = GLYPH * size * len(label.text)
    left = {"start": label.x, "end": label.x - width, "middle": label.x - width / 2}[label.anchor]
    return left, label.y - size * 0.6, left + width, label.y + size * 0.6


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _inside(box: Box, height: float) -> bool:
    return box[0] >= 4 and box[2] <= WIDTH - 4 and box[1] >= 4 and box[3] <= height - 4


def _fitted(dots: Sequence[Dot], height: float) -> list[Dot]:
    """The dots, turned so that their longest extent lies flat, and spread over the box of the figure."""
    if not dots:
        return []
    dots = [replace(dot, x=x, y=y) for dot, (x, y) in zip(dots, _flat([(dot.x, dot.y) for dot in dots]), strict=True)]
    (left, right), (top, bottom) = _range([dot.x for dot in dots]), _range([dot.y for dot in dots])
    across, down = (WIDTH - 2 * MARGIN) / (right - left), (height - MARGIN) / (bottom - top)
    return [replace(dot, x=MARGIN + (dot.x - left) * across, y=MARGIN / 2 + (dot.y - top) * down) for dot in dots]


def _flat(points: Sequence[Point]) -> list[Point]:
    """The points about their middle, turned onto their principal axis."""
    middle_x, middle_y = (sum(point[at] for point in points) / len(points) for at in (0, 1))
    moved = [(x - middle_x, y - middle_y) for x, y in points]
    across, down, both = (sum(f(x, y) for x, y in moved) for f in (lambda x, _: x * x, lambda _, y: y * y, mul))
    angle = atan2(2 * both, across - down) / 2
    return [(x * cos(angle) + y * sin(angle), y * cos(angle) - x * sin(angle)) for x, y in moved]


def _range(values: Sequence[float]) -> Point:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 1, high + 1)


def _apart(dots: Sequence[Dot], height: float) -> list[Dot]:
    """Push dots apart until none lies on another, each by the half, and always in the same way."""
    at = [(dot.x, dot.y) for dot in dots]
    sizes = [dot.size for dot in dots]
    for _ in range(TURNS):
        before = list(at)
        for one, other in combinations(range(len(dots)), 2):
            at[one], at[other] = _pushed(at[one], at[other], sizes[one] + sizes[other] + APART, other)
        at = [_kept(point, size, height) for point, size in zip(at, sizes, strict=True)]
        if at == before:
            break
    return [replace(dot, x=x, y=y) for dot, (x, y) in zip(dots, at, strict=True)]


def _pushed(one: Point, other: Point, least: float, number: int) -> tuple[Point, Point]:
    """Two points, moved to be `least` apart if they are nearer; those at one point in a direction of their own."""
    x, y = one[0] - other[0], one[1] - other[1]
    distance = hypot(x, y)
    if distance >= least:
        return one, other
    by = (least - distance) / 2
    x, y = (x / distance, y / distance) if distance else (cos(number * GOLDEN), sin(number * GOLDEN))
    return (one[0] + x * by, one[1] + y * by), (other[0] - x * by, other[1] - y * by)


def _kept(point: Point, size: float, height: float) -> Point:
    return (min(max(point[0], size + 2), WIDTH - size - 2), min(max(point[1], size + 2), height - size - 2))


def _polygon(names: Sequence[str], radius: float, room: float) -> tuple[dict[str, Point], float]:
    """The corners of an even figure with one corner up, and the height that it needs with `room` about it."""
    angles = [2 * pi * at / len(names) - pi / 2 for at in range(len(names))]
    spots = [(WIDTH / 2 + radius * cos(angle), radius * sin(angle)) for angle in angles]
    top = min((y for _, y in spots), default=0.0) - room
    height = max((y for _, y in spots), default=0.0) + room - top
    return {name: (x, y - top) for name, (x, y) in zip(names, spots, strict=True)}, height


def _corner(at: Point, text: str, height: float) -> Label:
    anchor = "middle" if abs(at[0] - WIDTH / 2) < 1 else "start" if at[0] < WIDTH / 2 else "end"
    x = {"middle": at[0], "start": 10.0, "end": WIDTH - 10}[anchor]
    return Label(x, at[1] - NAME if at[1] < height / 2 else at[1] + NAME, anchor, text)


def _on(dot: Dot, turn: float) -> Point:
    angle = 2 * pi * turn - pi / 2
    return dot.x + dot.size * cos(angle), dot.y + dot.size * sin(angle)


def _written(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"
