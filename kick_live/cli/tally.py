"""Counts what happens, in bounded memory."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import Any, Final

from kick_live.events.base import Event
from kick_live.events.chat import ChatMessage, MessageDeleted
from kick_live.events.gifts import GiftedSubscriptions, KicksGifted
from kick_live.events.moderation import UserBanned
from kick_live.events.stream import StreamEnd, StreamerIsLive, StreamHost, ViewerCount
from kick_live.events.subscriptions import Subscription

__all__ = ["Tally"]

#: So many different chatters and emotes are told apart; rarer ones beyond that are forgotten.
_MOST: Final = 50_000
_MINUTE: Final = 60.0


class Tally:
    """What happened since the beginning.

    Args:
        clock: Seconds on the monotonic clock.

    Attributes:
        messages: Messages.
        subscriptions: Subscriptions, without those that were given.
        gifted: Subscriptions given.
        kicks: Kicks given.
        raids: How many streams were sent here.
        removed: Messages deleted.
        banned: Bans and timeouts.
        viewers: People watching, by channel; the last known.
        most_viewers: The most seen, over all channels.
        live: Channels known to be live.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began = clock()
        #: The seconds in which messages came, with their number.
        self._recent: deque[list[float]] = deque()
        self._chatters: Counter[str] = Counter()
        self._emotes: Counter[str] = Counter()
        self.messages = 0
        self.subscriptions = 0
        self.gifted = 0
        self.kicks = 0
        self.raids = 0
        self.removed = 0
        self.banned = 0
        self.viewers: dict[str, int] = {}
        self.most_viewers = 0
        self.live: set[str] = set()

    def take(self, event: Event) -> None:
        """Count an event."""
        if isinstance(event, ChatMessage):
            self._message(event)
        elif isinstance(event, Subscription):
            self.subscriptions += 1
        elif isinstance(event, GiftedSubscriptions):
            self.gifted += event.count
        elif isinstance(event, KicksGifted):
            self.kicks += event.amount or 0
        elif isinstance(event, MessageDeleted):
            self.removed += 1
        elif isinstance(event, UserBanned):
            self.banned += 1
        elif isinstance(event, StreamHost):
            self.raids += 1
        elif isinstance(event, (ViewerCount, StreamerIsLive, StreamEnd)):
            self._stream(event)

    def _message(self, message: ChatMessage) -> None:
        self.messages += 1
        second = float(int(self._clock()))
        if not self._recent or self._recent[-1][0] != second:
            self._recent.append([second, 0.0])
        self._recent[-1][1] += 1
        self._count(self._chatters, message.sender.username)
        for emote in message.emotes:
            self._count(self._emotes, emote.name)

    def _stream(self, event: ViewerCount | StreamerIsLive | StreamEnd) -> None:
        slug = event.channel.slug if event.channel is not None else ""
        if isinstance(event, StreamEnd):
            self.live.discard(slug)
            self.viewers.pop(slug, None)
            return
        self.live.add(slug)
        if isinstance(event, ViewerCount):
            self.viewers[slug] = event.viewers
            self.most_viewers = max(self.most_viewers, sum(self.viewers.values()))

    @staticmethod
    def _count(counter: Counter[str], name: str) -> None:
        counter[name] += 1
        if len(counter) > _MOST:
            for rare, _ in counter.most_common()[_MOST // 2 :]:
                del counter[rare]

    @property
    def seconds(self) -> float:
        """How long it has been counting."""
        return self._clock() - self._began

    @property
    def per_minute(self) -> int:
        """Messages in the last minute; in the first one, the pace so far."""
        now = self._clock()
        while self._recent and now - self._recent[0][0] > _MINUTE:
            self._recent.popleft()
        count = sum(number for _, number in self._recent)
        return round(count * _MINUTE / min(_MINUTE, max(1.0, self.seconds)))

    def pace(self, columns: int) -> list[int]:
        """Messages over the last minute, in so many steps, oldest first."""
        steps = [0] * columns
        now = self._clock()
        for second, number in self._recent:
            index = columns - 1 - int((now - second) * columns / _MINUTE)
            if 0 <= index < columns:
                steps[index] += int(number)
        return steps

    @property
    def chatters(self) -> int:
        """How many different people wrote."""
        return len(self._chatters)

    def top_chatters(self, count: int) -> list[tuple[str, int]]:
        """Who wrote most."""
        return self._chatters.most_common(count)

    def top_emotes(self, count: int) -> list[tuple[str, int]]:
        """What was used most."""
        return self._emotes.most_common(count)

    def values(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return {
            "seconds": round(self.seconds, 1),
            "messages": self.messages,
            "messages_per_minute": self.per_minute,
            "chatters": self.chatters,
            "subscriptions": self.subscriptions,
            "gifted_subscriptions": self.gifted,
            "kicks": self.kicks,
            "raids": self.raids,
            "removed_messages": self.removed,
            "bans": self.banned,
            "viewers": sum(self.viewers.values()) if self.viewers else None,
            "most_viewers": self.most_viewers or None,
            "top_chatters": dict(self.top_chatters(10)),
            "top_emotes": dict(self.top_emotes(10)),
        }
