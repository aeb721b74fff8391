"""Which events belong into a transcript."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from kick_live.events.base import Event
from kick_live.events.chat import ChatMessage, PinnedMessageCreated
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

__all__ = ["ICONS", "told"]

#: What a reader of a transcript wants to see, and the icon for it. Kick tells many things two or three
#: times; the siblings are missing here.
ICONS: Final[dict[type[Event], str]] = {
    ChatMessage: "",
    PinnedMessageCreated: "pin",
    UserBanned: "hammer",
    UserUnbanned: "unlock",
    ChatroomClear: "clear",
    Subscription: "star",
    SubscriptionAnnouncement: "speech",
    GiftedSubscriptions: "gift",
    KicksGifted: "coin",
    RewardRedeemed: "sparkle",
    PollUpdate: "chart",
    StreamerIsLive: "live",
    StreamEnd: "end",
    StreamHost: "raid",
    ChatMoveToSupportedChannel: "raid",
    Disconnected: "lost",
    Reconnected: "back",
    EventsDropped: "missing",
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
