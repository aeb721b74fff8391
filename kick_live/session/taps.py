"""Shows what arrives, as it arrives, to those who keep it: recordings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeAlias

from attrs import frozen

from kick_live.models.channel import Channel

__all__ = ["Arrival", "Tap"]


@frozen(kw_only=True)
class Arrival:
    """A payload as it arrived, before repetitions are removed and gifts merged.

    Attributes:
        received_at: When, in UTC.
        channel: Whose; ``None`` where that could not be told.
        topic: On which topic; ``None`` for what came from history.
        name: Kick's name for the event.
        raw: The payload's text.
        historical: Whether it was read from history.
    """

    received_at: datetime
    channel: Channel | None
    topic: str | None
    name: str
    raw: str
    historical: bool = False


#: Called on a background thread with what arrived together; must be quick and must not raise.
Tap: TypeAlias = Callable[[Sequence[Arrival]], object]
