"""`/contributors`: who contributes, and what each gave."""

from collections import Counter, defaultdict
from typing import Any, Final
from weakref import WeakKeyDictionary

from flask import Blueprint, Flask, Response, current_app, json, request
from pyoxigraph import NamedNode

from graph.errors import NotFound
from graph.journal import ANYBODY, State
from graph.namespaces import CONTRIBUTIONS_GRAPH, PROV, RDF, kind_and_slug
from graph.parameters import parse_arguments
from graph.people import Contributor, Role
from service.authentication import people
from service.journal_view import journal
from service.negotiation import choose
from service.operation import Asked, Operation, by_content, declared, given, operations, unkept
from service.release_view import ReleaseView
from service.representations import page
from service.words import LISTS, kind_name

TAG: Final = "Contribute"
FORMATS: Final = ("json", "html")
ALL: Final = Operation("/contributors", "Who contributed, and how much", FORMATS, tag=TAG)
ONE: Final = Operation("/contributors/<slug>", "What one contributor gave", FORMATS, tag=TAG)
NEWEST: Final = 20

Given = dict[str, Counter[str]]

blueprint = Blueprint("contributors", __name__)


def init_app(app: Flask) -> None:
    """Attach the addresses; what each gave is counted once for each release."""
    app.extensions["trivium.given"] = WeakKeyDictionary()
    app.register_blueprint(blueprint)


@blueprint.get("/contributors")
@blueprint.get(f"/contributors.<any({','.join(FORMATS)}):suffix>")
@declared(ALL)
def list_contributors(suffix: str | None = None) -> Response:
    """Everybody who contributes, with what they gave."""
    parse_arguments((), given())
    published = Counter(journal().published())
    if choose(FORMATS, suffix, request.headers.get("Accept")) == "html":
        return _page("contributors.html", ALL.asked("html"), everybody=_everybody(published), published=published)
    return _json({"items": [_described(one) | {"published": published[one.slug]} for one in people().everybody()]})


@blueprint.get("/contributors/<slug>")
@blueprint.get(f"/contributors/<slug>.<any({','.join(FORMATS)}):suffix>")
@declared(ONE)
def show_contributor(slug: str, suffix: str | None = None) -> Response:
    """One contributor, with what they gave. Raises NotFound."""
    parse_arguments((), given())
    published = Counter(journal().published())
    found = next((one for one in _everybody(published) if one.slug == slug), None)
    if found is None:
        raise NotFound(f"There is no contributor `{slug}`.")
    asked = ONE.asked(choose(FORMATS, suffix, request.headers.get("Accept")))
    if asked.representation == "html":
        newest = journal().headings(ANYBODY, [State.PUBLISHED], slug, NEWEST)
        return _page("contributor.html", asked, one=found, newest=newest, published=published[slug])
    gave = _given(asked.view)[slug]
    return _json(_described(found) | {"published": published[slug], "gave": dict(sorted(gave.items()))})


def _everybody(published: Counter[str]) -> list[Contributor]:
    """Those who have a token, and those who contributed without one, on this machine."""
    known = people().everybody()
    slugs = {one.slug for one in known}
    return known + [Contributor(slug, slug, Role.TRUSTED) for slug in sorted(published) if slug not in slugs]


def _described(one: Contributor) -> dict[str, Any]:
    return {"slug": one.slug, "name": one.name, "organisation": one.organisation, "orcid": one.orcid}


def _given(view: ReleaseView) -> Given:
    """For each contributor, how many things of each kind the release says in their words."""
    kept: WeakKeyDictionary[ReleaseView, Given] = current_app.extensions["trivium.given"]
    if view not in kept:
        found: Given = defaultdict(Counter)
        for said in view.dataset.quads(None, PROV.wasAssociatedWith, None, CONTRIBUTIONS_GRAPH):
            graph, agent = said.subject, kind_and_slug(said.object) if isinstance(said.object, NamedNode) else None
            if agent and isinstance(graph, NamedNode):
                typed = {quad.subject for quad in view.dataset.quads(None, RDF.type, None, graph)}
                pairs = (kind_and_slug(one) for one in typed if isinstance(one, NamedNode))
                found[agent[1]].update(pair[0] for pair in pairs if pair)
        kept[view] = found
    return kept[view]


def _page(template: str, asked: Asked, **context: Any) -> Response:
    return by_content(page(template, asked, gave=_given(asked.view), kind_name=kind_name, lists=_lists(), **context))


def _lists() -> dict[str, str]:
    """For each kind, the list that can show what one contributor gave."""
    able = {
        one.path
        for one in operations(current_app)
        if any(parameter.name == "contributor" for parameter in one.parameters)
    }
    return {kind: path for kind, path in LISTS.items() if path in able}


def _json(content: object) -> Response:
    return unkept(Response(json.dumps(content, ensure_ascii=False), content_type="application/json"))
