"""Knows every open socket, and brings each publication to each of its subscribers once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from kick_live.testing.connection import Connection

__all__ = ["ConnectionInfo", "Hub"]


@frozen(kw_only=True)
class ConnectionInfo:
    """A snapshot of one open socket.

    Attributes:
        protocol: ``"centrifugo"`` or ``"pusher"``.
        id: The client id that Centrifugo gave, or Pusher's socket id.
        topics: What it is subscribed to.
        opened_at: When it was accepted, on the monotonic clock.
    """

    protocol: str
    id: str
    topics: frozenset[str]
    opened_at: float


class Hub:
    """The open sockets of one simulator. Every method may be called from any thread.

    One lock orders everything that changes who receives what: a publication made after an
    acknowledgement was queued follows it on the wire, and two publications arrive everywhere in
    the same order.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._connections: list[Connection] = []
        self._attempts: list[float] = []

    def attempted(self) -> None:
        """Note that somebody asked for a socket."""
        with self._lock:
            self._attempts.append(time.monotonic())
            self._changed.notify_all()

    @property
    def attempts(self) -> list[float]:
        """When sockets were asked for, on the monotonic clock; refused ones count."""
        with self._lock:
            return list(self._attempts)

    def add(self, connection: Connection) -> None:
        """Take in an accepted socket."""
        with self._lock:
            self._connections.append(connection)
            self._changed.notify_all()

    def remove(self, connection: Connection) -> None:
        """Forget a socket; does nothing for one that is not known."""
        with self._lock:
            if connection in self._connections:
                self._connections.remove(connection)
            self._changed.notify_all()

    def connections(self, protocol: str | None = None) -> list[Connection]:
        """Return the open sockets, those of one protocol or all."""
        with self._lock:
            return [c for c in self._connections if protocol in (None, c.protocol)]

    def snapshot(self) -> list[ConnectionInfo]:
        """Describe the open sockets."""
        with self._lock:
            return [
                ConnectionInfo(
                    protocol=c.protocol,
                    id=c.id,
                    topics=frozenset(c.topics),
                    opened_at=c.opened_at,
                )
                for c in self._connections
            ]

    def join(self, connection: Connection, topic: str, acknowledgement: str) -> None:
        """Subscribe a socket, with its acknowledgement ahead of every publication."""
        with self._lock:
            connection.send(acknowledgement)
            connection.topics.add(topic)
            self._changed.notify_all()

    def leave(self, connection: Connection, topic: str) -> bool:
        """End a subscription; returns whether there was one."""
        with self._lock:
            known = topic in connection.topics
            connection.topics.discard(topic)
            self._changed.notify_all()
            return known

    def publish(self, topic: str, event: str, data: str) -> int:
        """Queue one publication for every subscriber.

        Returns:
            How many sockets it was queued for.
        """
        with self._lock:
            receivers = [c for c in self._connections if topic in c.topics]
            for connection in receivers:
                connection.send(connection.publication(topic, event, data))
            return len(receivers)

    def wait(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Wait until a condition over this hub's state holds; blocks at most ``timeout`` seconds.

        Returns:
            Whether it held in time.
        """
        with self._lock:
            return self._changed.wait_for(condition, timeout)
