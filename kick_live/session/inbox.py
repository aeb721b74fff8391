"""The bounded hand-over from the connections' threads to the caller's thread."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Literal, TypeAlias

from attrs import frozen

from kick_live.events.base import Event
from kick_live.events.lifecycle import EventsDropped, LifecycleEvent
from kick_live.session.process import check_process
from kick_live.session.selector import Selector
from kick_live.session.wake import Wake

__all__ = ["Inbox", "InboxCounts", "Overflow"]

Overflow: TypeAlias = Literal["drop_oldest", "drop_newest", "block"]

# Seconds. A wait cannot be interrupted by Ctrl-C on Windows, so it is cut into slices there. Elsewhere a
# signal that comes in the last microsecond and a half before a wait is not seen by it (November 2026);
# and signals come just then, from who reacts to what the program has said of the last event.
_SLICE: Final = 0.2 if sys.platform == "win32" else 60.0
_FIRST_SLICE: Final = min(_SLICE, 1.0)


@frozen
class InboxCounts:
    """What went through the inbox; ``received == delivered + dropped + queued`` at any time.

    Lifecycle events are not counted.
    """

    received: int
    delivered: int
    dropped: int
    queued: int


class Inbox:
    """A queue of events with a limit and an honest account of what it drops.

    Lifecycle events are never dropped and do not count against the limit. Any number of threads may
    put; one thread should get, since two would share what comes.

    A getting thread waits for the system, not for a lock, though that is a call more: who releases a
    lock goes on holding Python's own (GIL), so that the woken thread runs into it and sleeps once more,
    while a write to the system lets go of it. That is a tenth of the CPU time and of the delay of an
    event that comes alone (November 2026).

    Args:
        limit: The most events that wait.
        overflow: What happens beyond that: drop the oldest, drop the newest, or take no more (the
            sender keeps what was not taken).
        on_room: Called, in the getting thread, when a full queue has room again.
    """

    def __init__(
        self,
        limit: int = 100_000,
        overflow: Overflow = "drop_oldest",
        on_room: Callable[[], None] | None = None,
    ) -> None:
        self._limit = limit
        self._overflow = overflow
        self._on_room = on_room
        # A signal's handler may close the client in the middle of ``get``.
        self._lock = threading.RLock()
        self._wake = Wake()
        self._selector: Selector | None = None
        self._waiting = 0
        self._process = os.getpid()
        self._events: deque[Event] = deque()
        self._queued = 0
        self._received = 0
        self._delivered = 0
        self._dropped = 0
        self._unannounced = 0
        self._refused = False
        self._ended = False
        self._error: BaseException | None = None

    def put(self, events: Sequence[Event], *, lifecycle: bool = True) -> Sequence[Event]:
        """Hand events over in one go.

        Args:
            events: In order.
            lifecycle: Whether there may be lifecycle events among them.

        Returns:
            Those that were not taken; always none unless ``overflow`` is ``"block"``.
        """
        if not events:
            return events
        with self._lock:
            if self._queued + len(events) <= self._limit and not self._ended:
                special = lifecycle and sum(isinstance(event, LifecycleEvent) for event in events)
                self._events.extend(events)
                self._queued += len(events) - special
                self._received += len(events) - special
                rest: Sequence[Event] = ()
            else:
                rest = self._put_one_by_one(events)
        # Without the lock, which is what the woken thread asks for first.
        if self._waiting:
            self._wake.set()
        return rest

    def _put_one_by_one(self, events: Sequence[Event]) -> Sequence[Event]:
        for index, event in enumerate(events):
            if isinstance(event, LifecycleEvent):
                self._events.append(event)
                continue
            if self._queued >= self._limit:
                if self._overflow == "block" and not self._ended:
                    self._refused = True
                    return events[index:]
                self._received += 1
                self._dropped += 1
                self._unannounced += 1
                if self._overflow != "drop_oldest":
                    continue
                self._remove_oldest()
            else:
                self._received += 1
                self._queued += 1
            self._events.append(event)
        return ()

    def _remove_oldest(self) -> None:
        kept = []
        while isinstance(self._events[0], LifecycleEvent):
            kept.append(self._events.popleft())
        self._events.popleft()
        self._events.extendleft(reversed(kept))

    def end(self, error: BaseException | None = None) -> None:
        """Nothing more will come; what waits can still be got. The first error counts."""
        with self._lock:
            self._ended = True
            self._error = self._error or error
        self._let_go()

    def _let_go(self) -> None:
        """At the end: wake who still waits, and whoever leaves last closes behind it."""
        if self._waiting:
            self._wake.set()
        else:
            self._wake.close()

    @property
    def ended(self) -> bool:
        """Whether nothing more will come and nothing waits."""
        with self._lock:
            return self._ended and not self._events and not self._unannounced

    @property
    def error(self) -> BaseException | None:
        """Why it ended, or ``None``."""
        return self._error

    def get(self, timeout: float | None) -> list[Event]:
        """Take what waits; blocks until there is something.

        Args:
            timeout: The longest wait in seconds; ``None`` for no limit.

        Returns:
            All waiting events; none after the time-out, and at the end.

        Raises:
            ClientClosed: The process was forked since; the senders stayed behind.
        """
        check_process(self._process)
        deadline = None if timeout is None else time.monotonic() + timeout
        rest: deque[Event] = deque()
        waited = 0
        slice_ = _FIRST_SLICE
        try:
            while True:
                now = 0.0 if deadline is None else time.monotonic()
                # Nothing in here is a call, at which Python would let a signal's handler in (3.10 does
                # so anywhere): one that closes the client wants a lock whose holder may want this one.
                with self._lock:
                    self._waiting -= waited
                    waited = 0
                    if self._events or self._unannounced or self._ended:
                        taken, self._events = self._events, rest
                        queued, self._queued = self._queued, 0
                        self._delivered += queued
                        lost, self._unannounced = self._unannounced, 0
                        refused, self._refused = self._refused, False
                        break
                    if deadline is not None and now >= deadline:
                        return []
                    self._waiting += 1
                    waited = 1
                self._wait(slice_ if deadline is None else min(deadline - now, slice_))
                slice_ = _SLICE
        except BaseException:
            # Ctrl-C, or a handler that closes the client and ends the program.
            with self._lock:
                self._waiting -= waited
            if self._ended:
                self._let_go()
            elif self._waiting:
                self._wake.set()  # in place of a wake-up that this thread may have cleared
            raise
        if self._ended:
            self._let_go()
        try:
            events = list(taken)
            if lost:
                # What was dropped stood before the rest, or came after it.
                place = 0 if self._overflow == "drop_oldest" else len(events)
                events.insert(place, EventsDropped(count=lost))
            if refused and self._on_room is not None:
                self._on_room()
        except BaseException:
            # Ctrl-C: what was taken is for the next call, which asks for more then.
            with self._lock:
                self._events.extendleft(reversed(taken))
                self._queued += queued
                self._delivered -= queued
                self._unannounced += lost
                self._refused = refused or self._refused
            raise
        return events

    def _wait(self, seconds: float) -> None:
        """Wait until there is something to look at, or perhaps in vain."""
        if self._ended:  # by a signal's handler, before it was known that somebody waits
            return
        # Two threads cannot wait with one; and a selector belongs to the thread that made it, in gevent.
        if self._waiting > 1:
            selector = Selector(self._wake)
        elif self._selector is None:
            selector = self._selector = Selector(self._wake)
        else:
            selector = self._selector
        if selector.wait(seconds):
            self._wake.clear()

    @property
    def counts(self) -> InboxCounts:
        """A consistent account."""
        with self._lock:
            received, delivered = self._received, self._delivered
            dropped, queued = self._dropped, self._queued
        return InboxCounts(received, delivered, dropped, queued)
