"""The sentences of a brief: one for each name of a statement, whole, so that each can be translated.

A sentence is given its numbers with the marks of their notes, and its things as links. It says what the figures bear
and no more: what is not known is not zero, and a count of what this graph knows is no share of a market.
"""

from collections.abc import Callable, Mapping
from typing import Final

from markupsafe import Markup, escape

from service.languages import gettext, ngettext

Counts = Mapping[str, int]
Shown = Mapping[str, Markup]
Sentence = Callable[[Counts, Shown], str]


def _known(counts: Counts, shown: Shown) -> str:
    text = ngettext(
        "The demand is known for %(known)s of %(total)s competency.",
        "The demand is known for %(known)s of %(total)s competencies.",
        counts["total"],
        **shown,
    )
    more = ngettext(
        "For %(survey)s of them it comes from a survey, for the others from what the roles of the sector require.",
        "For %(survey)s of them it comes from surveys, for the others from what the roles of the sector require.",
        counts["survey"],
        **shown,
    )
    return f"{text} {more}"


def _uncovered(counts: Counts, shown: Shown) -> str:
    text: str = ngettext(
        "For %(uncovered)s of these nothing current is open to the sector: %(missing)s that nobody is known to teach,"
        " %(transferable)s taught for another sector only, %(stale)s last seen too long ago to count.",
        "For %(uncovered)s of these nothing current is open to the sector: %(missing)s that nobody is known to teach,"
        " %(transferable)s taught for another sector only, %(stale)s last seen too long ago to count.",
        counts["uncovered"],
        **shown,
    )
    return text


def _uncovered_in_region(counts: Counts, shown: Shown) -> str:
    text: str = ngettext(
        "For %(uncovered)s of these no provider of the region has anything current that is open to the sector:"
        " %(missing)s that none is known to teach, %(transferable)s taught for another sector only, %(stale)s last"
        " seen too long ago to count.",
        "For %(uncovered)s of these no provider of the region has anything current that is open to the sector:"
        " %(missing)s that none is known to teach, %(transferable)s taught for another sector only, %(stale)s last"
        " seen too long ago to count.",
        counts["uncovered"],
        **shown,
    )
    return text


def _joint(counts: Counts, shown: Shown) -> str:
    text: str = ngettext(
        "%(joint)s competency is needed by two sectors or more of which none has a current offering open to it: a case"
        " for two to make together. It is %(competencies)s.",
        "%(joint)s competencies are each needed by two sectors or more of which none has a current offering open to it:"
        " a case for two to make together. Those with the highest demand: %(competencies)s.",
        counts["joint"],
        **shown,
    )
    return text


def _joint_here(counts: Counts, shown: Shown) -> str:
    text: str = ngettext(
        "Of those of which nothing is open, %(joint)s is needed in another sector too, to which nothing is open"
        " either: a case for two to make together. It is %(competencies)s.",
        "Of those of which nothing is open, %(joint)s are needed in another sector too, to which nothing is open"
        " either: a case for two to make together. Those with the highest demand: %(competencies)s.",
        counts["joint"],
        **shown,
    )
    return text


def _near(counts: Counts, shown: Shown) -> str:
    text: str = ngettext(
        "%(provider)s teaches in the same areas today (%(offerings)s offering of it is known, whatever its date).",
        "%(provider)s teaches in the same areas today (%(offerings)s offerings of it are known, whatever their date).",
        counts["offerings"],
        **shown,
    )
    return text


def _survey(counts: Counts, shown: Shown) -> str:
    if "year" not in shown:
        shown = {**shown, "year": escape(gettext("year not stated"))}
    if "respondents" not in shown:
        text: str = gettext(
            "The demand of a gap shown here comes from %(survey)s (%(year)s; how many answered is not stated).", **shown
        )
        return text
    text = ngettext(
        "The demand of a gap shown here comes from %(survey)s (%(year)s; %(respondents)s respondent).",
        "The demand of a gap shown here comes from %(survey)s (%(year)s; %(respondents)s respondents).",
        counts["respondents"],
        **shown,
    )
    return text


def _offered(counts: Counts, shown: Shown) -> str:
    offerings = ngettext(
        "%(offerings)s current offering is known",
        "%(offerings)s current offerings are known",
        counts["offerings"],
        **shown,
    )
    text: str = ngettext(
        "%(known)s, given by %(providers)s provider.",
        "%(known)s, given by %(providers)s providers.",
        counts["providers"],
        known=offerings,
        **shown,
    )
    return text


def _teaches(counts: Counts, shown: Shown) -> str:
    offerings = ngettext(
        "Of this provider %(offerings)s offering is known;",
        "Of this provider %(offerings)s offerings are known;",
        counts["offerings"],
        **shown,
    )
    current = ngettext(
        "%(current)s of them is current.", "%(current)s of them are current.", counts["current"], **shown
    )
    taught = ngettext(
        "What is current teaches %(competencies)s competency.",
        "What is current teaches %(competencies)s competencies.",
        counts["competencies"],
        **shown,
    )
    return f"{offerings} {current} {taught}"


