"""Shows what arrives, as it arrives, to those who keep it: recordings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

from attrs import frozen

from kick_live.models.channel import Channel

__all__ = ["Arrival", "Tap", "Taps"]

_logger = logging.getLogger(__name__)


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


class Taps:
    """The functions that are shown what arrives.

    Attributes:
        functions: Replaced as a whole, by any thread.
    """

    def __init__(self) -> None:
        self.functions: tuple[Tap, ...] = ()

    def show(self, arrivals: Iterable[Arrival]) -> None:
        """Show them something; an error of one is logged, and the others are shown it all the same.

        Without any function the arrivals are not even made.
        """
        functions = self.functions
        if not functions:
            return
        shown = tuple(arrivals)
        for function in functions:
            try:
                function(shown)
            except Exception:
                _logger.exception("a tap raised")
