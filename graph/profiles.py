"""The other conventions in which a thing can be written: one `Profile` each, and the kinds that it has a form for.

A document of a profile is a set of statements without blank nodes, the same ones each time.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pyoxigraph import NamedNode, Triple

from graph import ctdl, cube, elm, schema_org, skos_export
from graph.errors import TriviumError
from graph.jsonld_tree import tree
from graph.namespaces import DCT, FOAF, QB, RDF, SCHEMA
from graph.rewriting import Source, Writer
from graph.serialisation import serialise
from graph.store import Dataset


class ProfileRefused(TriviumError):
    """A thing cannot be written in a profile: its kind has no form there, or what the profile demands is not known.

    `allowed` are the tokens of other profiles that its kind has a form in, `missing` what would have to be known.
    """

    def __init__(self, message: str, allowed: Iterable[str], missing: Iterable[str] = ()) -> None:
        self.allowed, self.missing = sorted(allowed), list(missing)
        super().__init__(message)


@dataclass(frozen=True)
class Profile:
    """A convention: its token in addresses, its IRI, and a writer for each kind of thing that it has a form for.

    `required` are properties that every node of a class must have, with what a contributor calls them. `prefixes` are
    its own; with `nested`, its JSON-LD is a tree in these short names, with `language_maps` for texts.
    """

    token: str
    iri: str
    title: str
    writers: Mapping[str, Writer]
    required: Mapping[tuple[NamedNode, NamedNode], str] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)
    nested: bool = False
    language_maps: bool = False

    def statements(self, dataset: Dataset, kind: str, iri: NamedNode) -> list[Triple]:
        """The thing as the profile writes it. Raises ProfileRefused."""
        if kind not in self.writers:
            raise ProfileRefused(
                f"{self.title} has no form for a {kind} here; it has one for: {', '.join(sorted(self.writers))}.",
                tokens_of(kind),
            )
        found = self._written(dataset, kind, iri)
        if missing := self._lacking(found):
            others = set(tokens_of(kind)) - {self.token}
            raise ProfileRefused(f"{self.title} demands what is not known here: {'; '.join(missing)}.", others, missing)
        return found

    def missing(self, dataset: Dataset, kind: str, iri: NamedNode) -> list[str]:
        """What the profile demands and nobody has stated of a thing; at no cost where it demands nothing."""
        return self._lacking(self._written(dataset, kind, iri)) if self.required else []

    def serialised(self, found: Iterable[Triple], iri: NamedNode, suffix: str) -> bytes:
        """The statements about a thing in the syntax of a suffix."""
        if self.nested and suffix in ("jsonld", "json"):
            return json.dumps(self.nested_form(found, iri), ensure_ascii=False, indent=1).encode()
        return serialise(found, suffix, {prefix: one for prefix, one in self.prefixes.items() if prefix != "@vocab"})

    def nested_form(self, found: Iterable[Triple], iri: NamedNode) -> dict[str, Any]:
        """The statements as a JSON-LD tree with the thing outermost."""
        return tree(found, iri, self.prefixes, self.language_maps)

    def _written(self, dataset: Dataset, kind: str, iri: NamedNode) -> list[Triple]:
        return list(dict.fromkeys(self.writers[kind](Source(dataset), iri)))

    def _lacking(self, found: Sequence[Triple]) -> list[str]:
        """What the statements lack, in words."""
        if not self.required:
            return []
        stated = {(one.subject, one.predicate) for one in found}
        nodes = [(one.subject, one.object) for one in found if one.predicate == RDF.type]
        return [
            words
            for (kind, name), words in self.required.items()
            if any(of == kind and (node, name) not in stated for node, of in nodes)
        ]


SCHEMA_ORG: Final = Profile(
    token="schema",
    iri=SCHEMA.iri,
    title="schema.org with Bioschemas",
    writers=schema_org.WRITERS,
    prefixes={"@vocab": SCHEMA.iri, "dct": DCT.iri},
    nested=True,
)
ELM: Final = Profile(
    token="elm",
    iri="http://data.europa.eu/snb/model/ap/loq-constraints",
    title="European Learning Model v3",
    writers=elm.WRITERS,
    required=elm.REQUIRED,
    prefixes={"elm": elm.ELM.iri, "foaf": FOAF.iri, "rov": elm.ROV.iri},
)
CTDL: Final = Profile(
    token="ctdl",
    iri=ctdl.CETERMS.iri,
    title="CTDL and CTDL-ASN",
    writers=ctdl.WRITERS,
    prefixes={"ceasn": ctdl.CEASN.iri, "ceterms": ctdl.CETERMS.iri},
    nested=True,
    language_maps=True,
)
SKOS: Final = Profile(
    token="skos",
    iri="http://www.w3.org/2004/02/skos/core",
    title="SKOS, the whole scheme",
    writers=skos_export.WRITERS,
    prefixes={"vann": skos_export.VANN.iri},
)
CUBE: Final = Profile(token="cube", iri=QB.iri.removesuffix("#"), title="RDF Data Cube", writers=cube.WRITERS)
PROFILES: Final[Mapping[str, Profile]] = {one.token: one for one in (SCHEMA_ORG, ELM, CTDL, SKOS, CUBE)}

TOKENS: Final[Mapping[str, str]] = {one.iri: token for token, one in PROFILES.items()}
"""The token of each profile, by its IRI."""


def tokens_of(kind: str) -> list[str]:
    """The tokens of the profiles that have a form for a kind of thing."""
    return [token for token, profile in PROFILES.items() if kind in profile.writers]
