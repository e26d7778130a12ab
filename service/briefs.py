"""`/briefs`: one or two pages to print, for a board or a funder, of a sector, an area, a competency ...

/briefs/sector/museums.pdf      /briefs/region/US      /briefs/provider/aaslh.json
"""

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

from flask import Blueprint, Response, current_app, render_template
from pyoxigraph import Literal, NamedNode

from graph.brief import KINDS, Brief, Number, Reading, Source, Worked
from graph.brief_subjects import OF, of_region
from graph.errors import NotFound, did_you_mean, nearest
from graph.namespaces import SKOS, entity, is_slug
from graph.parameters import Parameter
from service.brief_notes import Note, Notes
from service.brief_pdf import Printer
from service.brief_words import Paragraph, Said, paragraphs
from service.citation import citation
from service.deployment import deployment
from service.languages import interface_language
from service.negotiation import PAGE_LANGUAGE
from service.operation import Asked, answers
from service.parameters import AREA, LANG, RELEASE, SECTOR
from service.permalinks import kept
from service.representations import bytes_answer, json_answer, linked, page
from service.rows import named, rounded

blueprint = Blueprint("briefs", __name__)

TAG: Final = "Briefs"
FORMATS: Final = ("html", "pdf", "json")
CHOICES: Final = (
    SECTOR,
    AREA,
    Parameter("competency", "iri", "A competency.", kind="competency", example="disaster-planning-and-response"),
    Parameter("region", "text", "The country or region of providers.", example="US"),
    Parameter("provider", "iri", "A provider.", kind="provider", example="aaslh"),
)


@answers(blueprint, "/briefs", "Briefs to print: the choice of one", ("html",), (*CHOICES, LANG, RELEASE), TAG)
def choose_brief(asked: Asked) -> Response:
    """The choice of a brief; with an argument, the way to it."""
    for kind in KINDS:
        name = asked.text(kind)
        if name:
            part = _place_slug(name) if kind == "region" else name
            return Response(status=303, headers={"Location": kept(f"/briefs/{kind}/{quote(part)}")})
    places = sorted(map(_place_name, asked.view.coverage.values("places")))
    return page("briefs.html", asked, CHOICES, places=places)


@answers(blueprint, "/briefs/<kind>/<slug>", "A brief of one or two pages", FORMATS, (LANG, RELEASE), TAG)
def show_brief(asked: Asked, kind: str, slug: str) -> Response:
    """The case in sentences, the widest gaps, two figures, and a note for every number."""
    brief = _brief(asked, kind, slug)
    notes = Notes(asked)
    said = paragraphs(asked, brief, notes)
    for number in _numbers(brief):
        notes.of(number)
    if asked.representation == "json":
        return linked(json_answer(_document(asked, brief, said, notes)), {})
    title = asked.label(brief.subject) if brief.subject else brief.region
    context: dict[str, Any] = {"brief": brief, "paragraphs": said, "notes": notes, "subject": title}
    context |= {"definition": _definition(asked, brief.subject), "interface_language": interface_language}
    context |= {"cited": citation(asked, f"Brief: {title}"), "base": deployment().address}
    if asked.representation == "html":
        return linked(page("brief.html", asked, **context), {})
    printed = render_template("brief_print.html", asked=asked, **context)
    printer: Printer = current_app.extensions["trivium.printer"]
    response = linked(bytes_answer(printer.printed(printed, deployment().address), "pdf"), {})
    name = quote(f"trivium-brief-{kind}-{slug}-release-{asked.view.release.number}.pdf")
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{name}"
    return response


def _definition(asked: Asked, subject: NamedNode | None) -> Literal | None:
    """What the subject is, in the language asked for, else in English."""
    quads = asked.view.dataset.quads(subject, SKOS.definition) if subject else ()
    texts = {one.object.language: one.object for one in quads if isinstance(one.object, Literal)}
    return texts.get(asked.language) or texts.get(PAGE_LANGUAGE)


