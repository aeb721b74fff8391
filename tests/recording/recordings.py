"""Recordings written by hand, for tests."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from kick_live import Channel, ChatMessage, User
from kick_live.recording import ChatStore, Replay

START = datetime(2026, 10, 5, 18, 0, tzinfo=timezone.utc)
CHANNEL = {"slug": "amber-quokka", "channel_id": 7733190, "chatroom_id": 7712045}
OTHER = {"slug": "copper-heron", "channel_id": 7733191, "chatroom_id": 7712046}
HEADER = {"kick_live_recording": 1, "created_at": "2026-10-05T18:00:00.000000+00:00"}


def at(seconds: float) -> datetime:
    """A time after the beginning."""
    return START + timedelta(seconds=seconds)


def stamp(seconds: float) -> str:
    """That time as it stands in a recording."""
    return at(seconds).isoformat(timespec="microseconds")


def payload(seconds: float, name: str, data: Any, channel: Any = CHANNEL, **more: Any) -> dict:
    """A line with a payload."""
    topic = f"chatrooms.{channel['chatroom_id']}.v2"
    return {
        "at": stamp(seconds),
        "channel": channel,
        "topic": topic,
        "name": f"App\\Events\\{name}",
        "raw": json.dumps(data, ensure_ascii=False),
        **more,
    }


def message(
    seconds: float,
    content: str,
    username: str = "Maple",
    *,
    id: str | None = None,
    user_id: int | None = None,
    channel: Any = CHANNEL,
    color: str = "#FFD899",
    badges: Any = (),
    **more: Any,
) -> dict:
    """A line with a chat message."""
    data = {
        "id": id or f"message-{seconds}",
        "chatroom_id": channel["chatroom_id"],
        "content": content,
        "type": "message",
        "created_at": at(seconds).isoformat(),
        "sender": {
            "id": user_id or sum(map(ord, username)),
            "username": username,
            "slug": username.lower(),
            "identity": {"color": color, "badges": list(badges)},
        },
    }
    return payload(seconds, "ChatMessageEvent", data, channel, **more)


def marker(seconds: float, event: str, channel: Any = CHANNEL, **fields: Any) -> dict:
    """A line about the connection."""
    return {"at": stamp(seconds), "channel": channel, "event": event, "fields": fields}


def write(path: Path, *lines: Any, header: Any = HEADER) -> Path:
    """Write a recording; lines may be objects or texts."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in (header, *lines)]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def said_by(number: int, content: str, at: datetime) -> ChatMessage:
    """A message by one of seven people."""
    return ChatMessage(
        id=str(number),
        channel=Channel(**CHANNEL),
        sender=User(username=f"user{number % 7}", id=number % 7 + 1),
        content=content,
        created_at=at,
    )


def fill(store: ChatStore, path: Path, *lines: Any) -> int:
    """Write a recording, and put it into a store."""
    write(path, *lines)
    return store.add_many(Replay(path, speed=None))


def found(store: ChatStore, *words: str, **options: Any) -> list[str]:
    """What the messages say that a search finds."""
    return [message.content for message in store.search(*words, **options)]
