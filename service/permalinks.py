"""Addresses that name their release (`?release=7`): what is said of them in headers, and the links that stay in it.

Links stay in the language too, where the reader chose one by `?lang=es`.

An address with a release is a Memento (RFC 7089) of the one without: it says when it was published, and leads to the
original, which is also its canonical address and its latest version (RFC 6596, RFC 5829).
"""

from typing import Final
from urllib.parse import parse_qs, quote, urlencode, urlsplit, urlunsplit

from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date

from graph.parameters import LANGUAGE
from graph.releases import Release
from service.caching import DAY, FRESH, MONTH
from service.deployment import deployment
from service.older_releases import is_older
from service.parameters import HEAD, RELEASE, SPOKEN
from service.release_view import current_view

HEADER: Final = "Trivium-Release"
MEMENTO: Final = "Memento-Datetime"
SIGNS: Final = "/:@!$&'()*+,;=~"
"""What a path may have as it is (RFC 3986, 3.3)."""


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
    path = quote(request.path.removesuffix(f".{representation}"), SIGNS)
    return deployment().at(f"{path}?{query}").value


def kept(address: str) -> str:
    """An address of ours as this page links to it: in the language that was chosen, and in the same older release."""
    chosen = _chosen()
    if not chosen or not address.startswith("/"):
        return address
    parts = urlsplit(address)
    left = _taken(parts.path) - parse_qs(parts.query).keys()
    added = urlencode({name: value for name, value in chosen.items() if name in left})
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, added)))))


def _chosen() -> dict[str, str]:
    """What the reader chose that links stay in."""
    language = request.args.get(SPOKEN.name, "")
    chosen = {SPOKEN.name: language} if LANGUAGE.fullmatch(language) else {}
    return chosen | ({RELEASE.name: str(current_view().release.number)} if is_older() else {})


def _taken(path: str) -> set[str]:
    """The names of what a page takes."""
    try:
        endpoint, _ = current_app.url_map.bind("localhost").match(path)
    except HTTPException:
        return set()
    operation = getattr(current_app.view_functions[endpoint], "operation", None)
    return {one.name for one in getattr(operation, "parameters", ())}


def _public(path: str, arguments: dict[str, str]) -> str:
    base: str = current_app.extensions["trivium.settings"].base
    return base.rstrip("/") + quote(path, SIGNS) + (f"?{urlencode(arguments)}" if arguments else "")
