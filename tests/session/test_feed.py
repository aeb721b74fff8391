"""Feed: one channel's stream of events."""

from __future__ import annotations

from typing import Any

import pytest
from make import CHANNEL, at, event, gift_part, message

import kick_live.session.feed as module
from kick_live.session.feed import Feed


def ids(events: Any) -> list[str]:
    """The events' ids."""
    return [item.id for item in events]


def test_events_pass_once_and_in_order() -> None:
    """A repetition gives nothing; the newest message is remembered."""
    feed = Feed(CHANNEL)
    out = [item for number in (1, 2, 1, 3) for item in feed.accept(message(number), 0.0)]
    assert ids(out) == ["m1", "m2", "m3"]
    assert (feed.last_message_id, feed.last_message_at) == ("m3", at(3))
    assert feed.duplicates.count == 1


def test_a_message_without_a_time_keeps_the_last_one_known() -> None:
    """The id is remembered all the same."""
    feed = Feed(CHANNEL)
    feed.accept(message(1), 0.0)
    feed.accept(event("ChatMessageEvent", id="m2", sender={"username": "maple"}), 0.0)
    assert (feed.last_message_id, feed.last_message_at) == ("m2", at(1))


def test_gifts_are_merged() -> None:
    """Parts give nothing until the last; missing ones are given up after a while."""
    feed = Feed(CHANNEL)
    assert list(feed.accept(gift_part(0, 2, "a"), 0.0)) == []
    (merged,) = feed.accept(gift_part(1, 2, "b"), 1.0)
    assert merged.gifted_usernames == ("a", "b")  # type: ignore[attr-defined]
    feed.accept(gift_part(0, 2, "c", key="other"), 2.0)
    assert feed.deadline() == 7.0
    assert len(list(feed.due(7.0))) == 1
    assert feed.deadline() is None


def test_live_events_wait_while_history_is_read() -> None:
    """Then the missed ones come first; what is both in history and live comes once."""
    feed = Feed(CHANNEL)
    feed.accept(message(1), 0.0)
    feed.recovering = True
    assert list(feed.accept(message(4), 0.0)) == []
    assert list(feed.accept(event("PollDeleteEvent"), 0.0)) == []
    assert feed.last_message_id == "m1"
    history = [message(number, historical=True) for number in (1, 2, 3, 4)]
    missed, held = feed.release(history, 1.0)
    assert ids(missed) == ["m2", "m3"]
    assert [type(item).__name__ for item in held] == ["ChatMessage", "PollDelete"]
    assert feed.last_message_id == "m4"
    assert not feed.recovering
    assert ids(feed.accept(message(5), 1.0)) == ["m5"]


def test_gifts_that_become_due_wait_for_history_too() -> None:
    """The order of a channel's events is kept."""
    feed = Feed(CHANNEL)
    feed.accept(gift_part(0, 2, "a"), 0.0)
    feed.recovering = True
    assert list(feed.due(5.0)) == []
    _, held = feed.release([], 6.0)
    assert len(held) == 1


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit the oldest is let go out of order rather than lost, and counted."""
    monkeypatch.setattr(module, "_MOST_HELD", 3)
    feed = Feed(CHANNEL)
    feed.recovering = True
    out = [item for number in range(5) for item in feed.accept(message(number), 0.0)]
    assert ids(out) == ["m0", "m1"]
    assert feed.held_overflow == 2
    _, held = feed.release([], 1.0)
    assert ids(held) == ["m2", "m3", "m4"]
