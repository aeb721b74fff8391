"""Decides what becomes of a request for a socket."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any
from urllib.parse import parse_qs

from kick_live.testing.centrifugo import CentrifugoConnection
from kick_live.testing.connection import Connection
from kick_live.testing.pusher import PusherConnection
from kick_live.testing.settings import CENTRIFUGO_PATH, SITE_ORIGIN
from kick_live.testing.websocket import HandshakeError, ServerSocket
from kick_live.testing.world import World

__all__ = ["SocketGate"]

_PUSHER_PREFIX = "/app/"


class SocketGate:
    """Accepts or refuses sockets and serves the accepted ones on the calling thread.

    Args:
        world: The simulator.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._closed = False

    def close(self) -> None:
        """Serve no further sockets."""
        self._closed = True

    def serve(self, environ: dict[str, Any]) -> None:
        """Serve one request for an upgrade until its socket is over; blocks that long."""
        self._world.hub.attempted()
        path: str = environ["PATH_INFO"]
        sock: socket.socket = environ["werkzeug.socket"]
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answer = self._world.rest_faults.apply(path, rest=False)
        try:
            websocket = ServerSocket(sock, _headers(environ), path)
        except HandshakeError:
            with contextlib.suppress(OSError):
                sock.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            return
        with contextlib.suppress(OSError):
            if answer is not None:
                websocket.reject(answer.status, answer.body)
                return
            connection = self._admit(websocket, path, environ)
            if connection is not None:
                name = f"kick-live-simulator-{connection.protocol}-{environ['REMOTE_PORT']}"
                threading.current_thread().name = name
                connection.run()

    def _admit(
        self, websocket: ServerSocket, path: str, environ: dict[str, Any]
    ) -> Connection | None:
        faults = self._world.socket_faults
        kind: type[Connection]
        if path == CENTRIFUGO_PATH:
            kind = CentrifugoConnection
        elif path.startswith(_PUSHER_PREFIX):
            kind = PusherConnection
        else:
            websocket.reject(404, "not found")
            return None
        origin = environ.get("HTTP_ORIGIN")
        refusal = faults.refused_connection(kind.protocol)
        if refusal is not None and 400 <= refusal.code < 600:
            websocket.reject(refusal.code, refusal.reason or "refused")
        elif kind is CentrifugoConnection and origin not in (None, SITE_ORIGIN):
            websocket.reject(403, "origin not allowed")
        elif self._closed:
            websocket.reject(503, "shutting down")
        else:
            websocket.accept()
            if not faults.accept_then_close:
                connection = kind(
                    websocket, self._world.hub, self._world.settings, faults, self._world.tokens
                )
                connection.refusal = refusal
                if isinstance(connection, PusherConnection):
                    query = parse_qs(environ.get("QUERY_STRING", ""))
                    connection.key = path.removeprefix(_PUSHER_PREFIX)
                    connection.version = query.get("protocol", [None])[0]
                return connection
        return None


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    return {
        name[5:].lower().replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
