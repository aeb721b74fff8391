"""The HTTP server: one port for REST and for both kinds of sockets, one thread a request.

The only file besides the three of routes that knows werkzeug.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from attrs import frozen
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Request, Response

from kick_live.errors import KickLiveError
from kick_live.testing.gate import SocketGate
from kick_live.testing.rest_pictures import picture_rules
from kick_live.testing.rest_site import SiteRoutes
from kick_live.testing.rest_web import WebRoutes
from kick_live.testing.websocket import to_be_reset
from kick_live.testing.world import World

__all__ = ["RecordedRequest", "SimulatorServer"]

_JOIN_TIMEOUT: Final = 5.0
_POLL: Final = 0.05
#: Seconds that peers have to answer the close frame of a server that stops.
_GOODBYE: Final = 0.2


@frozen(kw_only=True)
class RecordedRequest:
    """A REST request that the simulator has received.

    Attributes:
        method: ``"GET"`` or ``"POST"``.
        path: Its path.
        query: Its query, undecoded, without the question mark.
        headers: Its headers by lower-case name.
        body: Its body as text.
        time: When it came, on the monotonic clock.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str
    time: float


class RestApplication:
    """Records, misbehaves as scripted, and answers.

    Args:
        world: The simulator.
        gate: What takes the requests for sockets.
    """

    def __init__(self, world: World, gate: SocketGate) -> None:
        self.requests: list[RecordedRequest] = []
        self._world = world
        self._gate = gate
        self._map = Map(
            [*SiteRoutes(world).rules(), *WebRoutes(world).rules(), *picture_rules()],
            strict_slashes=False,
        )

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Serve one request, as WSGI wants it."""
        if environ.get("HTTP_UPGRADE", "").lower() == "websocket":
            self._gate.serve(environ)
            # The socket was used beyond WSGI; this is how the server is told to let go of it.
            raise ConnectionAbortedError("the WebSocket is over")
        request = Request(environ)
        self.requests.append(
            RecordedRequest(
                method=request.method,
                path=request.path,
                query=request.query_string.decode("latin-1"),
                headers={name.lower(): value for name, value in request.headers.items()},
                body=request.get_data(as_text=True),
                time=time.monotonic(),
            )
        )
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        scripted = self._world.rest_faults.apply(request.path)
        if scripted is not None:
            return Response(scripted.body, scripted.status, dict(scripted.headers))
        try:
            endpoint, values = self._map.bind_to_environ(request.environ).match()
            answer = endpoint(request, **values)
            return answer if isinstance(answer, Response) else _json(answer, 200)
        except HTTPException as error:
            return _json({"message": error.description}, error.code or 500)


class _Handler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing about requests."""

    def run_wsgi(self) -> None:
        """Serve one request and no second one on the same connection."""
        try:
            super().run_wsgi()
        finally:
            self.close_connection = True


class _HttpServer(ThreadedWSGIServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.workers: dict[threading.Thread, socket.socket] = {}
        super().__init__(*args, **kwargs)
        if self.ssl_context is not None:
            # Otherwise one silent peer would keep all others from being accepted.
            setattr(self.socket, "do_handshake_on_connect", False)  # noqa: B010 (not in stubs)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Start a named thread for a connection."""
        worker = threading.Thread(
            target=self._work,
            args=(request, client_address),
            name=f"kick-live-simulator-request-{client_address[1]}",
            daemon=True,
        )
        self.workers[worker] = request
        worker.start()

    def shutdown_request(self, request: Any) -> None:
        """Close a connection, by a reset if its lingering was turned off for that."""
        if to_be_reset(request):
            self.close_request(request)  # without the orderly end that shutdown() would send
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing about peers that went away."""

    def _work(self, request: Any, client_address: Any) -> None:
        try:
            self.process_request_thread(request, client_address)
        finally:
            self.workers.pop(threading.current_thread(), None)


class SimulatorServer:
    """The running server.

    Args:
        world: The simulator.
        host: The address to listen on.
        port: The port; 0 for any.
        ssl_context: Turns on TLS.

    Raises:
        KickLiveError: The port is taken, or the address does not exist here.
    """

    def __init__(
        self, world: World, host: str, port: int, ssl_context: ssl.SSLContext | None
    ) -> None:
        self._world = world
        self._gate = SocketGate(world)
        self._application = RestApplication(world, self._gate)
        listener = _listen(host, port)
        self._http = _HttpServer(
            host, port, self._application, _Handler, ssl_context=ssl_context, fd=listener.fileno()
        )
        listener.close()
        self.port: int = self._http.port
        self._thread = threading.Thread(
            target=self._http.serve_forever,
            args=(_POLL,),
            name="kick-live-simulator-server",
            daemon=True,
        )

    @property
    def requests(self) -> list[RecordedRequest]:
        """The REST requests so far."""
        return self._application.requests

    def start(self) -> None:
        """Begin to accept."""
        self._thread.start()

    def stop(self) -> None:
        """End every thread and close every socket; blocks until that is done."""
        self._gate.close()
        self._http.shutdown()
        self._thread.join(_JOIN_TIMEOUT)
        self._world.rest_faults.stop()
        for connection in self._world.hub.connections():
            connection.call(connection.shut_down)
        workers = list(self._http.workers.items())
        deadline = time.monotonic() + _GOODBYE
        for worker, _ in workers:
            worker.join(max(0.0, deadline - time.monotonic()))
        for connection in self._world.hub.connections():
            connection.interrupt()
        for worker, sock in workers:
            if worker.is_alive():
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
                worker.join(_JOIN_TIMEOUT)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if hasattr(socket, "SO_REUSEPORT"):  # not where reuse means taking a port from others
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise KickLiveError(
            f"the simulator cannot listen on {host}:{port} ({error.strerror or error}): "
            "another program may use the port; port=0 takes a free one"
        ) from error
    return listener


def _json(value: Any, status: int) -> Response:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, content_type="application/json")
