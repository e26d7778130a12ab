"""Validation by SHACL: the only module that runs pySHACL.

The engine sees the submission and just the context it refers to, so its cost does not grow with the graph.

pySHACL by itself asks each property shape about one entity after another, and reads the shape anew each time. Here
each shape is read once and asked about many entities at once, which finds the same in a small part of the time (SHACL
4.7.2). That is under a lock: what has been read of a shape is shared, and rdflib is kept quiet in the whole process.
"""

import logging
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final

from pyoxigraph import Triple
from pyshacl.pytypes import SHACLExecutor
from pyshacl.shape import Shape
from pyshacl.shapes_graph import ShapesGraph
from rdflib import Graph, URIRef
from rdflib import Literal as RdflibLiteral
from rdflib.namespace import RDF, RDFS, SH
from rdflib.term import IdentifiedNode, Node

from graph.data_graph import DataGraph, PlainGraph, subject
from graph.progress import Progress, silently
from graph.report import Severity
from graph.resources import SHAPES

_engine = Lock()
RECOMMENDED: Final = (SH.Warning, SH.Info)
FOR_PEOPLE: Final = (RDFS.label, RDFS.comment, SH.name, SH.description, SH.order)
AT_ONCE: Final = 200  # entities: progress is told after so many


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


@dataclass(frozen=True)
class _Aim:
    """The shapes that look at every entity of a class (SHACL 2.1.3.2): the one that says so and its property shapes."""

    target: Node
    shapes: tuple[Shape, ...]


def validate(
    submission: Sequence[Triple],
    context: Iterable[Triple] = (),
    shapes: Path = SHAPES,
    progress: Progress = silently,
) -> list[Result]:
    """Every result about the entities of the submission, which may refer to the context.

    What the context says is not validated again.
    """
    with _engine, _quiet_rdflib():
        data = DataGraph([*submission, *context])
        own = dict.fromkeys(subject(triple) for triple in submission)
        work = list(_work(data, list(own), shapes))
        results, done, total = list[Result](), 0, sum(len(entities) for _, entities in work)
        for aim, entities in work:
            results += _results(aim, entities, data, shapes_graph(shapes))
            done += len(entities)
            progress("validate", done, total)
    return sorted(results, key=lambda result: (result.focus, result.path or "", result.message, result.value or ""))


def _work(data: Graph, own: list[IdentifiedNode], shapes: Path) -> Iterator[tuple[_Aim, list[IdentifiedNode]]]:
    """The entities of the submission in small parts, each with the shapes of their class."""
    for aim in _aims(shapes):
        aimed_at = [one for one in own if (one, RDF.type, aim.target) in data]
        for start in range(0, len(aimed_at), AT_ONCE):
            yield aim, aimed_at[start : start + AT_ONCE]


def _results(aim: _Aim, entities: list[IdentifiedNode], data: DataGraph, shapes: Graph) -> Iterator[Result]:
    for shape in aim.shapes:
        _, found = shape.validate(SHACLExecutor(), data, focus=entities)
        for _, result, statements in found:
            yield _result(result, statements, shapes)


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


@cache
def _aims(folder: Path) -> tuple[_Aim, ...]:
    """What looks at the entities of each class, read once; property shapes stand beside the shape of the class."""
    stated, apart = shapes_graph(folder), PlainGraph()
    aiming = list(stated.subject_objects(SH.targetClass))
    whole = {shape for shape, _ in aiming}
    for triple in stated:  # pySHACL compares every predicate with all that it knows, each time
        if triple[1] not in FOR_PEOPLE and (triple[1] != SH.property or triple[0] not in whole):
            apart.add(triple)
    known = ShapesGraph(apart)
    found = {shape.node: shape for shape in known.shapes}
    return tuple(
        _Aim(target, tuple(found[one] for one in (shape, *stated.objects(shape, SH.property))))
        for shape, target in aiming
        if not found[shape].deactivated
    )


def ready(shapes: Path = SHAPES) -> None:
    """Read the shapes now rather than when something is to be validated."""
    with _engine:
        _aims(shapes)


def _result(result: Node, statements: Iterable[tuple[Node, Node, Any]], shapes: Graph) -> Result:
    """A result, out of what pySHACL would write into its report; an object may come with the graph that it is from."""
    stated: dict[Node, list[Node]] = {}
    for about, predicate, term in statements:
        if about == result:  # others are its details
            stated.setdefault(predicate, []).append(term[1] if isinstance(term, tuple) else term)

    def text(predicate: Node) -> str | None:
        return str(stated[predicate][0]) if predicate in stated else None

    why = shapes.value(stated[SH.sourceShape][0], SH.description)
    return Result(
        severity=Severity.WARNING if stated[SH.resultSeverity][0] in RECOMMENDED else Severity.VIOLATION,
        focus=text(SH.focusNode) or "",
        path=text(SH.resultPath),
        value=text(SH.value),
        message=min(map(str, stated.get(SH.resultMessage, ())), default="This does not conform to the shape."),
        shape=text(SH.sourceShape) or "",
        component=text(SH.sourceConstraintComponent) or "",
        term=_written(stated[SH.value][0]) if SH.value in stated else None,
        why=None if why is None else str(why),
    )


def _written(value: Node) -> str | None:
    if isinstance(value, RdflibLiteral):
        return value.n3()
    return f"<{value}>" if isinstance(value, URIRef) else None
