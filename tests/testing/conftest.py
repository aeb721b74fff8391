import threading

import pytest
from simulator_peers import PEERS, wait_until

from kick_live.testing import KickSimulator


def _threads():
    return {t for t in threading.enumerate() if t.name.startswith("kick-live-simulator")}


@pytest.fixture(autouse=True)
def no_thread_stays():
    """Fail a test after which a thread of a simulator is still there."""
    before = _threads()
    yield
    assert wait_until(lambda: _threads() <= before, 2), _threads() - before


@pytest.fixture
def simulator():
    with KickSimulator() as simulator:
        simulator.add_channel("amber-quokka")
        yield simulator


@pytest.fixture
def channel(simulator):
    return simulator.channel("amber-quokka")


@pytest.fixture(params=sorted(PEERS))
def peer_class(request):
    return PEERS[request.param]
