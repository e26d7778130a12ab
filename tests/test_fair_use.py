"""What a client may use, told by a clock that the test turns."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from graph.errors import PoolBusy, QueryTooLarge
from graph.fair_use import CLIENTS, FairUse, Share, ShareUsed, payer
from graph.ledger import Account, Ledger
from graph.resources import ROOT


class Clock:
    """A clock that stands still until it is turned on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def spend(fair: FairUse, clock: Clock, seconds: float, client: str = "a") -> None:
    with fair.turn(client):
        clock.now += seconds


def test_a_burst_is_allowed_and_then_a_second_a_second(clock: Clock) -> None:
    fair = FairUse(Share(burst=120, per_minute=60), clock)
    with ExitStack() as parallel:
        for _ in range(5):
            parallel.enter_context(fair.turn("a"))
        clock.now += 30
    with pytest.raises(ShareUsed, match="120 s") as caught:
        spend(fair, clock, 1)
    assert (
        caught.value.retry_after == 31
    )  # 5 * 30 s were used, 120 s were saved, and an account holds no more than that
    clock.now += 31
    spend(fair, clock, 0.25)


def test_what_was_used_comes_back_but_not_more(clock: Clock) -> None:
    fair = FairUse(Share(burst=10, per_minute=30), clock)
    spend(fair, clock, 30)
    with pytest.raises(ShareUsed) as caught:
        spend(fair, clock, 1)
    assert caught.value.retry_after == 41
    clock.now += 41
    spend(fair, clock, 0)
    clock.now += 1000
    spend(fair, clock, 16)
    with pytest.raises(ShareUsed):
        spend(fair, clock, 1)


def test_one_client_does_not_use_up_anothers_share(clock: Clock) -> None:
    fair = FairUse(clock=clock)
    spend(fair, clock, 500)
    with pytest.raises(ShareUsed):
        spend(fair, clock, 1)
    spend(fair, clock, 1, client="b")


def test_at_most_five_run_at_once(clock: Clock) -> None:
    fair = FairUse(clock=clock)
    with ExitStack() as running:
        for _ in range(5):
            running.enter_context(fair.turn("a"))
        with pytest.raises(ShareUsed, match="5 of your queries"):
            spend(fair, clock, 0)
        spend(fair, clock, 0, client="b")
    spend(fair, clock, 0)


def test_every_query_counts_however_short_or_wrong(clock: Clock) -> None:
    fair = FairUse(Share(burst=1, least=0.1), clock)

    def fail() -> None:
        with fair.turn("a"):
            raise ArithmeticError

    for _ in range(11):
        with pytest.raises(ArithmeticError):
            fail()
    with pytest.raises(ShareUsed):
        fail()


def test_a_query_that_ends_a_worker_costs_more(clock: Clock) -> None:
    fair = FairUse(Share(burst=2, loss=2), clock)
    with pytest.raises(QueryTooLarge), fair.turn("a"):
        raise QueryTooLarge("it ended its worker")
    with pytest.raises(ShareUsed):
        spend(fair, clock, 0)


def test_waiting_for_others_in_vain_costs_no_more_than_the_least(clock: Clock) -> None:
    fair = FairUse(Share(burst=1), clock)

    def wait_in_vain() -> None:
        with fair.turn("a"):
            clock.now += 100
            raise PoolBusy("every worker is taken")

    for _ in range(3):
        with pytest.raises(PoolBusy, match="taken"):
            wait_in_vain()


def test_memory_is_bounded_and_nobody_who_runs_is_forgotten(clock: Clock) -> None:
    fair = FairUse(Share(at_once=1), clock, clients=16)
    with fair.turn("patient"):
        for number in range(300):
            clock.now += 0.01
            spend(fair, clock, 0, client=str(number))
        assert len(fair) == 16
        with pytest.raises(ShareUsed):
            spend(fair, clock, 0, client="patient")
    spend(fair, clock, 0, client="patient")


def test_threads_do_not_lose_count() -> None:
    fair = FairUse(Share(at_once=8, least=0.0))
    together = threading.Barrier(8, timeout=5)

    def use(_: int) -> None:
        together.wait()
        for _ in range(200):
            with fair.turn("a"):
                pass

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(use, range(8))) == [None] * 8
    with ExitStack() as running:
        for _ in range(8):
            running.enter_context(fair.turn("a"))


def test_a_file_lets_processes_share_the_accounts(clock: Clock, tmp_path: Path) -> None:
    one, other = (FairUse(Share(at_once=2), clock, tmp_path / "fair-use") for _ in range(2))
    with one.turn("a"), other.turn("a"), pytest.raises(ShareUsed, match="2 of your queries"):
        spend(one, clock, 0)
    spend(one, clock, 500)
    with pytest.raises(ShareUsed, match="used"):
        spend(other, clock, 0)
    clock.now += 1000
    spend(other, clock, 0)


def test_what_a_killed_process_was_running_is_forgotten(clock: Clock, tmp_path: Path) -> None:
    fair = FairUse(Share(at_once=1, lease=60), clock, tmp_path / "fair-use")
    killed = fair.turn("a")
    killed.__enter__()  # and never left
    with pytest.raises(ShareUsed):
        spend(fair, clock, 0)
    clock.now += 61
    spend(fair, clock, 0)


def test_real_processes_lose_no_count(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from graph.fair_use import FairUse, Share\n"
        "fair = FairUse(Share(least=1, burst=10_000, per_minute=0.001), path=Path(sys.argv[1]))\n"
        "for _ in range(1000):\n    with fair.turn('a'): pass"
    )
    path = tmp_path / "fair-use"
    running = [subprocess.Popen([sys.executable, "-c", script, str(path)], cwd=ROOT) for _ in range(3)]
    assert [one.wait(60) for one in running] == [0, 0, 0]
    with Ledger(CLIENTS, path).account("a", Account(0, 0)) as account:
        assert account.balance == pytest.approx(10_000 - 3_000, abs=1)
        assert account.running == []


def test_a_clock_that_began_anew_changes_nothing(clock: Clock, tmp_path: Path) -> None:
    fair = FairUse(clock=clock, path=tmp_path / "fair-use")
    spend(fair, clock, 130)
    clock.now = 5.0
    with pytest.raises(ShareUsed):
        spend(fair, clock, 0)
    clock.now += 20
    spend(fair, clock, 0)


def test_without_a_place_for_the_file_a_process_counts_for_itself(clock: Clock, tmp_path: Path) -> None:
    fair = FairUse(Share(at_once=1), clock, tmp_path / "missing" / "fair-use")
    with fair.turn("a"), pytest.raises(ShareUsed):
        spend(fair, clock, 0)


def test_a_share_of_ones_own_is_larger(clock: Clock) -> None:
    fair = FairUse(Share(burst=1), clock)
    with fair.turn("a", Share(burst=100)):
        clock.now += 50
    with fair.turn("a", Share(burst=100)):
        clock.now += 10


@pytest.mark.parametrize(
    ("address", "who"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_who_has_many_addresses_pays_as_one(address: str, who: str) -> None:
    assert payer(address) == who
