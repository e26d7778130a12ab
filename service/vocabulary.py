"""`/ns`, `/shapes` and `/context.jsonld`: the vocabulary, what may be contributed, and the JSON-LD context."""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, current_app
from pyoxigraph import Literal, NamedNode, Quad, Triple

from graph.namespaces import OWL, RDF, RDFS, SKOS, TRV, VOCABULARY_GRAPH
from graph.resources import ONTOLOGY, SHAPES
from graph.schema import Schema
from graph.store import Term
from graph.vocabulary import as_triples, vocabulary
from service.negotiation import MEDIA_TYPES, RDF_SUFFIXES
from service.operation import Asked, Operation, answers, declared
from service.representations import linked, page, rdf_answer

FORMATS: Final = ("html", *RDF_SUFFIXES)
SECTIONS: Final = (
    ("Classes", OWL.Class),
    ("Properties that lead to things", OWL.ObjectProperty),
    ("Properties that have values", OWL.DatatypeProperty),
    ("Annotations", OWL.AnnotationProperty),
)
SHOWN: Final = (RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, OWL.inverseOf, OWL.equivalentClass)

blueprint = Blueprint("vocabulary", __name__)


@dataclass(frozen=True)
class Word:
    """A term of the vocabulary, as its page documents it."""

    iri: NamedNode
    name: str
    labels: list[Literal]
    definitions: list[Literal]
    notes: list[Literal]
    facts: list[tuple[NamedNode, list[Term]]]


@answers(blueprint, "/ns", "The vocabulary and the controlled lists", FORMATS, tag="Vocabulary")
def show_vocabulary(asked: Asked) -> Response:
    """The terms, each at its own anchor; as RDF, the terms and the controlled lists."""
    quads = list(asked.view.dataset.quads(None, None, None, VOCABULARY_GRAPH))
    if asked.representation != "html":
        return linked(rdf_answer(as_triples(quads), asked.representation), {})
    sections = [(title, _words(asked, quads, kind)) for title, kind in SECTIONS]
    schemes = sorted({quad.subject for quad in quads if quad.object == SKOS.ConceptScheme}, key=str)
    header = asked.view.dataset.describe(VOCABULARY_GRAPH)
    content = page("vocabulary.html", asked, sections=sections, schemes=schemes, header=header)
    return _with_alternates(content, "/ns")


@answers(blueprint, "/shapes", "What may be contributed, and its SHACL shapes", FORMATS, tag="Vocabulary")
def show_shapes(asked: Asked) -> Response:
    """Each kind of thing with its columns; as RDF, the SHACL shapes themselves."""
    if asked.representation != "html":
        return linked(rdf_answer(as_triples(vocabulary(SHAPES)), asked.representation), {})
    schema: Schema = current_app.extensions["trivium.schema"]
    return _with_alternates(page("shapes.html", asked, kinds=schema.in_order), "/shapes")


@blueprint.get("/context.jsonld")
@declared(Operation("/context.jsonld", "The JSON-LD context of the vocabulary", ("jsonld",), tag="Vocabulary"))
def show_context() -> Response:
    """The JSON-LD context."""
    response = Response((ONTOLOGY / "context.jsonld").read_bytes(), content_type=MEDIA_TYPES["jsonld"])
    response.add_etag()
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def _words(asked: Asked, quads: list[Quad], kind: NamedNode) -> list[Word]:
    found = {quad.subject for quad in quads if quad.predicate == RDF.type and quad.object == kind}
    ours = [one for one in found if isinstance(one, NamedNode) and one.value.startswith(TRV.iri)]
    return [_word(one, asked.view.dataset.describe(one)) for one in sorted(ours, key=str)]


def _word(iri: NamedNode, own: list[Triple]) -> Word:
    def texts(*predicates: NamedNode) -> list[Literal]:
        found = (one.object for one in own if one.predicate in predicates)
        return sorted((one for one in found if isinstance(one, Literal)), key=_english_first)

    facts = [(name, [one.object for one in own if one.predicate == name]) for name in SHOWN]
    return Word(
        iri=iri,
        name=iri.value.removeprefix(TRV.iri),
        labels=texts(RDFS.label),
        definitions=texts(SKOS.definition),
        notes=texts(SKOS.scopeNote, SKOS.example),
        facts=[(name, values) for name, values in facts if values],
    )


def _english_first(text: Literal) -> tuple[bool, str, str]:
    return (text.language != "en", text.language or "", text.value)


def _with_alternates(response: Response, document: str) -> Response:
    for suffix in RDF_SUFFIXES:
        response.headers.add(
            "Link", f'<{document}.{suffix}>; rel="alternate describedby"; type="{MEDIA_TYPES[suffix]}"'
        )
    return linked(response, {})
