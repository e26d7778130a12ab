"""The graphs of network analysis, ready to be written: what their nodes and edges carry, in the language asked for."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final

from pyoxigraph import NamedNode

from graph.network import Projection
from graph.network_files import Edge, Fact, GraphFile, Node
from service.operation import Asked
from service.representations import LICENCE
from service.rows import rounded

SUFFIXES: Final = ("graphml", "gexf", "jgf")
BETWEEN: Final = "; "  # between several sectors of one node


def whole_graph(asked: Asked) -> GraphFile:
    """Sectors, roles and competencies: what each role requires and where it is practised, and how alike sectors are."""
    network = asked.view.network
    nodes = [Node(one.value, asked.label(one), {"kind": "sector"}) for one in network.needs]
    nodes += _nodes(asked, network.roles, "role") + _nodes(asked, network.competencies, "competency")
    edges = [
        Edge(role.value, competency.value, "requires", _number(weight))
        for role, profile in network.roles.profiles.items()
        for competency, weight in profile.items()
    ]
    edges += [
        Edge(role.value, sector.value, "practised in", 1.0)
        for role, sectors in network.role_sectors.items()
        for sector in sorted(sectors, key=str)
    ]
    edges += [Edge(one.value, other.value, "alike", _number(like)) for (one, other), like in network.sectors.items()]
    return _file(asked, "Roles, competencies and sectors", nodes, edges)


def projection_graph(asked: Asked, projection: Projection, kind: str, name: str) -> GraphFile:
    """Things of one kind, an edge between any two that are alike at all."""
    edges = [Edge(one.value, other.value, "alike", _number(like)) for (one, other), like in projection.pairs.items()]
    return _file(asked, name, _nodes(asked, projection, kind), edges)


def bridges_graph(asked: Asked) -> GraphFile:
    """Sectors and competencies, an edge where roles of the sector require the competency."""
    network = asked.view.network
    nodes = [Node(one.value, asked.label(one), {"kind": "sector"}) for one in network.needs]
    nodes += [
        Node(
            one.competency.value,
            asked.label(one.competency),
            {"kind": "competency", "bridging": one.bridging, "roles": one.roles},
        )
        for one in network.bridges
    ]
    edges = [
        Edge(sector.value, competency.value, "needs", _number(share))
        for sector, needs in network.needs.items()
        for competency, share in needs.items()
    ]
    return _file(asked, "Competencies between the sectors", nodes, edges)


def _nodes(asked: Asked, projection: Projection, kind: str) -> list[Node]:
    return [
        Node(iri.value, asked.label(iri), dict(_facts(asked, projection, iri, kind)), projection.positions.get(iri))
        for iri in projection.standings
    ]


def _facts(asked: Asked, projection: Projection, iri: NamedNode, kind: str) -> Iterator[tuple[str, Fact]]:
    standing = projection.standings[iri]
    yield "kind", kind
    if kind == "role":
        yield "sectors", BETWEEN.join(sorted(map(asked.label, asked.view.network.role_sectors[iri])))
    yield "community", standing.community + 1
    yield "degree", standing.degree
    yield "strength", _number(standing.strength)
    yield "betweenness", standing.betweenness
    yield "pagerank", standing.pagerank


def _file(asked: Asked, name: str, nodes: Iterable[Node], edges: Iterable[Edge]) -> GraphFile:
    release = asked.view.release
    about: dict[str, Fact] = {"release": release.number, "as_of": release.as_of.isoformat(), "license": LICENCE}
    return GraphFile(name, about, list(nodes), list(edges))


def _number(value: Fraction) -> float:
    return rounded(value) or 0.0
