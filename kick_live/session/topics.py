"""The topics of a channel, and what a topic's name says."""

from __future__ import annotations

import re
from typing import Final

from kick_live.models.channel import Channel

__all__ = ["chat_topic", "topic_scope", "topics_of"]

_ROOM: Final = re.compile(r"^chatrooms?[._]([0-9]{1,19})(?![0-9])")
_CHANNEL: Final = re.compile(r"^channel[._]([0-9]{1,19})(?![0-9])|-channel-([0-9]{1,19})$")


def chat_topic(channel: Channel) -> str:
    """The topic of a channel's messages."""
    return f"chatrooms.{channel.chatroom_id}.v2"


def topics_of(channel: Channel) -> tuple[str, ...]:
    """The six public topics of a channel (October 2026).

    The one of its messages comes last: servers answer in order, so once it is acknowledged, so are
    the others.
    """
    room, number = channel.chatroom_id, channel.channel_id
    return (
        f"chatrooms.{room}",
        f"chatroom_{room}",
        f"channel.{number}",
        f"channel_{number}",
        f"predictions-channel-{number}",
        chat_topic(channel),
    )


def topic_scope(topic: str) -> tuple[str, int] | None:
    """Whether a topic is keyed by a room or a channel, and by which; the ids are never mixed.

    Example:
        >>> topic_scope("chatrooms.7712045.v2"), topic_scope("channel_7733190")
        (('room', 7712045), ('channel', 7733190))
    """
    match = _ROOM.match(topic)
    if match:
        return "room", int(match[1])
    match = _CHANNEL.search(topic)
    return ("channel", int(match[1] or match[2])) if match else None
