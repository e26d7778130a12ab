"""The shapes, by the examples beside them: each must be found to be what `shapes/examples/manifest.ttl` says."""

import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from time import process_time
from typing import Any

import pycountry
import pyoxigraph as ox
import pytest
from pyshacl import validate
from rdflib import OWL, RDF, RDFS, SH, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.query import Result
from rdflib.term import Identifier, Node, Variable

from graph.resources import SHAPES
from tests.examples import CONTEXT, EXAMPLES, Case, Found, cases, triples_of

FILES = tuple(sorted(SHAPES.glob("*.ttl")))
TRV = Namespace("https://w3id.org/trivium/ns#")
SHAPE = Namespace("https://w3id.org/trivium/shapes#")
ID = "https://w3id.org/trivium/id/"
KINDS = frozenset(path.name for path in EXAMPLES.iterdir() if path.is_dir())

SPARQL = SH.SPARQLConstraintComponent
COMPONENTS = {
    SH["class"]: SH.ClassConstraintComponent,
    SH.datatype: SH.DatatypeConstraintComponent,
    SH.disjoint: SH.DisjointConstraintComponent,
    SH["in"]: SH.InConstraintComponent,
    SH.maxCount: SH.MaxCountConstraintComponent,
    SH.maxLength: SH.MaxLengthConstraintComponent,
    SH.minCount: SH.MinCountConstraintComponent,
    SH.node: SH.NodeConstraintComponent,
    SH.nodeKind: SH.NodeKindConstraintComponent,
    SH["or"]: SH.OrConstraintComponent,
    SH.pattern: SH.PatternConstraintComponent,
    SH.sparql: SPARQL,
    SH.uniqueLang: SH.UniqueLangConstraintComponent,
}
NOT_CONSTRAINTS = {SH.name, SH.description, SH.message, SH.severity, SH.order, SH.path, SH.property, SH.targetClass}
IN_VALUES = {SH["not"], SH.minLength}
IN_QUERIES = {SH.prefixes, SH.select, SH.declare, SH.prefix, SH.namespace}


