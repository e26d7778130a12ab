"""From files to a release: all or nothing, incremental as from scratch, and again from the journal alone."""

import shutil
import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from graph.changes import ChangeLog
from graph.derivation import gap_quads, written_gaps
from graph.errors import InvalidInput, StoreLocked
from graph.field import Field
from graph.journal import State
from graph.namespaces import ID, TRV, entity
from graph.parsing import Submission
from graph.publication import Publisher, Terms
from graph.releases import Release, Releases

DAY = date(2026, 11, 23)
TERMS = Terms("somebody")
FRAMEWORK = "id,label_en,definition_en,sources\nf,A framework,Made for a test.,https://example.org/f\n"
AREA = "id,label_en,definition_en,framework,sources\na,An area,Made for a test.,f,https://example.org/a\n"
COMPETENCY = """id,label_en,definition_en,area,framework,sources
digitization,Digitization,Making digital copies.,a,f,https://example.org/c
imaging,Imaging,Making good images.,a,f,https://example.org/c
"""
ROLE = "id,label_en,definition_en,sectors,sources\nimager,Imager,Makes images.,museums,https://example.org/r\n"
REQUIREMENT = "role,competency,importance,level,source\nimager,imaging,essential,entry,editorial\n"
PROVIDER = "id,name,kind,sources\nschool,A school,university,https://example.org/p\n"
OFFERING = """id,label_en,provider,sectors,type,competencies,source,page_date
course,A course,school,museums,course,imaging,https://example.org/o,2026
"""

DATED = """by-day,By day,school,museums,course,imaging,https://example.org/o,2023-02-28
by-month,By month,school,museums,course,digitization,https://example.org/o,2023-02
by-year,By year,school,archives,course,imaging,https://example.org/o,2022
"""
RUN = "offering,start_date,end_date,location,source\nby-year,2023-03-01,2023-03-31,Paris,https://example.org/s\n"


def files(**texts: str) -> list[Submission]:
    return [Submission(f"{kind}.csv", text.encode()) for kind, text in texts.items()]


BASE = files(
    offering=OFFERING,
    provider=PROVIDER,
    requirement=REQUIREMENT,
    role=ROLE,
    competency=COMPETENCY,
    area=AREA,
    framework=FRAMEWORK,
)


def gaps_of(release: Release) -> set[str]:
    return {str(quad) for quad in written_gaps(release.dataset(), None)}


def state_of(release: Release, sector: str, competency: str) -> str:
    gap = entity("gap", f"{sector}--{competency}")
    (state,) = [quad.object.value for quad in release.dataset().quads(gap, TRV.gapState)]  # type: ignore[union-attr]
    return state.rpartition("/")[2]


def test_files_are_taken_in_the_order_they_need_whatever_order_they_come_in(tmp_path: Path) -> None:
    with Publisher.open(tmp_path) as publisher:
        release = publisher.contribute(BASE, TERMS, DAY)
    assert release.number == 1
    assert state_of(release, "museums", "imaging") == "thin"
    assert state_of(release, "museums", "digitization") == "no-data"


def test_one_bad_file_refuses_all_and_changes_nothing(tmp_path: Path) -> None:
    with Publisher.open(tmp_path) as publisher:
        first = publisher.contribute(BASE, TERMS, DAY)
        bad = OFFERING.replace("imaging", "imagin").replace("course,A", "other,A")
        with pytest.raises(InvalidInput, match="Did you mean `imaging`"):
            publisher.contribute(files(offering=bad, provider=PROVIDER), TERMS, DAY)
        assert [entry.submission.name for entry in publisher.journal.entries(State.INVALID)] == [
            "provider.csv",
            "offering.csv",
        ]
        assert publisher.store.recomputed_fingerprint() == int(first.digest, 16)
    assert Releases(tmp_path).newest() == first


def test_a_change_reckons_the_same_gaps_as_from_scratch(tmp_path: Path) -> None:
    broader = "from,relation,to,source\nimaging,broader,digitization,editorial\n"
    role = ROLE + "curator,Curator,Keeps objects.,museums,https://example.org/r\n"
    with Publisher.open(tmp_path) as publisher:
        publisher.contribute(BASE, TERMS, DAY)
        publisher.contribute(files(mapping=broader), TERMS, DAY)
        publisher.contribute(files(role=role), TERMS, DAY)
        release = publisher.contribute(files(offering=OFFERING.replace("2026", "2019")), TERMS, DAY)
        scratch = {str(quad) for quad in gap_quads(Field.load(publisher.store, DAY))}
    assert gaps_of(release) == scratch
    assert state_of(release, "museums", "imaging") == "stale"


def test_an_entity_that_is_contributed_again_replaces_what_was_said_before(tmp_path: Path) -> None:
    with Publisher.open(tmp_path) as publisher:
        publisher.contribute(BASE, TERMS, DAY)
        release = publisher.contribute(files(offering=OFFERING.replace("A course", "Another course")), TERMS, DAY)
    titles = [quad for quad in release.dataset().quads(entity("offering", "course")) if "prefLabel" in str(quad)]
    assert [quad.object.value for quad in titles] == ["Another course"]  # type: ignore[union-attr]
    assert titles[0].graph_name == ID["contribution/8"]


