"""What a client may use, told by a clock that the test turns."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from graph.errors import PoolBusy, QueryTooLarge
from graph.fair_use import FairUse, Share, ShareUsed


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
    fair = FairUse(Share(clients=10, at_once=1), clock)
    with fair.turn("patient"):
        for number in range(100):
            spend(fair, clock, 0, client=str(number))
        assert len(fair) == 10
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
