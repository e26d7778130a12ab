"""`/gaps`: what is needed and not offered, for whom, and how sure that is."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

from flask import Blueprint, Response
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from graph.derivation import GAPS_DATASET, gap_iri
from graph.derivation import statements as gap_statements
from graph.gaps import Filter, Gap, four_decimals
from graph.namespaces import TRV, XSD
from service.feed_pages import ARCHIVE, no_archive
from service.gap_feed import feed_of, gap_feed, is_followed
from service.gap_search import PARAMETERS, find_gaps, supply_filter
from service.operation import Asked, answers
from service.parameters import RELEASE
from service.representations import csv_answer, embedding, linked, listing, next_address, page, rdf_answer, window
from service.rows import named, pair, rounded
from service.shown_query import same_question

blueprint = Blueprint("gaps", __name__)

FORMATS: Final = ("html", "json", "csv", "ttl", "atom")
EVIDENCE: Final = ("needs", "roles", "offerings", "elsewhere", "stale")
COLUMNS: Final = (
    "competency_iri", "competency_label", "area_iri", "area_label", "sector_iri", "sector_label",
    "demand", "basis", "kind", "supply", "providers", "state", "score",
    *EVIDENCE, "elsewhere_sectors", "release", "as_of",
)  # fmt: skip


@answers(blueprint, "/gaps", "Gaps, the highest score first", FORMATS, (*PARAMETERS, ARCHIVE, RELEASE), "Gaps")
def show_gaps(asked: Asked) -> Response:
    """The gaps of a sector, or of all three, under a filter on what counts as supply; as Atom, what became of them."""
    if asked.representation == "atom":
        return gap_feed(asked)
    no_archive(asked)
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
    context = {"gaps": shown, "total": len(found), "counts": states, "feed": feed_of(), "followed": is_followed(asked)}
    sparql = same_question(asked, "gaps", {name: name for name in ("sector", "state", "area")})
    content = page("gaps.html", asked, PARAMETERS, embed=embedding("gaps"), sparql=sparql, **context)
    return linked(content, following)


def row(asked: Asked, gap: Gap) -> dict[str, Any]:
    """One gap in JSON. What is not known is null, never 0."""
    area = asked.view.coverage.area_of(gap.competency)
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
    """One gap as a row of a table; several values in a cell are separated by `;`."""
    area = asked.view.coverage.area_of(gap.competency)
    things = [cell for iri in (gap.competency, area, gap.sector) for cell in pair(asked, iri)]
    figures = [
        Decimal(four_decimals(gap.demand)) if gap.demand is not None else "",
        gap.basis or "",
        gap.kind or "",
        gap.supply,
        gap.providers,
        gap.state,
        Decimal(four_decimals(gap.score)) if gap.score is not None else "",
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


def _joined(iris: Iterable[NamedNode]) -> str:
    return ";".join(iri.value for iri in iris)
