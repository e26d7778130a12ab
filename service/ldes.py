"""`/ldes`: the change log as a Linked Data Event Stream, to take the whole history and then stay in step."""

from typing import Final

from flask import Blueprint, Response, request

from graph.errors import NotFound
from graph.ldes import PAGE, Place, is_full, page, pages, root
from service.caching import FOREVER
from service.deployment import deployment
from service.negotiation import choose
from service.operation import VARY, Asked, Operation, answers, by_content, declared
from service.representations import linked, rdf_answer

TAG: Final = "Harvest"
FORMATS: Final = ("ttl", "jsonld", "nt")
ONE_PAGE: Final = Operation("/ldes/<number>", "One page of the event stream: 500 changes", FORMATS, tag=TAG)

blueprint = Blueprint("ldes", __name__)


@answers(blueprint, "/ldes", "Every version of everything, as a Linked Data Event Stream", FORMATS, tag=TAG)
def show_root(asked: Asked) -> Response:
    """What the stream is, and its pages."""
    triples = root(asked.view.log, asked.view.release.number, _place())
    return linked(rdf_answer(triples, asked.representation), {"describedby": "/catalog"})


@blueprint.get("/ldes/<number>")
@blueprint.get(f"/ldes/<number>.<any({','.join(FORMATS)}):suffix>")
@declared(ONE_PAGE)
def show_page(number: str, suffix: str | None = None) -> Response:
    """The versions of one page. A page that is full never changes again. Raises NotFound and NotReachedYet."""
    asked = ONE_PAGE.asked(suffix)
    log, upto = asked.view.log, asked.view.release.number
    count = log.count(upto)
    there = pages(count)
    if number not in map(str, range(there)):
        log.check_later(number, PAGE)
        raise NotFound(f"There is no page `{number}` of the event stream; there are {there}, from 0.")
    response = by_content(rdf_answer(page(log, upto, int(number), _place()), asked.representation))
    if is_full(count, int(number)):
        response.headers["Cache-Control"] = FOREVER
    return linked(response, {"collection": "/ldes"})


@blueprint.get("/id/<any(dataset):kind>/changes")
@declared(Operation("/id/<kind>/changes", "Where the identifier of the event stream leads", FORMATS, tag=TAG))
def identify(kind: str) -> Response:
    """Lead from the identifier of the stream to its root."""
    del kind
    location = f"/ldes.{choose(FORMATS, None, request.headers.get('Accept'))}"
    return Response(status=303, headers={"Location": location, "Vary": VARY, "Cache-Control": "no-cache"})


def _place() -> Place:
    """The addresses as they were asked for: who came by a suffix goes on by it, and the root names itself."""
    _, dot, suffix = request.path.partition(".")
    return Place(deployment().at("/ldes"), dot + suffix)
