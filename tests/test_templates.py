"""Templates: empty they say nothing, and their examples are right."""

import csv
import io

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse

from graph.resources import SHAPES
from graph.schema import Schema
from graph.tabular import read
from graph.templates import controlled, csv_template, hints
from graph.validation import validate
from graph.vocabulary import vocabulary

SCHEMA = Schema.load()
CHOICES = controlled(SCHEMA, vocabulary())
CONTEXT = [quad.triple for quad in parse(path=str(SHAPES / "examples" / "context.ttl"), format=RdfFormat.TURTLE)]


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("kind", SCHEMA.kinds)
def test_a_template_as_it_is_says_nothing(kind: str) -> None:
    table = read(SCHEMA.kinds[kind], csv_template(SCHEMA.kinds[kind], CHOICES).encode(), f"{kind}.csv")
    assert (table.triples, table.findings) == ([], [])


@pytest.mark.parametrize("kind", SCHEMA.kinds)
def test_the_example_of_a_template_conforms(kind: str) -> None:
    header, hint, example = rows(csv_template(SCHEMA.kinds[kind], CHOICES))
    assert len(header) == len(hint) == len(example)
    out = io.StringIO(newline="")
    csv.writer(out).writerows([header, hint, [example[0].removeprefix("# "), *example[1:]]])
    table = read(SCHEMA.kinds[kind], out.getvalue().encode(), "x")
    assert not table.findings
    full = parse(path=str(SHAPES / "examples" / kind / "valid" / "full.ttl"), format=RdfFormat.TURTLE)
    said = {(triple.predicate, triple.object) for triple in table.triples}
    assert said == {(quad.predicate, quad.object) for quad in full}
    assert not validate(table.triples, CONTEXT)


def test_a_comment_does_not_change_the_number_of_a_row() -> None:
    body = b"# made by hand\nid,label_en\n# x,y\n\nA Title,y\n"
    (fault,) = read(SCHEMA.kinds["offering"], body, "o.csv").findings
    assert str(fault).startswith("o.csv, row 5, column id: ")


def test_hints_say_what_is_needed_and_what_may_be_chosen() -> None:
    said = hints(SCHEMA.kinds["offering"], CHOICES)
    assert said["level"].startswith("Recommended.")
    assert said["level"].endswith("One of: entry, intermediate, advanced.")
    assert said["id"].startswith("Required.")
    assert "true or false" in said["free"]
    assert "Put ; between several" in said["competencies"]


def test_the_whole_field_may_be_chosen_for_a_need_only() -> None:
    """`all` is a population and no sector."""
    assert "One of: all, archives" in hints(SCHEMA.kinds["need"], CHOICES)["sector"]
    assert "One of: archives" in hints(SCHEMA.kinds["offering"], CHOICES)["sectors"]


@pytest.mark.parametrize("kind", SCHEMA.kinds)
def test_a_template_is_served(client: FlaskClient, kind: str) -> None:
    response = client.get(f"/templates/{kind}.csv")
    assert response.status_code == 200
    assert response.content_type == "text/csv; charset=utf-8; header=present"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{kind}.csv"'
    assert response.get_data(as_text=True) == csv_template(SCHEMA.kinds[kind], CHOICES)


def test_an_unknown_template_is_not_found(client: FlaskClient) -> None:
    response = client.get("/templates/ofering.csv")
    assert response.status_code == 404
    assert response.json is not None
    assert "offering" in response.json["detail"]


def test_the_page_leads_to_every_template(client: FlaskClient) -> None:
    text = client.get("/templates", headers={"Accept": "text/html"}).get_data(as_text=True)
    for kind in SCHEMA.kinds.values():
        assert f'href="/templates/{kind.name}.csv"' in text
        assert kind.label in text
    assert 'href="/templates.xlsx"' in text
    assert 'href="/templates"' in client.get("/docs", headers={"Accept": "text/html"}).get_data(as_text=True)
