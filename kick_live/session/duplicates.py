"""Recognises an event that was delivered already."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from typing import Any, Final

import attrs

from kick_live.events.base import Event
from kick_live.events.chat import ChatMessage, MessageDeleted
from kick_live.events.chatroom import ChatSettingsChanged
from kick_live.events.gifts import (
    GiftedSubscriptions,
    GiftsLeaderboardUpdated,
    KicksGifted,
    LuckyUsersWhoGotGiftSubscriptions,
)
from kick_live.events.moderation import UserBanned, UserUnbanned
from kick_live.events.stream import StreamEnd, StreamerIsLive, StreamHost, StreamHosted
from kick_live.events.subscriptions import (
    ChannelSubscription,
    NewSubscriberUpdated,
    Subscription,
    SubscriptionAnnouncement,
)
from kick_live.events.unread import UnreadEvent

__all__ = ["Duplicates"]

_TWIN_WITHIN: Final = 5.0
_MOST_TWINS: Final = 1000
#: Kick's ids are UUIDs; a longer one is remembered by its hash, so that memory stays bounded.
_LONGEST_ID: Final = 100


def _gift_key(event: GiftedSubscriptions) -> Hashable:
    chunk = event.chunk
    return event.id or (
        event.correlation_id and (event.correlation_id, chunk and chunk.chunk_index)
    )


#: What identifies an event. Rewards are missing on purpose: two equal redemptions cannot be told
#: apart, and progress events (polls, goals, predictions) repeat by nature.
_KEYS: Final[dict[type[Event], Callable[[Any], Hashable]]] = {
    MessageDeleted: lambda event: event.id,
    UserBanned: lambda event: event.id,
    UserUnbanned: lambda event: event.id,
    ChatSettingsChanged: lambda event: event.id,
    KicksGifted: lambda event: event.gift_transaction_id,
    SubscriptionAnnouncement: lambda event: event.id,
    StreamHosted: lambda event: event.id,
    GiftedSubscriptions: _gift_key,
}

#: Events without an id: the same payload on *another* topic within a few seconds is the same event.
_TWINS: Final = frozenset(
    {
        ChannelSubscription,
        GiftedSubscriptions,
        GiftsLeaderboardUpdated,
        KicksGifted,
        LuckyUsersWhoGotGiftSubscriptions,
        NewSubscriberUpdated,
        StreamEnd,
        StreamHost,
        Subscription,
    }
)


class Duplicates:
    """Remembers what one channel delivered, within bounded memory.

    Args:
        limit: How many ids are remembered.

    Attributes:
        count: How many repetitions were recognised.
        keeping: Whether more than that is remembered for the moment, until ``forget``.
    """

    def __init__(self, limit: int = 2000) -> None:
        self.count = 0
        self.keeping = False
        self._limit = limit
        # A dictionary alone, emptied from its front, would walk over what it deleted each time.
        self._seen: set[Hashable] = set()
        self._order: deque[Hashable] = deque()
        self._twins: dict[Hashable, _Twins] = {}
        self._live: int | None = None

    def is_known(self, message_id: str) -> bool:
        """Whether a message of this id was delivered."""
        return _short(message_id) in self._seen

    def is_new(self, event: Event, now: float) -> bool:
        """Whether an event was not delivered before; remembers it.

        Args:
            event: A decoded event.
            now: Seconds on the monotonic clock.
        """
        if isinstance(event, ChatMessage):
            return self.is_new_message(event.id)
        cls: type[Event]
        key: Hashable
        if isinstance(event, UnreadEvent):
            cls, key = event.cls, event.key
        else:
            cls = type(event)
            key = _KEYS[cls](event) if cls in _KEYS else None
        if key is not None:
            new = self._remember((cls, _short(key)))
        elif cls in _TWINS:
            new = self._is_no_twin(cls, event, now)
        elif isinstance(event, StreamerIsLive):
            new, self._live = event.livestream.id != self._live, event.livestream.id
        else:
            return True
        if cls is StreamEnd:
            self._live = None
        self.count += not new
        return new

    def is_new_message(self, message_id: str) -> bool:
        """Whether a message was not delivered before; remembers it."""
        new = self._remember(message_id if len(message_id) <= _LONGEST_ID else hash(message_id))
        if not new:
            self.count += 1
        return new

    def _remember(self, key: Hashable) -> bool:
        seen = self._seen
        if key in seen:
            return False
        seen.add(key)
        order = self._order
        order.append(key)
        if len(order) > self._limit and not self.keeping:
            seen.discard(order.popleft())
        return True

    def forget(self) -> None:
        """Remember no more than the limit again."""
        self.keeping = False
        while len(self._order) > self._limit:
            self._seen.discard(self._order.popleft())

    def _is_no_twin(self, cls: type[Event], event: Event, now: float) -> bool:
        twins = self._twins
        key = (cls, hash(event.raw))
        twin = twins.get(key)
        if twin is None or now - twin.at > _TWIN_WITHIN:
            twin = _Twins(now)
        delivered = max(twin.on_topic.values(), default=0)
        count = twin.on_topic[event.topic] = twin.on_topic.get(event.topic, 0) + 1
        if count <= delivered:
            return False
        twin.at = now
        # Taken out and put back at the end, so that the oldest comes first.
        twins.pop(key, None)
        twins[key] = twin
        while len(twins) > _MOST_TWINS or now - twins[next(iter(twins))].at > _TWIN_WITHIN:
            del twins[next(iter(twins))]
        return True


@attrs.define
class _Twins:
    """Equal events without an id: there were as many as came on any one topic."""

    at: float
    on_topic: dict[str | None, int] = attrs.Factory(dict)


def _short(key: Hashable) -> Hashable:
    if isinstance(key, str):
        return key if len(key) <= _LONGEST_ID else hash(key)
    return tuple(_short(part) for part in key) if isinstance(key, tuple) else key
