"""`/sitemap.xml` and the files it names, and `/robots.txt`: what crawlers look for (sitemaps.org, RFC 9309).

The pages that are listed are those of every kind that has a list of its own. What only relates two other things
(requirements, labels, mappings, sessions), who contributed, and the words of controlled lists are read on the pages of
what they speak of.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from flask import Blueprint, Response
from lxml import etree

from graph.errors import NotFound
from graph.namespaces import kind_and_slug
from graph.sitemap_files import files, listed
from service.deployment import deployment
from service.operation import Asked, fixed
from service.representations import bytes_answer, text_answer
from service.words import LISTS

blueprint = Blueprint("sitemaps", __name__)

TAG: Final = "Harvest"
NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
PAGES: Final = "pages"
WHOLE: Final = (
    *("/", "/shared", "/changes", "/releases", "/catalog", "/dumps/"),
    *("/network", "/network/roles", "/network/competencies", "/network/bridges"),
)
"""Pages that are others with every release, as far as a reader can see."""

WRITTEN: Final = ("/docs", "/queries", "/ns", "/shapes", "/templates", "/validate", "/sparql", "/problems", "/embed")
"""Pages that change with the code: nothing here knows when they did."""

ROBOTS: Final = """User-agent: *
# Everything may be read. What is only costly has the whole of it elsewhere: see /dumps/ and the sitemap.
Disallow: /sparql*query=
Disallow: /queries/*?
Disallow: /*release=

Sitemap: {address}
"""

Place = tuple[str, datetime | None]
"""A path, and when what is there changed last, if it is known."""


@fixed(blueprint, "/robots.txt", "What crawlers are asked not to read, and where the sitemap is", "txt", tag=TAG)
def show_robots(asked: Asked) -> Response:
    """The rules for crawlers."""
    del asked
    return text_answer(ROBOTS.format(address=deployment().at("/sitemap.xml").value))


@fixed(blueprint, "/sitemap.xml", "The index of the sitemaps", "xml", tag=TAG)
def show_index(asked: Asked) -> Response:
    """Every sitemap, with the time when something in it changed last."""
    upto = asked.view.release.number
    found: list[Place] = [(f"/sitemap-{PAGES}-1.xml", asked.view.release.created)]
    for kind in LISTS:
        numbered = files(asked.view.log, kind, upto)
        found += [(f"/sitemap-{kind}-{number}.xml", at) for number, at in numbered.items()]
    return _written("sitemapindex", "sitemap", found)


@fixed(blueprint, "/sitemap-<kind>-<int:number>.xml", "One sitemap: pages of one kind", "xml", tag=TAG)
def show_sitemap(asked: Asked, kind: str, number: int) -> Response:
    """The addresses of the pages of a kind, or of those that are not about one thing. Raises NotFound."""
    found = _places(asked, kind, number)
    if not found:
        raise NotFound(f"There is no sitemap {number} of `{kind}`; /sitemap.xml names those there are.")
    return _written("urlset", "url", found)


def _places(asked: Asked, kind: str, number: int) -> list[Place]:
    if kind == PAGES and number == 1:
        return list(_pages(asked))
    if kind not in LISTS:
        return []
    found = listed(asked.view.log, kind, number, asked.view.release.number)
    return [("/{}/{}".format(*(kind_and_slug(one.entity) or (kind, ""))), one.at) for one in found]


def _pages(asked: Asked) -> Iterable[Place]:
    """The pages that are not about one thing; a list changes when something of its kind does."""
    log, release = asked.view.log, asked.view.release
    yield from ((path, release.created) for path in WHOLE)
    for kind, path in LISTS.items():
        yield path, next((one.at for one in log.newest(release.number, [kind], limit=1)), None)
    yield from ((path, None) for path in WRITTEN)


def _written(root: str, element: str, places: Iterable[Place]) -> Response:
    document = etree.Element(f"{{{NAMESPACE}}}{root}", nsmap={None: NAMESPACE})
    for path, at in places:
        one = etree.SubElement(document, f"{{{NAMESPACE}}}{element}")
        etree.SubElement(one, f"{{{NAMESPACE}}}loc").text = deployment().at(path).value
        if at:
            etree.SubElement(one, f"{{{NAMESPACE}}}lastmod").text = at.isoformat()
    return bytes_answer(etree.tostring(document, xml_declaration=True, encoding="UTF-8"), "xml")
