"""Makes requests use sockets that another thread, or a time limit, can shut down."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kick_live.net.callers import Caller
from kick_live.net.tcp import open_tcp
from kick_live.net.watch import Watch

if TYPE_CHECKING:
    from requests.adapters import HTTPAdapter

__all__ = ["LiveSockets", "interruptible_adapter"]


class LiveSockets:
    """What requests are waiting for right now, thread by thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._live: dict[int, tuple[Caller, Watch]] = {}

    @contextlib.contextmanager
    def exchange(self, caller: Caller, limit: float) -> Iterator[Watch]:
        """Cover one request of the calling thread; its sockets are let go at the end.

        Args:
            caller: Who asks.
            limit: Seconds for the whole of it.
        """
        thread = threading.get_ident()
        with Watch(limit) as watch:
            with self._lock:
                self._live[thread] = (caller, watch)
            try:
                # Afterwards: end() either finds the watch or was called before this.
                if caller.closed:
                    watch.end()
                yield watch
            finally:
                with self._lock:
                    del self._live[thread]

    def here(self) -> Watch:
        """The watch of the calling thread, which must be inside ``exchange``."""
        with self._lock:
            return self._live[threading.get_ident()][1]

    def end(self, caller: Caller) -> None:
        """Shut down what a caller waits for. May be called from any thread."""
        with self._lock:
            watches = [watch for owner, watch in self._live.values() if owner is caller]
        for watch in watches:
            watch.end()


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
                sockets.here().add(sock)
                return sock
            # urllib3's own function shows its socket only when it is connected, which leaves a
            # server that does not answer to block a closing client until the time-out.
            host = str(getattr(self, "_dns_host", self.host)).strip("[]")
            return open_tcp(
                sockets.here(),
                host,
                self.port,
                self.timeout,
                options=self.socket_options or (),
                source_address=self.source_address,
            )

        def putrequest(self, *args: Any, **kwargs: Any) -> Any:
            # A connection that was kept alive from an earlier request.
            if self.sock is not None:
                sockets.here().add(self.sock)
            return super().putrequest(*args, **kwargs)

    return Connection
