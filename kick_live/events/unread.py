"""Chat messages that nobody wants yet: what ordering them needs is read, the rest waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from kick_live.events.base import Time
from kick_live.events.chat import ChatMessage
from kick_live.events.prepared import one_at_a_time
from kick_live.events.unknown import UndecodableEvent
from kick_live.models.channel import Channel

__all__ = ["UnreadMessage", "is_wanted_as", "skim"]


class UnreadMessage(ChatMessage):
    """A message of which only id and time were read: its sender, content and so on are not there.

    It takes a message's place wherever messages are recognised, ordered, held back and counted, and
    becomes one, or an ``UndecodableEvent``, before a program sees it: see ``Decoder.read``. Only chat
    is treated like this: it is most of the traffic, and other kinds have more in them that decides
    whether they are a repetition.

    Attributes:
        wire_name: The name as received.
    """

    __slots__ = ("wire_name",)
    # It is filled field by field, and what attrs made of a frozen class refuses that. Both, because
    # Python keeps one function for setting and deleting.
    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__

    wire_name: str


class _Key(msgspec.Struct, gc=False):
    """The fields by which messages are told apart and ordered; their types are those of the event."""

    id: str
    created_at: Time | None = None


_read_key: Final = one_at_a_time(lambda: msgspec.json.Decoder(_Key, strict=False)).decode
_new: Final = object.__new__


def skim(
    name: str,
    data: str,
    topic: str | None,
    channel: Channel | None,
    received_at: datetime,
) -> UnreadMessage:
    """Read no more of a message than its id and time.

    Args:
        name: The wire name.
        data: The payload's text.
        topic: The topic on which it came.
        channel: The streamer's channel.
        received_at: When it arrived.

    Raises:
        msgspec.MsgspecError: The payload is no JSON, or has no usable id or time.
        UnicodeError: It cannot be written as UTF-8.
        RecursionError: It is nested too deeply.
    """
    key = _read_key(data)
    message: Any = _new(UnreadMessage)
    message.id = key.id
    message.created_at = key.created_at
    message.wire_name = name
    message.channel = channel
    message.topic = topic
    message.received_at = received_at
    message.historical = False
    message.raw = data
    return message  # type: ignore[no-any-return]


def is_wanted_as(cls: type[Any]) -> bool:
    """Whether who wants events of a class wants unread messages to be read."""
    return issubclass(ChatMessage, cls) or issubclass(UndecodableEvent, cls)
