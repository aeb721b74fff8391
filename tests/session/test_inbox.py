"""Inbox: the bounded hand-over between threads, and its account."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Collection, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make import message
from servers.process import wait_until

from kick_live.events import Disconnected, Event, EventsDropped
from kick_live.session.inbox import Inbox, InboxCounts
from kick_live.session.selector import Selector


@pytest.fixture(autouse=True)
def _ended(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each inbox has something to wait for, which it closes at its end."""
    made: list[Inbox] = []
    make = Inbox.__init__

    def make_and_remember(self: Inbox, *args: Any, **options: Any) -> None:
        make(self, *args, **options)
        made.append(self)

    monkeypatch.setattr(Inbox, "__init__", make_and_remember)
    yield
    for inbox in made:
        inbox.end()


def messages(first: int, last: int) -> list[Event]:
    """Messages by their numbers."""
    return [message(number) for number in range(first, last)]


def lifecycle(reason: str) -> Disconnected:
    """An event that is never dropped."""
    return Disconnected(reason=reason)


def shown(events: list[Event]) -> list[Any]:
    """Events in short."""
    return [
        event.count if isinstance(event, EventsDropped) else getattr(event, "id", None) or
        getattr(event, "reason", None)
        for event in events
    ]  # fmt: skip


def test_what_is_put_can_be_got_in_order_and_once() -> None:
    """Any number of batches come out as one list."""
    inbox = Inbox()
    inbox.put(messages(0, 2))
    inbox.put([])
    inbox.put([lifecycle("x"), *messages(2, 3)])
    assert shown(inbox.get(0)) == ["m0", "m1", "x", "m2"]
    assert inbox.get(0) == []
    assert inbox.counts == InboxCounts(received=3, delivered=3, dropped=0, queued=0)


def test_the_oldest_is_dropped_and_announced_first() -> None:
    """What was dropped stood before what is left."""
    inbox = Inbox(3)
    assert inbox.put(messages(0, 5)) == ()
    assert inbox.counts == InboxCounts(received=5, delivered=0, dropped=2, queued=3)
    assert shown(inbox.get(0)) == [2, "m2", "m3", "m4"]
    inbox.put(messages(5, 6))
    assert shown(inbox.get(0)) == ["m5"]


def test_the_newest_is_dropped_and_announced_last() -> None:
    """What was dropped would have come after what is there."""
    inbox = Inbox(3, "drop_newest")
    inbox.put(messages(0, 5))
    assert shown(inbox.get(0)) == ["m0", "m1", "m2", 2]
    assert inbox.counts == InboxCounts(received=5, delivered=3, dropped=2, queued=0)


def test_nothing_is_dropped_where_the_sender_waits() -> None:
    """The rest is given back and not counted; the getter tells when there is room again."""
    told: list[int] = []
    inbox = Inbox(3, "block", lambda: told.append(1))
    rest = inbox.put(messages(0, 5))
    assert shown(list(rest)) == ["m3", "m4"]
    assert inbox.counts == InboxCounts(received=3, delivered=0, dropped=0, queued=3)
    assert told == []
    assert shown(inbox.get(0)) == ["m0", "m1", "m2"]
    assert told == [1]
    assert inbox.put(rest) == ()
    inbox.get(0)
    assert told == [1]


def test_nothing_is_lost_if_asking_for_more_is_interrupted() -> None:
    """What was taken comes with the next call, which asks again."""
    asked: list[int] = []

    def on_room() -> None:
        asked.append(len(asked))
        if len(asked) == 1:
            raise KeyboardInterrupt

    inbox = Inbox(3, "block", on_room)
    events = messages(0, 5)
    assert list(inbox.put(events)) == events[3:]
    with pytest.raises(KeyboardInterrupt):
        inbox.get(0.0)
    assert inbox.counts == InboxCounts(received=3, delivered=0, dropped=0, queued=3)
    assert inbox.get(0.0) == events[:3]
    assert asked == [0, 1]


def test_a_sender_is_not_kept_waiting_by_an_inbox_that_ended() -> None:
    """Nobody will make room any more, so the rest is dropped and counted."""
    inbox = Inbox(1, "block")
    inbox.end()
    assert inbox.put(messages(0, 3)) == ()
    assert inbox.counts.dropped == 2


@pytest.mark.parametrize("overflow", ["drop_oldest", "drop_newest", "block"])
def test_lifecycle_events_are_never_dropped(overflow: Any) -> None:
    """They do not count against the limit, wherever they stand."""
    inbox = Inbox(2, overflow)
    inbox.put([lifecycle("a"), message(0), lifecycle("b"), message(1), lifecycle("c")])
    inbox.put([lifecycle("d"), message(2), lifecycle("e")])
    got = shown(inbox.get(0))
    assert [item for item in got if item in ("a", "b", "c", "d", "e")][:4] == ["a", "b", "c", "d"]
    assert ("e" in got) is (overflow != "block")
    assert inbox.counts.queued == 0


