"""What the templates can use: safe links, labels, and names of properties.

Links lead to this service's own pages for what the release describes, and to http, https and mailto only
for everything else; any other scheme is shown as text.
"""

import re
from fractions import Fraction
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Flask, current_app, g
from markupsafe import Markup, escape
from pyoxigraph import Literal, NamedNode

from graph.gaps import STATES, four_decimals
from graph.mergers import replaced_by
from graph.namespaces import PREFIXES, SHAPE, SHAPES_GRAPH, TRV, VOCABULARY_GRAPH, kind_and_slug
from graph.store import Term
from service.choices import STATE_WORDS
from service.citation import citation
from service.impact_text import sentences
from service.older_releases import is_older
from service.operation import Asked
from service.permalinks import kept, newest_address
from service.representations import LICENCE, address, twin
from service.review_view import lines, path_name
from service.words import language_name, property_name, words

ORCID: Final = "https://orcid.org/"
ORCID_ID: Final = re.compile(r"(\d{4}-){3}\d{3}[\dX]")
SAFE_SCHEMES: Final = ("http", "https", "mailto")
NAVIGATION: Final = (
    ("/gaps", "Gaps"),
    ("/shared", "Shared"),
    ("/competencies", "Competencies"),
    ("/roles", "Roles"),
    ("/offerings", "Offerings"),
    ("/needs", "Needs"),
    ("/providers", "Providers"),
    ("/contribute", "Contribute"),
    ("/queries", "Questions"),
    ("/sparql", "SPARQL"),
    ("/docs", "API"),
)
FURTHER: Final = (
    ("/sectors", "Sectors"),
    ("/areas", "Areas"),
    ("/surveys", "Surveys"),
    ("/schemes", "Schemes"),
    ("/network", "Network"),
    ("/ns", "Vocabulary"),
    ("/shapes", "Shapes"),
    ("/templates", "Templates"),
    ("/validate", "Validate"),
    ("/checks", "Checks"),
    ("/changes", "Changes"),
    ("/contributions", "Contributions"),
    ("/contributors", "Contributors"),
    ("/releases", "Releases"),
    ("/cite", "Cite"),
    ("/embed", "Embed"),
    ("/catalog", "Dataset"),
    ("/dumps/", "Dumps"),
    ("/openapi.json", "OpenAPI"),
    ("/health", "Health"),
)


def init_app(app: Flask) -> None:
    """Give the templates their filters and globals."""
    app.jinja_env.filters.update(
        href=safe_href,
        path=local_path,
        kept=kept,
        percent=percent,
        four=four_decimals,
        short=short,
        words=words,
        host=host,
        language=language_name,
        prose=prose,
        brief=brief,
        sentences=sentences,
    )
    app.jinja_env.globals.update(
        link=link,
        cite=citation,
        orcid=orcid,
        property_name=property_name,
        path_name=path_name,
        triple_lines=lines,
        here=address,
        twin=twin,
        navigation=NAVIGATION,
        further=FURTHER,
        licence=LICENCE,
        states=STATES,
        state_words=STATE_WORDS,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(_release)


def safe_href(address: str) -> str | None:
    """The address if a link may lead there, else None."""
    try:
        scheme = urlsplit(address).scheme.lower()
    except ValueError:
        return None
    return address if scheme in SAFE_SCHEMES else None


def local_path(iri: NamedNode | str) -> str | None:
    """Where this service shows one of our own IRIs; None for all others."""
    text = iri if isinstance(iri, str) else iri.value
    pair = kind_and_slug(text)
    if pair:
        return f"/{pair[0]}/{pair[1]}"
    for graph, terms, path in ((VOCABULARY_GRAPH, TRV, "/ns"), (SHAPES_GRAPH, SHAPE, "/shapes")):
        if text == graph.value or text.startswith(terms.iri):
            return path + text[len(graph.value) :]
    return None


def link(asked: Asked, term: Term | None, text: str | None = None) -> Markup:
    """A term as a reader sees it: a link where it leads somewhere, with its label and the label's language."""
    if isinstance(term, NamedNode):
        return _thing(asked, term, text)
    if isinstance(term, Literal):
        return _in_language(Literal(text) if text else term)
    return Markup("")


def orcid(text: str) -> Markup:
    """An ORCID iD as its link, as its owners want it shown; what is none is text."""
    number = text.removeprefix(ORCID).removeprefix("http://orcid.org/")
    return (
        Markup('<a href="{0}{1}" rel="external">{0}{1}</a>').format(ORCID, number)
        if ORCID_ID.fullmatch(number)
        else escape(text)
    )


def percent(value: Fraction) -> str:
    """A share in per cent, to one decimal where it needs one: `15 %`, `12.5 %`."""
    return f"{float(value * 100):.1f}".removesuffix(".0") + "\u202f%"


def host(address: str) -> str:
    """The host of an address, to show in its place."""
    return urlsplit(address).netloc.removeprefix("www.") or address


def prose(text: str) -> Markup:
    """A sentence in which `words in backticks` are code; it ends in a full stop."""
    pieces = enumerate((text if text.endswith((".", "?", "!")) else f"{text}.").split("`"))
    return Markup("").join(Markup("<code>{}</code>").format(one) if at % 2 else escape(one) for at, one in pieces)


def brief(term: Term) -> str | None:
    """The host in place of a long address of another; None for what is shown by its label."""
    foreign = isinstance(term, NamedNode) and not local_path(term)
    return host(term.value) if foreign and isinstance(term, NamedNode) else None


def short(iri: str) -> str:
    """An IRI with a prefix, where there is one: `trv:teaches`."""
    for prefix, start in PREFIXES.items():
        if iri.startswith(start) and "/" not in iri[len(start) :]:
            return f"{prefix}:{iri[len(start) :]}"
    return iri


def _thing(asked: Asked, iri: NamedNode, text: str | None) -> Markup:
    label = Literal(text) if text else asked.view.label(iri, asked.language)
    path = local_path(iri)
    if path:
        known = path.startswith(("/ns", "/shapes")) or asked.view.exists(iri) or replaced_by(asked.view.dataset, iri)
        return _anchor(kept(path), label) if known else _in_language(label)
    address = safe_href(iri.value)
    return _anchor(address, label, "external") if address else escape(label.value)


def _anchor(address: str, label: Literal, relation: str = "") -> Markup:
    relation_text = Markup(' rel="{}"').format(relation) if relation else Markup("")
    return Markup('<a href="{}"{}{}>{}</a>').format(address, relation_text, _language(label), label.value)


def _in_language(label: Literal) -> Markup:
    language = _language(label)
    return Markup("<span{}>{}</span>").format(language, label.value) if language else escape(label.value)


def _language(label: Literal) -> Markup:
    """The `lang` attribute, for a text that is not in the language of the page."""
    foreign = label.language and label.language != "en"
    return Markup(' lang="{}"').format(label.language) if foreign else Markup("")


def _release() -> dict[str, Any]:
    view = g.get("view")
    older = {"older": is_older(), "newest_address": newest_address() if is_older() else ""}
    return {"release": view.release if view else None, "settings": current_app.extensions["trivium.settings"], **older}
