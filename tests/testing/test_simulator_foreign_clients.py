"""The simulator as seen by the client libraries of others, each in a process of its own."""

import sys
import time
from pathlib import Path

import pytest
from simulator_peers import wait_until

from kick_live.testing import KickSimulator, Settings

sys.path.insert(0, str(Path(__file__).parents[1]))
try:
    from servers.clients.foreign import ForeignClient
    from servers.install import NotInstalled
finally:
    del sys.path[0]

pytestmark = pytest.mark.servers


def _client(script, **options):
    try:
        return ForeignClient(script, **options)
    except NotInstalled as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("script", ["pusher_js.mjs", "pysher_client.py"])
def test_pusher_clients(simulator, channel, script):
    """Pusher's own JavaScript client and Pysher greet, subscribe and receive."""
    port = int(simulator.url.rpartition(":")[2])
    key = simulator.endpoints.pusher.rpartition("/")[2]
    topics = list(channel.topics)
    with _client(script, host="127.0.0.1", port=port, key=key, topics=topics, events=2) as client:
        simulator.wait_for_subscribers(channel, all_topics=True, timeout=15)
        simulator.ping()
        channel.chat("to others")
        channel.redeem_reward("Hydrate!")
        client.wait_for("event", topic=channel.chat_topic)
        client.wait_for("event", topic=channel.topics[2], event="RewardRedeemedEvent")


@pytest.mark.parametrize("script", ["centrifuge_js.mjs", "centrifuge_python_client.py"])
def test_centrifugo_clients(script):
    """Centrifugo's own clients connect, refresh their token, pong, receive, and come back."""
    settings = Settings(ping_interval=0.3, pong_timeout=0.3, token_ttl=2, expiry_grace=1)
    with KickSimulator(settings=settings) as simulator:
        channel = simulator.add_channel("amber-quokka")
        options = {
            "url": f"ws{simulator.url[4:]}/connection/websocket",
            "token_url": f"{simulator.url}/api/v1/realtime/auth/connection",
            "topics": list(channel.topics),
            "events": 2,
            "seconds": 30,
        }
        with _client(script, **options) as client:
            simulator.wait_for_subscribers(channel, all_topics=True, timeout=15)
            channel.chat("to others")
            client.wait_for("event", topic=channel.chat_topic)
            simulator.close_connections(3011)
            simulator.wait_for_connections(0)
            simulator.wait_for_subscribers(channel, all_topics=True, timeout=15)
            (before,) = simulator.connections
            # Refreshed, the connection outlives its first token.
            assert wait_until(lambda: time.monotonic() > before.opened_at + 4)
            assert [c.id for c in simulator.connections] == [before.id]
            channel.chat("still there")
            client.wait_for("end")
