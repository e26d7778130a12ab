"""Which representation a request gets: a suffix beats the `Accept` header (RFC 9110, 12.5.1).

Where nothing that is offered is acceptable the answer is 406, and names what is offered; an absent header and
`*/*` get the first of the offered formats, which is HTML wherever there is a page.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from werkzeug.datastructures import LanguageAccept, MIMEAccept
from werkzeug.exceptions import NotAcceptable
from werkzeug.http import parse_accept_header

MEDIA_TYPES: Final[dict[str, str]] = {
    "html": "text/html",
    "json": "application/json",
    "csv": "text/csv",
    "csvm": "application/csvm+json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "nq": "application/n-quads",
    "trig": "application/trig",
    "rdf": "application/rdf+xml",
    "atom": "application/atom+xml",
    "feed": "application/feed+json",
    "ics": "text/calendar",
    "xml": "application/xml",
    "oai": "text/xml",  # OAI-PMH 2.0, 3.1.2.1
    "bib": "application/x-bibtex",
    "csl": "application/vnd.citationstyles.csl+json",
    "linkset": "application/linkset+json",
    "srj": "application/sparql-results+json",
    "srx": "application/sparql-results+xml",
    "tsv": "text/tab-separated-values",
    "gz": "application/gzip",
    "zst": "application/zstd",
    "zip": "application/zip",
    "txt": "text/plain",
    "graphml": "application/graphml+xml",
    "gexf": "application/gexf+xml",
    "jgf": "application/vnd.jgf+json",
}
RDF_SUFFIXES: Final = ("ttl", "jsonld", "rdf", "nt")
PAGE_LANGUAGE: Final = "en"


class NothingFits(NotAcceptable):
    """None of the offered formats is acceptable to the client."""

    def __init__(self, offered: Sequence[str]) -> None:
        self.allowed = [MEDIA_TYPES[suffix] for suffix in offered]
        super().__init__(f"Ask for one of {', '.join(self.allowed)}, or put a suffix after the address.")


def choose(offered: Sequence[str], suffix: str | None, accept: str | None) -> str:
    """The suffix of the format to answer with. Raises NothingFits when none of those offered is acceptable."""
    if suffix:
        return suffix
    found = _best(tuple(offered), accept) if accept else offered[0]
    if found is None:
        raise NothingFits(offered)
    return found


def choose_language(offered: Sequence[str], accept: str | None) -> str:
    """The language that labels are shown in: the best one offered, else English."""
    return _best_language(tuple(offered), accept) if accept else PAGE_LANGUAGE


@lru_cache(maxsize=1024)
def _best(offered: tuple[str, ...], accept: str) -> str | None:
    types = {MEDIA_TYPES[suffix]: suffix for suffix in offered}
    return types.get(parse_accept_header(accept, MIMEAccept).best_match(list(types)) or "")


@lru_cache(maxsize=1024)
def _best_language(offered: tuple[str, ...], accept: str) -> str:
    """Who asks for `es-MX` is served with `es` before another language (RFC 4647, 3.4)."""
    wanted = parse_accept_header(accept, LanguageAccept)
    wider = LanguageAccept([*wanted, *((tag.partition("-")[0], quality) for tag, quality in wanted)])
    return wider.best_match(offered, PAGE_LANGUAGE) or PAGE_LANGUAGE
