"""A program that is slower than the stream."""

import pytest
from servers.process import wait_until

from kick_live import ChatMessage, Event, EventsDropped


def _flood(sim, client, channel, count):
    client.connect()
    client.poll()
    for number in range(count):
        channel.chat(str(number))
    wait_until(lambda: client.stats.received >= count, 10, "the flood to arrive")


@pytest.mark.parametrize("overflow", ["drop_oldest", "drop_newest"])
def test_what_is_dropped_is_announced(sim, make, transport, channel, overflow):
    """EventsDropped counts exactly what is missing, and stands where it is missing."""
    client = make(transport=transport, queue_size=10, overflow=overflow)
    _flood(sim, client, channel, 35)
    seen = []
    client.on(Event, seen.append)
    client.poll()
    dropped = [e for e in seen if isinstance(e, EventsDropped)]
    contents = [e.content for e in seen if isinstance(e, ChatMessage)]
    assert [e.count for e in dropped] == [25]
    if overflow == "drop_oldest":
        assert contents == [str(n) for n in range(25, 35)]
        assert isinstance(seen[0], EventsDropped)
    else:
        assert contents == [str(n) for n in range(10)]
        assert isinstance(seen[-1], EventsDropped)
    stats = client.stats
    assert (stats.received, stats.dropped, stats.dispatched, stats.queued) == (35, 25, 10, 0)


def test_block_loses_nothing(sim, make, transport, channel):
    """overflow="block" keeps everything, in order."""
    client = make(transport=transport, queue_size=10, overflow="block")
    client.connect()
    client.poll()
    for number in range(500):
        channel.chat(str(number))
    seen = []
    client.on(ChatMessage, lambda m: seen.append(m.content))
    client.wait_for(ChatMessage, timeout=10, where=lambda m: m.content == "499")
    assert seen == [str(n) for n in range(500)]
    assert client.stats.dropped == 0


def test_a_slow_listener_delays_no_pong(make, channel):
    """While a listener blocks, pings are answered and the connection stays."""
    from kick_live import KickAPI
    from kick_live.testing import KickSimulator

    with (
        KickSimulator(ping_interval=0.3, pong_timeout=0.5) as sim,
        KickAPI(sim.endpoints, min_interval=0) as api,
    ):
        slow = sim.add_channel("slow-loris")
        client = make("slow-loris", api=api, transport="centrifugo")
        client.connect()
        slow.chat("x")
        opened = sim.connections[0].opened_at

        def block(message):
            with pytest.raises(TimeoutError):
                wait_until(lambda: False, 2, "nothing")

        client.once(ChatMessage, block)
        client.wait_for(ChatMessage, timeout=5)
        assert [c.opened_at for c in sim.connections] == [opened]
        client.close()
