"""The interfaces that the data are offered through, each described once for every catalogue.

To add one, add an `Interface`: DCAT, the page of the catalogue and `/.well-known/api-catalog` follow.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Interface:
    """One interface: where it is, what it is by which standard, and where it describes itself.

    `endpoint` and `description` are paths on the service, each with the media type that it answers with; `standard` is
    the IRI of the specification.
    """

    name: str
    title: str
    summary: str
    endpoint: str
    endpoint_type: str
    description: str
    description_type: str
    standard: str
    keywords: tuple[str, ...]


INTERFACES: Final = (
    Interface(
        name="sparql",
        title="SPARQL endpoint",
        summary="Any question to the newest release, in SPARQL 1.1, read only and within limits of time and size.",
        endpoint="/sparql",
        endpoint_type="text/html",
        description="/sparql.ttl",
        description_type="text/turtle",
        standard="https://www.w3.org/TR/sparql11-protocol/",
        keywords=("SPARQL", "linked data"),
    ),
    Interface(
        name="sparql-examples",
        title="Questions, as SPARQL examples",
        summary="Every question of the catalogue as a query that runs as it stands, with its words, in RDF.",
        endpoint="/.well-known/sparql-examples",
        endpoint_type="text/turtle",
        description="/openapi.json",
        description_type="application/json",
        standard="https://purl.expasy.org/sparql-examples/ontology",
        keywords=("SPARQL", "examples"),
    ),
    Interface(
        name="oai-pmh",
        title="OAI-PMH",
        summary="Every record with its changes and withdrawals, in Dublin Core and in RDF, by kind, sector and time.",
        endpoint="/oai",
        endpoint_type="text/xml",
        description="/oai?verb=Identify",
        description_type="text/xml",
        standard="http://www.openarchives.org/OAI/openarchivesprotocol.html",
        keywords=("OAI-PMH", "harvesting"),
    ),
    Interface(
        name="atom",
        title="Feed of changes",
        summary="What was added, changed and withdrawn, the newest first, as Atom with archives and tombstones.",
        endpoint="/feed.atom",
        endpoint_type="application/atom+xml",
        description="/openapi.json",
        description_type="application/json",
        standard="https://www.rfc-editor.org/rfc/rfc4287",
        keywords=("Atom", "feed", "changes"),
    ),
    Interface(
        name="gaps-atom",
        title="Feed of gaps",
        summary="Gaps that were closed, opened or came into another state, under a filter by sector, area or state.",
        endpoint="/gaps.atom",
        endpoint_type="application/atom+xml",
        description="/openapi.json",
        description_type="application/json",
        standard="https://www.rfc-editor.org/rfc/rfc4287",
        keywords=("Atom", "feed", "gaps"),
    ),
    Interface(
        name="calendar",
        title="Calendar of sessions",
        summary="The sessions of offerings that are not over yet, under the filters of the list of offerings.",
        endpoint="/offerings.ics",
        endpoint_type="text/calendar",
        description="/openapi.json",
        description_type="application/json",
        standard="https://www.rfc-editor.org/rfc/rfc5545",
        keywords=("iCalendar", "events"),
    ),
    Interface(
        name="sitemap",
        title="Sitemap",
        summary="The address of every page about a thing, with the time of the thing's last change.",
        endpoint="/sitemap.xml",
        endpoint_type="application/xml",
        description="/openapi.json",
        description_type="application/json",
        standard="https://www.sitemaps.org/protocol.html",
        keywords=("sitemap", "crawling"),
    ),
    Interface(
        name="ldes",
        title="Event stream (LDES)",
        summary="Every version of everything, as a Linked Data Event Stream: copy it all, then stay in step.",
        endpoint="/ldes",
        endpoint_type="text/turtle",
        description="/ldes.ttl",
        description_type="text/turtle",
        standard="https://w3id.org/ldes/specification",
        keywords=("LDES", "TREE", "event stream"),
    ),
    Interface(
        name="resourcesync",
        title="ResourceSync",
        summary="Lists of what there is to copy, and of what happened to it since, for harvesters of ResourceSync 1.1.",
        endpoint="/resourcesync/capabilitylist.xml",
        endpoint_type="application/xml",
        description="/.well-known/resourcesync",
        description_type="application/xml",
        standard="http://www.openarchives.org/rs/1.1/resourcesync",
        keywords=("ResourceSync", "sitemap"),
    ),
)
