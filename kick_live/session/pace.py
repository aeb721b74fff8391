"""Spreads what many would do at once."""

from __future__ import annotations

import threading

__all__ = ["Pace"]


class Pace:
    """Gives out turns: a few at once, then one at a time.

    A thousand channels take 63 sockets, and all of them are lost when a router restarts; a server
    that sees them come back in the same second may take it for an attack. May be used by any thread.

    Args:
        at_once: How many turns may follow each other without a wait.
        interval: Seconds between turns after that.

    Example:
        >>> pace = Pace(at_once=2, interval=0.25)
        >>> [pace.wait(now=8.0) for _ in range(4)]
        [0.0, 0.0, 0.25, 0.5]
        >>> pace.wait(now=60.0)
        0.0
    """

    def __init__(self, at_once: int, interval: float) -> None:
        self._interval = interval
        self._ahead = (at_once - 1) * interval
        self._free_at = 0.0
        self._lock = threading.Lock()

    def wait(self, now: float) -> float:
        """Take a turn.

        Args:
            now: Seconds on the monotonic clock.

        Returns:
            Seconds until the turn comes.
        """
        with self._lock:
            turn = max(now, self._free_at - self._ahead)
            self._free_at = max(now, self._free_at) + self._interval
            return turn - now
