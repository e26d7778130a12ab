"""`/opportunities` and `/providers/SLUG/partners` over HTTP, compared with the gaps and with what people filled in."""

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Mapping
from math import floor
from typing import Any

import pytest
from flask.testing import FlaskClient

from graph.resources import ONTOLOGY

ID = "https://w3id.org/trivium/id/"
BROWSER = {"Accept": "text/html"}
UNCOVERED = {"missing", "transferable", "stale", "thin"}
SECTORS = ("archives", "libraries", "museums")
TOPIC = "emerging-technologies-and-ai"


def asked(client: FlaskClient, path: str) -> dict[str, Any]:
    response = client.get(path)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = json.loads(response.data)
    return found


def table(client: FlaskClient, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(path).text)))


def starter(name: str) -> list[dict[str, str]]:
    with (ONTOLOGY / "starter" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def slug(thing: Mapping[str, Any] | str) -> str:
    return (thing if isinstance(thing, str) else str(thing["iri"])).rpartition("/")[2]


def opportunities(client: FlaskClient, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = asked(client, f"/opportunities.json?limit=0&{query}")["items"]
    return found


def topics(client: FlaskClient, query: str = "") -> set[str]:
    return {slug(one["competency"]) for one in opportunities(client, query)}


@pytest.fixture(scope="module")
def open_in(client: FlaskClient) -> dict[str, dict[str, dict[str, Any]]]:
    """Of each competency the gaps that are needed and not covered, by sector, as /gaps has them."""
    found: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for gap in asked(client, "/gaps.json?limit=0")["items"]:
        if gap["demand"] and gap["state"] in UNCOVERED:
            found[slug(gap["competency"])][slug(gap["sector"])] = gap
    return {name: gaps for name, gaps in found.items() if len(gaps) > 1}


@pytest.fixture(scope="module")
def levels() -> dict[str, dict[str, set[str]]]:
    """Of each competency the levels that it is asked for at, in each sector, as the files say."""
    practised = {row["id"]: row["sectors"].split(";") for row in starter("role")}
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in starter("requirement"):
        for sector in practised[row["role"]]:
            found[row["competency"]][sector] |= {row["level"]} - {""}
    return found


def test_opportunities_are_what_the_gaps_say(
    client: FlaskClient, open_in: dict[str, dict[str, dict[str, Any]]]
) -> None:
    found = {slug(one["competency"]): one for one in opportunities(client)}
    assert found.keys() == open_in.keys()
    assert len(found) > 50
    for name, one in found.items():
        gaps = open_in[name]
        assert one["count"] == len(gaps)
        assert one["score"] == pytest.approx(sum(gap["score"] for gap in gaps.values()), abs=2e-4)
        for sector in one["sectors"]:
            gap = gaps[slug(sector)]
            same = ("demand", "basis", "kind", "supply", "state", "score")
            assert {key: sector[key] for key in same} == {key: gap[key] for key in same}
            assert sector["roles"] == len(gap["evidence"]["roles"])


def test_entry_level_of_all_sectors_comes_first_then_the_score(
    client: FlaskClient, levels: dict[str, dict[str, set[str]]]
) -> None:
    found = opportunities(client)
    firsts = [one["first"] for one in found]
    assert firsts == sorted(firsts, reverse=True)
    assert True in firsts
    assert False in firsts
    for one in found:
        stated = set().union(*(levels[slug(one["competency"])][slug(sector)] for sector in one["sectors"]))
        assert set(one["levels"]) == stated
        assert one["first"] == (one["count"] == 3 and "entry" in stated)
    for flag in (True, False):
        scores = [one["score"] for one in found if one["first"] is flag]
        assert scores == sorted(scores, reverse=True)


def test_filters_leave_what_they_say(client: FlaskClient) -> None:
    everything = opportunities(client)

    def those(wanted: Any) -> set[str]:
        return {slug(one["competency"]) for one in everything if wanted(one)}

    def of(one: dict[str, Any]) -> set[str]:
        return {slug(sector) for sector in one["sectors"]}

    assert topics(client, "sector=museums") == those(lambda one: "museums" in of(one))
    assert topics(client, "sector=archives,museums") == those(lambda one: {"archives", "museums"} <= of(one))
    assert topics(client, "count=2") == those(lambda one: one["count"] == 2)
    assert topics(client, "level=entry") == those(lambda one: "entry" in one["levels"])
    area = slug(everything[0]["competency"]["area"])
    assert topics(client, f"area={area}") == those(lambda one: slug(one["competency"]["area"]) == area)
    assert topics(client, "count=2&level=entry") == topics(client, "count=2") & topics(client, "level=entry")
    assert topics(client, "region=nowhere") == set()


def test_a_region_leaves_its_providers_and_what_they_could_make(client: FlaskClient) -> None:
    here = {row["id"] for row in starter("provider") if row["country"] == "GB"}
    found = opportunities(client, "region=gb")
    assert len(found) > 0
    assert all(any(sector["providers"] for sector in one["sectors"]) for one in found)
    makers = asked(client, f"/opportunities/{slug(found[0]['competency'])}.json?region=GB&limit=0")["items"]
    assert {slug(one["provider"]) for one in makers} <= here
    assert makers


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("sector=musems", "Did you mean `museums`?"),
        ("sector=public-libraries", "Allowed: archives, libraries, museums"),
        ("count=1", "from 2"),
        ("level=expert", "Allowed:"),
    ],
)
def test_a_wrong_filter_is_refused_with_what_is_allowed(client: FlaskClient, query: str, says: str) -> None:
    response = client.get(f"/opportunities.json?{query}")
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    assert says in json.loads(response.data)["detail"]


