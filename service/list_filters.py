"""The filters of the lists that the index answers: the arguments of a request as what things say of themselves."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode

from graph.listing import Among, Saying, Wanted
from graph.namespaces import PROV, RDF, SKOS, TRV
from graph.store import Term
from service.operation import Asked

KIND_OF: Final = {"competencies": "competency", "roles": "role", "offerings": "offering", "providers": "provider"}
"""The lists that the index answers, and what they are lists of."""

FACETS: Final = {
    "competencies": ("area", "sector", "framework"),
    "roles": ("sector",),
    "offerings": ("sector", "type", "mode", "level", "language", "free", "area", "region"),
    "providers": ("kind", "country", "sector"),
}
"""What is counted in each list, by the names of its parameters."""


def wanted(asked: Asked, name: str) -> dict[str, Wanted]:
    """The filters of a list, by the parameter that sets each."""
    given = {parameter: term for parameter, term in asked.arguments.items() if parameter not in OTHER}
    return {parameter: filter_by(asked, name, parameter, term) for parameter, term in given.items()}


def filter_by(asked: Asked, name: str, parameter: str, term: Term) -> Wanted:
    """The filter of one parameter of a list: a value that things say, if it does not ask for more."""
    special = SPECIAL.get((name, parameter)) or SPECIAL.get(("", parameter))
    text = term.value if isinstance(term, NamedNode | Literal) else ""
    return special(asked, term) if special else Saying(parameter, frozenset({text}))


OTHER: Final = ("lang", "limit", "offset")
"""Parameters that filter nothing."""


def _open_to(asked: Asked, sector: object) -> Wanted:
    """Offerings for a sector: addressed to it, to a broader or narrower one, or to nobody in particular."""
    above, below = _above(asked, sector), _below(asked, sector)
    return Saying("sector", frozenset(iri.value for iri in above | below), silent=True)


def _serving(asked: Asked, sector: object) -> Wanted:
    return Saying("sector", frozenset(iri.value for iri in _below(asked, sector)))


def _above(asked: Asked, sector: object) -> set[NamedNode]:
    """A sector and those above it."""
    broader, found = asked.view.field.broader_sector, set[NamedNode]()
    one = sector if isinstance(sector, NamedNode) else None
    while one is not None and one not in found:
        found.add(one)
        one = broader.get(one)
    return found


def _below(asked: Asked, sector: object) -> set[NamedNode]:
    """A sector and those below it."""
    return {one for one in asked.view.field.broader_sector if sector in _above(asked, one)}


def _spoken(asked: Asked, language: object) -> Wanted:
    """What is taught in a language, also in one of its variants (RFC 4647, basic filtering)."""
    tag = language.value.lower() if isinstance(language, Literal) else ""
    known = asked.view.listing.values("language")
    return Saying("language", frozenset(one for one in known if f"{one.lower()}-".startswith(f"{tag}-")))


def _from(asked: Asked, country: object) -> Wanted:
    return Saying("country", frozenset({country.value.upper()} if isinstance(country, Literal) else ()))


def _described_by(asked: Asked, contributor: object) -> Wanted:
    """What is typed in a contribution of a contributor."""
    dataset = asked.view.dataset
    graphs = _subjects(asked, contributor, PROV.wasAssociatedWith)
    typed = (quad.subject for graph in graphs for quad in dataset.quads(None, RDF.type, None, graph))
    return Among({one for one in typed if isinstance(one, NamedNode)})


def _teaching(asked: Asked, competency: object) -> Wanted:
    """Offerings that teach a competency, something narrower or exactly the same."""
    waiting, same = [competency], set[object]()
    while waiting:
        one = waiting.pop()
        if one not in same:
            same.add(one)
            waiting += _subjects(asked, one, SKOS.broader, SKOS.exactMatch)
            waiting += _objects(asked, [one], SKOS.exactMatch)
    return Among({offering for one in same for offering in _subjects(asked, one, TRV.teaches)})


def _of_area(asked: Asked, area: object) -> Wanted:
    """Offerings that teach a competency of an area."""
    competencies = _subjects(asked, area, TRV.inArea)
    return Among({one for competency in competencies for one in _subjects(asked, competency, TRV.teaches)})


def _by_providers_in(asked: Asked, region: object) -> Wanted:
    """Offerings of the providers in a country or region."""
    listing, text = asked.view.listing, region.value.lower() if isinstance(region, Literal) else ""
    places = {name: frozenset(one for one in listing.values(name) if one.lower() == text) for name in PLACES}
    found = (listing.of("provider", {name: Saying(name, some)}, asked.language) for name, some in places.items())
    return Saying("provider", frozenset(one.value for listed in found for one in listed.iris))


PLACES: Final = ("country", "region")
"""Where a provider says that it is."""


def _requiring(asked: Asked, competency: object) -> Wanted:
    return Among({*_objects(asked, _subjects(asked, competency, TRV.competency), TRV.role)})


def _needed_in(asked: Asked, sector: object) -> Wanted:
    """Competencies that are attested in a sector, or required by a role of it."""
    roles = [*_subjects(asked, sector, TRV.practisedIn, TRV.subSector)]
    requirements = (one for role in roles for one in _subjects(asked, role, TRV.role))
    required = _objects(asked, requirements, TRV.competency)
    return Among({*_subjects(asked, sector, TRV.attestedIn), *required})


def _found(asked: Asked, text: object) -> Wanted:
    """What has all the words of a text, or words like them."""
    words = text.value if isinstance(text, Literal) else ""
    found = asked.view.search.find(words, asked.language, part=slice(None))
    return Among({hit.iri for hit in found.hits} if found.whole else set())


SPECIAL: Final[Mapping[tuple[str, str], Callable[[Asked, object], Wanted]]] = {
    ("", "q"): _found,
    ("", "contributor"): _described_by,
    ("offerings", "sector"): _open_to,
    ("offerings", "language"): _spoken,
    ("offerings", "competency"): _teaching,
    ("offerings", "area"): _of_area,
    ("offerings", "region"): _by_providers_in,
    ("competencies", "sector"): _needed_in,
    ("roles", "competency"): _requiring,
    ("providers", "sector"): _serving,
    ("providers", "country"): _from,
}
"""Parameters that ask for more than what a thing says, in a list, or in every one."""


def _subjects(asked: Asked, object: object, *predicates: NamedNode) -> Iterator[NamedNode]:
    for predicate in predicates if isinstance(object, NamedNode) else ():
        for quad in asked.view.dataset.quads(None, predicate, object):  # type: ignore[arg-type]
            if isinstance(quad.subject, NamedNode):
                yield quad.subject


def _objects(asked: Asked, subjects: Iterable[object], predicate: NamedNode) -> Iterator[NamedNode]:
    for subject in subjects:
        for quad in asked.view.dataset.quads(subject, predicate):  # type: ignore[arg-type]
            if isinstance(quad.object, NamedNode):
                yield quad.object
