"""Writes evening.jsonl.gz, the recording that the example notebooks analyse.

Everything in it is invented: the streamer, the people, what they say. The same seed gives the same
evening, so the file can be made again: python make_evening.py
"""

from __future__ import annotations

import gzip
import json
import math
import random
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

MINUTES = 90
START = datetime(2026, 10, 5, 18, 0, tzinfo=timezone.utc)
CHANNEL = {"slug": "amber-quokka", "channel_id": 7733190, "chatroom_id": 7712045}
ROOM = "chatrooms.7712045.v2"
#: Minute, what happens, and how many messages a minute it adds at first.
MOMENTS = {22: ("gift", 30), 47: ("host", 55), 70: ("kicks", 20), 84: ("gift", 25)}

SYLLABLES = ("amber", "birch", "cedar", "dune", "ember", "fern", "gale", "hazel", "iris", "juniper")
ENDINGS = ("_fox", "_owl", "wind", "_moss", "pine", "_wren")
EMOTES = (
    ("4100777", "quokkaClap"),
    ("4100778", "quokkaNoWay"),
    ("39001", "WaveHi"),
    ("4100779", "quokkaLaugh"),
    ("4100780", "quokkaSleep"),
)
LINES = (
    "that jump was perfect",
    "the lantern is still on the left",
    "which mountain is this?",
    "best route so far",
    "take the harbour path",
    "I love this soundtrack",
    "one more round please",
    "the bridge is out again",
    "hello from the night shift",
    "that boss has no chance",
    "save before the bridge",
    "what a lantern, what a route",
    "the storm is coming back",
    "slow and steady wins the mountain",
)


def colour(chance: random.Random) -> str:
    """A colour for a name."""
    return f"#{chance.randrange(0x1000000):06X}"


def people(chance: random.Random) -> list[dict[str, Any]]:
    """Sixty people; some wear badges."""
    found = []
    for number, name in enumerate(a + b for a in SYLLABLES for b in ENDINGS):
        badges = []
        if number % 5 == 0:
            badges.append({"type": "subscriber", "text": "Subscriber", "count": 1 + number % 24})
        if number == 7:
            badges.append({"type": "moderator", "text": "Moderator"})
        found.append(
            {
                "id": 41190272 + 7 * number,
                "username": name,
                "slug": name.replace("_", "-"),
                "identity": {"color": colour(chance), "badges": badges},
            }
        )
    chance.shuffle(found)
    return found


def pace(minute: int) -> float:
    """Messages a minute: it swells and ebbs, and jumps when something happens."""
    calm = 9 + 4 * math.sin(minute / 14)
    return calm + sum(
        extra * math.exp(-(minute - at) / 3) for at, (_, extra) in MOMENTS.items() if minute >= at
    )


def saying(chance: random.Random, minute: int) -> str:
    """What somebody writes; more emotes while something is happening."""
    excited = pace(minute) > 20
    if chance.random() < (0.6 if excited else 0.2):
        id, name = chance.choices(EMOTES, (8, 5, 3, 4, 1))[0]
        return f"[emote:{id}:{name}]" * chance.choice((1, 1, 2, 3))
    return chance.choice(LINES)


class Evening:
    """Makes the lines of the recording."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.people = people(self.chance)
        self.weights = [1 / (1 + place) for place in range(len(self.people))]
        self.said: list[tuple[str, dict[str, Any]]] = []

    def id(self) -> str:
        """An id that the seed decides."""
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def lines(self) -> Iterator[dict[str, Any]]:
        """The whole recording."""
        yield {"kick_live_recording": 1, "created_at": stamp(START), "library": "an example"}
        for minute in range(MINUTES):
            begin = START + timedelta(minutes=minute)
            number = max(0, round(pace(minute) * self.chance.gauss(1, 0.2)))
            moments = sorted(self.chance.uniform(0, 59.9) for _ in range(number))
            if minute in MOMENTS:
                yield self.moment(MOMENTS[minute][0], begin)
            for second in moments:
                yield self.message(begin + timedelta(seconds=second), minute)
            if minute % 13 == 6:
                yield from self.moderation(begin + timedelta(seconds=59.95))

    def line(self, when: datetime, name: str, payload: Any, topic: str = ROOM) -> dict[str, Any]:
        """One payload as it arrived."""
        return {
            "at": stamp(when),
            "channel": CHANNEL,
            "topic": topic,
            "name": name,
            "raw": json.dumps(payload, separators=(",", ":")),
        }

    def message(self, when: datetime, minute: int) -> dict[str, Any]:
        """Somebody writes something."""
        sender = self.chance.choices(self.people, self.weights)[0]
        message_id = self.id()
        payload = {
            "id": message_id,
            "chatroom_id": CHANNEL["chatroom_id"],
            "content": saying(self.chance, minute),
            "type": "message",
            "created_at": when.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
            "sender": sender,
        }
        self.said.append((message_id, sender))
        return self.line(when, "App\\Events\\ChatMessageEvent", payload)

    def moment(self, kind: str, when: datetime) -> dict[str, Any]:
        """Something that the chat notices."""
        if kind == "host":
            host = {"host_username": "tidal_tom", "number_viewers": 310, "optional_message": ""}
            return self.line(when, "App\\Events\\StreamHostEvent", host)
        if kind == "kicks":
            gift = {"gift_id": "full_send", "name": "Full Send", "amount": 100, "type": "BASIC"}
            kicks = {"gift_transaction_id": self.id(), "sender": self.people[3], "gift": gift}
            return self.line(when, "KicksGifted", kicks, "channel_7733190")
        names = [person["username"] for person in self.chance.sample(self.people, 10)]
        gift = {"gifter_username": "tall_cedar", "gifted_usernames": names, "gifted_total": 10}
        return self.line(when, "GiftedSubscriptionsEvent", gift, "chatroom_7712045")

    def moderation(self, when: datetime) -> Iterator[dict[str, Any]]:
        """A message is deleted, and its author has to pause."""
        message_id, sender = self.chance.choice(self.said[-30:])
        automatic = self.chance.random() < 0.5
        deleted = {
            "id": self.id(),
            "message": {"id": message_id},
            "aiModerated": automatic,
            "violatedRules": ["is_spam-TRUE"] if automatic else [],
        }
        yield self.line(when, "App\\Events\\MessageDeletedEvent", deleted)
        if not automatic:
            user = {key: sender[key] for key in ("id", "username", "slug")}
            by = {"id": 41190001, "username": "gate_heron", "slug": "gate-heron"}
            banned = {"id": self.id(), "user": user, "banned_by": by, "permanent": False}
            later = when + timedelta(milliseconds=20)
            yield self.line(later, "App\\Events\\UserBannedEvent", {**banned, "duration": 5})


def stamp(when: datetime) -> str:
    """A time as recordings have it."""
    return when.isoformat(timespec="microseconds")


def main() -> None:
    """Write the file beside this one."""
    lines = [json.dumps(line, separators=(",", ":")) for line in Evening(seed=5).lines()]
    packed = gzip.compress("".join(line + "\n" for line in lines).encode(), 9, mtime=0)
    Path(__file__).with_name("evening.jsonl.gz").write_bytes(packed)


if __name__ == "__main__":
    main()
