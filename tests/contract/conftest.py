"""Fixtures of the contract tests: the stages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kick_stages import CentrifugoStage, PusherStage, SimulatedStage, Stage
from servers.centrifugo import CentrifugoServer
from servers.fixtures import running
from servers.kick_rest import KickRestStub
from servers.soketi import SoketiServer

from kick_live.testing import KickSimulator

SIMULATED = ("simulated pusher", "simulated centrifugo")
STAGES = (
    *SIMULATED,
    pytest.param("soketi", marks=pytest.mark.servers),
    pytest.param("centrifugo", marks=pytest.mark.servers),
)


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Each of the four Kicks; one that a test stopped is started again afterwards."""
    name = request.param
    if name in SIMULATED:
        provider = name.split()[1]
        with KickSimulator(provider) as simulator:
            yield SimulatedStage(simulator, provider)
        return
    make = PusherStage if name == "soketi" else CentrifugoStage
    server = request.getfixturevalue(name)
    with KickRestStub() as rest:
        yield make(server, rest)
    server.start()


@pytest.fixture
def pusher_stage(soketi: SoketiServer, kick_rest: KickRestStub) -> PusherStage:
    """soketi alone."""
    return PusherStage(soketi, kick_rest)


@pytest.fixture
def centrifugo_stage(centrifugo: CentrifugoServer, kick_rest: KickRestStub) -> CentrifugoStage:
    """The Go server alone."""
    return CentrifugoStage(centrifugo, kick_rest)


@pytest.fixture(scope="module")
def pinging_centrifugo() -> Iterator[CentrifugoServer]:
    """A Go server that pings every second and wants its pong within half of one."""
    with running(lambda: CentrifugoServer(ping=1, pong=0.5)) as server:
        yield server
