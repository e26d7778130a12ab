"""Which gaps a change would close, open or change otherwise.

They are reckoned by the functions that reckon those of a release (`graph/field.py`, `graph/gaps.py`), before and after,
from all that speaks of the competencies that are touched, put into memory: the cost follows the change, not the graph.
"""

from collections.abc import Iterator
from typing import Final

from pyoxigraph import NamedNode, Quad, Triple

from graph.derivation import gap_iri
from graph.errors import TriviumError
from graph.field import Field
from graph.gaps import Filter, Gap, four_decimals, gap
from graph.impact import ADDED, CHANGED, CLOSED, EFFECTS, OPENED, GapChange, Reckoning, Standing
from graph.neighbourhood import affected, evidence
from graph.proposal import SUBMITTED, Proposal, in_graph
from graph.store import Dataset

MOST_COMPETENCIES: Final = 1_000
MOST_ENTITIES: Final = 10_000
SUPPLIED: Final = ("thin", "covered")
OPEN: Final = ("missing", "transferable", "stale")


class TooWide(TriviumError):
    """So much is touched that reckoning it would take too long."""


def gap_changes(proposal: Proposal, words: list[Quad], reckoning: Reckoning) -> list[GapChange]:
    """The gaps of the top sectors whose state, supply or score would change. Raises TooWide."""

    def field(triples: list[Triple]) -> Field:
        dataset = Dataset.in_memory([*words, *in_graph(triples, SUBMITTED)])
        return Field.load(dataset, reckoning.as_of, reckoning.stale_after_months)

    if len(proposal.subjects) > MOST_ENTITIES:
        raise TooWide(f"these are more than {MOST_ENTITIES:,} entities")
    competencies = affected(proposal.together, proposal.subjects)
    if len(competencies) > MOST_COMPETENCIES:
        raise TooWide(f"more than {MOST_COMPETENCIES:,} competencies are touched")
    entities = _at_most(MOST_ENTITIES, evidence(proposal.together, competencies))
    before, after = map(field, proposal.around(entities))
    return sorted(_differences(proposal, before, after, competencies), key=_by_weight)


def _at_most(most: int, entities: Iterator[NamedNode]) -> set[NamedNode]:
    """The entities, if they are not too many. Raises TooWide."""
    found = set[NamedNode]()
    for iri in entities:
        found.add(iri)
        if len(found) > most:
            raise TooWide(f"more than {most:,} entities speak of the competencies that are touched")
    return found


def _differences(proposal: Proposal, before: Field, after: Field, competencies: set[NamedNode]) -> Iterator[GapChange]:
    for competency in competencies:
        for sector in after.sectors:
            old, new = _gap(before, competency, sector), _gap(after, competency, sector)
            if new and (old is None or (old.state, old.supply, old.score) != (new.state, new.supply, new.score)):
                yield GapChange(
                    iri=gap_iri(new).value,
                    effect=_effect(old, new),
                    competency=proposal.thing(competency),
                    sector=proposal.thing(sector),
                    before=_standing(old) if old else None,
                    after=_standing(new),
                )


def _gap(field: Field, competency: NamedNode, sector: NamedNode) -> Gap | None:
    return gap(field, competency, sector, Filter()) if competency in field.evidence else None


def _effect(old: Gap | None, new: Gap) -> str:
    before = old.state if old else "no-data"
    if before in OPEN and new.state in SUPPLIED:
        return CLOSED
    if before not in OPEN and new.state in OPEN:
        return OPENED
    return CHANGED if old else ADDED


def _standing(found: Gap) -> Standing:
    demand, score = (None if one is None else float(four_decimals(one)) for one in (found.demand, found.score))
    return Standing(found.state, demand, found.supply, score)


def _by_weight(change: GapChange) -> tuple[int, float, str]:
    """By effect, the highest score first."""
    scores = [one.score or 0.0 for one in (change.before, change.after) if one]
    return EFFECTS.index(change.effect), -max(scores), change.iri
