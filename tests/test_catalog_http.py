"""The catalogue: DCAT-AP without a violation or a warning, the same facts as schema.org, and no address that fails."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import extruct  # type: ignore[import-untyped]
import pytest
import rdflib
from flask.testing import FlaskClient
from pyld import jsonld  # type: ignore[import-untyped]
from pyoxigraph import RdfFormat, parse
from pyshacl import validate
from rdflib import DCTERMS, FOAF, RDF, XSD, Namespace, URIRef
from rdflib.term import Literal, Node

from graph.interfaces import INTERFACES
from graph.publication import Publisher
from graph.releases import Releases
from graph.resources import ROOT
from service import create_app
from service.settings import InvalidSetting, Settings

SHAPES = ROOT.parent / "shared" / "validators" / "dcat-ap-3.0.1"
BASE = "https://w3id.org/trivium/id/"
ADDRESS = "https://example.org"
DATASET, CATALOGUE = URIRef(f"{BASE}dataset/trivium"), URIRef(f"{BASE}catalog/trivium")
RELEASES = [URIRef(f"{BASE}release/2"), URIRef(f"{BASE}release/1")]
DCAT = Namespace("http://www.w3.org/ns/dcat#")
ADMS, SPDX = Namespace("http://www.w3.org/ns/adms#"), Namespace("http://spdx.org/rdf/terms#")
VCARD, DCATAP = Namespace("http://www.w3.org/2006/vcard/ns#"), Namespace("http://data.europa.eu/r5r/")
IANA = "https://www.iana.org/assignments/media-types/"
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
SCHEMA = "https://schema.org/"
BROWSER = {"Accept": "text/html"}
FORMATS = {
    "ttl": RdfFormat.TURTLE,
    "jsonld": RdfFormat.JSON_LD,
    "rdf": RdfFormat.RDF_XML,
    "nt": RdfFormat.N_TRIPLES,
}

COMMON = (DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCTERMS.license)
DESCRIBED = (DCAT.contactPoint, DCAT.keyword, DCAT.theme, DCTERMS.accessRights, DCAT.landingPage)
REQUIRED = {
    DCAT.Catalog: (*COMMON, DCTERMS.issued, DCTERMS.modified, DCTERMS.language, DCTERMS.spatial, DCAT.themeTaxonomy,
                   FOAF.homepage, DCAT.dataset, DCAT.service, DCAT.record),
    DCAT.Dataset: (*COMMON, *DESCRIBED, DCTERMS.issued, DCTERMS.modified, DCTERMS.spatial, DCTERMS.temporal,
                   DCTERMS.identifier, DCTERMS.language, DCTERMS.accrualPeriodicity, DCTERMS.creator,
                   DCAT.distribution),
    DCAT.Distribution: (DCAT.accessURL, DCAT.downloadURL, DCAT.mediaType, DCTERMS["format"], DCTERMS.license,
                        DCTERMS.title, DCTERMS.description, DCATAP.availability),
    DCAT.DataService: (*COMMON, *DESCRIBED, DCAT.endpointURL, DCAT.endpointDescription, DCAT.servesDataset,
                       DCTERMS.conformsTo),
    DCAT.CatalogRecord: (FOAF.primaryTopic, DCTERMS.issued, DCTERMS.modified, DCTERMS.conformsTo, ADMS.status),
    FOAF.Agent: (FOAF.name, DCTERMS.type),
    DCTERMS.PeriodOfTime: (DCAT.startDate, DCAT.endDate),
    SPDX.Checksum: (SPDX.algorithm, SPDX.checksumValue),
    VCARD.Organization: (VCARD.fn,),
}  # fmt: skip
DATATYPES: dict[URIRef, dict[URIRef, Callable[[str], object]]] = {
    DCTERMS.issued: {XSD.date: date.fromisoformat, XSD.dateTime: datetime.fromisoformat},
    DCTERMS.modified: {XSD.date: date.fromisoformat, XSD.dateTime: datetime.fromisoformat},
    DCAT.startDate: {XSD.date: date.fromisoformat},
    DCAT.endDate: {XSD.date: date.fromisoformat},
    DCAT.byteSize: {XSD.nonNegativeInteger: int},
    SPDX.checksumValue: {XSD.hexBinary: bytes.fromhex},
}
LINKS = (
    *(DCTERMS.license, DCTERMS.publisher, DCTERMS.language, DCTERMS.spatial, DCTERMS.conformsTo),
    *(DCAT.theme, DCAT.mediaType, DCAT.accessURL, DCAT.downloadURL, DCAT.landingPage, DCAT.endpointURL),
    DCAT.contactPoint,
)


@pytest.fixture(scope="module")
def data(starter_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the starter graph, with a second release of it a day later; the dumps of neither are made."""
    ignored = shutil.ignore_patterns("dumps*")
    copy = Path(shutil.copytree(starter_data, tmp_path_factory.mktemp("catalogue") / "data", ignore=ignored))
    with Publisher.open(copy) as publisher:
        publisher.publish(date(2026, 11, 24))
    return copy


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[FlaskClient]:
    """A client of an instance with a public address, that says what kind of publisher it has."""
    settings = Settings(data=data, base=f"{ADDRESS}/", publisher_type="NonProfitOrganisation", dump_seconds=120)
    app = create_app(settings)
    with app.test_client() as client:
        yield client
    app.extensions["trivium.dumps"].close()


