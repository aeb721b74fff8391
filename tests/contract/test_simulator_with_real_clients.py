"""Our simulator serves the client libraries that others wrote as the real servers do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from servers.clients.foreign import ForeignClient
from servers.fixtures import running
from servers.process import wait_until

from kick_live.testing import KickSimulator, Settings, SimulatedChannel

pytestmark = pytest.mark.servers

PUSHER = ["pusher_js.mjs", "pysher_client.py"]
CENTRIFUGO = ["centrifuge_js.mjs", "centrifuge_python_client.py"]
SECONDS = 25


@pytest.fixture
def simulator() -> Iterator[KickSimulator]:
    """A simulator that pings every second and wants its pong within half of one."""
    settings = Settings(ping_interval=1, pong_timeout=0.5)
    with KickSimulator(settings=settings) as running_simulator:
        running_simulator.add_channel("amber-quokka")
        yield running_simulator


@pytest.fixture
def channel(simulator: KickSimulator) -> SimulatedChannel:
    return simulator.channel("amber-quokka")


def started(
    script: str, simulator: KickSimulator, topics: Any, **options: Any
) -> AbstractContextManager[ForeignClient]:
    """A client by others, on its way to the simulator."""
    _, _, port = simulator.url.rpartition(":")
    if script in PUSHER:
        options.setdefault("key", simulator.endpoints.pusher.rpartition("/")[2])
        options.update(host="127.0.0.1", port=port)
    else:
        options["url"] = f"ws://127.0.0.1:{port}/connection/websocket"
        options["token_url"] = f"{simulator.url}/api/v1/realtime/auth/connection"
    options.setdefault("seconds", SECONDS)
    return running(lambda: ForeignClient(script, topics=list(topics), **options))


def payload_of(happening: dict[str, Any]) -> Any:
    """An event's payload; pusher-js has parsed it already."""
    data = happening["data"]
    return json.loads(data) if isinstance(data, str) else data


@pytest.mark.parametrize("script", [*PUSHER, *CENTRIFUGO])
def test_subscribe_and_receive(
    simulator: KickSimulator, channel: SimulatedChannel, script: str
) -> None:
    """Six topics are acknowledged, and every kind of event arrives with its name and payload."""
    with started(script, simulator, channel.topics) as client:
        for topic in channel.topics:
            client.wait_for("subscribed", topic=topic)
        said = channel.chat('grüße 👋 \\ " / 日本', username="Maple_Harbor")
        channel.gift_subs(["lark_hollow", "fern_gully"], "copperkite")
        channel.redeem_reward("Hydrate!")
        channel.go_live()
        channel.poll("tea or coffee?", ["tea", "coffee"])
        heard = client.wait_for(
            "event", topic=channel.chat_topic, event="App\\Events\\ChatMessageEvent"
        )
        assert payload_of(heard) == said
        room, number = channel.chatroom_id, channel.channel_id
        client.wait_for("event", topic=f"chatroom_{room}", event="GiftedSubscriptionsEvent")
        client.wait_for("event", topic=f"chatroom_{room}", event="RewardRedeemedEvent")
        client.wait_for("event", topic=f"channel.{number}", event="App\\Events\\StreamerIsLive")
        client.wait_for("event", topic=channel.chat_topic, event="App\\Events\\PollUpdateEvent")


@pytest.mark.parametrize("script", CENTRIFUGO)
def test_answer_pings_and_survive(
    simulator: KickSimulator, channel: SimulatedChannel, script: str
) -> None:
    """A client that answers the pings keeps its socket beyond the time in which it had to."""
    with started(script, simulator, channel.topics[:1]) as client:
        client.wait_for("subscribed")
        (before,) = simulator.connections
        with pytest.raises(TimeoutError):
            wait_until(lambda: simulator.connections != [before], 1.7, "the end of the socket")
        channel.chat("still there")
        client.wait_for("event")
        assert client.kinds().count("connected") == 1


@pytest.mark.parametrize("script", PUSHER)
def test_pusher_pings_are_answered(
    simulator: KickSimulator, channel: SimulatedChannel, script: str
) -> None:
    """The simulator's ping is understood, and so is its answer to a client's."""
    # Pysher pings when it opens, pusher-js after its time of silence.
    quick = {"activity_timeout": 300, "pong_timeout": 2000} if script == "pusher_js.mjs" else {}
    with started(script, simulator, channel.topics[:1], **quick) as client:
        client.wait_for("subscribed")
        client.wait_for("pong")
        simulator.ping()
        if script == "pusher_js.mjs":  # the other answers before it would tell
            client.wait_for("ping")
        channel.chat("still there")
        client.wait_for("event")
        assert client.kinds().count("connected") == 1


@pytest.mark.parametrize("script", CENTRIFUGO)
def test_refresh_their_token(script: str) -> None:
    """A second token is fetched before the first ends, and keeps the socket."""
    settings = Settings(token_ttl=1, expiry_grace=1)
    with KickSimulator(settings=settings) as simulator:
        channel = simulator.add_channel("amber-quokka")
        with started(script, simulator, channel.topics[:1]) as client:
            client.wait_for("subscribed")
            (before,) = simulator.connections
            wait_until(lambda: client.kinds().count("token") >= 3, 10, "two refreshes")
            assert [connection.id for connection in simulator.connections] == [before.id]
            assert client.kinds().count("connected") == 1


