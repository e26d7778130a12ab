"""The documents of ResourceSync (ANSI/NISO Z39.99-2017, 7): sitemaps that also say what each resource is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

SITEMAP: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
RS: Final = "http://www.openarchives.org/rs/terms/"
NAMES: Final = {None: SITEMAP, "rs": RS}


@dataclass(frozen=True)
class Entry:
    """One resource, or one document: its address, its time if it has one, what is said of it, and its links."""

    address: str
    modified: str = ""
    about: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    """A list of a capability with its entries: `about` is what is said of the list, `links` lead by relation.

    An `index` lists the parts of a list that is too long for one document.
    """

    capability: str
    entries: Iterable[Entry]
    about: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    index: bool = False

    def written(self) -> bytes:
        """The document as XML."""
        root = etree.Element(_name("sitemapindex" if self.index else "urlset"), nsmap=NAMES)
        _say(root, self.links, {"capability": self.capability, **self.about})
        for entry in self.entries:
            one = etree.SubElement(root, _name("sitemap" if self.index else "url"))
            etree.SubElement(one, _name("loc")).text = entry.address
            if entry.modified:
                etree.SubElement(one, _name("lastmod")).text = entry.modified
            _say(one, entry.links, entry.about)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _say(parent: etree._Element, links: Mapping[str, str], about: Mapping[str, str]) -> None:
    for relation, target in links.items():
        etree.SubElement(parent, f"{{{RS}}}ln", rel=relation, href=target)
    if about:
        etree.SubElement(parent, f"{{{RS}}}md", dict(about))


def _name(local: str) -> str:
    return f"{{{SITEMAP}}}{local}"
