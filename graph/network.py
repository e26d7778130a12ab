"""Network analysis: how roles, competencies and sectors hang together by what roles require.

Roles and competencies are a graph of two kinds of nodes, an edge for each requirement. It is projected onto either
side, and the sectors onto each other, by how alike they are (`graph/similarity.py`). The measures:

- betweenness (Freeman 1977; Brandes 2001): of the pairs of other nodes, the share whose shortest ways lead over the
  node, several ways of a pair counted in fractions; in steps in the graph of two kinds, so that it needs no threshold;
- bridging: the same over the pairs of roles that have no sector in common, divided by their number, so in [0,1];
- PageRank (Brin and Page 1998, damping 0.85) in the projection, weighted by similarity. Eigenvector centrality is not
  used: where a graph falls apart it is 0 for all but one part;
- communities: Louvain (Blondel and others 2008), weighted, the partition of highest modularity of `RUNS` seeded runs,
  and how far the others agree with it (adjusted Rand index, Hubert and Arabie 1985).

Nodes are numbered in the order of their IRIs before NetworkX sees them, so that neither the order of rows nor the seed
of a process's hashes changes a figure. What no requirement joins stands in no graph, and is counted apart.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import comb
from typing import Final

import networkx as nx
from pyoxigraph import NamedNode

from graph.field import Field
from graph.similarity import (
    Pair,
    Profiles,
    requirements,
    sector_needs,
    sectors_of,
    similarities,
    strongest,
    turned,
)

SEED: Final = 20261124
RUNS: Final = 20
FEWEST_RUNS: Final = 4
ENOUGH: Final = 60_000
"""Edges of all runs together: of a larger graph there are fewer runs."""

STEPS: Final = 300

NODES_DRAWN: Final = 150
"""Of more nodes those of the highest PageRank are drawn."""

EDGES_DRAWN: Final = 3
"""Of each node that is drawn, the edges to the so many of the others that are most like it."""

DIGITS: Final = 6
"""Figures are kept to so many decimals: what differs beyond is the order in which a machine adds."""


@dataclass(frozen=True)
class Standing:
    """Where a node stands: with how many it is joined, how strongly, and how central it is (in [0,1])."""

    degree: int
    strength: Fraction
    betweenness: float
    pagerank: float
    community: int


@dataclass(frozen=True)
class Projection:
    """Things of one kind and how alike they are, with their communities, the largest first.

    `degree` and `strength` of a standing are those of its profile: how many, and how strongly. `agreement` is 1 where
    every run found the same communities, and 0 where they agree as by chance. What is drawn has a position in [-1,1].
    """

    profiles: Profiles
    pairs: Mapping[Pair, Fraction]
    standings: Mapping[NamedNode, Standing]
    communities: tuple[tuple[NamedNode, ...], ...]
    modularity: float
    agreement: float
    drawn: tuple[Pair, ...]
    positions: Mapping[NamedNode, tuple[float, float]]


@dataclass(frozen=True)
class Bridge:
    """A competency between the sectors: how far it bridges them, and how strongly the roles of each require it."""

    competency: NamedNode
    bridging: float
    roles: int
    needs: Mapping[NamedNode, Fraction]


@dataclass(frozen=True)
class Network:
    """What network analysis says of one state of the field."""

    roles: Projection
    competencies: Projection
    sectors: Mapping[Pair, Fraction]
    needs: Profiles
    bridges: tuple[Bridge, ...]
    across: int
    role_sectors: Mapping[NamedNode, frozenset[NamedNode]]
    unjoined: tuple[NamedNode, ...]

    @classmethod
    def of(cls, field: Field) -> "Network":
        """Analyse a field: about a second for 69 roles with 653 requirements, and more than in step with them."""
        profiles = requirements(field)
        holders = turned(profiles)
        where = {role: sectors_of(field, role) for role in profiles}
        between = betweenness(profiles)
        needs = sector_needs(field)
        joined = profiles.keys() | holders.keys()
        bridging, across = bridges_between(profiles, where)
        ordered = sorted(bridging.items(), key=lambda item: (-item[1], item[0].value))
        return cls(
            roles=project(profiles, between),
            competencies=project(holders, between),
            sectors=similarities(needs),
            needs=needs,
            bridges=tuple(
                Bridge(iri, value, len(holders[iri]), {s: needs[s][iri] for s in field.sectors if iri in needs[s]})
                for iri, value in ordered
            ),
            across=across,
            role_sectors=where,
            unjoined=tuple(iri for iri in (*field.role_sectors, *field.evidence) if iri not in joined),
        )


def project(profiles: Profiles, between: Mapping[NamedNode, float]) -> Projection:
    """Join the things that the profiles are of by how alike they are, and say where each stands."""
    pairs = similarities(profiles)
    nodes = sorted(profiles, key=str)
    graph = _numbered(nodes, pairs)
    communities, modularity, agreement = _communities(graph)
    belongs = {node: number for number, community in enumerate(communities) for node in community}
    rank = nx.pagerank(graph, tol=1e-12, max_iter=1_000) if nodes else {}
    standings = {
        iri: Standing(
            degree=len(profiles[iri]),
            strength=sum(profiles[iri].values(), Fraction(0)),
            betweenness=between[iri],
            pagerank=round(rank[number], DIGITS),
            community=belongs[number],
        )
        for number, iri in enumerate(nodes)
    }
    central = sorted(nodes, key=lambda iri: (-standings[iri].pagerank, iri.value))[:NODES_DRAWN]
    chosen = frozenset(central)
    among = {pair: like for pair, like in pairs.items() if chosen.issuperset(pair)}
    drawn = strongest(among, EDGES_DRAWN)
    return Projection(
        profiles,
        pairs,
        standings,
        tuple(tuple(nodes[one] for one in community) for community in communities),
        modularity,
        agreement,
        tuple(drawn),
        _positions(sorted(central, key=str), {pair: pairs[pair] for pair in drawn}),
    )


def betweenness(profiles: Profiles) -> dict[NamedNode, float]:
    """The betweenness of every role and competency, as a share of the pairs of other nodes, in [0,1]."""
    graph, nodes = _two_kinds(profiles)
    found = nx.betweenness_centrality(graph)
    return {iri: round(found[number], DIGITS) for number, iri in enumerate(nodes)}


def bridges_between(
    profiles: Profiles, where: Mapping[NamedNode, frozenset[NamedNode]]
) -> tuple[dict[NamedNode, float], int]:
    """How far each competency bridges the sectors, in [0,1], and how many pairs of roles have no sector in common."""
    graph, nodes = _two_kinds(profiles)
    number = {iri: at for at, iri in enumerate(nodes)}
    groups: dict[frozenset[NamedNode], list[int]] = defaultdict(list)
    for role in sorted(profiles, key=str):
        if where.get(role):
            groups[where[role]].append(number[role])
    total, across = defaultdict[int, float](float), 0
    ordered = sorted(groups.items(), key=lambda item: item[1])
    for (here, sources), (there, targets) in combinations(ordered, 2):
        if not here & there:
            across += len(sources) * len(targets)
            # one way only: NetworkX halves an undirected sum that it was not asked to normalise
            found = nx.betweenness_centrality_subset(graph, sources, targets)
            for node, value in found.items():
                total[node] += 2 * value
    return {iri: round(total[number[iri]] / across, DIGITS) if across else 0.0 for iri in turned(profiles)}, across


def agreement_of(one: Sequence[int], other: Sequence[int]) -> float:
    """The adjusted Rand index of two partitions, each the number of the part that each node is in."""
    together = sum(comb(count, 2) for count in Counter(zip(one, other, strict=True)).values())
    first, second = (sum(comb(count, 2) for count in Counter(part).values()) for part in (one, other))
    expected = first * second / comb(len(one), 2) if len(one) > 1 else 0.0
    most = (first + second) / 2
    return 1.0 if most == expected else (together - expected) / (most - expected)


def _numbered(nodes: Sequence[NamedNode], pairs: Mapping[Pair, Fraction]) -> "nx.Graph[int]":
    number = {iri: at for at, iri in enumerate(nodes)}
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(nodes)))
    graph.add_weighted_edges_from((number[one], number[other], float(weight)) for (one, other), weight in pairs.items())
    return graph


def _two_kinds(profiles: Profiles) -> tuple["nx.Graph[int]", list[NamedNode]]:
    """The graph of roles and competencies, and its nodes by their number."""
    edges = {
        (role, competency): Fraction(1) for role, profile in profiles.items() for competency in sorted(profile, key=str)
    }
    nodes = [*sorted(profiles, key=str), *turned(profiles)]
    return _numbered(nodes, edges), nodes


def _communities(graph: "nx.Graph[int]") -> tuple[list[list[int]], float, float]:
    """The best of the runs, the largest community first; its modularity; and how far the others agree with it."""
    if not graph.number_of_edges():
        return [[node] for node in graph], 0.0, 1.0
    count = max(FEWEST_RUNS, min(RUNS, ENOUGH // graph.number_of_edges()))
    runs = [_ordered(nx.community.louvain_communities(graph, seed=SEED + run)) for run in range(count)]
    worth = [round(nx.community.modularity(graph, map(set, run)), DIGITS) for run in runs]
    best = worth.index(max(worth))
    parts = [[number for _, number in sorted((node, at) for at, one in enumerate(run) for node in one)] for run in runs]
    others = [agreement_of(parts[best], part) for at, part in enumerate(parts) if at != best]
    return runs[best], worth[best], round(sum(others) / len(others), DIGITS)


def _ordered(communities: Sequence[set[int]]) -> list[list[int]]:
    return sorted(map(sorted, communities), key=lambda one: (-len(one), one))


def _positions(nodes: Sequence[NamedNode], drawn: Mapping[Pair, Fraction]) -> dict[NamedNode, tuple[float, float]]:
    """Where each node is drawn, within [-1,1]: force-directed (Fruchterman and Reingold 1991), always the same."""
    placed = nx.spring_layout(_numbered(nodes, drawn), seed=SEED, iterations=STEPS) if nodes else {}
    return {iri: (round(float(placed[at][0]), 4), round(float(placed[at][1]), 4)) for at, iri in enumerate(nodes)}
