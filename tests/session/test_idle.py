"""A connected client without traffic sleeps between heartbeats."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
from servers.process import wait_until

from kick_live import KickAPI, KickClient
from kick_live.session.selector import Selector
from kick_live.testing import KickSimulator

#: Seconds: waits that are longer make fewer than ten wake-ups a minute.
LONG = 6.0


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Each wait of connections' threads, in seconds as asked for, when it begins."""
    asked: list[float] = []

    wait = Selector.wait

    def watched(self: Selector, timeout: float) -> Collection[int]:
        asked.append(timeout)
        return wait(self, timeout)

    monkeypatch.setattr(Selector, "wait", watched)
    return asked


@pytest.mark.parametrize("transport", ["pusher", "centrifugo"])
@pytest.mark.parametrize("count", [1, 12])
def test_heartbeats_alone_wake_it(waits: list[float], transport: Any, count: int) -> None:
    """One wake-up a heartbeat and socket, and every wait between them is long."""
    beats = 10
    with (
        KickSimulator() as sim,
        KickAPI(sim.endpoints, min_interval=0) as api,
    ):
        names = [f"heron-{number}" for number in range(count)]
        for name in names:
            sim.add_channel(name)
        with KickClient(*names, api=api, transport=transport, remember_ids=False) as client:
            client.connect()
            wait_until(
                lambda: all(state == "subscribed" for state in client.stats.topics.values()),
                10,
                "all acknowledgements",
            )
            client.poll()
            wait_until(lambda: waits[-1] > LONG, 5, "a long wait")
            before = len(waits)
            for number in range(1, beats + 1):
                sim.ping()
                wait_until(lambda n=number: len(waits) >= before + n, 5, "the heartbeat's wake-up")
            wait_until(lambda: waits[-1] > LONG, 5, "a long wait")
            # A frame may arrive in two parts, which makes a wake-up more.
            assert beats <= len(waits) - before <= 2 * beats
            assert min(waits[before:]) > LONG
