"""The link checker, against real servers on loopback: what it finds, where it never goes, and how politely it asks."""

import json
import os
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from pyoxigraph import RdfFormat, parse

from graph.links import Link, LinkChecker, Outcome, Result, links
from graph.namespaces import entity
from graph.outward import Outward, is_public, resolved
from graph.parsing import Submission
from graph.publication import Publisher, Terms
from graph.store import Dataset

DATA = Path(__file__).parent / "data"
HERE, THERE = "127.0.0.1", "127.0.0.2"  # both loopback; the tests allow the first and forbid the second
REDIRECTS = {
    "/moved": (301, "/ok"),
    "/moved-twice": (308, "/moved"),
    "/for-now": (302, "/ok"),
    "/moved-then-for-now": (301, "/for-now"),
    "/moved-to-nothing": (301, "/missing"),
    "/loop": (302, "/loop"),
    "/to-a-file": (302, "file:///etc/passwd"),
    "/nowhere": (302, ""),
    "/malformed": (302, "http://[no"),
}
STATUSES = {"/ok": 200, "/missing": 404, "/gone": 410, "/login": 401, "/forbidden": 403, "/broken": 500}
NO_HEAD = {"/no-head-405": 405, "/no-head-501": 501, "/no-head-403": 403, "/endless": 405}


