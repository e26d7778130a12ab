"""The checks: a row of `queries/checks/*-violation.rq` is a fault of the graph, its first column the faulty thing."""

from collections.abc import Mapping
from dataclasses import dataclass

from graph.named_query import Catalogue, NamedQuery
from graph.store import Dataset, Term


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it should be, the check that found it, and what else the check says of it."""

    check: NamedQuery
    thing: Term
    details: Mapping[str, Term]


def faults(dataset: Dataset, checks: Catalogue) -> list[Fault]:
    """Every fault that the checks find, in the order of the checks and of their answers."""
    found = []
    for check in checks.values():
        for thing, *others in check.select(dataset, {}):
            told = zip(check.columns[1:], others, strict=True)
            found.append(Fault(check, thing, {name: term for name, term in told if term is not None}))
    return found
