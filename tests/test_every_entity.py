"""Every entity of the starter graph answers at its identifier, in every syntax, and always says the same."""

from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from graph.namespaces import ID, kind_and_slug
from graph.store import Dataset

SYNTAXES = {
    "text/turtle": RdfFormat.TURTLE,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/n-triples": RdfFormat.N_TRIPLES,
}


def entities(starter: Dataset) -> list[str]:
    """The path of everything that has an identifier and is described."""
    subjects = {quad.subject for quad in starter.quads()}
    return sorted(
        iri.value.removeprefix(ID.iri) for iri in subjects if isinstance(iri, NamedNode) and kind_and_slug(iri)
    )


def statements(client: FlaskClient, path: str, media_type: str) -> tuple[str, set[Triple]]:
    """Follow the identifier as a client of one syntax does; the ETag and the statements."""
    led = client.get(f"/id/{path}", headers={"Accept": media_type})
    assert (led.status_code, led.headers["Vary"]) == (303, "Accept, Accept-Language, Accept-Profile"), path
    answer = client.get(led.headers["Location"])
    assert (answer.status_code, answer.mimetype) == (200, media_type), path
    return answer.headers["ETag"], {quad.triple for quad in parse(answer.data, SYNTAXES[media_type])}


def test_every_entity_answers_alike_in_every_syntax(client: FlaskClient, starter: Dataset) -> None:
    """There are no blank nodes, so equal sets of statements are isomorphic graphs."""
    paths = entities(starter)
    assert len(paths) > 3_000
    for path in paths:
        tags, found = zip(*(statements(client, path, media_type) for media_type in SYNTAXES), strict=True)
        assert found[0], path
        assert all(one == found[0] for one in found), path
        page = client.get(f"/{path}", headers={"Accept": "text/html"})
        assert (page.status_code, page.mimetype) == (200, "text/html"), path
        assert len({*tags, page.headers["ETag"]}) == len(SYNTAXES) + 1, path
        same = client.get(f"/{path}", headers={"Accept": "text/html", "If-None-Match": page.headers["ETag"]})
        assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", page.headers["ETag"]), path
