"""Validation by SHACL: the only module that runs pySHACL.

The engine sees the submission and just the context it refers to, so its cost does not grow with the graph.
Shapes are parsed once and passed as a graph, under a lock: while pySHACL reads shapes it changes how rdflib
treats literals in the whole process.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple
from pyshacl import validate as shacl_validate
from rdflib import BNode, Graph, URIRef
from rdflib import Literal as RdflibLiteral
from rdflib.namespace import RDF, SH
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result as RdflibResult
from rdflib.term import Node

from graph.namespaces import XSD
from graph.report import Severity
from graph.resources import SHAPES

TEXT = XSD.string
_engine = Lock()
RECOMMENDED = (SH.Warning, SH.Info)


@dataclass(frozen=True)
class Result:
    """One validation result (SHACL 3.6.2), its terms as text."""

    severity: Severity
    focus: str
    path: str | None
    value: str | None
    message: str
    shape: str
    component: str


def validate(submission: Sequence[Triple], context: Iterable[Triple] = (), shapes: Path = SHAPES) -> list[Result]:
    """Every result about the entities of the submission, which may refer to the context."""
    data = ParsingOnce()
    for triple in (*submission, *context):
        data.add((_node(triple.subject), _node(triple.predicate), _node(triple.object)))
    targets = _targets(data, {_node(triple.subject) for triple in submission}, shapes_graph(shapes))
    report = _report(data, targets, shapes_graph(shapes)) if targets else Graph()
    results = [_result(report, node) for node in report.objects(None, SH.result)]
    return sorted(results, key=lambda result: (result.focus, result.path or "", result.message, result.value or ""))


class ParsingOnce(Graph):
    """A graph that parses the text of a SPARQL constraint once, not once for each entity it is asked about."""

    def __init__(self) -> None:
        super().__init__()
        self._prepared: dict[str, Query] = {}

    def query(self, query_object: str | Query, *args: Any, **options: Any) -> RdflibResult:
        """Answer a query; see `rdflib.Graph.query`."""
        if isinstance(query_object, str):
            if query_object not in self._prepared:
                self._prepared[query_object] = prepareQuery(query_object, options.get("initNs") or {})
            query_object = self._prepared[query_object]
        return super().query(query_object, *args, **options)


def _targets(data: Graph, own: set[Node], shapes: Graph) -> list[tuple[Node, Node, Node]]:
    """The entities of the submission as targets of the shapes of their classes (SHACL 2.1.3.1)."""
    return [
        (shape, SH.targetNode, node)
        for shape, target in shapes.subject_objects(SH.targetClass)
        for node in own.intersection(data.subjects(RDF.type, target))
    ]


def _report(data: Graph, targets: list[tuple[Node, Node, Node]], shapes: Graph) -> Graph:
    """The validation report about the targets alone: what the context says is not validated again."""
    aimed = Graph()
    for triple in shapes:
        if triple[1] != SH.targetClass:
            aimed.add(triple)
    for triple in targets:
        aimed.add(triple)
    with _engine:
        _, report, _ = shacl_validate(
            data, shacl_graph=aimed, inference=None, advanced=False, js=False, do_owl_imports=False
        )
    if not isinstance(report, Graph):
        raise TypeError(report)
    return report


@cache
def shapes_graph(folder: Path = SHAPES) -> Graph:
    """Every shape in a folder, parsed once."""
    graph = Graph()
    for path in sorted(folder.glob("*.ttl")):
        graph.parse(path, format="turtle")
    return graph


def _result(report: Graph, node: Node) -> Result:
    def text(predicate: Node) -> str | None:
        value = report.value(node, predicate)
        return None if value is None else str(value)

    return Result(
        severity=Severity.WARNING if report.value(node, SH.resultSeverity) in RECOMMENDED else Severity.VIOLATION,
        focus=text(SH.focusNode) or "",
        path=text(SH.resultPath),
        value=text(SH.value),
        message=_message(report, node),
        shape=text(SH.sourceShape) or "",
        component=text(SH.sourceConstraintComponent) or "",
    )


def _message(report: Graph, node: Node) -> str:
    messages = sorted(report.objects(node, SH.resultMessage), key=str)
    return str(messages[0]) if messages else "This does not conform to the shape."


def _node(term: Any) -> Node:
    if isinstance(term, NamedNode):
        return URIRef(term.value)
    if isinstance(term, Literal):
        if term.language:
            return RdflibLiteral(term.value, lang=term.language)
        if term.datatype == TEXT:  # rdflib tells "US" and "US"^^xsd:string apart; RDF 1.1 does not
            return RdflibLiteral(term.value)
        return RdflibLiteral(term.value, datatype=URIRef(term.datatype.value), normalize=False)
    return BNode(term.value)
