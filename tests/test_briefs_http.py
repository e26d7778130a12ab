"""`/briefs` over HTTP: every number is that of its note, every note leads somewhere, and the PDF says the same."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from graph.errors import PoolBusy
from graph.resources import ROOT
from service import create_app
from service.brief_pdf import NO_PANGO, PROGRAM, SHEET, STATIC, Printer, fetcher
from service.settings import Settings

BROWSER = {"Accept": "text/html"}
BRIEFS = (
    "sector/museums",
    "sector/libraries",
    "sector/public-libraries",
    "area/preservation-and-conservation",
    "competency/disaster-planning-and-response",
    "competency/physical-accessibility",
    "region/us",
    "region/new-england",
    "provider/aaslh",
    "provider/nai",
)
UNCOVERED = ("missing", "transferable", "stale")
PANGO = subprocess.run([sys.executable, "-c", "import weasyprint"], capture_output=True).returncode == 0
needs_pango = pytest.mark.skipif(
    not PANGO, reason="NO PDF IS TESTED: Pango is not installed (libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)"
)


def asked(client: FlaskClient, path: str) -> Any:
    response = client.get(path)
    assert response.status_code == 200, f"{path}: {response.text[:300]}"
    return json.loads(response.data)


def local(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


@pytest.fixture(scope="module")
def lists(client: FlaskClient) -> Callable[[str], Any]:
    """The whole list of an address in JSON, each asked for once."""

    @cache
    def whole(address: str) -> Any:
        path, _, query = local(address).partition("?")
        return asked(client, f"{path}.json?{query}&limit=0")

    return whole


Lists = Callable[[str], Any]


def offerings(document: Any) -> dict[str, set[str]]:
    """Of each competency, the current offerings in the evidence of a list of gaps."""
    found: dict[str, set[str]] = {}
    for gap in document["items"]:
        evidence = gap["evidence"]
        found.setdefault(gap["competency"]["iri"], set()).update(evidence["offerings"], evidence["elsewhere"])
    return found


def givers(lists: Lists) -> dict[str, set[str]]:
    """Who gives each offering."""
    found: dict[str, set[str]] = {}
    for item in lists("/offerings?release=1")["items"]:
        found.setdefault(item["iri"], set()).add(item["provider"]["iri"])
    return found


def bare(document: Any) -> set[str]:
    """The competencies of a list of gaps that are needed and not open."""
    return {gap["competency"]["iri"] for gap in document["items"] if gap["state"] in UNCOVERED and gap["demand"]}


def supplied(document: Any) -> set[str]:
    return {gap["competency"]["iri"] for gap in document["items"] if gap["supply"]}


def reckoned(lists: Lists, note: Any, own: str = "") -> int:
    """What a note says, done again with the answers of its addresses."""
    found = [lists(address) for address in note["addresses"]]
    match note["how"]:
        case "count":
            return int(found[0]["total"])
        case "less":
            return int(found[0]["total"] - found[1]["total"])
        case "sum":
            return sum(one["total"] for one in found)
        case "supply":
            return int(found[0]["items"][0]["supply"])
        case "both":
            each = [bare(one) for one in found]
            here = each[0] if own == "sector" else set.union(*each)
            return sum(1 for iri in here if sum(iri in one for one in each) > 1)
        case "brought":
            states = {gap["competency"]["iri"] for gap in found[0]["items"] if gap["state"] in UNCOVERED}
            return len(states & supplied(found[1]))
        case "offered":
            return len(set.union(*offerings(found[0]).values()))
        case "providers":
            return len(set.union(*(givers(lists)[one] for some in offerings(found[0]).values() for one in some)))
        case "current":
            limit = "2023-11-23"
            return sum(1 for one in found[0]["items"] if not one["latest"] or one["latest"].ljust(10, "~") > limit)
    raise AssertionError(f"no test knows how a number is {note['how']}")


def taught(lists: Lists, note: Any) -> dict[str, int]:
    """Of each competency that the offerings of a list teach, how many other providers teach it today."""
    own = {item["iri"] for item in lists(note["addresses"][0])["items"]}
    (provider,) = {item["provider"]["iri"] for item in lists(note["addresses"][0])["items"]}
    by = givers(lists)
    return {
        competency: len(set.union(*(by[one] for one in some)) - {provider})
        for competency, some in offerings(lists(note["addresses"][1])).items()
        if some & own
    }


def numbers(document: Any) -> Iterator[tuple[str, Any]]:
    for statement in document["statements"]:
        yield from statement["numbers"].items()
    for bars in document["bars"]:
        yield from ((row["name"], row) for row in bars["rows"])


@pytest.mark.parametrize("path", BRIEFS)
def test_each_number_is_that_of_the_lists_its_note_names(client: FlaskClient, lists: Lists, path: str) -> None:
    document = asked(client, f"/briefs/{path}.json")
    notes = {note["note"]: note for note in document["notes"]}
    found = list(numbers(document))
    assert found
    for name, number in found:
        note = notes[number["note"]]
        if note["how"] == "said":
            surveys = {item["iri"]: item for item in lists("/surveys?release=1")["items"]}
            iri = f"https://w3id.org/trivium/id{urlsplit(note['addresses'][0]).path}"
            assert number["value"] == int(surveys[iri][name]), name
        elif note["how"] == "taught":
            others = taught(lists, note)
            expected = {
                "competencies": len(others),
                "alone": sum(1 for count in others.values() if not count),
                "no-other": sum(1 for count in others.values() if not count),
                "one-other": sum(1 for count in others.values() if count == 1),
                "two-others": sum(1 for count in others.values() if count == 2),
                "more-others": sum(1 for count in others.values() if count > 2),
            }
            assert number["value"] == expected[name], name
        else:
            assert number["value"] == reckoned(lists, note, document["kind"]), (name, note)


@pytest.mark.parametrize("path", BRIEFS)
def test_each_gap_shown_is_that_of_its_note(client: FlaskClient, lists: Lists, path: str) -> None:
    document = asked(client, f"/briefs/{path}.json")
    notes = {note["note"]: note for note in document["notes"]}
    for shown in document["gaps"]:
        (gap,) = lists(notes[shown["note"]]["addresses"][0])["items"]
        for name in ("competency", "sector", "demand", "basis", "kind", "supply", "providers", "state", "score"):
            expected = gap[name] if name != "competency" else {key: gap[name][key] for key in ("iri", "label")}
            assert shown[name] == expected


@pytest.mark.parametrize(("path", "query"), [("sector/museums", "sector=museums"), ("region/us", "region=US")])
def test_the_widest_gaps_are_the_first_of_the_list_of_gaps(client: FlaskClient, path: str, query: str) -> None:
    shown = asked(client, f"/briefs/{path}.json")["gaps"]
    first = asked(client, f"/gaps.json?{query}&limit=5")["items"]
    assert [(one["competency"]["iri"], one["sector"]["iri"]) for one in shown] == [
        (one["competency"]["iri"], one["sector"]["iri"]) for one in first
    ]


@pytest.mark.parametrize("path", BRIEFS)
def test_each_mark_leads_to_a_note_and_each_note_to_a_page_of_the_release(client: FlaskClient, path: str) -> None:
    text = client.get(f"/briefs/{path}", headers=BROWSER).text
    marks = re.findall(r'<sup><a href="#note-(\d+)">\[(\d+)\]</a></sup>', text)
    assert marks
    assert all(target == number for target, number in marks)
    noted = re.findall(r'<li id="note-(\d+)" value="\1">(.*?)</li>', text, re.S)
    assert {target for target, _ in marks} == {number for number, _ in noted}
    assert [int(number) for number, _ in noted] == list(range(1, len(noted) + 1))
    for _, note in noted:
        addresses = [address.replace("&amp;", "&") for address in re.findall('href="([^"]+)"', note)]
        assert addresses
        for address in addresses:
            assert "release=1" in address
            assert client.get(address, headers=BROWSER).status_code == 200, address


@pytest.mark.parametrize("path", BRIEFS)
def test_every_number_in_a_sentence_or_a_table_has_a_mark(client: FlaskClient, path: str) -> None:
    """Outside of the notes, the labels of things and what is said of the edition, no digit stands without its note."""
    text = client.get(f"/briefs/{path}", headers=BROWSER).text
    case = text[text.index("<h2>The case</h2>") : text.index("<h2>How to read this")]
    case = re.sub(r"<figure.*?</figure>|<caption>.*?</caption>|<a [^#>]*>.*?</a>|<th .*?</th>", "", case, flags=re.S)
    left = re.sub(r'<b>[^<]*</b><sup><a href="#note-\d+">\[\d+\]</a></sup>', "", case)
    assert not re.search(r"\d", re.sub(r"<[^>]+>", "", left))


def test_the_figures_have_the_numbers_of_their_tables(client: FlaskClient) -> None:
    document = asked(client, "/briefs/area/preservation-and-conservation.json")
    text = client.get("/briefs/area/preservation-and-conservation", headers=BROWSER).text
    figures = re.findall("<svg.*?</svg>", text, re.S)
    assert len(figures) == 2
    written = re.findall(r">(\d+)</text>", figures[1])
    assert written == [str(row["value"]) for bars in document["bars"] for row in bars["rows"]]
    assert len(re.findall("<rect", figures[0])) == len(document["gaps"]) == 5
    for gap in document["gaps"]:
        assert f"supply {gap['supply']}, {gap['sector']['label']}" in figures[0]
    assert all(len(re.findall("<title", figure)) == len(re.findall("<desc", figure)) == 1 for figure in figures)


def test_what_is_not_known_is_said(client: FlaskClient, lists: Lists) -> None:
    text = client.get("/briefs/sector/museums", headers=BROWSER).text
    count = asked(client, "/gaps.json?sector=museums&state=no-data&limit=1")["total"]
    said = r"competencies the demand is not known\. That is not a demand of zero"
    assert re.search(rf"for <b>{count}</b>.*? {said}", text)
    assert "It is no share of a market" in text
    nothing = asked(client, "/briefs/provider/nai.json")
    assert [one["name"] for one in nothing["statements"]] == ["teaches-nothing"]
    assert nothing["gaps"] == nothing["bars"] == []


def test_the_choice_leads_to_the_brief(client: FlaskClient) -> None:
    text = client.get("/briefs", headers=BROWSER).text
    assert 'href="/briefs/sector/museums"' in text
    assert "/briefs/sector/all" not in text
    for query, address in (
        ("competency=disaster-planning-and-response", "/briefs/competency/disaster-planning-and-response"),
        ("region=New+England", "/briefs/region/new-england"),
        ("area=preservation-and-conservation", "/briefs/area/preservation-and-conservation"),
    ):
        response = client.get(f"/briefs?{query}", headers=BROWSER)
        assert response.status_code == 303
        assert response.headers["Location"] == address
        assert client.get(address, headers=BROWSER).status_code == 200


@pytest.mark.parametrize(
    ("path", "suggestion"),
    [
        ("sector/museum", "museums"),
        ("sector/all", ""),
        ("region/zz", ""),
        ("provider/aasl", "aaslh"),
        ("survey/mtl-2016", "sector"),
        ("region/New England/x", ""),
    ],
)
def test_what_there_is_no_brief_of_is_not_found(client: FlaskClient, path: str, suggestion: str) -> None:
    response = client.get(f"/briefs/{path}")
    assert response.status_code == 404
    assert suggestion in response.json["detail"]  # type: ignore[index]


def test_a_region_with_a_blank_can_be_asked_for_as_it_is_written(client: FlaskClient) -> None:
    response = client.get("/briefs/region/New England", headers=BROWSER)
    assert response.status_code == 200
    assert "/briefs/region/New%20England?release=1" in response.text


class Recorded:
    """A printer that keeps what it is given."""

    def __init__(self) -> None:
        self.pages: list[tuple[str, str]] = []

    def printed(self, page: str, base: str) -> bytes:
        self.pages.append((page, base))
        return b"%PDF-1.7"


def subjects(client: FlaskClient) -> list[str]:
    """Every sector and area, and several of the other kinds."""
    lists = {"sector": "sectors", "area": "areas"}
    found = [(kind, item) for kind, name in lists.items() for item in asked(client, f"/{name}.json?limit=0")["items"]]
    named = [f"{kind}/{item['iri'].rpartition('/')[2]}" for kind, item in found]
    return [path for path in named if path != "sector/all"] + [
        path for path in BRIEFS if path.partition("/")[0] not in lists
    ]


@needs_pango
def test_every_brief_fits_on_two_pages(starter_data: Path) -> None:
    """Of each kind the two longest are laid out, since these decide; with TRIVIUM_TEST_BRIEFS=all, all of them."""
    from weasyprint import CSS, HTML

    app, recorded = create_app(Settings(data=starter_data)), Recorded()
    app.extensions["trivium.printer"] = recorded
    client, sheet = app.test_client(), CSS(filename=SHEET)
    paths = subjects(client)
    assert len(paths) > 40
    assert all(client.get(f"/briefs/{path}.pdf").status_code == 200 for path in paths)
    by_kind: dict[str, list[tuple[int, str, str]]] = {}
    for path, (page, base) in zip(paths, recorded.pages, strict=True):
        by_kind.setdefault(path.partition("/")[0], []).append((len(page), page, base))
    most = None if os.environ.get("TRIVIUM_TEST_BRIEFS") == "all" else 2
    for kind, pages in by_kind.items():
        for _, page, base in sorted(pages, reverse=True)[:most]:
            document = HTML(string=page, base_url=base, url_fetcher=fetcher()).render(stylesheets=[sheet])
            assert len(document.pages) in (1, 2), (kind, re.findall("<h1>(.*)</h1>", page))


@needs_pango
@pytest.mark.parametrize("path", ["sector/museums", "region/us", "competency/disaster-planning-and-response"])
def test_the_pdf_read_back_says_what_the_page_says(client: FlaskClient, path: str) -> None:
    response = client.get(f"/briefs/{path}.pdf?release=1")
    assert response.status_code == 200, response.text[:500]
    assert response.mimetype == "application/pdf"
    assert "inline" in response.headers["Content-Disposition"]
    document = asked(client, f"/briefs/{path}.json")
    pdf = PdfReader(io.BytesIO(response.data))
    text = flat("".join(page.extract_text() for page in pdf.pages))
    assert len(pdf.pages) in (1, 2)
    label = document["subject"].get("label") or document["subject"]["region"]
    assert pdf.metadata is not None
    assert pdf.metadata.title == f"Brief: {label} · Trivium, release 1"
    for statement in document["statements"]:
        assert flat(statement["text"]) in text, statement["text"]
    assert flat("release 1, published") in text
    assert flat("Counted:") in text
    catalogue = pdf.root_object
    assert str(catalogue["/Lang"]) == "en"
    assert catalogue["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert "/StructTreeRoot" in catalogue
    links, targets = addresses(pdf)
    assert {address for note in document["notes"] for address in note["addresses"]} <= links
    assert {f"note-{note['note']}" for note in document["notes"]} == targets


def flat(text: str) -> str:
    """A text without blanks: where lines are broken is of no account."""
    return re.sub(r"[\s\u00ad]", "", text)


def addresses(pdf: PdfReader) -> tuple[set[str], set[str]]:
    """The addresses that a PDF links to, and the places within it."""
    annotations = [one.get_object() for page in pdf.pages for one in page.get("/Annots", [])]
    links = {str(one["/A"]["/URI"]) for one in annotations if "/A" in one and "/URI" in one["/A"]}
    return links, {str(one["/Dest"]) for one in annotations if "/Dest" in one}


@needs_pango
@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/x.css",
        "https://example.org/x.png",
        "file:///etc/passwd",
        f"{STATIC.as_uri()}/../settings.py",
        f"{STATIC.as_uri()}/%2e%2e/settings.py",
        f"{(ROOT / 'README.md').as_uri()}",
        "file://example.org/x.css",
        "data:text/css,p{}",
        "ftp://example.org/x",
    ],
)
def test_nothing_but_our_own_files_is_fetched_for_a_print(address: str) -> None:
    with pytest.raises(ValueError, match="only our own files"):
        fetcher()(address)


@needs_pango
def test_our_own_files_are_fetched_for_a_print() -> None:
    assert fetcher()(SHEET.as_uri()).read() == SHEET.read_bytes()


@needs_pango
def test_a_page_that_points_outside_is_printed_without_what_it_points_to() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        outside = f"http://127.0.0.1:{server.getsockname()[1]}"
        drawn = f'<link rel="stylesheet" href="{outside}/x.css"><img alt="" src="{outside}/y">'
        page = f'<html lang="en"><title>x</title>{drawn}here'
        pdf = Printer().printed(page, "http://localhost")
        with pytest.raises(BlockingIOError):
            server.accept()
    assert PdfReader(io.BytesIO(pdf)).pages[0].extract_text().startswith("here")


def test_the_process_that_prints_has_no_network() -> None:
    """Even if something in it tried: the kernel refuses."""
    program = PROGRAM.replace("(*sys.argv[2:])", "; import socket; from graph.confinement import confine; import os;")
    program += "confine(10**9, os.getppid()); socket.socket()"
    done = subprocess.run([sys.executable, "-I", "-c", program, str(ROOT)], capture_output=True, text=True)
    assert "PermissionError" in done.stderr


@pytest.fixture
def app(starter_data: Path) -> Flask:
    return create_app(Settings(data=starter_data))


def test_without_pango_the_page_works_and_the_pdf_says_what_is_missing(app: Flask) -> None:
    app.extensions["trivium.printer"] = Printer(f"raise SystemExit({NO_PANGO})")
    client = app.test_client()
    assert client.get("/briefs/sector/museums", headers=BROWSER).status_code == 200
    response = client.get("/briefs/sector/museums.pdf")
    assert response.status_code == 503
    assert response.mimetype == "application/problem+json"
    problem = json.loads(response.data)
    assert problem["type"].endswith("#no-printer")
    assert "libpango-1.0-0" in problem["detail"]


def test_while_another_is_printed_one_is_told_to_come_again(app: Flask, tmp_path: Path) -> None:
    begun, told = tmp_path / "begun", list[int]()
    program = f"import time; open({str(begun)!r}, 'w').close(); time.sleep(60)"
    app.extensions["trivium.printer"] = printer = Printer(program, wait=0.05, seconds=2)

    def first() -> None:
        with pytest.raises(PoolBusy, match="in time") as refused:
            printer.printed("", "http://localhost")
        told.append(refused.value.retry_after)

    thread = Thread(target=first)
    thread.start()
    while not begun.exists():
        thread.join(0.02)
    response = app.test_client().get("/briefs/sector/museums.pdf")
    assert thread.is_alive()
    thread.join()
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) == told[0] > 0
    assert json.loads(response.data)["type"].endswith("#busy")


def test_the_same_release_is_printed_once(app: Flask) -> None:
    app.extensions["trivium.printer"] = recorded = Recorded()
    client = app.test_client()
    first, second = client.get("/briefs/sector/museums.pdf"), client.get("/briefs/sector/museums.pdf")
    assert first.data == second.data
    assert len(recorded.pages) == 1
    assert client.get("/briefs/sector/museums.pdf", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
