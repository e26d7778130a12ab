"""`/.well-known/sparql-examples`: every question of the catalogue as an example in RDF, for other people's editors."""

from functools import partial

from flask import Blueprint, Response

from graph.named_query import Catalogue
from graph.sparql_examples import DOCUMENT, SDO, sparql_examples
from service.deployment import deployment
from service.negotiation import RDF_SUFFIXES
from service.operation import Asked, answers
from service.representations import linked, rdf_answer


def blueprint_of(catalogue: Catalogue) -> Blueprint:
    """The route of the examples."""
    blueprint = Blueprint("sparql_examples", __name__)
    declare = answers(blueprint, DOCUMENT, "Every question as an example in RDF (SIB)", RDF_SUFFIXES, tag="Questions")
    declare(partial(show_examples, catalogue=catalogue))
    return blueprint


def show_examples(asked: Asked, catalogue: Catalogue) -> Response:
    """The examples, each with its text, keywords and endpoint, and the prefixes."""
    triples = sparql_examples(catalogue.values(), deployment())
    return linked(rdf_answer(triples, asked.representation, {"sdo": SDO.iri}), {"describes": "/sparql"})
