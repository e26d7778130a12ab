"""Contributing in a browser: forms made from the shapes, what is wrong at its field, and nothing typed is lost."""

import html
import io
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pyoxigraph import Literal, NamedNode

from graph.journal import Journal, Reader
from graph.namespaces import DCT, SCHEMA, SKOS, TRV, entity
from graph.people import People, Role
from graph.publisher import publish_waiting
from graph.releases import Releases
from graph.schema import Schema
from graph.store import Term
from graph.tabular import column_names
from service import create_app
from service.settings import Settings
from tests.visitor import Visitor

OFFERING = {
    "label_en": "Care of books & maps",
    "provider": "aaslh",
    "type": "course",
    "source": "https://example.org/care",
}
KINDS = tuple(Schema.load().kinds)


@pytest.fixture(scope="module")
def data(starter_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the starter graph, to be changed."""
    return Path(shutil.copytree(starter_data, tmp_path_factory.mktemp("contribute") / "data"))


@pytest.fixture(scope="module")
def app(data: Path) -> Flask:
    return create_app(Settings(data=data, look_seconds=0))


@pytest.fixture(scope="module")
def tess(app: Flask, data: Path) -> Visitor:
    """One whose contributions are published without review."""
    return Visitor.logged_in(app, People(data).add("tess", "Tess", Role.TRUSTED))


def input_of(page: str, name: str) -> str:
    """The tag of a field."""
    found = re.search(rf'<(?:input|textarea|select)[^>]* name="{name}"[^>]*>', page)
    assert found, name
    return found[0]


def block(page: str, name: str) -> str:
    """A field with its label, its help and its messages."""
    (found,) = [
        one for one in re.split(r'<(?=div class="field"|fieldset class="field")', page) if f'id="field-{name}"' in one
    ]
    return html.unescape(found)


def number_of(location: str) -> int:
    return int(location.rpartition("/")[2])


def row_of(data: Path, number: int) -> dict[str, Any]:
    """The one row of a contribution, as the journal keeps it."""
    ((row,),) = json.loads(Journal(data).entry(number).submission.body).values()
    return dict(row)


@pytest.mark.parametrize("name", KINDS)
def test_a_form_has_the_fields_of_the_shapes(tess: Visitor, name: str) -> None:
    kind = Schema.load().kinds[name]
    page = tess.open(f"/contribute/{name}")
    fields = list(dict.fromkeys(re.findall(r'id="field-(\w+)"', page)))
    id = [] if kind.key else ["id"]
    assert fields == [*(one for one in column_names(kind) if one != "id"), *id, "terms"]
    for column in kind.columns:
        field = block(page, f"{column.name}_en" if column.language_tagged else column.name)
        need = "Required" if column.required else "Recommended" if column.recommended else "Optional"
        assert f"<em>{need}" in field
        assert column.title in field
        assert column.description in field


def test_controlled_values_are_chosen_and_things_are_named(tess: Visitor) -> None:
    page = tess.open("/contribute/offering")
    assert '<option value="hybrid">Hybrid</option>' in block(page, "mode")
    assert block(page, "sectors").count('type="checkbox"') == 25
    assert '<option value="aaslh">American Association' in block(page, "provider")
    assert 'list="list-provider"' in input_of(page, "provider")
    assert 'data-kinds="competency" data-many' in input_of(page, "competencies")
    assert 'type="date"' in input_of(page, "verified_date")
    assert 'type="url"' in input_of(page, "source")
    assert 'lang="es"' in input_of(page, "definition_es")


def test_every_field_is_named_and_described(tess: Visitor) -> None:
    page = tess.open("/contribute/offering")
    ids = set(re.findall(r' id="([^"]+)"', page))
    assert set(re.findall(r'<label for="([^"]+)"', page)) <= ids
    described = {one for text in re.findall(r'aria-describedby="([^"]+)"', page) for one in text.split()}
    assert described <= ids


def test_a_form_without_scripts_is_sent_and_published(tess: Visitor, app: Flask, data: Path) -> None:
    typed = OFFERING | {
        "label_es": "Cuidado de libros",
        "definition_en": "In two lines.\r\nThis is the second.",
        "sectors": ["museums", "archives"],
        "mode": "hybrid",
        "free": "false",
        "cost_amount": "49.50",
        "cost_currency": "EUR",
        "language": "en; es",
        "competencies": "physical-accessibility; Disaster planning and response;",
        "verified_date": "2026-11-01",
        "terms": "https://creativecommons.org/licenses/by/4.0/",
    }
    answer = tess.send("/contribute/offering", **typed)
    assert answer.status_code == 303
    publish_waiting(data)
    page = tess.open(answer.location)
    assert "Published" in page
    assert 'href="/offering/care-of-books-maps"' in page
    assert "licenses/by/4.0" in page
    assert 'http-equiv="refresh"' not in page
    release = Releases(data).newest()
    assert release
    iri = entity("offering", "care-of-books-maps")
    said: dict[NamedNode, set[Term]] = {}
    for triple in release.dataset().describe(iri):
        said.setdefault(triple.predicate, set()).add(triple.object)
    assert said[SKOS.prefLabel] == {
        Literal("Care of books & maps", language="en"),
        Literal("Cuidado de libros", language="es"),
    }
    assert said[SKOS.definition] == {Literal("In two lines.\nThis is the second.", language="en")}
    assert said[TRV.addressedTo] == {entity("sector", "museums"), entity("sector", "archives")}
    assert said[TRV.teaches] == {
        entity("competency", "physical-accessibility"),
        entity("competency", "disaster-planning-and-response"),
    }
    assert said[TRV.language] == {Literal("en"), Literal("es")}
    assert said[DCT.source] == {NamedNode("https://example.org/care")}
    assert SCHEMA.url not in said


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(tess: Visitor, data: Path) -> None:
    kept = len(Journal(data).headings(Reader(everything=True)))
    typed = {
        "label_en": 'A "quoted" <title>',
        "definition_es": "Algo.",
        "provider": "aaslhh",
        "mode": "hybrid",
        "sectors": ["museums", "libraries"],
        "competencies": "physical-accessibility; no-such-thing",
        "source": "www.example.org",
        "free": "true",
        "id": "Not A Slug",
        "terms": "https://creativecommons.org/licenses/by/4.0/",
    }
    answer = tess.send("/contribute/offering", **typed)
    assert answer.status_code == 422
    assert answer.headers["Cache-Control"] == "no-store"
    page = answer.text
    assert "An id is made of lower-case letters" in block(page, "id")
    answer = tess.send("/contribute/offering", **(typed | {"id": ""}))
    assert answer.status_code == 422
    page = answer.text
    summary = html.unescape(page.partition('role="alert"')[2].partition("</div>")[0])
    for name, words in {
        "provider": "Did you mean `aaslh`?",
        "type": "exactly one known word",
        "source": "neither a slug nor a link",
        "competencies": "Name each competency",
    }.items():
        assert words.replace("`aaslh`", "<code>aaslh</code>") in block(page, name), name
        assert f'href="#field-{name}"' in summary
        assert f"errors-{name}" in input_of(page, name)
        assert 'aria-invalid="true"' in input_of(page, name)
    assert "errors-label_en" not in page
    assert 'value="A &#34;quoted&#34; &lt;title&gt;"' in input_of(page, "label_en")
    assert ">Algo.</textarea>" in page
    assert '<option value="hybrid" selected>' in page
    assert '<option value="true" selected>' in page
    assert page.count(" checked>") == 2
    assert 'value="physical-accessibility; no-such-thing"' in input_of(page, "competencies")
    assert '<option value="https://creativecommons.org/licenses/by/4.0/" selected>' in page
    assert len(Journal(data).headings(Reader(everything=True))) == kept


def test_a_form_that_is_empty_names_everything_required(tess: Visitor) -> None:
    page = tess.send("/contribute/offering").text
    for name in ("label_en", "provider", "type", "source"):
        assert "errors-" + name in input_of(page, name)
    assert "errors-mode" not in page


def test_a_slug_that_is_taken_gets_a_number(tess: Visitor, data: Path) -> None:
    slugs = []
    for title in ("A title", "A title!", "A title?"):
        answer = tess.send("/contribute/offering", **OFFERING | {"label_en": title})
        slugs.append(row_of(data, number_of(answer.location))["id"])
        publish_waiting(data)
    assert slugs == ["a-title", "a-title-2", "a-title-3"]


def test_an_id_of_anothers_is_refused_before_it_is_sent(tess: Visitor) -> None:
    answer = tess.send("/contribute/offering", **OFFERING, id="aaslh-online-course-collections-management")
    assert answer.status_code == 422
    assert "who alone may change it" in block(answer.text, "id")


def test_what_another_has_related_is_refused_before_it_is_sent(tess: Visitor) -> None:
    """A requirement has no id of its own: the starter graph has this one."""
    typed = {"role": "archivist", "competency": "selection-and-appraisal", "importance": "optional"}
    answer = tess.send("/contribute/requirement", **typed, source="editorial")
    assert answer.status_code == 422
    assert "who alone may change it" in answer.text


def test_a_form_sent_twice_is_one_contribution(tess: Visitor) -> None:
    first, second = (tess.send("/contribute/offering", **OFFERING, key="one") for _ in range(2))
    other = tess.send("/contribute/offering", **OFFERING | {"label_en": "Mended"}, key="one")
    assert first.location == second.location != other.location
    assert other.status_code == 303


def test_a_thing_without_an_id_of_its_own_is_put_in(tess: Visitor, data: Path) -> None:
    typed = {"from": "physical-accessibility", "relation": "related", "to": "Archivist", "source": "editorial"}
    answer = tess.send("/contribute/mapping", **typed)
    assert answer.status_code == 303, answer.text
    assert row_of(data, number_of(answer.location)) == typed | {"to": "role/archivist"}


def test_a_file_is_sent_and_its_page_looks_again_until_it_is_decided(tess: Visitor, data: Path) -> None:
    body = b"id,label_en,provider,type,source\nby-file,By file,aaslh,course,https://example.org/f\n"
    answer = tess.send("/contributions", file=(io.BytesIO(body), "my file.csv"), kind="offering")
    assert answer.status_code == 303
    assert '<meta http-equiv="refresh" content="2">' in tess.open(answer.location)
    publish_waiting(data)
    page = tess.open(answer.location)
    assert 'http-equiv="refresh"' not in page
    assert "my file.csv" in page
    assert 'href="/offering/by-file"' in page


def test_what_cannot_be_taken_is_said_on_a_page(tess: Visitor) -> None:
    answer = tess.send("/contributions", file=(io.BytesIO(b"x"), "a.png"))
    assert (answer.status_code, answer.mimetype) == (415, "text/html")
    assert tess.send("/contributions").status_code == 400
    assert tess.get("/contribute/no-such-kind").status_code == 404


def test_an_invalid_file_shows_its_report_to_its_contributor_only(tess: Visitor, app: Flask, data: Path) -> None:
    sent = tess.send("/contributions", text="id,label_en\nx,X\n", kind="offering")
    publish_waiting(data)
    assert "Name exactly one provider" in tess.open(sent.location)
    other = Visitor(app.test_client()).open(sent.location)
    assert "Invalid" in other
    assert "Name exactly one provider" not in other


def test_what_is_mine_is_listed_and_withdrawn(tess: Visitor, app: Flask, data: Path) -> None:
    sent = tess.send("/contribute/offering", **OFFERING | {"label_en": "To be withdrawn"})
    assert "to-be-withdrawn.json" in tess.open("/contributions?contributor=tess&state=received")
    assert "to-be-withdrawn.json" not in Visitor(app.test_client()).open("/contributions")
    publish_waiting(data)
    assert "Withdraw" in tess.open(sent.location)
    assert "<button" not in Visitor(app.test_client()).open(sent.location)
    assert tess.send(f"{sent.location}/withdrawal", reason="It was cancelled.").location == sent.location
    publish_waiting(data)
    page = tess.open(sent.location)
    assert "It was cancelled." in page
    assert "Withdrawn" in page
    assert tess.get("/offering/to-be-withdrawn").status_code != 200


def test_the_list_is_turned_page_by_page(tess: Visitor) -> None:
    first, second = (tess.client.get(f"/contributions.json?limit=5&offset={offset}").json for offset in (0, 5))
    whole = tess.client.get("/contributions.json").json
    assert first is not None
    assert second is not None
    assert whole is not None
    assert first["items"] + second["items"] == whole["items"][:10]
    assert first["total"] == whole["total"] == len(whole["items"])
    assert first["next"] == "/contributions.json?limit=5&offset=5"
    assert whole["next"] is None
    page = tess.open("/contributions?limit=5")
    assert page.count('<th scope="row">') == 5
    assert 'rel="next" href="/contributions?limit=5&amp;offset=5"' in page


def test_contributors_are_credited(app: Flask, data: Path) -> None:
    People(data).add("orla", "Orla", Role.CONTRIBUTOR, orcid="0000-0002-1825-0097", organisation="Example Archive")
    reader = Visitor(app.test_client())
    page = reader.open("/contributors")
    assert 'href="https://orcid.org/0000-0002-1825-0097"' in page
    assert "Example Archive" in page
    answer = reader.get("/contributors/trivium")
    assert "<strong>314</strong>Offering" in answer.text
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert reader.client.get("/contributors/trivium.json").json["gave"]["offering"] == 314  # type: ignore[index]
    assert reader.get("/contributors/nobody").status_code == 404


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("kind=competency&q=disaster", "disaster-planning-and-response"),
        ("kind=competency&q=RECUPERACION+de", None),
        ("kind=competency&q=salvage", "disaster-planning-and-response"),
        ("kind=competency&q=physical-acc", "physical-accessibility"),
        ("kind=provider&q=american+association+for+state", "aaslh"),
        ("kind=role&q=archivist", "archivist"),
    ],
)
def test_things_are_suggested_by_any_of_their_names(tess: Visitor, query: str, first: str | None) -> None:
    answer = tess.client.get(f"/suggest?{query}")
    assert answer.json is not None
    slugs = [one["slug"] for one in answer.json["items"]]
    assert slugs[:1] == ([first] if first else [])
    assert len(slugs) <= 20


def test_suggestions_are_few_and_labelled(tess: Visitor) -> None:
    found = tess.client.get("/suggest?kind=competency&lang=en").status_code
    assert found == 400
    answer = tess.client.get("/suggest?kind=competency", headers={"Accept-Language": "es"}).json
    assert answer is not None
    assert len(answer["items"]) == 20
    disaster = tess.client.get("/suggest?q=desastres", headers={"Accept-Language": "es"}).json
    assert disaster is not None
    assert disaster["items"][0]["label"] == "Planificación y respuesta ante desastres"
    assert "Disaster planning and response" in disaster["items"][0]["also"]
