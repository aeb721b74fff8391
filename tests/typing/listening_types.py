"""What a type checker must see in user code; never run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from typing_extensions import assert_type

import kick_live
from kick_live import (
    Arrival,
    Channel,
    ChannelRef,
    ChatMessage,
    Connected,
    Event,
    EventSource,
    GoalEvent,
    KickClient,
    Overflow,
    Stats,
    Tap,
    Transport,
    UserBanned,
    decode,
)
from kick_live.recording import Replay

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


# What a program hands through has types of its own.


def made(transport: Transport, overflow: Overflow, words: str) -> KickClient:
    """Choices from elsewhere, such as a command line; any text will not do."""
    KickClient("a", transport=words)  # type: ignore[arg-type]
    return KickClient("a", transport=transport, overflow=overflow)


def follow(source: EventSource) -> None:
    """Serves a client and a recording alike."""
    source.on(ChatMessage, show)
    assert_type(source.wait_for(Connected), Connected)
    source.run()


follow(client)
follow(Replay("evening.jsonl"))


def keep(arrivals: Sequence[Arrival]) -> None:
    """A tap."""
    assert_type(arrivals[0].raw, str)


tap: Tap = keep
client.add_tap(tap)

KickClient("a", transport="carrier-pigeon")  # type: ignore[arg-type]
KickClient("a", overflow="explode")  # type: ignore[arg-type]
KickClient(7)  # type: ignore[arg-type]


# A name that is mistyped is none, although some names are imported late.

assert_type(kick_live.KickAPI().closed, bool)
str(kick_live.ChatMessages)  # type: ignore[attr-defined]
