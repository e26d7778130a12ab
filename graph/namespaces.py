"""The namespaces of the graph, and how an identifier is made from a kind and a slug.

Identity is `https://w3id.org/trivium/id/<kind>/<slug>`: it carries no version and is never deleted.
"""

import re
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

BASE: Final = "https://w3id.org/trivium/"
SLUG: Final = re.compile(r"[a-z0-9]+(?:-{1,2}[a-z0-9]+)*")
SLUG_LENGTH: Final = 200


@dataclass(frozen=True)
class Namespace:
    """An IRI prefix whose attributes and items are the terms below it."""

    iri: str

    def __getitem__(self, name: str) -> NamedNode:
        return NamedNode(self.iri + name)

    def __getattr__(self, name: str) -> NamedNode:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]


TRV: Final = Namespace(BASE + "ns#")
SHAPE: Final = Namespace(BASE + "shapes#")
ID: Final = Namespace(BASE + "id/")
ADMS: Final = Namespace("http://www.w3.org/ns/adms#")
AS: Final = Namespace("https://www.w3.org/ns/activitystreams#")
DCAT: Final = Namespace("http://www.w3.org/ns/dcat#")
DCATAP: Final = Namespace("http://data.europa.eu/r5r/")
DCT: Final = Namespace("http://purl.org/dc/terms/")
ESCO: Final = Namespace("http://data.europa.eu/esco/model#")
FOAF: Final = Namespace("http://xmlns.com/foaf/0.1/")
LDES: Final = Namespace("https://w3id.org/ldes#")
ORG: Final = Namespace("http://www.w3.org/ns/org#")
OWL: Final = Namespace("http://www.w3.org/2002/07/owl#")
PROV: Final = Namespace("http://www.w3.org/ns/prov#")
QB: Final = Namespace("http://purl.org/linked-data/cube#")
RDF: Final = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS: Final = Namespace("http://www.w3.org/2000/01/rdf-schema#")
SCHEMA: Final = Namespace("http://schema.org/")
SH: Final = Namespace("http://www.w3.org/ns/shacl#")
SKOS: Final = Namespace("http://www.w3.org/2004/02/skos/core#")
SKOSXL: Final = Namespace("http://www.w3.org/2008/05/skos-xl#")
SPDX: Final = Namespace("http://spdx.org/rdf/terms#")
TREE: Final = Namespace("https://w3id.org/tree#")
VCARD: Final = Namespace("http://www.w3.org/2006/vcard/ns#")
VOID: Final = Namespace("http://rdfs.org/ns/void#")
XSD: Final = Namespace("http://www.w3.org/2001/XMLSchema#")

PREFIXES: Final[dict[str, str]] = {
    "dcat": DCAT.iri,
    "dct": DCT.iri,
    "esco": ESCO.iri,
    "id": ID.iri,
    "org": ORG.iri,
    "owl": OWL.iri,
    "prov": PROV.iri,
    "qb": QB.iri,
    "rdf": RDF.iri,
    "rdfs": RDFS.iri,
    "schema": SCHEMA.iri,
    "sh": SH.iri,
    "shape": SHAPE.iri,
    "skos": SKOS.iri,
    "skosxl": SKOSXL.iri,
    "trv": TRV.iri,
    "xsd": XSD.iri,
}

DESCRIPTIVE: Final[dict[str, str]] = {
    "adms": ADMS.iri,
    "as": AS.iri,
    "dcatap": DCATAP.iri,
    "foaf": FOAF.iri,
    "ldes": LDES.iri,
    "spdx": SPDX.iri,
    "tree": TREE.iri,
    "vcard": VCARD.iri,
    "void": VOID.iri,
}
"""The prefixes of what is said about the dataset as a whole; the graph itself hardly uses them."""

VOCABULARY_GRAPH: Final = NamedNode(BASE + "ns")
SHAPES_GRAPH: Final = NamedNode(BASE + "shapes")
GAPS_GRAPH: Final = ID["graph/gaps"]
CONTRIBUTIONS_GRAPH: Final = ID["graph/contributions"]


def entity(kind: str, slug: str) -> NamedNode:
    """The IRI of an entity: `entity("sector", "museums")` is `<.../id/sector/museums>`."""
    return ID[f"{kind}/{slug}"]


def kind_and_slug(iri: NamedNode | str) -> tuple[str, str] | None:
    """The kind and slug of one of our identifiers, or None for any other IRI."""
    text = iri if isinstance(iri, str) else iri.value
    if not text.startswith(ID.iri):
        return None
    kind, _, slug = text.removeprefix(ID.iri).partition("/")
    return (kind, slug) if kind and is_slug(slug) else None


def is_slug(text: str) -> bool:
    """Whether a text may be the last part of an identifier."""
    return len(text) <= SLUG_LENGTH and SLUG.fullmatch(text) is not None
