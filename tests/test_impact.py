"""What a submission would change is what its publication changes; what is there already or not known is said."""

import csv
import io
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, Triple

from graph.examination import Wanted, examine_apart
from graph.gap_changes import MOST_COMPETENCIES, MOST_ENTITIES
from graph.impact import Impact, Reckoning
from graph.namespaces import RDF, SKOS, TRV, entity
from graph.parsing import Submission
from graph.preview import impact_of
from graph.publication import Publisher, Terms
from graph.releases import Release
from graph.resources import STARTER
from graph.schema import Schema
from graph.starter import CONTRIBUTOR
from graph.store import Dataset
from graph.vocabulary import vocabulary
from service import create_app
from service.settings import Settings

AS_OF = date(2026, 11, 23)
RECKONING = Reckoning(AS_OF, 36)
SCHEMA = Schema.load()
WORDS = vocabulary()
SOURCE = "https://example.org/source"
Key = tuple[str, str]
Standing = tuple[Any, ...]


def table(*rows: Mapping[str, str]) -> str:
    """Rows as a CSV file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def starter_row(kind: str, id: str, /, **changes: str) -> dict[str, str]:
    """A row of the starter data, with changes."""
    with (STARTER / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
        (row,) = (one for one in csv.DictReader(file) if one["id"] == id)
    return row | changes


def offering(id: str, title: str, competencies: str, **more: str) -> dict[str, str]:
    found = {"id": id, "label_en": title, "provider": "aaslh", "type": "course", "competencies": competencies}
    return found | {"source": SOURCE, "page_date": "2026-11"} | more


def upload(files: Mapping[str, str]) -> dict[str, Any]:
    return {"file": [(io.BytesIO(text.encode()), name) for name, text in files.items()]}


def previewed(client: FlaskClient, **files: str) -> dict[str, Any]:
    """What the report on some CSV files says about their impact."""
    return previewed_files(client, {f"{kind}.csv": text for kind, text in files.items()})


def previewed_files(client: FlaskClient, files: Mapping[str, str]) -> dict[str, Any]:
    found = client.post("/validate", data=upload(files)).json
    assert found is not None
    impact: dict[str, Any] = found["impact"]
    return impact


def all_gaps(client: FlaskClient) -> dict[Key, Standing]:
    found = client.get("/gaps.json?limit=0").json
    assert found is not None
    return {
        (one["competency"]["iri"], one["sector"]["iri"]): standing(one)
        for one in found["items"]
    }  # fmt: skip


def standing(gap: Mapping[str, Any]) -> Standing:
    return gap["state"], gap["demand"], gap["supply"], gap["score"]


def pair(competency: str, sector: str) -> Key:
    return entity("competency", competency).value, entity("sector", sector).value


def slugs(things: list[dict[str, Any]]) -> set[str]:
    return {one["iri"].rpartition("/")[2] for one in things}


MAPPING = """@prefix dct: <http://purl.org/dc/terms/> .
@prefix trv: <https://w3id.org/trivium/ns#> .
<https://w3id.org/trivium/id/mapping/competency-integrated-pest-management--broader--competency-preventive-conservation>
    a trv:Mapping ;
    trv:from <https://w3id.org/trivium/id/competency/integrated-pest-management> ;
    trv:relation <https://w3id.org/trivium/id/relation/{relation}> ;
    trv:to <https://w3id.org/trivium/id/competency/{to}> ;
    dct:source <https://w3id.org/trivium/id/source/editorial> .
