"""Waits until one of a few sockets can be read."""

from __future__ import annotations

import math
import select
from collections.abc import Collection
from typing import Protocol

__all__ = ["Selector"]


class _HasDescriptor(Protocol):
    def fileno(self) -> int: ...


class Selector:
    """Sockets, of which one thread waits for the first that can be read.

    ``selectors`` does the same in a hundred instructions more, which is a sixteenth of what an event
    costs that comes alone (November 2026).

    Example:
        >>> import socket
        >>> ours, theirs = socket.socketpair()
        >>> selector = Selector(ours)
        >>> theirs.send(b"x"), ours.fileno() in selector.wait(5.0)
        (1, True)
        >>> ours.close(), theirs.close()
        (None, None)
    """

    def __init__(self, *sockets: _HasDescriptor) -> None:
        # Windows has none. Without it the descriptors must be below 1,024, but not on Windows.
        self._poll = select.poll() if hasattr(select, "poll") else None
        self._descriptors: list[int] = []
        for sock in sockets:
            self.add(sock)

    def add(self, sock: _HasDescriptor) -> None:
        """Watch a socket."""
        descriptor = sock.fileno()
        self._descriptors.append(descriptor)
        if self._poll is not None:
            self._poll.register(descriptor, select.POLLIN)

    def remove(self, sock: _HasDescriptor) -> None:
        """Leave a socket alone."""
        descriptor = sock.fileno()
        self._descriptors.remove(descriptor)
        if self._poll is not None:
            self._poll.unregister(descriptor)

    def wait(self, timeout: float) -> Collection[int]:
        """Wait until a socket can be read, or has failed.

        Args:
            timeout: The longest wait in seconds, weeks at most.

        Returns:
            The descriptors of those that can be read, or have failed; none when the time is over.
        """
        if self._poll is None:
            return select.select(self._descriptors, (), (), timeout)[0]
        # Up, as `selectors` does: a wait that ends early would be followed by many of no length.
        return dict(self._poll.poll(math.ceil(timeout * 1000)))
