"""Who needs and who teaches each competency, in columns: what gaps are looked up in, made once for each release.

The evidence that `graph/field.py` reads from the graph, as numbers in arrays, so that a filter over a hundred thousand
offerings takes milliseconds and every reader of a release shares one copy of it in memory. It follows a change at the
cost of copying the arrays, which are small; the publisher writes it beside the store of each release.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from pyoxigraph import NamedNode

from graph.field import Evidence, Field, Offering
from graph.gaps import demand_of

Numbers = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Shares = npt.NDArray[np.float64]
Texts = npt.NDArray[np.bytes_]

BASES: Final = ("survey", "roles")
NONE: Final = -1
REMOVED: Final = -2
UNDATED: Final = date.max.toordinal()
TEXTS: Final = ("levels", "modes", "places", "languages")
OF_OFFERINGS: Final = ("dated", "last_start", "provider_low", "provider_high", "offering")
NAMES: Final = "names.json"
SLACK: Final = 1000  # rows of offerings that nothing refers to any more, and that need not be swept up yet


@dataclass(frozen=True)
class Names:
    """What the numbers in the columns stand for; of `values`, such as `level entry`, what an offering says."""

    competencies: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Coverage:
    """The columns. Competencies, sectors, areas, providers and values are numbers, places in `names`.

    `area` is of each competency NONE or the number of its area, REMOVED where it is a competency no more.
    `demand_of` (basis, competency, sector) by `demand` are the shares in [0,1] that are known.
    `taught` (competency, offering) are the pairs that supply is counted from; `said` (value, offering) what offerings
    say of themselves. Of each offering, `dated` and `last_start` are days as ordinals (UNDATED and NONE where there is
    none), `provider_low` and `provider_high` the least and greatest of the numbers of its providers, or NONE, and
    `offering` its IRI. The pairs are in the order of their competencies, and what is said in that of the offerings.
    """

    names: Names
    area: Numbers
    demand_of: Numbers
    demand: Shares
    taught: Numbers
    said: Numbers
    dated: Numbers
    last_start: Numbers
    provider_low: Numbers
    provider_high: Numbers
    offering: Texts

    @classmethod
    def of(cls, field: Field) -> Self:
        """The columns of a whole field."""
        one, two = np.zeros(0, np.int32), np.zeros((2, 0), np.int32)
        empty = cls(
            Names(), one, np.zeros((3, 0), np.int32), np.zeros(0), two, two, one, one, one, one, np.zeros(0, "S1")
        )
        return empty.updated(field, ())

    def updated(self, field: Field, competencies: Collection[NamedNode]) -> Self:
        """The columns after a change: of `competencies`, the evidence is now what `field` has, if it has any."""
        numbers = _Numbers(self.names)
        gone = np.zeros(len(self.area), bool)
        gone[[numbers.competencies[iri.value] for iri in competencies if iri.value in numbers.competencies]] = True
        offerings = {one.iri: one for evidence in field.evidence.values() for one in evidence.offerings}
        rows = {iri: len(self.dated) + place for place, iri in enumerate(offerings)}
        about = [(numbers.of("competencies", iri.value), evidence) for iri, evidence in field.evidence.items()]
        claims = [claim for number, evidence in about for claim in _demand(field, number, evidence, numbers)]
        return replace(
            self,
            area=_areas(self.area, gone, about, numbers),
            demand_of=_joined(self.demand_of[:, ~gone[self.demand_of[1]]], [claim[:3] for claim in claims]),
            demand=np.append(self.demand[~gone[self.demand_of[1]]], [claim[3] for claim in claims]),
            taught=_in_order(
                _joined(
                    self.taught[:, ~gone[self.taught[0]]],
                    [(number, rows[one.iri]) for number, evidence in about for one in evidence.offerings],
                )
            ),
            said=_joined(
                self.said,
                [(numbers.of("values", value), rows[iri]) for iri, one in offerings.items() for value in _said(one)],
            ),
            dated=_longer(self.dated, (one.dated.toordinal() if one.dated else UNDATED for one in offerings.values())),
            last_start=_longer(
                self.last_start, (one.starts[-1].toordinal() if one.starts else NONE for one in offerings.values())
            ),
            offering=np.concatenate([self.offering, np.array([iri.value.encode() for iri in offerings], "S")]),
            **_providers(self, offerings.values(), numbers),
            names=numbers.names,  # last: those before have given numbers to what is new
        )._swept()

    def save(self, folder: Path) -> None:
        """Write the columns into a folder of their own."""
        folder.mkdir()
        (folder / NAMES).write_text(json.dumps(vars(self.names)), encoding="utf-8")
        for name in _COLUMNS:
            np.save(folder / f"{name}.npy", getattr(self, name))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The columns in a folder, mapped into memory. Raises OSError and ValueError if they cannot be read."""
        names = json.loads((folder / NAMES).read_text(encoding="utf-8"))
        return cls(
            Names(**{name: tuple(values) for name, values in names.items()}),
            **{name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _COLUMNS},
        )

    @cached_property
    def number(self) -> dict[str, int]:
        """The number of each competency that is one now, by its IRI."""
        return {iri: number for number, iri in enumerate(self.names.competencies) if self.area[number] != REMOVED}

    def is_competency(self, iri: NamedNode | None) -> Mask:
        """Of each competency, whether it is this one; None is any."""
        if iri is None:
            return np.ones(len(self.area), bool)
        return np.equal(np.arange(len(self.area)), self.number.get(iri.value, NONE))

    def is_in_area(self, area: NamedNode | None) -> Mask:
        """Of each competency, whether it is in this area; None is any."""
        if area is None:
            return np.ones(len(self.area), bool)
        if area.value not in self.names.areas:
            return np.zeros(len(self.area), bool)
        return np.equal(self.area, self.names.areas.index(area.value))

    def area_of(self, competency: NamedNode) -> NamedNode | None:
        """The area that a competency is in, if it is in one. Raises KeyError if it is no competency."""
        area = self.area[self.number[competency.value]]
        return NamedNode(self.names.areas[area]) if area >= 0 else None

    def offerings_for(self, number: int) -> list[Offering]:
        """The offerings that teach a competency, by IRI; of their starts only the last one."""
        start, end = np.searchsorted(self.taught[0], (number, number + 1))
        return sorted(map(self._offering, self.taught[1][start:end].tolist()), key=lambda one: one.iri.value)

    @cached_property
    def _said_from(self) -> list[int]:
        """Where in `said` each offering begins, and the end of the last."""
        starts: list[int] = np.searchsorted(self.said[1], np.arange(len(self.dated) + 1)).tolist()
        return starts

    def _offering(self, row: int) -> Offering:
        start, end = self._said_from[row : row + 2]
        said: dict[str, set[str]] = defaultdict(set)
        for value in self.said[0][start:end].tolist():
            attribute, _, text = self.names.values[value].partition(" ")
            said[attribute].add(text)
        return Offering(
            iri=NamedNode(self.offering[row].decode()),
            providers=frozenset(map(NamedNode, said["providers"])),
            addressed_to=frozenset(map(NamedNode, said["addressed_to"])),
            free="True" in said["free"] if said["free"] else None,
            dated=date.fromordinal(int(self.dated[row])) if self.dated[row] != UNDATED else None,
            starts=(date.fromordinal(int(self.last_start[row])),) if self.last_start[row] != NONE else (),
            **{attribute: frozenset(said[attribute]) for attribute in TEXTS},
        )

    def saying(self, value: str) -> Mask:
        """Of each offering, whether it says this."""
        says = np.zeros(len(self.dated), bool)
        if value in self._value:
            says[self.said[1][self.said[0] == self._value[value]]] = True
        return says

    def values(self, attribute: str) -> Iterator[str]:
        """Everything that some offering says, or said, of an attribute such as `language`."""
        return (value.partition(" ")[2] for value in self.names.values if value.partition(" ")[0] == attribute)

    @cached_property
    def _value(self) -> dict[str, int]:
        return {value: number for number, value in enumerate(self.names.values)}

    def _swept(self) -> Self:
        """The columns without the offerings that nothing refers to any more, once these are many."""
        used = np.unique(self.taught[1])
        if len(self.dated) <= 2 * len(used) + SLACK:
            return self
        place = np.full(len(self.dated), NONE, np.int32)
        place[used] = np.arange(len(used), dtype=np.int32)
        said = self.said[:, place[self.said[1]] != NONE]
        return replace(
            self,
            taught=np.stack([self.taught[0], place[self.taught[1]]]),
            said=np.stack([said[0], place[said[1]]]),
            **{
                name: getattr(self, name)[used]
                for name in ("dated", "last_start", "provider_low", "provider_high", "offering")
            },
        )


