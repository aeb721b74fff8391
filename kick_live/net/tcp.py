"""Opens TCP connections, and looks names up, in ways that a watch can end."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from kick_live.net.watch import Watch

__all__ = ["look_up", "open_tcp"]

_AddressInfo: TypeAlias = tuple[Any, int, int, str, Any]

#: A wait without a time-out, or a long one, cannot be interrupted by Ctrl-C on Windows.
_SLICE: Final = 0.5


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
        timeout: Seconds for all of the host's addresses together, each of which gets its share; and
            later for each read and write.
        options: For ``setsockopt``.
        source_address: Where to connect from.

    Raises:
        OSError: Nobody was reached; ``socket.gaierror`` if the name is not known.
        ConnectionAbortedError: The watch has ended.
    """
    failure: OSError | None = None
    found = look_up(watch, host, port)
    for family, kind, protocol, _, address in found:
        try:
            sock = socket.socket(family, kind, protocol)
        except OSError as error:  # such as IPv6 where the system has none
            failure = failure or error
            continue
        try:
            for option in options:
                sock.setsockopt(*option)
            # One address that swallows everything must not use up the time of the next.
            sock.settimeout(None if timeout is None else timeout / len(found))
            if source_address:
                sock.bind(source_address)
            watch.add(sock)
            sock.connect(address)
            sock.settimeout(timeout)
            return sock
        except OSError as error:
            sock.close()
            watch.check()
            failure = error
    raise failure or OSError(f"no address for {host}")


def look_up(watch: Watch, host: str, port: int) -> Sequence[_AddressInfo]:
    """Find a host's addresses, as ``socket.getaddrinfo`` does; ends with the watch.

    The system's lookup cannot be interrupted and may take a minute where no name server answers. It
    gets a thread of its own, which is left to finish by itself.

    Raises:
        OSError: The name is not known.
        ValueError: It cannot be one.
        ConnectionAbortedError: The watch has ended.
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
