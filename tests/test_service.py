"""The application: its settings, its releases, its cache; two of them in one process."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import request
from flask.testing import FlaskClient

from graph.publication import Publisher
from service import create_app
from service.caching import Bodies, Body, digest_of
from service.settings import InvalidSetting, Settings

FIRST, SECOND = date(2026, 11, 23), date(2026, 11, 24)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder whose only release holds just the vocabulary."""
    publish(tmp_path, FIRST)
    return tmp_path


@pytest.fixture
def small(data: Path) -> Iterator[FlaskClient]:
    """A client that looks for a newer release at every request."""
    app = create_app(Settings(data=data, look_seconds=0.0))
    yield app.test_client()
    app.extensions["trivium.sparql"].close()


def publish(data: Path, as_of: date) -> None:
    with Publisher.open(data) as publisher:
        publisher.publish(as_of)


def test_settings_are_read_from_the_environment() -> None:
    found = Settings.from_env(
        {"TRIVIUM_DATA": "/srv", "TRIVIUM_PORT": "9000", "TRIVIUM_QUERY_SECONDS": "2.5", "HOME": "/"}
    )
    assert (found.data, found.port, found.query_seconds) == (Path("/srv"), 9000, 2.5)
    assert Settings.from_env({}) == Settings()
    with pytest.raises(InvalidSetting, match="TRIVIUM_PORT='x': expected int"):
        Settings.from_env({"TRIVIUM_PORT": "x"})


def test_two_applications_in_one_process_differ(client: FlaskClient, small: FlaskClient) -> None:
    full, empty = client.get("/gaps.json?limit=0").json, small.get("/gaps.json?limit=0").json
    assert full is not None
    assert empty is not None
    assert (full["total"], empty["total"]) == (390, 0)
    assert client.get("/gaps.json?limit=0").headers["ETag"] != small.get("/gaps.json?limit=0").headers["ETag"]
    assert client.get("/role/archivist").status_code == 200
    assert small.get("/role/archivist").status_code == 404


def test_a_newer_release_is_answered_from_at_once(small: FlaskClient, data: Path) -> None:
    before = small.get("/gaps.json")
    publish(data, SECOND)
    after = small.get("/gaps.json", headers={"If-None-Match": before.headers["ETag"]})
    assert before.json is not None
    assert after.json is not None
    assert (before.json["release"], before.json["as_of"]) == (1, "2026-11-23")
    assert (after.status_code, after.json["release"], after.json["as_of"]) == (200, 2, "2026-11-24")


def test_a_worker_looks_for_a_newer_release_only_now_and_then(data: Path) -> None:
    patient = create_app(Settings(data=data, look_seconds=3600.0)).test_client()
    assert patient.get("/health").json["release"] == 1  # type: ignore[index]
    publish(data, SECOND)
    assert patient.get("/health").json["release"] == 1  # type: ignore[index]


def test_queries_follow_the_release(small: FlaskClient, data: Path) -> None:
    query = {"query": "ASK { ?s ?p ?o }"}
    assert small.get("/sparql", query_string=query).json["boolean"] is True  # type: ignore[index]
    for day in range(1, 8):
        publish(data, date(2026, 12, day))
        assert small.get("/sparql", query_string=query).json["boolean"] is True  # type: ignore[index]


def test_the_pages_of_an_empty_graph(small: FlaskClient) -> None:
    for path in (
        "/",
        "/gaps",
        "/shared",
        "/competencies",
        "/offerings",
        "/sectors",
        "/ns",
        "/sector/museums",
        "/queries/gaps",
    ):
        assert small.get(path).status_code == 200


def test_links_stand_on_the_public_base(starter_data: Path) -> None:
    client = create_app(Settings(data=starter_data, base="https://example.org/")).test_client()
    found = client.get("/gaps.json?limit=1", headers={"Host": "elsewhere.example"})
    assert found.json is not None
    assert found.json["next"] == "https://example.org/gaps.json?limit=1&offset=1"
    assert b"elsewhere.example" not in found.data
    assert b"https://example.org/sparql" in client.get("/sparql").data


def test_a_proxy_is_believed_only_where_it_is_expected(data: Path) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.9"}
    for proxies, expected in ((0, "127.0.0.1"), (1, "203.0.113.9")):
        app = create_app(Settings(data=data, proxies=proxies))
        seen: list[str | None] = []
        app.before_request(lambda seen=seen: seen.append(request.remote_addr))
        app.test_client().get("/health", headers=forwarded)
        assert seen == [expected]


def test_the_cache_forgets_the_least_recently_used_and_keeps_its_bound() -> None:
    bodies = Bodies(limit=10_000)
    for name in ("a", "b", "c"):
        bodies.keep(name, Body(b"x" * 2_000, ()))
    assert bodies.get("a") is not None
    bodies.keep("d", Body(b"x" * 2_000, ()))
    assert [name for name in "abcd" if bodies.get(name)] == ["a", "c", "d"]
    bodies.keep("large", Body(b"x" * 9_000, ()))
    assert bodies.get("large") is None
    assert bodies.get("a") is not None


def test_the_digest_follows_every_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    first = digest_of(tmp_path)
    (tmp_path / "a.py").write_text("2")
    second = digest_of(tmp_path)
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    assert len({first, second, digest_of(tmp_path)}) == 3


def test_health(small: FlaskClient) -> None:
    response = small.get("/health")
    assert response.status_code == 200
    assert response.json is not None
    assert (response.json["alive"], response.json["ready"], response.json["release"]) == (True, True, 1)
    assert response.headers["Cache-Control"] == "no-store"
