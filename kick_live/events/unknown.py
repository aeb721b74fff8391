"""What this library does not know, or could not read."""

from __future__ import annotations

from typing import Any, ClassVar

from attrs import frozen

from kick_live.events.base import Event
from kick_live.events.tolerant import ConversionError, parse_json

__all__ = ["UndecodableEvent", "UnknownEvent"]


@frozen(kw_only=True, eq=False, repr=False)
class UnknownEvent(Event):
    """An event that is newer than this library, or not worth a class.

    Attributes:
        name: Kick's name for it, without namespace.
        wire_name: The name as received.

    Example:
        >>> from kick_live import decode
        >>> event = decode("MoonPhaseChangedEvent", '{"phase": "full"}')
        >>> event.name, event.data
        ('MoonPhaseChangedEvent', {'phase': 'full'})
    """

    kind: ClassVar[str] = "unknown_event"

    name: str
    wire_name: str = ""

    @property
    def data(self) -> Any:
        """The payload as JSON values, or the text itself if it is not JSON; parsed on each access."""
        try:
            return parse_json(self.raw)
        except ConversionError:
            return self.raw


@frozen(kw_only=True, eq=False, repr=False)
class UndecodableEvent(Event):
    """An event of a known kind that lacks a required part, or is not JSON.

    Attributes:
        name: Kick's name for it, without namespace.
        error: What is wrong, as "what @ $.path".
        wire_name: The name as received.
    """

    kind: ClassVar[str] = "undecodable_event"

    name: str
    error: str
    wire_name: str = ""