@pytest.fixture(scope="module")
def before(client: FlaskClient) -> rdflib.Graph:
    """The catalogue before anything was downloaded."""
    return catalogue(client)


@pytest.fixture(scope="module")
def after(client: FlaskClient, before: rdflib.Graph) -> rdflib.Graph:
    """The catalogue after a file of the newest release was downloaded."""
    assert before
    with client.get("/dumps/latest/SHA256SUMS", follow_redirects=True) as response:
        assert response.status_code == 200
    return catalogue(client)


def catalogue(client: FlaskClient) -> rdflib.Graph:
    response = client.get("/catalog", headers={"Accept": "text/turtle", "Host": "elsewhere.example"})
    assert (response.status_code, response.mimetype) == (200, "text/turtle")
    assert "elsewhere.example" not in response.text
    return rdflib.Graph().parse(data=response.text, format="turtle")


def one(graph: rdflib.Graph, subject: Node, predicate: URIRef) -> Node:
    found = list(graph.objects(subject, predicate))
    assert len(found) == 1, (subject, predicate, found)
    return found[0]


official = pytest.mark.skipif(
    not SHAPES.exists(),
    reason=f"the official shapes of DCAT-AP are not at ../shared/validators ({SHAPES}): NOT CHECKED",
)


def found_by(shapes: str, graph: rdflib.Graph) -> str:
    """What the official shapes have to say, down to warnings; "" if nothing."""
    rules = rdflib.Graph().parse(SHAPES / shapes, format="turtle")
    conforms, _, text = validate(graph, shacl_graph=rules, do_owl_imports=False)
    return "" if conforms else str(text)


@official
@pytest.mark.parametrize("shapes", ["shapes.ttl", "shapes_recommended.ttl"])
def test_the_official_shapes_find_no_violation_and_no_warning(
    before: rdflib.Graph, after: rdflib.Graph, shapes: str
) -> None:
    assert found_by(shapes, before) == ""
    assert found_by(shapes, after) == ""


@official
def test_the_official_shapes_would_find_what_is_missing(after: rdflib.Graph) -> None:
    faulty = rdflib.Graph() + after
    faulty.remove((CATALOGUE, DCTERMS.publisher, None))
    faulty.remove((DATASET, DCAT.theme, None))
    assert "Violation" in found_by("shapes.ttl", faulty)
    assert "Warning" in found_by("shapes_recommended.ttl", faulty)


def test_everything_has_what_the_profile_wants_of_it(after: rdflib.Graph) -> None:
    for kind, predicates in REQUIRED.items():
        subjects = list(after.subjects(RDF.type, kind))
        assert subjects, kind
        for subject in subjects:
            for predicate in predicates:
                assert (subject, predicate, None) in after, (subject, predicate)
    assert not [subject for subject in set(after.subjects()) if (subject, RDF.type, None) not in after]


