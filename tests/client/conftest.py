"""A simulator and clients of it, over each protocol in turn."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kick_live import KickAPI, KickClient
from kick_live.testing import KickSimulator

SLUG = "amber-quokka"


@pytest.fixture
def sim() -> Iterator[KickSimulator]:
    with KickSimulator() as simulator:
        simulator.add_channel(SLUG)
        yield simulator


@pytest.fixture(params=["pusher", "centrifugo"])
def transport(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def api(sim: KickSimulator) -> Iterator[KickAPI]:
    with KickAPI(sim.endpoints, min_interval=0) as api:
        yield api


@pytest.fixture
def make(api: KickAPI) -> Iterator[Callable[..., KickClient]]:
    """Makes clients that are closed at the end."""
    clients = []

    def make(*channels: Any, **options: Any) -> KickClient:
        client = KickClient(*(channels or (SLUG,)), api=options.pop("api", api), **options)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(make: Callable[..., KickClient], transport: str) -> KickClient:
    return make(transport=transport)


@pytest.fixture
def channel(sim: KickSimulator) -> Any:
    return sim.channel(SLUG)


@pytest.fixture
def silent_server() -> Iterator[int]:
    """A server that accepts TCP and never answers; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def free_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
