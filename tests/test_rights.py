"""Every route with every role, by token and by session: who may do what, over the whole URL map."""

import shutil
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from graph.journal import Journal, State
from graph.parsing import Submission
from graph.people import People, Role
from graph.publication import CC0
from service import create_app
from service.settings import Settings
from tests.visitor import Visitor

WHO = ("anonymous", "ada", "ben", "tess", "cora", "rex")
HOW = ("bearer", "session")
ROLES = {
    "ada": Role.CONTRIBUTOR,
    "ben": Role.CONTRIBUTOR,
    "tess": Role.TRUSTED,
    "cora": Role.CURATOR,
    "rex": Role.CURATOR,
}
OFFERING = "id,label_en,provider,type,source\n{id},{id},aaslh,webinar,https://example.org/{id}\n"
FORM = {"label_en": "A form", "provider": "aaslh", "type": "webinar", "source": "https://example.org/form"}
# Ada's contribution waits for review; Rex was revoked. Statuses in the order of WHO.
POSTS = {
    "/confirmations": (401, 403, 403, 403, 403, 401),  # of an offering of the starter graph, which is none of theirs
    "/contribute/<kind>": (401, 303, 303, 303, 303, 401),
    "/contributions": (401, 202, 202, 202, 202, 401),
    "/contributions/<int:number>/review": (401, 403, 403, 403, 200, 401),
    "/contributions/<int:number>/withdrawal": (401, 200, 403, 403, 403, 401),
    "/review": (401, 403, 403, 403, 200, 401),
}
PRIVATE = {
    "/confirmations": (401, 200, 200, 200, 200, 401),
    "/contribute/<kind>": (401, 200, 200, 200, 200, 401),
    "/review": (401, 403, 403, 403, 200, 401),
}
OPEN_POSTS = ("/sparql", "/oai", "/validate", "/login", "/logout")  # they change nothing but one's own session
OWN_DATA = ("/contribute", "/contributions", "/login", "/logout")  # a token that is not valid is refused here


@pytest.fixture(scope="module")
def data(starter_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(starter_data, tmp_path_factory.mktemp("rights") / "data"))


@pytest.fixture(scope="module")
def app(data: Path) -> Flask:
    return create_app(Settings(data=data, look_seconds=0, dump_seconds=120))


@pytest.fixture(scope="module")
def tokens(data: Path) -> dict[str, str]:
    return {slug: People(data).add(slug, slug, role) for slug, role in ROLES.items()}


@pytest.fixture(scope="module")
def sessions(app: Flask, data: Path, tokens: dict[str, str]) -> dict[str, Visitor]:
    """A session of everybody; Rex was revoked after his began."""
    found = {slug: Visitor.logged_in(app, token) for slug, token in tokens.items()}
    found["anonymous"] = Visitor(app.test_client())
    People(data).revoke("rex")
    return found


class Asker:
    """One of WHO, known by a token or by a session."""

    def __init__(self, app: Flask, how: str, who: str, tokens: dict[str, str], sessions: dict[str, Visitor]) -> None:
        by_token = how == "bearer" and who in tokens
        self.headers = {"Authorization": f"Bearer {tokens[who]}"} if by_token else {}
        self.client: FlaskClient = sessions[who].client if how == "session" else app.test_client()
        has_form = how == "session" and who not in ("anonymous", "rex")
        self.csrf = {"csrf": sessions[who].form_token} if has_form else {}

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers=self.headers)

    def post(self, path: str, **form: object) -> TestResponse:
        return self.client.post(path, data={**self.csrf, **form}, headers=self.headers)


@pytest.fixture
def asker(app: Flask, tokens: dict[str, str], sessions: dict[str, Visitor], how: str, who: str) -> Asker:
    return Asker(app, how, who, tokens, sessions)


def rules(app: Flask, method: str) -> list[str]:
    found = {rule.rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())}
    return sorted(rule for rule in found if not rule.startswith("/static"))


def waiting(data: Path, id: str) -> int:
    """A contribution of Ada's that waits for review."""
    with Journal(data) as journal:
        (number,) = journal.receive([Submission("offering.csv", OFFERING.format(id=id).encode())], "ada", CC0)
        journal.record([number], State.IN_REVIEW)
    return number


def test_every_route_that_changes_something_is_in_the_table(app: Flask) -> None:
    posts = {rule for rule in rules(app, "POST") if not rule.startswith(OPEN_POSTS)}
    assert posts == set(POSTS)
    methods = {method for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    assert methods <= {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("rule", POSTS)
def test_who_may_change_what(asker: Asker, data: Path, rule: str, how: str, who: str) -> None:
    number = waiting(data, f"{rule.count('/')}-{how}-{who}")
    path = rule.replace("<int:number>", str(number)).replace("<kind>", "offering")
    forms: dict[str, dict[str, object]] = {
        "/contribute/<kind>": {**FORM},
        "/contributions": {"text": OFFERING.format(id=f"{how}-{who}"), "kind": "offering"},
        "/review": {"number": number},
        "/confirmations": {"offering": "aaslh-online-course-collections-management"},
    }
    form = forms.get(rule, {"decision": "accept"})
    assert asker.post(path, **form).status_code == POSTS[rule][WHO.index(who)]


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("how", HOW)
def test_who_may_read_what(app: Flask, asker: Asker, how: str, who: str) -> None:
    for rule in rules(app, "GET"):
        path = rule.replace("<kind>", "offering") if rule in PRIVATE else rule
        if "<" in path:
            continue
        status = asker.get(path).status_code
        if rule in PRIVATE:
            assert status == PRIVATE[rule][WHO.index(who)], rule
        elif (who, how) == ("rex", "bearer") and rule in OWN_DATA:
            assert status == 401, rule
        else:
            assert status == 200, rule


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("how", HOW)
def test_who_sees_what_waits(asker: Asker, data: Path, how: str, who: str) -> None:
    number = waiting(data, f"seen-{how}-{who}")
    answer = asker.get("/contributions")
    if (how, who) == ("bearer", "rex"):
        assert answer.status_code == 401
        return
    assert answer.json is not None
    seen = number in [one["number"] for one in answer.json["items"]]
    assert seen == (who in ("ada", "cora"))
