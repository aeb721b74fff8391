"""A simulator, and clients of it that ask politely for nothing."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from kick_live import KickAPI
from kick_live.testing import KickSimulator

SLUG = "amber-quokka"


@pytest.fixture
def sim() -> Iterator[KickSimulator]:
    with KickSimulator() as simulator:
        simulator.add_channel(SLUG)
        yield simulator


@pytest.fixture
def api(sim: KickSimulator) -> Iterator[KickAPI]:
    with KickAPI(sim.endpoints, min_interval=0) as api:
        yield api


@pytest.fixture
def raw_server() -> Iterator[Callable[[bytes], str]]:
    """Starts servers that answer every connection's first request with given bytes."""
    servers: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def serve(server: socket.socket, answer: bytes) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    if connection.recv(65536):
                        connection.sendall(answer)
                except OSError:
                    pass

    def start(answer: bytes) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)
        thread = threading.Thread(target=serve, args=(server, answer), daemon=True)
        threads.append(thread)
        thread.start()
        return f"127.0.0.1:{server.getsockname()[1]}"

    yield start
    for server in servers:
        # An accept() in another thread ends when the listening socket is shut down.
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
    for thread in threads:
        thread.join(5)
