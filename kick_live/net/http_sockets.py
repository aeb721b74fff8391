"""Lets another thread end a request that is blocked on its socket."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from requests.adapters import HTTPAdapter

__all__ = ["LiveSockets", "interruptible_adapter"]


class LiveSockets:
    """The sockets on which requests are waiting right now.

    A second descriptor of each socket is kept, because TLS takes the first one over and hides it
    while it shakes hands; shutting either down ends the connection for both.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._live: dict[int, list[socket.socket]] = {}
        self._ended = False

    @contextlib.contextmanager
    def exchange(self) -> Iterator[None]:
        """Cover one request of the calling thread; its sockets are let go at the end."""
        try:
            yield
        finally:
            with self._lock:
                guards = self._live.pop(threading.get_ident(), [])
            for guard in guards:
                guard.close()

    def watch(self, sock: Any) -> None:
        """Add a socket that the calling thread is about to wait on.

        Raises:
            ConnectionAbortedError: ``end`` has been called.
        """
        guard = socket.fromfd(sock.fileno(), socket.AF_INET, socket.SOCK_STREAM)
        with self._lock:
            self._live.setdefault(threading.get_ident(), []).append(guard)
            # Under the lock: end() either finds this socket in the list or is noticed here.
            if self._ended:
                raise ConnectionAbortedError("the client was closed")

    def end(self) -> None:
        """Shut all of them down, and every later one. May be called from any thread."""
        with self._lock:
            self._ended = True
            for guards in self._live.values():
                for guard in guards:
                    with contextlib.suppress(OSError):
                        guard.shutdown(socket.SHUT_RDWR)


def interruptible_adapter(sockets: LiveSockets) -> HTTPAdapter:
    """Make a requests adapter all of whose connections are known to ``sockets``."""
    from requests.adapters import HTTPAdapter

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            _watch_pools(self.poolmanager, sockets)

        def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
            known = proxy in self.proxy_manager
            manager = super().proxy_manager_for(proxy, **kwargs)
            if not known:
                _watch_pools(manager, sockets)
            return manager

    return Adapter()


def _watch_pools(manager: Any, sockets: LiveSockets) -> None:
    """Give a pool manager (plain, proxy or SOCKS) connections that report their sockets."""
    manager.pool_classes_by_scheme = {
        scheme: type(
            pool.__name__, (pool,), {"ConnectionCls": _watched(pool.ConnectionCls, sockets)}
        )
        for scheme, pool in manager.pool_classes_by_scheme.items()
    }


def _watched(base: Any, sockets: LiveSockets) -> Any:
    """A subclass of a urllib3 connection that reports its socket before each wait."""
    is_socks = "socks" in base.__module__

    class Connection(base):  # type: ignore[misc]
        def _new_conn(self) -> Any:
            if is_socks:
                sock = super()._new_conn()
                sockets.watch(sock)
                return sock
            return _connect(self, sockets)

        def putrequest(self, *args: Any, **kwargs: Any) -> Any:
            # A connection that was kept alive from an earlier request.
            if self.sock is not None:
                sockets.watch(self.sock)
            return super().putrequest(*args, **kwargs)

    return Connection


def _connect(connection: Any, sockets: LiveSockets) -> socket.socket:
    """Open a TCP connection on a socket that is watched before it starts to connect.

    urllib3's own function shows its socket only afterwards, which leaves a server that does not
    answer to block a closing client until the time-out.
    """
    host = getattr(connection, "_dns_host", connection.host).strip("[]")
    failure: OSError | None = None
    for family, kind, protocol, _, address in socket.getaddrinfo(
        host, connection.port, socket.AF_UNSPEC, socket.SOCK_STREAM
    ):
        sock = socket.socket(family, kind, protocol)
        try:
            for option in connection.socket_options or ():
                sock.setsockopt(*option)
            sock.settimeout(connection.timeout)
            if connection.source_address:
                sock.bind(connection.source_address)
            sockets.watch(sock)
            sock.connect(address)
            return sock
        except ConnectionAbortedError:
            sock.close()
            raise
        except OSError as error:
            failure = error
            sock.close()
    raise failure or OSError(f"no address for {host}")
