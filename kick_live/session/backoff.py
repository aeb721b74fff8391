"""How long to wait before the next attempt, such that no server can fool it."""

from __future__ import annotations

import random as _random
from collections import deque
from collections.abc import Callable
from typing import Final

__all__ = ["Backoff"]

_STABLE_AFTER: Final = 60.0
_LEAST: Final = 1.0
_MOST: Final = 30.0
_FIRST_CEILING: Final = 3.0
_WINDOW: Final = 600.0
_MOST_IN_WINDOW: Final = 30
#: So many attempts may come as they like; the others share what is left of the window.
_FREE: Final = 10


class Backoff:
    """Full-jitter waits between 1 and 30 s, over a ceiling that doubles.

    Only a connection that lived for a minute resets it: one that is accepted, even acknowledged, and
    then closed does not. Moreover at most 30 attempts fit into 10 minutes, the last 20 of them spread
    over what is left, and two are never closer than a second.

    Args:
        random: Returns numbers from 0 to 1.

    Example:
        >>> backoff = Backoff(random=lambda: 1.0)
        >>> backoff.attempted(now=0.0)
        >>> [backoff.delay(now=0.0) for _ in range(5)]
        [3.0, 6.0, 12.0, 24.0, 30.0]
    """

    def __init__(self, random: Callable[[], float] = _random.random) -> None:
        self._random = random
        self._ceiling = _FIRST_CEILING
        self._attempts: deque[float] = deque(maxlen=_MOST_IN_WINDOW)
        self.failures = 0

    def attempted(self, now: float) -> None:
        """An attempt to connect begins."""
        self._attempts.append(now)

    def lived(self, seconds: float) -> None:
        """A connection was subscribed for so long before it was lost."""
        if seconds >= _STABLE_AFTER:
            self._ceiling = _FIRST_CEILING
            self.failures = 0

    def delay(self, now: float, *, at_once: bool = False, least: float = 0.0) -> float:
        """The wait before the next attempt, in seconds.

        Args:
            now: Seconds on the monotonic clock.
            at_once: The server asked to come back at once; granted to the first failure only.
            least: A lower bound that somebody else asks for.
        """
        self.failures += 1
        if at_once and self.failures == 1:
            wait = 0.0
        else:
            wait = _LEAST + (self._ceiling - _LEAST) * self._random()
            self._ceiling = min(_MOST, self._ceiling * 2)
        if self._attempts:
            wait = max(wait, self._attempts[-1] + _LEAST - now)
        recent = [at for at in self._attempts if at > now - _WINDOW]
        if len(recent) >= _FREE:
            left = max(1, _MOST_IN_WINDOW - len(recent))
            wait = max(wait, (recent[0] + _WINDOW - now) / left)
        return max(wait, least)
