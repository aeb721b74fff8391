"""What the library itself has to tell."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from kick_live.events import lifecycle, unknown
from kick_live.testing.defaults.base import (
    Defaults,
    Fields,
    Moment,
)

__all__ = ["DEFAULTS"]


def _lost(at: Moment) -> Fields:
    channels = (at.channel,)
    return {"reason": "the line broke", "channels": channels, "code": 1006, "will_reconnect": True}


DEFAULTS: Final[Defaults] = {
    lifecycle.Connected: lambda at: {"channels": (at.channel,), "transport": "centrifugo"},
    lifecycle.Disconnected: _lost,
    lifecycle.Reconnecting: lambda at: {
        "attempt": 1,
        "delay": timedelta(seconds=1.5),
        "channels": (at.channel,),
    },
    lifecycle.Reconnected: lambda at: {
        "gap": timedelta(seconds=4),
        "recovered": 3,
        "complete": True,
    },
    lifecycle.EventsDropped: lambda at: {"count": 3},
    lifecycle.ErrorOccurred: lambda at: {"error": RuntimeError("viewer counts are not available")},
    unknown.UnknownEvent: lambda at: {
        "name": "MoonPhaseChangedEvent",
        "wire_name": "App\\Events\\MoonPhaseChangedEvent",
        "raw": '{"phase":"full"}',
    },
    unknown.UndecodableEvent: lambda at: {
        "name": "ChatMessageEvent",
        "wire_name": "App\\Events\\ChatMessageEvent",
        "error": "Object missing required field `id`",
        "raw": '{"content":"hello"}',
    },
}
