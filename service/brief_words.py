"""A brief in words: its statements as sentences, in paragraphs, with numbers that bear the marks of their notes."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from markupsafe import Markup
from pyoxigraph import NamedNode

from graph.brief import Brief, Statement
from service.asked import Asked
from service.brief_notes import Notes
from service.brief_sentences import IN_REGION, SENTENCES
from service.pages import link

CASE: Final = "case"
BASIS: Final = "basis"
UNKNOWN: Final = "unknown"
PARTS: Final = {"figures": BASIS, "survey": BASIS, "no-survey": BASIS, "unknown": UNKNOWN, "not-known": UNKNOWN}
"""The part of a brief that a statement belongs to, where it is not the case itself."""

APART: Final = ("joint", "no-joint", "near", "nearby")
"""What is said in a paragraph of its own."""


@dataclass(frozen=True)
class Said:
    """A statement as a sentence."""

    statement: Statement
    sentence: Markup


@dataclass(frozen=True)
class Paragraph:
    """Sentences that belong together, and the sector they are about where a brief is about several."""

    part: str
    sector: NamedNode | None
    topic: str
    said: tuple[Said, ...]


def paragraphs(asked: Asked, brief: Brief, notes: Notes) -> list[Paragraph]:
    """The statements of a brief as sentences, those about one sector together."""
    said = [Said(one, sentence(asked, brief, one, notes)) for one in brief.statements]
    return [Paragraph(*key, tuple(group)) for key, group in groupby(said, lambda one: _place(brief, one.statement))]


def sentence(asked: Asked, brief: Brief, statement: Statement, notes: Notes) -> Markup:
    """A statement in words, in the language of the page."""
    shown = {name: notes.number(number) for name, number in statement.numbers.items()}
    shown |= {name: _listed(link(asked, one) for one in things) for name, things in statement.terms.items()}
    counts = {name: number.value for name, number in statement.numbers.items()}
    told = (IN_REGION if brief.region else {}).get(statement.name) or SENTENCES[statement.name]
    return Markup(told(counts, shown))  # what is put into it is escaped, and its words are our own


def _place(brief: Brief, statement: Statement) -> tuple[str, NamedNode | None, str]:
    sectors = statement.terms.get("sector", ())
    part = PARTS.get(statement.name, CASE)
    of_sector = brief.kind != "sector" and part == CASE and sectors
    return part, sectors[0] if of_sector else None, statement.name if statement.name in APART else ""


def _listed(things: Iterable[Markup]) -> Markup:
    return Markup(", ").join(things)
