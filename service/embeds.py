"""`/embed`: gaps and offerings to show within the pages of others, and the page where the snippet for it is made.

What is embedded sets no cookie, runs no script, and is the only thing here that others may put into a frame.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response
from markupsafe import Markup

from graph.named_query import NamedQuery
from graph.parameters import Parameter
from service.deployment import deployment
from service.filter_words import filter_words
from service.gap_search import PARAMETERS as OF_GAPS
from service.gap_search import find_gaps
from service.list_search import Q, find
from service.operation import Asked, answers, given
from service.parameters import LIMIT, OFFSET
from service.representations import page

FEW: Final = replace(LIMIT, description="How many to show.", default="10", minimum=1, maximum=50)
SHOW: Final = Parameter(
    "show", "enumeration", "What to embed; without it, what the filter is one of.", enumeration=("gaps", "offerings")
)
HEIGHT: Final = 480  # pixels: enough for five entries on a narrow page; more can be scrolled to
TAG: Final = "Pages"
SNIPPET: Final = Markup(
    '<iframe src="{}" title="{}" width="100%" height="{}" loading="lazy" style="border:0"></iframe>'
)
"""What is put in is escaped, for the page of others that it will stand in."""


def blueprint_of(offerings: NamedQuery) -> Blueprint:
    """The routes of what can be embedded; `offerings` is the query of their list."""
    blueprint = Blueprint("embeds", __name__)
    gaps = tuple(one for one in OF_GAPS if one not in (LIMIT, OFFSET))
    filters = {"gaps": gaps, "offerings": (Q, *offerings.parameters)}
    every = {one.name: one for parameters in filters.values() for one in parameters}
    answers(blueprint, "/embed/gaps", "Gaps to embed", parameters=(*gaps, FEW), tag=TAG)(show_gaps)
    answers(blueprint, "/embed/offerings", "Offerings to embed", parameters=(*filters["offerings"], FEW), tag=TAG)(
        partial(show_offerings, query=offerings)
    )
    declare = answers(
        blueprint, "/embed", "The snippet to embed a list", parameters=(SHOW, *every.values(), FEW), tag=TAG
    )
    declare(partial(show_snippet, filters=filters))
    return blueprint


def show_gaps(asked: Asked) -> Response:
    """The widest gaps under a filter."""
    found, _ = find_gaps(asked)
    return _embedded(asked, "gaps", gaps=_first(asked, found), total=len(found))


def show_offerings(asked: Asked, query: NamedQuery) -> Response:
    """Offerings under a filter."""
    rows = find(asked, query)
    items = [dict(zip(rows.variables, row, strict=True)) for row in _first(asked, rows.rows)]
    return _embedded(asked, "offerings", items=items, total=len(rows))


def show_snippet(asked: Asked, filters: Mapping[str, Sequence[Parameter]]) -> Response:
    """The forms to choose a filter by, the snippet for what was chosen, and what it looks like."""
    chosen = {name: value for name, value in given().items() if value and name != SHOW.name}
    shown = _shown(asked, chosen, filters)
    path = f"/embed/{shown}" + (f"?{urlencode(chosen)}" if chosen else "")
    title = _title(asked, shown)
    snippet = SNIPPET.format(deployment().at(path).value, f"{title}, from Trivium", HEIGHT)
    context = {"shown": shown, "path": path, "title": title, "filters": filters, "height": HEIGHT}
    parameters = (*filters["gaps"], *filters["offerings"])
    return page("embed_choice.html", asked, parameters, snippet=str(snippet), few=FEW, **context)


def _shown(asked: Asked, chosen: Mapping[str, str], filters: Mapping[str, Sequence[Parameter]]) -> str:
    """The list that is asked for, else the first that has all of the filter. Raises InvalidParameter."""
    wanted = [asked.text(SHOW.name)] if SHOW.name in asked.arguments else list(filters)
    for shown in filter(None, wanted):
        unknown = chosen.keys() - {FEW.name, *(one.name for one in filters[shown])}
        if not unknown:
            return shown
    names = ", ".join(sorted(unknown))
    raise SHOW.refusal(wanted[0], f"this list cannot be filtered by {names}: leave it out, or show the other.", filters)


def _embedded(asked: Asked, shown: str, **context: Any) -> Response:
    arguments = {name: value for name, value in given().items() if value and name != FEW.name}
    whole = f"/{shown}" + (f"?{urlencode(arguments)}" if arguments else "")
    return page(f"embed_{shown}.html", asked, title=_title(asked, shown), whole=whole, **context)


def _first(asked: Asked, found: Sequence[Any]) -> Sequence[Any]:
    return found[: asked.number(FEW.name)]


def _title(asked: Asked, shown: str) -> str:
    chosen = [one for one in filter_words(asked) if not one.startswith("show: ")]
    return " · ".join((shown.capitalize(), *chosen))
