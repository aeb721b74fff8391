"""Invented events and channels for the tests of the session."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

from kick_live.events import ChatMessage, GiftedSubscriptions, decode
from kick_live.events.gifts import GiftChunk
from kick_live.models.channel import Channel
from kick_live.models.user import User

CHANNEL = Channel(slug="amber-quokka", channel_id=73, chatroom_id=71)
EPOCH = datetime(2026, 10, 5, 18, 0, tzinfo=timezone.utc)
ROOM = "chatrooms.71.v2"


def at(seconds: float) -> datetime:
    """A time, in seconds after a fixed one."""
    return EPOCH + timedelta(seconds=seconds)


def message(number: int, *, seconds: float | None = None, historical: bool = False) -> ChatMessage:
    """The message of a number, written at that many seconds unless said otherwise."""
    return ChatMessage(
        id=f"m{number}",
        sender=User(username="maple", id=1),
        content=f"text {number}",
        created_at=at(number if seconds is None else seconds),
        channel=CHANNEL,
        topic=ROOM,
        historical=historical,
    )


def gift_part(
    index: int | None, total: int | None, *names: str, key: str | None = "drop", count: int = 0
) -> GiftedSubscriptions:
    """One part of a large gift."""
    chunk = GiftChunk(correlation_id=key, chunk_index=index, total_chunks=total)
    return GiftedSubscriptions(
        count=count or len(names),
        gifter_username="spruce",
        gifted_usernames=names,
        correlation_id=key,
        chunk=chunk,
    )


def event(name: str, topic: str | None = ROOM, **payload: Any) -> Any:
    """An event as it comes off the wire."""
    return decode(name, json.dumps(payload), topic=topic)
