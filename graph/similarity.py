"""How alike roles are by what they require, competencies by who requires them, sectors by what their roles require.

Each thing has a profile: what it stands with, and how strongly (a role with a competency: essential 1, optional 0.5).
Two profiles are alike by the weighted Jaccard index, also called the Ruzicka similarity:

    similarity(a, b) = sum of min(a(x), b(x)) / sum of max(a(x), b(x)),  over every x of either

It is symmetric, lies in [0,1], is 1 only for equal profiles and 0 only where nothing is shared, and it counts what sets
two things apart as well as what joins them (Ruzicka 1958; as the weighted Jaccard index, Ioffe 2010). The projection of
Newman (2001), made for papers with several authors, has no upper bound and no value at which two profiles are equal.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from pyoxigraph import NamedNode

from graph.field import Field
from graph.gaps import demand_of

Profile = Mapping[NamedNode, Fraction]
"""What a thing stands with, each with a weight above 0."""

Profiles = Mapping[NamedNode, Profile]
Pair = tuple[NamedNode, NamedNode]


@dataclass(frozen=True)
class Alike:
    """A thing that is like another, and what both stand with, the strongest first."""

    iri: NamedNode
    similarity: Fraction
    shared: tuple[NamedNode, ...]


def similarity(one: Profile, other: Profile) -> Fraction:
    """How alike two profiles are, in [0,1]; 0 where both are empty, since nothing is known to be alike."""
    common = sum((min(weight, other[key]) for key, weight in one.items() if key in other), Fraction(0))
    whole = sum(one.values(), Fraction(0)) + sum(other.values(), Fraction(0)) - common
    return common / whole if whole else Fraction(0)


def similarities(profiles: Profiles) -> dict[Pair, Fraction]:
    """How alike any two are that share something, each pair once and in order of the IRIs."""
    common: dict[Pair, Fraction] = defaultdict(Fraction)
    for holders in turned(profiles).values():
        for (one, weight), (other, weight_there) in combinations(holders.items(), 2):
            common[one, other] += min(weight, weight_there)
    sums = {iri: sum(profile.values(), Fraction(0)) for iri, profile in profiles.items()}
    found = {(one, other): part / (sums[one] + sums[other] - part) for (one, other), part in common.items()}
    return dict(sorted(found.items(), key=lambda item: (item[0][0].value, item[0][1].value)))


def shared(one: Profile, other: Profile) -> tuple[NamedNode, ...]:
    """What both profiles hold, that which both hold most strongly first."""
    return tuple(sorted(one.keys() & other.keys(), key=lambda key: (-min(one[key], other[key]), key.value)))


def turned(profiles: Profiles) -> dict[NamedNode, dict[NamedNode, Fraction]]:
    """The same weights from the other side, in the order of IRIs: of competencies, the roles that require them."""
    found: dict[NamedNode, dict[NamedNode, Fraction]] = defaultdict(dict)
    for iri in sorted(profiles, key=str):
        for key, weight in profiles[iri].items():
            found[key][iri] = weight
    return dict(sorted(found.items(), key=lambda item: item[0].value))


def requirements(field: Field) -> dict[NamedNode, dict[NamedNode, Fraction]]:
    """The profile of each role that requires something."""
    claims = {
        competency: {role: weight for role, weight in evidence.claims.items() if weight}
        for competency, evidence in field.evidence.items()
    }
    return turned(claims)


def sector_needs(field: Field) -> dict[NamedNode, dict[NamedNode, Fraction]]:
    """The profile of each top sector: of each competency the demand by roles, in [0,1], as gaps have it."""
    return {
        sector: {
            competency: share
            for competency, evidence in field.evidence.items()
            if (share := demand_of(field, evidence, sector, "roles").share)
        }
        for sector in field.sectors
    }


def sectors_of(field: Field, role: NamedNode) -> frozenset[NamedNode]:
    """The top sectors in which a role is practised."""
    return field.role_sectors.get(role, frozenset()) & frozenset(field.sectors)


def nearest_elsewhere(field: Field, profiles: Profiles, role: NamedNode, limit: int) -> list[Alike]:
    """The roles most like this one among those practised in a sector in which it is not, the most alike first."""
    own, here = profiles.get(role, {}), sectors_of(field, role)
    found = [
        Alike(other, similarity(own, profiles[other]), shared(own, profiles[other]))
        for other in sorted(_neighbours(field, own), key=str)
        if other in profiles and sectors_of(field, other) - here
    ]
    return sorted(found, key=lambda one: (-one.similarity, one.iri.value))[:limit]


def _neighbours(field: Field, profile: Profile) -> Iterator[NamedNode]:
    """Every role that requires something of a profile, once."""
    seen: dict[NamedNode, None] = {}
    for competency in profile:
        seen |= dict.fromkeys(field.evidence[competency].claims)
    return iter(seen)


def strongest(pairs: Mapping[Pair, Fraction], count: int) -> list[Pair]:
    """Of each thing the `count` pairs with those that are most like it, each pair once."""
    found: dict[NamedNode, list[tuple[Fraction, str, Pair]]] = defaultdict(list)
    for pair, weight in pairs.items():
        for iri, other in (pair, pair[::-1]):
            found[iri].append((-weight, other.value, pair))
    kept = {pair for ranked in found.values() for *_, pair in sorted(ranked, key=lambda one: one[:2])[:count]}
    return sorted(kept, key=lambda pair: (pair[0].value, pair[1].value))


def ranks(values: Sequence[float]) -> list[int]:
    """The rank of each value in a falling order, from 1; equal values have the same rank, and the next is left out."""
    first = {value: at for at, value in reversed(list(enumerate(values, 1)))}
    return [first[value] for value in values]
