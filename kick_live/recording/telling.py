"""Which events belong into a transcript, and what was removed from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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

__all__ = ["ICONS", "Removals", "told"]

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


class Removals:
    """What deletions, bans and clearings take out of the chat.

    It is shown all events in order, and asked afterwards. It remembers those that remove something,
    not the messages, of which there may be millions.
    """

    def __init__(self) -> None:
        self._deleted: dict[str, str] = {}
        self._banned: dict[tuple[object, int], list[tuple[int, str]]] = {}
        self._cleared: dict[object, int] = {}

    def see(self, place: int, event: Event) -> None:
        """Note an event.

        Args:
            place: Its number in the order of events.
            event: Any event.
        """
        if isinstance(event, MessageDeleted):
            by_kick = "deleted by Kick's moderation"
            self._deleted[event.message_id] = by_kick if event.ai_moderated else "deleted"
        elif isinstance(event, UserBanned) and event.user.id:
            words = "banned" if event.permanent else "timed out"
            bans = self._banned.setdefault((event.channel, event.user.id), [])
            bans.append((place, f"the author was {words}"))
        elif isinstance(event, ChatroomClear):
            self._cleared[event.channel] = place

    def why(self, place: int, channel: object, user_id: int | None, message_id: str) -> str | None:
        """Why a message is gone, or ``None`` for one that was left standing.

        Args:
            place: The message's number in the order of events.
            channel: Its channel.
            user_id: Its author.
            message_id: Its id.
        """
        if message_id in self._deleted:
            return self._deleted[message_id]
        bans = self._banned.get((channel, user_id or 0), ())
        for banned_at, words in bans:
            if banned_at > place:
                return words
        return "the chat was cleared" if self._cleared.get(channel, -1) > place else None
