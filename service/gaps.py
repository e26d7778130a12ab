"""`/gaps`: what is needed and not offered, for whom, and how sure that is."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from flask import Blueprint, Response
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from graph.derivation import GAPS_DATASET, gap_iri
from graph.derivation import statements as gap_statements
from graph.field import slug
from graph.gaps import STATES, Filter, Gap, four_decimals, gaps
from graph.namespaces import TRV, XSD
from graph.parameters import Parameter
from service.operation import Asked, answers
from service.parameters import AREA, BASIS, LANG, LIMIT, OFFSET, SECTOR
from service.representations import csv_answer, linked, listing, next_address, page, rdf_answer, window
from service.rows import by_score, named, pair, rounded

blueprint = Blueprint("gaps", __name__)

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
EVIDENCE: Final = ("needs", "roles", "offerings", "elsewhere", "stale")
COLUMNS: Final = (
    "competency_iri", "competency_label", "area_iri", "area_label", "sector_iri", "sector_label",
    "demand", "basis", "kind", "supply", "providers", "state", "score",
    *EVIDENCE, "elsewhere_sectors", "release", "as_of",
)  # fmt: skip


@answers(blueprint, "/gaps", "Gaps, the highest score first", ("html", "json", "csv", "ttl"), PARAMETERS, "Gaps")
def show_gaps(asked: Asked) -> Response:
    """The gaps of a sector, or of all three, under a filter on what counts as supply."""
    found, states = find_gaps(asked)
    shown = window(asked, found)
    following = {"next": next_address(asked, len(found))}
    match asked.representation:
        case "json":
            return listing(asked, [row(asked, one) for one in shown], len(found))
        case "csv":
            return linked(csv_answer(COLUMNS, (cells(asked, one) for one in shown)), following)
        case "ttl":
            return linked(rdf_answer(statements(asked, shown), "ttl"), following)
    content = page("gaps.html", asked, gaps=shown, total=len(found), counts=states, parameters=PARAMETERS)
    return linked(content, following)


def find_gaps(asked: Asked) -> tuple[list[Gap], Counter[str]]:
    """The gaps that are asked for, in order, and how many there are in each state, whichever state is asked for."""
    field = asked.view.field
    basis = asked.text("basis") or "any"
    found = gaps(field, _sectors(asked), supply_filter(asked), basis, _competencies(asked))
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


def row(asked: Asked, gap: Gap) -> dict[str, Any]:
    """One gap in JSON. What is not known is null, never 0."""
    area = asked.view.field.evidence[gap.competency].area
    found = {
        "competency": {**named(asked, gap.competency), "area": named(asked, area) if area else None},
        "sector": named(asked, gap.sector),
        "demand": rounded(gap.demand),
        "basis": gap.basis,
        "kind": gap.kind,
        "supply": gap.supply,
        "providers": gap.providers,
        "state": gap.state,
        "score": rounded(gap.score),
        "evidence": {name: [iri.value for iri in getattr(gap, name)] for name in EVIDENCE},
    }
    if gap.elsewhere_sectors:
        found["elsewhere_sectors"] = [named(asked, sector) for sector in gap.elsewhere_sectors]
    return found


def cells(asked: Asked, gap: Gap) -> list[object]:
    """One gap as a row of the CSV; several values in a cell are separated by `;`."""
    area = asked.view.field.evidence[gap.competency].area
    things = [cell for iri in (gap.competency, area, gap.sector) for cell in pair(asked, iri)]
    figures = [
        four_decimals(gap.demand) if gap.demand is not None else "",
        gap.basis or "",
        gap.kind or "",
        gap.supply,
        gap.providers,
        gap.state,
        four_decimals(gap.score) if gap.score is not None else "",
    ]
    evidence = [_joined(getattr(gap, name)) for name in (*EVIDENCE, "elsewhere_sectors")]
    release = asked.view.release
    return [*things, *figures, *evidence, release.number, release.as_of.isoformat()]


def statements(asked: Asked, found: Sequence[Gap]) -> Iterable[Triple]:
    """Gaps as observations. Those under a filter have no identifier: the identified ones count every offering."""
    yield Triple(GAPS_DATASET, TRV.asOf, Literal(asked.view.release.as_of.isoformat(), datatype=XSD.date))
    identified = supply_filter(asked) == Filter() and asked.text("basis") == "any"
    for gap in found:
        subject = gap_iri(gap) if identified else BlankNode(gap_iri(gap).value.rpartition("/")[2])
        for predicate, value in gap_statements(gap):
            yield Triple(subject, predicate, value)


def _sectors(asked: Asked) -> Sequence[NamedNode]:
    """The sector asked for, else the top ones. Raises InvalidParameter for the field as a whole, which is none."""
    sector, known = asked.iri("sector"), asked.view.field.broader_sector
    if sector is None:
        return asked.view.field.sectors
    if sector not in known:
        raise SECTOR.refusal(slug(sector), "this is not a sector: leave it out to see all three.", map(slug, known))
    return [sector]


def _competencies(asked: Asked) -> list[NamedNode] | None:
    competency, area = asked.iri("competency"), asked.iri("area")
    if competency is None and area is None:
        return None
    evidence = asked.view.field.evidence
    return [iri for iri, about in evidence.items() if competency in (None, iri) and area in (None, about.area)]


def _joined(iris: Iterable[NamedNode]) -> str:
    return ";".join(iri.value for iri in iris)
