"""Shows on a terminal how far long work is."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Final

from rich.status import Status

from kick_live.cli.output import make_console
from kick_live.cli.words import amount
from kick_live.events.base import Event

__all__ = ["Counting"]

#: Events between two looks at the clock.
_STEP: Final = 256
_PAUSE: Final = 0.2


class Counting:
    """Counts events as they are read; elsewhere than on a terminal it says nothing.

    Args:
        visible: Whether anything is to be shown at all.
    """

    def __init__(self, *, visible: bool) -> None:
        self._status: Status | None = None
        self._next = 0.0
        if visible and sys.stderr.isatty():
            self._status = Status("reading", console=make_console(sys.stderr))

    def __enter__(self) -> Counting:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def update(self, number: int, noun: str = "event") -> None:
        """Show a number, unless one was shown a moment ago."""
        now = time.monotonic()
        if self._status is not None and now >= self._next:
            self._next = now + _PAUSE
            self._status.update(f"{amount(number, noun)} read")

    def count(self, events: Iterable[Event]) -> Iterator[Event]:
        """Pass events on, and show how many there were."""
        for number, event in enumerate(events):
            if number % _STEP == 0:
                self.update(number)
            yield event
