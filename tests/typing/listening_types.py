"""What a type checker must see in user code; never run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from typing_extensions import assert_type

from kick_live import (
    Channel,
    ChannelRef,
    ChatMessage,
    Connected,
    Event,
    GoalEvent,
    KickClient,
    Stats,
    UserBanned,
    decode,
)

client = KickClient("amber-quokka", ChannelRef(channel_id=73, chatroom_id=71), transport="auto")


# A decorated function keeps its own type.


@client.on(ChatMessage)
def show(message: ChatMessage) -> None:
    """A listener."""


assert_type(show, Callable[[ChatMessage], None])


@client.once(Connected)
def begun(event: Connected) -> int:
    """A listener that returns something."""
    return event.room_id


assert_type(begun, Callable[[Connected], int])


# A listener of a base class serves for its subclasses; the other way round is an error.


def anything(event: Event) -> None:
    """A listener for all events."""


client.on(ChatMessage, anything)
client.on(GoalEvent, anything)
client.on(Event, show)  # type: ignore[arg-type,call-overload,unused-ignore]
client.on(UserBanned, show)  # type: ignore[arg-type,call-overload,unused-ignore]


# The argument of a lambda is inferred from the class.

client.on(ChatMessage, lambda message: message.sender.username)
client.on(UserBanned, lambda event: event.duration)
client.on(ChatMessage, lambda message: message.no_such_field)  # type: ignore[attr-defined]
client.on("chat_message", lambda message: message.anything)


@client.on("chat_message")
def by_name(message: ChatMessage) -> None:
    """A listener that was registered under a name."""


client.off(ChatMessage, show)
client.off(ChatMessage)


# Pulling gives the class that was asked for.

assert_type(client.wait_for(ChatMessage), ChatMessage)
assert_type(client.wait_for(ChatMessage, timeout=1.0, where=lambda m: m.is_reply), ChatMessage)
assert_type(client.wait_for("chat_message"), Event)
client.wait_for(ChatMessage, where=lambda message: message.no_such_field)  # type: ignore[attr-defined]
assert_type(client.events(timeout=1.0), Iterator[Event])
assert_type(client.connect(), Connected)
assert_type(client.poll(), int)
assert_type(client.stats, Stats)
assert_type(client.stats.topics, Mapping[str, str])
client.stats.topics["chatrooms.71.v2"] = "subscribed"  # type: ignore[index]
assert_type(client.channels, tuple[Channel, ...])

for event in client:
    assert_type(event, Event)

with client as same:
    assert_type(same, KickClient)


# Fields have Python's types.


def fields(message: ChatMessage, ban: UserBanned) -> None:
    """What an editor shows."""
    assert_type(message.content, str)
    assert_type(message.sender.id, int | None)
    assert_type(message.created_at, datetime | None)
    assert_type(message.latency, timedelta | None)
    assert_type(ban.duration, timedelta | None)
    message.content = "x"  # type: ignore[misc]


assert_type(decode("ChatMessageEvent", "{}"), Event)

KickClient("a", transport="carrier-pigeon")  # type: ignore[arg-type]
KickClient("a", overflow="explode")  # type: ignore[arg-type]
KickClient(7)  # type: ignore[arg-type]
