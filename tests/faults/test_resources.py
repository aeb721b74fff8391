"""What the client costs, and how fast it stops, in bad times and in quiet ones."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from servers.process import wait_until

from kick_live import ChatMessage, EventsDropped, KickClient, Reconnected

IDLE = """
import sys, time
from pathlib import Path
from kick_live import Endpoints, KickClient

def switches():
    total = 0
    for task in Path("/proc/self/task").iterdir():
        for line in (task / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                total += int(line.split()[1])
    return total

client = KickClient("amber-quokka", endpoints=Endpoints.at(sys.argv[1]), transport=sys.argv[2],
                    remember_ids=False)
client.connect(10)
counts = []
while len(counts) < 8 and min(counts, default=9) > 2:
    before = switches()
    client.run(timeout=6)
    counts.append(switches() - before)
print(min(counts))
client.close()
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc")
@pytest.mark.timeout(120)
def test_an_idle_client_sleeps(sim, transport) -> None:
    """Without traffic fewer than ten wake-ups a minute, over all threads: at most two in 6 s.

    The two are of the wait of the program itself: one at its end, one after its first second, for
    signals that came just before it. A client that polled would do so in each of eight intervals; what a
    busy machine adds is not in all of them.
    """
    result = subprocess.run(
        [sys.executable, "-c", IDLE, sim.url, transport],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    assert int(result.stdout) <= 2


@pytest.mark.parametrize("size", [(1 << 20) + 1, 100 << 20])
def test_a_frame_that_is_too_big(sim, make, transport, channel, size) -> None:
    """It ends the connection with a reason, without being read into memory; chat goes on."""
    client = make(transport=transport)
    client.connect()
    channel.chat("before")
    client.wait_for(ChatMessage, timeout=5)
    sim.publish_bytes(b"\x81\x7f" + size.to_bytes(8, "big") + b"x" * 1000)
    lost = client.wait_for("disconnected", timeout=5)
    assert lost.code == 1009
    assert str(size) in lost.reason
    client.wait_for(Reconnected, timeout=10)
    channel.chat("after")
    assert client.wait_for(ChatMessage, timeout=5).content == "after"


def test_overload_is_bounded_and_accounted_for(make, transport, channel) -> None:
    """A program that takes nothing costs a full queue; the rest is counted and announced."""
    client = make(transport=transport, queue_size=200)
    client.connect()
    for number in range(2000):
        channel.chat(str(number))
    wait_until(lambda: client.stats.received == 2000, 20, "all of it")
    stats = client.stats
    assert (stats.queued, stats.dropped) == (200, 1800)
    dropped = []
    client.on(EventsDropped, lambda event: dropped.append(event.count))
    client.wait_for(ChatMessage, timeout=5, where=lambda m: m.content == "1999")
    assert sum(dropped) == 1800
    stats = client.stats
    assert stats.received == stats.dispatched + stats.dropped + stats.queued


PLACES = {
    "resolve": "/api/v2/channels/",
    "negotiate": "/api/v1/realtime/connection",
    "token": "/api/v1/realtime/auth/connection",
    "open": None,
    "backfill": "/api/v1/chat/",
}


@pytest.mark.parametrize("place", PLACES)
def test_stopping_is_quick_everywhere(sim, place) -> None:
    """close() returns within two seconds, wherever the client is stuck."""
    client = KickClient(
        "amber-quokka", endpoints=sim.endpoints, transport="centrifugo", remember_ids=False
    )
    path = PLACES[place]
    if place == "backfill":
        client.connect(10)
        sim.hold(path)
        sim.drop_connections()
        wait_until(lambda: any("/chat/" in r.path for r in sim.requests), 10, "the request")
    else:
        sim.hold(path or "/connection")
        with pytest.raises(TimeoutError):
            client.connect(0.5)
    begin = time.monotonic()
    client.close()
    assert time.monotonic() - begin < 2
    sim.heal()


def test_stopping_with_an_api_of_ones_own(sim, make, channel) -> None:
    """An API that is shared with others is not closed, and does not keep close() waiting either."""
    client = make(transport="centrifugo")
    client.connect(10)
    sim.hold("/api/v1/chat/")
    sim.drop_connections()
    wait_until(lambda: any("/chat/" in r.path for r in sim.requests), 10, "the request")
    begin = time.monotonic()
    client.close()
    took = time.monotonic() - begin
    sim.heal()
    assert took < 2
