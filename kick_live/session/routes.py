"""What the negotiation answered, shared by the connections of one client."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from kick_live.errors import KickLiveError
from kick_live.net.negotiation import Route
from kick_live.protocols.base import Provider

__all__ = ["Routes"]

_FRESH_FOR: Final = 60.0


class Routes:
    """Keeps an answer for a minute, or until a connection that used it failed.

    A thousand channels take 63 sockets, which are opened within seconds. At a request a second, one
    negotiation each would take a minute. May be used by any thread; those that ask while another
    one's request is under way wait for its answer.

    Args:
        clock: Seconds on the monotonic clock.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[tuple[Provider, ...], tuple[Route, float]] = {}
        self._answers = 0
        self._failure: KickLiveError | None = None

    def get(self, accept: tuple[Provider, ...], negotiate: Callable[[], Route]) -> Route:
        """The route for some providers; blocks while it is asked for.

        Args:
            accept: The providers that were offered.
            negotiate: Asks; what it raises is raised for those that wait for it, too, and not
                remembered.
        """
        before = self._answers
        with self._lock:
            route, until = self._known.get(accept, (None, 0.0))
            if route is None or self._clock() >= until:
                if self._answers != before and self._failure is not None:
                    # One that hangs would be waited for by one after the other.
                    raise self._failure.with_traceback(None)
                try:
                    route = negotiate()
                    self._failure = None
                except KickLiveError as error:
                    self._failure = error
                    raise
                finally:
                    self._answers += 1
                self._known[accept] = (route, self._clock() + _FRESH_FOR)
            return route

    def forget(self) -> None:
        """Ask again next time."""
        # Without the lock, which is held during a request.
        self._known = {}
