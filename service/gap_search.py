"""Which gaps are asked for: the parameters of every address that shows gaps, and what they find."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
from pyoxigraph import NamedNode

from graph.coverage import Mask
from graph.field import slug
from graph.gap_lookup import FoundGaps, Lookup, Reckoned
from graph.gaps import EVERY_OFFERING, STATES, Filter
from graph.parameters import Parameter
from service.operation import Asked
from service.parameters import AREA, BASIS, LANG, LIMIT, OFFSET, SECTOR

PARAMETERS: Final = (
    SECTOR,
    Parameter("competency", "iri", "One competency only.", kind="competency", example="disaster-planning-and-response"),
    AREA,
    Parameter("state", "enumeration", "Gaps in this state only.", enumeration=STATES),
    Parameter("level", "enumeration", "Count only offerings at this level as supply.", kind="level", example="entry"),
    Parameter("mode", "enumeration", "Count only offerings in this mode.", kind="mode", example="hybrid"),
    Parameter("region", "text", "Count only offerings of providers in this country or region.", example="US"),
    Parameter("language", "language", "Count only offerings in this language.", example="en"),
    Parameter("free", "boolean", "Count only offerings that are free (or, if false, that are not)."),
    Parameter("upcoming", "boolean", "Count only offerings that have a session still to come."),
    BASIS,
    LANG,
    LIMIT,
    OFFSET,
)


def find_gaps(asked: Asked) -> tuple[FoundGaps, Counter[str]]:
    """The gaps that are asked for, in order, and how many there are in each state, whichever state is asked for."""
    where, basis, wanted = supply_filter(asked), asked.text("basis") or "any", asked.text("state")
    chosen = sectors(asked)
    found = Lookup(asked.view.coverage, asked.view.field, where, basis).gaps(chosen, chosen_competencies(asked))
    kept = found if wanted is None else found.where(found.state == STATES.index(wanted))
    return in_order(asked, kept, chosen, where, basis), found.states()


def in_order(
    asked: Asked, found: Reckoned, of_sectors: Sequence[NamedNode], where: Filter = EVERY_OFFERING, basis: str = "any"
) -> FoundGaps:
    """Gaps by score, then by the labels of competency and sector in the language of the reader."""
    labels = [(asked.label(sector).casefold(), sector.value) for sector in of_sectors]
    ranks = np.argsort(sorted(range(len(labels)), key=labels.__getitem__)).astype(np.int32)
    ordered = found.in_order(asked.view.ranks(asked.language), ranks)
    return FoundGaps(ordered, asked.view.coverage, asked.view.field, of_sectors, where, basis)


def supply_filter(asked: Asked) -> Filter:
    """Which offerings count, as the arguments say."""
    return Filter(
        level=asked.text("level"),
        mode=asked.text("mode"),
        region=asked.text("region"),
        language=asked.text("language"),
        free=asked.flag("free"),
        upcoming=asked.flag("upcoming") or False,
    )


def sectors(asked: Asked) -> Sequence[NamedNode]:
    """The sector asked for, else the top ones. Raises InvalidParameter for the field as a whole, which is none."""
    sector, known = asked.iri("sector"), asked.view.field.broader_sector
    if sector is None:
        return asked.view.field.sectors
    if sector not in known:
        raise SECTOR.refusal(slug(sector), "this is not a sector: leave it out to see all three.", map(slug, known))
    return [sector]


def competencies(asked: Asked) -> list[NamedNode] | None:
    """The competencies asked for, or None for all of them."""
    chosen = chosen_competencies(asked)
    if chosen is None:
        return None
    return [NamedNode(iri) for iri, number in asked.view.coverage.number.items() if chosen[number]]


def chosen_competencies(asked: Asked) -> Mask | None:
    """Of each competency of the coverage, whether it is asked for, or None where all of them are."""
    competency, area = asked.iri("competency"), asked.iri("area")
    if competency is None and area is None:
        return None
    return asked.view.coverage.is_competency(competency) & asked.view.coverage.is_in_area(area)
