"""`/compare` over HTTP: the parts, what they rest on, the order that does not matter, and what is refused."""

import csv
import io
import re
from collections import Counter
from itertools import permutations
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

BASE = "https://w3id.org/trivium/id/"
THREE = ("sector/archives", "sector/art-museums", "role/archivist")
Answer = dict[str, Any]


def asked(client: FlaskClient, address: str) -> Answer:
    response = client.get(address)
    assert response.status_code == 200, address
    answer: Answer = response.get_json()
    return answer


def compared(client: FlaskClient, *things: str, **more: str) -> Answer:
    return asked(client, f"/compare.json?{urlencode({**dict(zip('abc', things, strict=False)), **more, 'limit': 0})}")


def needs(answer: Answer, thing: str) -> dict[str, Answer]:
    """What is said of one thing, by the slug of the competency."""
    return {
        one["competency"]["iri"].rpartition("/")[2]: need
        for one in answer["items"]
        for need in one["needs"]
        if need["thing"]["iri"] == BASE + thing
    }


def test_a_sector_needs_what_its_gaps_say_and_a_role_what_it_requires(client: FlaskClient) -> None:
    answer = compared(client, "sector/museums", "role/archivist")
    gaps = asked(client, "/gaps.json?sector=museums&limit=0")["items"]
    demanded = {one["competency"]["iri"]: (one["demand"], one["basis"], one["kind"]) for one in gaps if one["demand"]}
    required = {
        one["competency"]["iri"]: one["importance"]["iri"].rpartition("/")[2]
        for one in asked(client, "/queries/requirements-of-role.json?role=archivist&limit=0")["items"]
    }
    assert demanded
    assert required
    expected = {
        iri: {one for one, known in (("sector/museums", demanded), ("role/archivist", required)) if iri in known}
        for iri in demanded.keys() | required.keys()
    }
    assert {one["competency"]["iri"]: set(one["needed_by"]) for one in answer["items"]} == expected
    for name, need in needs(answer, "sector/museums").items():
        if f"{BASE}competency/{name}" in demanded:
            assert (need["weight"], need["basis"], need["kind"]) == demanded[f"{BASE}competency/{name}"]
    weights = {f"{BASE}competency/{one}": need for one, need in needs(answer, "role/archivist").items()}
    assert {iri: need["basis"] for iri, need in weights.items() if need["basis"]} == required
    assert all(
        need["weight"] == {"essential": 1, "optional": 0.5, None: None}[need["basis"]] for need in weights.values()
    )


def test_whichever_is_named_first_the_answer_and_its_canonical_address_are_the_same(client: FlaskClient) -> None:
    told: set[tuple[str, ...]] = set()
    for order in permutations(THREE):
        address = f"/compare.json?{urlencode(dict(zip('abc', order, strict=True)))}&limit=0&basis=roles"
        response = client.get(address)
        answer = response.get_json()
        canonical = [one for one in response.headers.getlist("Link") if 'rel="canonical"' in one]
        told.add((repr([answer[name] for name in ("things", "parts", "items")]), *canonical))
    [(_, address)] = told
    assert "/compare?a=role/archivist&b=sector/archives&c=sector/art-museums&basis=roles>" in address


def test_three_have_seven_parts_that_are_the_whole(client: FlaskClient) -> None:
    answer = compared(client, *THREE)
    assert len(answer["parts"]) == 7
    counted = Counter(tuple(one["needed_by"]) for one in answer["items"])
    assert {tuple(one["needed_by"]): one["total"] for one in answer["parts"] if one["total"]} == counted
    assert sum(one["total"] for one in answer["parts"]) == answer["total"] == len(answer["items"])
    for part in answer["parts"]:
        only = compared(client, *THREE, only=",".join(part["needed_by"]))
        assert only["total"] == part["total"]
        assert all(one["needed_by"] == part["needed_by"] for one in only["items"])


def test_what_is_known_of_the_whole_sector_is_not_counted_for_its_part(client: FlaskClient) -> None:
    answer = compared(client, "sector/art-museums", "sector/archives")
    own = {
        one["competency"]["iri"]: one["demand"]
        for one in asked(client, "/gaps.json?sector=art-museums&limit=0")["items"]
        if one["demand"]
    }
    whole = {
        one["competency"]["iri"]: one["demand"] for one in asked(client, "/gaps.json?sector=museums&limit=0")["items"]
    }
    said = {f"{BASE}competency/{name}": need for name, need in needs(answer, "sector/art-museums").items()}
    assert {iri: need["weight"] for iri, need in said.items() if need["weight"]} == own
    inherited = {iri: need["broader"] for iri, need in said.items() if "broader" in need}
    assert inherited
    assert not inherited.keys() & own.keys()
    for iri, need in inherited.items():
        assert need["sector"]["iri"] == f"{BASE}sector/museums"
        assert need["weight"] == whole[iri]
    [thing] = [one for one in answer["things"] if one["iri"].endswith("/art-museums")]
    assert (thing["broader"]["iri"], thing["known_by_survey"], thing["known_by_roles"]) == (
        f"{BASE}sector/museums",
        0,
        len(own),
    )


