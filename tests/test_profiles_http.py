"""`?profile=`: the same thing as other conventions write it, refused where they ask for what nobody knows."""

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest
from flask.testing import FlaskClient
from pyld import jsonld  # type: ignore[import-untyped]
from pyoxigraph import RdfFormat, Triple, parse
from pyshacl import validate
from rdflib import DCTERMS, RDF, Graph, Literal, Namespace, URIRef

from graph.namespaces import ID
from graph.profiles import PROFILES
from graph.resources import ROOT

SHAPES = Path(os.environ.get("TRIVIUM_VALIDATORS", ROOT.parent / "shared" / "validators")) / "elm-v3"
JAVA = re.compile(r'sh:pattern "\^\(\?i\)\(http\|https\)[^\n]*;')  # the one expression that Python cannot read
ELM = Namespace("http://data.europa.eu/snb/model/elm/")
ROV = Namespace("http://www.w3.org/ns/regorg#")
FOAF = Namespace("http://xmlns.com/foaf/0.1/")
IRIS = {one.iri for one in PROFILES.values()}
SYNTAXES = {"ttl": RdfFormat.TURTLE, "rdf": RdfFormat.RDF_XML, "nt": RdfFormat.N_TRIPLES}
COURSE = "offering/aaslh-collections-management-200-stewardship-and-public-access-winter-2024-onlin"
NO_PAGE = "offering/aaslh-online-course-collections-management"
PAGELESS = 236  # of the 314 offerings of the starter graph
ELM_DOCUMENTS = 75  # of the 314 offerings of the starter graph
ASKED = [
    ("schema", COURSE),
    ("elm", COURSE),
    ("ctdl", COURSE),
    ("ctdl", "competency/integrated-pest-management"),
    ("ctdl", "area/preservation-and-conservation"),
    ("ctdl", "framework/trivium"),
    ("schema", "dataset/gaps"),
    ("skos", "scheme/sectors"),
    ("cube", "survey/mtl-2016"),
]


def json_of(client: FlaskClient, path: str, status: int = 200) -> dict[str, Any]:
    answer = client.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == status, path
    assert answer.json is not None
    found: dict[str, Any] = answer.json
    return found


def from_json_ld(text: str) -> set[Triple]:
    quads = jsonld.to_rdf(json.loads(text), {"format": "application/n-quads"})
    return {quad.triple for quad in parse(quads, RdfFormat.N_QUADS)}


@pytest.mark.parametrize(("token", "thing"), ASKED)
def test_every_syntax_of_a_profile_says_the_same(client: FlaskClient, token: str, thing: str) -> None:
    found = []
    for suffix, syntax in SYNTAXES.items():
        answer = client.get(f"/{thing}.{suffix}?profile={token}")
        assert answer.status_code == 200
        found.append({quad.triple for quad in parse(answer.data, syntax)})
    for suffix in ("jsonld", "json"):
        found.append(from_json_ld(client.get(f"/{thing}.{suffix}?profile={token}").get_data(as_text=True)))
    assert found[0]
    assert all(one == found[0] for one in found)
    assert ID.iri + thing in {one.subject.value for one in found[0]}


