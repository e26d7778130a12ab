"""`/.well-known/api-catalog` (RFC 9727): every interface in one list, as a linkset (RFC 9264)."""

from typing import Any, Final

from flask import Blueprint, Response

from graph.interfaces import INTERFACES
from service.deployment import deployment
from service.negotiation import MEDIA_TYPES
from service.operation import Asked, answers
from service.representations import json_answer, linked

PATH: Final = "/.well-known/api-catalog"
PROFILE: Final = "https://www.rfc-editor.org/info/rfc9727"

blueprint = Blueprint("api_catalog", __name__)


@answers(blueprint, PATH, "Every interface in one list (RFC 9727)", ("linkset",), tag="Harvest")
def show_api_catalog(asked: Asked) -> Response:
    """What there is, and for each interface what describes it, for machines and for people."""
    del asked
    response = json_answer({"linkset": _contexts()}, "linkset")
    response.headers["Content-Type"] = f'{MEDIA_TYPES["linkset"]}; profile="{PROFILE}"'  # RFC 9727, 4
    return linked(response, {"api-catalog": PATH})


def _contexts() -> list[dict[str, Any]]:
    """The list itself, the service as a whole, and each interface of it."""
    docs, about = _to("/docs", "text/html"), _to("/catalog.ttl", "text/turtle")
    whole = _to("/", "text/html")
    items = [whole, *(_to(one.endpoint, one.endpoint_type) for one in INTERFACES)]
    own = {"service-desc": [_to("/openapi.json", "application/json")], "service-doc": [docs], "service-meta": [about]}
    described = [
        {
            "anchor": _at(one.endpoint),
            "service-desc": [_to(one.description, one.description_type)],
            "service-doc": [docs],
            "service-meta": [about],
        }
        for one in INTERFACES
    ]
    return [{"anchor": _at(PATH), "item": items}, {"anchor": whole["href"], **own}, *described]


def _to(path: str, media_type: str) -> dict[str, str]:
    return {"href": _at(path), "type": media_type}


def _at(path: str) -> str:
    return deployment().at(path).value
