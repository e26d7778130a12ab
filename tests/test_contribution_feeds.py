"""Feeds of contributions: what was published and withdrawn, and the life of one, read with a feed reader."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import feedparser  # type: ignore[import-untyped]
import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree

from graph.people import People, Role
from graph.publisher import publish_waiting
from service import create_app
from service.settings import Settings

BASE = "https://example.org"
ATOM = "{http://www.w3.org/2005/Atom}"
OFFERING = "id,label_en,provider,type,source\n{id},{id},aaslh,course,https://example.org/{id}\n"


@pytest.fixture(scope="module")
def data(starter_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the starter graph, to be changed."""
    return Path(shutil.copytree(starter_data, tmp_path_factory.mktemp("feeds") / "data"))


@pytest.fixture(scope="module")
def tokens(data: Path) -> dict[str, str]:
    roles = {"ada": Role.CONTRIBUTOR, "tess": Role.TRUSTED, "cora": Role.CURATOR}
    return {slug: People(data).add(slug, slug.title(), role) for slug, role in roles.items()}


@pytest.fixture(scope="module")
def app(data: Path) -> Flask:
    return create_app(Settings(data=data, base=BASE, look_seconds=0))


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


Send = Callable[[str, str], int]


@pytest.fixture
def send(client: FlaskClient, data: Path, tokens: dict[str, str]) -> Send:
    """Submit an offering as somebody, have it examined, and give its number."""

    def sent(who: str, id: str) -> int:
        answer = client.post(
            "/contributions?kind=offering",
            data=OFFERING.format(id=id),
            content_type="text/csv",
            headers={"Authorization": f"Bearer {tokens[who]}"},
        )
        publish_waiting(data)
        return int(json.loads(answer.data)["number"])

    return sent


def feed(client: FlaskClient, path: str, token: str = "") -> Any:
    """A feed, as a feed reader takes it; it keeps RFC 4287 where we looked."""
    answer = client.get(path, headers={"Authorization": f"Bearer {token}"} if token else {})
    assert (answer.status_code, answer.mimetype) == (200, "application/atom+xml")
    found = feedparser.parse(answer.data)
    assert found.bozo == 0, found.get("bozo_exception")
    root = etree.fromstring(answer.data)
    for element in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(ATOM + name)) == 1, name
        assert str(element.findtext(f"{ATOM}id")).startswith("https://")
    ids = [entry.id for entry in found.entries]
    assert len(set(ids)) == len(ids)
    return found


def address(found: Any, relation: str) -> str:
    (link,) = [one.href for one in found.feed.links if one.rel == relation]
    return str(link)


def test_what_was_published_is_news_the_newest_first(client: FlaskClient, send: Send) -> None:
    first, second = send("tess", "news-1"), send("tess", "news-2")
    found = feed(client, "/contributions.atom")
    assert address(found, "self") == f"{BASE}/contributions.atom"
    assert address(found, "alternate") == f"{BASE}/contributions"
    ids = [entry.id.rpartition("/")[2] for entry in found.entries]
    assert ids[:2] == [str(second), str(first)]
    assert ids[-1] == "1"  # of the starter graph
    assert found.entries[0].link == f"{BASE}/contributions/{second}"
    assert found.entries[0].author == "Tess"
    assert found.entries[0].updated_parsed >= found.entries[1].updated_parsed
    assert found.feed.updated == found.entries[0].updated


def test_what_is_withdrawn_is_news_and_what_never_was_published_is_none(
    client: FlaskClient, send: Send, data: Path, tokens: dict[str, str]
) -> None:
    published, waiting = send("tess", "leaving"), send("ada", "never-seen")
    for who, number in (("tess", published), ("ada", waiting)):
        headers = {"Authorization": f"Bearer {tokens[who]}"}
        assert client.post(f"/contributions/{number}/withdrawal", headers=headers).status_code == 200
    publish_waiting(data)
    entries = {entry.id.rpartition("/")[2]: entry for entry in feed(client, "/contributions.atom").entries}
    assert entries[str(published)].title == "body.csv: withdrawn"
    assert str(waiting) not in entries


def test_the_news_of_one_contributor(client: FlaskClient, send: Send) -> None:
    send("tess", "by-tess")
    found = feed(client, "/contributions.atom?contributor=tess")
    assert {entry.author for entry in found.entries} == {"Tess"}
    assert address(found, "self") == f"{BASE}/contributions.atom?contributor=tess"
    assert feed(client, "/contributions.atom?contributor=a%20%26%20b").entries == []


def test_the_news_are_kept_until_they_change(client: FlaskClient, send: Send) -> None:
    before = client.get("/contributions.atom")
    assert before.headers["Cache-Control"] == "public, no-cache"
    held = {"If-None-Match": before.headers["ETag"]}
    assert client.get("/contributions.atom", headers=held).status_code == 304
    send("tess", "something-new")
    assert client.get("/contributions.atom", headers=held).status_code == 200


def test_a_contributor_follows_a_contribution(
    client: FlaskClient, send: Send, data: Path, tokens: dict[str, str]
) -> None:
    number = send("ada", "followed")
    path = f"/contributions/{number}.atom"
    assert [entry.title.partition(": ")[2] for entry in feed(client, path).entries] == ["in review", "received"]
    client.post(
        f"/contributions/{number}/review",
        json={"decision": "reject", "reason": "It is & stays <a duplicate>."},
        headers={"Authorization": f"Bearer {tokens['cora']}"},
    )
    found = feed(client, path, tokens["ada"])
    assert found.entries[0].title == "body.csv: rejected"
    assert found.entries[0].content[0].value == "It is & stays <a duplicate>."
    assert found.entries[0].content[0].type == "text/plain"
    assert found.feed.id == f"https://w3id.org/trivium/id/contribution/{number}"
    assert address(found, "self") == f"{BASE}{path}"
    assert "duplicate" not in client.get(path).text
    assert client.get(path).headers["Cache-Control"] == "no-store"


def test_a_name_that_xml_cannot_carry_breaks_no_feed(client: FlaskClient, data: Path, tokens: dict[str, str]) -> None:
    from io import BytesIO

    form = {"file": (BytesIO(OFFERING.format(id="odd").encode()), "a\x0b<b>&\ufffe.csv"), "kind": "offering"}
    headers = {"Authorization": f"Bearer {tokens['tess']}"}
    assert client.post("/contributions", data=form, headers=headers).status_code == 202
    publish_waiting(data)
    assert "<b>&" in feed(client, "/contributions.atom").entries[0].title


def test_without_a_public_address_links_are_relative(data: Path) -> None:
    client = create_app(Settings(data=data)).test_client()
    found = client.get("/contributions.atom", headers={"Host": "elsewhere.example"})
    assert b"elsewhere.example" not in found.data
    assert feedparser.parse(found.data).bozo == 0
    assert b'href="/contributions.atom" rel="self"' in found.data


def test_feeds_are_found_from_the_pages(client: FlaskClient) -> None:
    for path in ("/contributions", "/contributions/1"):
        text = client.get(path, headers={"Accept": "text/html"}).text
        assert 'type="application/atom+xml" title="' in text
        assert f'href="{path}.atom"' in text
