"""What a reader can choose from in a form: the values of a parameter, with the words for them."""

from collections.abc import Mapping, Sequence
from typing import Final

from pyoxigraph import NamedNode

from graph.field import slug
from graph.namespaces import TRV, entity
from graph.parameters import Parameter
from service.asked import Asked

MOST: Final = 60
"""Of more values a list to choose from is no help: the form has a field to type in."""

STATE_WORDS: Final[Mapping[str, str]] = {
    "no-data": "No data",
    "missing": "Missing",
    "transferable": "Transferable",
    "stale": "Stale",
    "thin": "Thin",
    "covered": "Covered",
}


def choices(asked: Asked, parameters: Sequence[Parameter]) -> dict[str, list[tuple[str, str]]]:
    """The values of every parameter that a reader can choose from, with their labels."""
    found = {}
    for parameter in parameters:
        slugs = parameter.enumeration or _slugs(asked, parameter.kind or "")
        if 0 < len(slugs) <= MOST:
            found[parameter.name] = [(slug, _choice(asked, parameter, slug)) for slug in slugs]
    return found


def _slugs(asked: Asked, kind: str) -> Sequence[str]:
    """The slugs of a kind in the order that a reader looks for them: by broader sector, by rank, else by label."""
    if kind == "sector":
        sectors = asked.view.field.broader_sector.items()
        ordered = sorted(sectors, key=lambda one: (str(one[1] or one[0]), one[1] is not None, str(one[0])))
        return [slug(iri) for iri, _ in ordered]
    return sorted(asked.view.slugs.get(kind, ()), key=lambda one: _rank(asked, entity(kind, one)))


def _rank(asked: Asked, iri: NamedNode) -> tuple[int, str]:
    ranks = [int(slug(quad.object)) for quad in asked.view.dataset.quads(iri, TRV.rank)]
    return (ranks[0] if ranks else 0, asked.label(iri).casefold())


def _choice(asked: Asked, parameter: Parameter, slug: str) -> str:
    if not parameter.kind:
        return STATE_WORDS.get(slug, slug.replace("-", " ").capitalize())
    return asked.label(entity(parameter.kind, slug))
