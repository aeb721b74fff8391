"""Wakes a thread that waits on sockets."""

from __future__ import annotations

import contextlib
import io
import os
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any, Final

from kick_live.latch import is_held

__all__ = ["Wake"]

#: A number, as the system's counter takes it.
_ONE: Final = (1).to_bytes(8, sys.byteorder)
#: Bytes; so few are had without asking the system for memory.
_MOST: Final = 256


class Wake:
    """Ends a wait of a ``Selector``. ``set`` may be called by any thread.

    A counter of the system's where there is one (Linux), else a pair of sockets, which take a tenth of
    the CPU time of an event that comes alone more.
    """

    def __init__(self) -> None:
        self._write: Callable[[bytes], object]
        self._read: Callable[[int], bytes | None]
        self._ends: tuple[Any, ...]
        # So that nothing is written under a number that is another file's by then. A handler may close
        # what the same thread is about to set.
        self._lock = threading.RLock()
        self._entry = threading.Condition(self._lock)
        counter = _counter()
        if counter is not None:
            self._write, self._read, self._ends = counter.write, counter.read, (counter,)
        else:
            receiver, sender = _socket_pair()
            self._write, self._read, self._ends = sender.send, receiver.recv, (receiver, sender)

    def fileno(self) -> int:
        """For a ``Selector``: readable after ``set``."""
        return int(self._ends[0].fileno())

    @property
    def is_entered(self) -> bool:
        """Whether the calling thread is in here already, interrupted by a signal's handler."""
        return is_held(self._entry)

    def set(self) -> None:
        """End the wait, or the next one."""
        try:  # in half as many instructions as contextlib.suppress
            with self._lock:
                self._write(_ONE)
        except (OSError, ValueError):  # full: it will wake anyway; closed: it has ended
            return

    def clear(self) -> None:
        """The thread is awake."""
        try:
            while len(self._read(_MOST) or b"") == _MOST:
                pass
        except (OSError, ValueError):  # empty; or closed: it has ended
            return

    def close(self) -> None:
        """Give it back to the system; ``set`` does nothing any more."""
        with self._lock:
            for end in self._ends:
                end.close()


def _counter() -> io.FileIO | None:
    """A counter of the system's, or ``None`` where there is none, or a sandbox forbids it."""
    if not hasattr(os, "eventfd"):
        return None
    try:
        return io.FileIO(os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC), "r+")
    except OSError:
        return None


def _socket_pair() -> tuple[socket.socket, socket.socket]:
    receiver, sender = socket.socketpair()
    receiver.setblocking(False)
    sender.setblocking(False)
    # On Windows they speak TCP, which would hold a second write back until the first was acknowledged.
    with contextlib.suppress(OSError):
        sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return receiver, sender
