"""Exchange: busy connections take in what arrived one after the other."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kick_live.protocols.base import Publication
from kick_live.protocols.pusher import PusherProtocol
from kick_live.session.exchange import Exchange
from kick_live.session.wake import Wake

MESSAGE = b'{"event":"App\\\\Events\\\\ChatMessageEvent","data":"{}","channel":"chatrooms.1.v2"}'
MANY = [MESSAGE] * 30


class FakeWebSocket:
    """Has so many texts at each turn; its descriptor can always be read."""

    def __init__(self, *reads: list[bytes]) -> None:
        self._ours, self._theirs = socket.socketpair()
        self._theirs.send(b"x")
        self._reads = list(reads)
        self.answering: Callable[[], object] = lambda: None

    def fileno(self) -> int:
        return self._ours.fileno()

    def has_pending(self) -> bool:
        return False

    def receive(self) -> list[bytes]:
        return self._reads.pop(0)

    def answer(self) -> None:
        self.answering()

    def close(self) -> None:
        self._ours.close()
        self._theirs.close()


class Recipient:
    """Notes whether the turn was held when publications came."""

    def __init__(self, turns: threading.Lock) -> None:
        self.reading = True
        self.held: list[bool] = []
        self._turns = turns

    def published(self, connection: Any, items: list[Publication], now: float) -> bool:
        self.held.append(self._turns.locked())
        return True

    def deadline(self, connection: Any) -> float | None:
        return None


@pytest.fixture
def begin() -> Iterator[Callable[..., tuple[Exchange, FakeWebSocket, Recipient, threading.Lock]]]:
    """Makes exchanges over sockets that have certain texts at each turn."""
    made: list[FakeWebSocket | Wake] = []

    def make(*reads: list[bytes]) -> tuple[Exchange, FakeWebSocket, Recipient, threading.Lock]:
        turns, websocket, wake = threading.Lock(), FakeWebSocket(*reads), Wake()
        made.extend((websocket, wake))
        recipient: Any = Recipient(turns)
        given: Any = websocket
        protocol = PusherProtocol()
        exchange = Exchange(recipient, given, protocol, recipient, wake, time.monotonic, turns)
        exchange.begin()
        return exchange, websocket, recipient, turns

    yield make
    for one in made:
        one.close()


def test_a_connection_that_brought_much_takes_its_turn(begin: Any) -> None:
    """From its next read on, until one brings little."""
    exchange, _, recipient, turns = begin([MESSAGE], MANY, MANY, [MESSAGE], [MESSAGE])
    for _ in range(5):
        exchange.take_turn(None)
    assert recipient.held == [False, False, True, True, False]
    assert not turns.locked()


def test_a_turn_that_does_not_end_is_not_waited_for(begin: Any) -> None:
    """Whoever takes long, as in a slow tap, holds the others up for a moment only."""
    exchange, _, recipient, turns = begin(MANY, MANY)
    exchange.take_turn(None)
    with turns:
        exchange.take_turn(None)
    assert recipient.held == [False, True]
    assert not turns.locked()


def test_what_is_raised_ends_the_turn(begin: Any) -> None:
    """The others go on."""
    exchange, _, _, turns = begin(MANY)
    exchange.take_turn(None)
    with pytest.raises(IndexError):
        exchange.take_turn(None)
    assert not turns.locked()


def test_a_peer_that_takes_no_answer_keeps_no_other_waiting(begin: Any) -> None:
    """Answers are sent between turns."""
    exchange, websocket, _, turns = begin(MANY, MANY)
    held: list[bool] = []
    websocket.answering = lambda: held.append(turns.locked())
    exchange.take_turn(None)
    exchange.take_turn(None)
    assert held == [False, False]
