"""What a release holds, counted: statements, entities, classes, properties, links to ESCO (as VoID has them).

Everything is counted in one pass over the statements in order, so memory does not grow with the graph.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any, Final, Self

from pyoxigraph import NamedNode, Triple

from graph.namespaces import ID, RDF, SKOS

ESCO_SPACE: Final = "http://data.europa.eu/esco/"
LINKS: Final = tuple(SKOS[f"{how}Match"] for how in ("exact", "close", "broad", "narrow", "related"))


@dataclass(frozen=True)
class Property:
    """How often a property is used, and of how many subjects."""

    triples: int
    subjects: int


@dataclass(frozen=True)
class Figures:
    """The counts of a release. `triples` are distinct: a statement of several graphs counts once.

    `kinds` count the subjects with one of our identifiers, by their kind; `classes` the instances of each class,
    `links` the statements of each mapping property that lead from one of ours to ESCO.
    """

    triples: int = 0
    subjects: int = 0
    kinds: Mapping[str, int] = field(default_factory=dict)
    classes: Mapping[str, int] = field(default_factory=dict)
    properties: Mapping[str, Property] = field(default_factory=dict)
    links: Mapping[str, int] = field(default_factory=dict)

    @property
    def entities(self) -> int:
        """How many subjects have one of our identifiers."""
        return sum(self.kinds.values())

    @classmethod
    def counted(cls, triples: Iterable[Triple]) -> Self:
        """Count distinct triples; those with the same subject must stand together, and in these those of a property."""
        uses, used, kinds, classes, links = (Counter[str]() for _ in range(5))
        subjects = 0
        for subject, about in groupby(triples, lambda triple: triple.subject):
            subjects += 1
            kind = _kind(subject)
            kinds.update([kind] if kind else ())
            for predicate, same in groupby(about, lambda triple: triple.predicate):
                objects = [triple.object for triple in same]
                uses[predicate.value] += len(objects)
                used[predicate.value] += 1
                if predicate == RDF.type:
                    classes.update(one.value for one in objects if isinstance(one, NamedNode))
                if kind and predicate in LINKS:
                    links[predicate.value] += sum(_in_esco(one) for one in objects)
        return cls(
            triples=uses.total(),
            subjects=subjects,
            kinds=dict(sorted(kinds.items())),
            classes=dict(sorted(classes.items())),
            properties={name: Property(uses[name], used[name]) for name in sorted(uses)},
            links={name: count for name, count in sorted(links.items()) if count},
        )

    @classmethod
    def read(cls, stated: Mapping[str, Any]) -> Self:
        """The figures as `asdict` wrote them."""
        properties = {name: Property(**counts) for name, counts in stated["properties"].items()}
        return cls(**{**stated, "properties": properties})

    def as_json(self) -> dict[str, Any]:
        """The figures as plain values, for `read`."""
        return asdict(self)


def _kind(subject: object) -> str | None:
    """The kind in one of our identifiers."""
    ours = isinstance(subject, NamedNode) and subject.value.startswith(ID.iri)
    return subject.value.removeprefix(ID.iri).partition("/")[0] if ours and isinstance(subject, NamedNode) else None


def _in_esco(term: object) -> bool:
    return isinstance(term, NamedNode) and term.value.startswith(ESCO_SPACE) and "#" not in term.value
