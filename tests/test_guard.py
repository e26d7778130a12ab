"""What the guard refuses before anything parses it, and the honest queries that it must let pass."""

import time
from pathlib import Path

import pytest

from graph.errors import InvalidQuery, QueryRefused
from graph.guard import MAX_BYTES, MAX_DEPTH, check, from_clauses, likely_fault, position, tokens

SERVICE = "<http://example.org/sparql>"

HONEST = [
    "SELECT * { ?service ?p $SERVICE }",
    "PREFIX : <http://e/> SELECT * { ?s :service :load . :service :p ?o }",
    "PREFIX dcat: <http://e/> SELECT * { ?s dcat:service ?o ; dcat:servesDataset _:service }",
    "PREFIX service: <http://e/> SELECT * { service:a service:b ?o . GRAPH service:g { ?s ?p ?o } }",
    "PREFIX service: <http://e/> SELECT * FROM service:g FROM NAMED service:h { ?s ?p ?o }",
    "SELECT * { ?s ?p <http://e/SERVICE> , <http://e/#SERVICE> , <load> }",
    "SELECT * { ?s ?p 'SERVICE <http://e/> {' , \"DROP ALL\" , 'it\\'s a SERVICE <x> {' }",
    "SELECT * { ?s ?p '''SERVICE ' '' <http://e/> {''' , \"\"\"a \"\" LOAD {{{{\"\"\" }",
    "SELECT * { # SERVICE <http://e/> {\n ?s ?p ?o } # LOAD <http://e/>",
    "SELECT * { ?s ?p 'x'@service , 'y'@en-load }",
    "PREFIX e: <http://e/> SELECT * { e:it\\'s ?p e:a\\#b , e:100%25 . ?s e:p e:a.service }",
    "SELECT ?größe ?naïveservice { ?größe ?p ?naïveservice }",
    "SELECT * { ?a ?b ?c FILTER(?a<?c && ?c>1 || ?a<2) }",
    'SELECT * { ?s ?p ?o FILTER(?o = "' + "(" * 100 + '") }',
    "SELECT * { ?s ?p ?o FILTER(?o != <http://e/" + "(" * 100 + ">) } # " + "{" * 100,
    "SELECT * {" + "{" * (MAX_DEPTH - 1) + "}" * (MAX_DEPTH - 1) + "}",
    "SELECT (1 - -1 AS ?x) { FILTER(!!true) }",
    "SELECT * { VALUES (?a ?b) {" + "(1 2)" * 5000 + "} }",
    "SELECT * { ?s ^<http://e/p>/!(<http://e/q>|^<http://e/r>) ?o }",
    "",
]

