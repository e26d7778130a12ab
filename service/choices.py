"""What a reader can choose from in a form: the values of a parameter, with the words for them."""

from collections.abc import Sequence
from typing import Final

from pyoxigraph import NamedNode

from graph.field import slug
from graph.journal import State
from graph.namespaces import TRV, entity
from graph.parameters import Parameter
from service.asked import Asked
from service.languages import Names, marked

MOST: Final = 60
"""Of more values a list to choose from is no help: the form has a field to type in."""

STATE_WORDS: Final = Names(
    {
        "no-data": marked("No data"),
        "missing": marked("Missing"),
        "transferable": marked("Transferable"),
        "stale": marked("Stale"),
        "thin": marked("Thin"),
        "covered": marked("Covered"),
    }
)
STATUS_WORDS: Final = Names(
    {
        State.RECEIVED: marked("Received"),
        State.INVALID: marked("Invalid"),
        State.IN_REVIEW: marked("In review"),
        State.REJECTED: marked("Rejected"),
        State.ACCEPTED: marked("Accepted"),
        State.PUBLISHED: marked("Published"),
        State.WITHDRAWING: marked("Withdrawing"),
        State.WITHDRAWN: marked("Withdrawn"),
    }
)
"""The states of a contribution."""
VALUES: Final = Names(
    {
        "any": marked("Any"),
        "survey": marked("Survey"),
        "roles": marked("Roles"),
        "created": marked("Created"),
        "updated": marked("Updated"),
        "withdrawn": marked("Withdrawn"),
        "planner": marked("Planner"),
        "learner": marked("Learner"),
        "researcher": marked("Researcher"),
        "partner": marked("Partner"),
        "contributor": marked("Contributor"),
        "curator": marked("Curator"),
        "pagerank": marked("Pagerank"),
        "betweenness": marked("Betweenness"),
        "strength": marked("Strength"),
        "degree": marked("Degree"),
        "essential": marked("Essential"),
        "optional": marked("Optional"),
        "survey-only": marked("Survey only"),
        "entry": marked("Entry"),
        "intermediate": marked("Intermediate"),
        "advanced": marked("Advanced"),
        "not-stated": marked("Not stated"),
    }
)
"""The values of parameters that are no things of the graph."""


def choices(asked: Asked, parameters: Sequence[Parameter]) -> dict[str, list[tuple[str, str]]]:
    """The values of every parameter that a reader can choose from, with their labels."""
    found = {}
    for parameter in parameters:
        known = parameter.enumeration or asked.view.slugs.get(parameter.kind or "", ())
        if 0 < len(known) <= MOST:
            slugs = parameter.enumeration or _slugs(asked, parameter.kind or "")
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
        return STATE_WORDS.get(slug) or VALUES.get(slug) or slug.replace("-", " ").capitalize()
    return asked.label(entity(parameter.kind, slug))
