"""Writes long invented recordings, as a busy channel would give them."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import accumulate
from pathlib import Path
from typing import Any

from kick_live.models.channel import Channel
from kick_live.recording.codecs import codec_by_name
from kick_live.recording.lines import arrival_line, header_line
from kick_live.session.taps import Arrival

from .events import CHANNEL_ID, CHAT_TOPIC, CHATROOM_ID, SLUG

__all__ = ["COMMON", "EARLY", "RARE", "write_evening"]

#: A word that stands in three messages out of ten, and one in a message out of some ten thousand.
COMMON, RARE = "lantern", "word3000"
_START = datetime(2026, 10, 1, 18, tzinfo=timezone.utc)
#: Two hours after the beginning.
EARLY = datetime(2026, 10, 1, 20, tzinfo=timezone.utc)
_CHANNEL = Channel(slug=SLUG, channel_id=CHANNEL_ID, chatroom_id=CHATROOM_ID)
_PEOPLE = 30_000
_WORDS = 20_000
_EMOTES = ("[emote:39001:WaveHi]", "[emote:39002:NightOwl]", "[emote:39003:TeaTime]")
_COLOURS = ("#FFD899", "#E26EFF", "#31D6C2", "#BC66FF", "#1475E1")
_MEMBER = 8 * 1024 * 1024


class _Chat:
    """People who write by very unequal shares, in words of very unequal shares."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.people = list(accumulate(1 / (rank + 10) for rank in range(_PEOPLE)))
        self.words = list(accumulate(1 / (rank + 3) for rank in range(_WORDS)))
        self.recent: list[tuple[str, dict[str, Any]]] = []

    def uuid(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def user(self) -> dict[str, Any]:
        number = self.chance.choices(range(_PEOPLE), cum_weights=self.people)[0]
        return self._person(number)

    @staticmethod
    def _person(number: int) -> dict[str, Any]:
        name = f"Viewer_{number}"
        return {"id": 50_000_000 + number, "username": name, "slug": name.lower().replace("_", "-")}

    def content(self) -> str:
        numbers = self.chance.choices(
            range(_WORDS), cum_weights=self.words, k=self.chance.randint(1, 12)
        )
        words = [f"word{number}" for number in numbers]
        if self.chance.random() < 0.3:
            words[self.chance.randrange(len(words))] = COMMON
        if self.chance.random() < 0.25:
            words.append(self.chance.choice(_EMOTES))
        return " ".join(words)

    def message(self, at: datetime) -> dict[str, Any]:
        user = self.user()
        badges = []
        if user["id"] % 3 == 0:
            months = user["id"] % 48 + 1
            badges.append({"type": "subscriber", "text": "Subscriber", "count": months})
        identity = {"color": _COLOURS[user["id"] % 5], "badges": badges, "badges_v2": []}
        message = {
            "id": self.uuid(),
            "chatroom_id": CHATROOM_ID,
            "content": self.content(),
            "type": "message",
            "created_at": at.replace(microsecond=0).isoformat(),
            "sender": {**user, "identity": identity},
            "metadata": {"message_ref": str(self.chance.getrandbits(40))},
        }
        if self.recent and self.chance.random() < 0.06:
            id, author = self.chance.choice(self.recent)
            message["type"] = "reply"
            message["metadata"] |= {
                "original_sender": {"id": author["id"], "username": author["username"]},
                "original_message": {"id": id, "content": "word1 word2"},
            }
        self.recent = [*self.recent[-49:], (message["id"], user)]
        return message

    def other(self) -> tuple[str, str, dict[str, Any]]:
        """Something that is no message."""
        id, author = self.chance.choice(self.recent)
        kind = self.chance.choices(("delete", "ban", "subscribe", "kicks"), (5, 1, 3, 2))[0]
        if kind == "delete":
            data = {"id": self.uuid(), "message": {"id": id}, "aiModerated": False}
            return "App\\Events\\MessageDeletedEvent", CHAT_TOPIC, data
        if kind == "ban":
            moderator = {"id": 50_000_000, "username": "Viewer_0", "slug": "viewer-0"}
            # Those who are banned wrote little: no regular guests.
            number = self.chance.randrange(_PEOPLE // 2, _PEOPLE)
            banned = self._person(number)
            data = {"id": self.uuid(), "user": banned, "banned_by": moderator, "permanent": False}
            data |= {"duration": 10, "expires_at": None}
            return "App\\Events\\UserBannedEvent", CHAT_TOPIC, data
        if kind == "subscribe":
            data = {"chatroom_id": CHATROOM_ID, "username": author["username"], "months": 3}
            return "App\\Events\\SubscriptionEvent", CHAT_TOPIC, data
        sender = {"id": author["id"], "username": author["username"], "username_color": "#31D6C2"}
        gift = {"gift_id": "hype", "name": "Hype", "amount": 10, "type": "BASIC", "tier": "BASIC"}
        data = {"gift_transaction_id": self.uuid(), "message": "", "sender": sender, "gift": gift}
        return "KicksGifted", f"channel_{CHANNEL_ID}", data


def write_evening(path: Path, messages: int, seed: int = 7, rate: float = 20.0) -> Path:
    """Write a recording of so many messages, and of the deletions, bans and gifts among them.

    Args:
        path: The file; its suffix packs.
        messages: How many messages.
        seed: The same gives the same file.
        rate: Messages a second.
    """
    packer, filled = codec_by_name(path).packer(), 0
    with path.open("wb") as file:
        for line in _lines(messages, seed, rate):
            filled += len(line)
            file.write(packer.compress(line))
            if filled >= _MEMBER:
                file.write(packer.finish())
                packer, filled = codec_by_name(path).packer(), 0
        file.write(packer.finish())
    return path


def _lines(messages: int, seed: int, rate: float) -> Iterator[bytes]:
    chat = _Chat(seed)
    yield header_line(_START)
    for number in range(messages):
        at = _START + timedelta(seconds=number / rate)
        yield _line("App\\Events\\ChatMessageEvent", CHAT_TOPIC, chat.message(at), at)
        if chat.chance.random() < 0.04:
            yield _line(*chat.other(), at)


def _line(name: str, topic: str, data: dict[str, Any], at: datetime) -> bytes:
    raw = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
    return arrival_line(
        Arrival(received_at=at, channel=_CHANNEL, topic=topic, name=name, raw=raw, historical=False)
    )
