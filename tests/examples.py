"""The examples beside the shapes, as `shapes/examples/manifest.ttl` lists them."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from rdflib import SH

from graph.resources import SHAPES

EXAMPLES = SHAPES / "examples"
CONTEXT = EXAMPLES / "context.ttl"
MANIFEST_QUERY = """
    PREFIX mf: <http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#>
    PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
    PREFIX sh: <http://www.w3.org/ns/shacl#>
    PREFIX sht: <http://www.w3.org/ns/shacl-test#>
    SELECT ?entry ?data ?shapes ?conforms ?result ?focus ?path ?component ?severity ?shape {
        ?manifest mf:entries/rdf:rest*/rdf:first ?entry .
        ?entry a sht:Validate ; mf:action [ sht:dataGraph ?data ; sht:shapesGraph ?shapes ] ; mf:result ?report .
        ?report sh:conforms ?conforms .
        OPTIONAL {
            ?report sh:result ?result .
            ?result sh:focusNode ?focus ; sh:sourceConstraintComponent ?component ;
                sh:resultSeverity ?severity ; sh:sourceShape ?shape .
            OPTIONAL { ?result sh:resultPath ?path }
        }
    }
"""


@dataclass(frozen=True)
class Found:
    """One validation result, as far as it is compared (its path is None for a node shape)."""

    focus: str
    path: str | None
    component: str
    severity: str
    shape: str


@dataclass(frozen=True)
class Case:
    """One entry of the manifest."""

    name: str
    data: tuple[Path, ...]
    shapes: tuple[Path, ...]
    conforms: bool
    expected: frozenset[Found]
    results: int

    @property
    def file(self) -> Path:
        """The example itself, without its context."""
        return next(path for path in self.data if path != CONTEXT)

    @property
    def kind(self) -> str:
        """The kind that the example is of, by its folder."""
        return self.file.relative_to(EXAMPLES).parts[0]

    @property
    def blocks(self) -> bool:
        """Whether a violation is expected."""
        return any(found.severity == str(SH.Violation) for found in self.expected)


@cache
def triples_of(path: Path) -> tuple[ox.Triple, ...]:
    """The statements of a Turtle file."""
    return tuple(quad.triple for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, rename_blank_nodes=True))


@cache
def cases() -> tuple[Case, ...]:
    """Every entry of the manifest, in no particular order."""
    store = ox.Store()
    store.load(path=str(EXAMPLES / "manifest.ttl"), base_iri=(EXAMPLES / "manifest.ttl").as_uri())
    rows: dict[str, list[dict[str, Any]]] = {}
    solutions: Any = store.query(MANIFEST_QUERY)
    names = [variable.value for variable in solutions.variables]
    for row in solutions:
        values = dict(zip(names, row, strict=True))
        rows.setdefault(values["entry"].value, []).append(values)
    return tuple(_case(entry.partition("#")[2], found) for entry, found in sorted(rows.items()))


def _case(name: str, rows: list[dict[str, Any]]) -> Case:
    results = [row for row in rows if row["result"]]
    fields = ("focus", "path", "component", "severity", "shape")
    return Case(
        name=name,
        data=tuple(sorted({_path(row["data"].value) for row in rows})),
        shapes=tuple(sorted({_path(row["shapes"].value) for row in rows})),
        conforms=rows[0]["conforms"].value == "true",
        expected=frozenset(Found(*(row[key] and row[key].value for key in fields)) for row in results),
        results=len({row["result"].value for row in results}),
    )


def _path(iri: str) -> Path:
    return Path(iri.removeprefix("file://")).resolve()
