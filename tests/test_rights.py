"""Every route with every role: who may do what, over the whole URL map."""

import json
import shutil
from pathlib import Path

import pytest
from flask import Flask

from graph.people import People, Role
from graph.publisher import publish_waiting
from service import create_app
from service.settings import Settings

WHO = ("anonymous", "ada", "ben", "tess", "cora", "rex")
ROLES = {"ada": Role.CONTRIBUTOR, "ben": Role.CONTRIBUTOR, "tess": Role.TRUSTED, "cora": Role.CURATOR}
OFFERING = """id,label_en,provider,type,competencies,source,page_date
{id},{id},aaslh,webinar,physical-accessibility,https://example.org/{id},2026-11
"""
# Ada's contribution waits for review; Rex was revoked. Statuses in the order of WHO.
POSTS = {
    "/contributions": (401, 202, 202, 202, 202, 401),
    "/contributions/<int:number>/review": (401, 403, 403, 403, 200, 401),
    "/contributions/<int:number>/withdrawal": (401, 200, 403, 403, 403, 401),
    "/confirmations": (401, 403, 403, 403, 403, 401),  # of an offering of the starter graph, which is none of theirs
}
OPEN_POSTS = ("/sparql", "/validate")  # they change nothing, and need no token
OWN_DATA = ("/contributions", "/contributions/<int:number>")  # a token that is not valid is refused here
ONLY_OWN_DATA = ("/confirmations",)  # and so is none at all


@pytest.fixture(scope="module")
def data(starter_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(starter_data, tmp_path_factory.mktemp("rights") / "data"))


@pytest.fixture(scope="module")
def tokens(data: Path) -> dict[str, str]:
    people = People(data)
    found = {slug: people.add(slug, slug, role) for slug, role in ROLES.items()}
    found["rex"] = people.add("rex", "rex", Role.CURATOR)
    people.revoke("rex")
    return found


@pytest.fixture(scope="module")
def app(data: Path) -> Flask:
    return create_app(Settings(data=data, look_seconds=0))


def headers(tokens: dict[str, str], who: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens[who]}"} if who in tokens else {}


def rules(app: Flask, method: str) -> list[str]:
    found = {rule.rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())}
    return sorted(rule for rule in found if not rule.startswith("/static"))


def test_every_route_that_changes_something_is_in_the_table(app: Flask) -> None:
    posts = {rule for rule in rules(app, "POST") if not rule.startswith(OPEN_POSTS)}
    assert posts == set(POSTS)
    methods = {method for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    assert methods <= {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize("place", range(len(WHO)), ids=WHO)
@pytest.mark.parametrize("rule", POSTS)
def test_who_may_change_what(app: Flask, data: Path, tokens: dict[str, str], rule: str, place: int) -> None:
    client, who = app.test_client(), WHO[place]
    name = f"{rule.rpartition('/')[2]}-{who}"
    sent = client.post(
        "/contributions?kind=offering",
        data=OFFERING.format(id=name),
        content_type="text/csv",
        headers=headers(tokens, "ada"),
    )
    publish_waiting(data)
    address = rule.replace("<int:number>", str(json.loads(sent.data)["number"]))
    if rule == "/contributions":
        body = OFFERING.format(id=f"{name}-x")
        answer = client.post(
            f"{address}?kind=offering", data=body, content_type="text/csv", headers=headers(tokens, who)
        )
    else:
        told = {"decision": "accept", "offering": "aaslh-online-course-collections-management"}
        answer = client.post(address, json=told, headers=headers(tokens, who))
    assert answer.status_code == POSTS[rule][place]


@pytest.mark.parametrize("who", WHO)
def test_everything_that_is_read_is_open_to_everybody(app: Flask, tokens: dict[str, str], who: str) -> None:
    client = app.test_client()
    for rule in rules(app, "GET"):
        if "<" in rule:
            continue
        status = client.get(rule, headers=headers(tokens, who)).status_code
        if (who == "rex" and rule in OWN_DATA) or (who in ("rex", "anonymous") and rule in ONLY_OWN_DATA):
            assert status == 401
        else:
            assert status == 200, rule
