"""Generated and mutated queries: whatever is sent, the service answers with a known status, and well formed.

`TRIVIUM_TEST_EXAMPLES=100000 pytest tests/test_sparql_fuzz.py` is the long run, with other examples each time.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results

from graph.resources import QUERIES
from service import create_app
from service.settings import Settings

EXAMPLES: Final = int(os.environ.get("TRIVIUM_TEST_EXAMPLES", "60"))
QUICK: Final = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="TRIVIUM_TEST_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
KNOWN: Final = frozenset((200, 400, 403, 406, 413, 414, 429, 503, 507))
ACCEPTED: Final = ("*/*", "text/csv, text/turtle", "application/sparql-results+xml, application/n-quads", "image/png")

variable = st.sampled_from(["?a", "?b", "?c", "$d"])
iri = st.sampled_from(["trv:Role", "skos:prefLabel", "<role/archivist>", "<http://example.org/x>", "a:b", "rdf:type"])
literal = st.sampled_from(['"x"', "'y'@en", "1", "-2.5", "1e3", "true", '"""z"""', '"1"^^xsd:integer', '"q'])
term = st.one_of(variable, iri, literal, st.sampled_from(["[]", "_:n", "()", "(1 ?a)", "[ ?p ?o ]"]))
path = st.recursive(
    st.one_of(iri, variable, st.just("a")),
    lambda inner: st.one_of(
        st.builds("({}/{})".format, inner, inner),
        st.builds("({}|{})".format, inner, inner),
        st.builds("{}{}".format, inner, st.sampled_from("*+?")),
        st.builds("^{}".format, inner),
        st.builds("!({})".format, inner),
    ),
    max_leaves=4,
)
expression = st.recursive(
    st.one_of(variable, literal, iri),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["=", "<", "+", "/", "&&", "||", "IN"]), inner),
        st.builds(
            "{}({})".format,
            st.sampled_from(["STR", "LANG", "BOUND", "ABS", "IRI", "COUNT", "SUM", "xsd:integer", "MD5", "!"]),
            inner,
        ),
        st.builds("REGEX({}, {})".format, inner, inner),
        st.builds("IF({}, {}, {})".format, inner, inner, inner),
    ),
    max_leaves=5,
)
triple = st.builds("{} {} {} .".format, term, path, term)
group = st.recursive(
    st.builds("{{ {} }}".format, st.lists(triple, max_size=3).map(" ".join)),
    lambda inner: st.one_of(
        st.builds("{{ {} OPTIONAL {} }}".format, triple, inner),
        st.builds("{{ {} UNION {} }}".format, inner, inner),
        st.builds("{{ {} MINUS {} }}".format, inner, inner),
        st.builds("{{ {} FILTER({}) }}".format, inner, expression),
        st.builds("{{ FILTER NOT EXISTS {} {} }}".format, inner, triple),
        st.builds("{{ {} BIND({} AS ?new) }}".format, inner, expression),
        st.builds("{{ GRAPH {} {} }}".format, st.one_of(variable, iri), inner),
        st.builds("{{ SERVICE {} {} }}".format, iri, inner),
        st.builds("{{ SELECT {} {} LIMIT 3 }}".format, variable, inner),
        st.builds("{{ VALUES ({}) {{ ({}) }} {} }}".format, variable, literal, inner),
    ),
    max_leaves=4,
)
query = st.builds(
    "{}{} {}{}".format,
    st.sampled_from(["", "BASE <http://example.org/> ", "PREFIX a: <http://example.org/> ", "# note\n"]),
    st.one_of(
        st.just("ASK"),
        st.just("SELECT *"),
        st.just("CONSTRUCT { ?a ?b ?c } WHERE"),
        st.builds("DESCRIBE {}".format, iri),
        st.builds("SELECT ({} AS ?n)".format, expression),
        st.builds("SELECT * FROM {} FROM NAMED {}".format, iri, iri),
    ),
    group,
    st.sampled_from(
        [" LIMIT 5", " LIMIT 5", " ORDER BY ?a LIMIT 2 OFFSET 1", " GROUP BY ?a HAVING (COUNT(*) > 1)", ""]
    ),
)
WRITTEN: Final = tuple(path.read_text(encoding="utf-8") for path in sorted(QUERIES.glob("*.rq")))
PIECES: Final = (
    *"{}()[]<>\"'#\\\0é𐀀!^*?;.\r",
    *("\ud800", "SERVICE ", "<<", "_:", "FILTER(", "SELECT * {", "\\u0027", "INSERT DATA", "1<2#>"),
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A query with pieces taken out, put in and doubled."""
    text = draw(st.one_of(query, st.sampled_from(WRITTEN)))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        piece = draw(st.one_of(st.sampled_from(PIECES), st.text(max_size=4), st.just(text[start:end] * 2)))
        text = text[:start] + piece * draw(st.sampled_from([1, 1, 1, 40])) + text[end:]
    return text


@pytest.fixture(scope="module")
def endpoint(starter_data: Path) -> Iterator[FlaskClient]:
    """A client whose queries are stopped after a second, and who may ask as much as it likes."""
    plenty = 1e9
    app = create_app(
        Settings(data=starter_data, query_seconds=1.0, query_rows=200, query_share=plenty, query_burst=plenty)
    )
    yield app.test_client()
    app.extensions["trivium.sparql"].close()


@QUICK
@given(text=query, accept=st.sampled_from(ACCEPTED))
def test_generated_queries_are_answered(endpoint: FlaskClient, text: str, accept: str) -> None:
    check(endpoint, text.encode(), accept)


@QUICK
@given(text=mutated(), accept=st.sampled_from(ACCEPTED))
def test_mutated_queries_are_answered(endpoint: FlaskClient, text: str, accept: str) -> None:
    check(endpoint, text.encode(errors="surrogatepass"), accept)


@QUICK
@given(body=st.binary(max_size=300))
def test_bytes_are_answered(endpoint: FlaskClient, body: bytes) -> None:
    check(endpoint, body, "*/*")


def check(endpoint: FlaskClient, body: bytes, accept: str) -> None:
    """Whether the answer is of a known status, and a problem or a well-formed result."""
    headers = {"Accept": accept, "Content-Type": "application/sparql-query"}
    answer = endpoint.post("/sparql", data=body, headers=headers)
    assert answer.status_code in KNOWN, (answer.status_code, body)
    if answer.status_code != 200:
        assert answer.mimetype == "application/problem+json"
        assert answer.json is not None
        assert answer.json["status"] == answer.status_code
    elif syntax := RdfFormat.from_media_type(str(answer.mimetype)):
        list(parse(answer.data, syntax))
    elif answer.mimetype == "application/sparql-results+json":
        assert {"boolean", "results"} & set(json.loads(answer.data))
    elif answer.mimetype == "text/csv":
        answer.data.decode()
    else:
        form = QueryResultsFormat.from_media_type(str(answer.mimetype))
        assert form is not None
        parse_query_results(answer.data, format=form)
