"""What events say beyond the fields that Kick sends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

import kick_live as k
from kick_live import decode
from kick_live.events.subscriptions import Giftee
from kick_live.models.channel import Channel

USER = {"id": 1, "username": "maple", "slug": "maple"}


def message(**payload: Any) -> k.ChatMessage:
    """A chat message."""
    event = decode("ChatMessageEvent", {"id": "m", "sender": USER, **payload})
    assert isinstance(event, k.ChatMessage)
    return event


@pytest.mark.parametrize("cls", k.EVENT_CLASSES)
def test_events_cannot_be_changed(cls: type[k.Event]) -> None:
    """Every class is frozen, takes keywords only, and keeps raw out of sight and comparison."""
    fields = attrs.fields_dict(cls)
    assert all(field.kw_only for field in fields.values())
    assert not fields["raw"].repr
    assert not fields["raw"].eq
    event = k.PollDelete()
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        event.raw = "x"  # type: ignore[misc]


def test_events_can_be_kept_in_sets() -> None:
    """Equal events have equal hashes, whatever their raw text."""
    when = k.PollDelete().received_at
    assert len({k.PollDelete(received_at=when, raw="a"), k.PollDelete(received_at=when)}) == 1
    activity = k.ActivityFeed(metadata={"quantity": 1})
    assert len({activity}) == 1


# -- messages


def test_a_reply_quotes_what_it_answers() -> None:
    """Either part of the quotation may be missing."""
    whole = message(
        type="reply",
        metadata={
            "original_sender": {"id": 2, "username": "oak"},
            "original_message": {"id": "p", "content": "first"},
        },
    )
    assert whole.is_reply
    assert whole.reply_to is not None
    assert (whole.reply_to.id, whole.reply_to.content) == ("p", "first")
    assert whole.reply_to.sender is not None
    assert whole.reply_to.sender.username == "oak"
    only_sender = message(type="reply", metadata={"original_sender": {"username": "oak"}})
    assert only_sender.reply_to is not None
    assert (only_sender.reply_to.id, only_sender.reply_to.content) == (None, "")
    only_message = message(type="reply", metadata={"original_message": {"id": "p"}})
    assert only_message.reply_to is not None
    assert only_message.reply_to.sender is None


@pytest.mark.parametrize("metadata", [None, {}, [], "[]", "null", "", "{}"])
def test_a_message_without_metadata_says_so(metadata: Any) -> None:
    """In all the forms that Kick and its history use."""
    event = message(content="hi", metadata=metadata)
    assert (event.reply_to, event.celebration, event.clip) == (None, None, None)
    assert event.sent_at_ms is None
    assert not event.is_reply
    assert not event.is_celebration


@pytest.mark.parametrize(
    "metadata", ['{"message_ref": "1791223244420"}', {"message_ref": 1791223244420}]
)
def test_the_senders_clock_is_read(metadata: Any) -> None:
    """As text inside text, or as a number."""
    assert message(metadata=metadata).sent_at_ms == 1791223244420


@pytest.mark.parametrize("reference", ["soon", "", None, "9" * 40])
def test_a_senders_clock_that_makes_no_sense_is_none(reference: Any) -> None:
    """It is the sender's own, so anything may be in it."""
    assert message(metadata={"message_ref": reference}).sent_at_ms is None


def test_content_is_text_and_emotes() -> None:
    """Fragments in order, emotes with repetitions, the text without them."""
    event = message(content="gg [emote:1:a][emote:1:a] all")
    assert [str(part) for part in event.fragments] == ["gg ", "[emote:1:a]", "[emote:1:a]", " all"]
    assert [emote.name for emote in event.emotes] == ["a", "a"]
    assert event.plain_text == "gg all"


def test_the_empty_parent_of_a_thread_is_none() -> None:
    """Kick writes an empty text inside pins."""
    assert message(thread_parent_id="").thread_parent_id is None
    assert message(thread_parent_id="p").thread_parent_id == "p"


def test_a_clip_has_a_length() -> None:
    """In seconds."""
    clip = message(metadata={"clip": {"id": "c", "duration": 30}}).clip
    assert clip is not None
    assert clip.duration == timedelta(seconds=30)


@pytest.mark.parametrize("key", ["pinnedBy", "pinned_by"])
def test_a_pin_says_who_and_how_long(key: str) -> None:
    """Text in seconds becomes a duration."""
    event: Any = decode(
        "PinnedMessageCreatedEvent",
        {"message": {"id": "m", "sender": USER}, "duration": "1200", key: USER},
    )
    assert event.duration == timedelta(minutes=20)
    assert event.pinned_by.username == "maple"
    assert event.nested() == (event.message,)


# -- moderation


