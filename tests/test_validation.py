"""Validation finds just what SHACL finds, and only in what was submitted, however much that is."""

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse
from pyshacl import validate as plain_validate
from rdflib import Graph
from rdflib.namespace import SH

from graph.namespaces import RDF, SHAPE, SKOS, TRV, entity
from graph.resources import SHAPES
from graph.validation import AT_ONCE, Result, shapes_graph, validate

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


def roles(names: dict[str, str]) -> list[Triple]:
    """Roles by slug, with their labels and nothing else."""
    labels = [
        Triple(entity("role", slug), SKOS.prefLabel, Literal(label, language="en")) for slug, label in names.items()
    ]
    return [*(Triple(one.subject, RDF.type, TRV.Role) for one in labels), *labels]


def told(results: list[Result]) -> set[tuple[str | None, ...]]:
    return {(one.focus, one.path, one.shape, one.component, one.value, one.message) for one in results}


def test_many_are_found_to_be_what_each_is_found_to_be_among_the_others() -> None:
    """Entities are validated in parts, and a rule about others of the submission sees them all."""
    many = {f"a-role-{number}": f"Role {number}" for number in range(2 * AT_ONCE + 1)}
    alike, untidy = f"a-role-{2 * AT_ONCE}", f"a-role-{AT_ONCE}"
    submission = roles(many | {alike: "Role 0", untidy: " Role"})
    steps: list[tuple[str, int, int]] = []
    results = validate(submission, progress=lambda *step: steps.append(step))
    total = len(many)
    assert steps == [("validate", AT_ONCE, total), ("validate", 2 * AT_ONCE, total), ("validate", total, total)]
    taken = {one.focus for one in results if one.shape == SHAPE["Role-label-unique"].value}
    assert taken == {entity("role", "a-role-0").value, entity("role", alike).value}
    for slug in ("a-role-0", alike, untidy, "a-role-1"):
        iri = entity("role", slug)
        own = [triple for triple in submission if triple.subject == iri]
        others = [triple for triple in submission if triple.subject != iri]
        assert told(validate(own, others)) == {one for one in told(results) if one[0] == iri.value}


def test_an_entity_of_two_kinds_is_held_to_the_shapes_of_both() -> None:
    both = [*roles({"a-role": "A role"}), Triple(entity("role", "a-role"), RDF.type, TRV.Provider)]
    shapes = {one.shape for one in validate(both)}
    assert {SHAPE["Role-definition"].value, SHAPE["Provider-name"].value} <= shapes