"""
PROJECTS = "aaslh-project-management-for-history-professionals"
CAMP = "aaslh-workshop-collections-camp-military-collections"
SURVEY = {"id": "a-survey", "label_en": "A survey", "publisher": "Somebody", "respondents": "50", "url": SOURCE}
STEPS: dict[str, dict[str, str]] = {
    "an offering": {
        "offering.csv": table(
            offering("new-one", "A new one", "physical-accessibility;discovery-systems", sectors="museums")
        ),
    },
    "an offering that now teaches another thing": {
        "offering.csv": table(starter_row("offering", PROJECTS, competencies="provenance-research")),
    },
    "an offering that is old now": {"offering.csv": table(starter_row("offering", PROJECTS, page_date="2019"))},
    "a session of a stale offering": {
        "session.csv": table({"offering": CAMP, "start_date": "2027-03-01", "location": "", "source": SOURCE}),
    },
    "the same competency": {
        "mapping.csv": table(
            {
                "from": "physical-accessibility",
                "relation": "exact-match",
                "to": "rights-and-reproductions",
                "source": "editorial",
            }
        ),
    },
    "a mapping that now says otherwise": {"mapping.ttl": MAPPING.format(relation="related", to="digital-preservation")},
    "a role that is practised elsewhere": {
        "role.csv": table(starter_row("role", "curator", sectors="archives", sub_sectors="")),
    },
    "a requirement that weighs less": {
        "requirement.csv": table(
            {
                "role": "archivist",
                "competency": "selection-and-appraisal",
                "importance": "optional",
                "level": "entry",
                "source": SOURCE,
            }
        ),
    },
    "a newer survey": {
        "survey.csv": table(SURVEY | {"year": "2025"}),
        "need.csv": table(
            {
                "survey": "a-survey",
                "sector": "archives",
                "competency": "digital-curation",
                "kind": "confidence-gap",
                "measure": "is not confident",
                "value": "12.5",
                "unit": "percent",
                "source": SOURCE,
            }
        ),
    },
    "a survey that was older": {"survey.csv": table(SURVEY | {"year": "2001"})},
    "a competency that is below another now": {
        "competency.csv": table(starter_row("competency", "digitization", broader="provenance-research")),
    },
    "a new competency with all about it": {
        "competency.csv": table(
            starter_row("competency", "digitization", id="new-skill", label_en="New skill", label_es="", broader="")
        ),
        "requirement.csv": table(
            {
                "role": "archivist",
                "competency": "new-skill",
                "importance": "essential",
                "level": "entry",
                "source": SOURCE,
            }
        ),
        "offering.csv": table(offering("on-new-skill", "On the new skill", "new-skill")),
    },
}


def test_the_impact_is_what_the_publication_then_changes(starter_data: Path, tmp_path: Path) -> None:
    """No gap that changes is missing, and every gap stands as it was said, before and after."""
    data = Path(shutil.copytree(starter_data, tmp_path / "data"))
    client = create_app(Settings(data=data, look_seconds=0)).test_client()
    before = all_gaps(client)
    for name, files in STEPS.items():
        impact = previewed_files(client, files)
        submissions = [Submission(file, text.encode()) for file, text in files.items()]
        with Publisher.open(data) as publisher:
            publisher.contribute(submissions, Terms(CONTRIBUTOR), AS_OF)
        after = all_gaps(client)
        told = {(one["competency"]["iri"], one["sector"]["iri"]): one for one in impact["gaps"]}
        assert {key: one["before"] and standing(one["before"]) for key, one in told.items()} == {
            key: before.get(key) for key in told
        }, name
        assert {key: standing(one["after"]) for key, one in told.items()} == {key: after[key] for key in told}, name
        assert {key for key in after if before.get(key) != after[key]} <= told.keys(), name
        assert told, name
        before = after


def test_a_gap_is_closed_by_an_offering_for_its_sector(client: FlaskClient) -> None:
    impact = previewed(
        client, offering=table(offering("new-one", "A new one", "physical-accessibility", sectors="museums"))
    )
    museums = [one for one in impact["gaps"] if one["effect"] == "closed"]
    assert [standing(one["before"])[0] for one in museums] == ["missing"]
    assert [(one["competency"]["label"], one["sector"]["label"]) for one in museums] == [
        ("Accessible services and spaces", "Museums")
    ]
    assert impact["summary"][:2] == [
        "Closes 1 gap: Accessible services and spaces in museums (missing to thin).",
        "Opens none.",
    ]
    assert "Adds 1 offering: 1 for museums." in impact["summary"]


def test_a_gap_is_opened_by_the_loss_of_its_only_offering_or_by_a_new_demand(client: FlaskClient) -> None:
    moved = previewed(client, offering=table(starter_row("offering", PROJECTS, competencies="provenance-research")))
    effects = {(one["competency"]["iri"], one["sector"]["iri"]): one["effect"] for one in moved["gaps"]}
    assert effects[pair("project-management", "museums")] == "opened"
    assert effects[pair("provenance-research", "museums")] == "closed"
    wanted = {"role": "archivist", "competency": "access-services-and-interlibrary-loan", "importance": "essential"}
    demanded = previewed(client, requirement=table(wanted | {"level": "entry", "source": SOURCE}))
    (gap,) = demanded["gaps"]
    assert (gap["effect"], gap["before"]["state"], gap["before"]["demand"]) == ("opened", "no-data", None)


def test_new_changed_and_unchanged_entities_are_counted_and_new_offerings_by_audience(client: FlaskClient) -> None:
    rows = [
        starter_row("offering", PROJECTS),
        starter_row("offering", CAMP, level="entry"),
        offering("for-two", "For two", "digitization", sectors="archives;museums"),
        offering("for-some", "For some", "digitization", sectors="art-museums"),
        offering("for-all", "For everybody", "digitization"),
    ]
    impact = previewed(client, offering=table(*rows))
    assert impact["entities"] == [{"kind": "offering", "new": 3, "changed": 1, "unchanged": 1}]
    assert impact["new_offerings"] == 3
    found = {one["sector"] and one["sector"]["label"]: one["offerings"] for one in impact["audiences"]}
    assert found == {"Archives": 1, "Museums": 2, None: 1}
    assert "Adds 3 offerings: 1 for archives, 2 for museums, 1 open to every sector." in impact["summary"]


def test_what_is_there_already_under_another_name_is_flagged(client: FlaskClient) -> None:
    caring = "aaslh-caring-for-museum-collections-summer-2024-online-course"
    rows = [
        offering("again", "CARING for museum-collections: summer 2024, online còurse!", "digitization"),
        offering("with-a-slip", "Caring for Museum Collectoins (Summer 2024) - Online Course", "digitization"),
        offering("next-year", "Caring for Museum Collections (Summer 2025) - Online Course", "digitization"),
        offering("elsewhere", "Caring for Museum Collections (Summer 2024) - Online Course", "digitization")
        | {"provider": "nai"},
        starter_row("offering", caring),
    ]
    impact = previewed(client, offering=table(*rows))
    found = {tuple(one[name]["iri"].rpartition("/")[2] for name in ("entity", "like")) for one in impact["duplicates"]}
    assert found == {("again", caring), ("with-a-slip", caring), ("with-a-slip", "again")}
    assert any(one.startswith("2 offerings are probably there already: ") for one in impact["summary"])


def test_providers_by_name_and_host_and_competencies_by_label_are_flagged(client: FlaskClient) -> None:
    name = "American Association for State & Local History (AASLH)"
    providers = table(
        {"id": "history", "name": name, "homepage": "http://www.aaslh.org/about", "kind": "association"},
        {"id": "other", "name": name, "homepage": "https://example.org/", "kind": "association"},
    )
    competency = starter_row("competency", "digitization", id="collecting", label_en="Collection Building", label_es="")
    impact = previewed(client, provider=providers, competency=table(competency))
    found = {(one["kind"], one["entity"]["iri"].rpartition("/")[2]): one["like"] for one in impact["duplicates"]}
    assert {key: one["iri"].rpartition("/")[2] for key, one in found.items()} == {
        ("provider", "history"): "aaslh",
        ("competency", "collecting"): "collection-development-and-policy",
    }
    assert all(one["known"] for one in found.values())


def test_what_is_not_known_is_said_with_the_nearest(client: FlaskClient) -> None:
    rows = [
        offering("one", "One", "digitisation;digital-preservation", provider="aaslhh"),
        offering("two", "Two", "digitisation"),
    ]
    impact = previewed(client, offering=table(*rows))
    found = {one["iri"].rpartition("/")[2]: (one["kind"], one["times"], one["nearest"]) for one in impact["unknown"]}
    assert {slug: (kind, times) for slug, (kind, times, _) in found.items()} == {
        "digitisation": ("competency", 2),
        "aaslhh": ("provider", 1),
    }
    assert found["digitisation"][2] == {
        "iri": entity("competency", "digitization").value,
        "label": "Digitization",
        "known": True,
    }
    assert slugs([found["aaslhh"][2]]) == {"aaslh"}
    assert "1 competency is not known: “digitisation” (the nearest is Digitization, digitization)." in impact["summary"]
    known = previewed(
        client, offering=table(offering("x", "X", "digitization", provider="new")), provider="id,name\nnew,New\n"
    )
    assert known["unknown"] == []


def test_what_must_be_mended_does_not_hide_the_rest(client: FlaskClient) -> None:
    rows = [
        offering("one", "One", "physical-accessibility", page_date="2026-02-31"),
        offering("two", "Two", "physical-accessibility", page_date="soon"),
    ]
    impact = previewed(client, offering=table(*rows))
    assert impact["reckoned"]
    after = {one["sector"]["label"]: one["after"]["supply"] for one in impact["gaps"]}
    assert after["Museums"] == 2


def test_what_was_not_read_has_no_impact(client: FlaskClient, tmp_path: Path) -> None:
    unread = client.post("/validate", data=b"<urn:a> <urn:b>", content_type="text/turtle").json
    assert unread is not None
    assert unread["impact"] is None
    empty = create_app(Settings(data=tmp_path)).test_client()
    assert previewed(empty, offering=table(offering("one", "One", "digitization"))) is None


def test_the_page_leads_to_the_gaps_and_to_what_is_there_already(client: FlaskClient) -> None:
    rows = [
        offering("new-one", "A new one", "physical-accessibility", sectors="museums"),
        offering("again", "Online course: <script>collections management", "digitization"),
    ]
    text = client.post("/validate.html", data=upload({"offering.csv": table(*rows)})).get_data(as_text=True)
    assert "What it would change" in text
    assert 'href="/gap/museums--physical-accessibility">Accessible services and spaces in museums</a> (missing' in text
    assert client.get("/gap/museums--physical-accessibility").status_code == 200
    assert '<a href="/offering/aaslh-online-course-collections-management">' in text
    assert 'href="/offering/again"' not in text
    assert "<script" not in text


def test_the_impact_is_told_the_same_in_any_process_and_read_back(starter: Dataset, starter_release: Release) -> None:
    submission = Submission("offering.csv", table(offering("one", "One", "digitisation;digitization")).encode())
    there = examine_apart([submission], Wanted(starter_release.path / "store", RECKONING)).impact
    assert there is not None
    assert Impact.read(json.loads(json.dumps(asdict(there)))) == there
    assert examine_apart([submission], Wanted(starter_release.path / "store")).impact is None


@pytest.mark.parametrize(("kind", "number"), [("Offering", MOST_ENTITIES + 1), ("Competency", MOST_COMPETENCIES + 1)])
def test_what_is_too_wide_is_not_reckoned_and_said(starter: Dataset, kind: str, number: int) -> None:
    triples = [Triple(entity(kind.lower(), f"n-{n}"), RDF.type, TRV[kind]) for n in range(number)]
    impact = impact_of(triples, [], starter, WORDS, SCHEMA, RECKONING)
    assert (impact.reckoned, impact.gaps) == (False, ())
    assert f"more than {number - 1:,}" in impact.reason
    assert [(one.kind, one.new) for one in impact.entities] == [(kind.lower(), number)]


def test_nothing_of_the_release_is_changed(starter: Dataset) -> None:
    before = len(starter)
    iri = entity("offering", PROJECTS)
    triples = [Triple(iri, RDF.type, TRV.Offering), Triple(iri, SKOS.prefLabel, Literal("A", language="en"))]
    assert impact_of(triples, [], starter, WORDS, SCHEMA, RECKONING).gaps
    assert len(starter) == before