def test_the_journal_alone_gives_the_same_statements(tmp_path: Path) -> None:
    with Publisher.open(tmp_path) as publisher:
        publisher.contribute(BASE, TERMS, DAY)
        before = publisher.contribute(files(offering=OFFERING.replace("2026", "2019")), TERMS, DAY)
        after = publisher.rebuild(DAY)
        assert publisher.store.recomputed_fingerprint() == int(after.digest, 16)
    assert (after.number, after.digest, after.quads) == (before.number + 1, before.digest, before.quads)


KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from graph.journal import State
from graph.namespaces import entity
from graph.parsing import Submission
from graph.publication import Publisher

with Publisher.open(Path(sys.argv[1])) as publisher:
    accepted = publisher.journal.receive([Submission("offering.csv", sys.argv[2].encode())], "somebody", "x:y")
    publisher.journal.record(accepted, State.ACCEPTED)
    publisher._begin(date(2026, 11, 23))
    publisher.store.apply(publisher.store.quads(entity("offering", "course")), ())
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_unfinished_is_undone_and_done_again(tmp_path: Path) -> None:
    with Publisher.open(tmp_path) as publisher:
        first = publisher.contribute(BASE, TERMS, DAY)
    del publisher
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), OFFERING.replace("2026", "2019")], check=False)
    assert ended.returncode == -signal.SIGKILL
    with Publisher.open(tmp_path) as publisher:
        assert publisher.store.recomputed_fingerprint() == int(first.digest, 16)
        release = publisher.publish(DAY)
    assert state_of(release, "museums", "imaging") == "stale"


def test_on_whatever_days_it_is_published_the_gaps_are_those_from_scratch(tmp_path: Path) -> None:
    """Between two days only what turns stale is reckoned anew; the days may go back too."""
    steps = (0, 27, 28, 31, 59, 60, 30, 28, 27, 300, 10, 600)
    with Publisher.open(tmp_path) as publisher:
        publisher.contribute([*files(offering=OFFERING + DATED, session=RUN), *BASE[1:]], TERMS, date(2026, 2, 1))
        for step in steps:
            day = date(2026, 2, 1) + timedelta(days=step)
            release = publisher.publish(day)
            scratch = {str(quad) for quad in gap_quads(Field.load(publisher.store, day))}
            assert gaps_of(release) == scratch, day


ENDED = """
import os, signal, sys
from pathlib import Path
from graph.parsing import Submission
from graph.publication import Publisher, Terms
from graph.releases import Releases
from datetime import date

Releases.publish = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
with Publisher.open(Path(sys.argv[1])) as publisher:
    publisher.contribute([Submission("offering.csv", sys.argv[2].encode())], Terms("somebody"), date(2026, 11, 23))
"""


def test_what_was_written_down_of_a_release_that_never_appeared_is_not_told_twice(tmp_path: Path) -> None:
    """The process ends between the change log and the release."""
    with Publisher.open(tmp_path) as publisher:
        first = publisher.contribute(BASE, TERMS, DAY)
    changed = OFFERING.replace("A course", "Another course")
    ended = subprocess.run([sys.executable, "-c", ENDED, str(tmp_path), changed], check=False)
    assert ended.returncode == -signal.SIGKILL
    with ChangeLog(tmp_path) as log, Publisher.open(tmp_path) as publisher:
        before = log.count(first.number)
        release = publisher.publish(DAY)
        rows = log.after(before, release.number)
    assert [row.number for row in rows] == [before + 1, before + 2]
    assert {(row.kind, row.change) for row in rows} == {("contribution", "created"), ("offering", "updated")}


def test_another_day_reckons_every_gap_anew(tmp_path: Path) -> None:
    with Publisher.open(tmp_path) as publisher:
        publisher.contribute(BASE, TERMS, DAY)
        release = publisher.publish(date(2030, 1, 1))
    assert state_of(release, "museums", "imaging") == "stale"


def test_two_publishers_cannot_write_at_once(tmp_path: Path) -> None:
    with Publisher.open(tmp_path), pytest.raises(StoreLocked, match="Another process"), Publisher.open(tmp_path):
        pass


def test_a_lost_store_is_copied_from_the_newest_release(tmp_path: Path) -> None:
    with Publisher.open(tmp_path) as publisher:
        publisher.contribute(BASE, TERMS, DAY)
    shutil.rmtree(tmp_path / "store")
    with Publisher.open(tmp_path) as publisher:
        release = publisher.contribute(files(offering=OFFERING.replace("2026", "2019")), TERMS, DAY)
        assert publisher.store.recomputed_fingerprint() == int(release.digest, 16)
    assert state_of(release, "museums", "imaging") == "stale"
