"""The XML of OAI-PMH 2.0: the envelope, headers and records. What stands in them is decided elsewhere."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from lxml import etree
from pyoxigraph import Literal, Triple

from graph.changes import Changed
from graph.differences import Change
from graph.namespaces import BASE
from graph.serialisation import carried, serialise
from service.oai_arguments import FORMATS

OAI: Final = "http://www.openarchives.org/OAI/2.0/"
OAI_DC: Final = f"{OAI}oai_dc/"
OAI_IDENTIFIER: Final = "http://www.openarchives.org/OAI/2.0/oai-identifier"
DC: Final = "http://purl.org/dc/elements/1.1/"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
DOMAIN: Final = "w3id.org"
NAMESPACE: Final = f"oai:{DOMAIN}:"
HOST: Final = f"https://{DOMAIN}/"
SAMPLE: Final = f"{NAMESPACE}{BASE.removeprefix(HOST)}id/sector/archives"
SAFE: Final = etree.XMLParser(resolve_entities=False, no_network=True)

Element = etree._Element


def document(when: datetime, base: str, arguments: Mapping[str, str], content: Element) -> bytes:
    """An answer (3.2): when it was given, the request that it answers, and what it says."""
    root = etree.Element(f"{{{OAI}}}OAI-PMH", nsmap={None: OAI, "xsi": XSI})
    _located(root, OAI, f"{OAI}OAI-PMH.xsd")
    _add(root, "responseDate", stamp(when))
    _add(root, "request", base, **arguments)
    root.append(content)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def stamp(moment: datetime) -> str:
    """A time in UTC, to the second."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def error(code: str, message: str) -> Element:
    """An error (3.6)."""
    return _element("error", message, code=code)


def identify(facts: Mapping[str, str]) -> Element:
    """What Identify says (4.2), with the description of the identifiers by its guideline."""
    made = _filled("Identify", facts)
    made.append(_element("description"))
    described = etree.SubElement(made[-1], f"{{{OAI_IDENTIFIER}}}oai-identifier", nsmap={None: OAI_IDENTIFIER})
    _located(described, OAI_IDENTIFIER, f"{OAI_IDENTIFIER}.xsd")
    for name, text in {
        "scheme": "oai",
        "repositoryIdentifier": DOMAIN,
        "delimiter": ":",
        "sampleIdentifier": SAMPLE,
    }.items():
        etree.SubElement(described, f"{{{OAI_IDENTIFIER}}}{name}").text = text
    return made


def formats() -> Element:
    """The metadata formats (4.4): every record that is not deleted has all of them."""
    made = _element("ListMetadataFormats")
    for one in FORMATS:
        facts = {"metadataPrefix": one.prefix, "schema": one.schema, "metadataNamespace": one.namespace}
        made.append(_filled("metadataFormat", facts))
    return made


def sets(names: Mapping[str, str]) -> Element:
    """The sets (4.6), by their specs."""
    made = _element("ListSets")
    made.extend(_filled("set", {"setSpec": spec, "setName": name}) for spec, name in names.items())
    return made


def listed(verb: str, found: Iterable[Element]) -> Element:
    """The answer to a verb that gives headers or records."""
    made = _element(verb)
    made.extend(found)
    return made


def token(text: str, cursor: int, size: int) -> Element:
    """Where a list goes on (3.5); an empty text at its end."""
    return _element("resumptionToken", text, completeListSize=str(size), cursor=str(cursor))


def identifier(row: Changed) -> str:
    """The identifier of an item, from the IRI of its entity."""
    return NAMESPACE + row.entity.value.removeprefix(HOST)


def header(row: Changed) -> Element:
    """The header of an item: what it is, when it last changed, and the sets that it is in."""
    withdrawn = row.change is Change.WITHDRAWN
    made = _element("header", **({"status": "deleted"} if withdrawn else {}))
    _add(made, "identifier", identifier(row))
    _add(made, "datestamp", stamp(row.at))
    for spec in (f"kind:{row.kind}", *(f"sector:{one}" for one in row.sectors)):
        _add(made, "setSpec", spec)
    return made


def record(row: Changed, metadata: Element | None) -> Element:
    """A record; one that is deleted has no metadata."""
    made = listed("record", [header(row)])
    if metadata is not None:
        made.append(listed("metadata", [metadata]))
    return made


def simple_dublin_core(elements: Iterable[tuple[str, Literal]]) -> Element:
    """Unqualified Dublin Core."""
    made = etree.Element(f"{{{OAI_DC}}}dc", nsmap={"oai_dc": OAI_DC, "dc": DC, "xsi": XSI})
    _located(made, OAI_DC, f"{OAI}oai_dc.xsd")
    for name, value in elements:
        one = etree.SubElement(made, f"{{{DC}}}{name}", {LANG: value.language} if value.language else {})
        one.text = carried(value.value)
    return made


def rdf(triples: Iterable[Triple]) -> Element:
    """Statements as RDF/XML."""
    return etree.fromstring(serialise(triples, "rdf"), SAFE)


def _filled(name: str, facts: Mapping[str, str]) -> Element:
    made = _element(name)
    for part, text in facts.items():
        _add(made, part, text)
    return made


def _add(parent: Element, name: str, text: str, **attributes: str) -> None:
    parent.append(_element(name, text, **attributes))


def _element(name: str, text: str = "", **attributes: str) -> Element:
    made = etree.Element(f"{{{OAI}}}{name}", attributes, {None: OAI})
    made.text = carried(text) or None
    return made


def _located(element: Element, namespace: str, schema: str) -> None:
    element.set(f"{{{XSI}}}schemaLocation", f"{namespace} {schema}")