REFUSED = {
    "service": f"SELECT * {{ SERVICE {SERVICE} {{ ?s ?p ?o }} }}",
    "silent": f"SELECT * {{ service silent {SERVICE} {{ ?s ?p ?o }} }}",
    "without spaces": f"SELECT*{{?s?p?o.SERVICESILENT{SERVICE}{{?s ?p ?o}}}}",
    "variable": "SELECT * { BIND(<http://e/> AS ?u) SERVICE?u{ ?s ?p ?o } }",
    "number before": f"SELECT * {{ ?s ?p 1SERVICE {SERVICE} {{}} }}",
    "keyword before": f"SELECT * {{ ?s ?p trueSERVICE {SERVICE} {{}} }}",
    "empty prefix": "PREFIX : <http://e/> SELECT * { SERVICE:x { ?s ?p ?o } }",
    "declared prefix": "PREFIX : <http://e/> PREFIX service: <http://f/> SELECT * { service:x # {\n { ?s ?p ?o } }",
    "escaped hash": f"PREFIX e: <http://e/> SELECT * {{ e:a\\#b e:p 1 . SERVICE {SERVICE} {{}} }}",
    "escaped quote": f"PREFIX e: <http://e/> SELECT * {{ e:a\\'b e:p 1 . SERVICE {SERVICE} {{}} ?s ?p e:a\\'b }}",
    "quote in an IRI": f"SELECT * {{ ?s ?p <http://e/a\\u0041'b> . SERVICE {SERVICE} {{}} ?s ?p <http://e/a'b> }}",
    "after a comment": f"SELECT * {{ # '\n SERVICE {SERVICE} {{}} # '\n }}",
    "after a long string": f"SELECT * {{ ?s ?p '''a'\\''''. SERVICE {SERVICE} {{}} }}",
    "in EXISTS": f"ASK {{ FILTER EXISTS {{ SERVICE {SERVICE} {{}} }} }}",
    "load": "LOAD <http://e/>",
    "insert": "PREFIX e: <http://e/> insert data { e:s e:p e:o }",
    "delete": "WITH <http://e/> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "drop": "DROP ALL",
    "braces": "SELECT * " + "{" * 4400,
    "parentheses": "ASK { FILTER(" + "(" * 9800 + "1" + ")" * 9800 + ") }",
    "not": "ASK { FILTER(" + "!" * 9800 + "true) }",
    "if": "ASK { FILTER(" + "IF(1,1," * 2000 + "1" + ")" * 2001 + " }",
    "exists": "ASK { " + "FILTER EXISTS { " * 900 + "}" * 901,
    "blank nodes": "ASK { " + "[ ?p " * 100 + "1" + "]" * 100 + " }",
    "quoted triples": "ASK { " + "<< " * 100 + "?s ?p ?o" + ">>" * 100 + " }",
    "mixed": "ASK { FILTER(" + "!(" * 40 + "1" + ")" * 40 + ") }",
    "too long": "ASK { } #" + "x" * MAX_BYTES,
    "too long in bytes": "ASK { } #" + "é" * (MAX_BYTES // 2),
}


@pytest.mark.parametrize("query", HONEST, ids=lambda query: query[:40])
def test_an_honest_query_passes(query: str) -> None:
    check(query)


@pytest.mark.parametrize("query", REFUSED.values(), ids=REFUSED.keys())
def test_a_hostile_query_is_refused(query: str) -> None:
    with pytest.raises(QueryRefused):
        check(query)


def test_the_refusal_says_where_and_how_to_mend_it() -> None:
    with pytest.raises(QueryRefused, match=r"Line 2, column 4: SERVICE .*VALUES"):
        check(f"SELECT * {{\n   SERVICE {SERVICE} {{ ?s ?p ?o }} }}")
    with pytest.raises(QueryRefused, match=f"{MAX_BYTES + 1:,} bytes.*{MAX_BYTES:,}"):
        check("#" * (MAX_BYTES + 1))
    with pytest.raises(QueryRefused, match=f"column {MAX_DEPTH + 1}: .*{MAX_DEPTH} deep"):
        check("{" * 40)


def test_the_longest_query_is_read() -> None:
    check("#" * MAX_BYTES)


def test_half_a_character_is_not_a_query() -> None:
    with pytest.raises(InvalidQuery, match="Unicode"):
        check("ASK { ?s ?p '\ud800' }")


@pytest.mark.parametrize("path", sorted((Path(__file__).parent.parent / "queries").rglob("*.rq")), ids=lambda p: p.stem)
def test_our_own_questions_pass(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.parent.name != "derive":
        check(text)


@pytest.mark.parametrize(
    "unit", ["<#>", "<'>", "'\\'", "'''\\", "a.", "a-", "\\'''", '"', "[", "_:", "@a-", "<", "%", "a", "''", "\"''"]
)
def test_the_time_grows_with_the_length_only(unit: str) -> None:
    text = (unit * MAX_BYTES)[:MAX_BYTES]
    begun = time.perf_counter()
    assert "".join(token.text for token in tokens(text)) == text or "#" in unit
    assert time.perf_counter() - begun < 1


def test_position_counts_lines_and_columns_from_one() -> None:
    text = "ASK\n{ é ?x }"
    assert position(text, 0) == (1, 1)
    assert position(text, text.index("?x")) == (2, 5)


def test_from_is_found_only_where_it_is_a_clause() -> None:
    assert from_clauses("SELECT ?from { ?from <http://e/from> 'FROM <http://e/>' } # FROM <http://e/>") is None
    found = from_clauses(
        "PREFIX e: <http://e/> # SELECT\n"
        "SELECT*FROM<http://e/1>from e:2 FROM NAMED<http://e/3> FROMNAMED<http://e/4> {}"
    )
    assert found is not None
    assert found.default == ("<http://e/1>", "e:2")
    assert found.named == ("<http://e/3>", "<http://e/4>")
    assert found.prologue == "PREFIX e: <http://e/> # SELECT\n"


def test_the_likely_fault_of_a_query_is_named() -> None:
    query = "PREFIX e: <http://e/> SELECT * { ?s e:p ?o ; scos:note ?n }"
    fault = likely_fault(query, ["skos"])
    assert fault is not None
    assert "`scos:` is not declared" in fault[0]
    assert "`skos`" in fault[0]
    assert fault[1] == query.index("scos:")
    assert likely_fault("BASE <http://e/> PREFIX a: <b> SELECT * { <c> a:d ?o ; <http://e/> ?x }", []) is None
