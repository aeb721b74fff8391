"""How fast requests may follow each other, host by host."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Final

__all__ = ["Pace", "full_jitter", "parse_retry_after"]

#: The longest that a host's Retry-After is remembered, whatever it says.
_LONGEST_PAUSE: Final = 3600.0
#: The longest that is told, in seconds: a wait of centuries overflows the system's clock.
_DAY: Final = 86400.0


class Pace:
    """Hands out the times at which requests to a host may start.

    Args:
        min_interval: Seconds between two paced requests to one host.
        clock: A monotonic clock.
    """

    def __init__(self, min_interval: float, clock: Callable[[], float]) -> None:
        self._min_interval = min_interval
        self._clock = clock
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}
        self._pauses: dict[str, float] = {}

    def reserve(self, host: str) -> float:
        """Take the next free place; returns the seconds until it."""
        with self._lock:
            now = self._clock()
            start = max(now, self._next.get(host, now), self._pauses.get(host, now))
            self._next[host] = start + self._min_interval
            return start - now

    def pause(self, host: str, seconds: float) -> None:
        """Let no request to a host start for some seconds; a longer pause stays."""
        with self._lock:
            until = self._clock() + min(seconds, _LONGEST_PAUSE)
            self._pauses[host] = max(until, self._pauses.get(host, until))

    def paused_for(self, host: str) -> float:
        """Seconds that a pause still lasts, or 0."""
        with self._lock:
            now = self._clock()
            return max(0.0, self._pauses.get(host, now) - now)


def full_jitter(attempt: int, random: Callable[[], float]) -> float:
    """Seconds to wait before a retry: anything up to a limit that doubles from 1 to 16.

    Args:
        attempt: 0 before the first retry.
        random: Returns a number from 0 to 1.
    """
    return random() * min(16.0, 2.0**attempt)


def parse_retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Read a Retry-After header: seconds, or an HTTP date.

    Args:
        value: The header, or ``None`` where there is none.
        now: The wall clock; the current time if not given.

    Returns:
        Seconds from now, never negative and a day at most; ``None`` for a missing or unreadable
        header.

    Example:
        >>> parse_retry_after("7")
        7.0
    """
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:12]), _DAY)
    try:
        date = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=timezone.utc)
    seconds = (date - (now or datetime.now(timezone.utc))).total_seconds()
    return min(max(0.0, seconds), _DAY)
