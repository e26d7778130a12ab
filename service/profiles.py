"""`?profile=`: a thing as another convention writes it, and `?profile=alt`, which lists the conventions there are.

Content Negotiation by Profile (W3C Working Draft), by query string, where `_profile` is its own name for the parameter,
and by the header `Accept-Profile`, which the parameter beats.
"""

from dataclasses import dataclass
from typing import Any, Final

from flask import Response, json, request
from markupsafe import Markup
from pyoxigraph import NamedNode
from werkzeug.http import parse_accept_header

from graph.parameters import Parameter
from graph.profiles import PROFILES, SCHEMA_ORG, TOKENS, Profile, ProfileRefused, tokens_of
from graph.store import Dataset
from service.negotiation import RDF_SUFFIXES, NothingFits
from service.operation import Asked
from service.permalinks import kept
from service.representations import bytes_answer, json_answer, linked, page
from service.signposting import of_profile

ALTERNATIVES: Final = "alt"
HEADER: Final = "Accept-Profile"
PROFILE: Final = Parameter(
    "profile",
    "enumeration",
    f"Written as another convention has it; `{ALTERNATIVES}` lists those that there are for the thing.",
    example="schema",
    enumeration=(ALTERNATIVES, *PROFILES, *TOKENS),
)
ALIAS: Final = Parameter(
    "_profile", "enumeration", "Another name of `profile`.", example="schema", enumeration=PROFILE.enumeration
)


@dataclass(frozen=True)
class Alternative:
    """One convention that there is for a thing; `missing` is what it demands and nobody has stated."""

    profile: Profile
    missing: list[str]


def asked_token(kind: str) -> str | None:
    """The token of the profile asked for, whether or not there is one for the kind, which only the header looks for.

    Raises InvalidParameter for two of them, and ProfileRefused where there is none of those that the header accepts.
    """
    given = (request.args.get(name, "").strip() for name in ("profile", "_profile"))
    tokens = {TOKENS.get(one, one) for one in given} - {""}
    if len(tokens) > 1:
        raise PROFILE.refusal(", ".join(sorted(tokens)), "`profile` and `_profile` ask for two; ask for one.")
    return next(iter(tokens), None) or _accepted(kind, request.headers.get(HEADER, ""))


def _accepted(kind: str, header: str) -> str | None:
    """The token of the best of the profiles that a header accepts: IRIs in angle brackets, with quality values."""
    accepted = [name.strip("<>") for name, quality in parse_accept_header(header) if quality > 0]
    known = tokens_of(kind)
    found = next((TOKENS[one] for one in accepted if TOKENS.get(one) in known), None)
    if accepted and found is None:
        offered = "; ".join(f"<{PROFILES[token].iri}>" for token in known) or "none"
        raise ProfileRefused(f"{HEADER} accepts no form that there is. For the kind {kind} there is {offered}.", known)
    return found


def formats_of(token: str) -> tuple[str, ...]:
    """The formats of a profile, the one that its readers expect first."""
    if token == ALTERNATIVES:
        return ("html", "json")
    first = "jsonld" if token in PROFILES and PROFILES[token].nested else "ttl"
    return (first, *(one for one in RDF_SUFFIXES if one != first), "json")


def answer_in_profile(asked: Asked, token: str, kind: str, slug: str, iri: NamedNode) -> Response:
    """The thing in a profile, or the list of profiles. Raises ProfileRefused, and NothingFits for another format."""
    if asked.representation not in formats_of(token):
        raise NothingFits(formats_of(token))
    if token == ALTERNATIVES:
        return _alternatives(asked, kind, slug, iri)
    profile = PROFILES[token]
    found = profile.statements(asked.view.dataset, kind, iri)
    response = bytes_answer(profile.serialised(found, iri, asked.representation), asked.representation)
    response.headers["Content-Profile"] = f"<{profile.iri}>"
    for one in of_profile(kind, slug, iri, profile, asked.representation):
        response.headers.add("Link", one.header)
    return linked(response, {})


def alternatives(dataset: Dataset, kind: str, iri: NamedNode) -> list[Alternative]:
    """The conventions that have a form for a kind of thing, with what keeps this one from being written in them."""
    known = [profile for profile in PROFILES.values() if kind in profile.writers]
    return [Alternative(profile, profile.missing(dataset, kind, iri)) for profile in known]


def data_block(dataset: Dataset, kind: str, iri: NamedNode) -> Markup | None:
    """The thing as schema.org has it, as the content of a `script` element that is data and never runs (HTML, 4.12.1).

    `<`, `>` and `&` are written as escapes of JSON, so that nothing in it can end the element.
    """
    if kind not in SCHEMA_ORG.writers:
        return None
    tree = SCHEMA_ORG.nested_form(SCHEMA_ORG.statements(dataset, kind, iri), iri)
    text = json.dumps(tree, ensure_ascii=False, sort_keys=False)
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def _alternatives(asked: Asked, kind: str, slug: str, iri: NamedNode) -> Response:
    found = alternatives(asked.view.dataset, kind, iri)
    if asked.representation == "html":
        return page(
            "profiles.html", asked, kind=kind, slug=slug, label=asked.view.label(iri, asked.language), found=found
        )
    return linked(json_answer({"iri": iri.value, "items": [_item(one, kind, slug) for one in found]}), {})


def _item(one: Alternative, kind: str, slug: str) -> dict[str, Any]:
    token = one.profile.token
    return {
        "profile": token,
        "uri": one.profile.iri,
        "title": one.profile.title,
        "path": None if one.missing else kept(f"/{kind}/{slug}?profile={token}"),
        "formats": [] if one.missing else list(formats_of(token)),
        "missing": one.missing,
    }
