"""Lets another thread, or a time limit, end what a thread is waiting for on sockets."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Any

from kick_live.latch import Latch

__all__ = ["Watch"]


class Watch:
    """The sockets that one thread waits on while it is inside this context.

    A second descriptor of each socket is kept, because TLS takes the first one over and hides it
    while it shakes hands; shutting either down ends the connection for both.

    Time-outs of sockets start anew with every byte, so that a peer that drips its answer is waited
    for without end; the limit here counts for everything together.

    Args:
        limit: Seconds after which the sockets are shut down; ``None`` for no limit.
    """

    def __init__(self, limit: float | None = None) -> None:
        self._lock = threading.RLock()
        self._guards: list[socket.socket] = []
        self._ended = Latch()
        self._expired = False
        self._timer: threading.Timer | None = None
        if limit is not None:
            self._timer = threading.Timer(limit, self._expire)
            self._timer.name = "kick-live-time-limit"
            self._timer.daemon = True

    def __enter__(self) -> Watch:
        if self._timer is not None:
            self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            guards, self._guards = self._guards, []
        for guard in guards:
            guard.close()
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()

    @property
    def ended(self) -> bool:
        """Whether ``end`` was called, or the limit passed."""
        return self._ended.is_set()

    @property
    def expired(self) -> bool:
        """Whether the limit passed."""
        return self._expired

    def add(self, sock: Any) -> None:
        """Watch a socket that the thread is about to wait on.

        Raises:
            ConnectionAbortedError: The watch has ended.
        """
        guard = socket.fromfd(sock.fileno(), socket.AF_INET, socket.SOCK_STREAM)
        with self._lock:
            self._guards.append(guard)
            # Under the lock: end() either finds this socket in the list or is noticed here.
            self.check()

    def check(self) -> None:
        """Go no further if the watch has ended.

        Raises:
            ConnectionAbortedError: It has.
        """
        if self._ended.is_set():
            raise ConnectionAbortedError("the wait was ended")

    def end(self) -> None:
        """Shut all sockets down, and every later one. May be called from any thread."""
        with self._lock:
            self._ended.set()
            for guard in self._guards:
                with contextlib.suppress(OSError):
                    guard.shutdown(socket.SHUT_RDWR)

    def _expire(self) -> None:
        self._expired = True
        self.end()
