"""The yearly confirmation: who sees what is due, and what a confirmation changes and keeps."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, RdfFormat, Triple, parse
from werkzeug.test import TestResponse

from graph.clock import today
from graph.dates import months_after, months_before
from graph.journal import Journal, State
from graph.namespaces import TRV, XSD, entity
from graph.parsing import Submission
from graph.people import People, Role
from graph.publication import Publisher, Terms
from graph.publisher import publish_waiting
from graph.releases import Releases
from service import create_app
from service.settings import Settings
from tests.visitor import Visitor

HEADER = "id,label_en,provider,type,competencies,source,page_date,verified_date"
BY = "https://creativecommons.org/licenses/by/4.0/"
FRESH, AGEING, STALE = (months_before(today(), months).isoformat() for months in (3, 20, 40))
DATES = {"fresh": (FRESH, ""), "ageing": ("2019-02", AGEING), "stale": (STALE, ""), "undated": ("", "")}


def row(id: str, page_date: str, verified_date: str, title: str = "A test") -> str:
    source = f"https://example.org/{id}"
    return f"{id},{title},aaslh,webinar,physical-accessibility,{source},{page_date},{verified_date}"


def offerings(*rows: str) -> Submission:
    return Submission("offering.csv", "\n".join([HEADER, *rows, ""]).encode())


@pytest.fixture(scope="module")
def published(starter_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter graph, four offerings of Tess under a licence of her own, and one of Ada's."""
    data = Path(shutil.copytree(starter_data, tmp_path_factory.mktemp("confirmation") / "data"))
    with Publisher.open(data) as publisher:
        publisher.contribute([offerings(*(row(id, *dates) for id, dates in DATES.items()))], Terms("tess", BY), today())
        publisher.contribute([offerings(row("of-ada", STALE, ""))], Terms("ada"), today())
    return data


@pytest.fixture
def data(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "data"))


@pytest.fixture
def tokens(data: Path) -> dict[str, str]:
    roles = {"tess": Role.TRUSTED, "ada": Role.CONTRIBUTOR, "ben": Role.CONTRIBUTOR}
    return {slug: People(data).add(slug, slug, role) for slug, role in roles.items()}


@pytest.fixture
def client(data: Path) -> FlaskClient:
    return create_app(Settings(data=data, look_seconds=0)).test_client()


Ask = Callable[..., TestResponse]


