"""How often a client tries, in the worst of cases and with the real waits, on a clock of our own."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from kick_live.errors import ConnectionRejected
from kick_live.net.endpoints import Endpoints
from kick_live.protocols.base import Action, Failed, State
from kick_live.protocols.centrifugo import CentrifugoProtocol
from kick_live.protocols.pusher import PusherProtocol
from kick_live.session.backoff import Backoff
from kick_live.session.connector import Connector

ACTIONS = [Action.BACK_OFF, Action.RECONNECT, Action.NEW_TOKEN, Action.RENEGOTIATE, Action.TERMINAL]


@pytest.fixture
def _hurried() -> None:
    """The waits of this file are the real ones."""


class NoAPI:
    """Stands in for the REST side, which is not asked."""

    endpoints = Endpoints()


def attempts_of(
    fate: Callable[[random.Random], Failed], lives: Callable[[random.Random], float], seed: int
) -> list[float]:
    """When a client tries within half an hour, if each attempt lives so long and ends like this."""
    source = random.Random(seed)
    now = 1000.0
    backoff = Backoff(source.random)
    connector = Connector(NoAPI(), "auto", lambda: now, source.random)  # type: ignore[arg-type]
    attempts = []
    while now < 2800:
        backoff.attempted(now)
        attempts.append(now)
        life = lives(source)
        now += life
        failure = fate(source)
        if life:
            connector.subscribed("centrifugo")
            backoff.lived(life)
        try:
            least = connector.failed("centrifugo", failure)
        except ConnectionRejected:
            break
        at_once = failure.action in (Action.RECONNECT, Action.RENEGOTIATE)
        now += backoff.delay(now, at_once=at_once, least=least)
    return attempts


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(
    "lives",
    [lambda s: 0.0, lambda s: 0.5, lambda s: 5 * s.random(), lambda s: s.choice([0.0, 61.0])],
    ids=["never", "half a second", "seconds", "a minute or never"],
)
@pytest.mark.parametrize("action", [*ACTIONS, None], ids=str)
def test_attempts_are_bounded(action: Any, lives: Any, seed: int) -> None:
    """At most one a second, and at most 30 in 10 minutes, whatever the server does."""
    attempts = attempts_of(lambda s: Failed(action or s.choice(ACTIONS)), lives, seed)
    assert all(later - earlier >= 0.999 for earlier, later in pairwise(attempts))
    assert all(
        later - earlier >= 599.9 for earlier, later in zip(attempts, attempts[30:], strict=False)
    )


@pytest.mark.parametrize(("make", "limit"), [(PusherProtocol, 150.0), (CentrifugoProtocol, 35.0)])
def test_silence_is_noticed_in_time(make: Any, limit: float) -> None:
    """A half-open socket: 120 + 30 s on Pusher, a ping of 25 s + 10 s on Centrifugo."""
    protocol = make(["chatrooms.1.v2"])
    protocol.start(0.0)
    if make is PusherProtocol:
        lines = [
            '{"event":"pusher:connection_established","data":"{\\"activity_timeout\\":120}"}',
            '{"event":"pusher_internal:subscription_succeeded","channel":"chatrooms.1.v2"}',
        ]
    else:
        lines = ['{"id":1,"connect":{"ping":25,"pong":true}}', '{"id":2,"subscribe":{}}']
    protocol.receive(lines, 0.0)
    while protocol.state is not State.ENDED:
        now = protocol.deadline()
        protocol.tick(now)
    assert now == limit
