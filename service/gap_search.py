"""Which gaps are asked for: the parameters of every address that shows gaps, and what they find."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from pyoxigraph import NamedNode

from graph.field import slug
from graph.gaps import STATES, Filter, Gap, gaps
from graph.parameters import Parameter
from service.operation import Asked
from service.parameters import AREA, BASIS, LANG, LIMIT, OFFSET, SECTOR
from service.rows import by_score

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


def find_gaps(asked: Asked) -> tuple[list[Gap], Counter[str]]:
    """The gaps that are asked for, in order, and how many there are in each state, whichever state is asked for."""
    field = asked.view.field
    basis = asked.text("basis") or "any"
    found = gaps(field, sectors(asked), supply_filter(asked), basis, competencies(asked))
    states = Counter(one.state for one in found)
    wanted = asked.text("state")
    kept = [one for one in found if wanted in (None, one.state)]
    return sorted(kept, key=lambda one: by_score(asked, one)), states


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
    competency, area = asked.iri("competency"), asked.iri("area")
    if competency is None and area is None:
        return None
    evidence = asked.view.field.evidence
    return [iri for iri, about in evidence.items() if competency in (None, iri) and area in (None, about.area)]
