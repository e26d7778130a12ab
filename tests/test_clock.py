"""A clock that jumps back: everything goes on, numbers rise, and no time of a release or an event goes back."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from graph.journal import Journal, State
from graph.parsing import Submission
from graph.policy import Policy
from graph.publication import Publisher
from graph.publisher import publish_waiting, work
from graph.releases import Releases

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FRAMEWORK = "id,label_en,definition_en,sources\n{id},A framework,Made for a test.,https://example.org/f\n"


class Watch:
    """A clock that a test sets."""

    def __init__(self, time: datetime = NOON) -> None:
        self.time = time

    def __call__(self) -> datetime:
        self.time += timedelta(milliseconds=1)
        return self.time


def submit(data: Path, watch: Watch, id: str) -> int:
    with Journal(data, watch) as journal:
        submission = Submission("framework.csv", FRAMEWORK.format(id=id).encode())
        return journal.receive_once(submission, "operator", "https://example.org/licence", f"key-{id}")


def times(data: Path) -> list[datetime]:
    """When everything happened, in the order in which it did, by what the journal says."""
    with Journal(data) as journal:
        entries = journal.entries(*State)
        assert all(entry.received == journal.events(entry.number)[0].at for entry in entries)
        return [event.at for entry in entries for event in journal.events(entry.number)]


@pytest.mark.parametrize("jump", [timedelta(seconds=90), timedelta(days=1), timedelta(days=365)])
def test_publishing_goes_on_when_the_clock_jumps_back(tmp_path: Path, jump: timedelta) -> None:
    watch = Watch()
    numbers = []
    for step, id in enumerate(("before", "after", "again")):
        numbers.append(submit(tmp_path, watch, id))
        publish_waiting(tmp_path, clock=watch)
        watch.time = NOON - jump if step == 0 else NOON + timedelta(hours=1)
    kept = [*reversed([*Releases(tmp_path).kept()])]
    assert [release.number for release in kept] == [1, 2, 3]
    assert [release.as_of for release in kept] == [NOON.date(), (NOON - jump).date(), NOON.date()]
    created = [release.created for release in kept]
    assert created == sorted(created)
    assert created[1] == created[0]
    assert created[2] > NOON + timedelta(minutes=59)
    assert times(tmp_path) == sorted(times(tmp_path))
    with Journal(tmp_path) as journal:
        assert [journal.entry(number).state for number in numbers] == [State.PUBLISHED] * 3
        assert numbers == sorted(set(numbers))
    with Publisher.open(tmp_path) as publisher:
        assert publisher.rebuild(kept[-1].as_of).digest == kept[-1].digest


def test_a_key_is_known_again_when_the_clock_jumps_back(tmp_path: Path) -> None:
    watch = Watch()
    number = submit(tmp_path, watch, "one")
    watch.time -= timedelta(days=365)
    assert submit(tmp_path, watch, "one") == number
    assert submit(tmp_path, watch, "two") == number + 1


def test_a_publisher_at_work_follows_the_day_forwards_and_back(tmp_path: Path) -> None:
    """It never stops at a day, and what comes in on a day that comes again is published too."""
    watch = Watch()
    days = [date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 23), date(2027, 11, 23)]
    submit(tmp_path, watch, "first")
    work(tmp_path, ended=until_each_day_is_published(tmp_path, watch, days), clock=watch)
    kept = [*reversed([*Releases(tmp_path).kept()])]
    assert [release.as_of for release in kept] == days
    assert [release.created for release in kept] == sorted(release.created for release in kept)


def until_each_day_is_published(data: Path, watch: Watch, days: list[date]) -> Callable[[], bool]:
    """Set the clock to the next day as soon as there is a release of this one; ended after the last."""
    left = list(days)

    def ended() -> bool:
        newest = Releases(data).newest()
        if newest and left and newest.as_of == left[0]:
            left.pop(0)
            if left:
                watch.time = datetime(left[0].year, left[0].month, left[0].day, 12, tzinfo=UTC)
        return not left

    return ended


def kept_after(data: Path, policy: Policy, days: list[date]) -> list[int]:
    """The releases that are kept when one was published on each of some days."""
    watch = Watch()
    for day in days:
        watch.time = datetime(day.year, day.month, day.day, tzinfo=UTC)
        with Publisher.open(data, policy, clock=watch) as publisher:
            publisher.publish(day)
    return Releases(data).numbers()


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (Policy(keep_releases=2, keep_days=0), [6, 7]),
        (Policy(keep_releases=1, keep_days=3), [5, 6, 7]),
        (Policy(keep_releases=3, keep_days=4), [3, 5, 6, 7]),
        (Policy(keep_releases=5, keep_days=30), [3, 4, 5, 6, 7]),
    ],
)
def test_the_newest_are_kept_and_the_last_of_each_day(tmp_path: Path, policy: Policy, expected: list[int]) -> None:
    """One on the 1st of October, two on the 1st and on the 2nd of November, then one on each day."""
    first, old = date(2026, 11, 1), date(2026, 10, 1)
    days = [old, first, first, first + timedelta(days=1), first + timedelta(days=1)]
    assert kept_after(tmp_path, policy, [*days, first + timedelta(days=2), first + timedelta(days=3)]) == expected


def test_a_clock_that_jumped_far_ahead_keeps_the_newest(tmp_path: Path) -> None:
    days = [date(2026, 11, 1), date(2026, 11, 2), date(2036, 1, 1), date(2026, 11, 3)]
    assert kept_after(tmp_path, Policy(keep_releases=2, keep_days=30), days) == [3, 4]


def test_what_was_left_half_made_or_half_removed_is_cleared(tmp_path: Path) -> None:
    releases = Releases(tmp_path)
    kept_after(tmp_path, Policy(), [date(2026, 11, 1)])
    for name in ("draft-000009", "removed-000001"):
        (releases.folder / name / "store").mkdir(parents=True)
    assert releases.numbers() == [1]
    kept_after(tmp_path, Policy(), [date(2026, 11, 2)])
    assert sorted(path.name for path in releases.folder.iterdir()) == ["000001", "000002"]
