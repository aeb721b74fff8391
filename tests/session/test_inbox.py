"""Inbox: the bounded hand-over between threads, and its account."""

from __future__ import annotations

import random
import threading
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make import message

from kick_live.events import Disconnected, Event, EventsDropped
from kick_live.session.inbox import Inbox, InboxCounts


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


@pytest.mark.parametrize("how", ["end", "stop"])
def test_a_wait_ends_when_it_is_over(how: str) -> None:
    """At the end, and when the waiting itself is called off."""
    inbox, stopped = Inbox(), threading.Event()
    got: list[list[Event]] = []
    thread = in_thread(lambda: got.append(inbox.get(None, stop=stopped.is_set)))
    if how == "end":
        inbox.end()
    else:
        stopped.set()
        inbox.wake()
    thread.join(5)
    assert got == [[]]


def test_being_woken_for_nothing_goes_on_waiting() -> None:
    """A wake-up alone ends no wait; the event after it does."""
    inbox = Inbox()
    got: list[Event] = []
    thread = in_thread(lambda: got.extend(inbox.get(30)))
    for _ in range(10):
        inbox.wake()
    assert thread.is_alive()
    inbox.put(messages(0, 1))
    thread.join(5)
    assert len(got) == 1


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


def test_it_may_be_ended_in_the_middle_of_getting() -> None:
    """A signal's handler that closes the client runs there, on the same thread."""
    inbox = Inbox()

    def interrupted() -> bool:
        inbox.end()
        return inbox.counts.queued == 0

    assert inbox.get(5, stop=interrupted) == []
    assert inbox.ended
