"""Events of the library itself, to and from the fields of a line."""

from __future__ import annotations

from typing import Any, Final

import attrs
import msgspec

from kick_live.errors import KickLiveError
from kick_live.events.base import Event
from kick_live.events.lifecycle import (
    Connected,
    Disconnected,
    ErrorOccurred,
    EventsDropped,
    Reconnected,
    Reconnecting,
)
from kick_live.events.prepared import prepare
from kick_live.events.stream import ViewerCount
from kick_live.events.unknown import UnknownEvent
from kick_live.recording.lines import Line

__all__ = ["event_of", "fields_of", "is_recorded"]

_BY_KIND: Final[dict[str, type[Event]]] = {
    cls.kind: cls for cls in (Connected, Disconnected, Reconnecting, Reconnected, ViewerCount)
}
_SHARED: Final = frozenset(field.name for field in attrs.fields(Event))


def is_recorded(event: Event) -> bool:
    """Whether an event is written as a marker.

    What the inbox dropped is not: it never reached the program, but it is in the recording.
    """
    return type(event) in _BY_KIND.values() or isinstance(event, ErrorOccurred)


def fields_of(event: Event) -> dict[str, Any]:
    """An event's own fields, as JSON takes them."""
    if isinstance(event, ErrorOccurred):
        return {"error": str(event.error), "type": type(event.error).__name__}
    names = [field.name for field in attrs.fields(type(event)) if field.name not in _SHARED]
    fields: dict[str, Any] = msgspec.to_builtins({name: getattr(event, name) for name in names})
    return fields


def event_of(line: Line, *, historical: bool = True) -> Event:
    """The event that a marker tells of; an ``UnknownEvent`` for one newer than this library."""
    assert line.at is not None
    if line.lost is not None:
        return EventsDropped(count=line.lost, received_at=line.at, historical=historical)
    kind, fields = line.event or "", line.fields or {}
    event: Event
    if kind == ErrorOccurred.kind:
        event = ErrorOccurred(error=KickLiveError(str(fields.get("error", ""))))
    else:
        try:
            prepare(_BY_KIND[kind])
            event = msgspec.convert(fields, _BY_KIND[kind])
        except (KeyError, msgspec.MsgspecError):
            raw = msgspec.json.encode(fields).decode()
            event = UnknownEvent(name=kind, wire_name=kind, raw=raw)
    return attrs.evolve(event, received_at=line.at, channel=line.channel, historical=historical)
