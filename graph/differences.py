"""How the entities of a release differ from what was last known of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from pyoxigraph import NamedNode

from graph.mergers import replaced_by
from graph.namespaces import SKOS, TRV, kind_and_slug
from graph.serialisation import canonical
from graph.store import Dataset

SECTOR_OF = (TRV.addressedTo, TRV.attestedIn, TRV.practisedIn, TRV.sector, TRV.serves, TRV.subSector)


class Change(StrEnum):
    """What happened to an entity."""

    CREATED = "created"
    UPDATED = "updated"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Known:
    """What the last row of the log says of an entity: its hash, its sectors, and what has taken its place."""

    sha256: str = ""
    sectors: tuple[str, ...] = ()
    replaced_by: NamedNode | None = None


UNKNOWN = Known()


@dataclass(frozen=True)
class Difference:
    """How an entity differs from what is known of it.

    `sha256` is that of what is said of it now, empty if nothing is; `state` is that of a gap, which nothing else has.
    `sectors` are the slugs of the sectors that it states, and of those above them. `statements` are what is said of it
    now, as the hash is made of them. What is merged into another is withdrawn, and has no hash: `replaced_by` is that
    other, and `statements` what it still says. `stood` tells whether it was there before.
    """

    entity: NamedNode
    kind: str
    change: Change
    sha256: str
    state: str = ""
    sectors: tuple[str, ...] = ()
    statements: bytes = b""
    replaced_by: NamedNode | None = None
    stood: bool = True


def difference(entity: NamedNode, kind: str, before: Known, dataset: Dataset) -> Difference | None:
    """What has become of an entity since the last row of the log, or None if it is the same."""
    statements, replacement = written(dataset, entity), replaced_by(dataset, entity)
    now = sha256(statements).hexdigest() if statements and replacement is None else ""
    if (now, replacement) == (before.sha256, before.replaced_by):
        return None
    return Difference(
        entity=entity,
        kind=kind,
        change=Change.WITHDRAWN if not now else Change.UPDATED if before.sha256 else Change.CREATED,
        sha256=now,
        state=_state(dataset, entity),
        sectors=_sectors(dataset, entity) if now else before.sectors,
        statements=statements,
        replaced_by=replacement,
        stood=bool(before.sha256),
    )


def written(dataset: Dataset, entity: NamedNode) -> bytes:
    """What is said of an entity, as its `.nt` document says it: in canonical N-Triples; empty if nothing is."""
    return canonical(dataset.describe(entity))


def counted(before: Mapping[str, int], differences: Iterable[Difference]) -> dict[str, int]:
    """How many entities of each kind there are after the differences."""
    counts = dict(before)
    for one in differences:
        step = {Change.CREATED: 1, Change.UPDATED: 0, Change.WITHDRAWN: -one.stood}[one.change]
        counts[one.kind] = counts.get(one.kind, 0) + step
    return {kind: count for kind, count in sorted(counts.items()) if count}


def _state(dataset: Dataset, entity: NamedNode) -> str:
    """The slug of the state of a gap; anything else has none."""
    states = (quad.object for quad in dataset.quads(entity, TRV.gapState))
    named = [kind_and_slug(state) for state in states if isinstance(state, NamedNode)]
    return next((one[1] for one in named if one), "")


def _sectors(dataset: Dataset, entity: NamedNode) -> tuple[str, ...]:
    """The slugs of the sectors that an entity is for, or about, and of those above them."""
    stated = (quad.object for name in SECTOR_OF for quad in dataset.quads(entity, name))
    waiting, found = [one for one in stated if isinstance(one, NamedNode)], set[NamedNode]()
    while waiting:
        sector = waiting.pop()
        if sector not in found:
            found.add(sector)
            above = (quad.object for quad in dataset.quads(sector, SKOS.broader))
            waiting += [one for one in above if isinstance(one, NamedNode)]
    return tuple(sorted(named[1] for named in map(kind_and_slug, found) if named))