def test_the_table_says_the_same_as_the_json(client: FlaskClient) -> None:
    for row, one in zip(table(client, "/opportunities.csv?limit=0"), opportunities(client), strict=True):
        assert row["competency_iri"] == one["competency"]["iri"]
        assert row["sectors"].split(";") == [sector["iri"] for sector in one["sectors"]]
        assert float(row["score"]) == one["score"]
        assert row["at_least"] == ("" if one["at_least"] is None else str(one["at_least"]))
        for sector in one["sectors"]:
            for name in ("demand", "state", "score", "strength", "roles", "providers"):
                assert row[f"{slug(sector)}_{name}"] == str(sector[name])


def test_the_question_behind_the_list_gives_the_same(client: FlaskClient) -> None:
    for query, same in (("", ""), ("count=2", "sector_count=2")):
        rows = {slug(row["competency_iri"]): row for row in table(client, f"/queries/opportunities.csv?limit=0&{same}")}
        found = {slug(one["competency"]): one for one in opportunities(client, query)}
        assert rows.keys() == found.keys()
        for name, row in rows.items():
            assert int(row["sectors"]) == found[name]["count"]
            assert float(row["sum_of_scores"]) == pytest.approx(found[name]["score"], abs=2e-4)
    assert "The query behind it" in client.get("/opportunities?count=2", headers=BROWSER).text
    assert "The query behind it" not in client.get("/opportunities?level=entry", headers=BROWSER).text


def test_a_page_shows_part_of_the_list_and_leads_to_each(client: FlaskClient) -> None:
    page = client.get("/opportunities?limit=3&offset=2", headers=BROWSER).text
    shown = [slug(one["competency"]) for one in opportunities(client)[2:5]]
    assert list(dict.fromkeys(re.findall(r'href="/opportunities/([a-z0-9-]+)"', page))) == shown
    assert f"3 to 5 of {len(opportunities(client))}" in page
    assert "offset=5" in client.get("/opportunities.json?limit=3&offset=2").headers["Link"]


