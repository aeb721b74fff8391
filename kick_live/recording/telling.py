"""Which events belong into a transcript."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from kick_live.events.base import Event
from kick_live.events.chat import (
    ChatMessage,
    MessageDeleted,
    PinnedMessageCreated,
    PinnedMessageDeleted,
)
from kick_live.events.chatroom import ChatroomClear, ChatroomUpdated
from kick_live.events.gifts import GiftedSubscriptions, KicksGifted, RewardRedeemed
from kick_live.events.goals import GoalAchieved, GoalCanceled, GoalCreated
from kick_live.events.lifecycle import Disconnected, EventsDropped, Reconnected
from kick_live.events.moderation import UserBanned, UserUnbanned
from kick_live.events.polls import PollDelete, PollUpdate
from kick_live.events.predictions import (
    PredictionCreated,
    PredictionDeleted,
    PredictionEvent,
    PredictionUpdated,
)
from kick_live.events.stream import (
    ChatMoveToSupportedChannel,
    StreamEnd,
    StreamerIsLive,
    StreamHost,
)
from kick_live.events.subscriptions import Subscription, SubscriptionAnnouncement

__all__ = ["ICONS", "told"]

#: What a reader of a transcript wants to see, and the icon for it. Kick tells many things two or three
#: times; the siblings are missing here, and the steps of goals.
ICONS: Final[dict[type[Event], str]] = {
    ChatMessage: "",
    MessageDeleted: "clear",
    PinnedMessageCreated: "pin",
    PinnedMessageDeleted: "pin",
    UserBanned: "hammer",
    UserUnbanned: "unlock",
    ChatroomClear: "clear",
    ChatroomUpdated: "rules",
    Subscription: "star",
    SubscriptionAnnouncement: "speech",
    GiftedSubscriptions: "gift",
    KicksGifted: "coin",
    RewardRedeemed: "sparkle",
    PollUpdate: "chart",
    PollDelete: "chart",
    PredictionCreated: "chart",
    PredictionUpdated: "chart",
    PredictionDeleted: "chart",
    GoalCreated: "target",
    GoalAchieved: "target",
    GoalCanceled: "target",
    StreamerIsLive: "live",
    StreamEnd: "end",
    StreamHost: "raid",
    ChatMoveToSupportedChannel: "raid",
    Disconnected: "lost",
    Reconnected: "back",
    EventsDropped: "missing",
}


def told(events: Iterable[Event], *, deletions: bool = True) -> Iterator[Event]:
    """The events that belong into a transcript.

    Of a poll's many updates the first and the last, of a prediction's those in a new state.

    Args:
        events: All that are chosen.
        deletions: Whether deleted messages are told of by events of their own.
    """
    titles: dict[object, str] = {}
    states: dict[object, tuple[str, str | None]] = {}
    for event in events:
        if type(event) not in ICONS or (isinstance(event, MessageDeleted) and not deletions):
            continue
        if isinstance(event, SubscriptionAnnouncement) and not event.text:
            continue
        if isinstance(event, PollUpdate):
            known = titles.get(event.channel) == event.poll.title
            titles[event.channel] = "" if event.poll.is_finished else event.poll.title
            if known and not event.poll.is_finished:
                continue
        if isinstance(event, PollDelete) and not titles.pop(event.channel, ""):
            continue
        if isinstance(event, PredictionEvent):
            before = states.get(event.channel)
            state = states[event.channel] = (event.prediction.id, event.prediction.state)
            if state == before:
                continue
        yield event
