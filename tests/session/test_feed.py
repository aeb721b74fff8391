"""Feed: one channel's stream of events."""

from __future__ import annotations

from typing import Any

import attrs
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


def test_history_that_is_ahead_of_the_socket() -> None:
    """A message that history has and the socket has not brought yet comes after what waits."""
    feed = Feed(CHANNEL)
    feed.accept(message(1), 0.0)
    feed.recovering = True
    feed.accept(message(3), 0.0)
    history = [message(number, historical=True) for number in (1, 2, 3, 4)]
    missed, held = feed.release(history, 1.0)
    assert ids([*missed, *held]) == ["m2", "m3", "m4"]
    assert ids(feed.accept(message(4), 1.0)) == []
    assert feed.last_message_id == "m4"


def test_a_waiting_message_that_was_deleted_keeps_its_place() -> None:
    """History does not have it any more; its time tells where it belongs."""
    feed = Feed(CHANNEL)
    feed.recovering = True
    feed.accept(message(2), 0.0)
    feed.accept(message(4), 0.0)
    history = [message(number, historical=True) for number in (1, 3, 4, 6)]
    missed, held = feed.release(history, 1.0)
    assert ids([*missed, *held]) == ["m1", "m2", "m3", "m4", "m6"]


def test_what_waits_comes_once_however_much_it_is() -> None:
    """Ids that the bounded memory has forgotten are still known while their messages wait."""
    feed = Feed(CHANNEL)
    feed.recovering = True
    for number in range(3000):
        feed.accept(message(number), 0.0)
    history = [message(number, historical=True) for number in range(-1000, 3000)]
    missed, held = feed.release(history, 1.0)
    assert ids([*missed, *held]) == [f"m{number}" for number in range(-1000, 3000)]


def test_what_was_delivered_is_known_however_much_waits() -> None:
    """Thousands of waiting messages do not push out those before the gap, which history brings again."""
    feed = Feed(CHANNEL)
    for number in range(10):
        feed.accept(message(number), 0.0)
    feed.recovering = True
    for number in range(20, 4000):
        feed.accept(message(number), 1.0)
    history = [message(number, historical=True) for number in range(15)]
    missed, held = feed.release(history, 2.0)
    assert ids(missed) == [f"m{number}" for number in range(10, 15)]
    assert len(held) == 3980


def test_events_without_a_time_stay_beside_their_neighbours() -> None:
    """What is not in history by nature goes with the message after it."""
    feed = Feed(CHANNEL)
    feed.recovering = True
    feed.accept(message(1), 0.0)
    feed.accept(event("PollDeleteEvent"), 0.0)
    feed.accept(message(2), 0.0)
    history = [message(number, historical=True) for number in (0, 1, 2, 3)]
    missed, held = feed.release(history, 1.0)
    kinds = [type(item).__name__ for item in (*missed, *held)]
    assert kinds == ["ChatMessage", "ChatMessage", "PollDelete", "ChatMessage", "ChatMessage"]


@pytest.mark.parametrize(("limit", "value"), [("_MOST_HELD", 3), ("_MOST_HELD_TEXT", 400)])
def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    """Beyond the limit, in number or in text, it asks to be let go; nothing is dropped."""
    monkeypatch.setattr(module, limit, value)
    feed = Feed(CHANNEL)
    feed.recovering = True
    for number in range(3):
        assert list(feed.accept(attrs.evolve(message(number), raw="x" * 100), 0.0)) == []
    assert not feed.overfull
    feed.accept(attrs.evolve(message(3), raw="x" * 200), 0.0)
    assert feed.overfull
    _, held = feed.release([], 1.0)
    assert ids(held) == ["m0", "m1", "m2", "m3"]
    assert not feed.overfull


def test_a_time_at_the_end_of_all_times_stops_nothing() -> None:
    """What waits with the last time there is, and history beside it, both come."""
    feed = Feed(CHANNEL)
    feed.recovering = True
    late = event(
        "ChatMessageEvent", id="m9", sender={"username": "maple"}, created_at="9999-12-31T23:59:59Z"
    )
    assert list(feed.accept(late, 0.0)) == []
    missed, held = feed.release([message(1)], 1.0)
    assert (ids(missed), ids(held)) == (["m1"], ["m9"])
