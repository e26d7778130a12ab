"""The W3C's SPARQL 1.1 tests of the protocol, the service description and the result formats, over HTTP, by manifest.

The data of the tests are the named graphs of a real release, which the real service answers from; a test of a result
format names its graph by `default-graph-uri`.
"""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Final, NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest
from pyoxigraph import (
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
)
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node
from werkzeug.serving import make_server

from graph.publication import Publisher
from graph.resources import ROOT
from service import create_app
from service.settings import Settings
from tests.conftest import AS_OF
from tests.hostile import ask

MANIFESTS: Final = ROOT.parent / "shared" / "validators" / "sparql11"
pytestmark = [
    pytest.mark.skipif(
        not MANIFESTS.exists(), reason=f"the W3C's manifests are not at ../shared/validators ({MANIFESTS}): NOT CHECKED"
    ),
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated"),
]
MF: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT: Final = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
HT: Final = Namespace("http://www.w3.org/2011/http#")
CNT: Final = Namespace("http://www.w3.org/2011/content#")
RDFS: Final = Namespace("http://www.w3.org/2000/01/rdf-schema#")
SD: Final = Namespace("http://www.w3.org/ns/sparql-service-description#")

READ_ONLY: Final = "an update must succeed in it, and this endpoint only answers queries"
EXCLUDED: Final = dict.fromkeys(
    (
        "update_dataset_default_graph",
        "update_dataset_default_graphs",
        "update_dataset_named_graphs",
        "update_dataset_full",
        "update_post_form",
        "update_post_direct",
        "update_base_uri",
    ),
    READ_ONLY,
)
FAILING: Final = {
    "tsv03": "the engine keeps an xsd:negativeInteger by its value, as xsd:integer; the rest of the answer is right"
}
COUNTS: Final = {"protocol": 34, "service-description": 3, "csv-tsv-res": 6, "json-res": 4}
"""How many tests each manifest lists; those that must fail as updates are run as well."""

RESULTS: Final = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "text/csv": None,
    "text/tab-separated-values": QueryResultsFormat.TSV,
}
CHECKED: Final = ("boolean", "tabular", "RDF")


class Case(NamedTuple):
    """A test of a manifest."""

    manifest: Graph
    node: Node
    name: str


def cases(folder: str) -> list[Case]:
    path = MANIFESTS / folder / "manifest.ttl"
    if not path.exists():
        return []
    manifest = Graph().parse(path, publicID=path.as_uri())
    (entries,) = manifest.objects(None, MF.entries)
    return [Case(manifest, one, str(one).rpartition("#")[2]) for one in Collection(manifest, entries)]


def chosen(folder: str) -> list[object]:
    return [
        pytest.param(one, id=one.name, marks=_failing(one.name)) for one in cases(folder) if one.name not in EXCLUDED
    ]