def test_as_a_table_and_in_every_other_format(client: FlaskClient) -> None:
    address = "a=sector/art-museums&b=role/archivist&limit=0"
    rows = list(csv.DictReader(io.StringIO(client.get(f"/compare.csv?{address}").get_data(as_text=True))))
    items = asked(client, f"/compare.json?{address}")["items"]
    assert len(rows) == len(items) > 0
    for row, item in zip(rows, items, strict=True):
        assert row["competency_iri"] == item["competency"]["iri"]
        assert row["needed_by"].split(";") == [BASE + one for one in item["needed_by"]]
        role, sector = item["needs"]
        assert row["role_archivist_weight"] == ("" if role["weight"] is None else str(role["weight"]))
        known = sector.get("broader", sector)
        assert row["sector_art_museums_weight"] == ("" if known["weight"] is None else str(known["weight"]))
        assert row["sector_art_museums_known_of"] == (
            "" if known["weight"] is None else BASE + f"sector/{'museums' if 'broader' in sector else 'art-museums'}"
        )
    for suffix in ("xlsx", "jsonld", "csvm", "bib", "csl"):
        assert client.get(f"/compare.{suffix}?{address}").status_code == 200, suffix


@pytest.mark.parametrize(
    ("arguments", "parameter", "said"),
    [
        ("", "a", "this parameter is required"),
        ("a=sector/museums", "b", "for example `b=role/archivist`"),
        ("b=sector/museums", "a", "this parameter is required"),
        ("a=sector/museums&b=sector/museums", "b", "named twice"),
        (f"a=sector/museums&b=sector/archives&c={BASE}sector/museums", "c", "named twice"),
        ("a=competency/leadership&b=sector/museums", "a", "only sectors, sub-sectors and roles"),
        ("a=sector/all&b=sector/museums", "a", "only sectors, sub-sectors and roles"),
        ("a=sector/musems&b=sector/archives", "a", "there is no sector `musems`"),
        ("a=museums&b=sector/archives", "a", "Write `kind/slug`"),
        ("a=sector/museums&b=sector/archives&c=sector/libraries&d=role/archivist", "d", "there is no such parameter"),
        ("a=sector/museums&b=sector/archives&only=libraries", "only", "none of those that are compared"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_the_way_to_mend_it(
    client: FlaskClient, arguments: str, parameter: str, said: str
) -> None:
    response = client.get(f"/compare.json?{arguments}")
    problem = response.get_json()
    assert (response.status_code, problem["parameter"]) == (400, parameter)
    assert said in problem["detail"]


def test_the_page_begins_with_a_form_and_keeps_what_is_chosen(client: FlaskClient) -> None:
    for address in ("/compare", "/compare?a=role/archivist"):
        page = client.get(address, headers={"Accept": "text/html"}).get_data(as_text=True)
        assert all(f'<select name="{name}"' in page for name in "abc")
        assert '<option value="sector/art-museums">Museums › Art museums</option>' in page
        assert ('<option value="role/archivist" selected>' in page) == ("=" in address)
    assert 'href="/compare?a=role/archivist"' in client.get("/role/archivist.html").get_data(as_text=True)
    assert 'href="/compare?a=sector/museums"' in client.get("/sector/museums.html").get_data(as_text=True)
    assert "/compare?a=" not in client.get("/sector/all.html").get_data(as_text=True)


def test_the_page_shows_each_part_with_its_number_and_stays_in_an_older_release(client: FlaskClient) -> None:
    address = urlencode(dict(zip("abc", THREE, strict=True)))
    page = client.get(f"/compare.html?{address}").get_data(as_text=True)
    parts = {tuple(one["needed_by"]): one["total"] for one in asked(client, f"/compare.json?{address}")["parts"]}
    table = page.partition('<table class="twin">')[2].partition("</table>")[0]
    assert [int(one) for one in re.findall(r'<td class="number">(\d+)</td>', table)] == [*parts.values()]
    drawn = page.partition("<svg viewBox")[2].partition("</svg>")[0]
    assert [int(one) for one in re.findall(r'<text class="count"[^>]*>(\d+)</text>', drawn)] == [*parts.values()]
    assert "No survey here speaks of it by itself." in page
    kept = client.get(f"/compare.json?{address}&release=1")
    assert kept.headers["Trivium-Release"] == "1"
    assert kept.get_json()["parts"] == [{"needed_by": list(one), "total": total} for one, total in parts.items()]
