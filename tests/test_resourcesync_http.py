"""ResourceSync: the structure that the specification demands, and lists whose replay gives what there is."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from graph.namespaces import kind_and_slug
from graph.releases import Releases
from service import create_app
from service.settings import Settings
from tests.harvesters import SyncClient, SyncList, capabilities
from tests.history import lived, make_long

ADDRESS = "https://example.org"
WELL_KNOWN = f"{ADDRESS}/.well-known/resourcesync"
CAPABILITIES = f"{ADDRESS}/resourcesync/capabilitylist.xml"
ROWS = 50_100  # a part that is full and one more


@pytest.fixture
def client(data: Path) -> Iterator[FlaskClient]:
    with create_app(Settings(data=data, look_seconds=0, base=ADDRESS)).test_client() as client:
        yield client


def entities(data: Path) -> set[str]:
    newest = Releases(data).newest()
    assert newest is not None
    return {
        quad.subject.value
        for quad in newest.dataset().quads()
        if hasattr(quad.subject, "value") and kind_and_slug(quad.subject.value)
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
    assert {one.about["change"] for one in found["changelist"].entries} == {"created", "updated", "deleted"}
    for one in [*found["resourcelist"].entries, *found["changelist"].entries]:
        assert "hash" not in one.about
        assert len(one.address) < 2048
        assert one.address.removesuffix(".nt") == one.links["describes"].replace("https://w3id.org/trivium/id", ADDRESS)


def test_addresses_answer_as_the_lists_say(client: FlaskClient, data: Path) -> None:
    assert list(lived(data, seed=11, steps=6))
    found = capabilities(client)
    for one in found["resourcelist"].entries[::400]:
        answer = client.get(one.address.removeprefix(ADDRESS))
        assert (answer.status_code, answer.mimetype) == (200, one.about["type"])
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
        assert [len(part.entries) for part in parts] == [50_000, 100]
        for part in parts:
            assert part.links == {"up": CAPABILITIES, "index": index}
            assert part.about["capability"] == name
        assert len({one.address for part in parts for one in part.entries}) == ROWS
        if name == "changelist":
            assert "until" not in found.about
            assert ["until" in part.about for part in parts] == [True, False]
    assert client.get("/resourcesync/changelist/2.xml").status_code == 404
