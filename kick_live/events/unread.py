"""Events that nobody wants yet: what tells a repetition and the order is read, the rest waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import msgspec

from kick_live.events.base import Event, Time
from kick_live.events.chat import ChatMessage, MessageDeleted
from kick_live.events.chatroom import ChatSettingsChanged
from kick_live.events.gifts import GiftedSubscriptions, KicksGifted
from kick_live.events.makers import EMPTY_LIST
from kick_live.events.moderation import UserBanned, UserUnbanned
from kick_live.events.prepared import one_at_a_time
from kick_live.events.registry import BY_WIRE_NAME, full_names
from kick_live.events.stream import StreamEnd, StreamerIsLive, StreamHosted
from kick_live.events.subscriptions import SubscriptionAnnouncement
from kick_live.events.unknown import UndecodableEvent
from kick_live.models.channel import Channel

__all__ = ["SKIMMED", "SKIMMERS", "UnreadEvent", "UnreadMessage", "is_wanted_as"]

#: Takes name, payload, topic, channel and time of arrival; raises what msgspec raises.
Skimmer: TypeAlias = Callable[[str, str, "str | None", "Channel | None", datetime], Event]


class UnreadMessage(ChatMessage):
    """A message of which only id and time were read: its sender, content and so on are not there.

    It takes a message's place wherever messages are recognised, ordered, held back and counted, and
    becomes one, or an ``UndecodableEvent``, before a program sees it: see ``Decoder.read``.

    Attributes:
        wire_name: The name as received.
    """

    __slots__ = ("wire_name",)
    # It is filled field by field, and what attrs made of a frozen class refuses that. Both, because
    # Python keeps one function for setting and deleting.
    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__

    wire_name: str


class UnreadEvent(Event):
    """An event of another kind, of which nothing was read but what tells whether it is a repetition.

    Attributes:
        wire_name: The name as received.
        cls: What it is going to be, unless it turns out to be an ``UndecodableEvent``.
        key: The id by which a repetition is recognised, where the kind has one.
    """

    __slots__ = ("cls", "key", "wire_name")
    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__

    wire_name: str
    cls: type[Event]
    key: str | None


class _MessageKey(msgspec.Struct, gc=False):
    """By what messages are told apart and ordered; the types are those of the event."""

    id: str
    created_at: Time | None = None


class _Nothing(msgspec.Struct, gc=False):
    pass


class _Id(msgspec.Struct, gc=False):
    id: str | None = None


class _Transaction(msgspec.Struct, gc=False):
    gift_transaction_id: str | None = None


class _Inside(msgspec.Struct, gc=False):
    message: _Id


#: A payload is an object, or what Kick sends for an empty one.
_ANY_PAYLOAD: Final[Any] = _Nothing | EMPTY_LIST | None
#: Where the id of a kind's events is; see ``Duplicates``.
_KEYS: Final[Mapping[type[Event], tuple[type[Any], Callable[[Any], str | None]]]] = {
    MessageDeleted: (_Id, lambda key: key.id),
    UserBanned: (_Id, lambda key: key.id),
    UserUnbanned: (_Id, lambda key: key.id),
    ChatSettingsChanged: (_Id, lambda key: key.id),
    KicksGifted: (_Transaction, lambda key: key.gift_transaction_id),
    SubscriptionAnnouncement: (_Inside, lambda key: key.message.id),
    StreamHosted: (_Inside, lambda key: key.message.id),
}
#: What a divided gift consists of, and when a stream began, decides what becomes of other events.
_ALWAYS_READ: Final = (GiftedSubscriptions, StreamerIsLive, StreamEnd)

_new: Final = object.__new__


def _message_skimmer() -> Skimmer:
    read = one_at_a_time(lambda: msgspec.json.Decoder(_MessageKey, strict=False)).decode

    def skim(
        name: str, data: str, topic: str | None, channel: Channel | None, received_at: datetime
    ) -> Event:
        key = read(data)
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

    return skim


def _skimmer(cls: type[Event]) -> Skimmer:
    shape, key_of = _KEYS.get(cls, (_ANY_PAYLOAD, lambda key: None))
    read = one_at_a_time(lambda: msgspec.json.Decoder(shape, strict=False)).decode

    def skim(
        name: str, data: str, topic: str | None, channel: Channel | None, received_at: datetime
    ) -> Event:
        event: Any = _new(UnreadEvent)
        event.key = key_of(read(data))
        event.cls = cls
        event.wire_name = name
        event.channel = channel
        event.topic = topic
        event.received_at = received_at
        event.historical = False
        event.raw = data
        return event  # type: ignore[no-any-return]

    return skim


#: What may stay unread.
SKIMMED: Final[tuple[type[Event], ...]] = tuple(
    cls for cls in dict.fromkeys(BY_WIRE_NAME.values()) if cls not in _ALWAYS_READ
)
#: How to read no more of a payload than is needed, by its name.
SKIMMERS: Final[Mapping[str, Skimmer]] = MappingProxyType(
    {
        name: skimmer
        for cls in SKIMMED
        for skimmer in [_message_skimmer() if cls is ChatMessage else _skimmer(cls)]
        for name in full_names(cls)
    }
)


def is_wanted_as(cls: type[Event], wanted: type[Event]) -> bool:
    """Whether an event has to be read for who wants those of a class.

    Args:
        cls: What it is going to be.
        wanted: The class; an event may turn out to be an ``UndecodableEvent``, too.
    """
    return issubclass(cls, wanted) or issubclass(UndecodableEvent, wanted)
