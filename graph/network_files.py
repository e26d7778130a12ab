"""Graphs as other programs read them: GraphML, GEXF 1.3 and the JSON Graph Format 2 (JGF).

The same graph gives the same bytes. All three are undirected; identifiers are IRIs, and `weight` is the edge's weight.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

import networkx as nx

Fact = str | int | float
DRAWN_SIZE: Final = 1_000.0
"""GEXF carries positions; a program that draws them expects them some hundred units apart."""


@dataclass(frozen=True)
class Node:
    """A node: its IRI, its label, what is known of it, and where it is drawn, within [-1,1], if it is."""

    iri: str
    label: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    position: tuple[float, float] | None = None


@dataclass(frozen=True)
class Edge:
    """What joins two nodes, and how strongly."""

    source: str
    target: str
    relation: str
    weight: float


@dataclass(frozen=True)
class GraphFile:
    """A graph to be written, with what is known of it as a whole."""

    name: str
    about: Mapping[str, Fact]
    nodes: Sequence[Node]
    edges: Sequence[Edge]


def written(graph: GraphFile, suffix: str) -> bytes:
    """The file: `graphml`, `gexf` or `jgf`."""
    return {"graphml": _graphml, "gexf": _gexf, "jgf": _jgf}[suffix](graph)


def _graphml(graph: GraphFile) -> bytes:
    """GraphML (graphml.graphdrawing.org); what is known of the whole is data of the graph."""
    file = BytesIO()
    nx.write_graphml_xml(_plain(graph), file, named_key_ids=True)
    return file.getvalue()


def _gexf(graph: GraphFile) -> bytes:
    """GEXF 1.3 (gexf.net); its format has no place for what is known of the whole but a description."""
    drawn = _plain(graph)
    for node in graph.nodes:
        if node.position:
            x, y = (DRAWN_SIZE * one for one in node.position)
            drawn.nodes[node.iri]["viz"] = {"position": {"x": x, "y": y, "z": 0.0}}
    writer = nx.readwrite.gexf.GEXFWriter(encoding="utf-8", version="1.3")
    writer.add_graph(drawn)
    _describe(writer.xml, graph)
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


def _describe(root: Any, graph: GraphFile) -> None:
    """Say what the file is of. NetworkX writes today's date, and would make other bytes of the same graph tomorrow."""
    meta = next(one for one in root if one.tag == "meta")
    meta.set("lastmodifieddate", str(graph.about["as_of"]))
    next(one for one in meta if one.tag == "creator").text = "Trivium"
    description = meta.makeelement("description", {})
    description.text = f"{graph.name}; " + "; ".join(f"{name}: {value}" for name, value in graph.about.items())
    meta.append(description)


def _jgf(graph: GraphFile) -> bytes:
    """JSON Graph Format 2: one graph, its nodes an object by their identifiers (jsongraphformat.info)."""
    document = {
        "graph": {
            "label": graph.name,
            "directed": False,
            "metadata": dict(graph.about),
            "nodes": {one.iri: {"label": one.label, "metadata": dict(one.facts)} for one in graph.nodes},
            "edges": [
                {
                    "source": one.source,
                    "target": one.target,
                    "relation": one.relation,
                    "directed": False,
                    "metadata": {"weight": one.weight},
                }
                for one in graph.edges
            ],
        }
    }
    return json.dumps(document, ensure_ascii=False).encode()


def _plain(graph: GraphFile) -> "nx.Graph[str]":
    found: nx.Graph[str] = nx.Graph()
    found.graph |= {"name": graph.name, **graph.about}
    for node in graph.nodes:
        found.add_node(node.iri, label=node.label, **node.facts)
    for edge in graph.edges:
        found.add_edge(edge.source, edge.target, relation=edge.relation, weight=edge.weight)
    return found