@pytest.mark.parametrize("script", [*PUSHER, *CENTRIFUGO])
def test_a_refused_topic_leaves_the_others(
    simulator: KickSimulator, channel: SimulatedChannel, script: str
) -> None:
    """A refusal is reported for its topic with its code, and the other topic works."""
    good, refused = channel.topics[:2]
    simulator.refuse_topic(refused, 103, status=401)
    with started(script, simulator, [refused, good]) as client:
        client.wait_for("subscribed", topic=good)
        if script in PUSHER:
            client.wait_for("refused", topic=refused)
        else:
            client.wait_for("unsubscribed", topic=refused, code=103)
        channel.chat("still there")
        client.wait_for("event", topic=good)


@pytest.mark.parametrize("script", PUSHER)
def test_a_wrong_key_is_an_error(
    simulator: KickSimulator, channel: SimulatedChannel, script: str
) -> None:
    """A key that does not exist is reported as 4001."""
    with started(script, simulator, channel.topics[:1], key="nosuchkey", seconds=2) as client:
        error = client.wait_for("error")
        assert "4001" in json.dumps(error)
        assert client.finish() == 1


@pytest.mark.parametrize("code", [4100, 4200])
def test_pusher_js_comes_back(
    simulator: KickSimulator, channel: SimulatedChannel, code: int
) -> None:
    """After the codes that allow it pusher-js connects again and subscribes again."""
    with started("pusher_js.mjs", simulator, channel.topics[:1]) as client:
        client.wait_for("subscribed")
        (before,) = simulator.connections
        simulator.close_connections(code)
        wait_until(
            lambda: any(
                c.id != before.id and channel.chat_topic in c.topics for c in simulator.connections
            ),
            10,
            "the next socket",
        )
        channel.chat("back")
        client.wait_for("event")


def test_pusher_js_stays_away(simulator: KickSimulator, channel: SimulatedChannel) -> None:
    """After 4003 pusher-js disconnects for good."""
    with started("pusher_js.mjs", simulator, channel.topics[:1], seconds=2) as client:
        client.wait_for("subscribed")
        simulator.close_connections(4003)
        client.wait_for("state", current="disconnected")
        client.finish()
        assert client.kinds().count("connected") == 1


@pytest.mark.parametrize("script", CENTRIFUGO)
@pytest.mark.parametrize("way", ["a close", "a push", "a restart"])
def test_centrifugo_clients_come_back(
    simulator: KickSimulator, channel: SimulatedChannel, script: str, way: str
) -> None:
    """After 3001, however it is told, they connect again and subscribe again."""
    with started(script, simulator, channel.topics[:1]) as client:
        client.wait_for("subscribed")
        if way == "a close":
            simulator.close_connections(3001)
        elif way == "a push":
            simulator.disconnect_push(3001, "shutdown")
        else:
            simulator.stop()
            simulator.start()
        wait_until(lambda: client.kinds().count("connected") == 2, 10, "the next connection")
        client.wait_for("connecting", code=3001)
        simulator.wait_for_subscribers(channel)
        channel.chat("back")
        client.wait_for("event")


@pytest.mark.parametrize("script", CENTRIFUGO)
@pytest.mark.parametrize("code", [3500, 4500])
def test_centrifugo_clients_stay_away(
    simulator: KickSimulator, channel: SimulatedChannel, script: str, code: int
) -> None:
    """After a terminal code they disconnect for good, and tell the code."""
    with started(script, simulator, channel.topics[:1]) as client:
        client.wait_for("subscribed")
        # The JavaScript client looks at the code only where there is a reason beside it.
        simulator.close_connections(code, "not again")
        client.wait_for("disconnected", code=code)
        assert client.kinds().count("connected") == 1


@pytest.mark.parametrize("script", CENTRIFUGO)
def test_unsubscribe_pushes(
    simulator: KickSimulator, channel: SimulatedChannel, script: str
) -> None:
    """A push of 2500 is followed by a new subscription, one of 2000 is the end of it."""
    taken, back = channel.topics[:2]
    with started(script, simulator, [taken, back]) as client:
        client.wait_for("subscribed", topic=taken)
        client.wait_for("subscribed", topic=back)
        simulator.unsubscribe_push(taken, 2000, "not any more")
        client.wait_for("unsubscribed", topic=taken, code=2000)
        simulator.unsubscribe_push(back, 2500, "insufficient state")
        again = {"kind": "subscribed", "topic": back}
        wait_until(lambda: client.happenings.count(again) == 2, 10, "the subscription")
        (connection,) = simulator.connections
        assert connection.topics == {back}


def test_granted_compaction_is_understood(
    simulator: KickSimulator, channel: SimulatedChannel
) -> None:
    """The JavaScript client offers to take numbers for topics, and understands ours."""
    simulator.grant_compaction()
    with started("centrifuge_js.mjs", simulator, channel.topics[:2]) as client:
        for topic in channel.topics[:2]:
            client.wait_for("subscribed", topic=topic)
        said = channel.chat("by number")
        assert payload_of(client.wait_for("event", topic=channel.chat_topic)) == said