SENTENCES: Final[Mapping[str, Sentence]] = {
    "known": _known,
    "nothing-known": lambda counts, shown: ngettext(
        "Of the %(total)s competency looked at, the demand in this sector is not known: neither a survey nor a role"
        " speaks of it. That is not a demand of zero.",
        "Of the %(total)s competencies looked at, the demand in this sector is known for none: neither a survey nor a"
        " role speaks of them. That is not a demand of zero.",
        counts["total"],
        **shown,
    ),
    "uncovered": _uncovered,
    "all-covered": lambda counts, shown: ngettext(
        "For it (%(known)s) something current is open to the sector.",
        "For all of them (%(known)s) something current is open to the sector.",
        counts["known"],
        **shown,
    ),
    "thin": lambda counts, shown: ngettext(
        "Beside these, for %(thin)s all that is open to the sector is of one provider.",
        "Beside these, for %(thin)s all that is open to the sector is of one provider each.",
        counts["thin"],
        **shown,
    ),
    "joint": lambda counts, shown: (_joint_here if shown["sector"] else _joint)(counts, shown),
    "no-joint": lambda counts, shown: gettext(
        "There is nothing (%(joint)s) that two sectors need and neither has a current offering open to it.", **shown
    ),
    "brought": lambda counts, shown: ngettext(
        "For %(brought)s of them a provider elsewhere has something that is open to the sector.",
        "For %(brought)s of them providers elsewhere have something that is open to the sector.",
        counts["brought"],
        **shown,
    ),
    "near": _near,
    "figures": lambda counts, shown: ngettext(
        "In all, %(figures)s survey figure is known for this sector, of every kind.",
        "In all, %(figures)s survey figures are known for this sector, of every kind.",
        counts["figures"],
        **shown,
    ),
    "survey": _survey,
    "no-survey": lambda counts, shown: gettext(
        "No survey figure stands behind the gaps shown here: their demand is what the roles of the sector require."
    ),
    "unknown": lambda counts, shown: ngettext(
        "%(sector)s: for %(unknown)s competency the demand is not known. That is not a demand of zero.",
        "%(sector)s: for %(unknown)s competencies the demand is not known. That is not a demand of zero.",
        counts["unknown"],
        **shown,
    ),
    "not-known": lambda counts, shown: gettext(
        "%(sector)s: no survey figure and no role speaks of it. The demand is not known, which is not zero.", **shown
    ),
    "required": lambda counts, shown: ngettext(
        "%(roles)s role requires it.", "%(roles)s roles require it.", counts["roles"], **shown
    ),
    "not-required": lambda counts, shown: gettext("No role that is known requires it."),
    "offered": _offered,
    "not-offered": lambda counts, shown: gettext("No current offering is known."),
    "teaches": _teaches,
    "teaches-nothing": lambda counts, shown: ngettext(
        "Of this provider %(offerings)s offering is known; nothing current of it teaches a competency of this graph.",
        "Of this provider %(offerings)s offerings are known; nothing current of it teaches a competency of this graph.",
        counts["offerings"],
        **shown,
    ),
    "alone": lambda counts, shown: ngettext(
        "%(alone)s of these nobody else is known to teach today: %(competencies)s.",
        "%(alone)s of these nobody else is known to teach today, among them %(competencies)s.",
        counts["alone"],
        **shown,
    ),
    "not-alone": lambda counts, shown: gettext(
        "There is none (%(alone)s) that nobody else is known to teach today.", **shown
    ),
    "nearby": lambda counts, shown: gettext(
        "Below is what the sectors that it serves (%(sectors)s) need most in the areas in which it teaches already, and"
        " which it does not teach today.",
        **shown,
    ),
}

IN_REGION: Final[Mapping[str, Sentence]] = {
    "uncovered": _uncovered_in_region,
    "all-covered": lambda counts, shown: ngettext(
        "For it (%(known)s) a provider of the region has something current that is open to the sector.",
        "For all of them (%(known)s) a provider of the region has something current that is open to the sector.",
        counts["known"],
        **shown,
    ),
    "joint": lambda counts, shown: ngettext(
        "%(joint)s competency is needed by two sectors or more, and no provider of the region has anything current that"
        " is open to either: a case for two to make together. It is %(competencies)s.",
        "%(joint)s competencies are each needed by two sectors or more, and no provider of the region has anything"
        " current that is open to either: a case for two to make together. Those with the highest demand:"
        " %(competencies)s.",
        counts["joint"],
        **shown,
    ),
    "not-offered": lambda counts, shown: gettext("No current offering of a provider of this region is known."),
}
"""What is said in other words where only the offerings of a region count."""
