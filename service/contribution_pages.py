"""The pages of contributions: the list, and what became of one, with what its reader may do."""

from typing import Final

from flask import Response, current_app
from pyoxigraph import NamedNode

from graph.journal import Heading, State
from graph.namespaces import ID, kind_and_slug
from graph.people import Contributor, Role
from graph.schema import Schema
from service.authentication import bearer, people
from service.journal_view import MOVING, journal, may_read, reader, states_in
from service.operation import Asked
from service.personal import personal_page
from service.review_view import looked_into
from service.words import kind_name

REFRESH_SECONDS: Final = 2
WITHDRAWABLE: Final = (State.IN_REVIEW, State.PUBLISHED)


def show_list(asked: Asked) -> Response:
    """What this reader may see, a page of it."""
    found = reader(bearer()), states_in(asked.text("state") or ""), asked.text("contributor") or ""
    shown = journal().headings(*found, asked.number("limit"), asked.number("offset"))
    states = [(one.replace(" ", "-"), one.capitalize()) for one in State]
    return personal_page(
        "contributions.html", asked, shown=shown, total=journal().count(*found), names=names(), state_options=states
    )


def show_one(asked: Asked, one: Heading) -> Response:
    """One contribution: each step, what it contains, and what its reader may do."""
    person = bearer()
    reviews = _reviews(person, one)
    response = personal_page(
        "contribution.html",
        asked,
        one=one,
        events=journal().events(one.number),
        names=names(),
        notes=may_read(person, one),
        refresh=REFRESH_SECONDS if one.state in MOVING else None,
        entities=_entities(asked, one),
        kind_name=kind_name,
        withdrawable=person is not None and person.slug == one.contributor and one.state in WITHDRAWABLE,
        reviews=reviews,
        looked=looked_into(asked, one) if reviews else None,
    )
    response.headers.add("Link", f'</contributions/{one.number}.atom>; rel="alternate"; type="application/atom+xml"')
    return response


def names() -> dict[str, str]:
    """The names of those who contribute, by slug."""
    return {one.slug: one.name for one in people().everybody()}


def _reviews(person: Contributor | None, one: Heading) -> bool:
    return person is not None and person.role is Role.CURATOR and one.state is State.IN_REVIEW


def _entities(asked: Asked, one: Heading) -> dict[str, list[NamedNode]]:
    """What the release holds of a contribution, by the label of its kind; all that it says may be in others by now."""
    schema: Schema = current_app.extensions["trivium.schema"]
    quads = asked.view.dataset.quads(graph=ID[f"contribution/{one.number}"])
    subjects = {quad.subject for quad in quads if isinstance(quad.subject, NamedNode)}
    found: dict[str, list[NamedNode]] = {}
    for iri in sorted(subjects, key=lambda each: asked.label(each).casefold()):
        kind, _ = kind_and_slug(iri) or ("", "")
        found.setdefault(schema.kinds[kind].label if kind in schema.kinds else kind, []).append(iri)
    return found
