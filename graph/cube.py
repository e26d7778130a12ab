"""A data set as an RDF Data Cube that stands for itself: its structure, its observations and the codes that they use.

An observation states what its structure has a component for, and nothing else; what is attached to the data set is
stated there. Of each code list the codes that occur are given.
"""

from collections.abc import Mapping
from typing import Final

from pyoxigraph import NamedNode, Triple

from graph.namespaces import DCT, QB, RDF, RDFS, SCHEMA, SKOS
from graph.rewriting import Source, Statements, Writer

PARTS: Final = (QB.dimension, QB.measure, QB.attribute)
OF_A_SET: Final = (SKOS.prefLabel, SCHEMA.url, DCT.title, DCT.description, DCT.creator, DCT.publisher, DCT.license)
OF_A_COMPONENT: Final = (*PARTS, QB.order, QB.componentRequired, QB.componentAttachment)
OF_A_PROPERTY: Final = (RDF.type, RDFS.label, RDFS.range, QB.codeList, QB.concept)
LABELLED: Final = (RDF.type, SKOS.prefLabel)


def data_set(source: Source, iri: NamedNode) -> Statements:
    """The data set with everything that its observations need to be read."""
    yield from source.kept(iri, (RDF.type, QB.structure, *OF_A_SET))
    properties: list[NamedNode] = []
    for structure in source.things(iri, QB.structure):
        yield from source.kept(structure, (RDF.type, SKOS.prefLabel, QB.component))
        for component in source.things(structure, QB.component):
            yield from source.kept(component, (RDF.type, *OF_A_COMPONENT))
            properties += [one for name in PARTS for one in source.things(component, name)]
    yield from source.kept(iri, properties)
    lists = {one: source.things(one, QB.codeList) for one in properties}
    used: dict[NamedNode, set[NamedNode]] = {one: set() for found in lists.values() for one in found}
    for one in properties:
        yield from source.kept(one, OF_A_PROPERTY)
    for observation in source.pointing(QB.dataSet, iri):
        yield Triple(observation, RDF.type, QB.Observation)
        yield Triple(observation, QB.dataSet, iri)
        for triple in source.kept(observation, properties):
            yield triple
            if isinstance(code := triple.object, NamedNode):
                for code_list in lists[triple.predicate]:
                    used[code_list].add(code)
    for code_list, codes in used.items():
        yield from _codes(source, code_list, sorted(codes, key=str))


def _codes(source: Source, code_list: NamedNode, codes: list[NamedNode]) -> Statements:
    """The codes of a list that occur: a list is a scheme or a collection, and each has its way of saying so."""
    yield from source.kept(code_list, LABELLED)
    members = set(source.things(code_list, SKOS.member))
    for code in codes:
        yield from source.kept(code, LABELLED)
        if code_list in source.things(code, SKOS.inScheme):
            yield Triple(code, SKOS.inScheme, code_list)
        if code in members:
            yield Triple(code_list, SKOS.member, code)


WRITERS: Final[Mapping[str, Writer]] = {"dataset": data_set, "survey": data_set}