def test_dates_sizes_and_checksums_have_their_datatypes_and_links_are_links(after: rdflib.Graph) -> None:
    for predicate, datatypes in DATATYPES.items():
        found = list(after.objects(None, predicate))
        assert found, predicate
        for value in found:
            assert isinstance(value, Literal)
            assert value.datatype in datatypes, (predicate, value.datatype)
            datatypes[value.datatype](str(value))
    for predicate in LINKS:
        assert all(isinstance(value, URIRef) for value in after.objects(None, predicate)), predicate


@pytest.mark.parametrize(("suffix", "syntax"), FORMATS.items())
def test_every_syntax_says_the_same(client: FlaskClient, after: rdflib.Graph, suffix: str, syntax: RdfFormat) -> None:
    assert after
    response = client.get(f"/catalog.{suffix}")
    assert response.mimetype == syntax.media_type
    turtle = parse(client.get("/catalog.ttl").data, RdfFormat.TURTLE)
    assert {quad.triple for quad in parse(response.data, syntax)} == {quad.triple for quad in turtle}


def test_every_address_answers_with_the_type_that_is_stated(client: FlaskClient, after: rdflib.Graph) -> None:
    """Each on the public address, each followed through redirects."""

    def type_of(address: Node, accept: str = "*/*") -> str:
        assert str(address).startswith(f"{ADDRESS}/"), address
        path = str(address).removeprefix(ADDRESS)
        with client.get(path, headers={"Accept": accept}, follow_redirects=True) as response:
            assert response.status_code == 200, address
            return f"{IANA}{response.mimetype}"

    for file in after.subjects(RDF.type, DCAT.Distribution):
        packed = {*after.objects(file, DCAT.compressFormat), *after.objects(file, DCAT.packageFormat)}
        assert {type_of(one(after, file, DCAT.downloadURL))} == {str(stated) for stated in packed}
    for predicate in (DCAT.accessURL, DCAT.landingPage, FOAF.homepage, FOAF.page):
        for address in set(after.objects(None, predicate)):
            assert type_of(address, "text/html") == f"{IANA}text/html", predicate
    for interface in INTERFACES:
        stated = {
            DCAT.endpointURL: (interface.endpoint, interface.endpoint_type),
            DCAT.endpointDescription: (interface.description, interface.description_type),
        }
        for predicate, (path, media_type) in stated.items():
            address = one(after, URIRef(f"{CATALOGUE}#{interface.name}"), predicate)
            assert str(address) == ADDRESS + path
            assert type_of(address, media_type) == f"{IANA}{media_type}"


def test_every_identifier_of_ours_leads_to_what_describes_it(client: FlaskClient, after: rdflib.Graph) -> None:
    for iri in (DATASET, CATALOGUE, *RELEASES):
        path = "/id/" + str(iri).removeprefix(BASE)
        see = client.get(path, headers={"Accept": "text/turtle"})
        assert (see.status_code, see.headers["Location"]) == (303, "/catalog.ttl")
        assert (iri, DCTERMS.title, None) in after
        assert client.get(path, headers=BROWSER, follow_redirects=True).status_code == 200
    agent = one(after, DATASET, DCTERMS.publisher)
    assert client.get(str(agent).removeprefix("https://w3id.org/trivium"), follow_redirects=True).status_code == 200


def test_releases_are_versions_that_lead_back(after: rdflib.Graph, data: Path) -> None:
    assert set(after.objects(DATASET, DCAT.hasVersion)) == set(RELEASES)
    assert one(after, DATASET, DCAT.hasCurrentVersion) == RELEASES[0]
    assert one(after, RELEASES[0], DCAT.previousVersion) == RELEASES[1]
    assert not list(after.objects(RELEASES[1], DCAT.previousVersion))
    for number, iri in ((2, RELEASES[0]), (1, RELEASES[1])):
        facts = json.loads((Releases(data).path(number) / "release.json").read_text())
        assert str(one(after, iri, DCAT.version)) == str(number)
        assert one(after, iri, DCAT.isVersionOf) == DATASET
        assert str(one(after, iri, DCTERMS.issued)) == facts["created"]
        assert facts["digest"] in str(one(after, iri, ADMS.versionNotes))
        assert str(one(after, one(after, iri, DCTERMS.temporal), DCAT.endDate)) == facts["as_of"]
    assert str(one(after, DATASET, DCTERMS.modified)) == str(one(after, RELEASES[0], DCTERMS.issued))
    assert set(after.objects(CATALOGUE, DCAT.dataset)) == {DATASET, *RELEASES}
    topics = {one(after, record, FOAF.primaryTopic) for record in after.objects(CATALOGUE, DCAT.record)}
    assert topics == {DATASET, *RELEASES}


