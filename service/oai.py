"""`/oai`: OAI-PMH 2.0. Every entity of the change log is an item, its last row the record, withdrawn ones too.

A list is read from the newest release page by page: an entity that changes meanwhile moves behind the place where the
reader is and is seen again, so that nothing is missed.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import UnsupportedMediaType

from graph.changes import Changed
from graph.differences import Change
from graph.namespaces import entity, kind_and_slug
from graph.parameters import Parameter
from service import oai_xml
from service.deployment import deployment
from service.dublin_core import dublin_core
from service.oai_arguments import TOKEN, VERBS, Harvest, ProtocolError, known, read
from service.oai_xml import Element
from service.operation import Operation, declared
from service.release_view import ReleaseView, current_view
from service.representations import bytes_answer
from service.words import kind_name

FORM: Final = "application/x-www-form-urlencoded"
PAGE: Final = 100  # items
LONGEST_FORM: Final = 65_536  # bytes
LAG: Final = timedelta(seconds=60)
"""A release appears so long after its time at the most: who asks again from the time of an answer misses none."""

NO_MAIL: Final = "contact-not-set@trivium.invalid"
MAIL: Final = re.compile(r"mailto:(\S+@(?:[^\s.]+\.)+[^\s.]+)")

PARAMETERS: Final = (
    Parameter("verb", "enumeration", "What is asked.", enumeration=tuple(VERBS), required=True, example="Identify"),
    Parameter("identifier", "text", "An item.", example=oai_xml.SAMPLE),
    Parameter("metadataPrefix", "text", "A metadata format: oai_dc or rdf.", example="oai_dc"),
    Parameter("from", "text", "Changed at this day or second (UTC), or later.", example="2026-11-24"),
    Parameter("until", "text", "Changed at this day or second (UTC), or before."),
    Parameter("set", "text", "A set, as ListSets names them.", example="kind:offering"),
    Parameter(TOKEN, "text", "Where a list goes on; alone with the verb."),
)
OPERATION: Final = Operation("/oai", "Harvest by OAI-PMH 2.0", ("oai",), PARAMETERS, "Harvest", (FORM,))

blueprint = Blueprint("oai", __name__)


@blueprint.route("/oai", methods=["GET", "POST"])
@declared(OPERATION)
def harvest() -> Response:
    """Answer a verb. Errors of the protocol are answers too, with status 200 (3.6)."""
    view = current_view()
    echoed: Mapping[str, str] = {}
    try:
        echoed = arguments = read(_given())
        content = _answer(view, arguments)
    except ProtocolError as error:
        content = oai_xml.error(error.code, str(error))
    now = max(view.release.created, datetime.now(UTC) - LAG)
    response = bytes_answer(oai_xml.document(now, _base(), echoed, content), "oai")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _given() -> MultiDict[str, str]:
    """The arguments of the query string, or of a form that was posted (3.1.1). Raises UnsupportedMediaType."""
    if request.method != "POST":
        return request.args
    if request.mimetype != FORM:
        raise UnsupportedMediaType(f"Post the arguments as {FORM}.")
    request.max_content_length = LONGEST_FORM
    return request.form


def _base() -> str:
    return deployment().at("/oai").value


def _answer(view: ReleaseView, arguments: Mapping[str, str]) -> Element:
    match arguments["verb"]:
        case "Identify":
            return oai_xml.identify(_facts(view))
        case "ListMetadataFormats":
            if "identifier" in arguments:
                _item(view, arguments["identifier"])
            return oai_xml.formats()
        case "ListSets":
            if TOKEN in arguments:
                raise ProtocolError("badResumptionToken", "The sets are listed at once, so no token is given.")
            return oai_xml.sets(dict(_sets(view)))
        case "GetRecord":
            row = _item(view, arguments["identifier"])
            return oai_xml.listed("GetRecord", [_record(view, row, known(arguments["metadataPrefix"]))])
        case verb:
            begun = Harvest.resumed(arguments[TOKEN]) if TOKEN in arguments else Harvest.begun(arguments)
            return oai_xml.listed(verb, _page(view, verb, begun, TOKEN in arguments))


def _facts(view: ReleaseView) -> dict[str, str]:
    """What Identify says, in the order of the schema."""
    contact = MAIL.fullmatch(deployment().contact.value)
    return {
        "repositoryName": "Trivium",
        "baseURL": _base(),
        "protocolVersion": "2.0",
        "adminEmail": contact[1] if contact else NO_MAIL,
        "earliestDatestamp": oai_xml.stamp(view.log.first_time() or view.release.created),
        "deletedRecord": "persistent",
        "granularity": "YYYY-MM-DDThh:mm:ssZ",
    }


def _sets(view: ReleaseView) -> Iterator[tuple[str, str]]:
    """Every set with its name: the kinds of thing, and the sectors."""
    yield from ((f"kind:{kind}", kind_name(kind)) for kind in view.release.counts)
    for slug in view.slugs.get("sector", ()):
        yield f"sector:{slug}", view.label(entity("sector", slug)).value


def _item(view: ReleaseView, identifier: str) -> Changed:
    """The last row of an item. Raises ProtocolError: idDoesNotExist."""
    iri = oai_xml.HOST + identifier.removeprefix(oai_xml.NAMESPACE)
    ours = identifier.startswith(oai_xml.NAMESPACE) and kind_and_slug(iri)
    row = view.log.last(NamedNode(iri), view.release.number) if ours else None
    if row is None:
        raise ProtocolError("idDoesNotExist", f"There is no such item. Identifiers are like {oai_xml.SAMPLE}.")
    return row


def _page(view: ReleaseView, verb: str, asked: Harvest, resumed: bool) -> Iterator[Element]:
    """The next items of a list, and where it goes on. Raises ProtocolError: noRecordsMatch."""
    number, chosen = view.release.number, asked.selection
    found = view.log.standing(number, chosen, asked.after, PAGE + 1)
    if resumed and not found:  # all that was left has moved beyond `until`: repeat an item, for no list may be empty
        found = view.log.standing(number, chosen, limit=1)
    if not found:
        raise ProtocolError("noRecordsMatch", "Nothing has changed in this time and set.")
    page, more = found[:PAGE], len(found) > PAGE
    for row in page:
        yield oai_xml.header(row) if verb == "ListIdentifiers" else _record(view, row, asked.prefix)
    if more or resumed:
        size = asked.size or view.log.count_standing(number, chosen)
        yield oai_xml.token(asked.following(page, size).token if more else "", asked.cursor, size)


def _record(view: ReleaseView, row: Changed, prefix: str) -> Element:
    return oai_xml.record(row, None if row.change is Change.WITHDRAWN else _metadata(view, row, prefix))


def _metadata(view: ReleaseView, row: Changed, prefix: str) -> Element:
    if prefix == "rdf":
        return oai_xml.rdf(view.dataset.describe(row.entity))
    return oai_xml.simple_dublin_core(dublin_core(view, row.kind, row.entity))
