"""What a submission would change, in plain sentences: for the page, the terminal and programs alike.

A sentence is made of pieces: words, and things that a page can link to.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final, TypeVar

from graph.impact import (
    CHANGED,
    CLOSED,
    OPENED,
    Audience,
    Count,
    Duplicate,
    GapChange,
    Impact,
    Standing,
    Thing,
    Unknown,
)
from graph.namespaces import kind_and_slug
from service.choices import STATE_WORDS

Sentence = tuple[str | Thing, ...]
T = TypeVar("T")
NAMED: Final = 3  # of many, so many are named in a sentence


def sentences(impact: Impact) -> list[Sentence]:
    """What is worth knowing first: gaps, offerings, duplicates, what is not known, and how much is new."""
    return [
        *_gaps(impact),
        *_offerings(impact.new_offerings, impact.audiences),
        *_duplicates(impact.duplicates),
        *_unknown(impact.unknown),
        *([(f"{impact.left_out:,} more of these are not named.",)] if impact.left_out else []),
        *_counts(impact.entities),
    ]


def plain(sentence: Sentence) -> str:
    """A sentence as text."""
    return "".join(piece.label if isinstance(piece, Thing) else piece for piece in sentence)


def impact_members(impact: Impact | None) -> dict[str, Any] | None:
    """The impact as an object of JSON, with its sentences."""
    if impact is None:
        return None
    return {"summary": [plain(one) for one in sentences(impact)], **asdict(impact)}


def _gaps(impact: Impact) -> Iterator[Sentence]:
    if not impact.reckoned:
        yield (f"What becomes of the gaps was not reckoned: {impact.reason}.",)
        return
    closed, opened = impact.gaps_that_are(CLOSED), impact.gaps_that_are(OPENED)
    yield _listed("Closes", closed, "gap") if closed else ("Closes no gap.",)
    yield _listed("Opens", opened, "gap") if opened else ("Opens none.",)
    if changed := impact.gaps_that_are(CHANGED):
        yield _listed("Changes", changed, "other gap" if closed or opened else "gap")


def _gap(change: GapChange) -> Sentence:
    name = f"{change.competency.label} in {change.sector.label.lower()}"
    return (Thing(change.iri, name, change.before is not None), f" ({_course(change.before, change.after)})")


def _course(before: Standing | None, after: Standing) -> str:
    """How a gap comes to stand: its state, or its figures if it stays in it."""
    if before is None or before.state != after.state:
        states = [STATE_WORDS[one.state].lower() for one in (before, after) if one]
        return " to ".join(states)
    if before.supply != after.supply:
        return f"{STATE_WORDS[after.state].lower()}, supply {before.supply} to {after.supply}"
    return f"{STATE_WORDS[after.state].lower()}, score {before.score} to {after.score}"


def _offerings(new: int, audiences: Sequence[Audience]) -> Iterator[Sentence]:
    if new:
        groups = [f"{one.offerings:,} {_audience(one)}" for one in audiences]
        yield (f"Adds {_number(new, 'offering')}: {', '.join(groups)}.",)


def _audience(audience: Audience) -> str:
    return f"for {audience.sector.label.lower()}" if audience.sector else "open to every sector"


def _duplicates(duplicates: Sequence[Duplicate]) -> Iterator[Sentence]:
    for kind in dict.fromkeys(one.kind for one in duplicates):
        own = [one for one in duplicates if one.kind == kind]
        there, twice = [one for one in own if one.like.known], [one for one in own if not one.like.known]
        for pairs, ending in ((there, "already"), (twice, "twice")):
            if pairs:
                number = len({one.entity.iri for one in pairs})
                verb = "is" if number == 1 else "are"
                yield (f"{_number(number, kind)} {verb} probably there {ending}: ", *_enumerated(pairs, _pair), ".")


def _pair(one: Duplicate) -> Sentence:
    return (one.entity, f" ({_slug(one.entity.iri)}) is like ", one.like, f" ({_slug(one.like.iri)})")


def _unknown(unknown: Sequence[Unknown]) -> Iterator[Sentence]:
    for kind in dict.fromkeys(one.kind for one in unknown):
        own = [one for one in unknown if one.kind == kind]
        verb = "is" if len(own) == 1 else "are"
        yield (f"{_number(len(own), kind)} {verb} not known: ", *_enumerated(own, _stranger), ".")


def _stranger(one: Unknown) -> Sentence:
    nearest = (" (the nearest is ", one.nearest, f", {_slug(one.nearest.iri)})") if one.nearest else ()
    return (f"“{_slug(one.iri)}”", *nearest)


def _slug(iri: str) -> str:
    return (kind_and_slug(iri) or ("", iri))[1]


def _counts(entities: Sequence[Count]) -> Iterator[Sentence]:
    for title, name in (("New", "new"), ("Described anew", "changed"), ("As it was", "unchanged")):
        counted = [(getattr(one, name), one.kind) for one in entities]
        if any(number for number, _ in counted):
            yield (f"{title}: {', '.join(_number(number, kind) for number, kind in counted if number)}.",)


def _listed(verb: str, changes: Sequence[GapChange], noun: str) -> Sentence:
    return (f"{verb} {_number(len(changes), noun)}: ", *_enumerated(changes, _gap), ".")


def _enumerated(things: Sequence[T], say: Callable[[T], Sentence]) -> Iterator[str | Thing]:
    """The first things, and how many more there are."""
    for at, one in enumerate(things[:NAMED]):
        yield from ((", ",) if at else ())
        yield from say(one)
    if len(things) > NAMED:
        yield f" and {len(things) - NAMED:,} more"


def _number(number: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("cy") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"