class Handler(BaseHTTPRequestHandler):
    """Answers as the tables above say, and notes every request."""

    server: "Site"

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        self.server.requests.append((self.command, self.path, self.headers["Host"], self.headers["User-Agent"]))
        self.server.times.append(time.monotonic())
        self.server.special.get(self.path, Handler.usual)(self)

    def usual(self) -> None:
        if self.command == "HEAD" and self.path in NO_HEAD:
            return self.say(NO_HEAD[self.path])
        if self.path in REDIRECTS:
            status, location = REDIRECTS[self.path]
            return self.say(status, location)
        if self.path == "/endless":
            return self.say_for_ever(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000)
        if self.path == "/drip":
            return self.say_for_ever(b"X")
        return self.say(STATUSES.get(self.path, 200))

    def say(self, status: int, location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.end_headers()

    def say_for_ever(self, start: bytes) -> None:
        """A little more every now and then, until the other side is gone, or for longer than any test waits."""
        end = time.monotonic() + 20
        try:
            while not self.server.ended.wait(0.02) and time.monotonic() < end:
                self.wfile.write(start)
                start = start[-1000:]
        except OSError:
            self.server.left.set()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""


class Site(ThreadingHTTPServer):
    """A server that notes what it was asked, and how much at once."""

    def __init__(self, host: str, certificate: Path | None = None) -> None:
        super().__init__((host, 0), Handler)
        self.host = host
        self.requests: list[tuple[str, str, str, str]] = []
        self.times: list[float] = []
        self.special: dict[str, Callable[[Handler], object]] = {}
        self.ended, self.left = threading.Event(), threading.Event()
        self.lock, self.inside, self.most = threading.Lock(), 0, 0
        self.scheme, self.port = "http", int(self.server_address[1])
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.scheme, self.socket = "https", context.wrap_socket(self.socket, server_side=True)

    def url(self, path: str, host: str | None = None) -> str:
        return f"{self.scheme}://{host or self.host}:{self.port}{path}"

    def methods(self) -> list[str]:
        return [method for method, *_ in self.requests]

    @contextmanager
    def counted(self) -> Iterator[None]:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        yield
        with self.lock:
            self.inside -= 1

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is no error."""


@contextmanager
def running(host: str, certificate: Path | None = None) -> Iterator[Site]:
    with Site(host, certificate) as site:
        thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield site
        site.ended.set()
        site.shutdown()
        thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    with running(HERE) as site:
        yield site


@pytest.fixture
def other() -> Iterator[Site]:
    with running(THERE) as site:
        yield site


def here(address: object) -> bool:
    return str(address) == HERE


def loopback(address: object) -> bool:
    return str(address) in (HERE, THERE)


def checked(*addresses: str, at_once: int = 4, pause: float = 0.0, **outward: Any) -> list[Outcome]:
    settings: dict[str, Any] = {"allowed": here, "agent": "a test", "seconds": 5.0} | outward
    checker = LinkChecker(Outward(**settings), at_once, pause)
    return checker.check([Link(address, (entity("offering", "a-test"),)) for address in addresses])


def result(address: str, **outward: Any) -> tuple[Result, str | None]:
    (outcome,) = checked(address, **outward)
    return outcome.result, outcome.moved_to


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/ok", Result.OK),
        ("/missing", Result.NOT_FOUND),
        ("/gone", Result.GONE),
        ("/login", Result.REFUSED),
        ("/forbidden", Result.REFUSED),
        ("/broken", Result.FAILED),
        ("/for-now", Result.OK),
        ("/moved-to-nothing", Result.NOT_FOUND),
        ("/loop", Result.FAILED),
        ("/nowhere", Result.FAILED),
        ("/malformed", Result.FAILED),
        ("/to-a-file", Result.NOT_ALLOWED),
        ("/ok#a-part", Result.OK),
        ("/eñe?q=años y más", Result.OK),
    ],
)
def test_what_an_address_answers_is_told(site: Site, path: str, expected: Result) -> None:
    assert result(site.url(path)) == (expected, None)


@pytest.mark.parametrize(
    ("path", "leads_to"), [("/moved", "/ok"), ("/moved-twice", "/ok"), ("/moved-then-for-now", "/for-now")]
)
def test_where_an_address_has_moved_for_good_is_told(site: Site, path: str, leads_to: str) -> None:
    assert result(site.url(path)) == (Result.MOVED, site.url(leads_to))


def test_what_a_server_sends_is_fit_to_be_shown(site: Site) -> None:
    """Neither the address that it redirects to nor a broken answer brings control characters into a terminal."""
    site.special[quote("/año")] = lambda handler: handler.say(301, "/a\x1b[2Jño")
    site.special["/broken"] = lambda handler: handler.wfile.write(b"\x1b[2J\r\n")
    assert result(site.url("/año")) == (Result.MOVED, site.url("/a%1B[2J%F1o"))
    (broken,) = checked(site.url("/broken"))
    assert (broken.result, broken.detail) == (Result.FAILED, "?[2J??")


@pytest.mark.parametrize("path", ["/no-head-405", "/no-head-501", "/no-head-403"])
def test_where_head_is_refused_get_is_tried(site: Site, path: str) -> None:
    assert result(site.url(path)) == (Result.OK, None)
    assert site.methods() == ["HEAD", "GET"]


def test_head_is_enough_where_it_is_answered(site: Site) -> None:
    result(site.url("/missing"))
    assert site.methods() == ["HEAD"]


def test_a_loop_of_redirects_is_followed_five_times(site: Site) -> None:
    (outcome,) = checked(site.url("/loop"))
    assert outcome.detail == "more than 5 redirects"
    assert len(site.requests) == 6


def test_an_endless_body_is_not_read(site: Site) -> None:
    assert result(site.url("/endless")) == (Result.OK, None)
    assert site.left.wait(5), "the connection was closed"


def test_a_server_that_does_not_answer_is_left(site: Site) -> None:
    site.special["/silent"] = lambda handler: handler.say(200) if site.ended.wait(5) else None
    assert result(site.url("/silent"), seconds=0.3) == (Result.TIME_OUT, None)


def test_a_server_that_answers_little_by_little_is_left(site: Site) -> None:
    """It is never silent for long, and would go on for ever."""
    assert result(site.url("/drip"), seconds=0.3) == (Result.TIME_OUT, None)
    assert site.left.wait(5), "it was the client that ended the connection"


def test_what_does_not_take_connections_has_failed(site: Site) -> None:
    with running(HERE) as gone:
        address = gone.url("/ok")
    assert result(address) == (Result.FAILED, None)
    assert checked("http://no-such-host.invalid/", resolve=unknown)[0].result is Result.FAILED
    assert checked("http://[no/")[0].result is Result.FAILED


def unknown(host: str, port: int) -> list[tuple[Any, ...]]:
    raise OSError(f"{host} is not known")


# Where it never goes


@pytest.mark.parametrize("host", [HERE, THERE, "localhost", "127.1", "2130706433", "0x7f.0.0.1", "0"])
def test_loopback_is_refused_under_every_name(site: Site, host: str) -> None:
    """By the policy as it is, without the permission that the other tests give."""
    assert result(site.url("/ok", host), allowed=is_public) == (Result.NOT_ALLOWED, None)
    assert site.requests == []


NOT_PUBLIC = """
    0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 192.0.0.1 192.0.2.1 192.168.1.1
    198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 :: ::1 ::7f00:1
    ::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:db8::1
    2002:7f00:1:: 2002:808:808:: fc00::1 fd00::1 fe80::1 fec0::1 ff02::1 ff0e::1
"""


@pytest.mark.parametrize("address", NOT_PUBLIC.split())
def test_what_is_not_of_the_open_internet_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"])
def test_the_open_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


def test_a_redirect_to_what_is_not_allowed_is_not_followed(site: Site, other: Site) -> None:
    site.special["/away"] = lambda handler: handler.say(302, other.url("/ok"))
    assert result(site.url("/away")) == (Result.NOT_ALLOWED, None)
    assert len(site.requests) == 1
    assert other.requests == []
    assert result(site.url("/away"), allowed=loopback)[0] is Result.OK, "it is the policy that held it back"
    assert len(other.requests) == 1


@pytest.mark.parametrize("order", [(HERE, THERE), (THERE, HERE)])
def test_a_name_with_one_address_that_is_not_allowed_is_not_asked(site: Site, order: tuple[str, str]) -> None:
    def both(host: str, port: int) -> list[tuple[Any, ...]]:
        return [row for address in order for row in resolved(address, port)]

    assert result(site.url("/ok", "example.org"), resolve=both) == (Result.NOT_ALLOWED, None)
    assert result(site.url("/ok", "example.org"), resolve=both, allowed=loopback) == (Result.OK, None)


def test_a_name_is_resolved_once_and_its_checked_address_is_asked(site: Site, other: Site) -> None:
    """A name that leads elsewhere as soon as it has been checked (DNS rebinding) gains nothing."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[tuple[Any, ...]]:
        asked.append(host)
        return resolved(HERE if len(asked) == 1 else THERE, port)

    assert result(site.url("/ok", "example.org"), resolve=rebinding) == (Result.OK, None)
    assert asked == ["example.org"]
    assert site.requests == [("HEAD", "/ok", f"example.org:{site.port}", "a test")]
    assert result(site.url("/ok", "example.org"), resolve=rebinding) == (Result.NOT_ALLOWED, None)
    assert other.requests == []


def test_every_redirect_is_resolved_and_checked_anew(site: Site) -> None:
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[tuple[Any, ...]]:
        asked.append(host)
        return resolved(HERE if len(asked) == 1 else THERE, port)

    assert result(site.url("/moved", "example.org"), resolve=rebinding) == (Result.NOT_ALLOWED, None)
    assert len(site.requests) == 1


@pytest.mark.parametrize("address", ["ftp://{host}/", "file:///etc/passwd", "http://me:secret@{host}/", "http:///ok"])
def test_other_schemes_and_passwords_are_not_sent(site: Site, address: str) -> None:
    assert result(address.format(host=f"{HERE}:{site.port}")) == (Result.NOT_ALLOWED, None)
    assert site.requests == []


def test_no_proxy_of_the_environment_is_used(site: Site, other: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, other.url(""))
    assert result(site.url("/ok")) == (Result.OK, None)
    assert other.requests == []


# TLS


def to_here(host: str, port: int) -> list[tuple[Any, ...]]:
    return resolved(HERE, port)


def test_a_certificate_is_checked_for_the_name_that_was_asked() -> None:
    certificate = DATA / "localhost.pem"
    trusting = ssl.create_default_context(cafile=str(certificate))
    with running(HERE, certificate) as secure:
        named, unnamed = secure.url("/ok", "localhost"), secure.url("/ok", "example.org")
        assert result(named, context=trusting, resolve=to_here) == (Result.OK, None)
        (wrong_name,) = checked(unnamed, context=trusting, resolve=to_here)
        (not_trusted,) = checked(named, resolve=to_here)
        assert len(secure.requests) == 1
    for outcome in (wrong_name, not_trusted):
        assert outcome.result is Result.FAILED
        assert "CERTIFICATE_VERIFY_FAILED" in outcome.detail


def test_what_does_not_speak_tls_has_failed(site: Site) -> None:
    assert result(site.url("/ok").replace("http:", "https:")) == (Result.FAILED, None)


# How politely


def test_each_host_is_asked_one_thing_at_a_time(site: Site, other: Site) -> None:
    """Whether a link names the host or is led there by a redirect of another."""

    def slowly(handler: Handler, status: int = 200, location: str = "") -> None:
        with handler.server.counted():
            time.sleep(0.03)
        handler.say(status, location)

    site.special["/slow"] = slowly
    other.special["/led"] = lambda handler: slowly(handler, 302, site.url("/slow"))
    addresses = [one.url(path) + f"#{n}" for n in range(5) for one, path in ((site, "/slow"), (other, "/led"))]
    found = checked(*addresses, at_once=8, allowed=loopback)
    assert Counter(outcome.result for outcome in found) == {Result.OK: 10}
    assert len(site.requests) == 10
    assert site.most == other.most == 1


def test_several_hosts_are_asked_at_once(site: Site, other: Site) -> None:
    """Each waits until the other has been asked too."""
    meeting = threading.Barrier(2, timeout=5)

    def meet(handler: Handler) -> None:
        meeting.wait()
        handler.say(200)

    site.special["/meet"] = other.special["/meet"] = meet
    found = checked(site.url("/meet"), other.url("/meet"), allowed=loopback)
    assert [outcome.result for outcome in found] == [Result.OK, Result.OK]


def test_a_pause_lies_between_two_requests_to_a_host(site: Site) -> None:
    checked(site.url("/no-head-405"), site.url("/ok"), pause=0.15)
    assert site.methods() == ["HEAD", "GET", "HEAD"]
    assert all(later - earlier >= 0.15 for earlier, later in zip(site.times, site.times[1:], strict=False))


def test_outcomes_come_in_the_order_of_the_links_and_are_told_at_once(site: Site) -> None:
    told: list[Outcome] = []
    chosen = [Link(site.url(path), ()) for path in ("/missing", "/ok", "/gone")]
    found = LinkChecker(Outward(allowed=here), pause=0).check(chosen, told.append)
    assert [outcome.link for outcome in found] == chosen
    assert told == found


# Which links


GRAPH = """
@prefix c: <https://w3id.org/trivium/id/contribution/> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix o: <https://w3id.org/trivium/id/offering/> . @prefix prov: <http://www.w3.org/ns/prov#> .
@prefix schema: <http://schema.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
c:1 { o:one schema:url <https://example.org/one> ; dct:source <https://example.org/shared> .
      o:two schema:url <mailto:two@example.org> ; dct:source <https://example.org/shared> ;
            dct:source <https://w3id.org/trivium/id/source/editorial> , <urn:isbn:0> ;
            dct:license <https://example.org/terms> . }
c:2 { o:three schema:url <http://example.org/three> ; dct:source <https://example.org/shared> . }
<https://w3id.org/trivium/id/graph/contributions> {
  c:1 prov:endedAtTime "2026-10-31T23:59:59.999+00:00"^^xsd:dateTime .
  c:2 prov:endedAtTime "2026-11-01T00:00:00.000+00:00"^^xsd:dateTime .
}
"""


def test_every_address_is_asked_once_for_all_that_refer_to_it() -> None:
    dataset = Dataset.in_memory(parse(GRAPH, RdfFormat.TRIG))
    found = {link.address: [iri.value.rpartition("/")[2] for iri in link.entities] for link in links(dataset)}
    assert found == {
        "http://example.org/three": ["three"],
        "https://example.org/one": ["one"],
        "https://example.org/shared": ["one", "three", "two"],
    }
    recent = links(dataset, date(2026, 11, 1))
    assert [link.address for link in recent] == ["http://example.org/three", "https://example.org/shared"]
    assert [len(link.entities) for link in recent] == [1, 1]


def test_the_command_never_asks_this_machine(site: Site, tmp_path: Path) -> None:
    header = "id,name,kind,country,sectors,homepage,sources"
    provider = f"{header}\na-school,A school,university,US,museums,{site.url('/ok')},{site.url('/missing')}\n"
    with Publisher.open(tmp_path) as publisher:
        publisher.contribute([Submission("provider.csv", provider.encode())], Terms("a-school"), date(2026, 11, 23))
    command = [sys.executable, "-m", "service.cli", "check-links", "--pause", "0", "--format", "json"]
    environment = os.environ | {"TRIVIUM_DATA": str(tmp_path)}
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    items = json.loads(told.stdout)["items"]
    assert [(item["address"], item["result"]) for item in items] == [
        (site.url(path), "not allowed") for path in ("/missing", "/ok")
    ]
    assert {one for item in items for one in item["entities"]} == {entity("provider", "a-school").value}
    assert site.requests == []