def _failing(name: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.xfail(reason=FAILING[name])] if name in FAILING else []  # strict, as all are here


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service over a release of the data of all tests."""
    data = tmp_path_factory.mktemp("w3c")
    with Publisher.open(data) as publisher:
        publisher.store.apply((), test_data())
        publisher.publish(AS_OF)
    server = make_server("127.0.0.1", 0, app := create_app(Settings(data=data, cache_bytes=0)), threaded=True)
    base = f"http://127.0.0.1:{server.server_port}"
    server.app = app = create_app(Settings(data=data, base=base, cache_bytes=0))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield base
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["trivium.sparql"].close()


def test_data() -> Iterator[Quad]:
    """Each file of data in the graph that its manifest names, or in the one of its own address."""
    for name in ("data1.nt", "data2.nt", "data3.nt"):
        graph = NamedNode(f"http://kasei.us/2009/09/sparql/data/{name.replace('.nt', '.rdf')}")
        yield from quads(MANIFESTS / "protocol" / name, RdfFormat.N_TRIPLES, graph)
    for path in sorted(MANIFESTS.glob("*-res/*.ttl")):
        if path.name != "manifest.ttl":
            yield from quads(path, RdfFormat.TURTLE, NamedNode(path.as_uri()))


test_data.__test__ = False  # type: ignore[attr-defined]


def quads(path: Path, syntax: RdfFormat, graph: NamedNode) -> Iterator[Quad]:
    for found in parse(path=path, format=syntax):
        yield Quad(found.subject, found.predicate, found.object, graph)


def test_no_test_of_a_manifest_is_forgotten() -> None:
    assert {folder: len(cases(folder)) for folder in COUNTS} == COUNTS
    assert len([one for folder in COUNTS for one in chosen(folder)]) == sum(COUNTS.values()) - len(EXCLUDED) == 40
    assert {one.name for one in cases("protocol")} >= set(EXCLUDED)


@pytest.mark.parametrize("case", chosen("protocol"))
def test_protocol(address: str, case: Case) -> None:
    manifest = case.manifest
    assert {str(manifest.value(one, RDFS.label)) for one in manifest.objects(case.node, UT.graphData)} <= {
        f"http://kasei.us/2009/09/sparql/data/data{number}.rdf" for number in (1, 2, 3)
    }
    (requests,) = manifest.objects(manifest.value(case.node, MF.action), HT.requests)
    for request in Collection(manifest, requests):
        expected = manifest.value(request, HT.resp)
        status, media_type, body = send(address, manifest, request)
        statuses = {str(one).rpartition("StatusCode")[2] for one in manifest.objects(expected, MF.expectedStatus)}
        assert f"{status // 100}xx" in statuses or str(status) in statuses, (status, body)
        if statuses == {"4xx"}:
            assert media_type == "application/problem+json"
            assert json.loads(body)["status"] == status
        if form := manifest.value(expected, MF.expectedFormat):
            assert str(form) in CHECKED
            check_form(str(form), media_type, body)
        if (truth := manifest.value(expected, MF.expectedBoolean)) is not None:
            assert json.loads(body)["boolean"] == truth.toPython()  # type: ignore[attr-defined]


def send(address: str, manifest: Graph, request: Node) -> tuple[int, str, bytes]:
    """The request as the manifest has it: with these headers and no others."""
    content = manifest.value(request, HT.body)
    body = None
    if content is not None:
        text, charset = manifest.value(content, CNT.chars), manifest.value(content, CNT.characterEncoding)
        body = str(text).encode(str(charset))
    listed = manifest.value(request, HT.headers)
    headers = {
        str(manifest.value(one, HT.fieldName)): str(manifest.value(one, HT.fieldValue))
        for one in (Collection(manifest, listed) if listed else ())
    }
    path = str(manifest.value(request, HT.absolutePath))
    return ask(address, str(manifest.value(request, HT.methodName)), path, body, headers)


def check_form(form: str, media_type: str, body: bytes) -> None:
    """Whether a body is of the form that a manifest expects, and well formed."""
    if form == "RDF":
        syntax = RdfFormat.from_media_type(media_type)
        assert syntax, media_type
        list(parse(body, syntax, base_iri="http://example.org/"))
        return
    assert media_type in RESULTS
    results = RESULTS[media_type]
    assert results, media_type
    found = parse_query_results(body, format=results)
    assert isinstance(found, QueryBoolean if form == "boolean" else QuerySolutions)


@pytest.mark.parametrize("case", chosen("service-description"))
def test_service_description(address: str, case: Case) -> None:
    status, media_type, body = ask(address, "GET", "/sparql/")
    assert (status, media_type) == (200, "text/turtle")
    described = Graph().parse(data=body, format="turtle")
    match case.name:
        case "returns-rdf":
            assert len(described) > 10
        case "has-endpoint-triple":
            assert (None, SD.endpoint, URIRef(f"{address}/sparql")) in described
        case "conforms-to-schema":
            check_schema(described)
        case _:
            pytest.fail(f"nobody has written what {case.name} checks")


SCHEMA: Final = {
    "endpoint": ("Service", None),
    "feature": ("Service", "Feature"),
    "defaultEntailmentRegime": ("Service", "EntailmentRegime"),
    "supportedLanguage": ("Service", "Language"),
    "resultFormat": ("Service", None),
    "defaultDataset": ("Service", "Dataset"),
    "availableGraphs": ("Service", "GraphCollection"),
    "defaultGraph": ("Dataset", "Graph"),
    "namedGraph": ("GraphCollection", "NamedGraph"),
    "name": ("NamedGraph", None),
    "graph": ("NamedGraph", "Graph"),
}
"""The properties of the Service Description (section 3.4) that we use, with the classes that they lead from and to."""

BELOW: Final = {"Dataset": "GraphCollection"}
INSTANCES: Final = {"Feature": {"UnionDefaultGraph"}, "Language": {"SPARQL11Query"}}


def check_schema(described: Graph) -> None:
    """Every term is one of the vocabulary's, and every property leads from and to what it may."""
    classes = {name for pair in SCHEMA.values() for name in pair if name}
    used = {str(term).removeprefix(str(SD)) for triple in described for term in triple if str(term).startswith(str(SD))}
    assert used <= classes | set(SCHEMA) | set.union(*INSTANCES.values())
    for subject, predicate, value in described:
        name = str(predicate).removeprefix(str(SD))
        if name in SCHEMA:
            domain, range_ = SCHEMA[name]
            assert domain in types(described, subject), (subject, name)
            if range_ in INSTANCES:
                assert str(value).removeprefix(str(SD)) in INSTANCES[range_]
            elif range_ == "EntailmentRegime":
                assert str(value).startswith("http://www.w3.org/ns/entailment/")
            elif range_:
                assert range_ in types(described, value), (name, value)
    assert len(list(described.objects(None, SD.endpoint))) == 1


