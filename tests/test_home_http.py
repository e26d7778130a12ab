"""The front page: its figures are those of the pages they lead to; what changed is what the change log says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service import create_app
from service.settings import Settings
from tests.history import FIRST, offering, publish, withdraw

BROWSER = {"Accept": "text/html"}
SECTORS = ("archives", "libraries", "museums")


@pytest.fixture
def lively(data: Path) -> Iterator[FlaskClient]:
    """A client of a graph that will change."""
    app = create_app(Settings(data=data, look_seconds=0))
    yield app.test_client()
    app.extensions["trivium.sparql"].close()


def home(client: FlaskClient) -> str:
    answer = client.get("/", headers=BROWSER)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.text)


def total(client: FlaskClient, address: str) -> int:
    found = client.get(address).json
    assert found is not None
    return int(found["total"])


def test_what_is_counted_is_what_it_leads_to(client: FlaskClient) -> None:
    figures = re.findall(r'<a href="/([a-z]+)"><strong>([\d,]+)</strong>', home(client))
    assert {name for name, _ in figures} >= {"competencies", "roles", "offerings", "providers", "needs", "surveys"}
    counted = {name: int(number.replace(",", "")) for name, number in figures}
    assert counted == {name: total(client, f"/{name}.json") for name in counted}


def test_what_is_shared_is_counted_as_there(client: FlaskClient) -> None:
    shares = re.findall(r'<strong>(\d+)</strong> <a href="/shared\?count=(\d)"', home(client))
    assert [count for _, count in shares] == ["3", "2", "1"]
    assert [int(number) for number, _ in shares] == [total(client, f"/shared.json?count={one}") for one in (3, 2, 1)]


@pytest.mark.parametrize("sector", SECTORS)
def test_the_gaps_of_a_sector_are_its_first_ones_and_lead_to_their_evidence(client: FlaskClient, sector: str) -> None:
    shown = re.findall(rf'href="/gap/{sector}--([a-z0-9-]+)"', home(client))
    found = client.get(f"/gaps.json?sector={sector}&limit=5").json
    assert found is not None
    assert shown == [one["competency"]["iri"].rpartition("/")[2] for one in found["items"]]
    assert client.get(f"/gap/{sector}--{shown[0]}", headers=BROWSER).status_code == 200


def test_the_beginning_is_no_change_and_what_follows_is(lively: FlaskClient, data: Path) -> None:
    assert "Nothing changed afterwards yet." in home(lively)
    wanted = lively.get("/gaps.json?sector=museums&state=missing&limit=1").json["items"][0]  # type: ignore[index]
    competency = wanted["competency"]["iri"].rpartition("/")[2]
    publish(data, offering("lately", "Lately", competency))
    text = home(lively)
    assert 'Offerings: <a href="/changes?kind=offering&amp;change=created">1 new</a>' in text
    pattern = r'<a href="/gap/([a-z]+)--([a-z0-9-]+)">[^<]*</a> <small>closed: ([a-z]+) before, thin now'
    turned = re.findall(pattern, text)
    assert ("museums", competency, "missing") in turned
    closed = int(re.findall(r">(\d+) closed, 0 opened<", text)[0])
    assert closed == len(turned) > 0
    withdraw(data, FIRST)
    text = home(lively)
    assert ">1 withdrawn</a>" in text
    assert f">{closed} closed, {closed} opened<" in text


def test_it_is_light(client: FlaskClient) -> None:
    assert len(client.get("/", headers=BROWSER).data) < 30_000
