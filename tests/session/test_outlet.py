"""Outlet: what a full inbox does not take is kept, in order, and delivered when there is room."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from make import message

from kick_live.session.inbox import Inbox
from kick_live.session.outlet import Outlet


class FakeConnection:
    """Notes that it may read again."""

    def __init__(self) -> None:
        self.resumed = 0

    def resume(self) -> None:
        self.resumed += 1


inboxes: list[Inbox] = []


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    """Each inbox has something to wait for, which it closes at its end."""
    yield
    while inboxes:
        inboxes.pop().end()


def make(limit: int) -> tuple[Outlet, Inbox, threading.Condition]:
    lock = threading.Condition(threading.RLock())
    outlet: Outlet
    inbox = Inbox(limit, "block", lambda: outlet.make_room())
    outlet = Outlet(inbox, lock)
    inboxes.append(inbox)
    return outlet, inbox, lock


def numbers(*wanted: int) -> list[Any]:
    return [message(number) for number in wanted]


def test_what_is_kept_comes_first() -> None:
    """Later events queue up behind it; the connection reads on only when nothing is kept."""
    outlet, inbox, lock = make(2)
    connection: Any = FakeConnection()
    with lock:
        assert outlet.hand_over(connection, numbers(1)) is True
        assert outlet.hand_over(connection, numbers(2, 3, 4)) is False
        assert outlet.hand_over(connection, numbers(5)) is False
        assert outlet.kept == 3
    taken = [event.id for event in inbox.get(0)]  # type: ignore[attr-defined]
    assert connection.resumed == 0
    while events := inbox.get(0):
        taken += [event.id for event in events]  # type: ignore[attr-defined]
    assert taken == ["m1", "m2", "m3", "m4", "m5"]
    assert connection.resumed == 1
    assert outlet.kept == 0


def test_connections_are_kept_apart() -> None:
    """Each one's order is its own, and each is told."""
    outlet, inbox, lock = make(1)
    one: Any = FakeConnection()
    other: Any = FakeConnection()
    with lock:
        outlet.hand_over(one, numbers(1, 2))
        outlet.hand_over(other, numbers(11, 12))
    taken = []
    while events := inbox.get(0):
        taken += [event.id for event in events]  # type: ignore[attr-defined]
    assert sorted(taken) == ["m1", "m11", "m12", "m2"]
    assert taken.index("m1") < taken.index("m2")
    assert taken.index("m11") < taken.index("m12")
    assert (one.resumed, other.resumed) == (1, 1)


def test_threads_that_put_and_take_at_once() -> None:
    """However they meet, nothing is left behind, and the sender is told to go on each time."""
    outlet, inbox, lock = make(3)
    connection: Any = FakeConnection()
    may_send = threading.Event()
    may_send.set()
    connection.resume = may_send.set

    def send() -> None:
        for number in range(0, 3000, 5):
            assert may_send.wait(10)
            # As a connection does it: before the events are handed over.
            may_send.clear()
            with lock:
                free = outlet.hand_over(connection, numbers(*range(number, number + 5)))
            if free:
                may_send.set()

    sender = threading.Thread(target=send)
    sender.start()
    taken = []
    while len(taken) < 3000:
        events = inbox.get(10)
        assert events, "a wake-up was lost"
        taken += [event.id for event in events]  # type: ignore[attr-defined]
    sender.join(10)
    assert not sender.is_alive()
    assert taken == [f"m{number}" for number in range(3000)]
