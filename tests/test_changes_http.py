"""What happened, as one sequence; what was withdrawn is 410; a worker that follows knows as much as a new one."""

import hashlib
import random
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from graph.parsing import Submission
from graph.publisher import publish_waiting
from service import create_app
from service.settings import Settings
from tests.history import COMPETENCIES, FIRST, offering, publish, withdraw


@pytest.fixture
def client(data: Path) -> Iterator[FlaskClient]:
    with create_app(Settings(data=data, look_seconds=0)).test_client() as client:
        yield client


def said(client: FlaskClient, query: str = "") -> list[tuple[str, str, str]]:
    answer = client.get(f"/changes.json?limit=0&{query}").json
    assert answer is not None
    return [(one["change"], one["entity"]["iri"].rpartition("/id/")[2], one["said"]) for one in answer["items"]]


def test_a_release_says_what_was_created_updated_and_withdrawn(client: FlaskClient, data: Path) -> None:
    publish(data, offering())
    assert said(client, "kind=offering")[0] == ("created", "offering/a-test", "added")
    museums = ("updated", "gap/museums--physical-accessibility", "closed: missing before, thin now")
    assert museums in said(client, "kind=gap&change=updated")
    second = publish(data, offering(title="Another test"))
    assert said(client)[:1] == [("updated", "offering/a-test", "changed")]
    number = max(int(slug.rpartition("/")[2]) for _, slug, _ in said(client, "kind=contribution"))
    withdraw(data, number)
    assert ("withdrawn", "offering/a-test", "withdrawn") in said(client, "kind=offering")
    opened = ("updated", "gap/museums--physical-accessibility", "opened: thin before, missing now")
    assert opened in said(client, "kind=gap&change=updated")
    releases = client.get("/releases.json").json
    assert releases is not None
    assert [one["number"] for one in releases["items"]] == [4, 3, 2, 1]
    assert releases["items"][1]["digest"] == second.digest
    assert releases["items"][0]["counts"]["offering"] + 1 == releases["items"][1]["counts"]["offering"]


def test_the_hash_is_that_of_the_sorted_statements(client: FlaskClient, data: Path) -> None:
    publish(data, offering())
    answer = client.get("/changes.json?kind=offering&limit=1").json
    assert answer is not None
    lines = sorted(client.get("/offering/a-test.nt").data.splitlines(keepends=True))
    assert answer["items"][0]["sha256"] == hashlib.sha256(b"".join(lines)).hexdigest()


def test_the_same_file_again_changes_nothing(client: FlaskClient, data: Path) -> None:
    publish(data, offering())
    before = said(client)
    publish(data, offering())
    assert [slug for _, slug, _ in said(client)[: len(said(client)) - len(before)]] == [f"contribution/{FIRST + 1}"]


@pytest.mark.parametrize("address", ["/offering/a-test", "/offering/a-test.ttl", "/id/offering/a-test"])
def test_what_was_withdrawn_is_gone_for_good(client: FlaskClient, data: Path, address: str) -> None:
    publish(data, offering())
    assert client.get(address).status_code in (200, 303)
    withdraw(data, FIRST)
    answer = client.get(address, headers={"Accept": "application/json, text/turtle;q=0.5"})
    assert answer.status_code == 410
    assert answer.mimetype == "application/problem+json"
    problem = answer.get_json(force=True)
    assert problem["iri"] == "https://w3id.org/trivium/id/offering/a-test"
    assert problem["release"] == 3
    page = client.get(address, headers={"Accept": "text/html"})
    assert (page.status_code, page.mimetype) == (
        410,
        "text/html" if "ttl" not in address else "application/problem+json",
    )
    publish(data, offering())
    assert client.get(address).status_code in (200, 303)
    assert said(client, "kind=offering")[0] == ("created", "offering/a-test", "added")


def test_an_unknown_kind_is_refused_with_those_there_are(client: FlaskClient) -> None:
    answer = client.get("/changes.json?kind=offerin")
    assert answer.status_code == 400
    assert "offering" in answer.get_json(force=True)["allowed"]


def test_a_worker_that_follows_the_releases_answers_like_one_that_starts(client: FlaskClient, data: Path) -> None:
    """A random walk: what is computed from the change log alone equals what is read from the whole release."""
    chance = random.Random(7)
    role = Submission(
        "role.csv", b"id,label_en,definition_en,sectors,sources\nx,X,X does it.,museums,https://example.org/r\n"
    )
    needs = Submission(
        "requirement.csv", b"role,competency,importance,level,source\nx,leadership,essential,entry,editorial\n"
    )
    questions = (
        "/gaps.json?limit=0",
        "/gaps.json?limit=0&level=entry&basis=roles&sector=museums",
        "/shared.json?limit=0",
        "/offerings.json?q=test&limit=0",
    )
    numbers, offered = count(FIRST), list[int]()
    for step in range(8):
        if step == 3:
            publish(data, role)
            next(numbers)
        elif step == 4:
            publish(data, needs)
            next(numbers)
        elif step in (5, 7):
            withdraw(data, offered.pop())
        else:
            id, title = f"o-{chance.randrange(3)}", f"A test {chance.randrange(3)}"
            sector = chance.choice(["", "museums", "archives"])
            publish(data, offering(id, title, chance.choice(COMPETENCIES), sector))
            offered.append(next(numbers))
        fresh = create_app(Settings(data=data)).test_client()
        for question in questions:
            assert client.get(question).json == fresh.get(question).json, (step, question)


def test_a_new_day_is_followed_too(client: FlaskClient, data: Path) -> None:
    assert client.get("/gaps.json").status_code == 200
    publish_waiting(data)
    fresh = create_app(Settings(data=data)).test_client()
    assert client.get("/gaps.json?limit=0").json == fresh.get("/gaps.json?limit=0").json
