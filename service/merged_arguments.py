"""Arguments that name what was merged into another thing: they lead to the same address with the one that stays."""

from collections.abc import Iterable
from urllib.parse import urlencode

from flask import Response, request

from graph.field import slug
from graph.mergers import current
from graph.parameters import Parameter, entity_named
from service.asked import given
from service.release_view import ReleaseView


def moved(parameters: Iterable[Parameter], view: ReleaseView, vary: str) -> Response | None:
    """Lead to this address with what took the place of the things that its arguments name; None if all are there.

    It is not kept for long, for a merger may be taken back.
    """
    arguments = given()
    replaced = {one.name: now for one in parameters if (now := _replacement(one, arguments.get(one.name, ""), view))}
    if not replaced:
        return None
    address = f"{request.path}?{urlencode(arguments | replaced)}"
    return Response(status=301, headers={"Location": address, "Vary": vary, "Cache-Control": "no-cache"})


def _replacement(parameter: Parameter, text: str, view: ReleaseView) -> str | None:
    """The slug of what stands now for the thing that a text names, if that is another."""
    iri = entity_named(parameter.kind, text.strip()) if parameter.type == "iri" and parameter.kind and text else None
    now = current(view.dataset, iri) if iri is not None else None
    return slug(now) if now is not None and now != iri else None