_COLUMNS: Final = tuple(field.name for field in fields(Coverage) if field.name != "names")


class _Numbers:
    """The numbers of names; a new name gets the next one."""

    def __init__(self, names: Names) -> None:
        self._known = {kind: {name: place for place, name in enumerate(known)} for kind, known in vars(names).items()}
        self.competencies = self._known["competencies"]

    def of(self, kind: str, name: str) -> int:
        """The number of a name of a kind."""
        known = self._known[kind]
        return known.setdefault(name, len(known))

    @property
    def names(self) -> Names:
        """All names, in the order of their numbers."""
        return Names(**{kind: tuple(known) for kind, known in self._known.items()})


def _said(offering: Offering) -> Iterator[str]:
    for attribute in TEXTS:
        yield from (f"{attribute} {text}" for text in getattr(offering, attribute))
    for attribute in ("addressed_to", "providers"):
        yield from (f"{attribute} {iri.value}" for iri in getattr(offering, attribute))
    if offering.addressed_to:
        yield "addressed"
    if offering.free is not None:
        yield f"free {offering.free}"


def _demand(
    field: Field, competency: int, evidence: Evidence, numbers: _Numbers
) -> Iterator[tuple[int, int, int, float]]:
    sectors = {figure.sector for figure in evidence.figures}
    sectors |= {sector for role in evidence.claims for sector in field.role_sectors.get(role, ())}
    for sector in sorted(sectors, key=str):
        for basis, name in enumerate(BASES):
            share = demand_of(field, evidence, sector, name).share
            if share is not None:
                yield basis, competency, numbers.of("sectors", sector.value), float(share)


