"""Processes that wait for files: each is used once, replaced when it is gone, and gone when nobody needs it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graph.examination import (
    ExaminationTimeout,
    ExaminationTooLarge,
    Limits,
    Wanted,
    answered,
    asked,
    examine_apart,
    started,
)
from graph.examiners import Examiners
from graph.parsing import Submission
from graph.resources import ROOT

SLIP = [Submission("offering.csv", b"id,label_en,mode\na-course,A course,hybird\n")]
MANY = [Submission("role.csv", b"id,label_en\n" + b"".join(b"a-%d,Role %d\n" % (n, n) for n in range(2_000)))]
PATIENCE = 60.0  # seconds for what takes one
PARENT = """
import sys, time
sys.path.insert(0, sys.argv[1])
from graph.examiners import Examiners
from graph.parsing import Submission
examiners = Examiners()
examiners.examine([Submission("role.csv", b"id")])
while not examiners.ready():
    time.sleep(0.01)
print(examiners.ready()[0], flush=True)
time.sleep(600)
"""


def until(happened: Callable[[], object]) -> None:
    """Wait for something. Raises AssertionError when it does not happen."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def runs(number: int) -> bool:
    """Whether there is a process of this id."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]


def children() -> set[int]:
    """The ids of the processes that this one has started and that run."""
    task = Path("/proc/self/task")
    return {int(number) for file in task.glob("*/children") for number in file.read_text().split()}


@pytest.fixture
def examiners() -> Iterator[Examiners]:
    with Examiners() as made:
        yield made


def test_nothing_is_started_before_the_first_use() -> None:
    before = children()
    with Examiners(2) as examiners:
        assert examiners.ready() == []
        assert children() == before


def test_one_is_used_once_and_then_replaced(examiners: Examiners) -> None:
    expected = examine_apart(SLIP)
    assert examiners.examine(SLIP) == expected
    until(examiners.ready)
    (first,) = examiners.ready()
    assert examiners.examine(SLIP) == expected
    assert not runs(first)
    until(examiners.ready)
    (second,) = examiners.ready()
    assert second != first


def test_one_that_something_else_ended_is_replaced(examiners: Examiners) -> None:
    examiners.examine(SLIP)
    until(examiners.ready)
    (killed,) = examiners.ready()
    os.kill(killed, signal.SIGKILL)
    until(lambda: not examiners.ready())
    assert examiners.examine(SLIP) == examine_apart(SLIP)


def test_more_are_started_while_more_are_asked_for(examiners: Examiners) -> None:
    found = []
    threads = [threading.Thread(target=lambda: found.append(examiners.examine(SLIP))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [examine_apart(SLIP)] * 3


def test_they_end_when_closed_and_leave_no_open_file() -> None:
    files, processes = set(Path("/proc/self/fd").iterdir()), children()
    with Examiners() as examiners:
        examiners.examine(SLIP)
        until(examiners.ready)
    assert children() == processes
    assert set(Path("/proc/self/fd").iterdir()) == files
    with pytest.raises(RuntimeError, match="stopped"):
        examiners.examine(SLIP)


def test_it_gets_no_file_of_its_parent(examiners: Examiners, tmp_path: Path) -> None:
    with (tmp_path / "secret").open("w") as secret:
        os.set_inheritable(secret.fileno(), True)
        examiners.examine(SLIP)
        until(examiners.ready)
        (spare,) = examiners.ready()
        targets = {str(handle.readlink()) for handle in Path(f"/proc/{spare}/fd").iterdir()}
    assert targets
    assert secret.name not in targets


def test_it_ends_with_its_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(ROOT)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        spare = int(parent.stdout.readline())
        assert runs(spare)
        parent.kill()
    until(lambda: not runs(spare))


def test_it_ends_when_nobody_can_ask_any_more() -> None:
    process = started(Limits())
    assert process.alive()
    assert process._process.stdin is not None
    process._process.stdin.close()
    until(lambda: not process.alive())
    assert process.cause_of_death() == "exit 0"
    process.bury()


def test_the_limit_of_time_counts_from_the_question() -> None:
    """A process that waited for longer than the limit, and the time it is given beyond it, still answers."""
    limits = Limits(seconds=1.0)
    process = started(limits)
    time.sleep(3.0)
    assert process.alive()
    assert answered(process, asked(SLIP, Wanted(), limits), Limits(seconds=PATIENCE)) == examine_apart(SLIP)


def test_limits_hold_for_one_that_waited() -> None:
    with Examiners(limits=Limits(seconds=0.2, bytes=1_000_000)) as examiners:
        with pytest.raises(ExaminationTimeout):
            examiners.examine(MANY)
        until(examiners.ready)
        with pytest.raises(ExaminationTimeout):
            examiners.examine(MANY)
        with pytest.raises(ExaminationTooLarge):
            examiners.examine([Submission("role.csv", b"a" * 1_000_001)])


def test_progress_is_told_before_the_answer(examiners: Examiners) -> None:
    steps: list[tuple[str, int, int]] = []
    found = examiners.examine(MANY, progress=lambda *step: steps.append(step))
    assert len(found.records) == 2_000
    assert steps
    assert {(step, total) for step, _, total in steps} == {("validate", 2_000)}
    done = [done for _, done, _ in steps]
    assert done == sorted(set(done))


def test_an_error_of_the_one_who_is_told_ends_the_examination(examiners: Examiners) -> None:
    def fail(step: str, done: int, total: int) -> None:
        raise OSError(step)

    with pytest.raises(OSError, match="validate"):
        examiners.examine(MANY, progress=fail)
    until(examiners.ready)
    assert examiners.examine(SLIP) == examine_apart(SLIP)
