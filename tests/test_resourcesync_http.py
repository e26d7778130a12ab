"""ResourceSync: the structure that the specification demands, and lists whose replay gives what there is."""

from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from graph.namespaces import DCT, kind_and_slug
from graph.releases import Releases
from service import create_app
from service.settings import Settings
from tests.harvesters import SyncClient, SyncList, capabilities
from tests.history import lived, make_long, offering, publish

ADDRESS = "https://example.org"
WELL_KNOWN = f"{ADDRESS}/.well-known/resourcesync"
CAPABILITIES = f"{ADDRESS}/resourcesync/capabilitylist.xml"
PART = 5_000
ROWS = 10_100  # two parts that are full and one more


@pytest.fixture
def client(data: Path) -> Iterator[FlaskClient]:
    with create_app(Settings(data=data, look_seconds=0, base=ADDRESS)).test_client() as client:
        yield client


class Meanwhile(FlaskClient):
    """A client that lets something happen after it read an index and before it reads the first part."""

    event: Callable[[], object] | None = None

    def get(self, *args: Any, **kwargs: Any) -> TestResponse:
        if self.event and "/changelist/" in args[0]:
            event, self.event = self.event, None
            event()
        return super().get(*args, **kwargs)


def entities(data: Path) -> set[str]:
    newest = Releases(data).newest()
    assert newest is not None
    merged = {quad.subject for quad in newest.dataset().quads(None, DCT.isReplacedBy)}
    return {
        quad.subject.value
        for quad in newest.dataset().quads()
        if hasattr(quad.subject, "value") and kind_and_slug(quad.subject.value) and quad.subject not in merged
    }


def test_the_documents_lead_to_each_other_and_say_what_they_are(client: FlaskClient) -> None:
    description = SyncList.fetched(client, WELL_KNOWN)
    assert description.about == {"capability": "description"}
    assert description.links == {"describedby": f"{ADDRESS}/catalog.ttl"}
    assert [one.address for one in description.entries] == [CAPABILITIES]
    listed = SyncList.fetched(client, CAPABILITIES)
    assert listed.about == {"capability": "capabilitylist"}
    assert listed.links == {"up": WELL_KNOWN}
    found = capabilities(client)
    assert found.keys() == {"resourcelist", "changelist"}
    for name, one in found.items():
        assert one.about["capability"] == name
        assert one.links == {"up": CAPABILITIES}
        assert not one.index
    assert found["resourcelist"].about.keys() == {"capability", "at"}
    assert found["changelist"].about.keys() == {"capability", "from"}, "it is open"


def test_entries_say_what_the_specification_demands_of_them(client: FlaskClient, data: Path) -> None:
    assert list(lived(data, seed=11, steps=6))
    found = capabilities(client)
    at = datetime.fromisoformat(found["resourcelist"].about["at"])
    for one in found["resourcelist"].entries:
        assert "change" not in one.about
        assert datetime.fromisoformat(one.modified) <= at
    times = [datetime.fromisoformat(one.about["datetime"]) for one in found["changelist"].entries]
    assert times == sorted(times)
    assert times[0] == datetime.fromisoformat(found["changelist"].about["from"])
    assert all(time.tzinfo for time in times)
    assert all("hash" not in one.about for one in found["changelist"].entries), "it is that of what there is now"
    assert {one.about["change"] for one in found["changelist"].entries} == {"created", "updated", "deleted"}
    for one in [*found["resourcelist"].entries, *found["changelist"].entries]:
        assert len(one.address) < 2048
        assert one.address.removesuffix(".nt") == one.links["describes"].replace("https://w3id.org/trivium/id", ADDRESS)


def test_addresses_answer_as_the_lists_say(client: FlaskClient, data: Path) -> None:
    assert list(lived(data, seed=11, steps=6))
    found = capabilities(client)
    for one in found["resourcelist"].entries[::400]:
        answer = client.get(one.address.removeprefix(ADDRESS))
        assert (answer.status_code, answer.mimetype) == (200, one.about["type"])
        assert one.about["hash"] == f"sha-256:{sha256(answer.data).hexdigest()}"
    last = {one.address: one.about["change"] for one in found["changelist"].entries}
    gone = [address for address, change in last.items() if change == "deleted"]
    assert gone
    for address in gone:
        assert client.get(address.removeprefix(ADDRESS)).status_code == 410


