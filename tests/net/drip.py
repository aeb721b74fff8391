"""A peer on loopback that sends its answers byte by byte, for ever, or not at all."""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["Dripper"]


class Dripper:
    """Accepts connections, reads nothing, and sends bytes slowly until it is stopped.

    Args:
        start: What is sent at once.
        drip: What comes after it, byte by byte.
        pause: Seconds between two bytes.
        context: For TLS.
        tunnel: What is sent in the clear before TLS, once something was received.
    """

    def __init__(
        self,
        start: bytes = b"",
        drip: Iterable[int] = itertools.repeat(ord("x")),
        pause: float = 0.02,
        context: ssl.SSLContext | None = None,
        tunnel: bytes = b"",
    ) -> None:
        self.reached = threading.Event()
        self.sent = 0
        self._start, self._drip, self._pause = start, drip, pause
        self._context, self._tunnel = context, tunnel
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._spawn(self._accept)

    def _spawn(self, target: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._spawn(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            connection.settimeout(10)
            if self._tunnel:
                connection.recv(65536)
                connection.sendall(self._tunnel)
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
                stack.enter_context(connection)
            connection.recv(65536)
            self.reached.set()
            connection.sendall(self._start)
            for byte in self._drip:
                connection.sendall(bytes([byte]))
                self.sent += 1
                if self._stopping.wait(self._pause):
                    return

    def stop(self) -> None:
        """End everything."""
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)