def test_the_end_lets_what_waits_be_got() -> None:
    """Only then is it over; the first error counts."""
    inbox = Inbox()
    inbox.put(messages(0, 1))
    error = ConnectionError("first")
    inbox.end(error)
    inbox.end(ValueError("second"))
    assert not inbox.ended
    assert shown(inbox.get(None)) == ["m0"]
    assert inbox.ended
    assert inbox.error is error
    assert inbox.get(None) == []


def test_dropped_events_are_announced_even_at_the_end() -> None:
    """The account stays honest to the last."""
    inbox = Inbox(1, "drop_newest")
    inbox.put(messages(0, 1))
    inbox.end()
    inbox.put(messages(1, 3))
    assert shown(inbox.get(None)) == ["m0", 2]
    assert inbox.ended


def test_a_wait_has_a_limit() -> None:
    """Nothing comes, so nothing is returned, after the time and not before."""
    began = time.monotonic()
    assert Inbox().get(0.05) == []
    assert 0.04 < time.monotonic() - began < 2


def in_thread(job: Any) -> threading.Thread:
    """Run something beside the test."""
    thread = threading.Thread(target=job)
    thread.start()
    return thread


def test_a_wait_ends_with_the_first_event() -> None:
    """The getting thread is woken, not timed out."""
    inbox = Inbox()
    got: list[Event] = []
    thread = in_thread(lambda: got.extend(inbox.get(30)))
    inbox.put(messages(0, 1))
    thread.join(5)
    assert shown(got) == ["m0"]


def test_a_wait_ends_when_it_is_over() -> None:
    """At the end, for all who wait."""
    inbox = Inbox()
    got: list[list[Event]] = []
    threads = [in_thread(lambda: got.append(inbox.get(None))) for _ in range(3)]
    wait_until(lambda: inbox._waiting == 3, 5, "all three wait")
    inbox.end()
    for thread in threads:
        thread.join(5)
    assert got == [[], [], []]
    assert inbox.get(None) == []


def test_two_getters_share_what_comes() -> None:
    """Woken for what the other has taken, one goes on waiting; nothing is lost, and nothing comes twice."""
    inbox = Inbox()
    got: list[list[Event]] = [[], []]

    def take(own: list[Event]) -> None:
        while not inbox.ended:
            own.extend(inbox.get(30))

    threads = [in_thread(lambda own=own: take(own)) for own in got]
    for number in range(500):
        inbox.put(messages(number, number + 1))
    wait_until(lambda: inbox.counts.queued == 0, 5, "everything is taken")
    inbox.end()
    for thread in threads:
        thread.join(5)
    numbers = sorted(int(event.id[1:]) for own in got for event in own)  # type: ignore[attr-defined]
    assert numbers == list(range(500))


@pytest.mark.parametrize("first", ["put", "get"])
def test_what_it_waits_with_is_closed_at_the_end(first: str) -> None:
    """Whether somebody waits or not."""
    inbox = Inbox()
    descriptor = inbox._wake.fileno()
    thread = in_thread(lambda: inbox.get(30))
    if first == "put":
        inbox.put(messages(0, 1))
        thread.join(5)
    else:
        wait_until(lambda: inbox._waiting == 1, 5, "it waits")
    inbox.end()
    thread.join(5)
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(descriptor)
    assert inbox.get(None) == []
    inbox.put([lifecycle("x")])
    assert len(inbox.get(None)) == 1


@settings(max_examples=100, deadline=None)
@given(
    steps=st.lists(st.integers(-1, 7), max_size=30),
    limit=st.integers(1, 5),
    overflow=st.sampled_from(["drop_oldest", "drop_newest", "block"]),
    seed=st.integers(0, 99),
)
def test_the_account_is_true_at_any_time(
    steps: list[int], limit: int, overflow: Any, seed: int
) -> None:
    """Received is delivered, dropped and queued together; announcements add up to what was dropped."""
    inbox, number, announced, got = Inbox(limit, overflow), 0, 0, 0
    refused: list[Event] = []
    chance = random.Random(seed)
    for step in [*steps, -1]:
        if step < 0:
            for event in inbox.get(0):
                if isinstance(event, EventsDropped):
                    announced += event.count
                elif not isinstance(event, Disconnected):
                    got += 1
        else:
            batch = messages(number, number + step)
            number += step
            if chance.random() < 0.3:
                batch.insert(0, lifecycle("x"))
            refused += [item for item in inbox.put(batch) if not isinstance(item, Disconnected)]
        counts = inbox.counts
        assert counts.received == counts.delivered + counts.dropped + counts.queued
        assert counts.queued <= limit
        assert counts.received + len(refused) == number
    assert (announced, got) == (inbox.counts.dropped, inbox.counts.delivered)


