"""The one way in, from the journal to a release. One publisher owns the store; readers see only releases.

A submission that the journal has accepted is written to its graph, what follows from it is derived, and all that
was accepted appears at once as the next release. If the process ends in between, the store is put back to
the newest release and the journal is worked through again: the outcome is the same.
"""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, Triple

from graph.context import Context
from graph.contribution import Examined, examine, in_order
from graph.derivation import affected, gap_quads, written_gaps
from graph.entailment import Entailment
from graph.errors import InvalidInput, StoreLocked
from graph.field import STALE_AFTER_MONTHS, Field
from graph.journal import Entry, Journal, State
from graph.namespaces import (
    CONTRIBUTIONS_GRAPH,
    DCT,
    ID,
    PROV,
    RDF,
    SKOS,
    TRV,
    VOCABULARY_GRAPH,
    XSD,
)
from graph.parsing import Submission, parsed
from graph.releases import Release, Releases
from graph.report import Report
from graph.schema import Schema
from graph.store import Dataset, WritableDataset
from graph.vocabulary import vocabulary

CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
CONTRIBUTION_GRAPHS = f"{ID.iri}contribution/"
UNFINISHED = "store.unfinished"
FEW = 200  # entities: where more change at once, reckoning every gap anew is quicker than finding which
Progress = Callable[[str, int, int], None]


def silently(step: str, done: int, total: int) -> None:
    """Show no progress."""


@dataclass(frozen=True)
class Terms:
    """On whose behalf, and under which licence, something is contributed."""

    contributor: str
    license: str = CC0


@dataclass
class Publisher:
    """The owner of the store below a data folder. Use `Publisher.open`, which locks it."""

    data: Path
    journal: Journal
    store: WritableDataset
    schema: Schema
    words: list[Quad]
    stale_after_months: int = STALE_AFTER_MONTHS
    keep_releases: int = 5

    def __post_init__(self) -> None:
        self.entailment = Entailment(self.words)

    @property
    def releases(self) -> Releases:
        """The releases of this data folder."""
        return Releases(self.data)

    @classmethod
    @contextmanager
    def open(cls, data: Path, stale_after_months: int = STALE_AFTER_MONTHS) -> Iterator["Publisher"]:
        """Become the publisher of a data folder. Raises StoreLocked if there is one already."""
        data.mkdir(parents=True, exist_ok=True)
        with _lock(data / "publisher.lock"), Journal.below(data) as journal:
            publisher = cls(data, journal, _opened(data), Schema.load(), vocabulary(), stale_after_months)
            try:
                yield publisher
            finally:
                publisher.store.close()

    def contribute(
        self, submissions: list[Submission], terms: Terms, as_of: date, progress: Progress = silently
    ) -> Release:
        """Take submissions in, all or none, and publish them.

        Raises InvalidInput with the report of all, if there is anything in one of them that blocks.
        """
        ordered = in_order(submissions, self.schema)
        numbers = self.journal.receive(ordered, terms.contributor, terms.license)
        report = Report([finding for item in self._examined(ordered, progress) for finding in item.report.findings])
        if not report.conforms:
            self.journal.record(numbers, State.INVALID, str(report))
            raise InvalidInput(report)
        self.journal.record(numbers, State.ACCEPTED)
        return self.publish(as_of, progress)

    def publish(self, as_of: date, progress: Progress = silently) -> Release:
        """Make the next release of all that is accepted, with the gaps as they are on a day."""
        waiting = self.journal.entries(State.ACCEPTED)
        newest = self.releases.newest()
        unfinished = self._begin()
        touched: set[NamedNode] | None = set() if newest and newest.as_of == as_of else None
        for done, entry in enumerate(waiting):
            progress(f"publish {entry.submission.name}", done, len(waiting))
            touched = self._write(entry, touched)
        progress("derive", len(waiting), len(waiting))
        self.derive(as_of, touched)
        release = self._release(newest.number + 1 if newest else 1, as_of)
        unfinished.unlink()
        self.journal.record([entry.number for entry in waiting], State.PUBLISHED, f"release {release.number}")
        self.releases.prune(self.keep_releases)
        return release

    def derive(self, as_of: date, competencies: set[NamedNode] | None) -> int:
        """Reckon the gaps of some competencies, or all, and write what differs. Returns how much did."""
        field = Field.load(self.store, as_of, self.stale_after_months, competencies)
        now = set(gap_quads(field))
        before = set(written_gaps(self.store, competencies))
        return self.store.apply(before - now, now - before)

    def rebuild(self, as_of: date, progress: Progress = silently) -> Release:
        """Make the store anew from the journal alone, and publish it as the next release."""
        published = self.journal.entries(State.PUBLISHED)
        self.journal.record([entry.number for entry in published], State.ACCEPTED, "rebuild")
        self._begin()
        self.store.apply(list(self.store.quads()), ())
        return self.publish(as_of, progress)

    def _begin(self) -> Path:
        """Mark the store as unfinished, so that it is put back if this process ends; keep the words up to date."""
        unfinished = self.data / UNFINISHED
        unfinished.touch()
        self.store.apply(self.store.quads(graph=VOCABULARY_GRAPH), self.words)
        return unfinished

    def _examined(self, ordered: list[Submission], progress: Progress) -> Iterator[Examined]:
        context = Context([self.store, Dataset.in_memory(self.words)])
        for done, submission in enumerate(ordered):
            progress(f"validate {submission.name}", done, len(ordered))
            examined = examine(submission, self.schema, context)
            context = context.with_triples(examined.triples)
            yield examined
        progress("validate", len(ordered), len(ordered))

    def _write(self, entry: Entry, touched: set[NamedNode] | None) -> set[NamedNode] | None:
        """Write one accepted submission; adds whose gaps it may have changed, or gives None for all."""
        triples = parsed(entry.submission, self.schema).triples
        subjects = {triple.subject for triple in triples if isinstance(triple.subject, NamedNode)}
        few = touched is not None and len(subjects) <= FEW
        before = affected(self.store, subjects) if few else set()
        for graph, kept in self._without(subjects).items():
            self._replace(graph, kept)
        self._replace(ID[f"contribution/{entry.number}"], triples)
        self.store.apply((), _provenance(entry))
        return touched | before | affected(self.store, subjects) if touched is not None and few else None

    def _without(self, subjects: set[NamedNode]) -> dict[NamedNode, list[Triple]]:
        """The contributions that describe any of the subjects, and what is left of each without them."""
        graphs = {
            quad.graph_name
            for subject in subjects
            for quad in self.store.quads(subject)
            if isinstance(quad.graph_name, NamedNode) and quad.graph_name.value.startswith(CONTRIBUTION_GRAPHS)
        }
        return {
            graph: [quad.triple for quad in self.store.quads(graph=graph) if quad.subject not in subjects]
            for graph in graphs
        }

    def _replace(self, graph: NamedNode, triples: list[Triple]) -> None:
        """Let a contribution say just these statements, and its entailed graph just what follows from them."""
        self.store.apply(self.store.quads(graph=graph), _in_graph(triples, graph))
        entailed = ID["entailed/" + graph.value.removeprefix(CONTRIBUTION_GRAPHS)]
        self.store.apply(self.store.quads(graph=entailed), _in_graph(self.entailment.of(triples), entailed))

    def _release(self, number: int, as_of: date) -> Release:
        draft = self.releases.draft(number)
        self.store.checkpoint(draft / "store")
        release = Release(
            number=number,
            as_of=as_of,
            created=datetime.now(UTC),
            digest=f"{self.store.fingerprint:064x}",
            quads=len(self.store),
            path=self.releases.path(number),
        )
        return self.releases.publish(draft, release)


