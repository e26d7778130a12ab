"""What a submission would change, in plain sentences: for the page, the terminal and programs alike.

A sentence is made of pieces: words, and things that a page can link to.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final, TypeVar

from graph.impact import (
    ADDED,
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
from service.languages import Names, counted, decimal, gettext, marked, ngettext, pgettext

Sentence = tuple[str | Thing, ...]
T = TypeVar("T")
NOUNS: Final = {
    "gap": counted("gap", "gaps"),
    "other gap": counted("other gap", "other gaps"),
    "area": counted("area", "areas"),
    "competency": counted("competency", "competencies"),
    "framework": counted("framework", "frameworks"),
    "label": counted("label", "labels"),
    "mapping": counted("mapping", "mappings"),
    "need": counted("need", "needs"),
    "offering": counted("offering", "offerings"),
    "provider": counted("provider", "providers"),
    "requirement": counted("requirement", "requirements"),
    "role": counted("role", "roles"),
    "session": counted("session", "sessions"),
    "survey": counted("survey", "surveys"),
}
THERE: Final = counted("%(things)s is probably there already:", "%(things)s are probably there already:")
TWICE: Final = counted("%(things)s is probably there twice:", "%(things)s are probably there twice:")
EFFECTS: Final = Names(
    {CLOSED: marked("closed"), OPENED: marked("opened"), CHANGED: marked("changed"), ADDED: marked("added")}
)
NAMED: Final = 3  # of many, so many are named in a sentence


def sentences(impact: Impact) -> list[Sentence]:
    """What is worth knowing first: gaps, offerings, duplicates, what is not known, and how much is new."""
    return [
        *_gaps(impact),
        *_offerings(impact.new_offerings, impact.audiences),
        *_duplicates(impact.duplicates),
        *_unknown(impact.unknown),
        *(
            [(gettext("%(number)s more of these are not named.", number=decimal(impact.left_out)),)]
            if impact.left_out
            else []
        ),
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
        yield (gettext("What becomes of the gaps was not reckoned: %(reason)s.", reason=impact.reason),)
        return
    closed, opened = impact.gaps_that_are(CLOSED), impact.gaps_that_are(OPENED)
    yield _listed(gettext("Closes"), closed, "gap") if closed else (gettext("Closes no gap."),)
    yield _listed(gettext("Opens"), opened, "gap") if opened else (gettext("Opens none."),)
    if changed := impact.gaps_that_are(CHANGED):
        yield _listed(pgettext("it does", "Changes"), changed, "other gap" if closed or opened else "gap")


def _gap(change: GapChange) -> Sentence:
    name = gettext(
        "%(competency)s in %(sector)s", competency=change.competency.label, sector=change.sector.label.lower()
    )
    return (Thing(change.iri, name, change.before is not None), f" ({_course(change.before, change.after)})")


def _course(before: Standing | None, after: Standing) -> str:
    """How a gap comes to stand: its state, or its figures if it stays in it."""
    if before is None or before.state != after.state:
        states = [STATE_WORDS[one.state].lower() for one in (before, after) if one]
        return f" {gettext('to')} ".join(states)
    if before.supply != after.supply:
        moved = gettext("supply %(before)s to %(after)s", before=before.supply, after=after.supply)
    else:
        moved = gettext("score %(before)s to %(after)s", before=before.score, after=after.score)
    return f"{STATE_WORDS[after.state].lower()}, {moved}"


def _offerings(new: int, audiences: Sequence[Audience]) -> Iterator[Sentence]:
    if new:
        groups = [f"{decimal(one.offerings)} {_audience(one)}" for one in audiences]
        yield (f"{gettext('Adds')} {_number(new, 'offering')}: {', '.join(groups)}.",)


def _audience(audience: Audience) -> str:
    if audience.sector is None:
        return str(gettext("open to every sector"))
    return str(gettext("for %(sector)s", sector=audience.sector.label.lower()))


def _duplicates(duplicates: Sequence[Duplicate]) -> Iterator[Sentence]:
    for kind in dict.fromkeys(one.kind for one in duplicates):
        own = [one for one in duplicates if one.kind == kind]
        there, twice = [one for one in own if one.like.known], [one for one in own if not one.like.known]
        for pairs, (single, plural) in ((there, THERE), (twice, TWICE)):
            if pairs:
                number = len({one.entity.iri for one in pairs})
                said = ngettext(single, plural, number, things=_number(number, kind))
                yield (f"{said} ", *_enumerated(pairs, _pair), ".")


def _pair(one: Duplicate) -> Sentence:
    return (one.entity, f" ({_slug(one.entity.iri)}) {gettext('is like')} ", one.like, f" ({_slug(one.like.iri)})")


def _unknown(unknown: Sequence[Unknown]) -> Iterator[Sentence]:
    for kind in dict.fromkeys(one.kind for one in unknown):
        own = [one for one in unknown if one.kind == kind]
        things = _number(len(own), kind)
        said = ngettext("%(things)s is not known:", "%(things)s are not known:", len(own), things=things)
        yield (f"{said} ", *_enumerated(own, _stranger), ".")


def _stranger(one: Unknown) -> Sentence:
    nearest = (f" ({gettext('the nearest is')} ", one.nearest, f", {_slug(one.nearest.iri)})") if one.nearest else ()
    return (f"“{_slug(one.iri)}”", *nearest)


def _slug(iri: str) -> str:
    return (kind_and_slug(iri) or ("", iri))[1]


def _counts(entities: Sequence[Count]) -> Iterator[Sentence]:
    for title, name in (
        (gettext("New"), "new"),
        (gettext("Described anew"), "changed"),
        (gettext("As it was"), "unchanged"),
    ):
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
        yield " " + gettext("and %(number)s more", number=decimal(len(things) - NAMED))


def _number(number: int, noun: str) -> str:
    single, plural = NOUNS[noun]
    return f"{decimal(number)} {ngettext(single, plural, number)}"
