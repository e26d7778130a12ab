"""What happened to a thing, in words."""

from typing import Final

from graph.changes import Changed
from graph.differences import Change
from graph.field import slug
from service.choices import STATE_WORDS

SUPPLIED: Final = ("thin", "covered")
"""The states of a gap in which somebody teaches the competency to the sector: it is closed."""

HAPPENED: Final = {Change.CREATED: "added", Change.UPDATED: "changed", Change.WITHDRAWN: "withdrawn"}


def said(one: Changed) -> str:
    """What happened, in words that follow the name of the thing."""
    if one.replaced_by is not None:
        return f"merged into {slug(one.replaced_by)}"
    if one.kind != "gap" or one.change is not Change.UPDATED:
        return HAPPENED[one.change]
    if one.state == one.state_before:
        return "same state, other evidence"
    words = turn(one)
    return f"{words}: {_states(one)}" if words in ("closed", "opened") else _states(one)


def turn(one: Changed) -> str:
    """What became of a gap: it was closed, opened, changed otherwise, is new, or was withdrawn."""
    if one.change is not Change.UPDATED:
        return "new" if one.change is Change.CREATED else "withdrawn"
    before, now = one.state_before in SUPPLIED, one.state in SUPPLIED
    return "changed" if before == now else "closed" if now else "opened"


def turned(one: Changed) -> str:
    """What became of a gap and between which states: `closed, missing before, thin now`."""
    return f"{turn(one)}, {_states(one)}"


def _states(one: Changed) -> str:
    before, now = (STATE_WORDS.get(state, "").lower() for state in (one.state_before, one.state))
    return ", ".join(filter(None, (before and f"{before} before", now and f"{now} now")))
