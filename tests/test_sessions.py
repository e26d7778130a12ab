"""Sessions: a token begins one, its end ends it, and nothing is changed by a form that is not ours."""

import re
import shutil
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from graph.attempts import Attempts, TooManyAttempts
from graph.people import People, Role
from service import create_app
from service.session import kept_key
from service.settings import Settings

CHANGING = (
    "/contributions",
    "/contribute/offering",
    "/contributions/1/review",
    "/contributions/1/withdrawal",
    "/logout",
    "/review",
)
BROWSER = {"Accept": "text/html"}
FORM_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
OFFERING = {"text": "id,label_en,provider,type,source\nx,X,aaslh,course,https://example.org/x\n", "kind": "offering"}


@pytest.fixture(scope="module")
def data(starter_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the starter graph, to be changed."""
    return Path(shutil.copytree(starter_data, tmp_path_factory.mktemp("sessions") / "data"))


@pytest.fixture
def token(data: Path) -> str:
    """A token of Ada's; each test makes the one before it worthless."""
    return People(data).add("ada", "Ada", Role.CONTRIBUTOR)


@pytest.fixture(scope="module")
def app(data: Path) -> Flask:
    return create_app(Settings(data=data))


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as client:
        yield client


def log_in(client: FlaskClient, token: str, following: str = "") -> TestResponse:
    return client.post("/login", data={"token": token, "next": following}, headers=BROWSER)


def form_token(client: FlaskClient, path: str = "/contribute") -> str:
    found = FORM_TOKEN.search(client.get(path, headers=BROWSER).text)
    assert found
    return found[1]


def is_logged_in(client: FlaskClient) -> bool:
    return "Welcome, Ada" in client.get("/contribute", headers=BROWSER).text


def test_a_token_begins_a_session(client: FlaskClient, token: str) -> None:
    assert not is_logged_in(client)
    answer = log_in(client, token)
    assert (answer.status_code, answer.location) == (303, "/contribute")
    assert is_logged_in(client)


def test_the_cookie_says_little_and_is_well_kept(client: FlaskClient, token: str) -> None:
    cookie = log_in(client, token).headers["Set-Cookie"]
    assert cookie.startswith("trivium=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert "Expires=" in cookie
    assert token.partition(".")[2] not in cookie
    with client.session_transaction() as session:
        assert set(session) == {"slug", "token", "_permanent"}


def test_over_https_the_cookie_is_bound_to_the_host(data: Path, token: str) -> None:
    client = create_app(Settings(data=data, base="https://example.org")).test_client()
    cookie = log_in(client, token).headers["Set-Cookie"]
    assert cookie.startswith("__Host-trivium=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_readers_get_no_cookie(client: FlaskClient) -> None:
    for path in ("/", "/login", "/contribute", "/contributions", "/contributors", "/gaps.json", "/login?next=/review"):
        assert "Set-Cookie" not in client.get(path, headers=BROWSER).headers, path
    assert "Set-Cookie" not in log_in(client, "ada.wrong").headers


def test_public_pages_are_the_same_for_all_and_personal_ones_are_not_kept(client: FlaskClient, token: str) -> None:
    before = client.get("/gaps", headers=BROWSER)
    log_in(client, token)
    after = client.get("/gaps", headers=BROWSER)
    assert after.data == before.data
    assert after.headers["ETag"] == before.headers["ETag"]
    assert after.headers["Cache-Control"] == "public, no-cache"
    assert "Cookie" not in after.headers["Vary"]
    for path in ("/contribute", "/contributions", "/contribute/offering", "/contributions.json"):
        headers = client.get(path, headers=BROWSER).headers
        assert headers["Cache-Control"] == "no-store", path
        assert "Cookie" in headers["Vary"], path


@pytest.mark.parametrize("ending", ["revoked", "renewed"])
def test_a_session_ends_with_its_token(client: FlaskClient, data: Path, token: str, ending: str) -> None:
    log_in(client, token)
    assert is_logged_in(client)
    csrf = form_token(client)
    if ending == "revoked":
        People(data).revoke("ada")
    else:
        People(data).add("ada", "Ada", Role.CONTRIBUTOR)
    assert client.post("/contributions", data={**OFFERING, "csrf": csrf}).status_code == 401
    assert not is_logged_in(client)


def test_logging_out_ends_it(client: FlaskClient, token: str) -> None:
    log_in(client, token)
    answer = client.post("/logout", data={"csrf": form_token(client, "/logout")})
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get_cookie("trivium") is None
    assert not is_logged_in(client)


def test_a_cookie_that_was_made_up_is_nobody(app: Flask, data: Path, token: str, client: FlaskClient) -> None:
    log_in(client, token)
    cookie = client.get_cookie("trivium")
    assert cookie
    other = app.test_client()
    told, _, signature = cookie.value.rpartition(".")
    other_one = "A" if signature[0] != "A" else "B"  # the last character has bits that say nothing
    for value in (f"{told}.{other_one}{signature[1:]}", "x", "eyJzbHVnIjoiYWRhIn0.a.b"):
        other.set_cookie("trivium", value)
        assert not is_logged_in(other)


@pytest.mark.parametrize("csrf", [None, "", "0" * 64, "é"])
@pytest.mark.parametrize("path", CHANGING)
def test_a_form_that_is_not_ours_changes_nothing(client: FlaskClient, token: str, path: str, csrf: str | None) -> None:
    log_in(client, token)
    sent = OFFERING | ({"csrf": csrf} if csrf is not None else {})
    answer = client.post(path, data=sent)
    assert answer.status_code == 403
    assert answer.json is not None
    assert answer.json["type"].endswith("#not-our-form")
    assert is_logged_in(client)


def test_the_token_of_another_session_is_not_ours(app: Flask, client: FlaskClient, data: Path, token: str) -> None:
    log_in(client, token)
    other = app.test_client()
    log_in(other, People(data).add("ben", "Ben", Role.CONTRIBUTOR))
    assert client.post("/contributions", data={**OFFERING, "csrf": form_token(other)}).status_code == 403
    assert client.post("/contributions", data={**OFFERING, "csrf": form_token(client)}).status_code == 202


def test_what_another_site_sends_is_refused(client: FlaskClient, token: str) -> None:
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/login", data={"token": token}, headers=elsewhere).status_code == 403
    log_in(client, token)
    sent = {**OFFERING, "csrf": form_token(client)}
    assert client.post("/contributions", data=sent, headers=elsewhere).status_code == 403
    assert client.post("/contributions", data=sent, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 202


def test_a_body_that_is_no_form_needs_a_bearer(client: FlaskClient, token: str) -> None:
    body = OFFERING["text"]
    log_in(client, token)
    sent = {"query_string": {"kind": "offering"}, "data": body, "content_type": "text/csv"}
    assert client.post("/contributions", **sent).status_code == 403
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.post("/contributions", headers=bearer, **sent).status_code == 202


@pytest.mark.parametrize(
    ("following", "location"),
    [
        ("/contribute/offering", "/contribute/offering"),
        ("/contributions?state=in-review", "/contributions?state=in-review"),
        ("", "/contribute"),
        ("https://example.org/", "/contribute"),
        ("//example.org", "/contribute"),
        ("/\\example.org", "/contribute"),
        ("/\t/example.org", "/contribute"),
        ("/a\r\nSet-Cookie: a=b", "/contribute"),
        ("javascript:alert(1)", "/contribute"),
        ("\\\\example.org", "/contribute"),
    ],
)
def test_one_is_led_only_to_pages_of_this_service(
    client: FlaskClient, token: str, following: str, location: str
) -> None:
    assert log_in(client, token, following).location == location


def test_a_page_that_needs_a_session_leads_there_and_back(client: FlaskClient, token: str) -> None:
    answer = client.get("/contribute/offering", headers=BROWSER)
    assert (answer.status_code, answer.location) == (303, "/login?next=/contribute/offering")
    assert 'name="next" value="/contribute/offering"' in client.get(answer.location, headers=BROWSER).text
    assert client.get("/contribute/offering").status_code == 401  # a program


def test_a_wrong_token_is_told_and_not_repeated(client: FlaskClient) -> None:
    answer = log_in(client, "ada.a-secret-mistyped", "/review")
    assert answer.status_code == 401
    assert "This token is not valid" in answer.text
    assert "a-secret-mistyped" not in answer.text
    assert 'value="/review"' in answer.text


def test_who_guesses_has_to_wait(client: FlaskClient, token: str) -> None:
    def tried(token: str, client_address: str) -> TestResponse:
        return client.post("/login", data={"token": token}, environ_overrides={"REMOTE_ADDR": client_address})

    guesses = [tried(f"ada.{guess}", "203.0.113.7").status_code for guess in range(10)]
    assert guesses == [401] * 10
    answer = tried(token, "203.0.113.7")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    assert tried(token, "203.0.113.8").status_code == 303


def test_only_failures_count_and_only_for_a_while() -> None:
    now = [0.0]
    attempts = Attempts(2, 60.0, lambda: now[0])

    def fail() -> None:
        with pytest.raises(ValueError, match="wrong"), attempts.attempt("a"):
            raise ValueError("wrong")

    for _ in range(5):
        with attempts.attempt("a"):
            pass
    fail()
    now[0] = 30.0
    fail()
    with pytest.raises(TooManyAttempts) as refused, attempts.attempt("a"):
        raise AssertionError
    assert refused.value.retry_after == 31
    now[0] = 61.0
    fail()


def test_every_worker_signs_with_one_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "new" / "session.key"
    with ThreadPoolExecutor(16) as threads:
        keys = set(threads.map(lambda _: kept_key(path), range(64)))
    assert len(keys) == 1
    assert len(keys.pop()) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["session.key"]


def test_two_workers_know_each_others_sessions(data: Path, token: str) -> None:
    one, other = (create_app(Settings(data=data)).test_client() for _ in range(2))
    log_in(one, token)
    cookie = one.get_cookie("trivium")
    assert cookie
    other.set_cookie("trivium", cookie.value)
    assert is_logged_in(other)
    assert other.post("/logout", data={"csrf": form_token(one)}).status_code == 303
