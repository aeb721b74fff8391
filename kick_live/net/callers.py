"""Those who share an API, each of whom can end its own requests."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from types import TracebackType

from kick_live.errors import APIError
from kick_live.latch import Latch

__all__ = ["Caller", "Callers"]


class Caller:
    """One of those who share an API, such as a client.

    Made by ``KickAPI.caller``. What a thread asks of the API inside the context counts as asked by
    this caller; ``close`` ends it without disturbing anybody else. The context may be entered by
    several threads, and again inside itself.

    Attributes:
        retrying: The failure after which a request of this caller waits to be repeated, or because
            of which it has not been sent yet; ``None`` otherwise.
    """

    def __init__(self, callers: Callers) -> None:
        self._callers = callers
        self._closed = Latch()
        self.retrying: APIError | None = None

    def __enter__(self) -> Caller:
        self._callers.enter(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._callers.leave()

    @property
    def closed(self) -> bool:
        """Whether ``close`` has been called, or the API was closed."""
        return self._closed.is_set()

    def wait(self, seconds: float) -> bool:
        """Block until it is closed, or some seconds have passed; tells whether it is closed."""
        return self._closed.wait(seconds)

    def close(self) -> None:
        """End this caller's requests at once, and refuse later ones with ``ClientClosed``.

        Does not block; may be repeated and called from any thread. The API stays open.
        """
        self._closed.set()
        self._callers.end(self)


class Callers:
    """Who calls, thread by thread.

    Args:
        end: Called with a caller that was closed, to end what it waits for.
    """

    def __init__(self, end: Callable[[Caller], None]) -> None:
        self.end = end
        self._here = threading.local()
        self._lock = threading.RLock()
        self._known: weakref.WeakSet[Caller] = weakref.WeakSet()
        self._default = self.new()

    def new(self) -> Caller:
        """One more caller."""
        caller = Caller(self)
        with self._lock:
            self._known.add(caller)
        return caller

    def close(self) -> None:
        """Close every caller, and the one for threads that have named none."""
        with self._lock:
            known = list(self._known)
        for caller in known:
            caller.close()

    def current(self) -> Caller:
        """For whom the calling thread asks."""
        stack = self._stack()
        return stack[-1] if stack else self._default

    def enter(self, caller: Caller) -> None:
        """The calling thread begins to ask for somebody."""
        self._stack().append(caller)

    def leave(self) -> None:
        """It does not any more."""
        self._stack().pop()

    def _stack(self) -> list[Caller]:
        stack: list[Caller] | None = getattr(self._here, "stack", None)
        if stack is None:
            stack = self._here.stack = []
        return stack
