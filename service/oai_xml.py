"""The XML of OAI-PMH 2.0, built with lxml, which this module owns here."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from lxml import etree
from lxml.builder import ElementMaker

from graph.changes import Changed
from graph.differences import Change
from graph.namespaces import RDF
from service.dublin_core import Value

OAI: Final = "http://www.openarchives.org/OAI/2.0/"
OAI_DC: Final = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC: Final = "http://purl.org/dc/elements/1.1/"
IDENTIFIER: Final = "http://www.openarchives.org/OAI/2.0/oai-identifier"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
LOCATION: Final = f"{{{XSI}}}schemaLocation"
LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
FORMATS: Final = {
    "oai_dc": (f"{OAI[:-1]}/oai_dc.xsd", OAI_DC),
    "rdf": (f"{OAI[:-1]}/rdf.xsd", RDF.iri),
}
"""For each metadata prefix its schema and its namespace."""

Element = etree._Element
oai = ElementMaker(namespace=OAI, nsmap={None: OAI, "xsi": XSI})
PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True)


def document(base: str, time: str, attributes: Mapping[str, str], content: Iterable[Element]) -> bytes:
    """A whole response: when it was made, what was asked, and the answer (3.2)."""
    root = oai("OAI-PMH", oai.responseDate(time), oai.request(base, **attributes), *content)
    root.set(LOCATION, f"{OAI} {OAI}OAI-PMH.xsd")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def error(code: str, message: str) -> Element:
    """An error of the protocol."""
    return oai.error(message, code=code)


def identify(facts: Sequence[tuple[str, str]], authority: str, example: str) -> Element:
    """The answer to Identify: facts in the order of the schema, and how identifiers are made."""
    made = ElementMaker(namespace=IDENTIFIER, nsmap={None: IDENTIFIER, "xsi": XSI})
    about = made("oai-identifier", made.scheme("oai"), made.repositoryIdentifier(authority))
    about.extend([made.delimiter(":"), made.sampleIdentifier(example)])
    about.set(LOCATION, f"{IDENTIFIER} {IDENTIFIER}.xsd")
    return oai.Identify(*(oai(name, text) for name, text in facts), oai.description(about))


def formats() -> Element:
    """The metadata formats."""
    found = (
        oai.metadataFormat(oai.metadataPrefix(prefix), oai.schema(schema), oai.metadataNamespace(namespace))
        for prefix, (schema, namespace) in FORMATS.items()
    )
    return oai.ListMetadataFormats(*found)


def sets(found: Iterable[tuple[str, str]]) -> Element:
    """The sets, each with its name."""
    return oai.ListSets(*(oai.set(oai.setSpec(spec), oai.setName(name)) for spec, name in found))


def header(row: Changed, identifier: str) -> Element:
    """The header of a record: of a withdrawn one it is all there is."""
    specs = [f"kind:{row.kind}", *(f"sector:{sector}" for sector in row.sectors)]
    status = {"status": "deleted"} if row.change is Change.WITHDRAWN else {}
    parts = [oai.identifier(identifier), oai.datestamp(f"{row.at:%Y-%m-%dT%H:%M:%SZ}"), *map(oai.setSpec, specs)]
    return oai.header(*parts, **status)


def record(head: Element, metadata: Element | None) -> Element:
    """A record with its metadata, if it is still there."""
    return oai.record(head) if metadata is None else oai.record(head, oai.metadata(metadata))


def listing(verb: str, items: Iterable[Element], token: Element | None) -> Element:
    """A page of a list, with what leads on."""
    return oai(verb, *items, *([] if token is None else [token]))


def resumption(token: str, size: int, cursor: int) -> Element:
    """The resumption token; an empty one says that this is the last page (3.5)."""
    return oai.resumptionToken(token, completeListSize=str(size), cursor=str(cursor))


def simple(values: Iterable[Value]) -> Element:
    """Simple Dublin Core."""
    root = etree.Element(f"{{{OAI_DC}}}dc", nsmap={"oai_dc": OAI_DC, "dc": DC, "xsi": XSI})
    root.set(LOCATION, f"{OAI_DC} {FORMATS['oai_dc'][0]}")
    for value in values:
        element = etree.SubElement(root, f"{{{DC}}}{value.element}")
        element.text = value.text
        if value.language:
            element.set(LANGUAGE, value.language)
    return root


def embedded(rdf: bytes) -> Element:
    """RDF/XML of our own, to be put into a record."""
    return etree.fromstring(rdf, PARSER)