@pytest.fixture
def ask(client: FlaskClient, tokens: dict[str, str]) -> Ask:
    """Ask an address as somebody; what is to be confirmed, or any other body, is posted."""

    def asked(who: str, path: str = "/confirmations", offering: Any = None, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {tokens[who]}", **more.pop("headers", {})}
        if offering is not None:
            more["json"] = {"offering": offering}
        return client.open(path, method="POST" if more else "GET", headers=headers, **more)

    return asked


def listed(answer: TestResponse) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = json.loads(answer.data)["items"]
    return found


def slugs(answer: TestResponse) -> list[str]:
    return [item["offering"]["iri"].rpartition("/")[2] for item in listed(answer)]


def said_of(data: Path, id: str) -> set[Triple]:
    newest = Releases(data).newest()
    assert newest is not None
    return set(newest.dataset().describe(entity("offering", id)))


def confirmed(triples: set[Triple], id: str) -> set[Triple]:
    day = Literal(today().isoformat(), datatype=XSD.date)
    return {one for one in triples if one.predicate != TRV.verifiedDate} | {
        Triple(entity("offering", id), TRV.verifiedDate, day)
    }


def state(ask: Ask, who: str, answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = json.loads(ask(who, answer.headers["Location"]).data)
    return found


def test_the_oldest_come_first_with_the_day_they_go_stale(ask: Ask) -> None:
    answer = ask("tess")
    assert answer.headers["Cache-Control"] == "no-store"
    stale, ageing, undated = listed(answer)
    assert slugs(answer) == ["stale", "ageing", "undated"]
    assert (stale["dated"], stale["stale"]) == (STALE, True)
    assert f"it went stale on {stale['stale_from']} and no longer counts as supply" in stale["says"]
    assert (ageing["dated"], ageing["stale"]) == (AGEING, False)
    assert ageing["stale_from"] == months_after(months_before(today(), 20), 36).isoformat()
    assert f"it goes stale on {ageing['stale_from']}" in ageing["says"]
    assert (undated["dated"], undated["stale_from"], undated["stale"]) == (None, None, False)


def test_the_months_are_a_parameter(ask: Ask) -> None:
    assert slugs(ask("tess", "/confirmations?months=3")) == ["stale", "ageing", "fresh", "undated"]
    assert slugs(ask("tess", "/confirmations.json?months=30")) == ["stale", "undated"]
    assert ask("tess", "/confirmations?months=-1").status_code == 400


def test_everybody_sees_only_their_own(ask: Ask, client: FlaskClient) -> None:
    assert slugs(ask("ada")) == ["of-ada"]
    assert slugs(ask("ben")) == []
    assert client.get("/confirmations").status_code == 401


def test_a_confirmation_says_the_same_with_the_new_day(ask: Ask, data: Path) -> None:
    before = {id: said_of(data, id) for id in DATES}
    answer = ask("tess", offering="stale")
    publish_waiting(data)
    seen = state(ask, "tess", answer)
    assert (seen["state"], seen["license"]) == ("published", BY)
    assert said_of(data, "stale") == confirmed(before["stale"], "stale")
    assert {id: said_of(data, id) for id in ("fresh", "ageing")} == {id: before[id] for id in ("fresh", "ageing")}
    assert slugs(ask("tess")) == ["ageing", "undated"]


def test_only_what_the_contributor_said_is_sent(ask: Ask, data: Path) -> None:
    number = json.loads(ask("tess", offering="ageing").data)["number"]
    sent = {quad.triple for quad in parse(Journal(data).entry(number).submission.body, RdfFormat.N_TRIPLES)}
    newest = Releases(data).newest()
    assert newest is not None
    subject = entity("offering", "ageing")
    own = [q.triple for q in newest.dataset().quads(subject) if "/id/contribution/" in str(q.graph_name)]
    assert sent == confirmed(set(own), "ageing")
    assert len({one for one in sent if one.predicate == TRV.verifiedDate}) == 1


def test_several_are_confirmed_by_slug_or_iri_or_in_a_form(ask: Ask, data: Path) -> None:
    iri = entity("offering", "ageing").value
    form = {"offering": ["undated", "offering/stale", "stale"]}
    for answer in (ask("tess", offering=[iri]), ask("tess", data=form)):
        publish_waiting(data)
        assert state(ask, "tess", answer)["state"] == "published"
    assert slugs(ask("tess")) == []


def test_the_spreadsheet_can_be_sent_back(ask: Ask, client: FlaskClient, data: Path) -> None:
    sheet = ask("tess", "/confirmations.csv")
    assert sheet.mimetype == "text/csv"
    template = client.get("/templates/offering.csv").text.splitlines()[0]
    assert sheet.text.splitlines()[0] == template
    rows = list(csv.DictReader(io.StringIO(sheet.text.removeprefix("\ufeff"))))
    assert {one["id"]: one["verified_date"] for one in rows} == dict.fromkeys(
        ("stale", "ageing", "undated"), today().isoformat()
    )
    before = {id: said_of(data, id) for id in DATES}
    again = f"/contributions?kind=offering&license={BY}"
    answer = ask("tess", again, data=sheet.data, content_type="text/csv")
    publish_waiting(data)
    assert state(ask, "tess", answer)["state"] == "published"
    for id in ("stale", "ageing", "undated"):
        assert said_of(data, id) == confirmed(before[id], id)
    assert slugs(ask("tess")) == []


@pytest.mark.parametrize(
    ("offering", "status", "words"),
    [
        ("of-ada", 403, "somebody else"),
        (["stale", "aaslh-online-course-collections-management"], 403, "somebody else"),
        ("stael", 400, "there is no offering `stael`"),
        ("Not a slug", 400, "is not a offering"),
        ([], 400, "Name the `offering`"),
        ({"id": "stale"}, 400, "Name the `offering`"),
        ([1], 400, "Name the `offering`"),
    ],
    ids=str,
)
def test_what_cannot_be_confirmed_is_said(ask: Ask, data: Path, offering: Any, status: int, words: str) -> None:
    before = len(Journal(data).entries(*State))
    answer = ask("tess", offering=offering)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert words in json.loads(answer.data)["detail"]
    assert len(Journal(data).entries(*State)) == before


def test_a_slip_is_answered_with_what_was_meant(ask: Ask) -> None:
    assert json.loads(ask("tess", offering="stael").data)["suggestion"] == "stale"


def test_a_repeat_under_one_key_is_one_contribution(ask: Ask) -> None:
    answers = [ask("tess", offering="stale", headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert [one.status_code for one in answers] == [202, 202]
    assert len({json.loads(one.data)["number"] for one in answers}) == 1
    other = ask("tess", offering="ageing", headers={"Idempotency-Key": "one"})
    assert other.status_code == 422


def test_a_change_that_waits_is_not_undone(ask: Ask, data: Path) -> None:
    change = offerings(row("stale", STALE, "", title="Another title")).body
    ask("tess", "/contributions?kind=offering", data=change, content_type="text/csv")
    refused = ask("tess", offering="stale")
    assert refused.status_code == 409
    assert "may change `stale`" in json.loads(refused.data)["detail"]
    assert ask("tess", offering="ageing").status_code == 202
    publish_waiting(data)
    assert ask("tess", offering="stale").status_code == 202
    publish_waiting(data)
    labels = {one.object.value for one in said_of(data, "stale") if isinstance(one.object, Literal)}
    assert {"Another title", today().isoformat()} <= labels


def test_offerings_under_different_licences_are_confirmed_apart(ask: Ask, data: Path) -> None:
    with Publisher.open(data) as publisher:
        publisher.contribute([offerings(row("stale", STALE, ""))], Terms("tess"), today())
    refused = ask("tess", offering=["stale", "ageing"])
    assert refused.status_code == 400
    assert "different licences" in json.loads(refused.data)["detail"]
    assert ask("tess", offering=["ageing", "undated"]).status_code == 202


def test_what_is_reviewed_waits_for_review(ask: Ask, data: Path) -> None:
    answer = ask("ada", offering="of-ada")
    publish_waiting(data)
    assert state(ask, "ada", answer)["state"] == "in review"


def test_the_rebuilt_store_is_the_same(ask: Ask, data: Path) -> None:
    ask("tess", offering=["stale", "ageing"])
    publish_waiting(data)
    with Publisher.open(data) as publisher:
        before = publisher.releases.newest()
        after = publisher.rebuild(today())
    assert before is not None
    assert after.digest == before.digest


def test_a_confirmed_offering_counts_as_supply_again(ask: Ask, client: FlaskClient, data: Path) -> None:
    def supply() -> set[str]:
        gaps = json.loads(client.get("/gaps.json?competency=physical-accessibility&limit=0").data)["items"]
        return {iri for gap in gaps for iri in gap["evidence"]["offerings"]}

    stale = entity("offering", "stale").value
    assert stale not in supply()
    ask("tess", offering="stale")
    publish_waiting(data)
    assert stale in supply()


def test_one_click_on_the_page_confirms_what_is_ticked(data: Path, tokens: dict[str, str]) -> None:
    app = create_app(Settings(data=data, look_seconds=0))
    tess = Visitor.logged_in(app, tokens["tess"])
    shown = tess.open("/confirmations")
    assert "went stale" in shown or "does not count as supply" in shown
    assert 'value="https://w3id.org/trivium/id/offering/fresh"' not in shown
    before = said_of(data, "stale")
    answer = tess.send("/confirmations", offering=["stale", "ageing"])
    assert answer.status_code == 303
    publish_waiting(data)
    assert "published" in tess.open(answer.headers["Location"])
    assert said_of(data, "stale") == confirmed(before, "stale")
    assert 'value="https://w3id.org/trivium/id/offering/stale"' not in tess.open("/confirmations")
