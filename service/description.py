"""What the page of a thing shows: its names, what is said of it, what points to it, and who says so."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import current_app
from pyoxigraph import Literal, NamedNode, Triple

from graph.field import slug
from graph.gaps import Filter, Gap, gaps
from graph.mergers import replaced_by
from graph.namespaces import DCT, ID, PROV, QB, RDF, SKOS, SKOSXL, TRV, kind_and_slug
from graph.schema import Column, Schema
from graph.similarity import Alike, nearest_elsewhere, sectors_of
from graph.store import Term
from service.operation import Asked
from service.words import LISTS, kind_name, property_name

SHOWN: Final = 100
NEAREST: Final = 5
DETAILS: Final = ("requirement", "need", "session", "mapping", "label")
"""Kinds that state a relation between other things: shown as rows of what they relate, not as links."""

HEADING: Final = (SKOS.prefLabel, SKOS.definition, SKOS.altLabel, SKOSXL.altLabel, RDF.type, DCT.source)
TWO_WAY: Final = (SKOS.related, SKOS.broader, SKOS.narrower, SKOS.topConceptOf, SKOS.hasTopConcept, SKOS.inScheme)
"""Relations that the thing itself also states, the other way round."""

TITLES: Final = {
    ("requirement", TRV.competency): "Roles that require it",
    ("requirement", TRV.role): "Competencies it requires",
    ("offering", TRV.teaches): "Offerings that teach it",
    ("offering", TRV.provider): "What it offers",
    ("offering", TRV.addressedTo): "Offerings for it",
    ("session", TRV.offering): "Sessions",
    ("need", TRV.competency): "Survey figures",
    ("need", TRV.sector): "Survey figures",
    ("need", QB.dataSet): "Figures of this survey",
    ("label", TRV.labelOf): "Other words for it, and whose they are",
    ("mapping", TRV["from"]): "Relations it is given",
    ("mapping", TRV.to): "Relations to it",
    ("role", TRV.practisedIn): "Roles practised here",
    ("competency", TRV.inArea): "Competencies of this area",
    ("competency", TRV.attestedIn): "Competencies that sources attest here",
    ("provider", TRV.serves): "Providers that serve it",
    ("gap", TRV.offeringEvidence): "Gaps in which it counts as supply",
    ("gap", TRV.elsewhereEvidence): "Gaps of other sectors than its own",
    ("gap", TRV.staleEvidence): "Gaps for which it was seen too long ago to count",
    ("contribution", PROV.wasAssociatedWith): "What it contributed",
}


@dataclass(frozen=True)
class Row:
    """One thing of a group, with the values of the columns of the group."""

    subject: NamedNode
    cells: list[list[Term]]


@dataclass(frozen=True)
class Group:
    """What points to a thing by one property, from things of one kind; `total` counts those not shown too."""

    title: str
    subjects: Sequence[NamedNode]
    total: int
    columns: tuple[str, ...] = ()
    rows: Sequence[Row] = ()


def describe(asked: Asked, kind: str, iri: NamedNode) -> dict[str, Any]:
    """Everything that the page of a thing shows."""
    own = asked.view.dataset.describe(iri)
    return {
        "iri": iri,
        "kind": kind,
        "slug": slug(iri),
        "kind_name": kind_name(kind),
        "list_path": LISTS.get(kind),
        "label": asked.view.label(iri, asked.language),
        "labels": _texts(own, SKOS.prefLabel),
        "definitions": _texts(own, SKOS.definition),
        "alternatives": _texts(own, SKOS.altLabel),
        "whose": _whose(asked, own),
        "facts": _facts(asked, own),
        "groups": list(_groups(asked, kind, iri)),
        "gaps": _gaps(asked, kind, iri, own),
        "elsewhere": _elsewhere(asked, kind, iri),
        "replaces": list(_merged_into(asked, iri)),
        "sources": sorted({one.object for one in own if one.predicate == DCT.source}, key=str),
        "names": {"label": SKOS.prefLabel, "alternative": SKOS.altLabel},
        **_says(asked, iri),
    }


def _texts(own: Iterable[Triple], predicate: NamedNode) -> list[Literal]:
    texts = {one.object for one in own if one.predicate == predicate and isinstance(one.object, Literal)}
    return sorted(texts, key=lambda text: (text.language != "en", text.language or "", text.value.casefold()))


def _whose(asked: Asked, own: Iterable[Triple]) -> dict[Literal, str]:
    """For each alternative label that is a sector's own word, the labels of those sectors."""
    found: dict[Literal, set[str]] = defaultdict(set)
    for one in own:
        if one.predicate == SKOSXL.altLabel and isinstance(one.object, NamedNode):
            said = asked.view.dataset.describe(one.object)
            sectors = {asked.label(triple.object) for triple in said if triple.predicate == TRV.wordOf}
            for text in _texts(said, SKOSXL.literalForm):
                found[text] |= sectors
    return {text: ", ".join(sorted(sectors)).lower() for text, sectors in found.items() if sectors}


def _facts(asked: Asked, own: Iterable[Triple]) -> list[tuple[NamedNode, list[Term]]]:
    """The properties that the heading does not show, each with its values, by name."""
    found: dict[NamedNode, list[Term]] = defaultdict(list)
    for one in own:
        if one.predicate not in HEADING:
            found[one.predicate].append(one.object)
    for values in found.values():
        values.sort(key=lambda term: asked.label(term).casefold())
    return sorted(found.items(), key=lambda item: property_name(asked, item[0]))


