"""The neighbours of a thing, to be drawn and tabled on its page: what it is joined to, and how."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from pyoxigraph import NamedNode

from graph.mergers import replaced_by
from graph.namespaces import SKOS, TRV
from service.languages import lazy_gettext
from service.operation import Asked
from service.pages import brief

MOST: Final = 5  # neighbours of a relation
LOOKED_AT: Final = 200  # statements that these are chosen from
ROW: Final = 34  # units of the figure between two of them
MAPPED: Final = (SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch)


@dataclass(frozen=True)
class Neighbour:
    """A thing, how it is joined to the one that is looked at, and its height in the figure."""

    iri: NamedNode
    relation: str
    label: str
    y: int
    begins: bool


def neighbours(asked: Asked, kind: str, iri: NamedNode) -> dict[str, Any] | None:
    """The figure: its rows and height; None for a thing without neighbours, or of a kind that is not drawn."""
    rows = list[Neighbour]()
    for relation, found in RELATIONS.get(kind, ()):
        standing = (one for one in found(asked, iri) if one != iri and replaced_by(asked.view.dataset, one) is None)
        for place, one in enumerate(islice(dict.fromkeys(islice(standing, LOOKED_AT)), MOST)):
            y = ROW * len(rows) + (ROW * 3) // 2
            rows.append(Neighbour(one, str(relation), brief(one) or asked.label(one), y, place == 0))
    if not rows:
        return None
    return {"rows": rows, "height": ROW * (len(rows) + 1) + ROW // 2, "middle": (rows[0].y + rows[-1].y) // 2}


def _objects(*predicates: NamedNode) -> Callable[[Asked, NamedNode], Iterator[NamedNode]]:
    return lambda asked, iri: _values(asked, iri, predicates)


def _subjects(*predicates: NamedNode) -> Callable[[Asked, NamedNode], Iterator[NamedNode]]:
    return lambda asked, iri: _bearers(asked, iri, predicates)


def _values(asked: Asked, iri: NamedNode, predicates: Iterable[NamedNode]) -> Iterator[NamedNode]:
    quads = (quad for predicate in predicates for quad in asked.view.dataset.quads(iri, predicate))
    return (quad.object for quad in quads if isinstance(quad.object, NamedNode))


def _bearers(asked: Asked, iri: NamedNode, predicates: Iterable[NamedNode]) -> Iterator[NamedNode]:
    quads = (quad for predicate in predicates for quad in asked.view.dataset.quads(None, predicate, iri))
    return (quad.subject for quad in quads if isinstance(quad.subject, NamedNode))


def _requiring(asked: Asked, competency: NamedNode) -> Iterator[NamedNode]:
    claims = islice(_bearers(asked, competency, [TRV.competency]), LOOKED_AT)
    return (role for claim in claims for role in _values(asked, claim, [TRV.role]))


def _required(asked: Asked, role: NamedNode) -> Iterator[NamedNode]:
    """The competencies that a role requires, the essential ones first."""
    weights = asked.view.requirements.get(role, {})
    yield from sorted(weights, key=lambda one: (-weights[one], asked.label(one).casefold()))


def _often(asked: Asked, offerings: Iterator[NamedNode], predicate: NamedNode) -> Iterator[NamedNode]:
    """What offerings name by a property, what most of them name first."""
    named = (one for offering in islice(offerings, LOOKED_AT) for one in _values(asked, offering, [predicate]))
    yield from (one for one, _ in Counter(named).most_common())


def _teaching_too(asked: Asked, offering: NamedNode) -> Iterator[NamedNode]:
    taught = islice(_values(asked, offering, [TRV.teaches]), LOOKED_AT)
    others = (one for competency in taught for one in islice(_bearers(asked, competency, [TRV.teaches]), LOOKED_AT))
    yield from (one for one, _ in Counter(others).most_common())


Reader = Callable[[Asked, NamedNode], Iterator[NamedNode]]
RELATIONS: Final[Mapping[str, Sequence[tuple[Any, Reader]]]] = {
    "competency": (
        (lazy_gettext("broader"), _objects(SKOS.broader)),
        (lazy_gettext("narrower"), _subjects(SKOS.broader)),
        (lazy_gettext("related"), _objects(SKOS.related)),
        (lazy_gettext("mapped to"), _objects(*MAPPED)),
        (lazy_gettext("required by"), _requiring),
        (lazy_gettext("taught by"), _subjects(TRV.teaches)),
        (
            lazy_gettext("offered by"),
            lambda asked, iri: _often(asked, _bearers(asked, iri, [TRV.teaches]), TRV.provider),
        ),
    ),
    "role": (
        (lazy_gettext("practised in"), _objects(TRV.practisedIn)),
        (lazy_gettext("requires"), _required),
        (lazy_gettext("mapped to"), _objects(*MAPPED)),
    ),
    "offering": (
        (lazy_gettext("offered by"), _objects(TRV.provider)),
        (lazy_gettext("for"), _objects(TRV.addressedTo)),
        (lazy_gettext("teaches"), _objects(TRV.teaches)),
        (lazy_gettext("teach the same"), _teaching_too),
    ),
    "provider": (
        (lazy_gettext("serves"), _objects(TRV.serves)),
        (lazy_gettext("offers"), _subjects(TRV.provider)),
        (lazy_gettext("teaches"), lambda asked, iri: _often(asked, _bearers(asked, iri, [TRV.provider]), TRV.teaches)),
    ),
}
"""What is drawn of each kind, in its order."""
