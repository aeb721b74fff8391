"""Invented events of one channel, written as Kick writes them: the load of every benchmark."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

__all__ = [
    "CHANNEL_ID",
    "CHATROOM_ID",
    "CHAT_TOPIC",
    "SLUG",
    "STAMP",
    "WireEvent",
    "chat",
    "mixed",
    "payload_text",
]

SLUG = "amber-quokka"
CHANNEL_ID = 7733190
CHATROOM_ID = 7712045
CHAT_TOPIC = f"chatrooms.{CHATROOM_ID}.v2"
#: Stands at the beginning of every chat message; the paced load writes its clock over it.
STAMP = "0" * 19

_WORDS = (
    "good evening from the back row",
    "that was close, one more try",
    "what is the name of this song?",
    "hello from the night train [emote:39001:WaveHi]",
    "the lantern puzzle again, left side first",
)
_NAMES = ("Maple_Harbor", "copperkite", "drumline99", "yuzu_cha", "TINROBOT7", "slow_otter")
_COLOURS = ("#FFD899", "#E26EFF", "#31D6C2", "#BC66FF")
_TIME = "2026-10-05T18:00:01+00:00"


class WireEvent(NamedTuple):
    """An event before it is put into a protocol's envelope."""

    name: str
    topic: str
    data: str


def payload_text(payload: dict[str, Any]) -> str:
    """A payload as Kick writes it."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return text.replace("/", "\\/")


def _uuid(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def _user(chance: random.Random) -> dict[str, Any]:
    name = chance.choice(_NAMES)
    slug = name.lower().replace("_", "-")
    return {"id": chance.randrange(10**7, 10**8), "username": name, "slug": slug}


def _message(chance: random.Random) -> dict[str, Any]:
    badge = {"type": "subscriber", "text": "Subscriber", "count": chance.randrange(1, 60)}
    identity = {"color": chance.choice(_COLOURS), "badges": [badge], "badges_v2": []}
    return {
        "id": _uuid(chance),
        "chatroom_id": CHATROOM_ID,
        "content": f"{STAMP} {chance.choice(_WORDS)}",
        "type": "message",
        "created_at": _TIME,
        "sender": {**_user(chance), "identity": identity},
        "metadata": {"message_ref": str(1791223201022 + chance.randrange(10**6))},
    }


def _chat(chance: random.Random) -> WireEvent:
    return WireEvent("App\\Events\\ChatMessageEvent", CHAT_TOPIC, payload_text(_message(chance)))


def _reply(chance: random.Random) -> WireEvent:
    message = _message(chance)
    user = _user(chance)
    message["type"] = "reply"
    message["metadata"] |= {
        "original_sender": {"id": user["id"], "username": user["username"]},
        "original_message": {"id": _uuid(chance), "content": chance.choice(_WORDS)},
    }
    return WireEvent("App\\Events\\ChatMessageEvent", CHAT_TOPIC, payload_text(message))


def _goal(chance: random.Random) -> WireEvent:
    payload = {
        "id": "chgoal_01K6ZQ3V8W4T5R6E7Y8U9I0P1A",
        "channel_id": "channel_01K6ZQ3V8W4T5R6E7Y8U9I0P1B",
        "type": "followers",
        "target_value": 5000,
        "current_value": chance.randrange(5000),
        "progress_bar_emoji_id": "1",
        "status": "active",
        "created_at": "2026-10-05T16:00:01.123456Z",
        "updated_at": "2026-10-05T18:00:01.123456789Z",
        "achieved_at": None,
        "end_date": None,
        "count_from_creation": True,
    }
    return WireEvent("GoalProgressUpdateEvent", f"channel_{CHANNEL_ID}", payload_text(payload))


def _deletion(chance: random.Random) -> WireEvent:
    payload = {
        "id": _uuid(chance),
        "message": {"id": _uuid(chance)},
        "aiModerated": True,
        "violatedRules": ["is_spam-TRUE"],
    }
    return WireEvent("App\\Events\\MessageDeletedEvent", CHAT_TOPIC, payload_text(payload))


def _ban(chance: random.Random) -> WireEvent:
    payload = {
        "id": _uuid(chance),
        "user": _user(chance),
        "banned_by": _user(chance),
        "permanent": False,
        "duration": 10,
        "expires_at": "2026-10-05T18:10:01+00:00",
    }
    return WireEvent("App\\Events\\UserBannedEvent", CHAT_TOPIC, payload_text(payload))


def _kicks(chance: random.Random) -> WireEvent:
    user = _user(chance)
    payload = {
        "gift_transaction_id": _uuid(chance),
        "message": "",
        "sender": {
            "id": user["id"],
            "username": user["username"],
            "username_color": "#31D6C2",
            "profile_picture": "",
        },
        "gift": {
            "gift_id": "hype",
            "name": "Hype",
            "amount": 10,
            "type": "BASIC",
            "tier": "BASIC",
            "character_limit": 0,
            "pinned_time": 0,
        },
        "created_at": "2026-10-05T18:00:01.123456789Z",
    }
    return WireEvent("KicksGifted", f"channel_{CHANNEL_ID}", payload_text(payload))


#: Kinds and their shares, after the volumes of busy channels (September 2025 and 2026).
_MIXTURE: tuple[tuple[Callable[[random.Random], WireEvent], int], ...] = (
    (_chat, 895),
    (_reply, 60),
    (_goal, 20),
    (_kicks, 15),
    (_deletion, 6),
    (_ban, 4),
)


def chat(count: int, seed: int = 7) -> Iterator[WireEvent]:
    """Plain messages, each with an id of its own."""
    chance = random.Random(seed)
    for _ in range(count):
        yield _chat(chance)


def mixed(count: int, seed: int = 7) -> Iterator[WireEvent]:
    """Every kind in its usual share; the first is a plain message."""
    chance = random.Random(seed)
    makers = [maker for maker, _ in _MIXTURE]
    weights = [weight for _, weight in _MIXTURE]
    for index in range(count):
        yield (chance.choices(makers, weights)[0] if index else _chat)(chance)
