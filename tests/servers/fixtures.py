"""Fixtures for tests against the real servers; a test file imports the ones it uses.

A server that cannot run here skips its tests, with the reason, unless the environment variable
``KICK_LIVE_REQUIRE_SERVERS`` is ``1``: then they fail.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NoReturn, TypeVar

import pytest

from .centrifugo import CentrifugoServer
from .install import NotInstalled
from .kick_rest import KickRestStub
from .soketi import SoketiServer
from .tls import TlsFiles, write_tls_files

__all__ = ["centrifugo", "kick_rest", "running", "skip_or_fail", "soketi", "tls_files"]

Running = TypeVar("Running")


def skip_or_fail(reason: NotInstalled) -> NoReturn:
    """Skip the test, or fail it where the servers are required."""
    if os.environ.get("KICK_LIVE_REQUIRE_SERVERS") == "1":
        pytest.fail(f"KICK_LIVE_REQUIRE_SERVERS is 1, but {reason}", pytrace=False)
    pytest.skip(str(reason))


@contextmanager
def running(make: Callable[[], AbstractContextManager[Running]]) -> Iterator[Running]:
    """Run a server or client by others for the time of a with statement, or skip the test.

    Args:
        make: Makes it, such as ``lambda: CentrifugoServer(ttl=3)``.
    """
    made: AbstractContextManager[Running] | NotInstalled
    try:
        made = make()
    except NotInstalled as reason:
        made = reason
    if isinstance(made, NotInstalled):
        skip_or_fail(made)
    with made as started:
        yield started


@pytest.fixture(scope="session")
def tls_files(tmp_path_factory: pytest.TempPathFactory) -> TlsFiles:
    """A private authority and a certificate for the loopback interface."""
    return write_tls_files(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="session")
def soketi() -> Iterator[SoketiServer]:
    """A plain Pusher server for the whole session; a test that stops it must start it again."""
    with running(SoketiServer) as server:
        yield server


@pytest.fixture(scope="session")
def centrifugo() -> Iterator[CentrifugoServer]:
    """A plain Centrifugo server with tokens that last, for the whole session."""
    with running(CentrifugoServer) as server:
        yield server


@pytest.fixture
def kick_rest() -> Iterator[KickRestStub]:
    """An empty stand-in for Kick's REST endpoints, a fresh one for every test."""
    with KickRestStub() as stub:
        yield stub
