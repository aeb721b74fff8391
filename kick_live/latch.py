"""What a signal's handler may use while it interrupts anything, itself included."""

from __future__ import annotations

import threading
import time
from typing import Final

__all__ = ["Latch", "is_held"]

#: Seconds. A handler may set a latch between a look at it and the wait for it.
_SLICE: Final = 0.5


class Latch:
    """A flag that is set once, and can be waited for.

    ``threading.Event`` holds a lock in ``set`` that its own thread cannot take again, so a handler that
    sets one in the middle of that waits for itself.

    Example:
        >>> latch = Latch()
        >>> latch.wait(0.0)
        False
        >>> latch.set()
        >>> latch.is_set(), latch.wait(60.0)
        (True, True)
    """

    def __init__(self) -> None:
        # Taken by itself: Ctrl-C inside the methods of a condition would leave it locked.
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._is_set = False

    def is_set(self) -> bool:
        """Whether it was set."""
        return self._is_set

    def set(self) -> None:
        """Set it, and wake who waits."""
        self._is_set = True
        with self._lock:
            self._changed.notify_all()

    def wait(self, timeout: float) -> bool:
        """Block until it is set, or some seconds have passed; tells whether it is set."""
        deadline = time.monotonic() + timeout
        with self._lock:
            while not self._is_set and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(min(left, _SLICE))
        return self._is_set


def is_held(condition: threading.Condition) -> bool:
    """Whether the calling thread holds a condition's lock, as a handler finds that interrupted it there.

    Example:
        >>> changed = threading.Condition()
        >>> is_held(changed)
        False
        >>> with changed:
        ...     is_held(changed)
        True
    """
    try:
        condition.notify(0)
    except RuntimeError:
        return False
    return True
