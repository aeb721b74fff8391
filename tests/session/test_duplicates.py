"""Duplicates: what was delivered already."""

from __future__ import annotations

from typing import Any

import pytest
from make import event, gift_part, message

from kick_live.events import GiftedSubscriptions
from kick_live.session.duplicates import Duplicates

USER = {"id": 1, "username": "maple", "slug": "maple"}
IDENTIFIED: dict[str, dict[str, Any]] = {
    "ChatMessageEvent": {"id": "x", "sender": USER, "content": "hi"},
    "MessageDeletedEvent": {"id": "x", "message": {"id": "m"}},
    "UserBannedEvent": {"id": "x", "user": USER, "permanent": True},
    "UserUnbannedEvent": {"id": "x", "user": USER},
    "ChatSettingsChanged": {"id": "x", "settings": {}},
    "KicksGifted": {"gift_transaction_id": "x", "gift": {"amount": 1}},
    "ChatMessageSentEvent": {"message": {"id": "x"}, "user": {"username": "maple"}},
    "StreamHostedEvent": {"message": {"id": "x"}, "user": {"username": "maple"}},
    "SubscriptionGifted": {"id": "x", "gifted_users": [], "user": USER},
}
TWINS: dict[str, dict[str, Any]] = {
    "ChannelSubscriptionEvent": {"user_ids": [1]},
    "GiftedSubscriptionsEvent": {"gifted_usernames": ["acorn"], "gifter_username": "spruce"},
    "GiftsLeaderboardUpdated": {"gifter_id": 1},
    "KicksGifted": {"gift": {"amount": 1}},
    "LuckyUsersWhoGotGiftSubscriptionsEvent": {"usernames": ["acorn"]},
    "NewSubscriberUpdatedEvent": {"count": 5},
    "StopStreamBroadcast": {"livestream": {"id": 9}},
    "StreamHostEvent": {"host_username": "tom", "number_viewers": 1},
    "SubscriptionEvent": {"username": "maple", "months": 2},
}
PROGRESS: dict[str, dict[str, Any]] = {
    "RewardRedeemedEvent": {"reward_title": "Hydrate!", "username": "maple"},
    "PollUpdateEvent": {"poll": {"title": "?"}},
    "GoalProgressUpdateEvent": {"id": "x", "current_value": 1},
    "PredictionUpdated": {"prediction": {"id": "x"}},
    "ChatroomClearEvent": {},
    "SomethingNew": {"id": "x"},
}


@pytest.mark.parametrize("name", IDENTIFIED)
def test_an_id_is_delivered_once(name: str) -> None:
    """The same id is a repetition on any topic and at any time; another id is not."""
    seen = Duplicates()
    payload = IDENTIFIED[name]
    assert seen.is_new(event(name, "a", **payload), 0.0)
    assert not seen.is_new(event(name, "a", **payload), 1.0)
    assert not seen.is_new(event(name, "b", **payload), 500.0)
    assert seen.count == 2


def test_ids_of_different_kinds_do_not_meet() -> None:
    """A ban and a deletion may have the same id."""
    seen = Duplicates()
    assert all(seen.is_new(event(name, **payload), 0.0) for name, payload in IDENTIFIED.items())


@pytest.mark.parametrize("name", TWINS)
def test_the_same_payload_on_another_topic_is_a_twin(name: str) -> None:
    """Within five seconds; on the same topic, or later, it is another event."""
    seen, payload = Duplicates(), TWINS[name]
    assert seen.is_new(event(name, "a", **payload), 0.0)
    assert seen.is_new(event(name, "a", **payload), 1.0)
    assert not seen.is_new(event(name, "b", **payload), 2.0)
    assert not seen.is_new(event(name, "b", **payload), 2.5)
    assert seen.is_new(event(name, "b", **payload), 3.0)
    assert seen.is_new(event(name, "c", **payload), 8.5)


def test_an_event_on_three_topics_is_one() -> None:
    """However many topics an event without an id is published on, and in whatever order."""
    seen = Duplicates()
    topics = ("a", "b", "c", "c", "a", "b")
    new = [seen.is_new(event("SubscriptionEvent", t, username="maple"), 0.0) for t in topics]
    assert new == [True, False, False, True, False, False]
    assert seen.count == 4


@pytest.mark.parametrize("name", PROGRESS)
def test_what_repeats_by_nature_is_always_new(name: str) -> None:
    """Rewards, polls, goals, predictions and unknown events are never held back."""
    seen = Duplicates()
    for topic in ("a", "a", "b"):
        assert seen.is_new(event(name, topic, **PROGRESS[name]), 0.0)
    assert seen.count == 0


def test_the_parts_of_a_gift_are_different_events() -> None:
    """Each part has its own number in the drop."""
    seen = Duplicates()
    parts = [gift_part(index, 3, "a") for index in (0, 1, 2)]
    assert [seen.is_new(part, 0.0) for part in [*parts, parts[1]]] == [True, True, True, False]
    whole = GiftedSubscriptions(correlation_id="drop")
    assert [seen.is_new(whole, 0.0), seen.is_new(whole, 9.0)] == [True, False]


def test_a_broadcast_begins_once() -> None:
    """Until it ends, or another one begins."""
    seen = Duplicates()

    def live(number: int) -> bool:
        return seen.is_new(event("StreamerIsLive", livestream={"id": number}), 0.0)

    assert [live(1), live(1), live(2), live(2)] == [True, False, True, False]
    assert seen.is_new(event("StopStreamBroadcast"), 0.0)
    assert live(2)


def test_memory_is_bounded_and_forgets_the_oldest() -> None:
    """What is beyond the limit counts as new again."""
    seen = Duplicates(limit=3)
    for number in range(4):
        assert seen.is_new(message(number), 0.0)
    assert not seen.is_known("m0")
    assert all(seen.is_known(f"m{number}") for number in (1, 2, 3))
    assert seen.is_new(message(0), 0.0)


def test_twins_are_forgotten_after_their_time() -> None:
    """What is no longer compared is no longer kept."""
    seen = Duplicates()
    for number in range(50):
        seen.is_new(event("SubscriptionEvent", username=f"u{number}"), float(number))
    assert len(seen._twins) <= 7
