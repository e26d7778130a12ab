"""`/gaps` and `/shared` over HTTP: the rows, the envelope, the tables, the statements."""

import csv
import io
from collections import Counter
from typing import Any

import pytest
from flask.testing import FlaskClient
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.compare import isomorphic

TRV = Namespace("https://w3id.org/trivium/ns#")
ID = "https://w3id.org/trivium/id/"


def asked(client: FlaskClient, path: str) -> dict[str, Any]:
    response = client.get(path)
    assert response.status_code == 200, response.get_data(as_text=True)
    found: dict[str, Any] | None = response.json
    assert found is not None
    return found


def table(client: FlaskClient, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(path).get_data(as_text=True))))


def test_one_row_is_as_designed(client: FlaskClient) -> None:
    row = asked(client, "/gaps.json?sector=museums&competency=disaster-planning-and-response")["items"][0]
    assert row["competency"] == {
        "iri": ID + "competency/disaster-planning-and-response",
        "label": "Disaster planning and response",
        "area": {"iri": ID + "area/preservation-and-conservation", "label": row["competency"]["area"]["label"]},
    }
    assert row["sector"] == {"iri": ID + "sector/museums", "label": "Museums"}
    assert (row["demand"], row["basis"], row["kind"]) == (0.15, "survey", "training-need")
    assert row["supply"] == len(row["evidence"]["offerings"])
    assert row["score"] == round(0.15 / (1 + row["supply"]), 4)
    assert row["evidence"].keys() == {"needs", "roles", "offerings", "elsewhere", "stale"}


def test_the_envelope(client: FlaskClient) -> None:
    found = asked(client, "/gaps.json?sector=museums&limit=3&offset=2")
    assert (found["release"], found["as_of"]) == (1, "2026-11-23")
    assert (found["limit"], found["offset"], len(found["items"])) == (3, 2, 3)
    assert found["total"] == asked(client, "/gaps.json?sector=museums")["total"] == 130
    assert found["query"] == {"sector": "museums", "basis": "any", "limit": 3, "offset": 2}
    assert found["next"] == "/gaps.json?sector=museums&limit=3&offset=5"


def test_the_parts_are_the_whole(client: FlaskClient) -> None:
    whole = asked(client, "/gaps.json?limit=0")
    assert len(whole["items"]) == whole["total"] == 390
    assert whole["next"] is None
    parts, address = [], "/gaps.json?limit=150"
    while address:
        response = client.get(address)
        found = response.json
        assert found is not None
        links = [link for link in response.headers.getlist("Link") if 'rel="next"' in link]
        assert links == ([f'<{found["next"]}>; rel="next"'] if found["next"] else [])
        parts += found["items"]
        address = found["next"]
    assert parts == whole["items"]


def test_the_order_is_by_score_then_label(client: FlaskClient) -> None:
    items = asked(client, "/gaps.json?limit=0")["items"]
    scores = [one["score"] for one in items]
    known = [score for score in scores if score is not None]
    assert known == sorted(known, reverse=True)
    assert scores == known + [None] * (len(scores) - len(known))
    unknown = [one["competency"]["label"].casefold() for one in items if one["score"] is None]
    assert unknown == sorted(unknown)


def test_what_is_not_known_is_null_and_not_zero(client: FlaskClient) -> None:
    items = asked(client, "/gaps.json?state=no-data&limit=0")["items"]
    assert items
    assert {(one["demand"], one["score"], one["basis"]) for one in items} == {(None, None, None)}
    rows = table(client, "/gaps.csv?state=no-data&limit=0")
    assert {(one["demand"], one["score"]) for one in rows} == {("", "")}


def test_what_could_be_transferred_names_the_sectors_it_is_from(client: FlaskClient) -> None:
    items = asked(client, "/gaps.json?state=transferable&limit=0")["items"]
    assert items
    for one in items:
        assert one["supply"] == 0
        assert one["evidence"]["elsewhere"]
        others = {sector["iri"] for sector in one["elsewhere_sectors"]}
        assert others
        assert one["sector"]["iri"] not in others


def test_the_states_divide_the_whole(client: FlaskClient) -> None:
    states = Counter(one["state"] for one in asked(client, "/gaps.json?limit=0")["items"])
    for state, count in states.items():
        assert asked(client, f"/gaps.json?state={state}&limit=1")["total"] == count


def test_sectors_and_areas_are_slugs_or_iris(client: FlaskClient) -> None:
    by_slug = asked(client, "/gaps.json?sector=museums&area=user-services")
    by_iri = asked(client, f"/gaps.json?sector={ID}sector/museums&area={ID}area/user-services")
    assert by_slug["items"] == by_iri["items"] != []
    assert {one["competency"]["area"]["iri"] for one in by_slug["items"]} == {ID + "area/user-services"}


def test_a_filter_never_adds_supply(client: FlaskClient) -> None:
    def supply(query: str) -> dict[str, int]:
        items = asked(client, f"/gaps.json?sector=libraries&limit=0{query}")["items"]
        return {one["competency"]["iri"]: one["supply"] for one in items}

    every = supply("")
    narrower = [
        supply(f"&{one}")
        for one in ("free=true", "mode=hybrid", "level=entry", "region=US", "language=en", "upcoming=true")
    ]
    for filtered in narrower:
        assert all(filtered[iri] <= count for iri, count in every.items())
    assert any(filtered != every for filtered in narrower)


