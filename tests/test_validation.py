"""Validation finds just what SHACL finds, and only in what was submitted."""

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse
from pyshacl import validate as plain_validate
from rdflib import Graph
from rdflib.namespace import SH

from graph.resources import SHAPES
from graph.validation import shapes_graph, validate

EXAMPLES = SHAPES / "examples"
FILES = sorted(EXAMPLES.glob("*/*/*.ttl"))


def statements(path: Path) -> list[Triple]:
    return [quad.triple for quad in parse(path=str(path), format=RdfFormat.TURTLE)]


def found(report: Graph) -> set[tuple[str, ...]]:
    parts = (SH.focusNode, SH.resultPath, SH.sourceShape, SH.sourceConstraintComponent, SH.resultSeverity)
    return {tuple(str(report.value(one, part)) for part in parts) for one in report.objects(None, SH.result)}


@pytest.mark.parametrize("path", FILES[::28], ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_the_findings_are_those_of_plain_pyshacl(path: Path) -> None:
    submission, context = statements(path), statements(EXAMPLES / "context.ttl")
    own = {triple.subject.value for triple in submission if isinstance(triple.subject, NamedNode)}
    data = Graph().parse(path).parse(EXAMPLES / "context.ttl")
    _, report, _ = plain_validate(data, shacl_graph=shapes_graph(), advanced=False, js=False, do_owl_imports=False)
    assert isinstance(report, Graph)
    expected = {result for result in found(report) if result[0] in own}
    ours = {
        (one.focus, str(one.path), one.shape, one.component, str(SH[one.severity.value.capitalize()]))
        for one in validate(submission, context)
    }
    assert ours == expected


def test_the_context_is_not_validated() -> None:
    """A role of the context without a definition is no concern of the one who refers to it."""
    bare = [triple for triple in statements(EXAMPLES / "context.ttl") if "definition" not in triple.predicate.value]
    submission = statements(EXAMPLES / "requirement" / "valid" / "full.ttl")
    assert validate(submission, bare) == []
