"""The footnotes of a brief: what each number rests on, in words, with the addresses where it can be read again.

Every address names the release, so that it shows the same for as long as the release is kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from markupsafe import Markup
from pyoxigraph import NamedNode

from graph.brief import NAMED, Number, Question, Source, Worked
from graph.field import Figure
from graph.namespaces import entity
from service.asked import Asked
from service.languages import gettext, ngettext
from service.parameters import RELEASE


@dataclass(frozen=True)
class Note:
    """One footnote: its number, what it says, what is done with the answers of its addresses, and these."""

    number: int
    text: str
    how: str
    addresses: tuple[str, ...]


class Notes:
    """The notes of one brief, in the order in which they are first referred to; the same evidence is one note."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._numbers: dict[Source | Worked, int] = {}
        self.all: list[Note] = []

    def number(self, number: Number) -> Markup:
        """A number with the mark of its note."""
        return self.marked(str(number.value), number.source)

    def marked(self, text: str, source: Source | Worked) -> Markup:
        """A text with the mark of the note that says what it rests on."""
        return Markup('<b>{}</b><sup><a href="#note-{}">[{}]</a></sup>').format(text, *[self.of(source)] * 2)

    def of(self, source: Source | Worked) -> int:
        """The number of the note about a source."""
        if source not in self._numbers:
            self._numbers[source] = len(self.all) + 1
            self.all.append(self._note(len(self.all) + 1, source))
        return self._numbers[source]

    def _note(self, number: int, source: Source | Worked) -> Note:
        if isinstance(source, Worked):
            return Note(number, gap_words(self._asked, source), "gap", (self._address(source.question),))
        text = HOW[source.how]() % {"day": self._asked.view.field.stale_since.isoformat()}
        return Note(number, text, source.how, tuple(map(self._address, source.questions)))

    def _address(self, question: Question) -> str:
        arguments = {**dict(question.arguments), RELEASE.name: str(self._asked.view.release.number)}
        return f"/{quote(question.of)}?{urlencode(arguments)}"


HOW: Final[Mapping[str, Callable[[], str]]] = {
    "count": lambda: gettext("Counted:"),
    "less": lambda: gettext("The first without the second:"),
    "sum": lambda: gettext("Together:"),
    "both": lambda: gettext("Needed, and missing, transferable or stale, in two of these at least:"),
    "brought": lambda: gettext("Missing, transferable or stale in the first, with a supply in the second:"),
    "supply": lambda: gettext("The supply of this gap:"),
    "offered": lambda: gettext("The different current offerings in the evidence of these gaps:"),
    "providers": lambda: gettext("Who gives the current offerings in the evidence of these gaps:"),
    "current": lambda: gettext("Those of this list last known of after %(day)s, or undated:"),
    "taught": lambda: gettext(
        "Current offerings of the first list, in the evidence of the second, and whose the others there are:"
    ),
    "said": lambda: gettext("Stated here:"),
}
"""What is done with the lists whose addresses follow."""


def gap_words(asked: Asked, worked: Worked) -> str:
    """The evidence of one gap: surveys with year and respondents, or roles, and what was counted as supply."""
    supply = ngettext(
        "Supply: %(supply)s current offering open to the sector.",
        "Supply: %(supply)s current offerings open to the sector.",
        worked.gap.supply,
        supply=worked.gap.supply,
    )
    return f"{_demand(asked, worked)} {supply}"


def _demand(asked: Asked, worked: Worked) -> str:
    if worked.gap.demand is None:
        text: str = gettext("No survey figure and no role speaks of the demand: it is not known, which is not zero.")
        return text
    if worked.figures:
        found = {one.survey: one for one in worked.figures}
        kind = asked.label(entity("need-kind", worked.gap.kind or ""))
        surveys = "; ".join(_survey(asked, one) for one in found.values())
        text = gettext("Demand by survey (%(kind)s): %(surveys)s.", kind=kind, surveys=surveys)
        return text
    text = gettext(
        "Demand by roles, an optional requirement counting half: of %(all)s roles of the sector, %(roles)s require it"
        " (%(names)s).",
        all=worked.roles,
        roles=len(worked.gap.roles),
        names=_names(asked, worked.gap.roles),
    )
    return text


def _survey(asked: Asked, figure: Figure) -> str:
    named = {"survey": asked.label(figure.survey), "year": figure.year or gettext("year not stated")}
    if figure.respondents is None:
        text: str = gettext("%(survey)s, %(year)s, respondents not stated", **named)
        return text
    text = gettext("%(survey)s, %(year)s, %(respondents)s respondents", **named, respondents=figure.respondents)
    return text


def _names(asked: Asked, things: tuple[NamedNode, ...]) -> str:
    names = ", ".join(asked.label(one) for one in things[:NAMED])
    rest = len(things) - NAMED
    if rest <= 0:
        return names
    text: str = ngettext("%(names)s and %(rest)s more", "%(names)s and %(rest)s more", rest, names=names, rest=rest)
    return text
