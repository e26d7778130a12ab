"""The yearly confirmation: which offerings their contributor has to look at, and the submission that confirms them.

A confirmation is a contribution like any other: it says again what its contributor said of an offering, with the day
as `trv:verifiedDate`, and takes the one way in.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from pyoxigraph import Literal, NamedNode, Triple

from graph.dates import months_after
from graph.errors import InvalidParameter
from graph.field import Offering, read_offerings, slug
from graph.journal import FINAL, Entry, Journal, State, WrongState
from graph.mergers import current
from graph.namespaces import CONTRIBUTIONS_GRAPH, DCT, RDF, TRV, XSD
from graph.ownership import contributions_about, contributions_of
from graph.parsing import Submission
from graph.people import NotAllowed
from graph.policy import STALE_AFTER_MONTHS
from graph.releases import Releases
from graph.serialisation import serialise
from graph.store import Dataset

DUE_AFTER_MONTHS = 12
NOT_FINAL = tuple(state for state in State if state not in FINAL)
PACKED = (".xlsx",)  # what identifiers occur in it is not seen without unpacking


@dataclass(frozen=True)
class Due:
    """An offering to be confirmed: its last known date and the day from which it is stale, if there is a date."""

    offering: NamedNode
    dated: date | None
    stale_from: date | None
    stale: bool

    def __str__(self) -> str:
        if self.dated is None:
            return "No date is known of it: confirm that it is still offered."
        if self.stale:
            told = f"it went stale on {self.stale_from} and no longer counts as supply"
            return f"Last known on {self.dated}, {told}: confirm it if it is still offered."
        return f"Last known on {self.dated}, it goes stale on {self.stale_from}: confirm that it is still offered."


@dataclass(frozen=True)
class Confirmation:
    """What confirms some offerings, under the licence that they were contributed under."""

    submission: Submission
    license: str


def due(
    dataset: Dataset,
    contributor: str,
    day: date,
    months: int = DUE_AFTER_MONTHS,
    stale_after_months: int = STALE_AFTER_MONTHS,
) -> list[Due]:
    """The offerings of a contributor last known `months` ago or longer, the oldest first, those without a date last."""
    own = offerings_of(dataset, contributor)
    known = read_offerings(dataset, own)
    found = [_due(known.get(iri, Offering(iri)), day, stale_after_months) for iri in own]
    waiting = [one for one in found if one.dated is None or months_after(one.dated, months) <= day]
    return sorted(waiting, key=lambda one: (one.dated or date.max, one.offering.value))


def offerings_of(dataset: Dataset, contributor: str) -> list[NamedNode]:
    """The offerings that a contributor has described."""
    graphs = contributions_of(dataset, contributor)
    typed = (quad.subject for graph in graphs for quad in dataset.quads(None, RDF.type, TRV.Offering, graph))
    return list(dict.fromkeys(subject for subject in typed if isinstance(subject, NamedNode)))


def statements(dataset: Dataset, contributor: str, offerings: Collection[NamedNode], day: date) -> list[Triple]:
    """What a contributor says of offerings, with `day` as the day on which they were last confirmed.

    Where it names what was merged into another, that other is named.
    """
    graphs = contributions_of(dataset, contributor)
    said = [
        _today(dataset, quad.triple) for iri in offerings for quad in dataset.quads(iri) if quad.graph_name in graphs
    ]
    confirmed = Literal(day.isoformat(), datatype=XSD.date)
    kept = [triple for triple in said if triple.predicate != TRV.verifiedDate]
    return [*kept, *(Triple(iri, TRV.verifiedDate, confirmed) for iri in offerings)]


def confirmation(
    journal: Journal, releases: Releases, contributor: str, offerings: Collection[NamedNode], day: date
) -> Confirmation:
    """The submission by which a contributor confirms its offerings.

    Raises InvalidParameter for what is no offering, or under another licence than the others; NotAllowed for what is
    another's; WrongState where a change of the same offering still waits, because it would be undone.
    """
    waiting = [entry for entry in journal.entries(*NOT_FINAL) if entry.contributor == contributor]
    newest = releases.newest()  # after the journal: what no longer waits there is in this release
    dataset = newest.dataset() if newest else Dataset.in_memory(())
    _refuse_what_is_not_own(dataset, contributor, offerings)
    body = serialise(statements(dataset, contributor, offerings, day), "nt")
    _refuse_what_waits([entry for entry in waiting if entry.submission.body != body], offerings)
    return Confirmation(Submission(f"confirmation-{day}.nt", body), _license(dataset, contributor, offerings))


def _today(dataset: Dataset, triple: Triple) -> Triple:
    replacement = current(dataset, triple.object) if isinstance(triple.object, NamedNode) else None
    return triple if replacement is None else Triple(triple.subject, triple.predicate, replacement)


def _due(offering: Offering, day: date, stale_after_months: int) -> Due:
    stale_from = months_after(offering.dated, stale_after_months) if offering.dated else None
    return Due(offering.iri, offering.dated, stale_from, stale_from is not None and stale_from <= day)


def _refuse_what_is_not_own(dataset: Dataset, contributor: str, offerings: Collection[NamedNode]) -> None:
    own = set(offerings_of(dataset, contributor))
    for iri in offerings:
        if iri in own:
            continue
        if contributions_about(dataset, iri):
            raise NotAllowed(f"`{slug(iri)}` was contributed by somebody else, who alone may confirm it.")
        raise InvalidParameter("offering", slug(iri), f"there is no offering `{slug(iri)}`.", sorted(map(slug, own)))


def _refuse_what_waits(waiting: Collection[Entry], offerings: Collection[NamedNode]) -> None:
    """The statements of a waiting change are not published yet: a confirmation would put the former ones back."""
    for iri in offerings:
        name = re.compile(rb"(?<![a-z0-9-])%b(?![a-z0-9-])" % re.escape(slug(iri).encode()))
        for entry in waiting:
            if entry.submission.suffix in PACKED or name.search(entry.submission.body):
                message = f"Contribution {entry.number} is {entry.state} and may change `{slug(iri)}`"
                raise WrongState(f"{message}: confirm it when that is done, or withdraw that.")


def _license(dataset: Dataset, contributor: str, offerings: Collection[NamedNode]) -> str:
    found: dict[str, NamedNode] = {}
    own = contributions_of(dataset, contributor)
    for iri in offerings:
        for graph in contributions_about(dataset, iri) & own:
            terms = (quad.object for quad in dataset.quads(graph, DCT.license, None, CONTRIBUTIONS_GRAPH))
            found |= {term.value: iri for term in terms if isinstance(term, NamedNode)}
    if len(found) > 1:
        problem = f"the offerings are under different licences ({', '.join(sorted(found))}): confirm each apart."
        raise InvalidParameter("offering", slug(list(found.values())[-1]), problem)
    return next(iter(found))
