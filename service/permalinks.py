"""Addresses that name their release (`?release=7`): what is said of them in headers, and the links that stay in it.

An address with a release is a Memento (RFC 7089) of the one without: it says when it was published, and leads to the
original, which is also its canonical address and its latest version (RFC 6596, RFC 5829).
"""

from typing import Final
from urllib.parse import urlencode, urlsplit

from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date

from graph.releases import Release
from service.caching import DAY, FRESH, MONTH
from service.deployment import deployment
from service.older_releases import is_older
from service.parameters import HEAD, RELEASE
from service.release_view import current_view

HEADER: Final = "Trivium-Release"
MEMENTO: Final = "Memento-Datetime"


def asked_release() -> int | None:
    """The release that the request names. Raises InvalidParameter for what is no number of a release."""
    texts = {text.strip() for text in request.values.getlist(RELEASE.name)} - {""}
    if len(texts) > 1:
        raise RELEASE.refusal(max(texts), "given more than once; give it once.")
    return int(RELEASE.parse(texts.pop()).value) if texts else None


def lifetime(representation: str) -> str:
    """How long an answer may be kept: what names its release says the same for good.

    A page changes with what surrounds it, and when its release stops being the newest.
    """
    if asked_release() is None or (representation == "html" and not is_older()):
        return FRESH
    return DAY if representation == "html" else MONTH


def remembered(response: Response, release: Release) -> Response:
    """Say of an answer whose address names the release when that was, and which address has the newest."""
    if asked_release() is not None:
        response.headers[MEMENTO] = http_date(release.created)
        response.headers.add("Link", f'<{newest_address()}>; rel="original latest-version{_canonical(response)}"')
    return response


def _canonical(response: Response) -> str:
    """A thing has a canonical address already: its identifier."""
    return "" if any('rel="canonical"' in one for one in response.headers.getlist("Link")) else " canonical"


def newest_address() -> str:
    """This address without the release."""
    return _public(request.path, {name: value for name, value in request.args.items() if name != RELEASE.name})


def permalink(representation: str) -> str:
    """The whole address of the page that this is a representation of, with the release it is answered from."""
    arguments = {name: value for name, value in request.args.items() if value and name != HEAD.name}
    query = urlencode({**arguments, RELEASE.name: current_view().release.number})
    return deployment().at(f"{request.path.removesuffix(f'.{representation}')}?{query}").value


def kept(address: str) -> str:
    """An address of ours as a page of an older release links to it: within the same release, where there is one."""
    if not is_older() or not address.startswith("/") or not _takes_release(urlsplit(address).path):
        return address
    rest, mark, fragment = address.partition("#")
    join = "&" if "?" in rest else "?"
    return f"{rest}{join}{RELEASE.name}={current_view().release.number}{mark}{fragment}"


def _takes_release(path: str) -> bool:
    try:
        endpoint, _ = current_app.url_map.bind("localhost").match(path)
    except HTTPException:
        return False
    operation = getattr(current_app.view_functions[endpoint], "operation", None)
    return RELEASE in getattr(operation, "parameters", ())


def _public(path: str, arguments: dict[str, str]) -> str:
    base: str = current_app.extensions["trivium.settings"].base
    return base.rstrip("/") + path + (f"?{urlencode(arguments)}" if arguments else "")
