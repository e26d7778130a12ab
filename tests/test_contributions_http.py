"""Contributions over HTTP: durable when answered, reviewed, published, withdrawn, and nobody touches another's."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from graph.examination import Examination, Wanted, examine_apart
from graph.journal import Journal
from graph.parsing import Submission
from graph.people import People, Role
from graph.progress import Progress
from graph.publisher import publish_waiting
from service import create_app
from service.settings import Settings

OFFERING = """id,label_en,provider,type,mode,level,competencies,source,page_date
{id},{title},aaslh,webinar,online-live,entry,physical-accessibility,https://example.org/{id},2026-11
"""


@pytest.fixture
def tokens(data: Path) -> dict[str, str]:
    """A token for one of each role, and for one who was revoked."""
    people = People(data)
    roles = {"ada": Role.CONTRIBUTOR, "ben": Role.CONTRIBUTOR, "tess": Role.TRUSTED, "cora": Role.CURATOR}
    found = {slug: people.add(slug, slug.title(), role) for slug, role in roles.items()}
    found["rex"] = people.add("rex", "Rex", Role.CONTRIBUTOR)
    people.revoke("rex")
    return found


@pytest.fixture
def app(data: Path) -> Flask:
    return create_app(Settings(data=data, look_seconds=0))


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as client:
        yield client


Send = Callable[..., TestResponse]


@pytest.fixture
def send(client: FlaskClient, tokens: dict[str, str]) -> Send:
    """Submit an offering as somebody."""

    def sent(who: str | None, id: str = "a-test", title: str = "A test", **headers: str) -> TestResponse:
        bearer = {"Authorization": f"Bearer {tokens.get(who, who)}"} if who else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = OFFERING.format(id=id, title=title)
        return client.post(
            "/contributions?kind=offering", data=body, content_type="text/csv", headers={**bearer, **named}
        )

    return sent


def seen(client: FlaskClient, number: int, token: str | None = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    found: dict[str, Any] = json.loads(client.get(f"/contributions/{number}", headers=headers).data)
    return found


def act(client: FlaskClient, path: str, token: str, **given: str) -> TestResponse:
    return client.post(path, json=given, headers={"Authorization": f"Bearer {token}"})


def states(client: FlaskClient) -> dict[str, str]:
    items = client.get("/gaps.json?competency=physical-accessibility").json
    assert items is not None
    return {item["sector"]["label"]: item["state"] for item in items["items"]}


def test_a_trusted_contribution_is_published_and_seen_everywhere(client: FlaskClient, send: Send, data: Path) -> None:
    assert states(client)["Museums"] == "missing"
    answer = send("tess")
    assert answer.status_code == 202
    assert answer.headers["Retry-After"] == "1"
    assert json.loads(answer.data)["state"] == "received"
    publish_waiting(data)
    assert states(client)["Museums"] == "thin"
    assert client.get("/offering/a-test").status_code == 200
    life = seen(client, json.loads(answer.data)["number"])
    assert [event["state"] for event in life["events"]] == ["received", "accepted", "published"]


def test_a_contribution_waits_for_a_curator(
    client: FlaskClient, send: Send, data: Path, tokens: dict[str, str]
) -> None:
    number = json.loads(send("ada").data)["number"]
    publish_waiting(data)
    assert seen(client, number)["state"] == "in review"
    assert client.get("/offering/a-test").status_code == 404
    assert act(client, f"/contributions/{number}/review", tokens["ben"], decision="accept").status_code == 403
    assert act(client, f"/contributions/{number}/review", tokens["cora"], decision="reject").status_code == 400
    assert act(client, f"/contributions/{number}/review", tokens["cora"], decision="accept").status_code == 200
    publish_waiting(data)
    assert seen(client, number)["state"] == "published"
    assert act(client, f"/contributions/{number}/review", tokens["cora"], decision="accept").status_code == 409


def test_a_rejected_contribution_says_why_to_its_contributor_only(
    client: FlaskClient, send: Send, data: Path, tokens: dict[str, str]
) -> None:
    number = json.loads(send("ada").data)["number"]
    publish_waiting(data)
    act(client, f"/contributions/{number}/review", tokens["cora"], decision="reject", reason="It is a duplicate.")
    assert seen(client, number, tokens["ada"])["events"][-1]["note"] == "It is a duplicate."
    assert "note" not in seen(client, number)["events"][-1]


def test_an_invalid_contribution_gets_its_report(client: FlaskClient, tokens: dict[str, str], data: Path) -> None:
    body = OFFERING.format(id="a-test", title="A test").replace("physical-accessibility", "physical-accessibilty")
    headers = {"Authorization": f"Bearer {tokens['tess']}"}
    answer = client.post("/contributions?kind=offering", data=body, content_type="text/csv", headers=headers)
    publish_waiting(data)
    last = seen(client, json.loads(answer.data)["number"], tokens["tess"])["events"][-1]
    assert last["state"] == "invalid"
    assert "row 2, column competencies" in last["note"]
    assert "Did you mean `physical-accessibility`?" in last["note"]


def test_nobody_changes_what_is_anothers(client: FlaskClient, send: Send, data: Path, tokens: dict[str, str]) -> None:
    mine = json.loads(send("tess").data)["number"]
    publish_waiting(data)
    for who, id in (("cora", "a-test"), ("tess", "aaslh-online-course-collections-management")):
        number = json.loads(send(who, id=id, title="Taken over").data)["number"]
        publish_waiting(data)
        last = seen(client, number, tokens[who])["events"][-1]
        assert last["state"] == "invalid"
        assert "who alone may change it" in last["note"]
    assert act(client, f"/contributions/{mine}/withdrawal", tokens["ada"]).status_code == 403
    assert "Taken over" not in client.get("/offering/a-test").text


def test_what_is_withdrawn_is_gone_and_the_rebuilt_store_is_the_same(
    client: FlaskClient, send: Send, data: Path, tokens: dict[str, str]
) -> None:
    from graph.clock import today
    from graph.publication import Publisher

    number = json.loads(send("tess").data)["number"]
    publish_waiting(data)
    assert (
        act(client, f"/contributions/{number}/withdrawal", tokens["tess"], reason="It was cancelled.").status_code
        == 200
    )
    publish_waiting(data)
    assert seen(client, number)["state"] == "withdrawn"
    assert states(client)["Museums"] == "missing"
    with Publisher.open(data) as publisher:
        before = publisher.releases.newest()
        after = publisher.rebuild(today())
    assert before is not None
    assert after.digest == before.digest


def test_repeats_of_one_key_are_one_contribution(app: Flask, tokens: dict[str, str]) -> None:
    def submit(_: int) -> tuple[int, int]:
        headers = {"Authorization": f"Bearer {tokens['tess']}", "Idempotency-Key": "one"}
        body = OFFERING.format(id="a-test", title="A test")
        answer = app.test_client().post(
            "/contributions?kind=offering", data=body, content_type="text/csv", headers=headers
        )
        return answer.status_code, json.loads(answer.data)["number"]

    with ThreadPoolExecutor(20) as threads:
        answers = set(threads.map(submit, range(20)))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 202


def test_a_key_with_another_content_is_refused(send: Send) -> None:
    assert send("tess", Idempotency_Key="one").status_code == 202
    assert send("tess", title="Another", Idempotency_Key="one").status_code == 422
    assert send("ada", title="Another", Idempotency_Key="one").status_code == 202


@pytest.mark.parametrize("who", [None, "rex", "tess.wrong", "nobody", "", "tess"])
def test_only_a_valid_token_may_submit(send: Send, who: str | None) -> None:
    answer = send(who)
    expected = 202 if who == "tess" else 401
    assert answer.status_code == expected
    if expected == 401:
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_what_waits_is_listed_to_its_contributor_and_curators_only(
    client: FlaskClient, send: Send, tokens: dict[str, str]
) -> None:
    send("ada")

    def listed(who: str | None) -> list[str]:
        headers = {"Authorization": f"Bearer {tokens[who]}"} if who else {}
        items = json.loads(client.get("/contributions", headers=headers).data)["items"]
        return [item["contributor"] for item in items if item["state"] == "received"]

    assert [listed(who) for who in (None, "ben", "ada", "cora")] == [[], [], ["ada"], ["ada"]]


def test_tokens_are_nowhere_kept(data: Path, tokens: dict[str, str]) -> None:
    kept = b"".join(path.read_bytes() for path in data.glob("journal.sqlite*"))
    assert all(token.partition(".")[2].encode() not in kept for token in tokens.values())


def test_contributors_are_credited(client: FlaskClient, send: Send, data: Path) -> None:
    send("tess")
    publish_waiting(data)
    items = json.loads(client.get("/contributors").data)["items"]
    assert {item["slug"]: item["published"] for item in items}["tess"] == 1


@pytest.mark.parametrize(
    ("content_type", "query", "status"),
    [("image/png", "", 415), ("text/csv", "&license=javascript:alert(1)", 400)],
)
def test_what_cannot_be_taken_is_said(
    client: FlaskClient, tokens: dict[str, str], content_type: str, query: str, status: int
) -> None:
    headers = {"Authorization": f"Bearer {tokens['tess']}"}
    answer = client.post(f"/contributions?kind=offering{query}", data=b"x", content_type=content_type, headers=headers)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


def test_of_two_who_take_one_id_at_once_the_first_has_it(client: FlaskClient, send: Send, data: Path) -> None:
    first, second = (json.loads(send(who, title=who).data)["number"] for who in ("tess", "cora"))
    publish_waiting(data)
    assert [seen(client, number)["state"] for number in (first, second)] == ["published", "invalid"]
    assert "<h1>tess</h1>" in client.get("/offering/a-test").text


def test_json_ld_that_names_the_projects_context_is_published(
    client: FlaskClient, tokens: dict[str, str], data: Path
) -> None:
    """What was validated is what is written: the context is put in both times."""
    offering = {
        "@context": "https://w3id.org/trivium/context.jsonld",
        "@id": "https://w3id.org/trivium/id/offering/a-linked-test",
        "@type": "trv:Offering",
        "trv:provider": {"@id": "https://w3id.org/trivium/id/provider/aaslh"},
        "trv:offeringType": {"@id": "https://w3id.org/trivium/id/offering-type/webinar"},
        "dct:source": {"@id": "https://example.org/a-linked-test"},
        "skos:prefLabel": {"@value": "A linked test", "@language": "en"},
    }
    headers = {"Authorization": f"Bearer {tokens['tess']}"}
    answer = client.post(
        "/contributions", data=json.dumps(offering), content_type="application/ld+json", headers=headers
    )
    publish_waiting(data)
    life = seen(client, json.loads(answer.data)["number"], tokens["tess"])["events"]
    assert life[-1]["state"] == "published", life
    assert "A linked test" in client.get("/offering/a-linked-test").text


def test_what_cannot_be_examined_waits_for_a_curator_and_holds_up_nobody(
    client: FlaskClient, send: Send, data: Path, tokens: dict[str, str]
) -> None:
    """Without the files of the release, an examination fails by no fault of the contributor."""
    number = json.loads(send("tess").data)["number"]
    for path in (data / "releases" / "000001" / "store").iterdir():
        path.unlink()
    publish_waiting(data)
    last = seen(client, number, tokens["tess"])["events"][-1]
    assert last["state"] == "in review"
    assert "a curator has to look at it" in last["note"]


def test_how_far_an_examination_has_come_is_shown_until_it_ends(data: Path, client: FlaskClient, send: Send) -> None:
    number = json.loads(send("ada").data)["number"]
    told = [seen(client, number)]

    def examine(files: Sequence[Submission], wanted: Wanted, progress: Progress) -> Examination:
        for done in (200, 3000):
            progress("validate", done, 10_000)
            told.append(seen(client, number))
        return examine_apart(files, wanted)

    publish_waiting(data, examine=examine)
    assert [one["state"] for one in told] == ["received"] * 3
    assert [one.get("progress") for one in told] == [
        None,
        {"step": "validate", "done": 200, "total": 10_000},
        {"step": "validate", "done": 3000, "total": 10_000},
    ]
    last = seen(client, number)
    assert (last["state"], "progress" in last) == ("in review", False)
    with Journal(data) as journal:
        assert journal.progress_of(number) is None
