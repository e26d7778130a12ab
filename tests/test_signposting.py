"""FAIR Signposting, as its own client reads it: from the headers, the page and the linkset the same links, and back."""

import pytest
from flask.testing import FlaskClient
from signposting import (  # type: ignore[import-untyped]
    Signposting,
    find_signposting_html,
    find_signposting_http,
    find_signposting_linkset,
)

ID = "https://w3id.org/trivium/id/"
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
RDF_TYPES = {"text/turtle", "application/ld+json", "application/rdf+xml", "application/n-triples"}
THINGS = {
    "offering/aaslh-online-course-collections-management": "https://schema.org/Course",
    "role/archivist": "https://schema.org/Occupation",
    "competency/disaster-planning-and-response": "https://schema.org/DefinedTerm",
    "framework/trivium": "https://schema.org/DefinedTermSet",
    "survey/mtl-2016": "https://schema.org/Dataset",
    "provider/aaslh": "https://schema.org/Organization",
    "need/mtl-2016--museums--disaster-planning-and-response--training-need": None,
}
DOWNLOADS = {
    "framework/trivium": "skos",
    "scheme/sectors": "skos",
    "survey/mtl-2016": "cube",
    "dataset/gaps": "cube",
}


def links(found: Signposting, address: str) -> set[tuple[str, str, str, str]]:
    """The links of one context: relation, target, type, profile."""
    return {
        (str(one.rel), str(one.target), str(one.type or ""), " ".join(sorted(one.profiles)))
        for one in found.signposts
        if one.context in (None, address)
    }


def needs(client: FlaskClient) -> str:
    """Some need, which schema.org has no form for."""
    found = client.get("/needs.json?limit=1").json
    assert found is not None
    return str(found["items"][0]["iri"]).removeprefix(ID)


@pytest.mark.parametrize("thing", [*THINGS, "scheme/sectors", "dataset/gaps"])
def test_the_page_leads_to_identifier_data_and_licence(served: str, client: FlaskClient, thing: str) -> None:
    thing = needs(client) if thing.startswith("need/") else thing
    found = find_signposting_http(f"{served}/{thing}")
    assert found.citeAs is not None
    assert found.citeAs.target == ID + thing
    assert found.license is not None
    assert found.license.target == CC0
    types = {str(one.target) for one in found.types}
    assert "https://schema.org/AboutPage" in types
    assert THINGS.get(thing) is None or THINGS[thing] in types
    assert {str(one.type) for one in found.describedBy} >= RDF_TYPES
    assert found.linksets


@pytest.mark.parametrize("thing", ["offering/aaslh-online-course-collections-management", "survey/mtl-2016"])
def test_headers_page_and_linkset_say_the_same(served: str, thing: str) -> None:
    address = f"{served}/{thing}"
    by_header = links(find_signposting_http(address), address)
    assert {one[0] for one in by_header} >= {"cite-as", "type", "license", "describedby", "linkset"}
    assert links(find_signposting_html(address), address) == by_header
    assert links(find_signposting_linkset(f"{address}.linkset"), address) == by_header


def test_every_document_leads_back(served: str, client: FlaskClient) -> None:
    for thing in ("offering/aaslh-online-course-collections-management", "framework/trivium"):
        page = find_signposting_http(f"{served}/{thing}")
        assert page.describedBy
        for one in page.describedBy:
            answer = client.get(str(one.target).removeprefix(served))
            assert (answer.status_code, answer.mimetype) == (200, str(one.type)), one
            back = answer.headers.getlist("Link")
            assert f'</{thing}>; rel="describes"; type="text/html"' in back
            assert f'<{ID}{thing}>; rel="describes"' in back


@pytest.mark.parametrize(("thing", "token"), DOWNLOADS.items())
def test_what_can_be_downloaded_is_an_item_of_its_page(
    served: str, client: FlaskClient, thing: str, token: str
) -> None:
    (item,) = find_signposting_http(f"{served}/{thing}").items
    assert str(item.target) == f"{served}/{thing}.ttl?profile={token}"
    answer = client.get(str(item.target).removeprefix(served))
    assert (answer.status_code, answer.mimetype) == (200, str(item.type))
    content = find_signposting_http(str(item.target))
    assert content.collection is not None
    assert str(content.collection.target) == f"{served}/{thing}"


def test_the_linkset_knows_the_links_back(client: FlaskClient) -> None:
    """Every link of the page to a document is matched by one from the document to the page (RFC 9264, 4.2)."""
    answer = client.get("/survey/mtl-2016", headers={"Accept": "application/linkset+json"})
    assert answer.mimetype == "application/linkset+json"
    assert answer.json is not None
    contexts = {one["anchor"]: one for one in answer.json["linkset"]}
    page = contexts["/survey/mtl-2016"]
    documents = [one["href"] for one in page["describedby"]]
    assert set(contexts) == {"/survey/mtl-2016", *documents, *(one["href"] for one in page["item"])}
    for one in documents:
        assert [two["href"] for two in contexts[one]["describes"]] == ["/survey/mtl-2016"]
    for one in page["item"]:
        assert [two["href"] for two in contexts[one["href"]]["collection"]] == ["/survey/mtl-2016"]


def test_the_identifier_leads_to_the_linkset(client: FlaskClient) -> None:
    answer = client.get("/id/role/archivist", headers={"Accept": "application/linkset+json"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/role/archivist.linkset")


@pytest.mark.parametrize("address", ["/role/archivist", "/role/archivist.ttl", "/role/archivist.jsonld?profile=schema"])
def test_a_head_request_gets_the_same_links(client: FlaskClient, address: str) -> None:
    head, whole = client.head(address), client.get(address)
    assert head.data == b""
    assert head.headers.getlist("Link") == whole.headers.getlist("Link") != []
    assert head.headers["ETag"] == whole.headers["ETag"]
