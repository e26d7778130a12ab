"""`/opportunities`: joint offerings worth creating, and who could make them; `/providers/SLUG/partners`: with whom."""

from dataclasses import replace
from typing import Any, Final

from flask import Blueprint, Flask, Response
from pyoxigraph import NamedNode

from graph.errors import NotFound, did_you_mean, nearest
from graph.field import slug
from graph.namespaces import entity, is_slug
from graph.opportunities import FEWEST
from service.citation import FORMATS as CITATIONS
from service.citation import citation, cited
from service.languages import gettext as _
from service.operation import Asked, answers
from service.opportunity_rows import (
    OPPORTUNITY_COLUMNS,
    PARTNER_COLUMNS,
    PROVIDER_COLUMNS,
    in_full,
    in_short,
    needed_item,
    opportunity_cells,
    partner_cells,
    partner_item,
    provider_cells,
    provider_item,
    sector_columns,
)
from service.opportunity_search import PARAMETERS, REGION, find, sector_choices
from service.opportunity_view import candidates, claims, could, nearby, shown
from service.parameters import LANG, LIMIT, OFFSET, RELEASE
from service.partnership_view import SHOWN_NEEDED, partnership_of
from service.representations import csv_answer, linked, listing, next_address, page, window
from service.shown_query import same_question

blueprint = Blueprint("opportunities", __name__)

TAG: Final = "Opportunities"
FORMATS: Final = ("html", "json", "csv")
ONE: Final = (REGION, LANG, replace(LIMIT, default="30"), OFFSET)


class NoOpportunity(NotFound):
    """The competency is none, or there is nothing that sectors could make together; carries what was probably meant."""

    def __init__(self, problem: str, suggestion: str | None = None) -> None:
        self.suggestion = suggestion
        super().__init__(problem + did_you_mean(suggestion))


def init_app(app: Flask) -> None:
    """Let the page of a provider show with whom it could work."""
    app.jinja_env.globals.update(partnership_of=partnership_of)


@answers(blueprint, "/opportunities", "Joint offerings worth creating", FORMATS, (*PARAMETERS, RELEASE), TAG)
def show_opportunities(asked: Asked) -> Response:
    """What sectors need and lack together, with who could make it: what comes first, then by score."""
    found = find(asked).tolist()
    part = [*shown(asked, window(asked, found))]
    following = {"next": next_address(asked, len(found))}
    match asked.representation:
        case "json":
            return listing(asked, [in_short(asked, one) for one in part], len(found))
        case "csv":
            rows = (opportunity_cells(asked, one) for one in part)
            return linked(csv_answer([*OPPORTUNITY_COLUMNS, *sector_columns(asked)], rows), following)
    sparql = same_question(asked, "opportunities", {"count": "sector_count", "area": "area"})
    context = {"shown": part, "total": len(found), "sector_choices": sector_choices(asked), "sparql": sparql}
    return linked(page("opportunities.html", asked, PARAMETERS, **context), following)


@answers(
    blueprint,
    "/opportunities/<slug>",
    "One joint offering worth creating: who needs it, what is near, and who could make it",
    (*FORMATS, *CITATIONS),
    (*ONE, RELEASE),
    TAG,
)
def show_opportunity(asked: Asked, slug: str) -> Response:
    """One opportunity with its evidence; its list is of the providers that could make it, of all sectors in turn."""
    number = _number(asked, slug)
    one = next(shown(asked, [number]))
    title = _("A joint offering on %(topic)s", topic=asked.label(one.opportunity.competency))
    if asked.representation in CITATIONS:
        return cited(citation(asked, title), asked.representation)
    everybody = candidates(one)
    part = could(asked, one, window(asked, everybody))
    following = {"next": next_address(asked, len(everybody))}
    match asked.representation:
        case "json":
            full = in_full(asked, one, nearby(asked, one), claims(asked, one.opportunity))
            return listing(asked, [provider_item(asked, each) for each in part], len(everybody), opportunity=full)
        case "csv":
            return linked(csv_answer(PROVIDER_COLUMNS, (provider_cells(asked, each) for each in part)), following)
    levels = [entity("level", level) for level in one.opportunity.levels]
    context = {"one": one, "makers": part, "total": len(everybody), "title": title, "levels": levels}
    near = {"near": nearby(asked, one), "claims": claims(asked, one.opportunity)}
    return linked(page("opportunity.html", asked, ONE, **context, **near), following)


@answers(
    blueprint,
    "/providers/<slug>/partners",
    "With whom a provider could work, and what is needed near what it teaches",
    (*FORMATS, *CITATIONS),
    (LANG, LIMIT, OFFSET, RELEASE),
    TAG,
)
def show_partners(asked: Asked, slug: str) -> Response:
    """The providers of other sectors that teach the same or what adjoins it, who shares most first."""
    provider = _provider(asked, slug)
    title = _("Whom %(provider)s could work with", provider=asked.label(provider))
    if asked.representation in CITATIONS:
        return cited(citation(asked, title), asked.representation)
    found = partnership_of(asked, provider)
    part = found.partners(window(asked, found.ranked))
    following = {"next": next_address(asked, len(found.ranked))}
    match asked.representation:
        case "json":
            more: dict[str, Any] = {"needed": [needed_item(asked, one) for one in found.needed(SHOWN_NEEDED)]}
            return listing(asked, [partner_item(asked, one) for one in part], len(found.ranked), **more)
        case "csv":
            return linked(csv_answer(PARTNER_COLUMNS, (partner_cells(asked, one) for one in part)), following)
    context = {"provider": provider, "found": found, "part": part, "total": len(found.ranked), "title": title}
    return linked(page("partners.html", asked, **context), following)


def _number(asked: Asked, name: str) -> int:
    """The number of the competency of an opportunity. Raises NoOpportunity."""
    found, number = asked.view.opportunities, asked.view.coverage.number
    iri = entity("competency", name) if is_slug(name) else None
    if iri is None or iri.value not in number:
        meant = nearest(name, [slug(NamedNode(one)) for one in number])
        raise NoOpportunity(f"There is no competency `{name}`.", f"/opportunities/{meant}" if meant else None)
    at = number[iri.value]
    if not found.standing[at]:
        sectors = ", ".join(asked.label(sector) for sector in found.sectors_of(at)) or "no sector"
        raise NoOpportunity(
            f"{asked.label(iri)} is no opportunity to make something together in this release: that takes {FEWEST} "
            f"sectors that need it and are not covered, and it is so in {sectors}. See /competency/{name}."
        )
    return at


def _provider(asked: Asked, name: str) -> NamedNode:
    """A provider that the release describes. Raises NoOpportunity."""
    known = asked.view.slugs.get("provider")
    if known is None or name not in known:
        meant = nearest(name, known.like(name)) if known is not None else None
        raise NoOpportunity(f"There is no provider `{name}`.", f"/providers/{meant}/partners" if meant else None)
    return entity("provider", name)
