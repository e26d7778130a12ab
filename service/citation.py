"""How to cite what a page or a file shows: as a sentence, as BibTeX and as CSL-JSON, with an address that stays.

    curl -H 'Accept: application/x-bibtex' ADDRESS      or, with a suffix, /gaps.bib?sector=museums

The media types are those that DOIs are cited by, so that programs that know these can cite an address of ours.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from flask import Response, json

from graph.dataset_text import LICENCE, TITLE
from service.asked import Asked
from service.deployment import deployment
from service.filter_words import filter_words
from service.parameters import RELEASE
from service.permalinks import permalink
from service.representations import bytes_answer

DATASET_PATH: Final = "/cite"
FORMATS: Final = ("bib", "csl")
LICENCE_NAME: Final = "CC0 1.0"
STOPS: Final = (".", "?", "!")
SPECIAL: Final = re.compile(r"[&%$#_{}~^\\]")
IN_LATEX: Final = {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}


@dataclass(frozen=True)
class Citation:
    """What is cited: its title, under which filter, who publishes it, of which release, and where it stays."""

    title: str
    filter: str
    publisher: str
    release: int
    issued: date
    as_of: date
    address: str

    @property
    def sentence(self) -> str:
        """The citation as one writes it down, without the address."""
        parts = (self.publisher, self.title, f"{self.within}release {self.release}, {self.day}.")
        return " ".join(part if part.endswith(STOPS) else f"{part}." for part in parts)

    @property
    def within(self) -> str:
        """The dataset that it is a part of, unless it is the dataset: as the beginning of a list."""
        return "" if self.title == TITLE["en"] else f"{TITLE['en']}, "

    @property
    def day(self) -> str:
        """When the release was published: `24 November 2026`."""
        return f"{self.issued.day} {self.issued:%B %Y}"

    @property
    def key(self) -> str:
        """A name that no other citation has: of another release, or of another address."""
        return f"trivium-{self.release}-{sha256(self.address.encode()).hexdigest()[:8]}"

    @property
    def page(self) -> str:
        """The address on this host."""
        return urlunsplit(("", "", *urlsplit(self.address)[2:]))

    def file(self, suffix: str) -> str:
        """Where the citation is, on this host, as a file; `/` has no suffixes, so that of the dataset is at `/cite`."""
        parts = urlsplit(self.address)
        return f"{parts.path if parts.path != '/' else DATASET_PATH}.{suffix}?{parts.query}"

    def facts(self) -> dict[str, str]:
        """What the head of a file says, by name."""
        return {
            "Title": self.title,
            "Filter": self.filter,
            "Release": f"{self.release}, published {self.issued.isoformat()}, as of {self.as_of.isoformat()}",
            "Publisher": self.publisher,
            "Licence": f"{LICENCE_NAME}, {LICENCE}",
            "Address": self.address,
        }


def citation(asked: Asked, title: str = "") -> Citation:
    """What the address of a request is cited as; without a title, by what the address answers and its filter."""
    release, chosen = asked.view.release, ", ".join(filter_words(asked))
    return Citation(
        title=title or (f"{asked.title} ({chosen})" if chosen else asked.title),
        filter=chosen or "none",
        publisher=deployment().publisher.name,
        release=release.number,
        issued=release.created.date(),
        as_of=release.as_of,
        address=permalink(asked.representation),
    )


def dataset_citation(asked: Asked) -> Citation:
    """What the dataset is cited as, in the release that is answered from."""
    address = deployment().at(f"/?{RELEASE.name}={asked.view.release.number}").value
    return replace(citation(asked, TITLE["en"]), address=address)


def cited(one: Citation, representation: str) -> Response:
    """A citation as a file: `bib` or `csl`."""
    content = bibtex(one) if representation == "bib" else json.dumps([csl(one)], ensure_ascii=False, indent=1)
    response = bytes_answer(content.encode(), representation)
    response.headers["Content-Disposition"] = f'attachment; filename="{one.key}.{SUFFIXES[representation]}"'
    return response


SUFFIXES: Final = {"bib": "bib", "csl": "json"}
"""What programs expect such a file to end in."""


def bibtex(one: Citation) -> str:
    """The citation as an entry of BibTeX; `version` and `url` are fields of BibLaTeX, which BibTeX passes over."""
    return f"@misc{{{one.key},\n" + "".join(f"  {name} = {{{value}}},\n" for name, value in _fields(one)) + "}\n"


def _fields(one: Citation) -> Iterator[tuple[str, str]]:
    yield "author", f"{{{latex(one.publisher)}}}"
    yield "title", latex(one.title)
    yield "year", str(one.issued.year)
    yield "month", str(one.issued.month)
    yield "howpublished", f"{latex(one.within)}release {one.release}"
    yield "publisher", latex(one.publisher)
    yield "version", str(one.release)
    yield "url", one.address
    yield "note", f"As of {one.as_of.isoformat()}. {LICENCE_NAME}"


def latex(text: str) -> str:
    """A text whose signs mean nothing else to LaTeX."""
    return SPECIAL.sub(lambda found: IN_LATEX.get(found[0], rf"\{found[0]}"), text)


def csl(one: Citation) -> dict[str, Any]:
    """The citation as an item of CSL-JSON."""
    return {
        "id": one.key,
        "type": "dataset",
        "title": one.title,
        **({"container-title": TITLE["en"]} if one.within else {}),
        "author": [{"literal": one.publisher}],
        "publisher": one.publisher,
        "issued": {"date-parts": [[one.issued.year, one.issued.month, one.issued.day]]},
        "version": str(one.release),
        "URL": one.address,
        "note": f"As of {one.as_of.isoformat()}. {LICENCE_NAME}",
    }