def test_sizes_and_checksums_are_stated_once_the_files_are_made(
    client: FlaskClient, before: rdflib.Graph, after: rdflib.Graph
) -> None:
    assert not list(before.subject_objects(DCAT.byteSize))
    assert len(list(before.subjects(RDF.type, DCAT.Distribution))) == 21
    measured = {file for of in (DATASET, RELEASES[0]) for file in after.objects(of, DCAT.distribution)}
    assert set(after.subjects(DCAT.byteSize)) == set(after.subjects(SPDX.checksum)) == measured
    for file in measured:
        path = str(one(after, file, DCAT.downloadURL)).removeprefix(ADDRESS)
        with client.get(path, follow_redirects=True) as response:
            body = response.get_data()
        checksum = one(after, file, SPDX.checksum)
        assert int(str(one(after, file, DCAT.byteSize))) == len(body)
        assert str(one(after, checksum, SPDX.checksumValue)) == hashlib.sha256(body).hexdigest()
        assert one(after, checksum, SPDX.algorithm) == SPDX.checksumAlgorithm_sha256


def test_without_a_public_address_the_address_listened_on_is_told(data: Path) -> None:
    client = create_app(Settings(data=data, host="127.0.0.1", port=9123)).test_client()
    addresses = {str(iri) for iri in catalogue(client).objects(None, DCAT.accessURL)}
    assert addresses == {f"http://127.0.0.1:9123/dumps/{release}/" for release in ("1", "2", "latest")}


def test_the_publisher_and_the_contact_are_those_of_the_settings(data: Path) -> None:
    ror = "https://example.org/ror/1"
    settings = Settings(
        data=data, publisher="A library", publisher_iri=ror, publisher_type="LocalAuthority", contact="a@example.org"
    )
    graph = catalogue(create_app(settings).test_client())
    assert set(graph.objects(None, DCTERMS.publisher)) == {URIRef(ror)}
    assert str(one(graph, URIRef(ror), FOAF.name)) == "A library"
    assert one(graph, URIRef(ror), DCTERMS.type) == URIRef("http://purl.org/adms/publishertype/LocalAuthority")
    contact = one(graph, DATASET, DCAT.contactPoint)
    assert one(graph, contact, VCARD.hasEmail) == URIRef("mailto:a@example.org")


@official
def test_what_kind_of_publisher_it_is_is_not_guessed(data: Path) -> None:
    """Without the setting nothing is claimed; the shapes then recommend to say it, and find nothing else."""
    graph = catalogue(create_app(Settings(data=data)).test_client())
    publisher = one(graph, DATASET, DCTERMS.publisher)
    assert (publisher, DCTERMS.type, None) not in graph
    assert found_by("shapes.ttl", graph) == ""
    told = found_by("shapes_recommended.ttl", graph)
    assert re.findall(r"Result Path: (\S+)", told) == ["dct:type"]
    assert "Severity: sh:Warning" in told
    assert "sh:Violation" not in told


def test_a_setting_that_is_no_address_is_refused_at_the_start(data: Path) -> None:
    with pytest.raises(InvalidSetting, match="TRIVIUM_CONTACT"):
        create_app(Settings(data=data, contact="ask the librarian"))


def expanded(document: Any) -> set[str]:
    """The statements of a JSON-LD document, by another processor than ours; it may fetch nothing."""
    text = jsonld.to_rdf(document, {"format": "application/n-quads", "documentLoader": None})
    return set(text.splitlines())


