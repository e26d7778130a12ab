"""OAI-PMH 2.0 by its own schema: every verb and error, sets, what was withdrawn, pages while the graph changes."""

import json
import shutil
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree
from pyoxigraph import RdfFormat, parse
from werkzeug.test import TestResponse

from graph.changes import ChangeLog
from graph.parsing import Submission
from graph.publication import Terms
from graph.resources import ROOT
from service import create_app
from service.settings import Settings
from tests.history import publish, withdraw

SCHEMA = ROOT.parent / "shared" / "validators" / "oai-pmh" / "combined.local.xsd"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
OAI_DC = "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ITEM = "oai:w3id.org:trivium/id/"
HEADER = "id,label_en,provider,type,mode,level,competencies,sectors,source,page_date,language,url\n"
ROW = "{id},{title},aaslh,webinar,online-live,entry,leadership,{sector},https://example.org/{id},2026-11,en,{url}\n"
TESS = Terms("tess")
RECORDS = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
LEARNT = {**RECORDS, "set": "kind:offering"}

needs_schema = pytest.mark.skipif(
    not SCHEMA.exists(), reason=f"the official schema of OAI-PMH is not at ../shared/validators ({SCHEMA}): NOT CHECKED"
)


def offering(id: str = "a-test", title: str = "A test", sector: str = "museums", url: str = "") -> Submission:
    return Submission("offering.csv", (HEADER + ROW.format(id=id, title=title, sector=sector, url=url)).encode())


def copied(starter_data: Path, folder: Path) -> Path:
    return Path(shutil.copytree(starter_data, folder / "data"))


