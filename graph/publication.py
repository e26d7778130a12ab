"""The one way in, from the journal to a release. One publisher owns the store; readers see only releases.

A submission that the journal has accepted is written to its graph, what follows from it is derived, and all that
was accepted appears at once as the next release. If the process ends in between, the store is put back to
the newest release and the journal is worked through again: the outcome is the same.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path

from pyoxigraph import NamedNode, Quad, Triple

from graph.changes import ChangeLog
from graph.clock import Clock, not_before, utc_now
from graph.context import Context
from graph.contribution import examine, in_order
from graph.coverage import Coverage
from graph.data_folder import LOCK, UNFINISHED, emptied, lock, opened
from graph.derivation import gap_quads, turned, written_gaps
from graph.differences import counted
from graph.entailment import Entailment
from graph.errors import InvalidInput
from graph.examination import Examination, ExaminationTimeout, ExaminationTooLarge, Wanted, examine_apart
from graph.field import Field
from graph.journal import Entry, Journal, State
from graph.mergers import settled
from graph.namespaces import ID, VOCABULARY_GRAPH
from graph.neighbourhood import affected
from graph.ownership import contributions_about, entailed_by, taken
from graph.parsing import Submission, parsed
from graph.policy import Policy
from graph.progress import Progress, silently
from graph.provenance import provenance
from graph.releases import Release, Releases
from graph.report import Finding, Report
from graph.schema import Schema
from graph.storage import room_in
from graph.store import Dataset, WritableDataset
from graph.vocabulary import digest_of, vocabulary

CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
POLICY = Policy()
ATTEMPTS = 3  # at an examination that fails by no fault of the submission
FEW = 200  # entities: where more change at once, reckoning every gap anew is quicker than finding which
Examine = Callable[[Sequence[Submission], Wanted, Progress], Examination]


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
    log: ChangeLog
    store: WritableDataset
    schema: Schema
    words: list[Quad]
    policy: Policy = POLICY
    clock: Clock = utc_now

    def __post_init__(self) -> None:
        self.entailment = Entailment(self.words)
        self.words_digest = digest_of(self.words)

    @property
    def releases(self) -> Releases:
        """The releases of this data folder."""
        return Releases(self.data)

    @classmethod
    @contextmanager
    def open(
        cls, data: Path, policy: Policy = POLICY, wait: float = 0.0, clock: Clock = utc_now, anew: bool = False
    ) -> Iterator["Publisher"]:
        """Become the publisher of a data folder, with its store, or `anew` with an empty one to be rebuilt.

        Raises StoreLocked if another is, for more than `wait` seconds; JournalDamaged and ReleaseDamaged if nothing
        should be built on what is there; and StorageFull, also from what is done within.
        """
        data.mkdir(parents=True, exist_ok=True)
        with room_in(data), lock(data / LOCK, wait), Journal(data, clock) as journal, ChangeLog(data) as log:
            newest = Releases(data).newest()
            journal.check_reaches(newest.journal if newest else 0)
            store = emptied(data) if anew else opened(data)
            publisher = cls(data, journal, log, store, Schema.load(), vocabulary(), policy, clock)
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
        report = self._examined(ordered, terms.contributor, progress)
        if not report.conforms:
            self.journal.record(numbers, State.INVALID, str(report))
            raise InvalidInput(report)
        self.journal.record(numbers, State.ACCEPTED, agent=terms.contributor)
        return self.publish(as_of, progress)

    def examine_received(self, entry: Entry, reviewed: bool, examine: Examine = examine_apart) -> None:
        """Look at a submission that came in, in a process of its own: is it invalid, to be reviewed, or accepted?"""
        try:
            found = self._examined_apart(entry, examine)
        except (ExaminationTimeout, ExaminationTooLarge) as error:
            self.journal.record([entry.number], State.INVALID, str(error))
            return
        except RuntimeError as error:  # ours to mend: it must not be lost, nor hold up what others sent
            note = f"This could not be examined ({error}): a curator has to look at it."
            self.journal.record([entry.number], State.IN_REVIEW, note)
            return
        if not found.conforms:
            self.journal.record([entry.number], State.INVALID, str(found.report))
        elif self._is_free(entry, parsed(entry.submission, self.schema).triples):
            state = State.IN_REVIEW if reviewed else State.ACCEPTED
            self.journal.record([entry.number], state, "\n".join(map(str, found.report.warnings)))

    def _examined_apart(self, entry: Entry, examine: Examine, attempts: int = ATTEMPTS) -> Examination:
        """What is found in a submission; one that fails for another reason than the submission is tried again."""
        newest = self.releases.newest()
        wanted = Wanted(newest.path / "store" if newest else None)
        try:
            return examine([entry.submission], wanted, partial(self.journal.progress, entry.number))
        except RuntimeError:
            if attempts <= 1:
                raise
            return self._examined_apart(entry, examine, attempts - 1)

    def publish(self, as_of: date, progress: Progress = silently) -> Release:
        """Make the next release of all that is accepted or to be withdrawn, with the gaps as they are on a day."""
        waiting, leaving = self.journal.entries(State.ACCEPTED), self.journal.entries(State.WITHDRAWING)
        touched = self._begin(as_of)
        published = []
        for done, entry in enumerate(waiting):
            progress(f"publish {entry.submission.name}", done, len(waiting))
            triples = parsed(entry.submission, self.schema).triples
            if self._is_free(entry, triples):
                touched = self._write(entry, triples, touched)
                published.append(entry.number)
        for entry in leaving:
            touched = self._withdraw(entry.number, touched)
        progress("derive", len(waiting), len(waiting))
        release = self._finish(as_of, touched)
        self.journal.record(published, State.PUBLISHED, f"release {release.number}")
        self.journal.record([entry.number for entry in leaving], State.WITHDRAWN, f"release {release.number}")
        return release

    def rebuild(self, as_of: date, progress: Progress = silently) -> Release:
        """Make the store anew from the journal alone, and publish it as the next release."""
        self.store.close()
        self.store = emptied(self.data)
        self.store.touched |= self.log.entities(0, self._last()[0])
        self.store.apply((), self.words)
        history = self.journal.history()
        for done, (number, state) in enumerate(history):
            progress("rebuild", done, len(history))
            if state is State.PUBLISHED:
                entry = self.journal.entry(number)
                self._write(entry, parsed(entry.submission, self.schema).triples, None)
            else:
                self._withdraw(number, None)
        progress("derive", len(history), len(history))
        return self._finish(as_of, None)

    def derive(self, as_of: date, competencies: set[NamedNode] | None) -> Coverage:
        """Reckon the gaps of some competencies, or all, and write what differs. Returns the coverage of all of them."""
        newest = self.releases.newest()
        if newest is None:
            competencies = None
        field = Field.load(self.store, as_of, self.policy.stale_after_months, competencies)
        now = set(gap_quads(field))
        before = set(written_gaps(self.store, competencies))
        self.store.apply(before - now, now - before)
        if newest is None or competencies is None:
            return Coverage.of(field)
        return newest.coverage().updated(field, competencies)

    def _begin(self, as_of: date) -> set[NamedNode] | None:
        """Mark the store as unfinished, so that it is put back if this process ends; keep the words up to date.

        Returns the competencies whose gaps are others already, for a new day has come, or None for all of them.
        """
        (self.data / UNFINISHED).touch()
        newest = self.releases.newest()
        if newest is None or newest.words != self.words_digest:
            self.store.apply(self.store.quads(graph=VOCABULARY_GRAPH), self.words)
            return None
        if newest.stale_after_months != self.policy.stale_after_months:
            return None
        return turned(self.store, newest.as_of, as_of, self.policy.stale_after_months)

    def _finish(self, as_of: date, touched: set[NamedNode] | None) -> Release:
        """Reckon the gaps, write down what changed, make the release, and take the mark away."""
        release = self._release(as_of, self.derive(as_of, touched))
        (self.data / UNFINISHED).unlink()
        self.store.touched.clear()
        self.releases.prune(self.policy.keep_releases, self.policy.keep_days)
        return release

    def _examined(self, ordered: list[Submission], contributor: str, progress: Progress = silently) -> Report:
        """The report on files that may refer to each other, and on whose entities they describe."""
        context = Context([self.store, Dataset.in_memory(self.words)])
        findings: list[Finding] = []
        for done, submission in enumerate(ordered):
            progress(f"validate {submission.name}", done, len(ordered))
            examined = examine(submission, self.schema, context)
            context = context.with_triples(examined.triples)
            subjects = dict.fromkeys(t.subject for t in examined.triples if isinstance(t.subject, NamedNode))
            findings += [*examined.report.findings, *taken(self.store, subjects, contributor, submission.name)]
        progress("validate", len(ordered), len(ordered))
        return Report(findings)

    def _is_free(self, entry: Entry, triples: list[Triple]) -> bool:
        """Whether nobody else has described these entities meanwhile; if somebody has, it is invalid."""
        subjects = dict.fromkeys(triple.subject for triple in triples if isinstance(triple.subject, NamedNode))
        report = Report(list(taken(self.store, subjects, entry.contributor, entry.submission.name)))
        if not report.conforms:
            self.journal.record([entry.number], State.INVALID, str(report))
        return report.conforms

    def _write(self, entry: Entry, triples: list[Triple], touched: set[NamedNode] | None) -> set[NamedNode] | None:
        """Write one accepted submission; adds whose gaps it may have changed, or gives None for all."""
        subjects = {triple.subject for triple in triples if isinstance(triple.subject, NamedNode)}
        changes = {**self._without(subjects), ID[f"contribution/{entry.number}"]: triples}
        touched = self._change(subjects, changes, touched)
        self.store.apply((), provenance(entry))
        return touched

    def _withdraw(self, number: int, touched: set[NamedNode] | None) -> set[NamedNode] | None:
        """Take a contribution back; who contributed it, and when, is still said."""
        graph = ID[f"contribution/{number}"]
        subjects = {quad.subject for quad in self.store.quads(graph=graph) if isinstance(quad.subject, NamedNode)}
        return self._change(subjects, {graph: []}, touched)

    def _change(
        self, subjects: set[NamedNode], changes: dict[NamedNode, list[Triple]], touched: set[NamedNode] | None
    ) -> set[NamedNode] | None:
        """Let contributions say other things; adds whose gaps that may have changed, or gives None for all."""
        few = touched is not None and len(subjects) <= FEW
        before = affected(self.store, subjects) if few else set()
        for graph, triples in changes.items():
            self._replace(graph, triples)
        return touched | before | affected(self.store, subjects) if touched is not None and few else None

    def _without(self, subjects: set[NamedNode]) -> dict[NamedNode, list[Triple]]:
        """The contributions that describe any of the subjects, and what is left of each without them."""
        graphs = {graph for subject in subjects for graph in contributions_about(self.store, subject)}
        return {
            graph: [quad.triple for quad in self.store.quads(graph=graph) if quad.subject not in subjects]
            for graph in graphs
        }

    def _replace(self, graph: NamedNode, triples: list[Triple]) -> None:
        """Let a contribution say just these statements, and its entailed graph just what follows from them."""
        said = settled(triples)
        self.store.apply(self.store.quads(graph=graph), _in_graph(said, graph))
        entailed = entailed_by(graph)
        self.store.apply(self.store.quads(graph=entailed), _in_graph(self.entailment.of(said), entailed))

    def _last(self) -> tuple[int, datetime | None, Mapping[str, int]]:
        """The last release: its number, time and counts, of which the change log knows where it is kept no more."""
        kept = self.releases.numbers()[-1:]
        for logged in self.log.releases(kept[0] if kept else sys.maxsize, limit=1):
            return int(logged["number"]), datetime.fromisoformat(logged["created"]), logged["counts"]
        return kept[0] if kept else 0, None, {}

    def _release(self, as_of: date, coverage: Coverage) -> Release:
        last, created, counts = self._last()
        differences = self.log.differences(self.store, self.store.touched, last)
        draft = self.releases.draft(last + 1)
        self.store.checkpoint(draft / "store")
        coverage.save(draft / "coverage")
        release = Release(
            number=last + 1,
            as_of=as_of,
            created=not_before(created, self.clock()),
            digest=f"{self.store.fingerprint:064x}",
            quads=len(self.store),
            counts=counted(counts, differences),
            words=self.words_digest,
            stale_after_months=self.policy.stale_after_months,
            path=self.releases.path(last + 1),
            journal=self.journal.position(),
        )
        self.log.append(release, differences)
        return self.releases.publish(draft, release)


def _in_graph(triples: list[Triple], graph: NamedNode) -> list[Quad]:
    return [Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples]
