"""The server's end of one WebSocket: wsproto's state machine over a blocking socket.

The only file that knows wsproto. The thread that serves a connection is the only one that reads
and writes it; other threads may call :meth:`ServerSocket.interrupt` and nothing else.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen
from wsproto import WSConnection
from wsproto.connection import ConnectionState, ConnectionType
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Ping,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

__all__ = ["Closed", "HandshakeError", "Message", "Pinged", "ServerSocket", "to_be_reset"]

# How the struct linger of this system is laid out.
_LINGER: Final = "hh" if sys.platform == "win32" else "ii"


class HandshakeError(Exception):
    """The request is no proper WebSocket upgrade. Never leaves the simulator."""


@frozen
class Message:
    """A whole message.

    Attributes:
        text: Its text; binary messages are read as UTF-8.
        size: Its length in characters or bytes.
    """

    text: str
    size: int


@frozen
class Pinged:
    """A ping frame, with the bytes that answer it."""

    answer: bytes


@frozen
class Closed:
    """The peer has closed, with a close frame or without (``code`` is ``None``)."""

    code: int | None = None
    reason: str = ""


class ServerSocket:
    """One WebSocket, seen from the server.

    Args:
        sock: The connected socket, whose request has been read.
        headers: The request's headers, by lower-case name.
        target: The request's path.

    Raises:
        HandshakeError: The request is no proper upgrade.
    """

    def __init__(self, sock: socket.socket, headers: Mapping[str, str], target: str) -> None:
        self.socket = sock
        self._wire = WSConnection(ConnectionType.SERVER)
        self._parts: list[str] = []
        self._size = 0
        try:
            self._wire.initiate_upgrade_connection(
                [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
                target,
            )
        except RemoteProtocolError as error:
            raise HandshakeError(str(error)) from error
        if not any(isinstance(event, Request) for event in self._wire.events()):
            raise HandshakeError("no upgrade request")

    def accept(self) -> None:
        """Answer the upgrade with 101."""
        self.socket.sendall(self._wire.send(AcceptConnection()))

    def reject(self, status: int, body: str, headers: Mapping[str, str] | None = None) -> None:
        """Answer the upgrade with an HTTP error."""
        data = body.encode()
        lines = [(b"Content-Type", b"text/plain"), (b"Content-Length", str(len(data)).encode())]
        lines += [(k.encode(), v.encode()) for k, v in (headers or {}).items()]
        self.socket.sendall(
            self._wire.send(RejectConnection(status_code=status, headers=lines, has_body=True))
            + self._wire.send(RejectData(data=data, body_finished=True))
        )

    @property
    def open(self) -> bool:
        """Whether messages can still be sent."""
        return self._wire.state is ConnectionState.OPEN

    def pending(self) -> bool:
        """Whether decrypted bytes wait that no selector would report (TLS)."""
        pending = getattr(self.socket, "pending", None)
        return bool(pending is not None and pending())

    def read(self) -> list[Message | Pinged | Closed]:
        """Read once and return what has become complete; blocks if nothing has arrived."""
        try:
            data = self.socket.recv(65536)
        except OSError:
            return [Closed()]
        if not data:
            return [Closed()]
        try:
            self._wire.receive_data(data)
            return [event for event in map(self._event, self._wire.events()) if event is not None]
        except RemoteProtocolError as error:
            with contextlib.suppress(LocalProtocolError, OSError):
                if error.event_hint is not None:
                    self.socket.sendall(self._wire.send(error.event_hint))
            return [Closed()]

    def send(self, texts: list[str]) -> None:
        """Send messages, all in one write; nothing happens once the socket is closing."""
        if texts and self.open:
            self.write(b"".join(self._wire.send(TextMessage(data=text)) for text in texts))

    def write(self, data: bytes) -> None:
        """Put raw bytes on the connection."""
        self.socket.sendall(data)

    def close(self, code: int, reason: str = "") -> None:
        """Send a close frame, or the answer to the peer's; nothing happens the second time."""
        with contextlib.suppress(LocalProtocolError):
            self.write(self._wire.send(CloseConnection(code=code, reason=reason[:120] or None)))

    def abort(self) -> None:
        """Make the end of this connection a TCP reset; the server closes it right after."""
        with contextlib.suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(_LINGER, 1, 0))

    def interrupt(self) -> None:
        """Break off a read or write that another thread is blocked in."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def _event(self, event: Any) -> Message | Pinged | Closed | None:
        if isinstance(event, (TextMessage, BytesMessage)):
            data = event.data
            self._size += len(data)
            part = data if isinstance(data, str) else bytes(data).decode("utf-8", "replace")
            self._parts.append(part)
            if event.message_finished:
                message = Message("".join(self._parts), self._size)
                self._parts.clear()
                self._size = 0
                return message
        elif isinstance(event, Ping) and self.open:
            return Pinged(self._wire.send(event.response()))
        elif isinstance(event, CloseConnection):
            return Closed(int(event.code), event.reason or "")
        return None


def to_be_reset(sock: socket.socket) -> bool:
    """Whether :meth:`ServerSocket.abort` was called for a socket."""
    try:
        size = struct.calcsize(_LINGER)
        return bool(
            struct.unpack(_LINGER, sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, size))[0]
        )
    except OSError:
        return False
