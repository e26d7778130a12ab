"""Gaps as statements: derived from the graph, written into a graph of their own, only where something changed."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from fractions import Fraction

from pyoxigraph import Literal, NamedNode, Quad

from graph.dates import months_before, partial_dates
from graph.field import Field
from graph.gaps import Filter, Gap, demand_of, four_decimals, gap
from graph.namespaces import GAPS_GRAPH, ID, QB, RDF, TRV, XSD, entity, kind_and_slug
from graph.neighbourhood import affected
from graph.store import Dataset, Term

GAPS_DATASET = ID["dataset/gaps"]
DATES = (TRV.startDate, TRV.endDate, TRV.pageDate, TRV.verifiedDate)
LONGEST_PAUSE = 400  # days: after more of them, reckoning every gap anew is quicker than finding which


def dated_between(dataset: Dataset, earlier: date, later: date) -> set[NamedNode]:
    """The offerings and sessions that name a day after one and up to another, or a month or year that ends then."""
    days = (earlier + timedelta(days=1 + number) for number in range((later - earlier).days))
    texts = [(text, datatype) for day in days for text, datatype in partial_dates(day)]
    found = (
        quad.subject
        for text, datatype in texts
        for predicate in DATES
        for quad in dataset.quads(None, predicate, Literal(text, datatype=datatype))
    )
    return {subject for subject in found if isinstance(subject, NamedNode)}


def turned(dataset: Dataset, before: date, now: date, stale_after_months: int) -> set[NamedNode] | None:
    """The competencies whose gaps may be others on another day though nothing was changed, or None for all of them."""
    if not 0 <= (now - before).days <= LONGEST_PAUSE:
        return None
    limits = (months_before(day, stale_after_months) for day in (before, now))
    return affected(dataset, dated_between(dataset, *limits))


def gap_quads(field: Field) -> Iterator[Quad]:
    """The day that the gaps are reckoned on, and the gaps of every competency of the field.

    A competency has a gap in each top sector, and in the sectors below where the demand is known.
    """
    yield Quad(GAPS_DATASET, TRV.asOf, Literal(field.as_of.isoformat(), datatype=XSD.date), GAPS_GRAPH)
    for competency, evidence in field.evidence.items():
        for sector in field.broader_sector:
            found = gap(field, competency, sector, Filter())
            if sector in field.sectors or found.demand is not None:
                both = {basis: demand_of(field, evidence, sector, basis).share for basis in ("survey", "roles")}
                for predicate, value in statements(found):
                    yield Quad(gap_iri(found), predicate, value, GAPS_GRAPH)
                for basis, share in both.items():
                    if share is not None:
                        name = TRV.demandBySurvey if basis == "survey" else TRV.demandByRoles
                        yield Quad(gap_iri(found), name, _decimal(share), GAPS_GRAPH)


def written_gaps(dataset: Dataset, competencies: Iterable[NamedNode] | None) -> Iterator[Quad]:
    """The statements of the gaps graph about these competencies, or all of them."""
    if competencies is None:
        yield from dataset.quads(None, None, None, GAPS_GRAPH)
        return
    yield from dataset.quads(GAPS_DATASET, TRV.asOf, None, GAPS_GRAPH)
    for competency in competencies:
        for about in dataset.quads(None, TRV.competency, competency, GAPS_GRAPH):
            if isinstance(about.subject, NamedNode):
                yield from dataset.quads(about.subject, None, None, GAPS_GRAPH)


def gap_iri(found: Gap) -> NamedNode:
    """The identifier of a gap: `<.../id/gap/museums--disaster-planning-and-response>`."""
    parts = [named[1] for named in map(kind_and_slug, (found.sector, found.competency)) if named]
    return entity("gap", "--".join(parts))


def statements(found: Gap) -> Iterator[tuple[NamedNode, Term]]:
    """What is said of one gap, as predicates and values."""
    yield RDF.type, TRV.Gap
    yield RDF.type, QB.Observation
    yield QB.dataSet, GAPS_DATASET
    yield TRV.sector, found.sector
    yield TRV.competency, found.competency
    yield TRV.supply, _integer(found.supply)
    yield TRV.providerCount, _integer(found.providers)
    yield TRV.gapState, entity("gap-state", found.state)
    if found.demand is not None and found.score is not None and found.basis:
        yield TRV.demand, _decimal(found.demand)
        yield TRV.score, _decimal(found.score)
        yield TRV.basis, entity("basis", found.basis)
    if found.kind:
        yield TRV.needKind, entity("need-kind", found.kind)
    for predicate, evidence in (
        (TRV.needEvidence, found.needs),
        (TRV.roleEvidence, found.roles),
        (TRV.offeringEvidence, found.offerings),
        (TRV.elsewhereEvidence, found.elsewhere),
        (TRV.staleEvidence, found.stale),
        (TRV.elsewhereIn, found.elsewhere_sectors),
    ):
        for iri in evidence:
            yield predicate, iri


def _decimal(value: Fraction) -> Literal:
    """The value to four decimals in the canonical form of `xsd:decimal`, as the engine keeps it."""
    return Literal(four_decimals(value).rstrip("0").rstrip("."), datatype=XSD.decimal)


def _integer(number: int) -> Literal:
    return Literal(str(number), datatype=XSD.integer)