@pytest.mark.parametrize(("token", "thing"), ASKED)
def test_the_answer_names_its_profile_and_can_be_kept(client: FlaskClient, token: str, thing: str) -> None:
    answer = client.get(f"/{thing}?profile={token}")
    iri = PROFILES[token].iri
    assert answer.mimetype == ("application/ld+json" if token in ("schema", "ctdl") else "text/turtle")
    assert answer.headers["Content-Profile"] == f"<{iri}>"
    assert f'<{iri}>; rel="profile"' in answer.headers.getlist("Link")
    assert answer.headers["Vary"] == "Accept, Accept-Language, Accept-Profile"
    plain = client.get(f"/{thing}.ttl")
    other = client.get(f"/{thing}.nt?profile={token}")
    assert len({answer.headers["ETag"], plain.headers["ETag"], other.headers["ETag"]}) == 3
    again = client.get(f"/{thing}?profile={token}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"/{thing}?_profile={token}").data == answer.data


@pytest.mark.parametrize(("token", "thing"), ASKED)
def test_a_profile_may_be_named_by_its_iri_and_in_a_header(client: FlaskClient, token: str, thing: str) -> None:
    iri = PROFILES[token].iri
    expected = client.get(f"/{thing}.ttl?profile={token}")
    for path, header in (
        (f"/{thing}.ttl?{urlencode({'profile': iri})}", ""),
        (f"/{thing}.ttl", f"<{iri}>"),
        (f"/{thing}.ttl", f"<https://example.org/unknown>, <{ELM}>;q=0.9, <{iri}>;q=0.1"),
        (f"/{thing}.ttl?_profile={token}", "<https://example.org/unknown>"),
    ):
        answer = client.get(path, headers={"Accept-Profile": header})
        assert (answer.status_code, answer.data) == (200, expected.data), (path, header)
        assert answer.headers["Content-Profile"] == f"<{iri}>"
        assert f'<{iri}>; rel="profile"' in answer.headers.getlist("Link")
        assert answer.headers["Vary"] == "Accept, Accept-Language, Accept-Profile"
        tag = {"If-None-Match": answer.headers["ETag"], "Accept-Profile": header}
        again = client.get(path, headers=tag)
        assert (again.status_code, again.headers["Vary"]) == (304, answer.headers["Vary"])


def test_what_is_preferred_in_the_header_is_given_and_kept_apart(client: FlaskClient) -> None:
    schema, ctdl = PROFILES["schema"].iri, PROFILES["ctdl"].iri
    tags = set()
    for header, given in (
        (f"<{schema}>;q=0.2, <{ctdl}>;q=0.8", ctdl),
        (f"<{schema}>;q=0.8, <{ctdl}>;q=0.2", schema),
        (f"<{schema}>;q=0, <{ctdl}>;q=0.1", ctdl),
    ):
        answer = client.get(f"/{COURSE}", headers={"Accept-Profile": header})
        assert answer.headers["Content-Profile"] == f"<{given}>", header
        tags.add(answer.headers["ETag"])
    assert len(tags) == 2
    plain = client.get(f"/{COURSE}.ttl")
    assert "Content-Profile" not in plain.headers
    assert plain.headers["ETag"] not in tags
    assert plain.headers["Vary"] == "Accept, Accept-Language, Accept-Profile"


@pytest.mark.parametrize("header", ["<https://example.org/unknown>", f"<{PROFILES['cube'].iri}>", "elm"])
@pytest.mark.parametrize("path", [f"/{COURSE}", f"/{COURSE}.nt", f"/id/{COURSE}"])
def test_a_header_that_nothing_fits_is_answered_with_those_there_are(
    client: FlaskClient, path: str, header: str
) -> None:
    answer = client.get(path, headers={"Accept-Profile": header, "Accept": "application/json"})
    assert answer.status_code == 406
    assert answer.json is not None
    assert answer.json["allowed"] == ["ctdl", "elm", "schema"]
    assert all(f"<{PROFILES[token].iri}>" in answer.json["detail"] for token in answer.json["allowed"])


def test_the_identifier_leads_to_the_document_in_the_profile(client: FlaskClient) -> None:
    for path, header in ((f"/id/{COURSE}?profile=elm", ""), (f"/id/{COURSE}", f"<{PROFILES['elm'].iri}>")):
        led = client.get(path, headers={"Accept-Profile": header, "Accept": "application/ld+json"})
        assert (led.status_code, led.headers["Location"]) == (303, f"/{COURSE}.jsonld?profile=elm")
        assert led.headers["Vary"] == "Accept, Accept-Language, Accept-Profile"
        assert client.get(led.headers["Location"]).headers["Content-Profile"] == f"<{PROFILES['elm'].iri}>"


def test_a_browser_is_answered_too(client: FlaskClient) -> None:
    accept = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    assert client.get(f"/{COURSE}?profile=schema", headers=accept).mimetype == "application/ld+json"


def test_an_unknown_profile_is_answered_with_those_there_are(client: FlaskClient) -> None:
    for name in ("profile", "_profile"):
        found = json_of(client, f"/{COURSE}.ttl?{name}=shema", 400)
        assert found["parameter"] == name
        assert set(found["allowed"]) == {"alt", *PROFILES, *IRIS}
        assert found["suggestion"] == "schema"
    assert json_of(client, f"/{COURSE}?profile=elm&_profile=ctdl", 400)["parameter"] == "profile"
    assert client.get(f"/{COURSE}?profile=").status_code == 200


@pytest.mark.parametrize(
    ("path", "kinds", "allowed"),
    [
        ("/role/archivist?profile=elm", "offering", ["schema"]),
        ("/role/archivist.ttl?profile=skos", "framework, scheme", ["schema"]),
        ("/competency/digitization?profile=cube", "dataset, survey", ["ctdl", "schema"]),
        ("/contribution/1?profile=schema", "area, basis, competency", []),
    ],
)
def test_a_kind_without_a_form_is_refused_and_told_which_have_one(
    client: FlaskClient, path: str, kinds: str, allowed: list[str]
) -> None:
    found = json_of(client, path, 406)
    assert found["type"].endswith("#profile-refused")
    assert kinds in found["detail"]
    assert found["allowed"] == allowed
    assert "missing" not in found


@pytest.mark.parametrize("path", [f"/{COURSE}.html?profile=elm", f"/{COURSE}.linkset?profile=ctdl"])
def test_a_format_that_a_profile_has_not(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 406
    if answer.json:
        assert "text/turtle" in answer.json["allowed"]


def test_what_is_not_described_has_no_profile(client: FlaskClient) -> None:
    assert json_of(client, "/role/archivst?profile=schema", 404)["suggestion"] == "/role/archivist"


def test_the_list_of_profiles(client: FlaskClient) -> None:
    found = json_of(client, f"/{NO_PAGE}?profile=alt")
    assert found["iri"] == ID.iri + NO_PAGE
    items = {one["profile"]: one for one in found["items"]}
    assert set(items) == {"schema", "elm", "ctdl"}
    assert (items["elm"]["path"], items["elm"]["missing"]) == (None, ["a web page of its own (`url`)"])
    for one in found["items"]:
        assert one["path"] is None or client.get(one["path"]).headers["Content-Profile"] == f"<{one['uri']}>"
    page = client.get(f"/{NO_PAGE}?profile=alt", headers={"Accept": "text/html"})
    assert page.mimetype == "text/html"
    text = page.get_data(as_text=True)
    assert "European Learning Model v3" in text
    assert "a web page of its own" in text
    assert [
        one for one in re.findall(r'href="(/[^"]*profile=[^"]*)"', text) if client.get(one).status_code != 200
    ] == []


# European Learning Model


@pytest.fixture(scope="module")
def learning(client: FlaskClient) -> dict[str, Graph]:
    """The ELM document of every offering that has one, by its identifier."""
    found = {}
    for one in json_of(client, "/offerings.json?limit=0")["items"]:
        answer = client.get(f"/{one['iri'].removeprefix(ID.iri)}.nt?profile=elm")
        if answer.status_code == 200:
            found[one["iri"]] = Graph().parse(data=answer.data, format="nt")
        else:
            assert answer.status_code == 406
            assert answer.json is not None
            assert answer.json["missing"]
    return found


def conforms(graph: Graph) -> tuple[bool, str]:
    shapes = Graph()
    for name in ("LOQ-constraints.ttl", "LOQ-constraints-mdr.ttl"):
        text = (SHAPES / name).read_text(encoding="utf-8")
        shapes.parse(data=JAVA.sub('sh:pattern "(?i)^https?://[^ ]+$" ;', text), format="turtle")
    outcome, _, words = validate(graph, shacl_graph=shapes)
    return bool(outcome), str(words)


def test_so_many_offerings_have_a_document(learning: dict[str, Graph]) -> None:
    assert len(learning) == ELM_DOCUMENTS


def test_every_document_has_what_the_model_demands(learning: dict[str, Graph]) -> None:
    """The MUSTs of LOQ 1.1.0, asked one by one: they hold where the official shapes are not at hand, too."""
    for iri, graph in learning.items():
        it = URIRef(iri)
        assert (it, RDF.type, ELM.LearningOpportunity) in graph
        assert all(isinstance(one, Literal) and one.language for one in graph.objects(it, DCTERMS.title))
        (learning_achievement,) = graph.objects(it, ELM.learningAchievementSpecification)
        assert len(list(graph.objects(it, ELM.defaultLanguage))) == 1
        for subject, names in (
            (it, (DCTERMS.title, FOAF.homepage, ELM.providedBy)),
            (learning_achievement, (DCTERMS.title, ELM.ISCEDFCode, DCTERMS.language, ELM.learningOutcome)),
            *((one, (ROV.legalName, ELM.location)) for one in graph.objects(it, ELM.providedBy)),
            *((one, (ELM.countryCode,)) for one in graph.subjects(RDF.type, ELM.Address)),
            *((one, (ELM.contentUrl,)) for one in graph.subjects(RDF.type, ELM.WebResource)),
        ):
            assert all((subject, name, None) in graph for name in names), (iri, subject)


@pytest.mark.skipif(
    not SHAPES.exists(), reason=f"THE OFFICIAL SHAPES OF ELM ARE NOT IN {SHAPES}: nothing was validated"
)
def test_the_documents_conform_to_the_official_shapes(learning: dict[str, Graph]) -> None:
    """Each thing has its own identifiers in each document, so all of them together are as good as one by one."""
    together = Graph()
    for graph in learning.values():
        together += graph
    outcome, words = conforms(together)
    assert outcome, words
    broken = Graph() + next(iter(learning.values()))
    broken.remove((None, ELM.defaultLanguage, None))
    broken.add((URIRef(next(iter(learning))), DCTERMS.subject, Literal("the shapes are closed")))
    outcome, words = conforms(broken)
    assert not outcome
    assert "defaultLanguage" in words
    assert "closed" in words


# CTDL and CTDL-ASN


def test_a_ctid_is_made_of_the_identifier(client: FlaskClient) -> None:
    found = json_of(client, f"/{COURSE}.jsonld?profile=ctdl")
    ctid = found["ceterms:ctid"]
    assert ctid == f"ce-{uuid5(NAMESPACE_URL, ID.iri + COURSE)}"
    assert UUID(ctid.removeprefix("ce-")).version == 5
    assert json_of(client, "/framework/trivium.jsonld?profile=ctdl")["ceterms:ctid"] != ctid


def test_an_offering_in_ctdl(client: FlaskClient) -> None:
    found = json_of(client, f"/{COURSE}.jsonld?profile=ctdl")
    assert found["@type"] == "ceterms:Course"
    assert list(found["ceterms:name"]) == ["en"]
    assert found["ceterms:inLanguage"] == "en"
    assert found["ceterms:offeredBy"]["@type"] == "ceterms:Organization"
    assert found["ceterms:offeredBy"]["ceterms:name"]["und"].startswith("American Association")
    taught = found["ceterms:teaches"]
    assert len(taught) == 5
    for one in taught:
        assert one["@type"] == "ceterms:CredentialAlignmentObject"
        assert one["ceterms:targetNode"]["@id"].startswith(f"{ID.iri}competency/")
        assert one["ceterms:framework"] == {"@id": f"{ID.iri}framework/trivium"}
        assert set(one["ceterms:targetNodeName"]) == {"en", "es"}
    assert found["ceterms:deliveryType"]["ceterms:targetNode"]["@id"].endswith("/deliveryType/OnlineOnly")


def test_a_framework_in_ctdl_asn(client: FlaskClient) -> None:
    """Every competency and area is in it, has a text and a CTID of its own, and a place."""
    framework = f"{ID.iri}framework/trivium"
    answer = client.get("/framework/trivium.nt?profile=ctdl")
    graph = Graph().parse(data=answer.data, format="nt")
    ceasn, ceterms = CEASN, CETERMS
    competencies = set(graph.subjects(RDF.type, ceasn.Competency))
    assert len(competencies) == 142
    assert set(graph.objects(URIRef(framework), ceasn.inLanguage)) == {Literal("en"), Literal("es")}
    tops = set(graph.objects(URIRef(framework), ceasn.hasTopChild))
    assert len(tops) == 12
    for one in competencies:
        assert (one, ceasn.competencyText, None) in graph
        assert (one, ceasn.isPartOf, URIRef(framework)) in graph
        assert ((one, ceasn.isTopChildOf, URIRef(framework)) in graph) == (one in tops)
        assert one in tops or set(graph.objects(one, ceasn.isChildOf)) <= competencies
    assert len(set(graph.objects(None, ceterms.ctid))) == 143


CETERMS, CEASN = Namespace("https://purl.org/ctdl/terms/"), Namespace("https://purl.org/ctdlasn/terms/")
OFFERED = (
    {CETERMS.name},
    {CETERMS.description},
    {CETERMS.subjectWebpage},
    {CETERMS.ctid},
    {CETERMS.ownedBy, CETERMS.offeredBy},
    {CETERMS.availableOnlineAt, CETERMS.availabilityListing, CETERMS.availableAt},
)
REGISTRY: dict[URIRef, tuple[set[URIRef], ...]] = {
    CETERMS.LearningOpportunityProfile: OFFERED,
    CETERMS.Course: OFFERED,
    CEASN.Competency: ({CEASN.competencyText}, {CEASN.inLanguage}, {CEASN.isPartOf}, {CETERMS.ctid}),
    CEASN.CompetencyFramework: ({CEASN.name}, {CEASN.description}, {CEASN.inLanguage}, {CETERMS.ctid}),
}
"""What the Credential Registry demands of a class: of each set, one property at the least.

Offerings: "Required Properties" in src/RA.Models/Input/LearningOpportunityRequest.cs of github.com/CredentialEngine/
Registry_Assistant (commit 306f8ad). CTDL-ASN: `required` in fixtures/schemas/ce_registry/competency.json (5c98139) and
competency_framework.json (17ac835) of github.com/CredentialEngine/CredentialRegistry, beside `@id` and `@type`.
"""
NEEDS_PAGE = {CETERMS.subjectWebpage, CETERMS.availableOnlineAt, CETERMS.availabilityListing, CETERMS.availableAt}


def lacking(graph: Graph, subject: URIRef) -> set[URIRef]:
    """What the Registry demands of a thing, by its class, and its document does not state."""
    (kind,) = set(graph.objects(subject, RDF.type)) & set(REGISTRY)
    assert isinstance(kind, URIRef)
    demanded = (one for one in REGISTRY[kind] if not any((subject, name, None) in graph for name in one))
    return set().union(*demanded)


def ctdl(client: FlaskClient, iri: str) -> Graph:
    answer = client.get(f"/{iri.removeprefix(ID.iri)}.nt?profile=ctdl")
    assert answer.status_code == 200
    return Graph().parse(data=answer.data, format="nt")


def test_competencies_and_frameworks_have_what_the_registry_demands(client: FlaskClient) -> None:
    framework = URIRef(f"{ID.iri}framework/trivium")
    graph = ctdl(client, framework)
    competencies = set(graph.subjects(RDF.type, CEASN.Competency))
    assert len(competencies) == 142
    assert [one for one in (framework, *competencies) if lacking(graph, URIRef(str(one)))] == []
    for one in sorted(competencies, key=str)[:3]:
        assert not lacking(ctdl(client, str(one)), URIRef(str(one))), "its own document too"
    graph.remove((framework, CEASN.description, None))
    assert lacking(graph, framework) == {CEASN.description}


def test_offerings_have_what_the_registry_demands_but_for_a_page_that_nobody_named(client: FlaskClient) -> None:
    """Whoever would register them has to find the web page of these first; nothing stands in for it."""
    pageless = set()
    for one in json_of(client, "/offerings.json?limit=0")["items"]:
        missing = lacking(ctdl(client, one["iri"]), URIRef(one["iri"]))
        assert missing in (set(), NEEDS_PAGE), one["iri"]
        if missing:
            pageless.add(one["iri"])
    query = "SELECT ?o WHERE { ?o a trv:Offering FILTER NOT EXISTS { ?o <http://schema.org/url> ?page } }"
    rows = client.get("/sparql.csv", query_string={"query": f"PREFIX trv: <https://w3id.org/trivium/ns#> {query}"})
    assert pageless == set(rows.text.split()[1:])
    assert len(pageless) == PAGELESS
