"""Fixtures for pytest, found by its entry point; nothing is imported before one is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kick_live import KickClient
    from kick_live.testing import KickSimulator

__all__ = ["kick_client", "kick_simulator"]


@pytest.fixture
def kick_simulator() -> Iterator[KickSimulator]:
    """A running simulator with the channel ``amber-quokka``."""
    from kick_live.testing import KickSimulator

    with KickSimulator() as simulator:
        simulator.add_channel("amber-quokka")
        yield simulator


@pytest.fixture
def kick_client(kick_simulator: KickSimulator) -> Iterator[KickClient]:
    """A client that is connected to ``amber-quokka`` on ``kick_simulator``; closed at the end.

    It makes no pauses between requests and remembers no ids on disk.
    """
    from kick_live import KickAPI, KickClient

    with (
        KickAPI(kick_simulator.endpoints, min_interval=0) as api,
        KickClient("amber-quokka", api=api, remember_ids=False) as client,
    ):
        client.connect(timeout=10)
        yield client