@pytest.fixture(scope="module")
def data(starter_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter graph, with an offering that is there and one that was withdrawn."""
    data = copied(starter_data, tmp_path_factory.mktemp("oai"))
    publish(data, offering("is-there", "Is there", url="https://example.org/page"))
    publish(data, offering("was-there"))
    withdraw(data, 14)
    return data


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[FlaskClient]:
    with create_app(Settings(data=data, base="https://example.org", look_seconds=0)).test_client() as client:
        yield client


@pytest.fixture
def changing(starter_data: Path, tmp_path: Path) -> Path:
    """A copy of the starter graph to be changed."""
    return copied(starter_data, tmp_path)


def fresh(data: Path) -> FlaskClient:
    return create_app(Settings(data=data, look_seconds=0)).test_client()


def answered(response: TestResponse) -> etree._Element:
    assert (response.status_code, response.content_type) == (200, "text/xml; charset=utf-8")
    assert response.headers["Cache-Control"] == "no-cache"
    return etree.fromstring(response.data)


def ask(client: FlaskClient, /, **arguments: str) -> etree._Element:
    arguments = {name.rstrip("_"): value for name, value in arguments.items()}
    return answered(client.get("/oai", query_string=arguments))


def texts(root: etree._Element, name: str) -> list[str]:
    return [one.text or "" for one in root.iter(OAI + name)]


def code(root: etree._Element) -> str:
    [error] = root.iter(f"{OAI}error")
    assert error.text
    return error.attrib["code"]


def token(root: etree._Element) -> etree._Element:
    [found] = root.iter(f"{OAI}resumptionToken")
    return found


def pages(client: FlaskClient, **arguments: str) -> Iterator[etree._Element]:
    """Every page of a list; what the caller does between two is done between the requests."""
    root = ask(client, **arguments)
    yield root
    while any(token(root).text for _ in root.iter(f"{OAI}resumptionToken")):
        root = ask(client, verb=arguments["verb"], resumptionToken=token(root).text or "")
        yield root


def valid(root: etree._Element) -> str:
    """What the strict schema has to say; what it holds no schema for (RDF, oai-identifier) is left out."""
    for payload in [*root.iter("{*}RDF"), *root.iter("{*}oai-identifier")]:
        parent = payload.getparent()
        assert parent is not None
        parent.replace(payload, etree.Element(OAI_DC))
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    return "" if schema.validate(etree.fromstring(etree.tostring(root))) else str(schema.error_log)


@needs_schema
@pytest.mark.parametrize(
    "arguments",
    [
        {"verb": "Identify"},
        {"verb": "ListMetadataFormats"},
        {"verb": "ListMetadataFormats", "identifier": f"{ITEM}offering/was-there"},
        {"verb": "ListSets"},
        {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": f"{ITEM}offering/is-there"},
        {"verb": "GetRecord", "metadataPrefix": "rdf", "identifier": f"{ITEM}offering/is-there"},
        {"verb": "GetRecord", "metadataPrefix": "rdf", "identifier": f"{ITEM}offering/was-there"},
        {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc"},
        {"verb": "ListIdentifiers", "metadataPrefix": "rdf", "set": "sector:museums", "from": "2026-01-01"},
        {"verb": "ListRecords", "metadataPrefix": "rdf", "set": "kind:sector"},
        *({**RECORDS, "set": f"kind:{kind}"} for kind in ("gap", "offering", "session", "need", "survey", "provider")),
    ],
)
def test_every_verb_is_valid_by_the_strict_schema(client: FlaskClient, arguments: dict[str, str]) -> None:
    for page in pages(client, **arguments):
        assert not list(page.iter(f"{OAI}error"))
        assert valid(page) == ""


@needs_schema
def test_the_schema_would_find_a_fault(client: FlaskClient) -> None:
    root = ask(client, verb="Identify")
    [mail] = root.iter(f"{OAI}adminEmail")
    mail.text = "nobody"
    assert "adminEmail" in valid(root)


def forged(**changes: object) -> str:
    facts = {"prefix": "oai_dc", "set": "", "from": "", "until": "", "after": 1, "cursor": 1, "size": 2} | changes
    text = json.dumps({name: value for name, value in facts.items() if value is not None}, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


ERRORS: list[tuple[str, str]] = [
    ("", "badVerb"),
    ("verb=", "badVerb"),
    ("verb=junk", "badVerb"),
    ("verb=identify", "badVerb"),
    ("verb=Identify&verb=Identify", "badVerb"),
    ("identifier=x", "badVerb"),
    ("verb=Identify&test=test", "badArgument"),
    ("verb=Identify&resumptionToken=x", "badArgument"),
    ("verb=ListMetadataFormats&metadataPrefix=oai_dc", "badArgument"),
    ("verb=ListMetadataFormats&identifier=really_wrong", "idDoesNotExist"),
    ("verb=ListSets&set=kind:offering", "badArgument"),
    ("verb=ListSets&resumptionToken=junk", "badResumptionToken"),
    ("verb=GetRecord", "badArgument"),
    ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
    (f"verb=GetRecord&identifier={ITEM}sector/museums", "badArgument"),
    (f"verb=GetRecord&identifier={ITEM}sector/museums&metadataPrefix=really_wrong", "cannotDisseminateFormat"),
    (f"verb=GetRecord&identifier={ITEM}sector/museums&metadataPrefix=a%20b", "badArgument"),
    (f"verb=GetRecord&identifier={ITEM}sector/museum&metadataPrefix=oai_dc", "idDoesNotExist"),
    ("verb=GetRecord&identifier=invalid-id&metadataPrefix=oai_dc", "idDoesNotExist"),
    ("verb=GetRecord&identifier=https://w3id.org/trivium/id/sector/museums&metadataPrefix=oai_dc", "idDoesNotExist"),
    (f"verb=GetRecord&identifier={ITEM}sector/museums%3E&metadataPrefix=oai_dc", "idDoesNotExist"),
    (f"verb=GetRecord&identifier={ITEM}sector/museums&identifier=x&metadataPrefix=oai_dc", "badArgument"),
    (f"verb=GetRecord&identifier={ITEM}sector/museums%01&metadataPrefix=oai_dc", "badArgument"),
    ("verb=ListIdentifiers", "badArgument"),
    ("verb=ListRecords", "badArgument"),
    ("verb=ListRecords&metadataPrefix=really_wrong", "cannotDisseminateFormat"),
    ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=junk", "badArgument"),
    ("verb=ListRecords&resumptionToken=junk&until=2000-02-05", "badArgument"),
    ("verb=ListRecords&resumptionToken=junk", "badResumptionToken"),
    ("verb=ListRecords&resumptionToken=", "badResumptionToken"),
    ("verb=ListRecords&resumptionToken=%C3%A9", "badResumptionToken"),
    (f"verb=ListRecords&resumptionToken={'W1tb' * 240}", "badResumptionToken"),
    (f"verb=ListRecords&resumptionToken={'A' * 2000}", "badResumptionToken"),
    *(
        (f"verb=ListIdentifiers&resumptionToken={forged(**change)}", "badResumptionToken")
        for change in (
            {"after": -1},
            {"after": "1"},
            {"after": True},
            {"after": 2**63},
            {"after": 1.5},
            {"cursor": 0},
            {"size": None},
            {"prefix": "marc"},
            {"prefix": None},
            {"set": "kind:"},
            {"set": 1},
            {"from": "2026-02-30"},
            {"from": "2026-11-25", "until": "2026-11-24"},
            {"more": 1},
        )
    ),
    (f"verb=ListIdentifiers&resumptionToken={forged()}=", "badResumptionToken"),
    *(
        (f"verb=ListRecords&metadataPrefix=oai_dc&{times}", "badArgument")
        for times in (
            "from=junk",
            "until=junk",
            "from=2026-13-01",
            "from=2026-1-1",
            "from=2026",
            "from=20261124",
            "from=",
            "from=2026-11-24T00:00:00",
            "from=2026-11-24T00:00:00.5Z",
            "from=2026-11-24T00:00:00%2B00:00",
            "from=2026-11-24&until=2026-11-24T00:00:00Z",
            "from=2026-11-25&until=2026-11-24",
            "from=2026-11-24T00:00:01Z&until=2026-11-24T00:00:00Z",
            "set=a%20b",
            "set=kind::x",
            "set=",
        )
    ),
    ("verb=ListRecords&metadataPrefix=oai_dc&set=really_wrong_set", "noRecordsMatch"),
    ("verb=ListRecords&metadataPrefix=oai_dc&set=kind:nothing", "noRecordsMatch"),
    ("verb=ListRecords&metadataPrefix=oai_dc&until=2000-01-01", "noRecordsMatch"),
    ("verb=ListIdentifiers&metadataPrefix=oai_dc&from=9999-12-31", "noRecordsMatch"),
    ("verb=ListIdentifiers&metadataPrefix=oai_dc&from=9999-12-31&until=9999-12-31", "noRecordsMatch"),
]


@pytest.mark.parametrize(("query", "expected"), ERRORS)
def test_errors_are_those_of_the_protocol(client: FlaskClient, query: str, expected: str) -> None:
    for response in (
        client.get(f"/oai?{query}"),
        client.post("/oai", data=query, content_type="application/x-www-form-urlencoded"),
    ):
        root = answered(response)
        assert code(root) == expected
        [request] = root.iter(f"{OAI}request")
        assert request.text == "https://example.org/oai"
        assert bool(request.attrib) == (expected not in ("badVerb", "badArgument"))
        if SCHEMA.exists():
            assert valid(root) == ""


def test_identify_says_who_and_since_when(client: FlaskClient, data: Path) -> None:
    root = ask(client, verb="Identify")
    first = ChangeLog(data).first_time()
    assert first is not None
    said = {name: texts(root, name) for name in ("baseURL", "protocolVersion", "deletedRecord", "granularity")}
    assert said == {
        "baseURL": ["https://example.org/oai"],
        "protocolVersion": ["2.0"],
        "deletedRecord": ["persistent"],
        "granularity": ["YYYY-MM-DDThh:mm:ssZ"],
    }
    assert texts(root, "earliestDatestamp") == [f"{first:%Y-%m-%dT%H:%M:%SZ}"]
    [sample] = root.iter("{*}sampleIdentifier")
    assert sample.text
    assert not list(ask(client, verb="GetRecord", metadataPrefix="rdf", identifier=sample.text).iter(f"{OAI}error"))


@pytest.mark.parametrize(
    ("contact", "mail"),
    [
        ("a@example.org", "a@example.org"),
        ("https://example.org/ask", "contact-not-set@trivium.invalid"),
        ("", "contact-not-set@trivium.invalid"),
    ],
)
def test_the_address_of_the_contact_is_told_if_it_is_one(data: Path, contact: str, mail: str) -> None:
    client = create_app(Settings(data=data, contact=contact)).test_client()
    assert texts(ask(client, verb="Identify"), "adminEmail") == [mail]


def test_a_posted_form_is_answered_and_nothing_else_is_taken(client: FlaskClient) -> None:
    got, posted = ask(client, **LEARNT), answered(client.post("/oai", data=LEARNT))
    assert texts(got, "identifier") == texts(posted, "identifier")
    assert client.post("/oai", json=LEARNT).status_code == 415
    assert client.put("/oai").status_code == 405


def test_before_the_first_release_there_is_nothing_to_harvest(tmp_path: Path) -> None:
    response = fresh(tmp_path).get("/oai?verb=Identify")
    assert (response.status_code, "Retry-After" in response.headers) == (503, True)


def test_the_sets_are_the_kinds_and_the_sectors_and_together_hold_what_they_say(client: FlaskClient) -> None:
    sets = dict(zip(*(texts(ask(client, verb="ListSets"), name) for name in ("setSpec", "setName")), strict=True))
    assert sets["kind:offering"] == "Offering"
    assert sets["sector:museums"] == "Museums"
    stated: dict[str, set[str]] = {spec: set() for spec in sets}
    for page in pages(client, verb="ListIdentifiers", metadataPrefix="oai_dc"):
        for header in page.iter(f"{OAI}header"):
            for spec in texts(header, "setSpec"):
                stated[spec].add(texts(header, "identifier")[0])
    for spec in ("kind:offering", "kind:sector", "sector:museums", "sector:academic-libraries"):
        listed = [
            texts(one, "identifier") for one in pages(client, verb="ListIdentifiers", metadataPrefix="rdf", set=spec)
        ]
        assert {one for page in listed for one in page} == stated[spec]
    assert all(stated[spec] for spec in sets if spec.startswith("kind:"))


def test_what_was_withdrawn_is_told_in_every_answer(client: FlaskClient) -> None:
    gone = f"{ITEM}offering/was-there"
    arguments = {"metadataPrefix": "rdf", "set": "kind:offering"}
    for verb in ("GetRecord", "ListRecords", "ListIdentifiers"):
        asked = {"metadataPrefix": "oai_dc", "identifier": gone} if verb == "GetRecord" else arguments
        found = [
            one
            for page in pages(client, verb=verb, **asked)
            for one in page.iter(f"{OAI}header")
            if texts(one, "identifier") == [gone]
        ]
        [header] = found
        assert dict(header.attrib) == {"status": "deleted"}
        assert texts(header, "setSpec") == ["kind:offering", "sector:museums"]
        parent = header.getparent()
        assert parent is not None
        assert [one.tag for one in parent] == [f"{OAI}header"] if verb != "ListIdentifiers" else len(parent) > 1
    formats = ask(client, verb="ListMetadataFormats", identifier=gone)
    assert texts(formats, "metadataPrefix") == ["oai_dc", "rdf"]


def elements(client: FlaskClient, slug: str) -> list[tuple[str, str | None, str | None]]:
    root = ask(client, verb="GetRecord", metadataPrefix="oai_dc", identifier=ITEM + slug)
    return [(str(one.tag).removeprefix(DC), one.get(LANG), one.text) for one in root.iter(f"{DC}*")]


def test_dublin_core_says_what_the_statements_say(client: FlaskClient) -> None:
    assert elements(client, "offering/is-there") == [
        ("title", "en", "Is there"),
        ("identifier", None, "https://w3id.org/trivium/id/offering/is-there"),
        ("type", "en", "Offering"),
        ("identifier", None, "https://example.org/page"),
        ("publisher", None, "American Association for State and Local History (AASLH)"),
        ("subject", "en", "Leadership"),
        ("subject", "es", "Liderazgo"),
        ("language", None, "en"),
        ("date", None, "2026-11"),
        ("coverage", "en", "Museums"),
        ("coverage", "es", "Museos"),
        ("source", None, "https://example.org/is-there"),
        ("rights", None, "https://creativecommons.org/publicdomain/zero/1.0/"),
    ]


def test_what_has_no_label_has_the_title_that_its_page_has(client: FlaskClient) -> None:
    gap = elements(client, "gap/museums--leadership")
    assert ("title", None, "Leadership · Museums") in gap
    assert ("subject", "es", "Liderazgo") in gap
    assert ("coverage", "en", "Museums") in gap


@pytest.mark.parametrize("slug", ["offering/is-there", "competency/leadership", "survey/mtl-2016", "sector/museums"])
def test_rdf_says_what_the_document_of_the_thing_says(client: FlaskClient, slug: str) -> None:
    document = client.get(f"/{slug}.nt")
    assert document.status_code == 200
    root = ask(client, verb="GetRecord", metadataPrefix="rdf", identifier=ITEM + slug)
    [payload] = root.iter("{*}RDF")
    stated = {quad.triple for quad in parse(etree.tostring(payload), RdfFormat.RDF_XML)}
    assert stated == {quad.triple for quad in parse(document.data, RdfFormat.N_TRIPLES)}


def test_a_text_with_characters_that_xml_cannot_carry_breaks_no_list(changing: Path) -> None:
    publish(changing, Submission("of\x01fering.csv", offering().body, kind="offering"))
    for prefix in ("oai_dc", "rdf"):
        root = ask(fresh(changing), verb="GetRecord", metadataPrefix=prefix, identifier=f"{ITEM}contribution/13")
        assert "of\ufffdfering.csv" in etree.tostring(root, encoding="unicode")


def test_a_list_is_given_in_pages_whose_tokens_can_be_used_again(client: FlaskClient) -> None:
    found = list(pages(client, **LEARNT))
    assert [len(texts(page, "datestamp")) for page in found] == [100, 100, 100, 16]
    tokens = [token(page) for page in found]
    assert [dict(one.attrib) for one in tokens] == [
        {"completeListSize": "316", "cursor": str(cursor)} for cursor in (0, 100, 200, 300)
    ]
    assert [bool(one.text) for one in tokens] == [True, True, True, False]
    again = ask(client, verb="ListRecords", resumptionToken=tokens[2].text or "")
    assert texts(again, "identifier") == texts(found[3], "identifier")
    assert len({one for page in found for one in texts(page, "identifier")}) == 316
    short = ask(client, **(LEARNT | {"set": "kind:area"}))
    assert not list(short.iter(f"{OAI}resumptionToken"))


def test_from_and_until_are_both_within(client: FlaskClient, data: Path) -> None:
    item = ask(client, verb="GetRecord", metadataPrefix="oai_dc", identifier=f"{ITEM}offering/is-there")
    [at] = texts(item, "datestamp")
    moment = datetime.fromisoformat(at)

    def found(**times: Any) -> bool:
        query = {**LEARNT, **{name.rstrip("_"): text for name, text in times.items()}}
        return f"{ITEM}offering/is-there" in [
            one for page in pages(client, **query) for one in texts(page, "identifier")
        ]

    def after(seconds: int) -> str:
        return f"{moment + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"

    assert found(from_=at, until=at)
    assert found(from_=at)
    assert found(until=at)
    assert found(from_=at[:10], until=at[:10])
    assert not found(from_=after(1))
    assert not found(until=after(-1))
    tomorrow, yesterday = after(86_400)[:10], after(-86_400)[:10]
    assert not found(from_=tomorrow)
    assert not found(until=yesterday)


def test_what_changes_between_two_pages_is_seen_again_and_nothing_is_missed(changing: Path) -> None:
    publish(changing, offering("to-be-withdrawn"))
    client = fresh(changing)
    seen: list[tuple[str, str | None]] = []
    for number, page in enumerate(pages(client, verb="ListIdentifiers", metadataPrefix="rdf", set="kind:offering")):
        seen += [(texts(one, "identifier")[0], one.get("status")) for one in page.iter(f"{OAI}header")]
        if number == 0:
            publish(changing, offering("new"))
            publish(changing, offering(seen[0][0].rpartition("/")[2], "Changed"), terms=Terms("trivium"))
        if number == 1:
            withdraw(changing, 13)
    assert seen.count(seen[0]) == 2
    assert (f"{ITEM}offering/new", None) in seen
    assert (f"{ITEM}offering/to-be-withdrawn", "deleted") in seen
    assert len(set(seen)) == len(seen) - 1 == 314 + 2


def test_a_list_whose_rest_has_moved_beyond_until_ends_with_an_item_seen_before(client: FlaskClient) -> None:
    """The schema has no empty list, and an error would make a harvester throw away what it has."""
    root = ask(client, verb="ListIdentifiers", resumptionToken=forged(after=10**9, set="kind:area"))
    assert len(texts(root, "identifier")) == 1
    assert not token(root).text
    nothing = ask(client, verb="ListIdentifiers", resumptionToken=forged(after=10**9, set="kind:nothing"))
    assert code(nothing) == "noRecordsMatch"
