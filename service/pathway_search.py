"""Which way is asked for: the parameters of `/pathways`, and what they find in the release."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from pyoxigraph import NamedNode

from graph.field import slug
from graph.parameters import Parameter
from graph.pathways import BY, Carried, Choice, Limits, Supply, Uncovered, Way, audience_of, compared
from graph.role_requirements import Requirement, required_by
from service.gap_search import PARAMETERS as OF_GAPS
from service.gap_search import supply_filter
from service.operation import Asked
from service.parameters import LANG, SECTOR

FROM: Final = Parameter("from", "iri", "The role held now.", kind="role", example="librarian")
TO: Final = Parameter("to", "iri", "The role wanted.", kind="role", example="archivist")
HAVE: Final = Parameter(
    "have",
    "iris",
    "What the reader can already: competencies, separated by commas; with `from`, both together.",
    kind="competency",
    example="digitization",
    personal=True,
)
WANT: Final = Parameter(
    "want",
    "iris",
    "What is wanted: competencies, separated by commas; with `to`, both together.",
    kind="competency",
    example="disaster-planning-and-response",
)
CURRENCY: Final = Parameter(
    "currency",
    "text",
    "With `by=cost`: the currency whose prices are compared; without it, the one that most prices are in.",
    example="USD",
)
OPTIONAL: Final = Parameter(
    "optional",
    "boolean",
    "Whether to look for what is optional in the role wanted, too; if false, for what is essential only.",
    default="true",
)
UNTIL: Final = Parameter(
    "until",
    "date",
    "Count only offerings that can be over by this day: self-paced ones, and those with a session still to come that "
    "ends by then.",
    example="2027-06-30",
)
LIMITS: Final = ("level", "mode", "region", "language", "free", "upcoming")
PARAMETERS: Final = (
    FROM,
    HAVE,
    TO,
    WANT,
    OPTIONAL,
    Parameter("by", "enumeration", "What the set has least of: offerings, or cost.", default=BY[0], enumeration=BY),
    CURRENCY,
    replace(SECTOR, description="Offerings that are open to this sector; without it, to a sector of the role wanted."),
    *(one for one in OF_GAPS if one.name in LIMITS),
    UNTIL,
    LANG,
)
CODE_LENGTH: Final = 3  # ISO 4217


@dataclass(frozen=True)
class Step:
    """One competency that is wanted, and what becomes of it: carried, missing, uncovered, or not sought."""

    wanted: Requirement
    state: str
    carried: Carried | None = None
    choices: tuple[Choice, ...] = ()
    uncovered: Uncovered | None = None


@dataclass(frozen=True)
class Pathway:
    """The answer: each competency that is wanted, the essential ones first, and the set of offerings.

    `sectors` are those that an offering has to be open to one of; none if any will do.
    """

    steps: tuple[Step, ...]
    way: Way
    sectors: tuple[NamedNode, ...]

    def of(self, state: str) -> list[Step]:
        """The competencies in a state."""
        return [one for one in self.steps if one.state == state]


def find_pathway(asked: Asked) -> Pathway:
    """The way that is asked for. Raises InvalidParameter for one that leads nowhere."""
    held_role, wanted_role = asked.iri(FROM.name), asked.iri(TO.name)
    if wanted_role is not None and wanted_role == held_role:
        raise TO.refusal(slug(wanted_role), "this is the role that is held already: choose another one.")
    by, currency, sectors = asked.text("by") or BY[0], _currency(asked), sectors_of_way(asked)
    wanted = _in_order(asked, _together(asked, TO, WANT))
    carried, missing = compared(asked.view.dataset, wanted, _together(asked, FROM, HAVE))
    sought = [one for one in missing if one.essential or asked.flag("optional") is not False]
    until, audience = asked.text("until"), audience_of(asked.view.field, sectors) if sectors else None
    limits = Limits(supply_filter(asked), audience, date.fromisoformat(until) if until else None)
    supply = Supply(asked.view.dataset, asked.view.coverage, asked.view.field, limits)
    way = supply.way([one.competency for one in sought], by, currency)
    held = {one.wanted.competency: one for one in carried}
    steps = tuple(_step(one, held.get(iri), way, one in sought) for iri, one in wanted.items())
    return Pathway(steps, way, tuple(sectors))


def sectors_of_way(asked: Asked) -> Sequence[NamedNode]:
    """The sector asked for, else those of the role wanted; none if no role is wanted, or its sectors are not known."""
    sector, role = asked.iri("sector"), asked.iri(TO.name)
    if sector is not None:
        return [sector]
    return sorted(asked.view.field.role_sectors.get(role, ()), key=str) if role else []


def _together(asked: Asked, role: Parameter, several: Parameter) -> dict[NamedNode, Requirement]:
    """What a role requires, and what is named one by one, which counts as essential."""
    iri = asked.iri(role.name)
    found = required_by(asked.view.dataset, iri) if iri else {}
    named = {one: replace(found.get(one, Requirement(one)), essential=True) for one in asked.iris(several)}
    return found | named


def _in_order(asked: Asked, wanted: Mapping[NamedNode, Requirement]) -> dict[NamedNode, Requirement]:
    key = {iri: (not one.essential, asked.label(iri).casefold(), iri.value) for iri, one in wanted.items()}
    return {iri: wanted[iri] for iri in sorted(wanted, key=key.__getitem__)}


def _step(wanted: Requirement, carried: Carried | None, way: Way, sought: bool) -> Step:
    iri = wanted.competency
    if carried is not None:
        return Step(wanted, "carried", carried)
    if not sought:
        return Step(wanted, "not-sought")
    uncovered = next((one for one in way.uncovered if one.competency == iri), None)
    if uncovered is not None:
        return Step(wanted, "uncovered", uncovered=uncovered)
    return Step(wanted, "missing", choices=tuple(one for one in way.choices if iri in one.teaches))


def _currency(asked: Asked) -> str | None:
    """The currency asked for, by its code. Raises InvalidParameter for what is no code."""
    text = (asked.text(CURRENCY.name) or "").upper()
    if text and not (len(text) == CODE_LENGTH and text.isascii() and text.isalpha()):
        raise CURRENCY.refusal(text, f"`{text}` is not a currency; write its code of three letters, such as USD.")
    return text or None
