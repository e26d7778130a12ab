"""Validation by SHACL: the only module that runs pySHACL.

The engine sees the submission and just the context it refers to, so its cost does not grow with the graph.
Shapes are parsed once and passed as a graph, under a lock: while pySHACL reads shapes it changes how rdflib
treats literals in the whole process.
"""

import logging
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Triple
from pyshacl import validate as shacl_validate
from rdflib import BNode, Graph, URIRef
from rdflib import Literal as RdflibLiteral
from rdflib.namespace import RDF, SH
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result as RdflibResult
from rdflib.term import Identifier, Node, Variable

from graph.namespaces import XSD
from graph.report import Severity
from graph.resources import SHAPES
from graph.store import Dataset

TEXT = XSD.string
_engine = Lock()
RECOMMENDED = (SH.Warning, SH.Info)


@dataclass(frozen=True)
class Result:
    """One validation result (SHACL 3.6.2), its terms as text; `term` is the value as Turtle writes it, and `why` what
    the shape says it is for."""

    severity: Severity
    focus: str
    path: str | None
    value: str | None
    message: str
    shape: str
    component: str
    term: str | None = None
    why: str | None = None


def validate(submission: Sequence[Triple], context: Iterable[Triple] = (), shapes: Path = SHAPES) -> list[Result]:
    """Every result about the entities of the submission, which may refer to the context."""
    with _engine, _quiet_rdflib():
        report = _report([*submission, *context], {_node(triple.subject) for triple in submission}, shapes)
        results = [_result(report, node, shapes_graph(shapes)) for node in report.objects(None, SH.result)]
    return sorted(results, key=lambda result: (result.focus, result.path or "", result.message, result.value or ""))


class AnsweredByOxigraph(Graph):
    """The data of one validation; its SPARQL constraints are answered by the engine of the store.

    rdflib would parse the text of a constraint anew for each entity, and fails on numbers that are none, such as
    `"NaN"^^xsd:decimal`.
    """

    def __init__(self, triples: Iterable[Triple]) -> None:
        super().__init__()
        stated = list(dict.fromkeys(triples))
        self._dataset = Dataset.in_memory(Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in stated)
        for triple in stated:
            self.add((_node(triple.subject), _node(triple.predicate), _node(triple.object)))

    def query(
        self,
        query_object: str | Query,
        processor: Any = "sparql",
        result: Any = "sparql",
        initNs: Mapping[str, Any] | None = None,
        initBindings: Mapping[str, Any] | None = None,
        *_: Any,
        **__: Any,
    ) -> RdflibResult:
        """Answer the SELECT of a constraint about `$this` (SHACL 5.3.1)."""
        bindings = {name: NamedNode(term) for name, term in (initBindings or {}).items() if name == "this"}
        rows = self._dataset.select(str(query_object), bindings)
        answer = RdflibResult("SELECT")
        answer.vars = [Variable(name) for name in rows.variables]
        answer.bindings = [
            {Variable(name): _node(term) for name, term in zip(rows.variables, row, strict=True) if term is not None}
            for row in rows
        ]
        return answer


def _targets(data: Graph, own: set[Node], shapes: Graph) -> list[tuple[Node, Node, Node]]:
    """The entities of the submission as targets of the shapes of their classes (SHACL 2.1.3.1)."""
    return [
        (shape, SH.targetNode, node)
        for shape, target in shapes.subject_objects(SH.targetClass)
        for node in own.intersection(data.subjects(RDF.type, target))
    ]


def _report(triples: list[Triple], own: set[Node], shapes: Path) -> Graph:
    """The validation report about some entities alone: what the context says is not validated again."""
    data, aimed = AnsweredByOxigraph(triples), Graph()
    for triple in (*_targets(data, own, shapes_graph(shapes)), *shapes_graph(shapes)):
        if triple[1] != SH.targetClass:
            aimed.add(triple)
    _, report, _ = shacl_validate(
        data, shacl_graph=aimed, inference=None, advanced=False, js=False, do_owl_imports=False
    )
    if not isinstance(report, Graph):
        raise TypeError(report)
    return report


@contextmanager
def _quiet_rdflib() -> Iterator[None]:
    """Ill-formed values are findings here; rdflib would log a traceback and warn of each."""
    log = logging.getLogger("rdflib.term")
    before, log.disabled = log.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            yield
    finally:
        log.disabled = before


@cache
def shapes_graph(folder: Path = SHAPES) -> Graph:
    """Every shape in a folder, parsed once."""
    graph = Graph()
    for path in sorted(folder.glob("*.ttl")):
        graph.parse(path, format="turtle")
    return graph


def _result(report: Graph, node: Node, shapes: Graph) -> Result:
    def text(predicate: Node) -> str | None:
        value = report.value(node, predicate)
        return None if value is None else str(value)

    value, shape = report.value(node, SH.value), report.value(node, SH.sourceShape)
    why = shapes.value(shape, SH.description) if shape else None
    return Result(
        severity=Severity.WARNING if report.value(node, SH.resultSeverity) in RECOMMENDED else Severity.VIOLATION,
        focus=text(SH.focusNode) or "",
        path=text(SH.resultPath),
        value=text(SH.value),
        message=_message(report, node),
        shape=text(SH.sourceShape) or "",
        component=text(SH.sourceConstraintComponent) or "",
        term=_written(value),
        why=None if why is None else str(why),
    )


def _written(value: Node | None) -> str | None:
    if isinstance(value, RdflibLiteral):
        return value.n3()
    return f"<{value}>" if isinstance(value, URIRef) else None


def _message(report: Graph, node: Node) -> str:
    messages = sorted(report.objects(node, SH.resultMessage), key=str)
    return str(messages[0]) if messages else "This does not conform to the shape."


def _node(term: Any) -> Identifier:
    if isinstance(term, NamedNode):
        return URIRef(term.value)
    if isinstance(term, Literal):
        if term.language:
            return RdflibLiteral(term.value, lang=term.language)
        if term.datatype == TEXT:  # rdflib tells "US" and "US"^^xsd:string apart; RDF 1.1 does not
            return RdflibLiteral(term.value)
        return RdflibLiteral(term.value, datatype=URIRef(term.datatype.value), normalize=False)
    return BNode(term.value)