class Data(Graph):
    """A graph of rdflib whose queries Oxigraph answers: a hundred times as fast, with the same answers."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        super().__init__()
        self.twin = ox.Store()
        for triple in triples:
            self.twin.add(ox.Quad(triple.subject, triple.predicate, triple.object))
            self.add((_node(triple.subject), _node(triple.predicate), _node(triple.object)))

    def query(  # type: ignore[override]
        self,
        query_object: str,
        _processor: str,
        _result: str,
        _namespaces: object,
        bindings: Mapping[str, Identifier],
        *_rest: object,
    ) -> Result:
        """Answer a SELECT whose bindings are IRIs."""
        given: Any = {ox.Variable(name): ox.NamedNode(str(term)) for name, term in bindings.items()}
        solutions: Any = self.twin.query(query_object, substitutions=given)
        answer = Result("SELECT")
        answer.vars = [Variable(variable.value) for variable in solutions.variables]
        rows = [zip(answer.vars, row, strict=True) for row in solutions]
        answer.bindings = [{name: _node(term) for name, term in row if term is not None} for row in rows]
        return answer


def _node(term: Any) -> Any:
    """A term of pyoxigraph as rdflib has it, its lexical form untouched."""
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if term.language:
        return Literal(term.value, lang=term.language)
    datatype = URIRef(term.datatype.value)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Parsing weird boolean")
        return Literal(term.value, datatype=None if datatype == XSD.string else datatype, normalize=False)


@cache
def shapes_of(files: tuple[Path, ...] = FILES) -> Graph:
    """The shapes in some files."""
    graph = Graph()
    for path in files:
        graph.parse(path, format="turtle")
    return graph


def validated(data: Graph, shapes: Graph) -> tuple[bool, Graph]:
    """Whether it conforms, and the report."""
    conforms, report, _ = validate(
        data, shacl_graph=shapes, inference=None, advanced=False, js=False, do_owl_imports=False
    )
    assert isinstance(report, Graph)
    return bool(conforms), report


def found_in(report: Graph) -> list[Found]:
    """The results of a report."""

    def text(node: Node, predicate: URIRef) -> Any:
        value = report.value(node, predicate)
        return None if value is None else str(value)

    keys = (SH.focusNode, SH.resultPath, SH.sourceConstraintComponent, SH.resultSeverity, SH.sourceShape)
    return [Found(*(text(node, key) for key in keys)) for node in report.objects(None, SH.result)]


def property_shapes() -> list[Node]:
    """Every property shape."""
    return sorted(shapes_of().subjects(RDF.type, SH.PropertyShape), key=str)


def node_shapes() -> dict[str, Node]:
    """The node shape of each kind."""
    return {str(kind): shape for shape, kind in shapes_of().subject_objects(TRV.kind)}


# The examples


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_an_example_is_found_to_be_what_the_manifest_says(case: Case) -> None:
    data = Data(triple for path in case.data for triple in triples_of(path))
    conforms, report = validated(data, shapes_of(case.shapes))
    found = found_in(report)
    assert set(found) == case.expected
    assert (conforms, len(found)) == (case.conforms, case.results)


def test_every_file_is_listed_and_every_listed_file_is_there() -> None:
    on_disk = {path for path in EXAMPLES.rglob("*.ttl") if path.parent != EXAMPLES}
    assert Counter(case.file for case in cases()) == Counter(on_disk)
    assert {path.name for path in EXAMPLES.glob("*.ttl")} == {"context.ttl", "manifest.ttl"}


def test_what_stands_under_valid_blocks_nothing_and_what_stands_under_invalid_blocks() -> None:
    assert {case.name for case in cases() if case.blocks} == {
        case.name for case in cases() if case.file.parent.name == "invalid"
    }


def test_every_kind_has_a_minimal_and_a_full_example_and_some_that_fail() -> None:
    for kind in node_shapes():
        files = {case.file.relative_to(EXAMPLES / kind) for case in cases() if case.kind == kind}
        assert {Path("valid/minimal.ttl"), Path("valid/full.ttl")} <= files
        assert any(path.parts[0] == "invalid" for path in files)


def test_every_constraint_of_every_shape_is_violated_by_an_example() -> None:
    graph = shapes_of()
    wanted = {
        (str(shape), str(component))
        for shape in (*property_shapes(), *node_shapes().values())
        for parameter, component in COMPONENTS.items()
        if (shape, parameter, None) in graph
    }
    assert {(found.shape, found.component) for case in cases() for found in case.expected} == wanted


def test_the_context_of_the_examples_conforms_to_all_shapes() -> None:
    conforms, report = validated(Data(triples_of(CONTEXT)), shapes_of())
    assert conforms, found_in(report)


def test_the_queries_mean_the_same_to_another_engine() -> None:
    chosen: dict[str, Case] = {}
    for case in cases():
        for found in case.expected:
            if found.component == str(SPARQL):
                constraint = shapes_of().value(URIRef(found.shape), SH.sparql)
                chosen.setdefault(str(shapes_of().value(constraint, SH.select)), case)
    assert chosen
    for case in chosen.values():
        data = Graph()
        for path in case.data:
            data += Data(triples_of(path))
        _, report = validated(data, shapes_of(case.shapes))
        assert set(found_in(report)) == case.expected, case.name


@pytest.mark.parametrize("text", [r"\q{$value}\1", "\x00", "9" * 5000, "1e999999999", "NaN", "<b>", "' \" ` {?this}"])
def test_no_text_stops_the_engine(text: str) -> None:
    def replaced(term: Any) -> Any:
        if not isinstance(term, ox.Literal):
            return term
        return ox.Literal(text, language=term.language) if term.language else ox.Literal(text, datatype=term.datatype)

    full = [case.file for case in cases() if case.file.name == "full.ttl"]
    data = Data(ox.Triple(t.subject, t.predicate, replaced(t.object)) for path in full for t in triples_of(path))
    conforms, _ = validated(data, shapes_of())
    assert not conforms


# Values: dates, durations, languages, links, numbers


def refused(shape: URIRef, values: Iterable[ox.Literal | ox.NamedNode], context: Iterable[ox.Triple] = ()) -> set[str]:
    """Those of the values that do not conform to a shape."""
    here, path = URIRef("urn:example:thing"), URIRef("urn:example:value")
    shapes = Graph() + shapes_of((SHAPES / "values.ttl",))
    shapes.add((SHAPE.Test, RDF.type, SH.NodeShape))
    shapes.add((SHAPE.Test, SH.targetNode, here))
    shapes.add((SHAPE.Test, SH.property, SHAPE["Test-value"]))
    shapes.add((SHAPE["Test-value"], SH.path, path))
    shapes.add((SHAPE["Test-value"], SH.node, shape))
    stated = [ox.Triple(ox.NamedNode(here), ox.NamedNode(path), value) for value in values]
    _, report = validated(Data([*stated, *context]), shapes)
    return {str(value) for value in report.objects(None, SH.value)}


def typed(datatype: URIRef, texts: Iterable[str]) -> list[ox.Literal]:
    return [ox.Literal(text, datatype=ox.NamedNode(datatype)) for text in texts]


def _days() -> Iterator[str]:
    day = date(1900, 1, 1)
    while day.year < 2100:
        yield day.isoformat()
        day += timedelta(days=1)


def test_the_days_are_those_of_the_calendar() -> None:
    pattern = re.compile(str(shapes_of().value(SHAPE.Day, SH.pattern)))
    written = {f"{y}-{m:02}-{d:02}" for y in range(1900, 2100) for m in range(14) for d in range(33)}
    assert {text for text in written if pattern.search(text)} == set(_days())


OTHER_FORMS = ["20270228", "2027-W05-1", "12027-01-01", "-2027-01-01", "2027-02", "2027-02-28T00:00:00", ""]
VALUES: dict[str, tuple[URIRef, list[str], list[str]]] = {
    "Day": (
        XSD.date,
        ["2024-02-29", "2000-02-29", "2027-12-31"],
        [
            "2027-02-30",
            "2023-02-29",
            "1900-02-29",
            "2027-13-01",
            "2027-1-1",
            "2027-02-28Z",
            "2027-02-28\n",
            *OTHER_FORMS,
        ],
    ),
    "Month": (
        XSD.gYearMonth,
        ["2027-01", "2027-12"],
        ["2027-13", "2027-00", "2027-1", "2027", "2027-01Z", "2027-01\n"],
    ),
    "Year": (XSD.gYear, ["1900", "2099"], ["27", "99999", "-2027", "2027Z", "two", "2027\n", "1899"]),
    "Amount": (
        XSD.decimal,
        ["0", "295", "49.50", "13.6", "999999999.9999"],
        ["-1", "+1", "1e3", "NaN", "INF", "1,000", "$5", " 5", "5\n", ".5", "5.", "1234567890", "٣", ""],
    ),
    "Count": (XSD.integer, ["1", "2700"], ["0", "-5", "1.0", "1e3", "007", "٣", "1\n", ""]),
    "Truth": (XSD.boolean, ["true", "false"], ["yes", "1", "TRUE", "true\n", ""]),
    "Duration": (
        XSD.string,
        ["P8W", "PT1H30M", "P1Y2M3D", "P1DT2H", "PT45M", "PT30S", "P2Y6M"],
        ["P", "PT", "8 weeks", "P8WT1H", "P1D2H", "1H", "P1H", "PT1D", "PT1.5H", "P-1D", "p8w", "P8W\n", "P1DT", ""],
    ),
    "LanguageTag": (
        XSD.string,
        ["en", "es", "pt-BR", "zh-Hant-TW", "sr-Latn", "de-1996", "es-419", "yue", "en-x-field", "de-u-co-phonebk"],
        ["english", "e", "en_GB", "en-", "-en", "en--GB", "en\n", " en", "i-klingon", "en-x", "12", "en-GB-US", ""],
    ),
    "Line": (
        XSD.string,
        ["a", "Café & \u202ftea", "漢字", "𝄞"],
        ["", " a", "a ", "a\n", "a\tb", "a\x00b", "\u202ea", "a" * 501],
    ),
    "Prose": (XSD.string, ["a\n\nb\tc"], ["", "\na", "a\n", "a\x0bb", "a\u2066b", "a" * 5001]),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_taken_or_refused(name: str) -> None:
    datatype, good, bad = VALUES[name]
    assert refused(SHAPE[name], typed(datatype, good + bad)) == set(bad)


@pytest.mark.parametrize("name", ["Day", "Month", "Year", "Amount", "Count", "Truth"])
def test_a_value_of_another_datatype_is_refused(name: str) -> None:
    good = VALUES[name][1]
    assert refused(SHAPE[name], typed(XSD.string, good)) == set(good)


def test_links_are_safe_to_follow() -> None:
    good = ["https://aaslh.org/", "http://example.org:8080/a?b=c#d", "https://example.org/%C3%A9", "https://[::1]/"]
    mail = ["mailto:somebody@example.org"]
    bad = ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://example.org/", "https:///a"]
    bad += ["https://", "HTTPS://example.org/", "//example.org/", "mailto:", "mailto:a@b@c", "mailto:a@b?bcc=c@d"]
    links = [ox.NamedNode(text) for text in good + mail + bad if text != "//example.org/"]
    assert refused(SHAPE.WebLink, links) == {*mail, *bad} - {"//example.org/"}
    assert refused(SHAPE.WebOrMailLink, links) == set(bad) - {"//example.org/"}


@pytest.mark.parametrize("name", ["Area", "Competency", "Role", "SourceKind"])
def test_a_reference_leads_to_what_is_of_its_class(name: str) -> None:
    good, bad, unknown = (ox.NamedNode(f"{ID}test/{slug}") for slug in ("good", "bad", "unknown"))
    types = {good: TRV[name], bad: TRV.Provider}
    context = [ox.Triple(iri, ox.NamedNode(RDF.type), ox.NamedNode(cls)) for iri, cls in types.items()]
    assert refused(SHAPE[f"{name}Reference"], [good, bad, unknown], context) == {bad.value, unknown.value}


def test_the_codes_are_those_of_the_standards() -> None:
    def codes(name: str) -> list[str]:
        return [str(item) for item in Collection(shapes_of(), SHAPE[name])]

    assert codes("Currencies") == sorted(currency.alpha_3 for currency in pycountry.currencies)
    assert codes("Countries") == sorted(country.alpha_2 for country in pycountry.countries)


def test_the_query_about_languages_has_the_pattern_of_the_shape() -> None:
    query = str(shapes_of().value(SHAPE.WellFormedLanguage, SH.select))
    assert f'"{shapes_of().value(SHAPE.LanguageTag, SH.pattern)}"' in query


# The shapes themselves


def test_the_shapes_are_valid_shacl() -> None:
    """The two long lists stand shortened: the shapes of SHACL walk every list from each of its members."""
    lists = ("countries", "currencies")
    shapes = Graph() + shapes_of(tuple(path for path in FILES if path.stem not in lists))
    for name in lists:
        Collection(shapes, SHAPE[name.capitalize()], [Literal("XX")])
    conforms, _, text = validate(
        Graph(), shacl_graph=shapes, meta_shacl=True, inference=None, advanced=False, js=False, do_owl_imports=False
    )
    assert conforms, text


def test_nothing_but_shacl_core_and_queries_is_used() -> None:
    used = {predicate for predicate in shapes_of().predicates() if str(predicate).startswith(str(SH))}
    assert used == COMPONENTS.keys() | NOT_CONSTRAINTS | IN_VALUES | IN_QUERIES
    assert OWL.imports not in set(shapes_of().predicates())


def test_each_file_has_one_target_class_and_the_name_of_its_kind() -> None:
    assert node_shapes().keys() == KINDS
    for kind, shape in node_shapes().items():
        own = shapes_of((SHAPES / f"{kind}.ttl",))
        assert list(own.subjects(SH.targetClass)) == [shape]
        assert set(own.subjects(RDF.type, SH.PropertyShape)) == set(own.objects(shape, SH.property))


def test_every_shape_is_named_and_used() -> None:
    graph = shapes_of()
    shapes = set(graph.subjects(RDF.type, SH.NodeShape)) | set(property_shapes())
    assert all(isinstance(shape, URIRef) and shape in SHAPE for shape in shapes)
    used = set(graph.objects()) | set(node_shapes().values())
    assert not shapes - used
    assert set(graph.objects(None, SH.property)) == set(property_shapes())


@pytest.mark.parametrize("predicate", [SH.name, SH.description, SH.message])
def test_every_property_shape_says_one_thing_in_english(predicate: URIRef) -> None:
    for shape in property_shapes():
        (text,) = shapes_of().objects(shape, predicate)
        assert isinstance(text, Literal)
        assert text.language == "en", shape
        assert str(text) == text.strip(), shape
        assert text, shape
        assert predicate == SH.name or text.endswith("."), shape


def test_every_kind_is_described_and_says_how_an_identifier_is_made() -> None:
    for kind, shape in node_shapes().items():
        graph = shapes_of()
        assert graph.value(shape, RDFS.label)
        assert graph.value(shape, RDFS.comment)
        assert f"{ID}{kind}/" in str(graph.value(shape, SH.message))
        assert str(graph.value(shape, SH.maxLength)) == str(len(f"{ID}{kind}/") + 200)


def test_severities_are_explicit_and_a_warning_is_a_recommendation() -> None:
    for shape in (*property_shapes(), *node_shapes().values()):
        (severity,) = shapes_of().objects(shape, SH.severity)
        assert severity == (SH.Warning if str(shape).endswith("-recommended") else SH.Violation), shape


# The columns


def columns_of(shape: Node) -> list[Node]:
    """The property shapes that are columns, in their order."""
    graph = shapes_of()
    columns = [item for item in graph.objects(shape, SH.property) if graph.value(item, TRV.column)]
    return sorted(columns, key=lambda item: int(str(graph.value(item, SH.order))))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_columns_are_in_order_and_each_states_a_property_of_its_own(kind: str) -> None:
    graph, shape = shapes_of(), node_shapes()[kind]
    columns = columns_of(shape)
    assert [int(str(graph.value(item, SH.order))) for item in columns] == list(range(1, len(columns) + 1))
    assert [str(item) for item in columns] == [f"{shape}-{graph.value(item, TRV.column)}" for item in columns]
    paths = [graph.value(item, SH.path) for item in columns]
    assert len(set(paths)) == len(paths)
    others = set(graph.objects(shape, SH.property)) - set(columns)
    assert all(any(str(item).startswith(f"{column}-") for column in columns) for item in others)
    assert {graph.value(item, SH.path) for item in others} <= set(paths)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_key_is_made_of_columns(kind: str) -> None:
    graph, shape = shapes_of(), node_shapes()[kind]
    key = graph.value(shape, TRV.key)
    assert key is None or set(Collection(graph, key)) <= set(columns_of(shape))


def test_references_lead_to_kinds_that_exist() -> None:
    graph = shapes_of()
    subjects = {str(triple.subject.value) for triple in triples_of(CONTEXT) if isinstance(triple.subject, ox.NamedNode)}
    known = KINDS | {iri.removeprefix(ID).partition("/")[0] for iri in subjects}
    named = {str(item) for kinds in graph.objects(None, TRV.kinds) for item in Collection(graph, kinds)}
    assert named <= known
    refers = {shape for shape in property_shapes() if graph.value(shape, SH["class"])}
    assert all(graph.value(shape, TRV.kinds) for shape in refers)


# Patterns


def patterns() -> list[str]:
    """Every regular expression in the shapes."""
    queries = [str(query) for query in shapes_of().objects(None, SH.select)]
    in_queries = {found for query in queries for found in re.findall(r'REGEX\([^"]*"([^"]+)"', query)}
    return sorted({str(pattern) for pattern in shapes_of().objects(None, SH.pattern)} | in_queries)


BEGINNINGS = ["", "P", "P1DT", "en", "2024-02-", "https://a", "mailto:a", "mailto:a@", f"{ID}offering/a"]
UNITS = ["a", "0", "-", "-a", "a-", "--a", "-aaa", "-1aaa", "-a-aa", "1Y", "1M", "1H", " ", "\t", "@", "/", "\\", "é"]


@pytest.mark.parametrize("pattern", patterns())
def test_a_pattern_takes_time_in_proportion_to_the_text(pattern: str) -> None:
    matcher = re.compile(pattern)
    for beginning in BEGINNINGS:
        for unit in UNITS:
            text = beginning + unit * (20_000 // len(unit)) + "!"
            start = process_time()
            matcher.search(text)
            assert process_time() - start < 0.5, text[:40]


def test_patterns_keep_to_what_all_engines_understand() -> None:
    assert not [pattern for pattern in patterns() if re.search(r"\(\?|\\[^s.]|[*+?}][+?]", pattern.replace(r"\\", ""))]