def _brief(asked: Asked, kind: str, slug: str) -> Brief:
    """Raises NotFound for what the release does not describe."""
    view = asked.view
    reading = Reading(view.dataset, view.coverage, view.field, view.ranks(asked.language))
    if kind == "region":
        return of_region(reading, _region(view.coverage.values("places"), slug))
    if kind not in OF:
        raise NotFound(f"There are no briefs of a {kind}: there are those of a {', '.join(KINDS)}.")
    iri = entity(kind, slug) if is_slug(slug) else None
    if iri is None or not _is_subject(asked, kind, iri):
        known = view.slugs[kind].like(slug) if kind in view.slugs else []
        meant = nearest(slug, known)
        raise NotFound(f"There is no {kind} `{slug}` to make a brief of." + did_you_mean(meant))
    return OF[kind](reading, iri)


def _is_subject(asked: Asked, kind: str, iri: NamedNode) -> bool:
    """Whether there is something to say of it: the field as a whole, `all`, is no sector with gaps of its own."""
    match kind:
        case "sector":
            return iri in asked.view.field.broader_sector
        case "competency":
            return iri.value in asked.view.coverage.number
    return asked.view.exists(iri)


def _region(places: Iterable[str], part: str) -> str:
    """The name of the country or region of an address. Raises NotFound for one that no offering names."""
    known = {_place_slug(place): place for place in places}
    found = known.get(_place_slug(part))
    if found is None:
        meant = nearest(_place_slug(part), list(known))
        raise NotFound(f"No provider with offerings is of the country or region `{part}`." + did_you_mean(meant))
    return _place_name(found)


def _place_slug(name: str) -> str:
    """A country or region in an address: `us`, `new-england`."""
    return "-".join(name.casefold().split())


def _place_name(place: str) -> str:
    """A country or region as it is written: `US`, `New England`; the columns have it without capitals."""
    return place.upper() if len(place) == 2 else place.title()


def _numbers(brief: Brief) -> list[Worked | Source]:
    """What the tables rest on, in the order in which they show it."""
    return [*brief.widest, *(number.source for bars in brief.bars for _, number in bars.rows)]


def _document(asked: Asked, brief: Brief, said: list[Paragraph], notes: Notes) -> dict[str, Any]:
    release = asked.view.release
    subject = named(asked, brief.subject) if brief.subject else {"region": brief.region}
    return {
        "release": release.number,
        "as_of": release.as_of.isoformat(),
        "kind": brief.kind,
        "subject": subject,
        "statements": [_statement(asked, one, notes) for paragraph in said for one in paragraph.said],
        "gaps": [_gap(asked, one, notes) for one in brief.widest],
        "bars": [
            {
                "sector": named(asked, bars.of) if bars.of else None,
                "rows": [{"name": _name(asked, name), **_number(number, notes)} for name, number in bars.rows],
            }
            for bars in brief.bars
        ],
        "notes": [_note(one) for one in notes.all],
    }


def _statement(asked: Asked, one: Said, notes: Notes) -> dict[str, Any]:
    return {
        "name": one.statement.name,
        "text": one.sentence.striptags(),
        "numbers": {name: _number(number, notes) for name, number in one.statement.numbers.items()},
        "things": {name: [named(asked, iri) for iri in things] for name, things in one.statement.terms.items()},
    }


def _gap(asked: Asked, worked: Worked, notes: Notes) -> dict[str, Any]:
    gap = worked.gap
    return {
        "competency": named(asked, gap.competency),
        "sector": named(asked, gap.sector),
        "demand": rounded(gap.demand),
        "basis": gap.basis,
        "kind": gap.kind,
        "supply": gap.supply,
        "providers": gap.providers,
        "state": gap.state,
        "score": rounded(gap.score),
        "note": notes.of(worked),
    }


def _number(number: Number, notes: Notes) -> dict[str, int]:
    return {"value": number.value, "note": notes.of(number.source)}


def _name(asked: Asked, name: str | NamedNode) -> str:
    return asked.label(name) if isinstance(name, NamedNode) else name


def _note(note: Note) -> dict[str, Any]:
    addresses = [deployment().at(address).value for address in note.addresses]
    return {"note": note.number, "how": note.how, "text": note.text, "addresses": addresses}
