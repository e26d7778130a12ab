"""schema.org in every page: read back as crawlers read it, the same as the RDF, and no more than the graph says."""

import re
import shutil
from datetime import date
from typing import Any

import extruct  # type: ignore[import-untyped]
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import sync_playwright
from pyld import jsonld  # type: ignore[import-untyped]
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from graph.namespaces import DCT, ID, kind_and_slug
from graph.parsing import Submission
from graph.profiles import SCHEMA_ORG
from graph.publication import Publisher, Terms
from graph.schema_org import COURSE_PROFILE, INSTANCE_PROFILE
from graph.store import Dataset
from service import create_app
from service.settings import Settings

EACH = 6  # so many pages of a kind are read
CHROMIUM = shutil.which("chromium")
END_OF_SCRIPT = "</script><script>alert(1)</script><!-- & ]]>"
PREFIXES = """
@prefix : <http://schema.org/> .
@prefix dct: <http://purl.org/dc/terms/> .
@base <https://w3id.org/trivium/id/> .
"""
FILES = {
    "framework": "id,label_en,definition_en,publisher,license,homepage,sources\n"
    "f,A framework,Made up.,A publisher,https://creativecommons.org/publicdomain/zero/1.0/,https://example.org/f,"
    "https://example.org/f\n",
    "area": "id,label_en,definition_en,framework,sources\na,An area,Made up.,f,https://example.org/a\n",
    "competency": "id,label_en,label_es,definition_en,area,framework,sources\n"
    "digitization,Digitization,Digitalización,Making copies.,a,f,https://example.org/c\n"
    "imaging,Imaging,,Making images.,a,f,https://example.org/c\n",
    "provider": "id,name,homepage,country,region,kind,sources\n"
    "school,A school,https://example.org/school,ES,Murcia,university,https://example.org/p\n",
    "offering": "id,label_en,definition_en,provider,url,type,mode,level,duration,cost_amount,cost_currency,free,"
    "language,competencies,awards,source,page_date\n"
    "full,Full,Said by the page.,school,https://example.org/full,course,hybrid,entry,P8W,295.50,EUR,false,en,"
    "imaging;digitization,A badge,https://example.org/o,2026\n"
    "bare,Bare,,school,,workshop,online-live,,,,,,,,,https://example.org/o,2026\n"
    "meeting,Meeting,,school,,conference,in-person,,P2D,,,,,imaging,,https://example.org/o,2026\n"
    f'hostile,"{END_OF_SCRIPT}",,school,,webinar,,,,,,,,,,https://example.org/o,2026\n',
    "session": "offering,start_date,end_date,location,mode,source\n"
    "full,2026-05-04,2026-06,Murcia,in-person,https://example.org/s\n"
    "meeting,2026-09-01,,Murcia,,https://example.org/s\n",
    "role": "id,label_en,definition_en,sectors,close_match,sources\n"
    "imager,Imager,Makes images.,museums,http://data.europa.eu/esco/occupation/e3b08984-19fe-4d51-a1b0-990676fc7234,"
    "https://example.org/r\n",
    "requirement": "role,competency,importance,level,source\nimager,imaging,essential,entry,editorial\n"
    "imager,digitization,optional,entry,editorial\n",
    "survey": "id,label_en,publisher,year,respondents,url\nasked,A survey,Askers,2024,100,https://example.org/asked\n",
}
PROVIDER = '<provider/school> a :Organization ; :name "A school" ; :url <https://example.org/school> .'
IMAGING = '<competency/imaging> a :DefinedTerm ; :name "Imaging"@en ; :inDefinedTermSet <framework/f> .'
DIGITIZATION = """<competency/digitization> a :DefinedTerm ; :name "Digitization"@en , "Digitalización"@es ;
    :inDefinedTermSet <framework/f> ."""
FRAMEWORK = '<framework/f> a :DefinedTermSet ; :name "A framework"@en .'
AREA = '<area/a> a :DefinedTermSet ; :name "An area"@en .'
RUN = """<session/full--2026-05-04--murcia> a :CourseInstance ; :courseMode "onsite" ; :startDate "2026-05-04" ;
    :endDate "2026-06" ; :location "Murcia" ;
    dct:conformsTo <https://bioschemas.org/profiles/CourseInstance/1.0-RELEASE> ."""
