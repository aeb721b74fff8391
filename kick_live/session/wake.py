"""Wakes a thread that waits on sockets."""

from __future__ import annotations

import socket
from typing import Final

__all__ = ["Wake"]

_MOST: Final = 4096


class Wake:
    """A pair of sockets, of which a ``Watch`` waits for one. ``set`` may be called by any thread."""

    def __init__(self) -> None:
        self._receiver, self._sender = socket.socketpair()
        self._receiver.setblocking(False)
        self._sender.setblocking(False)

    def fileno(self) -> int:
        """For a ``Watch``: readable after ``set``."""
        return self._receiver.fileno()

    def set(self) -> None:
        """End the wait, or the next one."""
        try:  # in half as many instructions as contextlib.suppress
            self._sender.send(b"\0")
        except OSError:  # full: it will wake anyway; closed: it has ended
            return

    def clear(self) -> None:
        """The thread is awake."""
        try:
            while len(self._receiver.recv(_MOST)) == _MOST:
                pass
        except OSError:  # empty; or closed: it has ended
            return

    def close(self) -> None:
        """Give the sockets back; ``set`` does nothing any more."""
        self._receiver.close()
        self._sender.close()
