"""Findings as a validation report of the W3C (SHACL, section 3.6), for machines.

`sh:conforms` is that of the recommendation: false as soon as there is any result, a warning too. A finding of the
reader, before there was any RDF, has the place as its focus node and the problem type as its component.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from graph.namespaces import BASE, RDF, SH, XSD
from graph.report import Finding
from graph.serialisation import serialise
from graph.store import Term

UNREADABLE: Final = NamedNode(f"{BASE}problems#invalid-input")


def shacl_report(findings: Iterable[Finding]) -> bytes:
    """The report in Turtle."""
    return serialise(_report(list(findings)), "ttl")


def _report(findings: list[Finding]) -> Iterator[Triple]:
    report = BlankNode("report")
    yield Triple(report, RDF.type, SH.ValidationReport)
    yield Triple(report, SH.conforms, Literal(str(not findings).lower(), datatype=XSD.boolean))
    for number, finding in enumerate(findings, 1):
        result = BlankNode(f"r{number:06}")
        yield Triple(report, SH.result, result)
        yield Triple(result, RDF.type, SH.ValidationResult)
        for predicate, term in _properties(finding):
            yield Triple(result, predicate, term)


def _properties(finding: Finding) -> Iterator[tuple[NamedNode, Term]]:
    yield SH.resultSeverity, SH[finding.severity.value.capitalize()]
    yield SH.resultMessage, Literal(finding.message, language="en")
    yield SH.focusNode, _resource(finding.place.subject) or Literal(str(finding.place))
    yield SH.sourceConstraintComponent, _resource(finding.component) or UNREADABLE
    for predicate, text in ((SH.resultPath, finding.place.path), (SH.sourceShape, finding.shape)):
        if found := _resource(text):
            yield predicate, found
    if finding.term or finding.value is not None:
        yield SH.value, _value(finding)


def _value(finding: Finding) -> Term:
    if finding.term and not finding.term.startswith("_:"):
        statement = f"<urn:x:s> <urn:x:p> {finding.term} ."
        (quad,) = parse(statement.encode(), RdfFormat.TURTLE)
        term: Term = quad.object
        return term
    return Literal(finding.value or "")


def _resource(text: str | None) -> NamedNode | None:
    """An IRI; blank nodes of the submission mean nothing outside of it."""
    try:
        return NamedNode(text) if text else None
    except ValueError:
        return None
