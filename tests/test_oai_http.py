"""OAI-PMH 2.0: every verb and every error as specified, and nothing is missed, whatever changes between two pages."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree
from oaipmh_scythe import Scythe
from rdflib import Graph
from rdflib.compare import isomorphic
from sickle import Sickle
from werkzeug.serving import make_server

from graph.journal import State
from graph.parsing import Submission
from graph.publication import Publisher, Terms
from graph.resources import ROOT
from service import create_app
from service.settings import Settings

SCHEMA = Path(os.environ.get("TRIVIUM_VALIDATORS", ROOT.parent / "shared" / "validators")) / "oai-pmh"
NAMES = {
    "oai": "http://www.openarchives.org/OAI/2.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}
HEADER = "id,label_en,provider,type,competencies,sectors,source,page_date\n"
ROW = "{id},{title},aaslh,webinar,digital-preservation,{sector},https://example.org/{id},2026-11\n"
MUSEUMS = "oai:w3id.org:trivium/id/sector/museums"
FIRST = 13  # the number of the first contribution after the starter graph

Ask = Callable[..., etree._Element]


@pytest.fixture
def data(starter_data: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(starter_data, tmp_path / "data"))


@pytest.fixture
def client(data: Path) -> FlaskClient:
    return create_app(Settings(data=data, look_seconds=0, contact="curators@example.org")).test_client()


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    def asked(query: str, posted: bool = False) -> etree._Element:
        address = {"data": query, "content_type": "application/x-www-form-urlencoded"} if posted else {}
        answer = client.post("/oai", **address) if posted else client.get(f"/oai?{query}")
        assert (answer.status_code, answer.mimetype) == (200, "text/xml"), answer.text
        return etree.fromstring(answer.data)

    return asked


@pytest.fixture
def address(data: Path) -> Iterator[str]:
    """The service over a real connection."""
    server = make_server("127.0.0.1", 0, create_app(Settings(data=data, look_seconds=0)), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/oai"
    server.shutdown()
    thread.join()
    server.server_close()


def publish(data: Path, id: str = "a-test", title: str = "A test", sector: str = "museums") -> None:
    body = HEADER + ROW.format(id=id, title=title, sector=sector)
    with Publisher.open(data) as publisher:
        newest = publisher.releases.newest()
        assert newest is not None
        publisher.contribute([Submission("offering.csv", body.encode())], Terms("tess"), newest.as_of)


def withdraw(data: Path, number: int) -> None:
    with Publisher.open(data) as publisher:
        newest = publisher.releases.newest()
        assert newest is not None
        publisher.journal.move(number, [State.PUBLISHED], State.WITHDRAWING, "", "tess")
        publisher.publish(newest.as_of)


def texts(answer: etree._Element, path: str) -> list[str]:
    return [str(one.text) for one in answer.iterfind(f".//{path}", NAMES)]


def harvested(ask: Ask, query: str, between: Callable[[int], None] = lambda page: None) -> dict[str, bool]:
    """Every identifier of a list and whether it is deleted, told last; something may happen between the pages."""
    found: dict[str, bool] = {}
    page, verb = 0, query.partition("&")[0]
    while True:
        answer = ask(query)
        for head in answer.iterfind(".//oai:header", NAMES):
            found[str(head.findtext("oai:identifier", None, NAMES))] = head.get("status") == "deleted"
        (token,) = texts(answer, "oai:resumptionToken") or [""]
        if token in ("", "None"):
            return found
        between(page)
        page, query = page + 1, f"{verb}&resumptionToken={token}"


def logged(client: FlaskClient) -> dict[str, bool]:
    """The same from the change log."""
    answer = client.get("/changes.json?limit=0").json
    assert answer is not None
    rows = {one["entity"]["iri"]: one["change"] == "withdrawn" for one in reversed(answer["items"])}
    return {f"oai:w3id.org:{iri.removeprefix('https://w3id.org/')}": gone for iri, gone in rows.items()}


REQUESTS = (
    "verb=Identify",
    "verb=ListMetadataFormats",
    f"verb=ListMetadataFormats&identifier={MUSEUMS}",
    "verb=ListSets",
    f"verb=GetRecord&metadataPrefix=oai_dc&identifier={MUSEUMS}",
    f"verb=GetRecord&metadataPrefix=rdf&identifier={MUSEUMS}",
    "verb=ListIdentifiers&metadataPrefix=oai_dc",
    "verb=ListRecords&metadataPrefix=oai_dc&set=sector:museums",
    "verb=ListRecords&metadataPrefix=rdf&set=kind:role",
    "verb=ListRecords&metadataPrefix=oai_dc&from=2020-01-01&until=2090-01-01",
)
ERRORS = {
    "": "badVerb",
    "verb=Nope": "badVerb",
    "verb=Identify&verb=Identify": "badVerb",
    "verb=Identify&metadataPrefix=oai_dc": "badArgument",
    "verb=GetRecord&metadataPrefix=oai_dc": "badArgument",
    f"verb=GetRecord&identifier={MUSEUMS}": "badArgument",
    f"verb=GetRecord&metadataPrefix=oai_dc&identifier={MUSEUMS}&identifier={MUSEUMS}": "badArgument",
    f"verb=GetRecord&metadataPrefix=marc&identifier={MUSEUMS}": "cannotDisseminateFormat",
    "verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:w3id.org:trivium/id/sector/nowhere": "idDoesNotExist",
    "verb=GetRecord&metadataPrefix=oai_dc&identifier=invalid%22id": "idDoesNotExist",
    "verb=ListMetadataFormats&identifier=nothing": "idDoesNotExist",
    "verb=ListRecords": "badArgument",
    "verb=ListRecords&metadataPrefix=marc": "cannotDisseminateFormat",
    "verb=ListRecords&metadataPrefix=oai_dc&from=2026": "badArgument",
    "verb=ListRecords&metadataPrefix=oai_dc&from=2026-02-30": "badArgument",
    "verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01&until=2026-01-02T00:00:00Z": "badArgument",
    "verb=ListRecords&metadataPrefix=oai_dc&from=2026-02-01&until=2026-01-01": "badArgument",
    "verb=ListRecords&metadataPrefix=oai_dc&until=1999-01-01": "noRecordsMatch",
    "verb=ListRecords&metadataPrefix=oai_dc&from=2090-01-01": "noRecordsMatch",
    "verb=ListIdentifiers&metadataPrefix=oai_dc&set=kind:nothing": "noRecordsMatch",
    "verb=ListIdentifiers&metadataPrefix=oai_dc&set=nothing": "noRecordsMatch",
    "verb=ListRecords&resumptionToken=x&metadataPrefix=oai_dc": "badArgument",
    "verb=ListRecords&resumptionToken=nothing": "badResumptionToken",
    "verb=ListRecords&resumptionToken=e30": "badResumptionToken",
    "verb=ListSets&resumptionToken=x": "badResumptionToken",
}


@pytest.mark.parametrize(("query", "code"), ERRORS.items())
@pytest.mark.parametrize("posted", [False, True])
def test_every_error_is_that_of_the_protocol(ask: Ask, query: str, code: str, posted: bool) -> None:
    answer = ask(query, posted)
    assert [one.get("code") for one in answer.iterfind("oai:error", NAMES)] == [code]
    (asked,) = answer.iterfind("oai:request", NAMES)
    assert bool(asked.attrib) == (code not in ("badVerb", "badArgument"))


@pytest.mark.skipif(
    not SCHEMA.exists(), reason=f"the schema of OAI-PMH is not at ../shared/validators ({SCHEMA}): NOT CHECKED"
)
def test_every_response_is_valid(ask: Ask, data: Path) -> None:
    """The schema knows neither RDF nor the description of identifiers: these are taken out before."""
    schema = etree.XMLSchema(etree.parse(SCHEMA / "combined.local.xsd"))
    publish(data)
    withdraw(data, FIRST)
    for query in (*REQUESTS, *ERRORS, "verb=ListRecords&metadataPrefix=oai_dc&set=kind:offering&from=2026-01-01"):
        answer = ask(query)
        for stranger in [
            *answer.iterfind(".//oai:metadata[rdf:RDF]", NAMES),
            *answer.iterfind(".//oai:description", NAMES),
        ]:
            parent = stranger.getparent()
            assert parent is not None
            parent.remove(stranger)
        assert schema.validate(answer), (query, schema.error_log)


def test_identify_says_how_changes_can_be_followed(ask: Ask) -> None:
    answer = ask("verb=Identify")
    assert texts(answer, "oai:deletedRecord") == ["persistent"]
    assert texts(answer, "oai:granularity") == ["YYYY-MM-DDThh:mm:ssZ"]
    assert texts(answer, "oai:adminEmail") == ["curators@example.org"]


def test_a_record_says_in_dublin_core_what_the_data_says(ask: Ask, data: Path) -> None:
    publish(data)
    answer = ask("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:w3id.org:trivium/id/offering/a-test")
    assert texts(answer, "dc:title") == ["A test"]
    assert texts(answer, "dc:subject") == ["Digital preservation"]
    assert texts(answer, "dc:coverage") == ["Museums"]
    assert texts(answer, "dc:identifier") == ["https://w3id.org/trivium/id/offering/a-test"]
    assert texts(answer, "dc:rights") == ["https://creativecommons.org/publicdomain/zero/1.0/"]
    assert texts(answer, "oai:setSpec") == ["kind:offering", "sector:museums"]


def test_a_record_in_rdf_is_what_the_document_says(ask: Ask, client: FlaskClient) -> None:
    (rdf,) = ask(f"verb=GetRecord&metadataPrefix=rdf&identifier={MUSEUMS}").iterfind(".//rdf:RDF", NAMES)
    told, document = Graph().parse(data=etree.tostring(rdf), format="xml"), Graph()
    document.parse(data=client.get("/sector/museums.ttl").data, format="turtle")
    assert isomorphic(told, document)


def test_every_set_is_as_large_as_it_says(ask: Ask, client: FlaskClient) -> None:
    found = harvested(ask, "verb=ListIdentifiers&metadataPrefix=oai_dc&set=kind:offering")
    assert len(found) == client.get("/offerings.json?limit=1").json["total"]  # type: ignore[index]
    sizes = ask("verb=ListIdentifiers&metadataPrefix=oai_dc&set=kind:offering").iterfind(
        ".//oai:resumptionToken", NAMES
    )
    assert [one.get("completeListSize") for one in sizes] == [str(len(found))]


def test_what_is_withdrawn_is_told_in_its_sets_for_good(ask: Ask, data: Path) -> None:
    publish(data)
    withdraw(data, FIRST)
    name = "oai:w3id.org:trivium/id/offering/a-test"
    for chosen in ("kind:offering", "sector:museums"):
        assert harvested(ask, f"verb=ListRecords&metadataPrefix=oai_dc&set={chosen}")[name] is True
    record = ask(f"verb=GetRecord&metadataPrefix=oai_dc&identifier={name}")
    assert [one.get("status") for one in record.iterfind(".//oai:header", NAMES)] == ["deleted"]
    assert not texts(record, "oai:metadata")


def test_nothing_is_missed_while_things_change_between_the_pages(ask: Ask, client: FlaskClient, data: Path) -> None:
    def change(page: int) -> None:
        if page < 3:
            publish(data, "a-test", f"Title {page}", ("museums", "archives", "libraries")[page])
        elif page == 3:
            publish(data, "b-test")
        elif page == 5:
            withdraw(data, FIRST + 3)

    assert harvested(ask, "verb=ListIdentifiers&metadataPrefix=rdf", change) == logged(client)


def test_an_interrupted_harvest_goes_on_from_its_token(ask: Ask) -> None:
    token = texts(ask("verb=ListIdentifiers&metadataPrefix=oai_dc"), "oai:resumptionToken")[0]
    once, again = (texts(ask(f"verb=ListIdentifiers&resumptionToken={token}"), "oai:identifier") for _ in range(2))
    assert once == again
    assert len(once) == 100


@pytest.mark.parametrize("harvester", ["scythe", "sickle"])
def test_foreign_harvesters_follow_from_where_they_stopped(
    address: str, data: Path, client: FlaskClient, harvester: str
) -> None:
    """In full, and then by the date of the last response, while somebody contributes: nothing is missed."""

    def heads(since: str | None = None) -> tuple[dict[str, bool], str]:
        """Identifiers, each with whether it is deleted, and the time of the answer."""
        if harvester == "sickle":
            wanted = {"from": since} if since else {}
            listed: Any = Sickle(address).ListIdentifiers(metadataPrefix="oai_dc", **wanted)
            rows = {one.identifier: bool(one.deleted) for one in listed}
            return rows, listed.oai_response.xml.findtext("oai:responseDate", None, NAMES)
        with Scythe(address) as scythe:
            told: Any = scythe.list_identifiers(metadata_prefix="oai_dc", from_=since)
            rows = {one.identifier: bool(one.deleted) for one in told}
            identity: Any = scythe.identify()
            return rows, identity.xml.getroottree().findtext("oai:responseDate", None, NAMES)

    def write() -> None:
        for number in range(4):
            publish(data, f"t-{number}")

    writer = Thread(target=write)
    writer.start()
    first, date = heads()
    writer.join()
    withdraw(data, FIRST)
    following, _ = heads(date)
    assert first | following == logged(client)
    assert following["oai:w3id.org:trivium/id/offering/t-0"] is True
