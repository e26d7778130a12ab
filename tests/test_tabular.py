"""Spreadsheets in and out: what is read is what is written, and what is wrong is said where it stands."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Triple

from graph.namespaces import RDF, SKOS, TRV, XSD, entity
from graph.schema import Schema
from graph.tabular import column_names, read, slugify, write

SCHEMA = Schema.load()
OFFERING = SCHEMA.kinds["offering"]


def sheet(kind: str, *rows: dict[str, str]) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def faults(kind: str, body: bytes) -> list[str]:
    return [str(finding) for finding in read(SCHEMA.kinds[kind], body, f"{kind}.csv").findings]


ROW = {
    "id": "care",
    "label_en": "Care of books",
    "provider": "aaslh",
    "type": "course",
    "source": "https://example.org/x",
}


def test_a_row_becomes_statements() -> None:
    row = ROW | {"competencies": "binding;conservation", "free": "TRUE", "page_date": "2024-05"}
    iri = entity("offering", "care")
    assert set(read(OFFERING, sheet("offering", row), "offering.csv").triples) == {
        Triple(iri, RDF.type, TRV.Offering),
        Triple(iri, SKOS.prefLabel, Literal("Care of books", language="en")),
        Triple(iri, TRV.provider, entity("provider", "aaslh")),
        Triple(iri, TRV.offeringType, entity("offering-type", "course")),
        Triple(iri, NamedNode("http://purl.org/dc/terms/source"), NamedNode("https://example.org/x")),
        Triple(iri, TRV.teaches, entity("competency", "binding")),
        Triple(iri, TRV.teaches, entity("competency", "conservation")),
        Triple(iri, TRV.free, Literal("true", datatype=XSD.boolean)),
        Triple(iri, TRV.pageDate, Literal("2024-05", datatype=XSD.gYearMonth)),
    }


def test_a_byte_order_mark_and_windows_lines_are_no_matter() -> None:
    body = sheet("offering", ROW)
    windows = b"\xef\xbb\xbf" + body.replace(b"\n", b"\r\n")
    assert read(OFFERING, windows, "x").triples == read(OFFERING, body, "x").triples


def test_a_semicolon_in_a_column_of_one_value_stays() -> None:
    row = ROW | {"source": "https://example.org/a?b=1;c=2"}
    sources = [t.object for t in read(OFFERING, sheet("offering", row), "x").triples if "source" in str(t.predicate)]
    assert sources == [NamedNode("https://example.org/a?b=1;c=2")]


def test_a_row_without_an_id_is_named_by_its_key() -> None:
    row = {"role": "archivist", "competency": "digitization", "importance": "essential", "source": "editorial"}
    triples = read(SCHEMA.kinds["requirement"], sheet("requirement", row), "x").triples
    assert {triple.subject for triple in triples} == {entity("requirement", "archivist--digitization")}


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("offering", b"id,titel\nx,y\n", "row 1, column titel: There is no column `titel`"),
        ("offering", b"id,providr\nx,y\n", "Did you mean `provider`?"),
        ("offering", b"label_en\nx\n", "row 1, column id: The column `id` is missing"),
        ("offering", b"id,id\nx,y\n", "The column `id` stands here twice"),
        ("requirement", b"id,role,competency\nx,y,z\n", "The identifier is made from role, competency"),
        ("offering", b"id,label_en\nx,y,z\n", "row 2: This row has 3 cells where the first row has 2"),
        ("offering", b"id,label_en\nA Title,y\n", "row 2, column id: An id is made of"),
        ("offering", b"id,label_en\nA Title,y\n", "Did you mean `a-title`?"),
        ("offering", b"id,label_en\nx,y\nx,z\n", "row 3, column id: This identifier was given in row 2 already"),
        ("offering", b"id,provider\nx,Big School!\n", "row 2, column provider: This is neither a slug nor a link."),
        ("requirement", b"role,competency\n,x\n", "row 2, column role: This cell is needed to identify the row."),
        ("offering", b"id,label_en\nx,\xff\n", "This is not UTF-8 text (byte 14). Save it as CSV UTF-8."),
        ("offering", b'id,label_en\nx,"y\n', "The quotes of this line do not match"),
    ],
)
def test_what_cannot_be_read_is_said_where_it_stands(kind: str, body: bytes, message: str) -> None:
    assert any(message in fault for fault in faults(kind, body)), faults(kind, body)


TEXT = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
SLUG = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True)


@given(
    st.dictionaries(
        SLUG,
        st.fixed_dictionaries(
            {"label_en": TEXT, "label_es": TEXT, "provider": SLUG, "type": SLUG},
            optional={"competencies": st.sets(SLUG, min_size=1).map(lambda slugs: ";".join(sorted(slugs)))},
        ),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_written_is_read_again(rows: dict[str, dict[str, str]]) -> None:
    body = sheet("offering", *({"id": slug} | row for slug, row in rows.items()))
    first = read(OFFERING, body, "x")
    assert not first.findings
    again = read(OFFERING, write(OFFERING, first.triples).encode(), "x")
    assert set(again.triples) == set(first.triples)
    assert not again.findings


def test_a_template_has_every_column_of_its_shape_in_order() -> None:
    names = list(column_names(OFFERING))
    assert names[:4] == ["id", "label_en", "label_es", "definition_en"]
    assert names[-1] == "replaced_by"


@given(st.text(min_size=1))
def test_a_slug_can_be_made_of_any_text(text: str) -> None:
    from graph.namespaces import is_slug

    assert is_slug(slugify(text))
