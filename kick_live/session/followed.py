"""A channel that is being received, and how its reception stands."""

from __future__ import annotations

import attrs

from kick_live.models.channel import Channel, ChannelRef
from kick_live.session.backfill import Gap
from kick_live.session.connection import Connection
from kick_live.session.feed import Feed
from kick_live.session.topics import chat_topic

__all__ = ["Followed"]


@attrs.define(eq=False)
class Followed:
    """A channel that is being received.

    Attributes:
        ref: As it was given.
        aliases: As it was given, too.
        recent: How many of the latest messages are still to be read from history; 0 once they are.
        feed: Its stream; ``None`` until its ids are known.
        connection: Where its chat is subscribed to.
        ready: Whether its chat is being received.
        is_new: Whether the server has not answered to its chat topic yet.
        epoch: Changes whenever that ends or history is given up: what was begun before is void.
        socket_lost: Whether the whole socket was lost since it was ready.
        lost_at: Since when messages may be missed, on the monotonic clock; ``None`` for no gap.
        gap: What may be missed.
    """

    ref: ChannelRef
    aliases: list[ChannelRef] = attrs.Factory(list)
    recent: int = 0
    feed: Feed | None = None
    connection: Connection | None = None
    ready: bool = False
    is_new: bool = True
    epoch: int = 0
    socket_lost: bool = False
    lost_at: float | None = None
    gap: Gap | None = None

    @property
    def names(self) -> tuple[ChannelRef, ...]:
        """As it was given, every time."""
        return (self.ref, *self.aliases)

    def is_named(self, ref: ChannelRef) -> bool:
        """Whether a reference means this channel."""
        channel = self.feed.channel if self.feed is not None else None
        if ref.channel_id is not None:
            mine = channel.channel_id if channel is not None else self.ref.channel_id
            return mine == ref.channel_id
        if ref.slug is None:
            return False
        slugs = {name.slug for name in self.names}
        return ref.slug in slugs or (channel is not None and ref.slug == channel.slug)

    def is_of(self, channel: Channel) -> bool:
        """Whether it is this channel, by its ids: names may differ, and be unknown."""
        if self.feed is None:
            return False
        mine = self.feed.channel
        return mine.channel_id == channel.channel_id or mine.chatroom_id == channel.chatroom_id

    def has_chat(self, topic: str) -> bool:
        """Whether a topic is the one of its messages."""
        return self.feed is not None and topic == chat_topic(self.feed.channel)
