"""Shows on a terminal how far long work is."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Final

from rich.status import Status

from kick_live.cli.console import make_console
from kick_live.cli.running import complain
from kick_live.cli.words import amount
from kick_live.events.base import Event

__all__ = ["Counting", "Fetching"]

#: Events between two looks at the clock.
_STEP: Final = 256
_PAUSE: Final = 0.2
#: Seconds between two lines about the progress where there is no terminal.
_LINE_PAUSE: Final = 10.0


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


class Fetching:
    """Tells how many pictures were looked after; elsewhere than on a terminal by a line now and then.

    Args:
        visible: Whether anything is to be shown at all.
    """

    def __init__(self, *, visible: bool) -> None:
        self._visible = visible
        self._status: Status | None = None
        self._next = time.monotonic() + _LINE_PAUSE

    def __enter__(self) -> Fetching:
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def update(self, done: int, of: int) -> None:
        """Show how far it is."""
        text = f"{done:,} of {amount(of, 'picture')}"
        if self._visible and sys.stderr.isatty():
            if self._status is None:
                # Not before: a terminal shows one such line at a time, and events are read first.
                self._status = Status(text, console=make_console(sys.stderr))
                self._status.start()
            self._status.update(text)
            if done >= of:
                self._status.stop()
        elif self._visible and time.monotonic() >= self._next:
            self._next = time.monotonic() + _LINE_PAUSE
            complain(text)
