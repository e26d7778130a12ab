"""What the page of a thing draws of its neighbours, and tells of its history."""

import re
import shutil
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal

from graph.namespaces import SKOS, TRV, entity
from graph.parsing import Submission
from graph.publication import Publisher, Terms
from graph.store import Dataset
from service import create_app
from service.settings import Settings

DISASTER = entity("competency", "disaster-planning-and-response")


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def tabled(text: str) -> list[tuple[str, str]]:
    """How, and to what, the table of neighbours says that the thing is joined."""
    rows = re.findall(r'<tr><td data-label="How">([^<]*)</td><th scope="row">(.*?)</th></tr>', text)
    return [(how, re.sub("<[^>]*>", "", what)) for how, what in rows]


@pytest.mark.parametrize(
    ("path", "relations"),
    [
        (
            "/competency/disaster-planning-and-response",
            {"broader", "related", "mapped to", "required by", "taught by", "offered by"},
        ),
        ("/role/archivist", {"practised in", "requires", "mapped to"}),
        ("/provider/aaslh", {"serves", "offers", "teaches"}),
    ],
)
def test_neighbours_are_drawn_and_tabled_alike(client: FlaskClient, path: str, relations: set[str]) -> None:
    text = page(client, path)
    rows = tabled(text)
    assert {how for how, _ in rows} == relations
    assert max(sum(how == one for how, _ in rows) for one in relations) <= 5
    drawn = re.findall(r'<text class="whole"[^>]*>([^<]*)</text>', text)
    assert len(drawn) == len(rows) == text.count('r="6"')
    for shown, (_, what) in zip(drawn, rows, strict=True):
        assert what.startswith(shown.removesuffix("…").strip()) or what.startswith("http")


def test_neighbours_are_what_the_graph_says(client: FlaskClient, starter: Dataset) -> None:
    rows = tabled(page(client, "/competency/disaster-planning-and-response"))
    broader = {quad.object for quad in starter.quads(DISASTER, SKOS.broader)}
    teaching = {quad.subject for quad in starter.quads(None, TRV.teaches, DISASTER)}
    assert {what for how, what in rows if how == "broader"} == english(starter, broader)
    assert {what for how, what in rows if how == "taught by"} <= english(starter, teaching)


def english(starter: Dataset, iris: set[Any]) -> set[str]:
    labels = (quad.object for iri in iris for quad in starter.quads(iri, SKOS.prefLabel))
    return {label.value for label in labels if isinstance(label, Literal) and label.language == "en"}


def test_a_thing_without_neighbours_has_no_figure(client: FlaskClient) -> None:
    for path in ("/area/preservation-and-conservation", "/gap/museums--disaster-planning-and-response"):
        assert "of-neighbours" not in page(client, path)


def test_the_history_of_a_thing_is_told_the_newest_first(starter_data: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(starter_data, tmp_path / "data"))
    row = "id,label_en,provider,type,source\na-test,{},aaslh,webinar,https://example.org/a-test\n"
    with Publisher.open(data) as publisher:
        for day, label in ((24, "A test"), (25, "Another title")):
            submission = Submission("offering.csv", row.format(label).encode())
            publisher.contribute([submission], Terms("somebody"), date(2026, 11, day))
    client = create_app(Settings(data=data)).test_client()
    told = re.findall(
        r'<li>(\w+) <time datetime="[^"]+">\d+ \w+ \d+</time> <span class="quiet">([^<]+)</span></li>',
        page(client, "/offering/a-test"),
    )
    assert told == [("Changed", "in release 3"), ("Created", "in release 2")]
    told = re.findall(
        r'<li>(\w+) <time datetime="[^"]+">\d+ \w+ \d+</time>', page(client, "/offering/a-test?release=2")
    )
    assert told == ["Created"]
