"""Files of strangers are examined apart: the findings are those of SHACL, and what is hostile ends only itself."""

import json
import time
from pathlib import Path

import pytest
from pyoxigraph import Literal, RdfFormat, Triple, parse

from graph.context import Context
from graph.contribution import examine
from graph.correction import Corrector
from graph.examination import Examination, ExaminationTimeout, ExaminationTooLarge, Limits, Wanted, examine_apart
from graph.jsonld import ForeignContext, depth, with_context
from graph.namespaces import SH, entity
from graph.parsing import Submission
from graph.releases import Release
from graph.report import Finding
from graph.resources import ONTOLOGY, SHAPES, STARTER
from graph.schema import Schema
from graph.store import Dataset
from graph.validation import validate
from graph.vocabulary import vocabulary

EXAMPLES = SHAPES / "examples"
INVALID = sorted(EXAMPLES.glob("*/invalid/*.ttl"))[::10]
SCHEMA = Schema.load()
SLIP = b"id,label_en,mode,type,provider,source\na-course,A course,hybird,course,aaslhh,https://example.org/a\n"


def statements(content: bytes) -> list[Triple]:
    return [quad.triple for quad in parse(content, RdfFormat.TURTLE)]


def examined(name: str, body: str | bytes, release: Path | None = None, limits: Limits | None = None) -> Examination:
    content = body.encode() if isinstance(body, str) else body
    return examine_apart([Submission(name, content)], Wanted(release), limits=limits or Limits())


@pytest.fixture(scope="module")
def store(starter_release: Release) -> Path:
    """The store of the starter graph."""
    return starter_release.path / "store"


@pytest.fixture(scope="module")
def slip(store: Path) -> dict[str, Finding]:
    """The findings about a spreadsheet with slips, by column."""
    found = examined("offering.csv", SLIP, store)
    return {finding.place.column or "": finding for finding in found.report.findings}


def test_the_findings_are_those_of_validation(starter: Dataset, store: Path) -> None:
    context = Context([Dataset.in_memory(vocabulary()), starter])
    for path in INVALID:
        triples = statements(path.read_bytes())
        expected = validate(triples, context.for_submission(triples))
        found = [one for one in examined(path.name, path.read_bytes(), store).report.findings if one.component]
        ours = [(one.severity, one.place.subject, one.place.path, one.message, one.shape, one.term) for one in found]
        assert expected, path
        assert sorted(ours, key=str) == sorted(
            [(one.severity, one.focus, one.path, one.message, one.shape, one.term) for one in expected], key=str
        ), path


def test_a_slip_in_a_spreadsheet_is_placed_explained_and_corrected(slip: dict[str, Finding]) -> None:
    mode = slip["mode"]
    assert (mode.place.row, mode.value, mode.suggestion, mode.example) == (2, "hybird", "hybrid", "mode: hybrid")
    assert mode.why == "How one takes part."
    assert slip["provider"].example == "provider: aaslh"
    assert slip["url"].example == "url: https://museumsnl.ca/introduction-to-preventative-conservation"
    assert slip["url"].place.row == 2


def test_a_column_with_a_slip_is_given_its_name() -> None:
    (finding,) = examined("role.csv", "id,lable_en\na,A\n").report.violations
    assert (finding.place.row, finding.place.column, finding.example) == (1, "lable_en", "label_en")


@pytest.mark.parametrize(
    ("suffix", "expected"),
    [
        (".ttl", "trv:mode <https://w3id.org/trivium/id/mode/hybrid> ;"),
        (
            ".nt",
            "<https://w3id.org/trivium/id/offering/a-course> <https://w3id.org/trivium/ns#mode> "
            "<https://w3id.org/trivium/id/mode/hybrid> .",
        ),
        (".json", '"mode": "hybrid"'),
        (".jsonld", '"trv:mode": {"@id": "https://w3id.org/trivium/id/mode/hybrid"}'),
        (".rdf", '<trv:mode rdf:resource="https://w3id.org/trivium/id/mode/hybrid"/>'),
    ],
)
def test_the_example_is_in_the_format_of_the_file(slip: dict[str, Finding], suffix: str, expected: str) -> None:
    assert Corrector(SCHEMA).completed(slip["mode"], suffix, None).example == expected


def test_every_finding_says_why_and_gives_an_example(store: Path) -> None:
    for path in INVALID[1::3]:
        for finding in examined(path.name, path.read_bytes(), store).report.findings:
            assert finding.why, (path, finding)
            assert finding.example or not finding.place.path, (path, finding)


def test_completeness_is_the_share_of_the_recommended(store: Path) -> None:
    full = examined("a.ttl", (EXAMPLES / "offering/valid/full.ttl").read_bytes(), store).records
    minimal = examined("a.ttl", (EXAMPLES / "offering/valid/minimal.ttl").read_bytes(), store).records
    assert [(one.kind, one.completeness, one.missing) for one in full] == [("offering", 1.0, ())]
    assert [one.completeness for one in minimal] == [0.0]
    assert set(minimal[0].missing) == {"url", "mode", "level", "language", "competencies"}


