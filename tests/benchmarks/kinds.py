"""Events of every kind, made of the golden frames, and the mixtures of them that are measured.

Payloads stay as they are, character for character, but for their ids, which are new in each event, so
that none is a double. Left out are shapes that nobody saw or reported, topics that are closed to an
anonymous client, and a part of a gift, the other parts of which are in no frame.
"""

from __future__ import annotations

import functools
import json
import math
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from .events import CHANNEL_ID, CHAT_TOPIC, CHATROOM_ID, WireEvent, payload_text

__all__ = ["MARKER", "MIXTURES", "Template", "kinds", "marker", "mixture"]

#: The text of the message that comes last: what reaches a listener cannot be counted beforehand.
MARKER = "that was all of it"
#: The share of what is neither message nor reply; where there is none, all kinds are alike.
MIXTURES: dict[str, float | None] = {"chat": 0.0, "busy": 0.05, "even": None}

_FRAMES = Path(__file__).parents[1] / "data" / "frames.jsonl"
_SEEN = ("captured-shape", "reported")
_TOPICS = (
    CHAT_TOPIC,
    f"chatrooms.{CHATROOM_ID}",
    f"chatroom_{CHATROOM_ID}",
    f"channel.{CHANNEL_ID}",
    f"channel_{CHANNEL_ID}",
    f"predictions-channel-{CHANNEL_ID}",
)
_CHAT = ("message", "reply")
#: 46,525 of 783,272 messages (September 2025).
_REPLIES = 0.06
#: In characters; a length of 5 to 10 is as frequent as one of 200 to 400.
_LENGTHS = (5, 400)
_SERIAL = 6
_WORDS = (
    *("the", "lantern", "puzzle", "again", "left", "side", "first", "gg", "what", "a", "night"),
    *("@amber_quokka", "https://example.org/a?b=1", "one", "more", "try", "hello", "close"),
    *("[emote:39001:WaveHi]", "[emote:4100777:quokkaClap]", "[emote:4100778:quokkaNoWay]"),
)
#: In a fifth of the messages, since text beyond ASCII takes a parser longer.
_SIGNS = ("おつかれさま", "👍🏽", "¿otra", "última", "vez?", "Çöl")
_BADGES = (
    {"type": "subscriber", "text": "Subscriber", "count": 14, "sort_order": 9},
    {"type": "moderator", "text": "Moderator", "sort_order": 12},
    {"type": "vip", "text": "VIP", "sort_order": 5},
    {"type": "sub_gifter", "text": "Sub Gifter", "count": 25, "sort_order": 8},
)


class Template(NamedTuple):
    """An event, and what finds the ids in its payload."""

    event: WireEvent
    ids: re.Pattern[str]


def mixture(name: str, count: int, seed: int = 7) -> Iterator[WireEvent]:
    """So many events of a mixture, none of them a double; the first is a message."""
    chance = random.Random(seed)
    found = kinds()
    others = [kind for kind in found if kind not in _CHAT]
    share = MIXTURES[name]
    for serial in range(count):
        if not serial:
            kind = "message"
        elif share is None:
            kind = chance.choice(list(found))
        elif chance.random() < share:
            kind = chance.choice(others)
        else:
            kind = "reply" if chance.random() < _REPLIES else "message"
        yield _make(kind, chance, serial)


def marker() -> WireEvent:
    """The message that comes last."""
    event = kinds()["message"][0].event
    payload = json.loads(event.data) | {"content": MARKER}
    return event._replace(data=payload_text(payload))


@functools.cache
def kinds() -> dict[str, list[Template]]:
    """What the golden frames have of each kind, under its label there."""
    found: dict[str, list[Template]] = {}
    for line in _FRAMES.read_text("utf-8").splitlines():
        frame = json.loads(line)
        event = _publication(frame)
        kind = frame["expect"].get("kind")
        # Nobody has seen chat without the prefix, which other libraries do not take.
        if event is None or (kind in _CHAT and "\\" not in event.name):
            continue
        template = Template(event, _id_pattern(json.loads(event.data)))
        found.setdefault(kind, []).append(template)
    return found


def _publication(line: dict[str, Any]) -> WireEvent | None:
    """What a golden line publishes, if it belongs to a mixture."""
    expect = line["expect"]
    if "event" not in expect or expect["evidence"] not in _SEEN or line.get("malformed"):
        return None
    document = json.loads(line["frame"])
    topic = document.get("channel")
    if line["transport"] == "centrifugo":
        topic, document = document["push"]["channel"], document["push"]["pub"]["data"]
    data = document["data"]
    if topic not in _TOPICS or '"chunk_details":{' in data:
        return None
    return WireEvent(document["event"], topic, data)


def _id_pattern(payload: Any) -> re.Pattern[str]:
    ids = sorted(set(_ids("", payload)))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, ids))})\b" if ids else "(?!)")


def _ids(key: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _ids(name, item)
    elif isinstance(value, list):
        for item in value:
            yield from _ids(key, item)
    elif _names_an_id(key) and value not in (None, CHANNEL_ID, CHATROOM_ID):
        text = str(value)
        # Options of a poll and gifts of a catalogue have short ones, which come again.
        if len(text) > _SERIAL and any(map(str.isdigit, text)):
            yield text


def _names_an_id(key: str) -> bool:
    return key != "channel_id" and (key == "id" or key.endswith(("_id", "_ids")))


def _make(kind: str, chance: random.Random, serial: int) -> WireEvent:
    template = chance.choice(kinds()[kind])
    event = template.event
    # Half of them as they are in the golden frames.
    if kind in _CHAT and chance.random() < 0.5:
        event = event._replace(data=_talk(json.loads(event.data), chance))
    number = f"{serial:0{_SERIAL}d}"
    data = template.ids.sub(lambda match: match[0][:-_SERIAL] + number, event.data)
    return event._replace(data=data)


def _talk(payload: dict[str, Any], chance: random.Random) -> str:
    """A message with another text and other badges."""
    payload["content"] = _content(chance)
    payload["sender"]["identity"]["badges"] = chance.sample(_BADGES, chance.choice((0, 0, 1, 2)))
    if payload["type"] == "reply":
        payload["metadata"]["original_message"]["content"] = _content(chance)
    return payload_text(payload)


def _content(chance: random.Random) -> str:
    length = int(math.exp(chance.uniform(*map(math.log, _LENGTHS))))
    words = _WORDS + _SIGNS if chance.random() < 0.2 else _WORDS
    text = ""
    while len(text) < length:
        word = chance.choice(words)
        # Emotes stay whole.
        text += word + " " if len(text) + len(word) < length else "!"
    return text[:length]