@pytest.fixture(scope="module")
def markup(client: FlaskClient, after: rdflib.Graph) -> rdflib.Graph:
    """The catalogue as schema.org, read from its page as a search engine reads it."""
    assert after
    page = client.get("/catalog", headers=BROWSER)
    assert page.status_code == 200
    [found] = extruct.extract(page.text, syntaxes=["json-ld"])["json-ld"]
    alone = client.get("/catalog/schema.jsonld")
    assert alone.mimetype == "application/ld+json"
    assert expanded(found) == expanded(alone.json)
    return rdflib.Graph().parse(data="\n".join(expanded(found)), format="nt")


def schema(name: str) -> URIRef:
    return URIRef(SCHEMA + name)


def test_the_dataset_register_of_nde_would_take_it(markup: rdflib.Graph) -> None:
    """What its shapes require as of version 1, and where it is known of version 2."""
    assert one(markup, CATALOGUE, RDF.type) == schema("DataCatalog")
    assert list(markup.objects(CATALOGUE, schema("name")))
    assert one(markup, CATALOGUE, schema("dataset")) == DATASET
    assert list(markup.subjects(RDF.type, schema("Dataset"))) == [DATASET]
    for predicate in ("name", "description"):
        tags = [text.language for text in markup.objects(DATASET, schema(predicate)) if isinstance(text, Literal)]
        assert sorted(filter(None, tags)) == ["en", "es"]
    for role in ("publisher", "creator"):
        organisation = one(markup, DATASET, schema(role))
        assert isinstance(organisation, URIRef)
        assert (organisation, RDF.type, schema("Organization")) in markup
        for needed in ("name", "identifier", "contactPoint"):
            assert one(markup, organisation, schema(needed))
    assert one(markup, DATASET, schema("license")) == URIRef(CC0)
    for predicate in ("datePublished", "dateCreated", "dateModified"):
        day = one(markup, DATASET, schema(predicate))
        assert isinstance(day, Literal)
        assert day.datatype == XSD.date
        date.fromisoformat(str(day))
    for predicate in ("keywords", "genre", "spatialCoverage", "temporalCoverage", "inLanguage", "version"):
        assert list(markup.objects(DATASET, schema(predicate))), predicate


def test_its_files_are_those_of_the_catalogue(client: FlaskClient, markup: rdflib.Graph, after: rdflib.Graph) -> None:
    files = set(markup.objects(DATASET, schema("distribution")))
    assert files == set(after.objects(DATASET, DCAT.distribution))
    for file in files:
        assert one(markup, file, RDF.type) == schema("DataDownload")
        address = one(markup, file, schema("contentUrl"))
        assert isinstance(address, Literal)
        assert address.datatype == XSD.anyURI
        assert str(address) == str(one(after, file, DCAT.downloadURL))
        packed = next(iter({*after.objects(file, DCAT.compressFormat), *after.objects(file, DCAT.packageFormat)}))
        content = str(one(after, file, DCAT.mediaType)).removeprefix(IANA)
        assert str(one(markup, file, schema("encodingFormat"))) == f"{content}+{str(packed).rpartition('/')[2]}"
        assert str(one(markup, file, schema("contentSize"))) == str(one(after, file, DCAT.byteSize))
        with client.head(str(address).removeprefix(ADDRESS), follow_redirects=True) as response:
            assert response.status_code == 200


def test_the_page_says_what_the_data_say(client: FlaskClient, after: rdflib.Graph) -> None:
    text = client.get("/catalog", headers=BROWSER).text
    assert text.count("<script") == 1, "a block of data is all; nothing runs"
    for address in after.objects(None, DCAT.downloadURL):
        name = str(address).rpartition("/")[2]
        assert f'href="/dumps/latest/{name}"' in text
    services = [one(after, service, DCTERMS.title) for service in after.subjects(RDF.type, DCAT.DataService)]
    assert services
    for said in (DATASET, *RELEASES[:1], CC0, *services):
        assert str(said) in text


def test_the_catalogue_of_an_empty_graph(tmp_path: Path) -> None:
    with Publisher.open(tmp_path) as publisher:
        publisher.publish(date(2026, 11, 23))
    client = create_app(Settings(data=tmp_path)).test_client()
    graph = catalogue(client)
    assert str(one(graph, one(graph, DATASET, DCTERMS.temporal), DCAT.endDate)) == "2026-11-23"
    for path in ("/catalog", "/catalog/schema", "/.well-known/void"):
        assert client.get(path).status_code == 200
