"""How Kick writes things down: times, slugs, ids, JSON."""

from __future__ import annotations

import json
import random
import uuid
import zlib
from datetime import datetime, timezone
from typing import Any, Final

__all__ = [
    "Ids",
    "colour_of",
    "encode_payload",
    "microseconds",
    "milliseconds",
    "nanoseconds",
    "seconds",
    "seconds_z",
    "site_time",
    "slug_of",
    "utc_now",
]

_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_COLOURS: Final = (
    "#FFD899",
    "#E26EFF",
    "#31D6C2",
    "#BC66FF",
    "#00F1FF",
    "#93EBE0",
    "#FBCFD8",
    "#75FD46",
    "#FF9D00",
    "#E9113C",
)

#: Written by a serialiser that escapes everything beyond ASCII (27 September 2026).
_ASCII_EVENTS: Final = ("PollUpdateEvent", "PinnedMessageCreatedEvent")


def utc_now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(timezone.utc)


def seconds(when: datetime) -> str:
    """Chat, pins, bans: ``2026-09-27T16:11:55+00:00``."""
    return when.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def seconds_z(when: datetime) -> str:
    """Settings: ``2026-09-27T16:11:55Z``."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def microseconds(when: datetime) -> str:
    """Live, hosts, predictions, history: six digits and ``Z``."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def nanoseconds(when: datetime, rest: int) -> str:
    """Kicks and goals: up to nine digits, without trailing zeros, and ``Z``."""
    digits = f"{when.microsecond:06d}{rest % 1000:03d}".rstrip("0")
    return when.strftime("%Y-%m-%dT%H:%M:%S") + (f".{digits}" if digits else "") + "Z"


def site_time(when: datetime) -> str:
    """Livestreams in the channel object: UTC without a zone."""
    return when.strftime("%Y-%m-%d %H:%M:%S")


def milliseconds(when: datetime) -> int:
    """Milliseconds since 1970."""
    return int(when.timestamp() * 1000)


def slug_of(username: str) -> str:
    """The usual slug of a name.

    Example:
        >>> slug_of("Maple_Harbor")
        'maple-harbor'
    """
    return username.lower().lstrip("@").replace("_", "-")


def colour_of(username: str) -> str:
    """A colour that stays with a name."""
    return _COLOURS[zlib.crc32(username.encode()) % len(_COLOURS)]


def encode_payload(event: str, payload: Any) -> str:
    r"""Write a payload the way the service behind this event does.

    PHP-born events, which carry a namespace, escape slashes; two of them escape all but ASCII.

    Example:
        >>> encode_payload("KicksGifted", {"a": "x/y"})
        '{"a":"x/y"}'
    """
    if isinstance(payload, str):
        return payload
    ascii_only = event.endswith(_ASCII_EVENTS)
    text = json.dumps(payload, ensure_ascii=ascii_only, separators=(",", ":"))
    if any("\ud800" <= character <= "\udfff" for character in text):
        text = json.dumps(payload, separators=(",", ":"))  # half a pair fits into no UTF-8
    return text.replace("/", "\\/") if "\\" in event else text


class Ids:
    """Invents identifiers.

    Args:
        seed: With a seed the same identifiers come in the same order; without one they are unique.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed) if seed is not None else random.SystemRandom()  # nosec B311  # no secret

    def uuid(self) -> str:
        """A random UUID."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def ulid(self, prefix: str) -> str:
        """An identifier such as ``chgoal_0198NQ...``."""
        return prefix + "01" + "".join(self._random.choice(_CROCKFORD) for _ in range(24))

    def digits(self) -> str:
        """A correlation id."""
        return str(self._random.randrange(7 * 10**14, 8 * 10**14))

    def number(self, limit: int) -> int:
        """A number below the limit."""
        return self._random.randrange(limit)