@pytest.mark.parametrize(
    ("payload", "timeout", "duration"),
    [
        ({"permanent": True}, False, None),
        ({"permanent": False, "duration": 5}, True, timedelta(minutes=5)),
        ({"permanent": False, "duration": "5"}, True, timedelta(minutes=5)),
        ({}, False, None),
        ({"expires_at": "2026-10-05T18:00:00Z"}, True, None),
        ({"expires_at": None}, False, None),
        ({"permanent": None, "duration": 1}, True, timedelta(minutes=1)),
    ],
)
def test_a_ban_ends_or_does_not(
    payload: dict[str, Any], timeout: bool, duration: timedelta | None
) -> None:
    """Where Kick does not say it follows from the end and the length."""
    event: Any = decode("UserBannedEvent", {"user": USER, **payload})
    assert (event.is_timeout, event.permanent, event.duration) == (timeout, not timeout, duration)


# -- gifts


@pytest.mark.parametrize(
    ("payload", "count"),
    [
        ({"gifted_usernames": ["a", "b"]}, 2),
        ({"gifted_usernames": ["a"], "gifted_total": 120}, 120),
        ({"gifted_usernames": ["a"], "gifted_total": "120"}, 120),
        ({"gifted_usernames": ["a"], "gifted_total": None}, 1),
        ({"gifted_usernames": ["a"], "gifted_total": True}, 1),
        ({"gifted_usernames": ["a"], "gifted_total": "many"}, 1),
        ({"gifted_usernames": ["a", None, 7, "b"]}, 2),
        ({"gifted_usernames": None}, 0),
        ({}, 0),
    ],
)
def test_the_size_of_a_drop_is_what_kick_says_or_the_names(
    payload: dict[str, Any], count: int
) -> None:
    """The giver's lifetime total is never taken for it."""
    event: Any = decode("GiftedSubscriptionsEvent", {"gifter_total": 999, **payload})
    assert (event.count, event.gifter_lifetime_total) == (count, 999)


@pytest.mark.parametrize("name", [None, "Anonymous", "anonymous", 7])
def test_a_hidden_giver_is_none(name: Any) -> None:
    """Kick writes a name or null for it."""
    event: Any = decode("GiftedSubscriptionsEvent", {"gifter_username": name})
    assert event.is_anonymous
    assert event.gifter_username is None


def test_a_drop_is_recognised_by_its_parts() -> None:
    """The correlation id may stand in the chunk alone."""
    chunk = {"correlation_id": "c", "chunk_index": 1, "total_chunks": 3}
    event: Any = decode("GiftedSubscriptionsEvent", {"chunk_details": chunk})
    assert event.correlation_id == "c"
    assert (event.chunk.chunk_index, event.chunk.total_chunks) == (1, 3)


def test_the_form_behind_a_log_in_says_more() -> None:
    """The giver with id, the tier, the event's id."""
    event: Any = decode(
        "SubscriptionGifted",
        {"id": "g", "user": USER, "gift": {"tier": 2}, "gifted_users": [USER, None, {"id": 3}]},
    )
    assert (event.id, event.tier, event.count) == ("g", 2, 3)
    assert event.gifter.id == 1
    assert event.gifted_usernames == ("maple",)
    broken: Any = decode("SubscriptionGifted", {"gifted_users": None})
    assert (broken.count, broken.is_anonymous) == (0, True)


def test_kicks_name_their_giver_and_amount() -> None:
    """A giver without a name is none; a gift that is no object makes it unreadable."""
    event: Any = decode(
        "KicksGifted",
        {"gift": {"amount": 10}, "sender": {**USER, "username_color": "#00ff00"}},
    )
    assert (event.amount, event.username, event.sender.color) == (10, "maple", "#00ff00")
    assert decode("KicksGifted", {"gift": {"amount": 10}, "sender": None}).username is None  # type: ignore[attr-defined]
    assert isinstance(decode("KicksGifted", {"gift": 7, "sender": 7}), k.UndecodableEvent)


# -- the rest


def test_polls_add_up() -> None:
    """The event has the poll's parts at hand."""
    event: Any = decode(
        "PollUpdateEvent",
        {
            "poll": {
                "title": "Tea?",
                "options": [{"id": 0, "label": "yes", "votes": 3}, {"id": 1, "votes": 4}],
                "remaining": 5,
            }
        },
    )
    assert (event.title, event.remaining, event.is_finished) == (
        "Tea?",
        timedelta(seconds=5),
        False,
    )
    assert event.poll.total_votes == 7
    assert [option.votes for option in event.options] == [3, 4]
    assert not decode("PollUpdateEvent", {"poll": {}}).is_finished  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("state", "cancelled"), [("CANCELLED", True), ("CANCELED", True), ("RESOLVED", False)]
)
def test_predictions_can_be_called_off(state: str, cancelled: bool) -> None:
    """Kick spells it in two ways."""
    event: Any = decode("PredictionUpdated", {"prediction": {"id": "p", "state": state}})
    assert event.prediction.is_cancelled is cancelled
    assert event.prediction.winner is None


