"""Fixtures for pytest, found by its entry point; nothing is imported before one is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kick_live.testing import KickSimulator

__all__ = ["kick_simulator"]


@pytest.fixture
def kick_simulator() -> Iterator[KickSimulator]:
    """A running simulator with the channel ``amber-quokka``."""
    from kick_live.testing import KickSimulator

    with KickSimulator() as simulator:
        simulator.add_channel("amber-quokka")
        yield simulator
