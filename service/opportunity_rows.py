"""Opportunities, and who could make them, as JSON and as rows of tables."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from pyoxigraph import NamedNode

from graph.audience import Voice
from graph.field import slug
from graph.opportunities import Need
from service.operation import Asked
from service.opportunity_view import Claim, Could, Near, Shown
from service.partnership_view import Needed, ShownPartner
from service.rows import named, pair, rounded

OPPORTUNITY_COLUMNS: Final = (
    "competency_iri", "competency_label", "area_iri", "area_label",
    "sectors", "first", "levels", "score", "strength", "at_least", "providers",
)  # fmt: skip
OF_SECTOR: Final = ("demand", "basis", "supply", "state", "score", "strength", "roles", "providers")
PROVIDER_COLUMNS: Final = (
    "sector_iri", "sector_label", "provider_iri", "provider_label", "closeness", "teaches", "closest", "serves",
)  # fmt: skip
PARTNER_COLUMNS: Final = ("provider_iri", "provider_label", "serves", "same", "near", "opportunities", "together")


def in_short(asked: Asked, one: Shown) -> dict[str, Any]:
    """An opportunity as the list has it. What is not known is null, never 0."""
    opportunity = one.opportunity
    area = asked.view.coverage.area_of(opportunity.competency)
    return {
        "competency": {**named(asked, opportunity.competency), "area": named(asked, area) if area else None},
        "count": len(opportunity.needs),
        "first": one.first,
        "levels": list(opportunity.levels),
        "score": rounded(opportunity.score),
        "strength": opportunity.strength,
        "at_least": opportunity.at_least,
        "sectors": [_sector(asked, one, need) for need in opportunity.needs.values()],
    }


def in_full(asked: Asked, one: Shown, near: Sequence[Near], claims: Sequence[Claim]) -> dict[str, Any]:
    """An opportunity with all of its evidence and what is near it."""
    return {
        **in_short(asked, one),
        "evidence": [
            {
                "sector": named(asked, sector),
                "voices": [_voice(asked, voice) for voice in need.voices],
                **{name: _iris(getattr(need.gap, name)) for name in ("roles", "offerings", "elsewhere", "stale")},
            }
            for sector, need in one.opportunity.needs.items()
        ],
        "claims": [_claim(asked, claim) for claim in claims],
        "near": [_near(asked, each) for each in near],
    }


def opportunity_cells(asked: Asked, one: Shown) -> list[object]:
    """An opportunity as a row; several values in a cell are separated by `;`."""
    opportunity = one.opportunity
    area = asked.view.coverage.area_of(opportunity.competency)
    makers = {maker.provider for makers in one.makers.values() for maker in makers}
    return [
        *pair(asked, opportunity.competency),
        *pair(asked, area),
        _joined(opportunity.needs),
        "true" if one.first else "false",
        ";".join(opportunity.levels),
        rounded(opportunity.score),
        opportunity.strength,
        "" if opportunity.at_least is None else opportunity.at_least,
        len(makers),
        *(cell for sector in asked.view.sectors() for cell in _sector_cells(one, sector)),
    ]


def sector_columns(asked: Asked) -> list[str]:
    """The columns that each sector has in the table of opportunities."""
    return [f"{slug(sector)}_{name}" for sector in asked.view.sectors() for name in OF_SECTOR]


def provider_item(asked: Asked, one: Could) -> dict[str, Any]:
    """A provider that could help to make it, for one sector."""
    return {
        "sector": named(asked, one.sector),
        "provider": named(asked, one.maker.provider),
        "closeness": round(one.maker.closeness, 4),
        "teaches": one.maker.count,
        "closest": [{**named(asked, iri), "closeness": round(value, 4)} for iri, value in one.taught],
        "serves": [named(asked, sector) for sector in sorted(one.serves, key=str)],
    }


def provider_cells(asked: Asked, one: Could) -> list[object]:
    """The same as a row."""
    things = [*pair(asked, one.sector), *pair(asked, one.maker.provider)]
    taught = _joined(iri for iri, _ in one.taught)
    return [*things, round(one.maker.closeness, 4), one.maker.count, taught, _joined(sorted(one.serves, key=str))]


def partner_item(asked: Asked, one: ShownPartner) -> dict[str, Any]:
    """Somebody a provider could work with."""
    return {
        "provider": named(asked, one.partner.provider),
        "serves": [named(asked, sector) for sector in sorted(one.serves, key=str)],
        "same": one.partner.same,
        "near": one.partner.near,
        "shared": [named(asked, iri) for iri in one.shared],
        "opportunities": one.opportunities,
        "together": [named(asked, iri) for iri in one.together],
    }


def partner_cells(asked: Asked, one: ShownPartner) -> list[object]:
    """The same as a row."""
    counts = (one.partner.same, one.partner.near, one.opportunities)
    return [*pair(asked, one.partner.provider), _joined(sorted(one.serves, key=str)), *counts, _joined(one.together)]


def needed_item(asked: Asked, one: Needed) -> dict[str, Any]:
    """Something that is needed near what a provider teaches."""
    return {
        "competency": named(asked, one.competency),
        "taught": one.taught,
        "opportunity": one.opportunity,
        "sectors": [
            {**named(asked, gap.sector), "demand": rounded(gap.demand), "state": gap.state, "score": rounded(gap.score)}
            for gap in one.gaps
        ],
    }


def _sector(asked: Asked, one: Shown, need: Need) -> dict[str, Any]:
    gap = need.gap
    return {
        **named(asked, gap.sector),
        "demand": rounded(gap.demand),
        "basis": gap.basis,
        "kind": gap.kind,
        "supply": gap.supply,
        "state": gap.state,
        "score": rounded(gap.score),
        "strength": need.strength,
        "roles": len(gap.roles),
        "providers": len(one.makers[gap.sector]),
    }


def _sector_cells(one: Shown, sector: NamedNode) -> Sequence[object]:
    need = one.opportunity.needs.get(sector)
    if need is None:
        return [""] * len(OF_SECTOR)
    gap = need.gap
    figures = (rounded(gap.demand), gap.basis, gap.supply, gap.state, rounded(gap.score))
    return [*figures, need.strength, len(gap.roles), len(one.makers[sector])]


def _voice(asked: Asked, one: Voice) -> dict[str, Any]:
    return {
        "need": one.need.value,
        "survey": named(asked, one.survey),
        "kind": one.kind,
        "share": rounded(one.share),
        "year": one.year,
        "respondents": one.respondents,
        "pooled": one.pooled,
        "at_least": one.at_least,
    }


def _claim(asked: Asked, one: Claim) -> dict[str, Any]:
    return {
        "role": named(asked, one.role),
        "importance": slug(one.importance) or None,
        "level": slug(one.level) or None,
        "sources": _iris(one.sources),
        "contributors": [named(asked, iri) for iri in one.contributors],
    }


def _near(asked: Asked, one: Near) -> dict[str, Any]:
    return {
        "competency": named(asked, one.competency),
        "closeness": round(one.closeness, 4),
        "stated": one.stated,
        "same_area": one.same_area,
        "together": round(one.together, 4),
        "offerings": _iris(one.offerings),
        "total": one.total,
    }


def _iris(iris: Iterable[NamedNode]) -> list[str]:
    return [iri.value for iri in iris]


def _joined(iris: Iterable[NamedNode]) -> str:
    return ";".join(_iris(iris))
