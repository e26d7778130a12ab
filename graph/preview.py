"""What a submission would change for the field, reckoned against a release without changing it.

impact_of(triples, findings, release, vocabulary(), schema, as_of) -> Impact
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, Triple

from graph.duplicates import duplicates
from graph.entailment import Entailment
from graph.field import Field
from graph.gap_changes import TooWide, gap_changes
from graph.impact import Audience, Count, Duplicate, GapChange, Impact, Reckoning, Unknown
from graph.namespaces import RDF, TRV, entity, kind_and_slug
from graph.proposal import SUBMITTED, Proposal
from graph.report import Finding, Severity
from graph.schema import Schema
from graph.store import Dataset

MOST_TOLD: Final = 1_000  # duplicates, and unknown references


def impact_of(
    triples: Sequence[Triple],
    findings: Sequence[Finding],
    release: Dataset,
    words: list[Quad],
    schema: Schema,
    reckoning: Reckoning,
) -> Impact:
    """The impact of statements about which there are findings; the `words` are those of the vocabulary."""
    proposal = Proposal.of(_readable(triples, findings), release, Entailment(words))
    gaps, reason = _gaps(proposal, words, reckoning)
    twins = [Duplicate(_kind(one), proposal.thing(one), proposal.thing(other)) for one, other in duplicates(proposal)]
    unknown = list(_unknown(proposal, findings, schema))
    return Impact(
        as_of=reckoning.as_of.isoformat(),
        reckoned=not reason,
        reason=reason,
        gaps=tuple(gaps),
        entities=tuple(_counts(proposal, schema)),
        new_offerings=len(_new_offerings(proposal)),
        audiences=tuple(_audiences(proposal, Field.load(Dataset.in_memory(words), reckoning.as_of))),
        duplicates=tuple(twins[:MOST_TOLD]),
        unknown=tuple(unknown[:MOST_TOLD]),
        left_out=len(twins[MOST_TOLD:]) + len(unknown[MOST_TOLD:]),
    )


def _readable(triples: Sequence[Triple], findings: Sequence[Finding]) -> Iterator[Triple]:
    """The statements without the values that have to be mended: a date that is none cannot be reckoned with."""
    faulty = {(one.place.subject, one.place.path) for one in findings if one.severity is Severity.VIOLATION}
    for triple in triples:
        place = (triple.subject.value, triple.predicate.value) if isinstance(triple.subject, NamedNode) else None
        if not (isinstance(triple.object, Literal) and place in faulty):
            yield triple


def _gaps(proposal: Proposal, words: list[Quad], reckoning: Reckoning) -> tuple[list[GapChange], str]:
    """The gaps that would change, or why they are not reckoned."""
    try:
        return gap_changes(proposal, words, reckoning), ""
    except TooWide as error:
        return [], str(error)
    except ValueError:  # a value that no shape objects to, and is no number or date all the same
        return [], "a number or a date cannot be read"


def _counts(proposal: Proposal, schema: Schema) -> Iterator[Count]:
    """How much of each kind is new, changed and unchanged."""
    found: dict[str, Counter[str]] = {kind.name: Counter() for kind in schema.in_order}
    for iri in proposal.subjects:
        if _kind(iri) in found:
            found[_kind(iri)][proposal.novelty(iri)] += 1
    for kind, counts in found.items():
        if counts:
            yield Count(kind, counts["new"], counts["changed"], counts["unchanged"])


def _new_offerings(proposal: Proposal) -> set[NamedNode]:
    quads = proposal.submission.quads(None, RDF.type, TRV.Offering)
    return {quad.subject for quad in quads if isinstance(quad.subject, NamedNode)} & proposal.new


def _audiences(proposal: Proposal, field: Field) -> Iterator[Audience]:
    """For whom the new offerings are: each top sector, and everybody."""
    found = Counter[NamedNode | None]()
    for iri in _new_offerings(proposal):
        quads = proposal.submission.quads(iri, TRV.addressedTo)
        sectors = [quad.object for quad in quads if isinstance(quad.object, NamedNode)]
        found.update({top for sector in sectors for top in field.with_ancestors(sector)} if sectors else [None])
    for sector in (*field.sectors, None):
        if found[sector]:
            yield Audience(proposal.thing(sector) if sector else None, found[sector])


def _unknown(proposal: Proposal, findings: Sequence[Finding], schema: Schema) -> Iterator[Unknown]:
    """What is referred to and described nowhere, with the suggestion that was made for it."""
    suggested = {one.term: one.suggestion for one in findings if one.term and one.suggestion}
    objects = (quad.object for quad in proposal.submission.quads(graph=SUBMITTED))
    times = Counter(term for term in objects if isinstance(term, NamedNode) and _kind(term) in schema.kinds)
    for iri, number in sorted(times.items(), key=lambda item: item[0].value):
        if not any(True for _ in proposal.together.quads(iri)):
            slug = suggested.get(str(iri))
            nearest = proposal.thing(entity(_kind(iri), slug)) if slug else None
            yield Unknown(_kind(iri), iri.value, number, nearest)


def _kind(iri: NamedNode) -> str:
    return (kind_and_slug(iri) or ("",))[0]
