"""The list of all interfaces (RFC 9727): a linkset (RFC 9264) in which no address fails."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.http import parse_options_header

from graph.interfaces import INTERFACES
from service import create_app
from service.settings import Settings

ADDRESS = "https://example.org"
PATH = "/.well-known/api-catalog"
RELATIONS = {"service-desc", "service-doc", "service-meta"}


@pytest.fixture(scope="module")
def client(starter_data: Path) -> Iterator[FlaskClient]:
    with create_app(Settings(data=starter_data, base=ADDRESS)).test_client() as client:
        yield client


@pytest.fixture(scope="module")
def contexts(client: FlaskClient) -> list[dict[str, Any]]:
    answer = client.get(PATH)
    kind, parameters = parse_options_header(answer.headers["Content-Type"])
    assert (answer.status_code, kind) == (200, "application/linkset+json")
    assert parameters == {"profile": "https://www.rfc-editor.org/info/rfc9727"}
    found: list[dict[str, Any]] = answer.get_json(force=True)["linkset"]
    return found


def test_it_names_every_interface_and_describes_each(contexts: list[dict[str, Any]]) -> None:
    by_anchor = {one["anchor"]: one for one in contexts}
    assert len(by_anchor) == len(contexts)
    items = {one["href"] for one in by_anchor.pop(ADDRESS + PATH)["item"]}
    assert items == {f"{ADDRESS}/", *(ADDRESS + one.endpoint for one in INTERFACES)}
    assert by_anchor.keys() == items
    assert all(one.keys() == {"anchor", *RELATIONS} for one in by_anchor.values())
    assert {"sparql", "ldes", "resourcesync"} <= {one.name for one in INTERFACES}


def test_every_address_answers_with_the_type_that_is_stated(
    client: FlaskClient, contexts: list[dict[str, Any]]
) -> None:
    links = [link for one in contexts for name, value in one.items() if name != "anchor" for link in value]
    assert len(links) > len(INTERFACES) * 4
    for link in links:
        assert link["href"].startswith(f"{ADDRESS}/")
        answer = client.get(link["href"].removeprefix(ADDRESS), headers={"Accept": link["type"]})
        assert (answer.status_code, answer.mimetype) == (200, link["type"]), link


def test_head_and_the_home_page_lead_to_it(client: FlaskClient) -> None:
    head = client.head(PATH)
    assert (head.status_code, head.data) == (200, b"")
    for answer in (head, client.get("/")):
        assert f'<{PATH}>; rel="api-catalog"' in answer.headers.getlist("Link")
