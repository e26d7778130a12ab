"""What a role requires: each competency once, with whether it is essential and at which level, as far as it is said."""

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from graph.mergers import successors
from graph.namespaces import RDF, TRV, entity
from graph.store import Dataset

ESSENTIAL = entity("importance", "essential")


@dataclass(frozen=True)
class Requirement:
    """A competency that is wanted; `level` is None where nobody says it."""

    competency: NamedNode
    essential: bool = True
    level: NamedNode | None = None


def required_by(dataset: Dataset, role: NamedNode) -> dict[NamedNode, Requirement]:
    """The requirements of a role by competency; of several for the same, the strongest importance and highest level.

    What is said of a role or a competency that was merged counts for what took its place.
    """
    now = successors(dataset)
    found: dict[NamedNode, Requirement] = {}
    for name in (role, *sorted((one for one, last in now.items() if last == role), key=str)):
        for stated in _stated(dataset, name):
            one = Requirement(now.get(stated.competency, stated.competency), stated.essential, stated.level)
            found[one.competency] = _stronger(dataset, found.get(one.competency, one), one)
    return found


def rank(dataset: Dataset, level: NamedNode | None) -> int:
    """The place of a level among the levels, from 1; 0 where none is said."""
    ranks = (quad.object for quad in dataset.quads(level, TRV.rank)) if level else ()
    return max((int(one.value) for one in ranks if isinstance(one, Literal)), default=0)


def _stated(dataset: Dataset, role: NamedNode) -> Iterator[Requirement]:
    subjects = {quad.subject for quad in dataset.quads(None, TRV.role, role)}
    for subject in sorted((one for one in subjects if isinstance(one, NamedNode)), key=str):
        own = {(quad.predicate, quad.object) for quad in dataset.quads(subject)}
        if (RDF.type, TRV.Requirement) in own:
            levels = [value for name, value in own if name == TRV.level and isinstance(value, NamedNode)]
            level = max(levels, key=lambda one: rank(dataset, one), default=None)
            for name, value in own:
                if name == TRV.competency and isinstance(value, NamedNode):
                    yield Requirement(value, (TRV.importance, ESSENTIAL) in own, level)


def _stronger(dataset: Dataset, one: Requirement, other: Requirement) -> Requirement:
    level = max(one.level, other.level, key=lambda level: rank(dataset, level))
    return Requirement(one.competency, one.essential or other.essential, level)
