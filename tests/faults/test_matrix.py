"""The fault matrix: after any fault, in any phase, on any protocol, the next message arrives."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from servers.process import wait_until

from kick_live import (
    Blocked,
    ChatMessage,
    ConnectionRejected,
    Event,
    KickAPI,
    KickClient,
    KickLiveError,
    NotFound,
    Reconnected,
)
from kick_live.session import lookup

from .conftest import LEAST_WAIT
from .matrix import BOTH, FAULTS, RESOLVE, Fault, staged

#: How long a fault lasts; several attempts fit in.
LASTS = 3 * LEAST_WAIT
OPTIONS = {"activity_timeout": 0.4, "pong_timeout": 0.4, "ping_margin": 0.3}
CASES = [
    pytest.param(fault, transport, id=f"{transport}-{fault}")
    for fault in FAULTS
    for transport in fault.transports
]


@pytest.fixture
def stage(transport):
    with staged(transport, ping_interval=1) as stage:
        yield stage


def take(client: KickClient, seconds: float) -> None:
    """Let events through for a while, as a program would."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        client.poll(left)


def check_rate(attempts: list[float]) -> None:
    """No attempt follows another in less than the least wait."""
    assert all(later - earlier >= 0.85 * LEAST_WAIT for earlier, later in pairwise(attempts))


@pytest.mark.parametrize(("fault", "transport"), CASES)
def test_matrix(stage, fault: Fault, transport: str) -> None:
    """The client comes back by itself, loses nothing silently, and closes at once."""
    with KickAPI(stage.endpoints, min_interval=0, timeout=3, retries=0) as api:
        client = KickClient("amber-quokka", transport=transport, api=api, **OPTIONS)
        seen: list[Event] = []
        client.on(Event, seen.append)
        client.connect(10)
        stage.channel.chat("before")
        client.wait_for(ChatMessage, timeout=5)
        before = len(stage.proxy.accepted)
        fault.inflict(stage)
        if fault.drops:
            stage.sim.drop_connections()
        if fault.error is not None:
            with pytest.raises(ConnectionRejected):
                client.run(timeout=10)
        else:
            _survive(stage, client, seen)
        check_rate(stage.proxy.accepted[before:])
        begin = time.monotonic()
        client.close()
        assert time.monotonic() - begin < 2


def _survive(stage, client: KickClient, seen: list[Event]) -> None:
    stage.channel.chat("meanwhile")
    take(client, LASTS)
    stage.channel.chat("at the end")
    stage.heal()
    number = 0

    def arrives() -> bool:
        # Said again and again: the client may be anywhere between two attempts.
        nonlocal number
        stage.channel.chat(f"after {number}")
        number += 1
        client.poll(0.1)
        return any(
            isinstance(event, ChatMessage) and event.content.startswith("after") for event in seen
        )

    wait_until(arrives, 15, "the next message")
    take(client, 0.05)
    texts = [event.content for event in seen if isinstance(event, ChatMessage)]
    assert len(texts) == len(set(texts))
    missing = {"before", "meanwhile", "at the end"} - set(texts)
    if missing:
        assert any(isinstance(e, Reconnected) and not e.complete for e in seen), missing


REST = [
    ("status 403", lambda s: s.sim.fail(RESOLVE, 403), Blocked),
    ("challenge", lambda s: s.sim.block(), Blocked),
    ("status 404", lambda s: s.sim.fail(RESOLVE, 404), NotFound),
    ("status 429", lambda s: s.sim.rate_limit(0, path_prefix=RESOLVE), None),
    ("status 500", lambda s: s.sim.fail(RESOLVE, 500), None),
    ("silence", lambda s: s.sim.hold(RESOLVE), None),
    ("late answer", lambda s: s.sim.delay(RESOLVE, 0.4), None),
    ("a page", lambda s: s.sim.fail(RESOLVE, 200, body="<html>"), KickLiveError),
    ("no JSON", lambda s: s.sim.fail(RESOLVE, 200, body="{oops"), KickLiveError),
]


@pytest.mark.parametrize("transport", BOTH)
@pytest.mark.parametrize(
    ("inflict", "error"), [row[1:] for row in REST], ids=[row[0].replace(" ", "_") for row in REST]
)
def test_resolving(stage, monkeypatch, transport, inflict, error) -> None:
    """The lookup is tried again where that makes sense, and otherwise raises a typed error."""
    monkeypatch.setattr(lookup, "_RETRY_AFTER", (LEAST_WAIT,))
    inflict(stage)
    with (
        KickAPI(stage.endpoints, min_interval=0, timeout=3, retries=0) as api,
        KickClient("amber-quokka", transport=transport, api=api, **OPTIONS) as client,
    ):
        if error is not None:
            with pytest.raises(error):
                client.connect(5)
            stage.heal()
        else:
            with pytest.raises(KickLiveError):
                client.connect(LEAST_WAIT)
            stage.heal()
        client.connect(8)
        stage.channel.chat("hello")
        assert client.wait_for(ChatMessage, timeout=5).content == "hello"


FIRST = [
    pytest.param(fault, transport, id=f"{transport}-{fault}")
    for fault in FAULTS
    if fault.phase in ("negotiate", "token", "open", "greeting") and fault.drops
    for transport in (*fault.transports, *(["auto"] if fault.phase != "greeting" else []))
]


@pytest.mark.parametrize(("fault", "transport"), FIRST)
def test_first_connection(stage, fault: Fault, transport: str) -> None:
    """A fault before anything stood raises a typed error at most, and connect() works after it."""
    with (
        KickAPI(stage.endpoints, min_interval=0, timeout=3, retries=0) as api,
        KickClient("amber-quokka", transport=transport, api=api, **OPTIONS) as client,
    ):
        fault.inflict(stage)
        try:
            client.connect(LEAST_WAIT)
        except KickLiveError:
            stage.heal()
            client.connect(10)
        stage.channel.chat("hello")
        assert client.wait_for(ChatMessage, timeout=5).content == "hello"
