"""The release that a web worker answers from, and the switch to a newer one.

A view belongs to one release, which never changes, so whatever is computed from it may be kept for as long as the
view lives. A request takes one view at its beginning and uses it to its end.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from threading import Lock
from time import monotonic
from typing import Final, overload

import numpy as np
from flask import Flask, current_app, g
from pyoxigraph import Literal, NamedNode

from graph.changes import ChangeLog
from graph.checks import Fault, faults
from graph.coverage import Numbers
from graph.errors import Damaged, TriviumError
from graph.evidence import EvidenceOfRelease
from graph.field import Field
from graph.mergers import replaced_by
from graph.named_query import Catalogue
from graph.namespaces import DCT, QB, RDFS, SKOS, SKOSXL, TRV, entity, is_slug, kind_and_slug
from graph.network import Network
from graph.releases import Release, Releases
from graph.resources import QUERIES
from graph.similarity import Profiles, requirements
from graph.store import Dataset, Term
from service.caching import Bodies
from service.kept_answers import KeptAnswers
from service.negotiation import PAGE_LANGUAGE
from service.settings import Settings

_log = logging.getLogger(__name__)
PASSED_OVER: Final = 30.0  # seconds until a release that could not be opened is tried again
NAMES: Final = (SKOS.prefLabel, RDFS.label, SKOSXL.literalForm, DCT.title)
COMPOSED: Final = {
    "gap": (TRV.competency, TRV.sector),
    "requirement": (TRV.role, TRV.competency),
    "need": (TRV.competency, TRV.sector, QB.dataSet),
    "session": (TRV.offering, TRV.startDate, TRV.location),
    "mapping": (TRV["from"], TRV.relation, TRV.to),
}
"""Kinds without a label: what they relate, which is what a reader calls them by."""

SEARCHED: Final = (SKOS.prefLabel, SKOS.altLabel, SKOS.definition)
LIKELY: Final = 400
LISTED: Final = {
    "competencies": "competency",
    "roles": "role",
    "offerings": "offering",
    "providers": "provider",
    "areas": "area",
    "needs": "need",
    "surveys": "survey",
    "sectors": "sector",
}
FEW: Final = 200  # entities: where more changed, reading all labels anew is quicker than finding out which to read
REMEMBERED: Final = 50_000  # things whose labels are kept; a harvest asks for those of all
GRAPHS: Final = "SELECT ?graph (COUNT(*) AS ?size) { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph ORDER BY ?graph"


class NoRelease(TriviumError):
    """Nothing has been published yet, so there is nothing to answer from."""


class Slugs(Sequence[str]):
    """The slugs of one kind in a release, sorted; they are read only where a request needs all of them."""

    def __init__(
        self, kind: str, count: int, log: ChangeLog, release: int, exists: Callable[[NamedNode], bool]
    ) -> None:
        self._kind, self._count, self._log, self._release, self._exists = kind, count, log, release, exists

    def __contains__(self, slug: object) -> bool:
        return isinstance(slug, str) and is_slug(slug) and self._exists(entity(self._kind, slug))

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return self._all[index]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def like(self, slug: str) -> list[str]:
        """Some that begin like the one given; few enough to compare one by one."""
        return self._log.slugs(self._kind, self._release, slug[:1], LIKELY)

    @cached_property
    def _all(self) -> list[str]:
        return self._log.slugs(self._kind, self._release)


class ReleaseView:
    """One release, opened to be read, with what is computed from it once.

    Who needs and teaches what comes from the columns that the publisher made. Words are read where they are asked for,
    and taken over from a view of another release, newer or older: it costs what the changes between cost.
    """

    def __init__(
        self, release: Release, settings: Settings, log: ChangeLog, other: "ReleaseView | None" = None
    ) -> None:
        self.release = release
        self.dataset: Dataset = release.dataset()
        self.log = log
        self.bodies = Bodies(settings.cache_bytes)
        self.answers = KeptAnswers(release.path / "store", settings.cache_bytes // 4)
        self.coverage = release.coverage()
        self.evidence = EvidenceOfRelease(self.dataset, self.coverage)
        self.field = Field.around(self.evidence, self.dataset, release.as_of, release.stale_after_months)
        self._labels: dict[NamedNode, dict[str, str]] = {}
        self._searched: dict[NamedNode, str] = {}
        self._ranks: dict[str, Numbers] = {}
        self._network: Network | None = None
        self._reckoning = Lock()
        changed = self._changed(other) if other else None
        if other is None or changed is None:
            self._read_labels()
            self.languages = self._languages(self.field.evidence)
        else:
            self._follow(other, changed)

    def _changed(self, other: "ReleaseView") -> set[NamedNode] | None:
        """What differs from another release; None where that is so much that it is better read whole."""
        if self.release.words != other.release.words:
            return None
        changed = self.log.entities(*sorted((self.release.number, other.release.number)))
        return changed if len(changed) <= FEW else None

    def _read_labels(self) -> None:
        """Read the labels of all competencies, which lists are ordered by, at once."""
        query = (QUERIES / "field" / "labels.rq").read_text(encoding="utf-8")
        for iri, label in self.dataset.select(query):
            self._labels.setdefault(iri, {})[label.language or ""] = label.value

    def _follow(self, other: "ReleaseView", changed: set[NamedNode]) -> None:
        """Take over the words that another view knows, but for those of what differs."""
        self._labels |= other._labels
        self._searched |= other._searched
        for iri in changed:
            self._labels.pop(iri, None)
            self._searched.pop(iri, None)
        newer = self.release.number > other.release.number
        self.languages = self._languages(changed, other.languages) if newer else self._languages(self.field.evidence)

    def ranks(self, language: str) -> Numbers:
        """The place of each competency of the coverage when they are ordered by their labels in a language."""
        if language not in self._ranks:
            names = self.coverage.names.competencies
            labels = [(self.label(NamedNode(iri), language).value.casefold(), iri) for iri in names]
            order = sorted(range(len(names)), key=labels.__getitem__)
            self._ranks[language] = np.argsort(order).astype(np.int32)
        return self._ranks[language]

    def labels(self, iri: NamedNode) -> dict[str, str]:
        """The labels of a thing by language; an untagged label has the language ""."""
        found = self._labels.get(iri)
        if found is None:
            found = next(filter(None, (self._named(iri, name) for name in NAMES)), {})
            if len(self._labels) >= REMEMBERED:
                self._labels = {}
            self._labels[iri] = found
        return found

    def label(self, term: Term | None, language: str = PAGE_LANGUAGE) -> Literal:
        """The label in the language wanted, else English, else any, else the end of the IRI."""
        if not isinstance(term, NamedNode):
            return term if isinstance(term, Literal) else Literal("" if term is None else str(term))
        labels = self.labels(term)
        for tag in (language, PAGE_LANGUAGE, "", *sorted(labels)):
            if tag in labels:
                return Literal(labels[tag], language=tag) if tag else Literal(labels[tag])
        return Literal(self._composed(term, language) or term.value)

    def searched(self, iri: NamedNode, fold: Callable[[str], str]) -> str:
        """The labels and definitions of a thing in every language, folded to be searched."""
        if iri not in self._searched:
            objects = (quad.object for name in SEARCHED for quad in self.dataset.quads(iri, name))
            self._searched[iri] = fold(" ".join(one.value for one in objects if isinstance(one, Literal)))
        return self._searched[iri]

    def exists(self, iri: NamedNode) -> bool:
        """Whether the release says anything about the thing itself, and it was not merged into another."""
        return any(True for _ in self.dataset.quads(iri)) and replaced_by(self.dataset, iri) is None

    def sectors(self) -> Sequence[NamedNode]:
        """The sectors that are below no other."""
        return self.field.sectors

    @property
    def counts(self) -> dict[str, int]:
        """How many things of each kind there are, by the name of their list."""
        return {name: self.release.counts.get(kind, 0) for name, kind in LISTED.items()}

    @cached_property
    def faults(self) -> list[Fault]:
        """Everything that a check finds wrong."""
        return faults(self.dataset, Catalogue.load(QUERIES / "checks"))

    @cached_property
    def demand(self) -> Field:
        """The field with what speaks of demand alone, at hand for every competency."""
        return replace(self.field, evidence=self.evidence.of_demand())

    @cached_property
    def requirements(self) -> Profiles:
        """What each role requires, and how strongly."""
        return requirements(self.demand)

    @property
    def network(self) -> Network:
        """What network analysis says of the release: reckoned once, by the first who asks, while others wait for it."""
        with self._reckoning:
            self._network = self._network or Network.of(self.demand)
        return self._network

    @cached_property
    def graphs(self) -> dict[NamedNode, int]:
        """The named graphs by name, and how many statements each has."""
        return {name: int(size.value) for name, size in self.dataset.select(GRAPHS)}

    @cached_property
    def slugs(self) -> dict[str, Slugs]:
        """The slugs of everything that the release describes, by kind."""
        number = self.release.number
        return {kind: Slugs(kind, count, self.log, number, self.exists) for kind, count in self.release.counts.items()}

    def _languages(self, iris: Iterable[NamedNode], known: Sequence[str] = ()) -> list[str]:
        """The languages that competencies have labels in, English first."""
        found = {tag for iri in iris if iri in self.field.evidence for tag in self.labels(iri) if tag}
        return [PAGE_LANGUAGE, *sorted((found | {*known}) - {PAGE_LANGUAGE})]

    def _composed(self, iri: NamedNode, language: str) -> str:
        """The label of a thing that has none of its own: of the things it relates, else its slug."""
        kind, slug = kind_and_slug(iri) or ("", "")
        own = {quad.predicate: quad.object for quad in self.dataset.quads(iri)} if kind in COMPOSED else {}
        parts = [self.label(own[name], language).value for name in COMPOSED.get(kind, ()) if name in own]
        return " \u00b7 ".join(parts) or slug

    def _named(self, iri: NamedNode, name: NamedNode) -> dict[str, str]:
        objects = (quad.object for quad in self.dataset.quads(iri, name))
        return {one.language or "": one.value for one in objects if isinstance(one, Literal)}


class CurrentRelease:
    """The newest release, looked for at most once in `look_seconds`; a switch is one assignment."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._releases = Releases(settings.data)
        self._log = ChangeLog(settings.data)
        self._view: ReleaseView | None = None
        self._passed_over: dict[int, float] = {}
        self._next_look = 0.0
        self._lock = Lock()

    def view(self, look: bool = False) -> ReleaseView:
        """The view to answer this request from; with `look`, of the newest now. Raises NoRelease before the first."""
        if look or monotonic() >= self._next_look:
            self._look()
        if self._view is None:
            raise NoRelease("No release can be answered from yet: `trivium serve` and `trivium load` publish one.")
        return self._view

    def _look(self) -> None:
        """Open a newer release, if there is one. Others go on with the old one meanwhile, if there is one."""
        if not self._lock.acquire(blocking=self._view is None):
            return
        try:
            self._view = next(self._sound(), self._view)
            self._next_look = monotonic() + self._settings.look_seconds
        finally:
            self._lock.release()

    def _sound(self) -> Iterator[ReleaseView]:
        """Views of the releases newer than the one that is open, the newest first; damaged ones are passed over."""
        for release in self._releases.kept():
            if self._view and release.number <= self._view.release.number:
                return
            if monotonic() >= self._passed_over.get(release.number, 0.0):
                try:
                    yield ReleaseView(release, self._settings, self._log, self._view)
                except (Damaged, OSError, RuntimeError) as error:  # the engine reports corruption as either
                    _log.error("Release %d is passed over: %s", release.number, error)
                    self._passed_over[release.number] = monotonic() + PASSED_OVER


def init_app(app: Flask) -> None:
    """Give the application its release."""
    app.extensions["trivium.release"] = CurrentRelease(app.extensions["trivium.settings"])


def current_view(look: bool = False) -> ReleaseView:
    """The view of this request: the same one from its beginning to its end, unless it has to `look` again."""
    if look or "view" not in g:
        g.view = current_app.extensions["trivium.release"].view(look)
    view: ReleaseView = g.view
    return view