def test_many_threads_lose_nothing() -> None:
    """Four senders, one getter: each sender's events come whole and in order."""
    inbox = Inbox(10_000)
    threads = [
        in_thread(
            lambda base=base: [inbox.put(messages(n, n + 5)) for n in range(base, base + 500, 5)]
        )
        for base in (0, 1000, 2000, 3000)
    ]
    got: list[Any] = []
    deadline = time.monotonic() + 10
    while len(got) < 2000:
        assert time.monotonic() < deadline
        got += [int(event.id[1:]) for event in inbox.get(5)]  # type: ignore[attr-defined]
    for thread in threads:
        thread.join(5)
    for base in (0, 1000, 2000, 3000):
        own = [number for number in got if base <= number < base + 500]
        assert own == list(range(base, base + 500))


@pytest.mark.parametrize("where", ["before the wait", "in the wait"])
def test_it_may_be_ended_in_the_middle_of_getting(
    monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """A signal's handler that closes the client runs there, on the same thread."""
    inbox = Inbox()
    ended: list[int] = []

    def end() -> None:
        inbox.end()
        ended.append(inbox.counts.queued)

    class Clock:
        """In place of the module: asked in the middle of ``get``, with the lock held."""

        asked = 0

        def monotonic(self) -> float:
            self.asked += 1
            if where == "before the wait" and self.asked == 2:
                end()
            return time.monotonic()

    wait = Selector.wait

    def wait_and_end(self: Selector, timeout: float) -> Collection[int]:
        if where == "in the wait":
            end()
        return wait(self, timeout)

    monkeypatch.setattr("kick_live.session.inbox.time", Clock())
    monkeypatch.setattr(Selector, "wait", wait_and_end)
    assert inbox.get(5) == []
    assert ended == [0]
    assert inbox.ended


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("closing", [False, True])
def test_a_wait_may_be_interrupted(
    monkeypatch: pytest.MonkeyPatch, error: type[BaseException], closing: bool
) -> None:
    """By Ctrl-C, or by a handler that closes the client first; nothing is lost, nothing stays open."""
    inbox = Inbox()
    descriptor = inbox._wake.fileno()

    def interrupt(self: Selector, timeout: float) -> Collection[int]:
        if closing:
            inbox.end()
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(Selector, "wait", interrupt)
        with pytest.raises(error):
            inbox.get(5)
    if not closing:
        inbox.put(messages(0, 1))
        assert shown(inbox.get(5)) == ["m0"]
        inbox.end()
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(descriptor)


def test_a_signal_just_before_a_wait_is_taken_in_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's wait does not see it, so its handler runs only when that is over."""
    waits: list[float] = []

    def over(self: Selector, timeout: float) -> Collection[int]:
        waits.append(timeout)
        if len(waits) == 2:
            raise KeyboardInterrupt
        return ()

    monkeypatch.setattr(Selector, "wait", over)
    with pytest.raises(KeyboardInterrupt):
        Inbox().get(None)
    assert waits[0] <= 1.0
    assert waits[1] <= 60.0


def test_two_getters_survive_that_one_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the wake-up in its hands: the other one gets what came."""
    inbox = Inbox()
    got: list[Event] = []
    thread = in_thread(lambda: got.extend(inbox.get(30)))
    wait_until(lambda: inbox._waiting == 1, 5, "the other one waits")
    wait = Selector.wait

    def wait_and_interrupt(self: Selector, timeout: float) -> Collection[int]:
        inbox.put(messages(0, 1))
        wait(self, timeout)
        inbox._wake.clear()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Selector, "wait", wait_and_interrupt)
        with contextlib.suppress(KeyboardInterrupt):  # unless the other one was first
            inbox.get(30)
    if not got:
        thread.join(5)
    assert shown(got) == ["m0"]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no such timers")
@pytest.mark.skipif(sys.version_info < (3, 11), reason="Python 3.10 lets handlers in anywhere")
def test_a_handler_may_want_a_lock_under_which_others_put() -> None:
    """It runs on the getting thread, but never while that holds the inbox's lock."""
    inbox, outer, over = Inbox(), threading.RLock(), threading.Event()
    waits: list[bool] = []

    def put() -> None:
        batch = messages(0, 1)
        while not over.is_set():
            with outer:
                inbox.put(batch)

    def handle(number: int, frame: Any) -> None:
        taken = outer.acquire(timeout=5)
        waits.append(taken)
        if taken:
            outer.release()

    thread = in_thread(put)
    before = signal.signal(signal.SIGALRM, handle)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        while len(waits) < 1000 and all(waits[-1:]):
            inbox.get(0.001)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        over.set()
        thread.join(10)
    assert all(waits)