def _areas(before: Numbers, gone: Mask, about: Iterable[tuple[int, Evidence]], numbers: _Numbers) -> Numbers:
    areas = np.full(len(numbers.competencies), REMOVED, np.int32)
    areas[: len(before)] = np.where(gone, REMOVED, before)
    for number, evidence in about:
        areas[number] = numbers.of("areas", evidence.area.value) if evidence.area else NONE
    return areas


def _providers(coverage: Coverage, offerings: Iterable[Offering], numbers: _Numbers) -> dict[str, Any]:
    of_each = [[numbers.of("providers", iri.value) for iri in one.providers] for one in offerings]
    return {
        "provider_low": _longer(coverage.provider_low, (min(some, default=NONE) for some in of_each)),
        "provider_high": _longer(coverage.provider_high, (max(some, default=NONE) for some in of_each)),
    }


def _longer(column: Numbers, more: Iterable[int]) -> Numbers:
    return np.concatenate([column, np.fromiter(more, np.int32)])


def _in_order(pairs: Numbers) -> Numbers:
    return pairs[:, np.argsort(pairs[0], kind="stable")]


def _joined(columns: Numbers, more: list[tuple[int, ...]]) -> Numbers:
    added = np.array(more, np.int32).reshape(-1, len(columns)).T
    return np.concatenate([columns, added], axis=1)
