"""A simulator, clients of it over each protocol, and waits that are shorter than in earnest."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kick_live import KickAPI, KickClient
from kick_live.session import backoff, connection, connector
from kick_live.testing import KickSimulator

SLUG = "amber-quokka"
#: In place of one second: the least time between two attempts.
LEAST_WAIT = 0.1


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every wait before an attempt is the shortest possible, and a tenth of it.

    The real lengths are tested with a clock that is passed in, in ``test_rate.py``.
    """
    monkeypatch.setattr(backoff, "_LEAST", LEAST_WAIT)
    shortest = functools.partial(backoff.Backoff, random=lambda: 0.0)
    monkeypatch.setattr(connection, "Backoff", shortest)
    monkeypatch.setattr(connection, "_BLOCKED_WAIT", 2 * LEAST_WAIT)
    monkeypatch.setattr(connector, "_IDENTITY_WAITS", (2 * LEAST_WAIT,) * 4)


@pytest.fixture
def sim() -> Iterator[KickSimulator]:
    with KickSimulator() as simulator:
        simulator.add_channel(SLUG)
        yield simulator


@pytest.fixture(params=["pusher", "centrifugo"])
def transport(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def channel(sim: KickSimulator) -> Any:
    return sim.channel(SLUG)


@pytest.fixture
def make(sim: KickSimulator) -> Iterator[Callable[..., KickClient]]:
    """Makes clients without pauses between requests, which are closed at the end."""
    made: list[KickClient | KickAPI] = []

    def make(*channels: Any, **options: Any) -> KickClient:
        if "api" not in options:
            options["api"] = KickAPI(sim.endpoints, min_interval=0, timeout=5, retries=0)
            made.append(options["api"])
        client = KickClient(*(channels or (SLUG,)), **options)
        made.append(client)
        return client

    yield make
    for one in reversed(made):
        one.close()
