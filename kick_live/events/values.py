"""From an event to JSON values, and to a line of JSON."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any, Final

from kick_live.events.base import Event
from kick_live.events.lifecycle import ErrorOccurred
from kick_live.events.unknown import UndecodableEvent, UnknownEvent
from kick_live.models.base import field_names

__all__ = ["dump", "event_values", "to_json"]

#: What may stand in JSON but not on a terminal; outside of texts JSON has none of it.
_UNSAFE: Final = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)


def to_json(event: Event) -> str:
    r"""An event as one line of JSON, safe to show in a terminal without losing a character.

    Its keys: ``type`` (the event's kind), ``channel`` (the slug or null), ``received_at``,
    ``historical``, ``topic``, then the event's own fields by their names in Python. A field that is
    itself named ``type`` is written as ``subtype``. Times are ISO 8601 with their zone, durations
    numbers of seconds.

    Example:
        >>> from kick_live import EventsDropped
        >>> to_json(EventsDropped(count=3, received_at=datetime(2026, 10, 1)))[:52]
        '{"type": "events_dropped", "channel": null, "receive'
    """
    return dump(event_values(event))


def dump(values: dict[str, Any]) -> str:
    """A dictionary as one line of JSON that is safe to show in a terminal."""
    text = json.dumps(values, ensure_ascii=False)
    return _UNSAFE.sub(lambda match: json.dumps(match[0])[1:-1], text)


def event_values(event: Event) -> dict[str, Any]:
    """An event as JSON values; see ``to_json``."""
    values: dict[str, Any] = {
        "type": event.kind,
        "channel": event.channel.slug if event.channel is not None else None,
        "received_at": event.received_at.isoformat(),
        "historical": event.historical,
        "topic": event.topic,
    }
    for name in field_names(event):
        key = "subtype" if name == "type" else name
        if key not in values and key != "raw":
            values[key] = _plain(getattr(event, name))
    if isinstance(event, UnknownEvent):
        values["data"] = event.data
    elif isinstance(event, UndecodableEvent):
        values["raw"] = event.raw
    elif isinstance(event, ErrorOccurred):
        values["error_type"] = type(event.error).__name__
    return values


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Event):
        return event_values(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
        return int(seconds) if seconds.is_integer() else seconds
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if names := field_names(value):
        return {name: _plain(getattr(value, name)) for name in names}
    return str(value)