def _groups(asked: Asked, kind: str, iri: NamedNode) -> Iterator[Group]:
    """What points here, gathered by the kind of thing it comes from and by property; of gaps, those of top sectors."""
    tops = tuple(f"{slug(sector)}--" for sector in asked.view.sectors())
    found: dict[tuple[str, NamedNode], set[NamedNode]] = defaultdict(set)
    for quad in asked.view.dataset.quads(None, None, iri):
        if not isinstance(quad.subject, NamedNode) or quad.predicate in TWO_WAY or _is_merged(asked, quad.subject):
            continue
        pair = kind_and_slug(quad.subject)
        if pair and (pair[0] != "gap" or (kind == "offering" and pair[1].startswith(tops))):
            found[pair[0], quad.predicate].add(quad.subject)
    for (of, predicate), subjects in sorted(found.items(), key=_rank):
        yield _group(asked, of, predicate, subjects)


def _is_merged(asked: Asked, iri: NamedNode) -> bool:
    return replaced_by(asked.view.dataset, iri) is not None


def _merged_into(asked: Asked, iri: NamedNode) -> Iterator[tuple[str, Literal]]:
    """The addresses and labels of the things that a thing has taken the place of."""
    for quad in asked.view.dataset.quads(None, DCT.isReplacedBy, iri):
        named = kind_and_slug(quad.subject) if isinstance(quad.subject, NamedNode) else None
        if named:
            yield "/".join(("", *named)), asked.view.label(quad.subject, asked.language)


def _rank(item: tuple[tuple[str, NamedNode], set[NamedNode]]) -> tuple[int, str]:
    known = list(TITLES)
    return (known.index(item[0]) if item[0] in known else len(known), str(item[0]))


def _group(asked: Asked, of: str, predicate: NamedNode, subjects: set[NamedNode]) -> Group:
    title = TITLES.get((of, predicate)) or f"{kind_name(of)}: {property_name(asked, predicate)}"
    ordered = sorted(subjects, key=lambda one: (asked.label(one).casefold(), one.value))
    shown = ordered[:SHOWN]
    if of not in DETAILS:
        return Group(title, shown, len(ordered))
    about = [(one, asked.view.dataset.describe(one)) for one in shown]
    columns = _columns(of, predicate, {triple.predicate for _, own in about for triple in own})
    rows = [Row(one, [_values(own, column.path) for column in columns]) for one, own in about]
    return Group(title, shown, len(ordered), tuple(column.title for column in columns), rows)


def _columns(of: str, pointing: NamedNode, used: set[NamedNode]) -> list[Column]:
    """What a row shows: the columns of its kind that are used, in their order, but for the one that points here."""
    schema: Schema = current_app.extensions["trivium.schema"]
    columns = schema.kinds[of].columns if of in schema.kinds else ()
    return [column for column in columns if column.path in used - {pointing}]


def _values(own: Iterable[Triple], predicate: NamedNode) -> list[Term]:
    return [one.object for one in own if one.predicate == predicate]


def _gaps(asked: Asked, kind: str, iri: NamedNode, own: Iterable[Triple]) -> list[Gap]:
    """The gaps that the page works out: of a competency, one for each sector; of a gap, itself."""
    field = asked.view.field
    if kind == "competency" and iri in field.evidence:
        return gaps(field, field.sectors, Filter(), "any", [iri])
    objects = {one.predicate: one.object for one in own}
    sector, competency = objects.get(TRV.sector), objects.get(TRV.competency)
    if kind == "gap" and isinstance(sector, NamedNode) and isinstance(competency, NamedNode):
        return gaps(field, [sector], Filter(), "any", [competency])
    return []


def _elsewhere(asked: Asked, kind: str, iri: NamedNode) -> list[tuple[Alike, list[NamedNode]]]:
    """Of a role, those most like it where it is not practised, each with the sectors that it is practised in."""
    view = asked.view
    found = nearest_elsewhere(view.demand, view.requirements, iri, NEAREST) if kind == "role" else []
    return [(one, sorted(sectors_of(view.field, one.iri), key=str)) for one in found]


def _says(asked: Asked, iri: NamedNode) -> dict[str, Any]:
    """Where it is said: in which contributions, what follows from them, and what is derived from all.

    `says` tells of each statement, by its property and value, the places in `contributions`, counted from 1.
    """
    stated: dict[tuple[NamedNode, Term], set[tuple[str, NamedNode]]] = defaultdict(set)
    for quad in asked.view.dataset.quads(iri):
        if isinstance(quad.graph_name, NamedNode):
            stated[quad.predicate, quad.object].add(_origin(quad.graph_name))
    origins = sorted({origin for found in stated.values() for origin in found}, key=_rank_of_origin)
    says = {statement: sorted(origins.index(one) + 1 for one in found) for statement, found in stated.items()}
    credits = [(how, one, _contributor(asked, one)) for how, one in origins]
    return {"contributions": credits, "says": says if len(origins) > 1 else {}}


def _rank_of_origin(origin: tuple[str, NamedNode]) -> tuple[str, int, str]:
    how, one = origin
    number = slug(one)
    return ("" if how == "stated in" else how, int(number) if number.isdecimal() else 0, number)


def _contributor(asked: Asked, contribution: NamedNode) -> NamedNode | None:
    agents = (quad.object for quad in asked.view.dataset.quads(contribution, PROV.wasAssociatedWith))
    return next((agent for agent in agents if isinstance(agent, NamedNode)), None)


def _origin(graph: NamedNode) -> tuple[str, NamedNode]:
    match kind_and_slug(graph):
        case "contribution", _:
            return "stated in", graph
        case "entailed", number:
            return "follows from", ID[f"contribution/{number}"]
        case "graph", _:
            return "derived, in", graph
    return "defined in", graph