EXPECTED = {
    "offering/full": f"""{PROVIDER} {IMAGING} {DIGITIZATION} {RUN}
        <offering/full> a :Course ; dct:conformsTo <https://bioschemas.org/profiles/Course/1.0-RELEASE> ;
            :name "Full"@en ; :description "Said by the page."@en ; :url <https://example.org/full> ;
            :keywords "Digitization, Imaging" ; :teaches <competency/imaging> , <competency/digitization> ;
            :inLanguage "en" ; :isAccessibleForFree false ; :timeRequired "P8W" ;
            :educationalCredentialAwarded "A badge" ; :educationalLevel <level/entry> ; :provider <provider/school> ;
            :offers <offering/full#offer> ; :hasCourseInstance <session/full--2026-05-04--murcia> .
        <offering/full#offer> a :Offer ; :price "295.5" ; :priceCurrency "EUR" .
        <level/entry> a :DefinedTerm ; :name "Entry"@en , "Inicial"@es ; :inDefinedTermSet <scheme/levels> .""",
    "offering/bare": f"""{PROVIDER}
        <offering/bare> a :Course ; :name "Bare"@en ; :description "Workshop by A school."@en ;
            :provider <provider/school> ; :hasCourseInstance <offering/bare#instance> .
        <offering/bare#instance> a :CourseInstance ; :courseMode "online" .""",
    "offering/meeting": f"""{PROVIDER} {IMAGING}
        <offering/meeting> a :EducationEvent ; :name "Meeting"@en ; :duration "P2D" ; :keywords "Imaging" ;
            :description "Conference by A school. Teaches: Imaging."@en ; :teaches <competency/imaging> ;
            :organizer <provider/school> ; :subEvent <session/meeting--2026-09-01--murcia> .
        <session/meeting--2026-09-01--murcia> a :EducationEvent ; :startDate "2026-09-01" ; :location "Murcia" .""",
    "session/full--2026-05-04--murcia": f"""{RUN}
        <session/full--2026-05-04--murcia> :name "Full"@en .
        <offering/full> a :Course ; :name "Full"@en ; :hasCourseInstance <session/full--2026-05-04--murcia> .""",
    "role/imager": f"""{IMAGING}
        <role/imager> a :Occupation ; :name "Imager"@en ; :description "Makes images."@en ;
            :skills <competency/imaging> ;
            :occupationalCategory <http://data.europa.eu/esco/occupation/e3b08984-19fe-4d51-a1b0-990676fc7234> .
        <http://data.europa.eu/esco/occupation/e3b08984-19fe-4d51-a1b0-990676fc7234> a :CategoryCode .""",
    "competency/imaging": f"""{IMAGING} {FRAMEWORK} {AREA}
        <competency/imaging> :description "Making images."@en ; :termCode "imaging" ; :inDefinedTermSet <area/a> .""",
    "area/a": f"""{IMAGING} {DIGITIZATION} {FRAMEWORK} {AREA}
        <area/a> :isPartOf <framework/f> ; :hasDefinedTerm <competency/imaging> , <competency/digitization> .""",
    "framework/f": f"""{FRAMEWORK} {AREA}
        <framework/f> :description "Made up."@en ; :license <https://creativecommons.org/publicdomain/zero/1.0/> ;
            :url <https://example.org/f> ; :hasPart <area/a> ;
            :publisher <framework/f#publisher> .
        <framework/f#publisher> a :Organization ; :name "A publisher" .""",
    "provider/school": f"""{PROVIDER}
        <provider/school> :address <provider/school#address> .
        <provider/school#address> a :PostalAddress ; :addressCountry "ES" ;
            :addressRegion "Murcia" .""",
    "survey/asked": """
        <survey/asked> a :Dataset ; :name "A survey"@en ; :url <https://example.org/asked> ;
            :variableMeasured "has value" ; :publisher <survey/asked#publisher> .
        <survey/asked#publisher> a :Organization ; :name "Askers" .""",
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client of the service over a few made-up things of every kind."""
    data = tmp_path_factory.mktemp("small")
    submissions = [Submission(f"{kind}.csv", text.encode()) for kind, text in FILES.items()]
    with Publisher.open(data) as publisher:
        publisher.contribute(submissions, Terms("somebody"), date(2026, 11, 23))
    return create_app(Settings(data=data)).test_client()


def embedded(client: FlaskClient, path: str) -> dict[str, Any]:
    """The JSON-LD of a page, as extruct finds it."""
    text = client.get(path, headers={"Accept": "text/html"}).get_data(as_text=True)
    (found,) = extruct.extract(text, syntaxes=["json-ld"])["json-ld"]
    assert isinstance(found, dict)
    return found


def expanded(document: dict[str, Any]) -> set[Triple]:
    """The statements of a JSON-LD document, as pyld reads them."""
    text = jsonld.to_rdf(document, {"format": "application/n-quads"})
    return {quad.triple for quad in parse(text, RdfFormat.N_QUADS)}


def stated(client: FlaskClient, path: str) -> set[Triple]:
    answer = client.get(f"{path}.nt?profile=schema")
    assert answer.status_code == 200, path
    return {quad.triple for quad in parse(answer.data, RdfFormat.N_TRIPLES)}


def pages(starter: Dataset) -> list[str]:
    """Some pages of every kind that schema.org has a form for."""
    found: dict[str, list[str]] = {kind: [] for kind in SCHEMA_ORG.writers}
    subjects = {quad.subject for quad in starter.quads()}
    for kind, slug in sorted(filter(None, (kind_and_slug(one) for one in subjects if isinstance(one, NamedNode)))):
        if kind in found:
            found[kind].append(f"/{kind}/{slug}")
    assert all(found.values())
    return [path for paths in found.values() for path in paths[:: max(1, len(paths) // EACH)]]


def test_the_page_says_in_json_ld_what_the_rdf_says(client: FlaskClient, starter: Dataset) -> None:
    for path in pages(starter):
        document = embedded(client, path)
        assert expanded(document) == stated(client, path) != set(), path
        assert document.get("@id", ID.iri + path[1:]) == ID.iri + path[1:]


@pytest.mark.parametrize("thing", EXPECTED)
def test_what_is_said_of_a_thing(small: FlaskClient, thing: str) -> None:
    expected = {quad.triple for quad in parse(PREFIXES + EXPECTED[thing], RdfFormat.TURTLE)}
    assert stated(small, f"/{thing}") == expected
    assert expanded(embedded(small, f"/{thing}")) == expected


def test_nothing_in_the_data_can_end_the_script(small: FlaskClient) -> None:
    text = small.get("/offering/hostile", headers={"Accept": "text/html"}).get_data(as_text=True)
    (block,) = re.findall(r"<script[^>]*>(.*?)</script>", text, re.DOTALL)
    assert not {"<", ">", "&"} & set(block)
    assert text.count("<script") == text.count("</script") == 1
    assert embedded(small, "/offering/hostile")["name"] == {"@language": "en", "@value": END_OF_SCRIPT}


def test_bioschemas_is_claimed_just_where_its_minimum_is_met(client: FlaskClient, starter: Dataset) -> None:
    """Course: name, description, keywords. CourseInstance: courseMode, location."""
    minimum = {COURSE_PROFILE: ("name", "description", "keywords"), INSTANCE_PROFILE: ("courseMode", "location")}
    claimed = set()
    for path in (path for path in pages(starter) if path.startswith(("/offering/", "/session/"))):
        found = stated(client, path)
        for one in (one for one in found if one.predicate == DCT.conformsTo and isinstance(one.object, NamedNode)):
            claimed.add(one.object)
            names = {two.predicate.value.rpartition("/")[2] for two in found if two.subject == one.subject}
            assert names >= set(minimum[one.object]), path  # type: ignore[index]
    assert COURSE_PROFILE in claimed


def test_a_page_of_a_kind_without_a_form_has_no_block(client: FlaskClient) -> None:
    found = client.get("/needs.json?limit=1").json
    assert found is not None
    path = found["items"][0]["iri"].removeprefix(ID.iri)
    assert "<script" not in client.get(f"/{path}", headers={"Accept": "text/html"}).get_data(as_text=True)


@pytest.mark.skipif(CHROMIUM is None, reason="CHROMIUM IS NOT INSTALLED: no browser has looked at the policy")
def test_a_browser_finds_no_fault_with_the_block_under_our_policy(served: str) -> None:
    said: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{served}/role/archivist")
        assert page.locator('script[type="application/ld+json"]').count() == 1
        assert said == []
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=\"https://example.org/x.png\">')")
        page.wait_for_timeout(500)
        browser.close()
    assert any("Content Security Policy" in text for text in said)  # it would have been heard
