"""`/pathways`: the way from one role, or from what somebody can, to another; across the sectors."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from flask import Blueprint, Response, current_app
from pyoxigraph import NamedNode

from graph.field import slug
from graph.namespaces import entity
from graph.pathways import Choice
from graph.prices import Price, totals
from graph.similarity import Alike, nearest_elsewhere, sectors_of
from graph.upcoming import to_come
from service.asked import Asked
from service.operation import answers
from service.parameters import RELEASE
from service.pathway_search import FROM, HAVE, PARAMETERS, TO, WANT, Pathway, Step, find_pathway
from service.representations import csv_answer, json_answer, linked, page
from service.rows import named, pair, rounded
from service.shown_query import written

blueprint = Blueprint("pathways", __name__)

FORMATS: Final = ("html", "json", "csv")
NEAREST: Final = 5
MOST: Final = 400  # roles or competencies that a form lets one choose from; of more, it asks for names
COLUMNS: Final = (
    "competency_iri", "competency_label", "importance", "level", "state", "why",
    "offering_iri", "offering_label", "release", "as_of",
)  # fmt: skip


@answers(blueprint, "/pathways", "The way from one role to another", FORMATS, (*PARAMETERS, RELEASE), "Pathways")
def show_pathway(asked: Asked) -> Response:
    """What carries over, what is missing, the least set of offerings that teaches it, and what nothing teaches."""
    found = find_pathway(asked)
    match asked.representation:
        case "json":
            return linked(json_answer(_document(asked, found)), {})
        case "csv":
            return linked(csv_answer(COLUMNS, (_cells(asked, one) for one in found.steps)), {})
    return linked(_page(asked, found), {})


def _page(asked: Asked, found: Pathway) -> Response:
    dataset, day = asked.view.dataset, asked.view.release.as_of
    chosen = [one.offering.iri for one in found.way.choices]
    return page(
        "pathways.html",
        asked,
        PARAMETERS,
        found=found,
        totals=totals(one.price for one in found.way.choices),
        sessions={iri: to_come(dataset, iri, day) for iri in chosen},
        nearest=_nearest(asked),
        roles=_roles(asked),
        areas={} if found.steps else _areas(asked),
        sparql=_sparql(asked),
    )


def _document(asked: Asked, found: Pathway) -> dict[str, Any]:
    release, way = asked.view.release, found.way
    roles = {one.name: asked.iri(one.name) for one in (FROM, TO)}
    return {
        "release": release.number,
        "as_of": release.as_of.isoformat(),
        "query": {name: slug(term) for name, term in asked.arguments.items()},
        **{name: named(asked, iri) if iri else None for name, iri in roles.items()},
        "sectors": [named(asked, sector) for sector in found.sectors],
        "total": len(found.steps),
        "items": [_item(asked, one) for one in found.steps],
        "offerings": [_offering(asked, one) for one in way.choices],
        "candidates": way.candidates,
        "proven": way.proven,
        "cost": {
            "compared_in": way.currency,
            "known": {currency: float(amount) for currency, amount in totals(o.price for o in way.choices).items()},
            "free": sum(one.price is not None and not one.price.amount for one in way.choices),
            "unknown": sum(one.price is None for one in way.choices),
        },
        "nearest": [
            {
                **named(asked, one.iri),
                "sectors": [named(asked, s) for s in sectors],
                "similarity": rounded(one.similarity),
            }
            for one, sectors in _nearest(asked)
        ],
    }


def _item(asked: Asked, one: Step) -> dict[str, Any]:
    found: dict[str, Any] = {
        "competency": named(asked, one.wanted.competency),
        "importance": _importance(one),
        "level": _slug(one.wanted.level),
        "state": one.state,
    }
    if one.carried:
        found |= {"level_held": _slug(one.carried.level), "deeper": one.carried.deeper}
    if one.choices:
        found["offerings"] = [choice.offering.iri.value for choice in one.choices]
    if one.uncovered:
        found["uncovered"] = {
            "why": one.uncovered.why,
            "total": one.uncovered.total,
            "offerings": [iri.value for iri in one.uncovered.offerings],
            "sectors": [named(asked, sector) for sector in one.uncovered.sectors],
        }
    return found


def _offering(asked: Asked, one: Choice) -> dict[str, Any]:
    return {
        "offering": named(asked, one.offering.iri),
        "providers": [named(asked, iri) for iri in sorted(one.offering.providers, key=str)],
        "price": _price(one.price),
        "teaches": [iri.value for iri in one.teaches],
        "instead": [named(asked, iri) for iri in one.instead],
    }


def _price(price: Price | None) -> dict[str, Any] | None:
    """A price; null where none is stated, never 0."""
    return {"amount": float(price.amount), "currency": price.currency or None} if price else None


def _cells(asked: Asked, one: Step) -> list[object]:
    release = asked.view.release
    offerings = [choice.offering.iri for choice in one.choices]
    return [
        *pair(asked, one.wanted.competency),
        _importance(one),
        _slug(one.wanted.level) or "",
        one.state,
        one.uncovered.why if one.uncovered else "",
        ";".join(iri.value for iri in offerings),
        ";".join(map(asked.label, offerings)),
        release.number,
        release.as_of.isoformat(),
    ]


def _importance(one: Step) -> str:
    return "essential" if one.wanted.essential else "optional"


def _slug(iri: NamedNode | None) -> str | None:
    return slug(iri) if iri else None


def _nearest(asked: Asked) -> list[tuple[Alike, list[NamedNode]]]:
    """The roles in other sectors that are most like the one held, or without one like the one wanted."""
    view, role = asked.view, asked.iri(FROM.name) or asked.iri(TO.name)
    found = nearest_elsewhere(view.demand, view.requirements, role, NEAREST) if role else []
    return [(one, sorted(sectors_of(view.field, one.iri), key=str)) for one in found]


def _roles(asked: Asked) -> dict[str, list[tuple[str, str]]]:
    """The roles by the sectors that they are practised in, to choose from; none where there are too many."""
    roles = asked.view.slugs.get("role", ())
    iris = [entity("role", one) for one in roles] if len(roles) <= MOST else []
    return _grouped(asked, ((_sectors(asked, iri), iri) for iri in iris))


def _sectors(asked: Asked, role: NamedNode) -> str:
    return ", ".join(asked.label(one) for one in sorted(sectors_of(asked.view.field, role), key=str))


def _areas(asked: Asked) -> dict[str, list[tuple[str, str]]]:
    """The competencies by area, to tick; none where there are too many."""
    coverage = asked.view.coverage
    iris = [NamedNode(iri) for iri in coverage.number] if len(coverage.number) <= MOST else []
    areas = ((iri, coverage.area_of(iri)) for iri in iris)
    return _grouped(asked, ((asked.label(area) if area else "", iri) for iri, area in areas))


def _grouped(asked: Asked, things: Iterable[tuple[str, NamedNode]]) -> dict[str, list[tuple[str, str]]]:
    """Slugs and labels under the name of their group, all in the order of an alphabet."""
    rows = sorted(
        ((group, asked.label(iri), slug(iri)) for group, iri in things), key=lambda row: [*map(str.casefold, row)]
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for group, label, name in rows:
        found.setdefault(group, []).append((name, label))
    return found


def _sparql(asked: Asked) -> str | None:
    """The question of the catalogue that compares two roles, where that is what is asked."""
    roles: Sequence[str] = (FROM.name, TO.name)
    given = asked.given("lang")
    if not given.keys() >= {*roles} or given.keys() & {HAVE.name, WANT.name}:
        return None
    questions = current_app.extensions["trivium.questions"]
    arguments = {f"{name}_role": given[name] for name in roles}
    return written(questions["compare-roles"], asked, arguments | {"lang": asked.language})
