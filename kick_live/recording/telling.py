"""Which events belong into a transcript, and what was removed from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from kick_live.events.base import Event
from kick_live.events.chat import ChatMessage, MessageDeleted, PinnedMessageCreated
from kick_live.events.chatroom import ChatroomClear
from kick_live.events.gifts import GiftedSubscriptions, KicksGifted, RewardRedeemed
from kick_live.events.lifecycle import Disconnected, EventsDropped, Reconnected
from kick_live.events.moderation import UserBanned, UserUnbanned
from kick_live.events.polls import PollUpdate
from kick_live.events.stream import (
    ChatMoveToSupportedChannel,
    StreamEnd,
    StreamerIsLive,
    StreamHost,
)
from kick_live.events.subscriptions import Subscription, SubscriptionAnnouncement

__all__ = ["ICONS", "removals", "told"]

#: What a reader of a transcript wants to see. Kick tells many things two or three times; the
#: siblings are missing here.
ICONS: Final[dict[type[Event], str]] = {
    ChatMessage: "",
    PinnedMessageCreated: "📌",
    UserBanned: "🔨",
    UserUnbanned: "🔓",
    ChatroomClear: "🧹",
    Subscription: "⭐",
    SubscriptionAnnouncement: "💬",
    GiftedSubscriptions: "🎁",
    KicksGifted: "💚",
    RewardRedeemed: "✨",
    PollUpdate: "📊",
    StreamerIsLive: "🔴",
    StreamEnd: "⚫",
    StreamHost: "🚀",
    ChatMoveToSupportedChannel: "🚀",
    Disconnected: "○",
    Reconnected: "●",
    EventsDropped: "▲",
}


def told(events: Iterable[Event]) -> Iterator[Event]:
    """The events that belong into a transcript: of a poll's many updates the first and the last."""
    titles: dict[object, str] = {}
    for event in events:
        if type(event) not in ICONS:
            continue
        if isinstance(event, SubscriptionAnnouncement) and not event.text:
            continue
        if isinstance(event, PollUpdate):
            known = titles.get(event.channel) == event.poll.title
            titles[event.channel] = "" if event.poll.is_finished else event.poll.title
            if known and not event.poll.is_finished:
                continue
        yield event


def removals(events: Sequence[Event]) -> dict[int, str]:
    """Which messages were removed later, and why.

    Args:
        events: All events in order, also those that are not shown.

    Returns:
        Words by the place in ``events``.
    """
    deleted = {
        event.message_id: "deleted by Kick's moderation" if event.ai_moderated else "deleted"
        for event in events
        if isinstance(event, MessageDeleted)
    }
    banned: dict[tuple[object, object], str] = {}
    cleared: set[object] = set()
    removed: dict[int, str] = {}
    for place in range(len(events) - 1, -1, -1):
        event = events[place]
        if isinstance(event, UserBanned) and event.user.id:
            words = "banned" if event.permanent else "timed out"
            banned[event.channel, event.user.id] = f"the author was {words}"
        elif isinstance(event, ChatroomClear):
            cleared.add(event.channel)
        elif isinstance(event, ChatMessage):
            why = deleted.get(event.id) or banned.get((event.channel, event.sender.id))
            if why is None and event.channel in cleared:
                why = "the chat was cleared"
            if why is not None:
                removed[place] = why
    return removed
