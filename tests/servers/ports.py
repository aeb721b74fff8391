"""Ports of the loopback interface that stay ours while a server is down."""

from __future__ import annotations

import socket
import sys

__all__ = ["PortReservation"]


class PortReservation:
    """A free port, kept from other users of the machine until ``release()``.

    A server that is stopped and started again on its port must find it free. The kernel hands
    freed ports to whoever connects somewhere next, and a client that retries its dead server may
    even be given the very port it dials and so connect to itself. A socket that is bound but does
    not listen prevents both, and connections to it are refused.
    """

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        # Only Linux lets a second socket bind and listen beside a bound one on these options;
        # elsewhere the port is given back at once and the small risk taken.
        shared = sys.platform == "linux"
        if shared:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        if not shared:
            self._socket.close()

    def release(self) -> None:
        """Give the port back; may be called again."""
        self._socket.close()
