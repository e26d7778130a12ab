"""`/oai`: OAI-PMH 2.0, from the change log.

A list is the last row of each entity in the order of the log, always up to the release of this moment: what changes
while somebody harvests moves to the end and is told again, so nothing is missed. What was withdrawn is told for good.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from graph.changes import Changed
from graph.dataset_text import TITLE
from graph.differences import Change
from graph.namespaces import BASE, entity, kind_and_slug
from graph.parameters import Parameter
from graph.serialisation import serialise
from service.deployment import deployment
from service.dublin_core import dublin_core
from service.oai_request import VERBS, Listing, ProtocolError, Request, check_prefix, parsed
from service.oai_xml import (
    Element,
    document,
    embedded,
    error,
    formats,
    header,
    identify,
    listing,
    record,
    resumption,
    sets,
    simple,
)
from service.operation import Operation, declared
from service.release_view import ReleaseView, current_view
from service.words import kind_name

PAGE: Final = 100
AUTHORITY: Final = "w3id.org"
LEADING: Final = f"oai:{AUTHORITY}:"
SITE: Final = f"https://{AUTHORITY}/"
NOT_YET_SEEN: Final = timedelta(seconds=60)
"""A release is seen a moment after the time that it bears. A response is dated back so far, but not before the release
that it speaks of, so that who goes on from there misses nothing."""

UNECHOED: Final = ("badVerb", "badArgument")
FORM: Final = "application/x-www-form-urlencoded"
PARAMETERS: Final = (
    Parameter("verb", "enumeration", "What is asked.", example="Identify", enumeration=tuple(VERBS)),
    Parameter("metadataPrefix", "text", "The format: oai_dc or rdf.", example="oai_dc"),
    Parameter("identifier", "text", "A record, as oai:w3id.org:trivium/id/KIND/SLUG."),
    Parameter("set", "text", "kind:KIND or sector:SECTOR.", example="kind:offering"),
    Parameter("from", "text", "A day or a second in UTC, and later."),
    Parameter("until", "text", "A day or a second in UTC, and earlier."),
    Parameter("resumptionToken", "text", "Where a list goes on."),
)

blueprint = Blueprint("oai", __name__)


@blueprint.route("/oai", methods=["GET", "POST"])
@declared(Operation("/oai", "OAI-PMH 2.0", ("pmh",), PARAMETERS, "Harvest", (FORM,)))
def answer() -> Response:
    """Answer one request of the protocol; its errors are answered with 200 (3.6)."""
    view, given = current_view(), [*request.args.items(multi=True), *request.form.items(multi=True)]
    base, attributes = deployment().at("/oai").value, dict(given)
    try:
        asked = parsed(given)
        content = [CONTENT[asked.verb](view, asked)]
    except ProtocolError as fault:
        attributes = {} if fault.code in UNECHOED else attributes
        content = [error(fault.code, str(fault))]
    response = Response(document(base, _time(view), attributes, content), content_type="text/xml; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _identify(view: ReleaseView, asked: Request) -> Element:
    del asked
    contact = deployment().contact.value
    earliest = view.log.first_time() or view.release.created
    facts = [
        ("repositoryName", TITLE["en"]),
        ("baseURL", deployment().at("/oai").value),
        ("protocolVersion", "2.0"),
        ("adminEmail", contact.removeprefix("mailto:") if contact.startswith("mailto:") else NOBODY),
        ("earliestDatestamp", f"{earliest:%Y-%m-%dT%H:%M:%SZ}"),
        ("deletedRecord", "persistent"),
        ("granularity", "YYYY-MM-DDThh:mm:ssZ"),
    ]
    return identify(facts, AUTHORITY, f"{LEADING}trivium/id/sector/museums")


NOBODY: Final = "unattended@localhost.invalid"
"""The protocol demands an address. Where `TRIVIUM_CONTACT` names none, this says that there is none (RFC 2606)."""


def _list_formats(view: ReleaseView, asked: Request) -> Element:
    if "identifier" in asked.arguments:
        _row(view, asked.arguments["identifier"])
    return formats()


def _list_sets(view: ReleaseView, asked: Request) -> Element:
    if "resumptionToken" in asked.arguments:
        raise ProtocolError("badResumptionToken", "The sets are told in one piece.")
    kinds = [(f"kind:{kind}", kind_name(kind)) for kind in sorted(view.release.counts)]
    sectors = [(f"sector:{slug}", view.label(entity("sector", slug)).value) for slug in view.slugs["sector"]]
    return sets([*kinds, *sectors])


def _get_record(view: ReleaseView, asked: Request) -> Element:
    check_prefix(asked.arguments["metadataPrefix"])
    row = _row(view, asked.arguments["identifier"])
    return listing("GetRecord", [_record(view, row, asked.arguments["metadataPrefix"])], None)


def _list_identifiers(view: ReleaseView, asked: Request) -> Element:
    wanted = asked.listing
    rows, token = _page(view, wanted)
    return listing("ListIdentifiers", [header(row, _identifier(row.entity)) for row in rows], token)


def _list_records(view: ReleaseView, asked: Request) -> Element:
    wanted = asked.listing
    rows, token = _page(view, wanted)
    return listing("ListRecords", [_record(view, row, wanted.prefix) for row in rows], token)


CONTENT: Final = {
    "Identify": _identify,
    "ListMetadataFormats": _list_formats,
    "ListSets": _list_sets,
    "GetRecord": _get_record,
    "ListIdentifiers": _list_identifiers,
    "ListRecords": _list_records,
}


def _page(view: ReleaseView, wanted: Listing) -> tuple[Sequence[Changed], Element | None]:
    """The next rows of a list, and the token that leads on, which is empty on the last page of several."""
    number, chosen = view.release.number, wanted.selection
    if wanted.set and not wanted.set.startswith(("kind:", "sector:")):
        raise ProtocolError("noRecordsMatch", "There is no such set: ListSets names them.")
    found = view.log.standing(number, chosen, wanted.after, PAGE + 1)
    rows = found[:PAGE]
    if not rows and not wanted.cursor:
        raise ProtocolError("noRecordsMatch", "Nothing matches: try another set, or an earlier time.")
    size = wanted.size or view.log.count_standing(number, chosen)
    if len(found) > PAGE:
        told = wanted.cursor + len(rows)
        following = Listing(wanted.prefix, wanted.set, wanted.since, wanted.until, rows[-1].number, told, size)
        return rows, resumption(following.token, size, wanted.cursor)
    return rows, resumption("", size, wanted.cursor) if wanted.cursor else None


def _record(view: ReleaseView, row: Changed, prefix: str) -> Element:
    head = header(row, _identifier(row.entity))
    if row.change is Change.WITHDRAWN:
        return record(head, None)
    if prefix == "rdf":
        return record(head, embedded(serialise(view.dataset.describe(row.entity), "rdf")))
    return record(head, simple(dublin_core(view, row.entity)))


def _row(view: ReleaseView, identifier: str) -> Changed:
    """The last row of the entity that an identifier names. Raises ProtocolError."""
    iri = SITE + identifier.removeprefix(LEADING)
    named = kind_and_slug(iri) if identifier.startswith(LEADING) and iri.startswith(BASE) else None
    row = view.log.last(entity(*named), view.release.number) if named else None
    if row is None:
        raise ProtocolError("idDoesNotExist", f"There is no record `{identifier}`; identifiers begin with {LEADING}.")
    return row


def _identifier(iri: NamedNode) -> str:
    return LEADING + iri.value.removeprefix(SITE)


def _time(view: ReleaseView) -> str:
    """The time of the response, in seconds."""
    return f"{max(view.release.created, datetime.now(UTC) - NOT_YET_SEEN):%Y-%m-%dT%H:%M:%SZ}"
