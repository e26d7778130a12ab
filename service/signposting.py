"""FAIR Signposting: links from the page of a thing to its identifier, its data and its licence, and back.

The same links stand in the `Link` headers (RFC 8288), in the head of the page, and in a linkset (RFC 9264), so that a
machine that meets any of them finds the rest.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from flask import current_app
from pyoxigraph import NamedNode

from graph.dataset_text import DATASET
from graph.namespaces import DCT, RDF, SCHEMA, VOID
from graph.profiles import PROFILES, Profile
from graph.store import Dataset
from service.negotiation import MEDIA_TYPES, RDF_SUFFIXES
from service.representations import LICENCE

ABOUT_PAGE: Final = "https://schema.org/AboutPage"
CURRENT: Final = "https://schema.org/"  # as the conventions of Signposting write it
DOWNLOADS: Final = ("cube", "skos")
"""Profiles whose document is not about the thing but is the thing, whole: what there is to download."""


@dataclass(frozen=True)
class Signpost:
    """One typed link. `relation` may be several relation types, separated by spaces."""

    relation: str
    target: str
    type: str | None = None
    profile: str | None = None

    @property
    def header(self) -> str:
        """The link as a value of the `Link` header."""
        more = [f'; {name}="{value}"' for name, value in self.attributes.items()]
        return f'<{self.target}>; rel="{self.relation}"{"".join(more)}'

    @property
    def attributes(self) -> dict[str, str]:
        """What is said of the target."""
        return {name: value for name, value in (("type", self.type), ("profile", self.profile)) if value}


def of_page(dataset: Dataset, kind: str, slug: str, iri: NamedNode) -> list[Signpost]:
    """The links of the page of a thing."""
    document = f"/{kind}/{slug}"
    known = [one for one in PROFILES.values() if kind in one.writers]
    offered = [one for one in known if not one.missing(dataset, kind, iri)]
    return [
        Signpost("canonical", iri.value),
        Signpost("cite-as", iri.value),
        Signpost("type", ABOUT_PAGE),
        *(Signpost("type", one) for one in _types(dataset, kind, iri)),
        *(Signpost("alternate describedby", f"{document}.{one}", MEDIA_TYPES[one]) for one in RDF_SUFFIXES),
        *(_in_profile(document, one) for one in offered),
        Signpost("linkset", f"{document}.linkset", MEDIA_TYPES["linkset"]),
    ]


def of_data(kind: str, slug: str, iri: NamedNode, suffix: str) -> list[Signpost]:
    """The links of a document about a thing: to the thing, its page, the dataset, and the other syntaxes.

    That it is of the dataset is said here and not in it, since its bytes are those that the change log has the sum of.
    """
    document = f"/{kind}/{slug}"
    syntaxes = [one for one in RDF_SUFFIXES if one != suffix]
    return [
        Signpost("describes", iri.value),
        Signpost("describes", document, MEDIA_TYPES["html"]),
        Signpost(VOID.inDataset.value, DATASET.value),
        Signpost("alternate", document, MEDIA_TYPES["html"]),
        *(Signpost("alternate", f"{document}.{one}", MEDIA_TYPES[one]) for one in syntaxes),
        Signpost("linkset", f"{document}.linkset", MEDIA_TYPES["linkset"]),
    ]


def of_merged(kind: str, slug: str, iri: NamedNode, replacement: NamedNode) -> list[Signpost]:
    """The links of what was merged into another thing: to that one, and to its own statements."""
    return [
        Signpost("canonical", replacement.value),
        Signpost(DCT.isReplacedBy.value, replacement.value),
        Signpost("describes", iri.value),
        *(Signpost("alternate", f"/{kind}/{slug}.{one}?redirect=no", MEDIA_TYPES[one]) for one in RDF_SUFFIXES),
    ]


def of_profile(kind: str, slug: str, iri: NamedNode, profile: Profile, suffix: str) -> list[Signpost]:
    """The links of a document in a profile: what is to be downloaded leads back to its collection, the page."""
    document = f"/{kind}/{slug}"
    back = "collection" if profile.token in DOWNLOADS else "describes"
    return [
        Signpost("profile", profile.iri),
        Signpost("describes", iri.value),
        Signpost(back, document, MEDIA_TYPES["html"]),
        *(
            Signpost("alternate", _address(document, profile, one), MEDIA_TYPES[one], profile.iri)
            for one in RDF_SUFFIXES
            if one != suffix
        ),
        Signpost("linkset", f"{document}.linkset", MEDIA_TYPES["linkset"]),
    ]


def linkset(dataset: Dataset, kind: str, slug: str, iri: NamedNode) -> dict[str, Any]:
    """The links of the page and, for each document that they lead to, its link back (RFC 9264, 4.2)."""
    own = [*of_page(dataset, kind, slug, iri), Signpost("license", LICENCE)]
    page = Signpost("describes", f"/{kind}/{slug}", MEDIA_TYPES["html"])
    contexts = [_context(page.target, own)]
    for one in own:
        if "describedby" in one.relation.split():
            contexts.append(_context(one.target, [page, Signpost("license", LICENCE)]))
        elif one.relation == "item":
            back = Signpost("collection", page.target, page.type)
            contexts.append(_context(one.target, [back, Signpost("license", LICENCE)]))
    return {"linkset": contexts}


def _types(dataset: Dataset, kind: str, iri: NamedNode) -> list[str]:
    """What schema.org calls the thing."""
    if kind not in PROFILES["schema"].writers:
        return []
    found = PROFILES["schema"].statements(dataset, kind, iri)
    kinds = [one.object for one in found if one.subject == iri and one.predicate == RDF.type]
    return sorted(one.value.replace(SCHEMA.iri, CURRENT) for one in kinds if isinstance(one, NamedNode))


def _in_profile(document: str, profile: Profile) -> Signpost:
    suffix = "jsonld" if profile.nested else "ttl"
    relation = "item" if profile.token in DOWNLOADS else "describedby"
    return Signpost(relation, _address(document, profile, suffix), MEDIA_TYPES[suffix], profile.iri)


def _address(document: str, profile: Profile, suffix: str) -> str:
    return f"{document}.{suffix}?profile={profile.token}"


def _context(anchor: str, links: Iterable[Signpost]) -> dict[str, Any]:
    targets: dict[str, list[dict[str, str]]] = defaultdict(list)
    for one in links:
        for relation in one.relation.split():
            targets[relation].append({"href": _public(one.target), **one.attributes})
    return {"anchor": _public(anchor), **targets}


def _public(target: str) -> str:
    """An address of ours on the public base, if one is set; relative otherwise."""
    base: str = current_app.extensions["trivium.settings"].base
    return base.rstrip("/") + target if target.startswith("/") else target