def test_an_audience_is_worked_out_from_one_survey_of_one_sector(client: FlaskClient) -> None:
    respondents = {row["id"]: int(row["respondents"]) for row in starter("survey") if row["respondents"]}
    covers: dict[str, set[str]] = defaultdict(set)
    for row in starter("need"):
        covers[row["survey"]].add(row["sector"])
    known = 0
    for one in opportunities(client):
        full = asked(client, f"/opportunities/{slug(one['competency'])}.json?limit=1")["opportunity"]
        floors = []
        for said in full["evidence"]:
            for voice in said["voices"]:
                survey = slug(voice["survey"])
                assert voice["respondents"] == respondents.get(survey)
                assert voice["pooled"] == (covers[survey] != {slug(said["sector"])})
                if voice["pooled"] or voice["respondents"] is None:
                    assert voice["at_least"] is None
                else:
                    expected = floor(round((voice["share"] - 0.005) * voice["respondents"], 6))
                    assert voice["at_least"] == expected
                    floors.append(expected)
        assert one["at_least"] == full["at_least"] == max(floors, default=None)
        known += bool(floors)
    assert 0 < known < len(opportunities(client))


def test_one_opportunity_names_its_roles_and_whose_claims_they_are(client: FlaskClient) -> None:
    full = asked(client, f"/opportunities/{TOPIC}.json")["opportunity"]
    roles = {slug(role) for said in full["evidence"] for role in said["roles"]}
    stated = {row["role"]: row for row in starter("requirement") if row["competency"] == TOPIC}
    assert {slug(claim["role"]) for claim in full["claims"]} == roles == stated.keys()
    for claim in full["claims"]:
        row = stated[slug(claim["role"])]
        assert (claim["importance"], claim["level"]) == (row["importance"], row["level"] or None)
        assert claim["sources"] == [row["source"]] or claim["sources"] == [f"{ID}source/editorial"]
        assert claim["contributors"]


def test_what_is_near_is_taught_now_and_its_closeness_adds_up(client: FlaskClient) -> None:
    full = asked(client, f"/opportunities/{TOPIC}.json")["opportunity"]
    area = {row["id"]: row["area"] for row in starter("competency")}
    requiring: dict[str, set[str]] = defaultdict(set)
    for row in starter("requirement"):
        requiring[row["competency"]].add(row["role"])
    assert full["near"]
    assert [one["closeness"] for one in full["near"]] == sorted(
        (one["closeness"] for one in full["near"]), reverse=True
    )
    for one in full["near"]:
        name = slug(one["competency"])
        both, either = requiring[TOPIC] & requiring[name], requiring[TOPIC] | requiring[name]
        assert one["same_area"] == (area[name] == area[TOPIC])
        assert one["together"] == pytest.approx(len(both) / len(either), abs=5.1e-5)
        assert one["closeness"] == pytest.approx(2 * one["stated"] + one["same_area"] + one["together"], abs=1e-4)
        assert one["total"] >= len(one["offerings"]) > 0


def test_makers_serve_the_sector_and_all_sectors_take_turns(client: FlaskClient) -> None:
    serves = {row["id"]: set(row["sectors"].split(";")) for row in starter("provider")}
    found = asked(client, f"/opportunities/{TOPIC}.json?limit=0")
    assert {slug(one["sector"]) for one in found["items"][:3]} == set(SECTORS)
    for sector in SECTORS:
        own = [one for one in found["items"] if slug(one["sector"]) == sector]
        assert len(own) == next(s["providers"] for s in found["opportunity"]["sectors"] if slug(s) == sector)
        assert all(sector in serves[slug(one["provider"])] for one in own)
        order = [(one["closeness"], one["teaches"]) for one in own]
        assert order == sorted(order, reverse=True)
    rows = table(client, f"/opportunities/{TOPIC}.csv?limit=0")
    assert [row["provider_iri"] for row in rows] == [one["provider"]["iri"] for one in found["items"]]


