"""Eight hostile clients at once, at the service as it runs for everybody: two web workers with their query workers."""

import time
from pathlib import Path

from tests.hostile import KNOWN, ask, besiege, metric, watched, web_memory
from tests.test_kills import serving

SECONDS = 8.0


def test_others_do_not_notice(data: Path, tmp_path: Path) -> None:
    with watched() as canary, serving(data, tmp_path / "log") as service:
        for _ in range(20):  # both web workers have answered before their memory is looked at
            assert ask(service.base, "GET", "/gaps?sector=museums")[0] == 200
        before = web_memory(service.process.pid)
        seen = besiege(service.base, service.process.pid, canary.address, SECONDS)
        assert seen.failed == []
        assert seen.dropped == []
        assert set(seen.statuses) <= KNOWN
        assert {403, 413} <= set(seen.statuses)
        assert seen.memory - before < 200_000_000
        assert canary.hits() == 0
        until = time.monotonic() + 60
        while not workers_are_back(service.base) and time.monotonic() < until:
            time.sleep(0.2)
        assert workers_are_back(service.base)
        assert metric(service.base, "trivium_query_network_open") == 0


def workers_are_back(base: str) -> bool:
    """Whether none is busy any more, and those that were ended have been started again."""
    states = {state: metric(base, f'trivium_query_workers{{state="{state}"}}') for state in ("busy", "idle")}
    return states["busy"] == 0 and states["idle"] > 0
