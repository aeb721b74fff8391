"""Lets another thread, or a time limit, end what a thread is waiting for on sockets."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, TypeAlias

__all__ = ["Watch", "open_tcp"]

_AddressInfo: TypeAlias = tuple[Any, int, int, str, Any]

#: A wait without a time-out, or a long one, cannot be interrupted by Ctrl-C on Windows.
_SLICE: Final = 0.5


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
        self._lock = threading.Lock()
        self._guards: list[socket.socket] = []
        self._ended = threading.Event()
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


def open_tcp(
    watch: Watch,
    host: str,
    port: int,
    timeout: float | None,
    *,
    options: Any = (),
    source_address: Any = None,
) -> socket.socket:
    """Open a TCP connection on a socket that is watched before it starts to connect.

    Blocks until the connection is there, the time-out passes or the watch ends.

    Args:
        watch: Of the calling thread.
        host: A name or an address.
        port: A port.
        timeout: Seconds for each of the host's addresses, and later for each read and write.
        options: For ``setsockopt``.
        source_address: Where to connect from.

    Raises:
        OSError: Nobody was reached; ``socket.gaierror`` if the name is not known.
        ConnectionAbortedError: The watch has ended.
    """
    failure: OSError | None = None
    for family, kind, protocol, _, address in _look_up(watch, host, port):
        sock = socket.socket(family, kind, protocol)
        try:
            for option in options:
                sock.setsockopt(*option)
            sock.settimeout(timeout)
            if source_address:
                sock.bind(source_address)
            watch.add(sock)
            sock.connect(address)
            return sock
        except OSError as error:
            sock.close()
            watch.check()
            failure = error
    raise failure or OSError(f"no address for {host}")


def _look_up(watch: Watch, host: str, port: int) -> Sequence[_AddressInfo]:
    """Find a host's addresses; ends with the watch.

    The system's lookup cannot be interrupted and may take a minute where no name server answers. It
    gets a thread of its own, which is left to finish by itself.
    """
    with contextlib.suppress(socket.gaierror):
        return socket.getaddrinfo(
            host, port, socket.AF_UNSPEC, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST
        )
    outcome: queue.SimpleQueue[Sequence[_AddressInfo] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            outcome.put(socket.getaddrinfo(host, port, socket.AF_UNSPEC, socket.SOCK_STREAM))
        except (OSError, ValueError) as error:  # UnicodeError is a ValueError
            outcome.put(error)

    threading.Thread(target=ask, name="kick-live-lookup", daemon=True).start()
    while True:
        try:
            found = outcome.get(timeout=_SLICE)
        except queue.Empty:
            watch.check()
            continue
        watch.check()
        if isinstance(found, Exception):
            raise found
        return found