def test_the_report_of_the_w3c_says_the_same(slip: dict[str, Finding], store: Path) -> None:
    report = statements(examined("offering.csv", SLIP, store).shacl)
    results = [triple.object for triple in report if triple.predicate == SH.result]
    values = {triple.object for triple in report if triple.predicate == SH.value}
    assert len(results) == len(slip)
    assert values == {entity("mode", "hybird"), entity("provider", "aaslhh")}
    focus = {triple.object for triple in report if triple.predicate == SH.focusNode}
    assert focus == {entity("offering", "a-course")}
    (conforms,) = (triple.object for triple in report if triple.predicate == SH.conforms)
    assert conforms == Literal(False)
    severities = [triple.object for triple in report if triple.predicate == SH.resultSeverity]
    assert severities.count(SH.Violation) == 2


def test_a_file_that_is_all_right_conforms_in_every_way(store: Path) -> None:
    found = examined("role.csv", (STARTER / "role.csv").read_bytes(), store)
    assert found.conforms
    assert not found.report.findings
    assert Literal(True) in {triple.object for triple in statements(found.shacl)}


def test_files_may_refer_to_each_other(store: Path) -> None:
    provider = b"id,name,kind,sources\nnew-one,New One,association,https://example.org/\n"
    offering = SLIP.replace(b"aaslhh", b"new-one").replace(b"hybird", b"hybrid")
    files = [Submission("offering.csv", offering), Submission("provider.csv", provider)]
    assert examine_apart(files, Wanted(store)).conforms


def test_the_same_report_as_in_this_process(starter: Dataset, store: Path) -> None:
    context = Context([Dataset.in_memory(vocabulary()), starter])
    here = examine(Submission("offering.csv", SLIP), SCHEMA, context).report.findings
    there = examined("offering.csv", SLIP, store).report.findings
    assert sorted(one.message for one in here) == sorted(one.message for one in there)


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("a.rdf", "<!DOCTYPE rdf:RDF [<!ENTITY a 'b'>]><rdf:RDF/>", "DOCTYPE"),
        ("a.ttl", "this is not Turtle", "This is not Turtle"),
        ("a.jsonld", "[" * 65 + "]" * 65, "nested more than 64 deep"),
        ("a.jsonld", '{"@context": "https://example.org/c.jsonld", "@id": "x"}', "not fetched"),
        ("a.jsonld", '{"@context": ["file:///etc/passwd", {}], "@id": "x"}', "not fetched"),
        ("a.jsonld", '{"@context": {"@import": "https://example.org/c.jsonld"}, "@id": "x"}', "not fetched"),
        ("a.jsonld", '{"@context": {"t": {"@id": "x:y", "@context": "https://example.org/c"}}}', "not fetched"),
        ("offering.csv", b"\xff\xfe", "UTF-8"),
        ("a.ttl", "", "nothing in this file"),
    ],
)
def test_what_cannot_be_read_is_said(name: str, body: str | bytes, message: str) -> None:
    found = examined(name, body)
    assert found.unreadable
    assert any(message in finding.message for finding in found.report.violations)


def test_the_context_of_the_project_may_be_named() -> None:
    document = {"@context": "https://w3id.org/trivium/context.jsonld", "@id": "id:role/a-role", "@type": "Role"}
    found = examined("a.jsonld", json.dumps(document))
    assert not found.unreadable
    assert [(one.subject, one.kind) for one in found.records] == [(entity("role", "a-role").value, "role")]


def test_too_many_statements_are_refused() -> None:
    lines = "".join(f"<urn:a> <urn:b> <urn:c{number}> .\n" for number in range(101))
    found = examined("a.nt", lines, limits=Limits(triples=100))
    assert found.unreadable
    assert "101 statements" in found.report.violations[0].message


def test_findings_are_told_up_to_the_limit_and_counted() -> None:
    rows = "".join(f"Bad Id {number},A\n" for number in range(30))
    found = examined("role.csv", "id,label_en\n" + rows, limits=Limits(findings=10))
    assert (len(found.report.findings), found.left_out) == (10, 20)
    assert not found.unreadable


def test_a_link_that_would_run_is_a_violation(store: Path) -> None:
    body = SLIP.replace(b"https://example.org/a", b"javascript:alert(1)")
    found = examined("offering.csv", body, store)
    assert "source" in {finding.place.column for finding in found.report.violations}


def test_what_takes_too_long_is_stopped() -> None:
    began = time.monotonic()
    with pytest.raises(ExaminationTimeout):
        examined("a.ttl", (EXAMPLES / "offering/valid/full.ttl").read_bytes(), limits=Limits(seconds=0.05))
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("limits", [Limits(bytes=10), Limits(memory=520 << 20)], ids=["bytes", "memory"])
def test_what_is_too_large_is_refused(limits: Limits) -> None:
    lines = "".join(f"<urn:a{number}> <urn:b> <urn:c> .\n" for number in range(400_000))
    with pytest.raises(ExaminationTooLarge):
        examined("a.nt", lines, limits=limits)


def test_nesting_is_counted_outside_of_texts() -> None:
    assert depth(b'{"a": ["}}[[[", "\\"[["]}') == 2


def test_a_context_of_elsewhere_is_found_wherever_it_stands() -> None:
    own = json.loads((ONTOLOGY / "context.jsonld").read_text(encoding="utf-8"))["@context"]
    named = b'{"@graph": [{"@context": ["context.jsonld", {"x": "urn:x"}]}]}'
    assert json.loads(with_context(named)) == {"@graph": [{"@context": [own, {"x": "urn:x"}]}]}
    with pytest.raises(ForeignContext) as caught:
        with_context(b'{"@graph": [{"@context": "urn:other"}]}')
    assert caught.value.iri == "urn:other"
    assert with_context(b"not JSON") == b"not JSON"