def _opened(data: Path) -> WritableDataset:
    """The store as of the newest release; what an ended process left unfinished is undone."""
    store, newest = data / "store", Releases(data).newest()
    unfinished = data / UNFINISHED
    if unfinished.exists():
        shutil.rmtree(store, ignore_errors=True)
        if newest:
            shutil.copytree(newest.path / "store", store)
        unfinished.unlink()
    return WritableDataset.create(store, int(newest.digest, 16) if newest and store.exists() else None)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreLocked(f"Another process is publishing in {path.parent}: wait for it or stop it.") from None
        yield


def _in_graph(triples: list[Triple], graph: NamedNode) -> list[Quad]:
    return [Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples]


def _provenance(entry: Entry) -> Iterator[Quad]:
    """Who contributed what, when and under which licence (PROV-O, DCMI Terms)."""
    graph, agent = ID[f"contribution/{entry.number}"], ID[f"agent/{entry.contributor}"]
    received = Literal(entry.received.isoformat(), datatype=XSD.dateTime)
    for subject, predicate, value in (
        (graph, RDF.type, TRV.Contribution),
        (graph, RDF.type, PROV.Activity),
        (graph, SKOS.prefLabel, Literal(entry.submission.name)),
        (graph, PROV.wasAssociatedWith, agent),
        (graph, PROV.endedAtTime, received),
        (graph, DCT.license, NamedNode(entry.license)),
        (agent, RDF.type, PROV.Agent),
        (agent, SKOS.prefLabel, Literal(entry.contributor)),
    ):
        yield Quad(subject, predicate, value, CONTRIBUTIONS_GRAPH)