def test_the_lists_replayed_give_what_there_is(client: FlaskClient, data: Path) -> None:
    follower = SyncClient(client)
    follower.follow()
    assert follower.there == entities(data)
    for happened in lived(data, seed=12, steps=6):
        follower.follow()
        assert follower.there == entities(data), happened
    whole = SyncClient(client)
    whole.replay(capabilities(client)["changelist"].entries)
    assert (whole.there, whole.gone) == (follower.there, follower.gone)
    assert whole.gone


def test_a_long_list_is_an_index_of_parts(data: Path) -> None:
    make_long(data, ROWS)
    client = create_app(Settings(data=data, base=ADDRESS)).test_client()
    for name, found in capabilities(client).items():
        assert found.index
        assert found.about["capability"] == name
        assert found.links == {"up": CAPABILITIES}
        index = f"{ADDRESS}/resourcesync/{name}.xml"
        parts = [SyncList.fetched(client, one.address) for one in found.entries]
        assert [len(part.entries) for part in parts] == [PART, PART, ROWS % PART]
        assert [part.about for part in parts] == [one.about for one in found.entries]
        for part in parts:
            assert part.links == {"up": CAPABILITIES, "index": index}
            assert part.about["capability"] == name
        assert len({one.address for part in parts for one in part.entries}) == ROWS
        if name == "changelist":
            assert "until" not in found.about
            assert ["until" in part.about for part in parts] == [True, True, False]
    for path in ("changelist/3", "resourcelist/3", "changelist/-1", "changelist/00"):
        assert client.get(f"/resourcesync/{path}.xml").status_code == 404


def test_a_full_part_of_the_changes_never_changes(client: FlaskClient, data: Path) -> None:
    make_long(data, PART + 1)
    full, begun = "/resourcesync/changelist/0.xml", "/resourcesync/changelist/1.xml"
    before, open_part = client.get(full), client.get(begun)
    assert before.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert open_part.headers["Cache-Control"] == "public, no-cache"
    publish(data, offering())
    assert client.get(full).data == before.data
    assert client.get(full, headers={"If-None-Match": before.headers["ETag"]}).status_code == 304
    assert client.get(begun, headers={"If-None-Match": open_part.headers["ETag"]}).data != open_part.data


def test_a_release_that_is_spread_over_parts_while_they_are_read_is_not_missed(data: Path) -> None:
    """A part fills up after the index was read, so what follows is in a part that this index does not name."""
    make_long(data, 2 * PART - 3)
    app = create_app(Settings(data=data, look_seconds=0, base=ADDRESS))
    app.test_client_class = Meanwhile
    client = app.test_client()
    follower = SyncClient(client)
    follower.follow()
    assert isinstance(client, Meanwhile)
    client.event = lambda: publish(data, offering())
    follower.follow()
    assert client.event is None, "it was published while the list was read"
    assert len(capabilities(client)["changelist"].entries) == 3
    follower.follow()
    whole = SyncClient(client)
    whole.replay(capabilities(client)["changelist"].whole(client))
    assert follower.there == whole.there


def test_a_worker_that_is_behind_asks_for_patience(data: Path) -> None:
    """Another worker may name a part that this one does not see yet; 404 would end the harvest."""
    make_long(data, PART)
    behind = create_app(Settings(data=data, look_seconds=3600)).test_client()
    assert behind.get("/resourcesync/changelist.xml").status_code == 200
    publish(data, offering())
    for path in ("/resourcesync/changelist/1.xml", "/resourcesync/resourcelist/1.xml"):
        answer = behind.get(path)
        assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "1"), path
    assert behind.get("/resourcesync/changelist/2.xml").status_code == 404
