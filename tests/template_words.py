"""What a template says without marking it to be translated, and what a page says in its own language."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

from jinja2 import Environment

WORD: Final = re.compile(r"[A-Za-z]{2,}")
SAID: Final = re.compile(r"[A-Z][a-z]|[a-z]+ [a-z]")  # a string in an expression that looks like words for a reader
SLUGS: Final = re.compile(r"[a-z,-]+")  # as an example of what is typed
ADDRESS: Final = re.compile(r"https?://\S+")
ATTRIBUTE: Final = re.compile(r'\w="')  # in a macro that makes attributes
NOT_SHOWN: Final = ("_", "gettext", "ngettext", "pgettext", "partition")
"""Whose arguments are translated, or only compared."""
SHOWN: Final = ("title", "alt", "placeholder", "aria-label", "data-label")
VERBATIM: Final = ("code", "kbd", "pre", "script", "style", "textarea")
EXPRESSION: Final = " \x00"
SAME: Final = """Trivium SPARQL JSON CSV TSV RDF SHACL VoID schema org DCAT AP CC API XLSX Turtle Atom BibTeX CSL UTC
    SERVICE PageRank GraphML GEXF JGF Gephi Cytoscape NetworkX MB GB ORCID POST GET OpenAPI PDF SHA trv csv US LD"""
NAMES: Final = frozenset(SAME.split())
"""Names, which are the same in every language."""


def unmarked(source: str) -> list[str]:
    """Every text of a template that a reader is shown as it stands."""
    parser = _Texts()
    parser.feed("".join(_outside(source)))
    parser.close()
    return [*filter(_english, parser.found), *_in_expressions(source)]


def _shown(string: str) -> bool:
    return "\n" not in string and bool(SAID.search(string)) and _english(string)


def _english(text: str) -> bool:
    words = WORD.findall(ADDRESS.sub("", text))
    return not ATTRIBUTE.search(text) and any(word not in NAMES for word in words)


class _Texts(HTMLParser):
    """The text nodes of a page, and the attributes that are shown or said."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._verbatim = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._verbatim += tag in VERBATIM
        shown = [(name, value) for name, value in attrs if name in SHOWN and value]
        self.found.extend(value for name, value in shown if name != "placeholder" or not SLUGS.fullmatch(value))

    def handle_endtag(self, tag: str) -> None:
        self._verbatim -= tag in VERBATIM

    def handle_data(self, data: str) -> None:
        if not self._verbatim and data.strip():
            self.found.append(data.strip())


def _outside(source: str) -> Iterator[str]:
    """The template's own text, without what is marked; a sign stands for each expression."""
    inside = False
    blocks: list[str] = []
    for kind, value in _tokens(source):
        if kind == "block_begin":
            blocks = []
        elif kind == "name":
            blocks.append(value)
        elif kind == "block_end" and blocks[:1] in (["trans"], ["endtrans"]):
            inside = blocks[0] == "trans"
        elif kind == "variable_end" and not inside:
            yield EXPRESSION
        elif kind == "data" and not inside:
            yield value


def _in_expressions(source: str) -> Iterator[str]:
    """Strings in expressions and blocks that look like words for a reader, and are no argument of a translation."""
    depths: list[bool] = []
    previous = ""
    for kind, value in _tokens(source):
        if kind == "operator" and value == "(":
            depths.append(previous in NOT_SHOWN)
        elif kind == "operator" and value == ")" and depths:
            depths.pop()
        elif kind == "string" and previous != "==" and not any(depths) and _shown(value):
            yield value.strip("\"'")
        if kind != "whitespace":
            previous = value


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    return ((kind, value) for _, kind, value in Environment(extensions=["jinja2.ext.i18n"]).lex(source))


class _Said(HTMLParser):
    """The texts of a page that are in its own language, as far as it marks others."""

    def __init__(self) -> None:
        super().__init__()
        self.own = ""
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        language = dict(attrs).get("lang")
        self.own = self.own or language or ""
        if tag not in VOID:
            self._open.append((tag, tag in VERBATIM or language not in (None, self.own)))
        if not self._foreign():
            self.found.extend(value for name, value in attrs if name in SHOWN and value)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._foreign():
            self.found.append(data.strip())

    def _foreign(self) -> bool:
        return any(foreign for _, foreign in self._open)


VOID: Final = ("area", "base", "br", "circle", "col", "hr", "img", "input", "line", "link", "meta", "path", "wbr")


def said(page: str) -> list[str]:
    """Every text of a page that it says in its own language."""
    parser = _Said()
    parser.feed(page)
    parser.close()
    return parser.found