def test_the_basis_can_be_chosen(client: FlaskClient) -> None:
    for basis in ("survey", "roles"):
        found = {one["basis"] for one in asked(client, f"/gaps.json?basis={basis}&limit=0")["items"]}
        assert found == {basis, None}


def test_the_table_has_iris_and_labels(client: FlaskClient) -> None:
    response = client.get("/gaps.csv?sector=archives&limit=0")
    assert response.content_type == "text/csv; charset=utf-8"
    rows, items = (
        table(client, "/gaps.csv?sector=archives&limit=0"),
        asked(client, "/gaps.json?sector=archives&limit=0")["items"],
    )
    assert len(rows) == len(items)
    for row, one in zip(rows, items, strict=True):
        assert row["competency_iri"] == one["competency"]["iri"]
        assert row["competency_label"] == one["competency"]["label"]
        assert row["area_iri"].startswith(ID + "area/")
        assert row["sector_label"] == "Archives"
        assert row["demand"] == ("" if one["demand"] is None else f"{one['demand']:.4f}")
        assert [*filter(None, row["offerings"].split(";"))] == one["evidence"]["offerings"]
        assert (row["release"], row["as_of"]) == ("1", "2026-11-23")


def test_gaps_as_statements(client: FlaskClient) -> None:
    graph = Graph().parse(data=client.get("/gaps.ttl?sector=museums&limit=0").data, format="turtle")
    found = set(graph.subjects(RDF.type, TRV.Gap))
    assert len(found) == 130
    gap = URIRef(ID + "gap/museums--disaster-planning-and-response")
    own = Graph().parse(data=client.get("/gap/museums--disaster-planning-and-response.ttl").data, format="turtle")
    assert set(graph.triples((gap, None, None))) <= set(own)
    assert set(graph.triples((gap, None, None)))


def test_gaps_under_a_filter_do_not_take_the_identifiers_of_those_that_count_everything(client: FlaskClient) -> None:
    data = client.get("/gaps.ttl?sector=museums&free=true&limit=5").data
    graph = Graph().parse(data=data, format="turtle")
    assert len(set(graph.subjects(RDF.type, TRV.Gap))) == 5
    assert not [one for one in graph.subjects(RDF.type, TRV.Gap) if isinstance(one, URIRef)]
    assert isomorphic(graph, Graph().parse(data=data, format="turtle"))


@pytest.mark.parametrize(
    ("query", "parameter", "suggestion"),
    [
        ("sector=museum", "sector", "museums"),
        ("state=mising", "state", "missing"),
        ("basis=role", "basis", "roles"),
        ("mode=hybird", "mode", "hybrid"),
        ("sectr=museums", "sectr", "sector"),
        ("limit=-1", "limit", None),
        ("limit=many", "limit", None),
        ("offset=1.5", "offset", None),
        ("free=perhaps", "free", None),
        ("sector=all", "sector", None),
        ("sector=museums&sector=archives", "sector", None),
        ("lang=%3Cscript%3E", "lang", None),
    ],
)
def test_a_wrong_argument_is_named(client: FlaskClient, query: str, parameter: str, suggestion: str | None) -> None:
    for path in ("/gaps.json", "/gaps.csv", "/gaps"):
        response = client.get(f"{path}?{query}")
        assert response.status_code == 400
        assert response.mimetype == "application/problem+json"
        problem = response.json
        assert problem is not None
        assert problem["parameter"] == parameter
        assert problem.get("suggestion") == suggestion


def test_an_empty_argument_of_a_form_counts_as_not_given(client: FlaskClient) -> None:
    assert asked(client, "/gaps.json?sector=&level=&state=&free=")["total"] == 390


def test_the_page_shows_the_formula_and_the_evidence(client: FlaskClient) -> None:
    page = client.get("/gaps?sector=museums&competency=disaster-planning-and-response").get_data(as_text=True)
    row = asked(client, "/gaps.json?sector=museums&competency=disaster-planning-and-response")["items"][0]
    assert f"0.1500 ÷ (1 + {row['supply']}) = {row['score']:.4f}" in page
    for iris in row["evidence"].values():
        assert all(f'href="{iri.removeprefix("https://w3id.org/trivium/id")}"' in page for iri in iris)


def test_shared_counts_the_sectors_with_a_known_demand(client: FlaskClient) -> None:
    gaps = asked(client, "/gaps.json?limit=0")["items"]
    needed = Counter(one["competency"]["iri"] for one in gaps if one["demand"])
    shared = asked(client, "/shared.json?limit=0")
    assert {one["competency"]["iri"]: one["count"] for one in shared["items"]} == needed
    for count in (1, 2, 3):
        assert asked(client, f"/shared.json?count={count}")["total"] == sum(one == count for one in needed.values())
    counts = [one["count"] for one in shared["items"]]
    assert counts == sorted(counts, reverse=True)


def test_shared_as_a_table(client: FlaskClient) -> None:
    rows = table(client, "/shared.csv?limit=0")
    assert rows
    assert {"competency_iri", "competency_label", "count", "museums_demand", "museums_basis"} <= rows[0].keys()
    assert all(
        sum(bool(row[f"{one}_demand"]) for one in ("archives", "libraries", "museums")) == int(row["count"])
        for row in rows
    )