def test_the_page_of_one_shows_its_evidence_and_the_formula_with_numbers(client: FlaskClient) -> None:
    full = asked(client, f"/opportunities/{TOPIC}.json")
    page = client.get(f"/opportunities/{TOPIC}", headers=BROWSER).text
    one = full["opportunity"]
    scores = " + ".join(f"{sector['score']:.4f}" for sector in one["sectors"])
    assert f"{scores} = {one['score']:.4f}" in page
    links = set(re.findall(r'href="(/[a-z-]+/[a-z0-9.-]+)"', page))
    shown = [claim["role"]["iri"] for claim in one["claims"]] + [near["competency"]["iri"] for near in one["near"]]
    shown += [iri for said in one["evidence"] for name in ("offerings", "elsewhere") for iri in said[name][:3]]
    shown += [voice["need"] for said in one["evidence"] for voice in said["voices"]]
    shown += [maker["provider"]["iri"] for maker in full["items"]]
    assert {f"/{iri.removeprefix(ID)}" for iri in shown} <= links
    assert f"at least {one['at_least']}" in page


def test_what_is_no_opportunity_says_why(client: FlaskClient, open_in: dict[str, Any]) -> None:
    covered = next(row["id"] for row in starter("competency") if row["id"] not in open_in)
    response = client.get(f"/opportunities/{covered}.json")
    assert response.status_code == 404
    assert "no opportunity" in json.loads(response.data)["detail"]
    misspelt = client.get(f"/opportunities/{TOPIC}x.json")
    assert misspelt.status_code == 404
    assert f"/opportunities/{TOPIC}" in json.loads(misspelt.data)["detail"]
    assert client.get("/providers/nobody-at-all/partners.json").status_code == 404


def test_partners_serve_another_sector_and_teach_the_same_or_near_it(client: FlaskClient) -> None:
    serves = {row["id"]: set(row["sectors"].split(";")) for row in starter("provider")}
    found = asked(client, "/providers/aaslh/partners.json?limit=0")
    assert found["total"] == len(found["items"]) > 3
    for one in found["items"]:
        assert serves[slug(one["provider"])] - serves["aaslh"]
        assert one["same"] + one["near"] > 0
        assert len(one["shared"]) == min(one["same"], 4)
        assert {slug(iri) for iri in one["together"]} <= topics(client)
    order = [(one["same"], one["near"]) for one in found["items"]]
    assert order == sorted(order, reverse=True)
    rows = table(client, "/providers/aaslh/partners.csv?limit=0")
    assert [row["provider_iri"] for row in rows] == [one["provider"]["iri"] for one in found["items"]]


def test_the_page_of_a_provider_shows_whom_it_could_work_with(client: FlaskClient) -> None:
    page = client.get("/provider/aaslh", headers=BROWSER).text
    found = asked(client, "/providers/aaslh/partners.json?limit=5")
    assert "Who you could work with" in page
    assert "What your neighbours need" in page
    for one in found["items"]:
        assert f'href="/provider/{slug(one["provider"])}"' in page
    for one in found["needed"][:5]:
        assert f'href="/competency/{slug(one["competency"])}"' in page
    assert 'href="/providers/aaslh/partners"' in page
    assert "Who you could work with" not in client.get("/role/archivist", headers=BROWSER).text


@pytest.mark.parametrize("path", ["/opportunities", f"/opportunities/{TOPIC}", "/providers/aaslh/partners"])
def test_each_address_answers_from_a_release_and_as_other_files(client: FlaskClient, path: str) -> None:
    page = client.get(f"{path}?release=1", headers=BROWSER)
    assert page.status_code == 200
    assert "Memento-Datetime" in page.headers
    assert f"{path}.bib?release=1" in page.text
    for suffix in ("xlsx", "jsonld", "csvm", "bib", "csl"):
        assert client.get(f"{path}.{suffix}?release=1").status_code == 200
    assert json.loads(client.get(f"{path}.jsonld").data)["items"]