def test_the_winner_is_the_outcome_that_is_named() -> None:
    """An id that no outcome has names nobody."""
    outcomes = [{"id": "a", "title": "A"}, {"id": "b", "title": "B"}]
    for winner, title in (("b", "B"), ("c", None)):
        payload = {"prediction": {"id": "p", "outcomes": outcomes, "winning_outcome_id": winner}}
        event: Any = decode("PredictionUpdated", payload)
        assert getattr(event.prediction.winner, "title", None) == title


def test_slow_mode_has_an_interval_only_while_it_is_on() -> None:
    """Kick keeps the value while it is off."""
    for enabled, interval in ((True, timedelta(seconds=5)), (False, None)):
        event: Any = decode(
            "ChatroomUpdatedEvent", {"slow_mode": {"enabled": enabled, "message_interval": 5}}
        )
        assert event.slow_interval == interval
    assert decode("ChatroomUpdatedEvent", {}).slow_interval is None  # type: ignore[attr-defined]


def test_chat_settings_may_be_partial() -> None:
    """Blocks that are missing, or no objects, are off; without settings there is no event."""
    event: Any = decode(
        "ChatSettingsChanged",
        {"settings": {"slow_mode": {"enabled": True, "duration_seconds": 3}, "allow_links": 7}},
    )
    assert event.settings.slow_mode.duration == timedelta(seconds=3)
    assert event.settings.followers_only_mode.duration is None
    assert isinstance(decode("ChatSettingsChanged", {}), k.UndecodableEvent)


def test_subscriptions_siblings_add_their_details() -> None:
    """Text, giftees, counts."""
    said: Any = decode(
        "ChatMessageSentEvent",
        {
            "message": {
                "id": "s",
                "action": "gift",
                "optional_message": "cheers",
                "months_subscribed": 4,
                "giftedUsers": [{"username": "acorn", "monthsSubscribed": 2}],
            },
            "user": {"username": "spruce"},
        },
    )
    assert (said.id, said.action, said.username) == ("s", "gift", "spruce")
    assert (said.text, said.months, said.giftees) == ("cheers", 4, ("acorn",))
    assert said.message.gifted_users == (Giftee(username="acorn", months_subscribed=2),)
    newest: Any = decode("NewSubscriberUpdatedEvent", {"last_subscriber": "maple", "count": 7})
    assert (newest.username, newest.count) == ("maple", 7)
    assert k.ActivityFeed(metadata={"quantity": "2"}).quantity is None


def test_hosts_have_names_and_viewers() -> None:
    """Both frames of an incoming one, and the outgoing one."""
    counted: Any = decode("StreamHostEvent", {"host_username": "tom", "number_viewers": 4})
    assert (counted.username, counted.viewers) == ("tom", 4)
    sibling: Any = decode(
        "StreamHostedEvent",
        {"message": {"id": "h", "numberOfViewers": 4}, "user": {"username": "tom"}},
    )
    assert (sibling.id, sibling.username, sibling.viewers) == ("h", "tom", 4)
    out: Any = decode(
        "ChatMoveToSupportedChannelEvent",
        {
            "channel": {"current_livestream": {"id": 9}},
            "hosted": {"viewers_count": 2},
            "slug": "tom",
        },
    )
    assert (out.viewers, out.current_livestream.id) == (2, 9)
    assert decode("ChatMoveToSupportedChannelEvent", {}).current_livestream is None  # type: ignore[attr-defined]


def test_streams_begin_change_and_end() -> None:
    """Ids, titles, and what is not said."""
    begun: Any = decode("StreamerIsLive", {"livestream": {"id": 9, "session_title": "late"}})
    assert (begun.livestream_id, begun.title) == (9, "late")
    ended: Any = decode("StopStreamBroadcast", {"livestream": {"id": 9, "channel": {"id": 73}}})
    assert (ended.livestream_id, ended.channel_id, ended.is_banned) == (9, 73, None)
    bare: Any = decode("StopStreamBroadcast", [])
    assert (bare.livestream_id, bare.channel_id, bare.is_banned) == (None, None, None)
    changed: Any = decode(
        "LivestreamUpdated", {"livestream": {"session_title": "x", "viewer_count": 3}}
    )
    assert (changed.title, changed.viewers) == ("x", 3)
    assert k.ViewerCount(viewers=4).count == 4
    assert k.FollowersUpdated(followers_count=5).count == 5


def test_connected_names_the_first_room() -> None:
    """As the original library does."""
    channels = tuple(
        Channel(slug=s, channel_id=c, chatroom_id=r) for s, c, r in (("a", 1, 2), ("b", 3, 4))
    )
    assert k.Connected(channels=channels, transport="pusher").room_id == 2
