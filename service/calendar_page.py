"""`/calendar`: the sessions that are not over, by month: a grid and an agenda of the days.

They are those of `/offerings.ics` under the same filter, and those whose day is not known besides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from graph.field import slug
from graph.months import first_day, month_of, months_of
from graph.named_query import NamedQuery
from graph.namespaces import SCHEMA
from graph.parameters import Parameter
from graph.upcoming import Session, upcoming
from service.languages import gettext
from service.list_search import OWN, Q, find
from service.offered_for import providers_of
from service.operation import Asked, answers
from service.parameters import LIMIT, OFFSET, RELEASE
from service.representations import address, csv_answer, linked, listing, next_address, page, twin, window
from service.rows import named, pair

MONTH: Final = Parameter("month", "text", "One month only, as 2026-12.", example="2026-12")
NOT_FILTERS: Final = {*OWN, "lang", MONTH.name} - {Q.name}
FORM: Final = ("sector", "competency", "mode", "language", "region", "free")
"""The filters that the form begins with; another one stands in it once it is given."""

COLUMNS: Final = (
    "session_iri", "offering_iri", "offering_label", "provider_iris", "starts", "ends", "location", "mode_iri",
    "mode_label", "url",
)  # fmt: skip


def blueprint_of(offerings: NamedQuery) -> Blueprint:
    """The route of the calendar; `offerings` is the query of their list, whose filters it takes."""
    blueprint = Blueprint("calendar_page", __name__)
    parameters = (MONTH, Q, *offerings.parameters, LIMIT, OFFSET)
    summary = "The sessions that are not over, by month"
    declare = answers(blueprint, "/calendar", summary, ("html", "json", "csv"), (*parameters, RELEASE))
    declare(partial(show_calendar, query=offerings, parameters=parameters))
    return blueprint


def show_calendar(asked: Asked, query: NamedQuery, parameters: Sequence[Parameter]) -> Response:
    """The sessions of the offerings that a filter finds: of one month, or all of them. Raises InvalidParameter."""
    name, found = _month(asked), _sessions(asked, query)
    if asked.representation == "html":
        return _page(asked, name, found, parameters, query)
    chosen = [one for one in found if name is None or one.starts.startswith(name)]
    shown = window(asked, chosen)
    if asked.representation == "json":
        months = [{"month": one, "sessions": number} for one, number in months_of(found).items()]
        return listing(asked, [_item(asked, one) for one in shown], len(chosen), months=months)
    return linked(
        csv_answer(COLUMNS, (_cells(asked, one) for one in shown)), {"next": next_address(asked, len(chosen))}
    )


def _month(asked: Asked) -> str | None:
    """The month that is asked for. Raises InvalidParameter for what is none."""
    name = asked.text(MONTH.name)
    try:
        return name and first_day(name).isoformat()[:7]
    except ValueError:
        raise MONTH.refusal(name, f"`{name}` is no month; write it as 2026-12.") from None


def _sessions(asked: Asked, query: NamedQuery) -> list[Session]:
    """The sessions that are not over on the day of the release, of the offerings under the filter."""
    found = upcoming(asked.view.dataset, asked.view.release.as_of)
    if not found or not asked.arguments.keys() - NOT_FILTERS:
        return found
    filters = {name: term for name, term in asked.arguments.items() if name != MONTH.name}
    wanted = {*find(replace(asked, arguments=filters), query).iris}
    return [one for one in found if one.offering in wanted]


def _page(
    asked: Asked, name: str | None, found: list[Session], parameters: Sequence[Parameter], query: NamedQuery
) -> Response:
    counts = months_of(found)
    as_of = asked.view.release.as_of.isoformat()[:7]
    shown = name or next((one for one in counts if one >= as_of), as_of)
    month = month_of(shown, found)
    names = sorted(counts.keys() | {shown})
    at = names.index(shown)
    turns = {"before": names[at - 1] if at else None, "after": names[at + 1] if at + 1 < len(names) else None}
    years = [one for one in found if len(one.starts) == 4]
    context: dict[str, Any] = {"month": month, "months": counts, "years": years, "total": len(found), **turns}
    context |= {"leads": {one: address(month=one, limit=None, offset=None) for one in names}, "words": _words()}
    context |= {"feed": _feed(), "filtered": asked.arguments.keys() - NOT_FILTERS}
    context["fields"] = [one for one in query.parameters if one.name in FORM or one.name in context["filtered"]]
    context |= {"provider_of": partial(providers_of, asked), "url_of": partial(_url, asked)}
    return linked(page("calendar.html", asked, parameters, **context), {})


def _feed() -> str:
    """The calendar to subscribe to, under the same filter."""
    query = twin("ics").partition("?")[2]
    kept = "&".join(one for one in query.split("&") if one and not one.startswith(f"{MONTH.name}="))
    return f"/offerings.ics{f'?{kept}' if kept else ''}"


def _words() -> Mapping[str, Sequence[str]]:
    """The names of months and days, whole and short."""
    return {
        "months": (
            gettext("January"), gettext("February"), gettext("March"), gettext("April"), gettext("May"),
            gettext("June"), gettext("July"), gettext("August"), gettext("September"), gettext("October"),
            gettext("November"), gettext("December"),
        ),
        "days": (
            gettext("Monday"), gettext("Tuesday"), gettext("Wednesday"), gettext("Thursday"), gettext("Friday"),
            gettext("Saturday"), gettext("Sunday"),
        ),
    }  # fmt: skip


def _url(asked: Asked, offering: NamedNode) -> str | None:
    return next((slug(quad.object) for quad in asked.view.dataset.quads(offering, SCHEMA.url)), None)


def _item(asked: Asked, one: Session) -> dict[str, Any]:
    """One session. What is not known is null."""
    return {
        "session": {"iri": one.iri.value},
        "offering": named(asked, one.offering),
        "providers": [named(asked, iri) for iri in providers_of(asked, one.offering)],
        "starts": one.starts,
        "ends": one.ends or None,
        "location": one.location or None,
        "mode": named(asked, one.mode) if one.mode else None,
        "url": _url(asked, one.offering),
    }


def _cells(asked: Asked, one: Session) -> list[object]:
    providers = ";".join(iri.value for iri in providers_of(asked, one.offering))
    said = (providers, one.starts, one.ends, one.location)
    return [one.iri.value, *pair(asked, one.offering), *said, *pair(asked, one.mode), _url(asked, one.offering) or ""]