def types(described: Graph, node: Node) -> set[str]:
    own = {str(one).removeprefix(str(SD)) for one in described.objects(node, RDF.type)}
    return own | {BELOW[one] for one in own if one in BELOW}


@pytest.mark.parametrize("case", [*chosen("csv-tsv-res"), *chosen("json-res")])
def test_result_formats(address: str, case: Case) -> None:
    action = case.manifest.value(case.node, MF.action)
    query, data = (path_of(case.manifest.value(action, name)) for name in (QT.query, QT.data))
    result = path_of(case.manifest.value(case.node, MF.result))
    arguments = urlencode({"query": query.read_text(), "default-graph-uri": data.as_uri()})
    suffix = result.suffix
    status, media_type, body = ask(address, "GET", f"/sparql{suffix}?{arguments}")
    assert status == 200, body
    by_header = ask(address, "GET", f"/sparql/?{arguments}", headers={"Accept": media_type})
    assert by_header == (200, media_type, body)
    if suffix == ".csv":
        assert media_type == "text/csv"
        assert csv_rows(body.decode()) == csv_rows(result.read_text())
    else:
        assert content(body, suffix) == content(result.read_bytes(), suffix)


def path_of(node: Node | None) -> Path:
    return Path(urlsplit(str(node)).path)


def csv_rows(text: str) -> list[dict[str, object]]:
    """The rows by column, blank nodes by the order they come in, numbers by their value: 1.0E6 is 1.0e6.

    In which order `*` gives the variables is not specified (SPARQL 1.1 Query, 18.2.4.4).
    """
    seen: dict[str, int] = {}

    def cell(text: str) -> object:
        if text.startswith("_:"):
            return seen.setdefault(text, len(seen))
        try:
            return float(text)
        except ValueError:
            return text

    heading, *rows = csv.reader(io.StringIO(text, newline=""))
    return [{name: cell(one) for name, one in zip(heading, row, strict=True)} for row in rows]


def content(body: bytes, suffix: str) -> object:
    """What a result says, blank nodes by the order they come in."""
    found = parse_query_results(body, format=QueryResultsFormat.TSV if suffix == ".tsv" else QueryResultsFormat.JSON)
    if isinstance(found, QueryBoolean):
        return bool(found)
    seen: dict[str, int] = {}

    def term(one: object) -> object:
        if one is None or isinstance(one, NamedNode):
            return one
        if isinstance(one, Literal):
            is_double = one.datatype.value.endswith("#double")
            return (float(one.value), "double") if is_double else one
        return seen.setdefault(str(one), len(seen))

    names = sorted(one.value for one in found.variables)
    return names, [[term(row[name]) for name in names] for row in found]
