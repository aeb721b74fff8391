"""Turns what connections receive into events, channel by channel."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from kick_live.events.base import Event, now
from kick_live.events.chat import ChatMessage
from kick_live.events.decoder import Decoder, as_text, assign
from kick_live.events.gifts import GiftedSubscriptions
from kick_live.events.stream import StreamEnd, StreamerIsLive
from kick_live.models.channel import Channel
from kick_live.protocols.base import Publication
from kick_live.session.connection import Connection
from kick_live.session.feed import Feed
from kick_live.session.followed import Followed
from kick_live.session.outlet import Outlet
from kick_live.session.recovering import Recovering
from kick_live.session.taps import Arrival, Taps
from kick_live.session.topics import topic_scope, topics_of

__all__ = ["Intake", "Readings"]

#: Other events, or more than the one channel, depend on these.
_CONSEQUENTIAL: Final = frozenset({GiftedSubscriptions, StreamEnd, StreamerIsLive})

_wall_clock: Callable[[], datetime] = now


@frozen
class Readings:
    """How well payloads could be read.

    Attributes:
        unknown: Events of unknown kinds.
        undecodable: Events that could not be read.
        repaired: Events of which a value was left out.
    """

    unknown: int = 0
    undecodable: int = 0
    repaired: int = 0

    def plus(self, decoder: Decoder) -> Readings:
        """With those of a decoder."""
        return Readings(
            self.unknown + decoder.unknown,
            self.undecodable + decoder.undecodable,
            self.repaired + decoder.repaired,
        )


class Intake:
    """Decodes publications, finds whose they are, and hands them over in bulk.

    Methods are called with the lock held, unless they say otherwise.

    Args:
        lock: Guards the channels.
        outlet: Where events go.
        taps: Shown what arrives.
        recovering: Told when too much waits for history.
        noticed: Told when a stream begins or ends.
        unwanted: Which kinds nobody wants, by their names; they stay unread.
    """

    def __init__(
        self,
        lock: threading.RLock,
        outlet: Outlet,
        taps: Taps,
        recovering: Recovering,
        noticed: Callable[[StreamerIsLive | StreamEnd], object],
        unwanted: Callable[[], Collection[str]],
    ) -> None:
        self._lock = lock
        self._outlet = outlet
        self._taps = taps
        self._recovering = recovering
        self._noticed = noticed
        self._unwanted = unwanted
        self._by_topic: dict[str, Followed] = {}
        self._retired: set[str] = set()
        self._divided_gifts: set[Followed] = set()
        self._decoders: dict[Connection, Decoder] = {}
        self._before = Readings()
        self._last_at: float | None = None
        self._last_message: ChatMessage | None = None

    # -- channels

    def add(self, followed: Followed, channel: Channel) -> None:
        """Take in what comes on a channel's topics."""
        topics = topics_of(channel)
        self._by_topic.update(dict.fromkeys(topics, followed))
        self._retired.difference_update(topics)

    def remove(self, channel: Channel) -> None:
        """Ignore what still comes on a channel's topics."""
        topics = topics_of(channel)
        for topic in topics:
            self._by_topic.pop(topic, None)
        self._retired.update(topics)

    def owner(self, topic: str) -> Followed | None:
        """Whose a topic is."""
        return self._by_topic.get(topic)

    def _channel_of(self, topic: str | None) -> Channel | None:
        followed = self._by_topic.get(topic) if topic is not None else None
        return followed.feed.channel if followed is not None and followed.feed is not None else None

    # -- events

    def take(self, connection: Connection, items: list[Publication], now: float) -> bool:
        """Decode, remove doubles, hand over in one go. Takes the lock itself.

        Args:
            connection: Where they arrived.
            items: In order.
            now: Seconds on the monotonic clock.

        Returns:
            Whether the connection may go on reading.
        """
        decoder = self._decoders.get(connection)
        if decoder is None:
            with self._lock:
                decoder = self._decoders[connection] = Decoder()
        arrived = _wall_clock()
        batch: list[Event] = []
        if self._taps.functions:
            self._taps.show(self._arrival(item, arrived) for item in items)
        decode, skim, unwanted = decoder.decode, decoder.skim, self._unwanted()
        with self._lock:
            given_up = self._recovering.given_up
            followed_by_topic = self._by_topic.get
            for item in items:
                topic, name, data = item.topic, item.name, item.data
                followed = followed_by_topic(topic) if topic is not None else None
                if followed is None or followed.feed is None:
                    self._route(connection, decoder, item, arrived, now, batch)
                    continue
                feed = followed.feed
                make = skim if name in unwanted else decode
                event = make(name, data, topic, feed.channel, arrived)
                if feed.recovering or type(event) in _CONSEQUENTIAL:
                    if isinstance(event, (StreamerIsLive, StreamEnd)):
                        self._noticed(event)
                    self._accept(followed, feed, event, now, batch)
                elif isinstance(event, ChatMessage):  # by far the most
                    if feed.accept_message(event):
                        batch.append(event)
                elif feed.duplicates.is_new(event, now):
                    batch.append(event)
            if batch:
                self._last_at = now
                self._last_message = _newest_message(batch) or self._last_message
            special = self._recovering.given_up != given_up
            return self._outlet.hand_over(connection, batch, lifecycle=special)

    def _arrival(self, item: Publication, at: datetime) -> Arrival:
        return Arrival(
            received_at=at,
            channel=self._channel_of(item.topic),
            topic=item.topic,
            name=item.name,
            raw=item.data if isinstance(item.data, str) else as_text(item.data),
        )

    def _accept(
        self, followed: Followed, feed: Feed, event: Event, now: float, batch: list[Event]
    ) -> None:
        batch += feed.accept(event, now)
        if feed.recovering and feed.overfull:
            batch += self._recovering.give_up(followed, feed, now)
        if isinstance(event, GiftedSubscriptions) and feed.deadline() is not None:
            self._divided_gifts.add(followed)

    def _route(
        self,
        connection: Connection,
        decoder: Decoder,
        item: Publication,
        arrived: datetime,
        now: float,
        batch: list[Event],
    ) -> None:
        """A publication whose topic is missing or not ours: its ids say where it belongs."""
        if item.topic in self._retired:
            return
        event = decoder.decode(item.name, item.data, topic=item.topic, received_at=arrived)
        followed = self._named_in(connection, event)
        if followed is None or followed.feed is None:
            batch.append(event)
            return
        feed = followed.feed
        assign(event, feed.channel)
        self._accept(followed, feed, event, now, batch)

    def _named_in(self, connection: Connection, event: Event) -> Followed | None:
        followed_here = dict.fromkeys(
            followed for followed in self._by_topic.values() if followed.connection is connection
        )
        scope = topic_scope(event.topic) if event.topic else None
        room = getattr(event, "chatroom_id", None)
        number = getattr(event, "channel_id", None)
        if scope is not None:
            room, number = (scope[1], None) if scope[0] == "room" else (None, scope[1])
        for followed in followed_here:
            assert followed.feed is not None
            channel = followed.feed.channel
            if room == channel.chatroom_id or number == channel.channel_id:
                return followed
        known = isinstance(room, int) or isinstance(number, int)
        return next(iter(followed_here)) if len(followed_here) == 1 and not known else None

    def forget(self, connection: Connection) -> None:
        """A connection has ended for good. Takes the lock itself."""
        with self._lock:
            decoder = self._decoders.pop(connection, None)
            if decoder is not None:
                self._before = self._before.plus(decoder)

    @property
    def counts(self) -> Readings:
        """How well everything up to now could be read."""
        counts = self._before
        for decoder in self._decoders.values():
            counts = counts.plus(decoder)
        return counts

    @property
    def last_event_age(self) -> timedelta | None:
        """Time since anything was accepted."""
        if self._last_at is None:
            return None
        return timedelta(seconds=time.monotonic() - self._last_at)

    @property
    def latency(self) -> timedelta | None:
        """Of the newest message that was accepted."""
        return None if self._last_message is None else self._last_message.latency

    # -- gifts in parts

    def deadline(self, connection: Connection) -> float | None:
        """When a divided gift is due. Takes the lock itself."""
        if not self._divided_gifts:
            return None
        with self._lock:
            times = [c.feed.deadline() for c in self._divided(connection) if c.feed is not None]
        return min((at for at in times if at is not None), default=None)

    def due(self, connection: Connection, now: float) -> None:
        """Deliver divided gifts whose missing parts are not waited for any longer. Takes the lock."""
        with self._lock:
            batch: list[Event] = []
            for followed in self._divided(connection):
                if followed.feed is not None:
                    batch += followed.feed.due(now)
                    if followed.feed.deadline() is None:
                        self._divided_gifts.discard(followed)
            self._outlet.hand_over(connection, batch)

    def _divided(self, connection: Connection) -> list[Followed]:
        return [c for c in self._divided_gifts if c.connection is connection]


def _newest_message(batch: Sequence[Event]) -> ChatMessage | None:
    for event in reversed(batch):
        if isinstance(event, ChatMessage):
            return event
    return None
