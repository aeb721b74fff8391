"""Puts events into a protocol's envelope and that into a WebSocket frame, ready to be sent."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable

from .events import WireEvent

__all__ = ["envelope", "frame", "frames"]


def frame(payload: bytes, opcode: int = 0x1) -> bytes:
    """A server's frame: whole and unmasked (RFC 6455, section 5.2)."""
    first = 0x80 | opcode
    if len(payload) < 126:
        return struct.pack("!BB", first, len(payload)) + payload
    if len(payload) < 1 << 16:
        return struct.pack("!BBH", first, 126, len(payload)) + payload
    return struct.pack("!BBQ", first, 127, len(payload)) + payload


def envelope(event: WireEvent, protocol: str) -> str:
    """An event as ``pusher`` or ``centrifugo`` sends it."""
    if protocol == "pusher":
        document = {"event": event.name, "data": event.data, "channel": event.topic}
    else:
        data = {"event": event.name, "data": event.data}
        document = {"push": {"channel": event.topic, "pub": {"data": data}}}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def frames(events: Iterable[WireEvent], protocol: str) -> list[bytes]:
    """The frames of some events, one each."""
    return [frame(envelope(event, protocol).encode()) for event in events]
