"""Which opportunities are asked for: the parameters of their list, and what it finds."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from pyoxigraph import NamedNode

from graph.coverage import Mask, Numbers
from graph.field import slug
from graph.parameters import Parameter
from service.operation import Asked
from service.parameters import AREA, LANG, LIMIT, OFFSET, SECTOR

SECTORS: Final = Parameter(
    "sector",
    "text",
    "Opportunities of this sector; of several, separated by commas, those of all of them together.",
    example="archives,museums",
)
REGION: Final = Parameter(
    "region",
    "text",
    "Only what a provider in this country or region could help to make; other providers are left out.",
    example="US",
)
PARAMETERS: Final = (
    SECTORS,
    AREA,
    Parameter("level", "enumeration", "Asked for at this level by a role of a sector.", kind="level", example="entry"),
    Parameter("count", "integer", "Of exactly so many sectors.", minimum=2, maximum=99, example="3"),
    REGION,
    LANG,
    replace(LIMIT, default="20"),
    OFFSET,
)


def find(asked: Asked) -> Numbers:
    """The numbers of the competencies that are opportunities as asked for, in order. Raises InvalidParameter."""
    found = asked.view.opportunities
    wanted = asked.view.coverage.is_in_area(asked.iri("area"))
    for sector in sectors(asked):
        wanted = wanted & found.open_in[asked.view.field.sectors.index(sector)]
    level, count = asked.text("level"), asked.text("count")
    if level is not None:
        wanted = wanted & found.asked_at(level)
    if count is not None:
        wanted = wanted & np.equal(found.count, int(count))
    if asked.text("region") is not None:
        wanted = wanted & found.reached_by(placed(asked))
    return found.in_order(wanted, asked.view.ranks(asked.language))


def sectors(asked: Asked) -> list[NamedNode]:
    """The sectors that an opportunity has to be of. Raises InvalidParameter for one that is not a top sector."""
    top = asked.view.field.sectors
    texts = [text.strip() for text in (asked.text("sector") or "").split(",") if text.strip()]
    found = [SECTOR.parse(text) for text in texts]
    for text, sector in zip(texts, found, strict=True):
        if sector not in top:
            problem = f"`{text}` is not one of the sectors that opportunities are looked for in."
            raise SECTORS.refusal(text, problem, map(slug, top))
    return [sector for sector in top if sector in found]


def placed(asked: Asked) -> Mask:
    """Of each provider, whether it is in the country or region asked for."""
    return asked.view.opportunities.surroundings.placed_in(asked.text("region"))


def sector_choices(asked: Asked) -> list[tuple[str, str]]:
    """What a form offers for the sectors: each, and with three or fewer also any two."""
    top: Sequence[NamedNode] = asked.view.field.sectors
    single = [(slug(one), asked.label(one)) for one in top]
    pairs = [
        (f"{slug(one)},{slug(other)}", f"{asked.label(one)} + {asked.label(other)}")
        for place, one in enumerate(top)
        for other in top[place + 1 :]
    ]
    return [*single, *pairs] if len(pairs) <= len(single) else single
