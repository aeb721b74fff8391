"""Hands events to the inbox, and keeps what a full one does not take."""

from __future__ import annotations

import threading

from kick_live.events.base import Event
from kick_live.session.connection import Connection
from kick_live.session.inbox import Inbox

__all__ = ["Outlet"]


class Outlet:
    """Where the events of all connections leave the session.

    Args:
        inbox: Takes them.
        lock: Held by whoever hands over, so that each connection's order is kept.
    """

    def __init__(self, inbox: Inbox, lock: threading.RLock) -> None:
        self._inbox = inbox
        self._lock = lock
        self._backlogs: dict[Connection, list[Event]] = {}

    def put(self, events: list[Event]) -> None:
        """Deliver what belongs to no connection's stream; any thread, without the lock."""
        self._inbox.put(events)

    def hand_over(
        self, connection: Connection, batch: list[Event], *, lifecycle: bool = True
    ) -> bool:
        """Deliver part of a connection's stream; the caller holds the lock.

        Args:
            connection: Whose.
            batch: In order.
            lifecycle: Whether there may be lifecycle events in it.

        Returns:
            Whether the connection may go on reading.
        """
        backlog = self._backlogs.get(connection)
        if backlog is not None:
            backlog += batch
            return False
        rest = self._inbox.put(batch, lifecycle=lifecycle)
        if rest:
            self._backlogs[connection] = list(rest)
            return False
        return True

    def make_room(self) -> None:
        """The inbox has room again: deliver what was kept back, and read on."""
        with self._lock:
            backlogs = list(self._backlogs.items())
        for connection, backlog in backlogs:
            with self._lock:
                rest = list(self._inbox.put(backlog))
                self._backlogs[connection] = rest
                if rest:
                    continue
                del self._backlogs[connection]
            connection.resume()

    @property
    def kept(self) -> int:
        """How many events are kept back; the caller holds the lock."""
        return sum(len(backlog) for backlog in self._backlogs.values())
