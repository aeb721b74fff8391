"""What a client does when its server goes away, falls silent, or pushes it off."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from kick_stages import (
    CentrifugoStage,
    PusherStage,
    ServerStage,
    SimulatedStage,
    Stage,
    opened,
    topics_of,
)
from servers.centrifugo import CentrifugoServer
from servers.fixtures import running
from servers.kick_rest import KickRestStub
from servers.process import ServerProcess, wait_until

from kick_live import (
    ChannelRef,
    ChatMessage,
    Disconnected,
    ErrorOccurred,
    KickClient,
    RealtimeError,
    Reconnected,
    WaitTimeout,
)
from kick_live.testing import KickSimulator

servers = pytest.mark.servers


def until_reconnected(
    client: KickClient, timeout: float = 20
) -> tuple[list[ChatMessage], Reconnected]:
    """The chat messages that come before the next Reconnected, and that event."""
    messages = []
    for event in client.events(timeout=timeout):
        if isinstance(event, ChatMessage):
            messages.append(event)
        if isinstance(event, Reconnected):
            return messages, event
    raise TimeoutError("no Reconnected")


@contextmanager
def frozen(server: ServerProcess) -> Iterator[None]:
    """A server that is there and does nothing."""
    assert server._process is not None
    server._process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        server._process.send_signal(signal.SIGCONT)


def check_restart(stage: Stage, client: KickClient, channel: ChannelRef, code: int | None) -> None:
    """The server has just gone: nothing is lost, nothing comes twice, and the chat goes on."""
    lost = client.wait_for(Disconnected, timeout=5)
    assert lost.will_reconnect
    assert lost.code == code
    for text in ("missed 1", "missed 2", "missed 3"):
        stage.chat_unheard(channel, text)
    stage.start()
    missed, reconnected = until_reconnected(client)
    assert [message.content for message in missed] == ["missed 1", "missed 2", "missed 3"]
    assert all(message.historical for message in missed)
    assert (reconnected.recovered, reconnected.complete) == (3, True)
    assert reconnected.channel is not None
    assert reconnected.channel.slug == channel.slug
    stage.chat(channel, "live again")
    live = client.wait_for(ChatMessage, timeout=5)
    assert (live.content, live.historical) == ("live again", False)
    stage.wait_for_subscribers(topics_of(channel))
    assert client.stats.reconnects == 1


def test_survives_a_planned_restart(stage: Stage) -> None:
    """After a shutdown and a return on the same port, what was said meanwhile is read back."""
    channel = stage.add_channel()
    with stage.client(channel) as client:
        client.connect(timeout=10)
        stage.chat(channel, "before")
        assert client.wait_for(ChatMessage, timeout=5).content == "before"
        stage.stop()
        check_restart(stage, client, channel, 4200 if stage.provider == "pusher" else 3001)


@servers
@pytest.mark.parametrize("name", ["pusher_stage", "centrifugo_stage"])
def test_survives_a_crash(request: pytest.FixtureRequest, name: str) -> None:
    """A server that is killed without a close frame is met again, with nothing lost."""
    stage: ServerStage = request.getfixturevalue(name)
    channel = stage.add_channel()
    try:
        with stage.client(channel) as client:
            client.connect(timeout=10)
            stage.server.kill()
            check_restart(stage, client, channel, 1006)
    finally:
        stage.start()


def stays_connected(client: KickClient, seconds: float) -> bool:
    """Whether the socket is kept for so long, in which an unanswered ping would have ended it."""
    try:
        client.wait_for(Disconnected, timeout=seconds)
    except WaitTimeout:
        return True
    return False


@servers
def test_answers_pings_of_centrifugo(
    pinging_centrifugo: CentrifugoServer, kick_rest: KickRestStub
) -> None:
    """While nothing is published, pings are answered, or else a close with 3012 would come."""
    stage = CentrifugoStage(pinging_centrifugo, kick_rest)
    channel = stage.add_channel()
    with stage.client(channel, ping_margin=0.5) as client:
        client.connect(timeout=10)
        assert stays_connected(client, 2.7)
        stage.chat(channel, "still there")
        assert client.wait_for(ChatMessage, timeout=5).content == "still there"


@servers
def test_pings_an_idle_pusher(pusher_stage: PusherStage) -> None:
    """While nothing is published, the client's own pings are answered and keep the socket."""
    channel = pusher_stage.add_channel()
    with pusher_stage.client(channel, activity_timeout=0.3, pong_timeout=0.4) as client:
        client.connect(timeout=10)
        assert stays_connected(client, 1.7)
        pusher_stage.chat(channel, "still there")
        assert client.wait_for(ChatMessage, timeout=5).content == "still there"


@servers
@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="processes cannot be stopped here")
def test_notices_a_dead_pusher(pusher_stage: PusherStage) -> None:
    """A server whose process hangs is left after one unanswered ping, and met again later."""
    channel = pusher_stage.add_channel()
    with pusher_stage.client(channel, activity_timeout=0.3, pong_timeout=0.4) as client:
        client.connect(timeout=10)
        begin = time.monotonic()
        with frozen(pusher_stage.server):
            assert "silent" in client.wait_for(Disconnected, timeout=5).reason
        assert time.monotonic() - begin < 3
        until_reconnected(client)


@servers
@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="processes cannot be stopped here")
def test_notices_a_dead_centrifugo(
    pinging_centrifugo: CentrifugoServer, kick_rest: KickRestStub
) -> None:
    """A server whose process hangs is left when its ping is overdue, and met again later."""
    stage = CentrifugoStage(pinging_centrifugo, kick_rest)
    channel = stage.add_channel()
    with stage.client(channel, ping_margin=0.5) as client:
        client.connect(timeout=10)
        begin = time.monotonic()
        with frozen(stage.server):
            assert "silent" in client.wait_for(Disconnected, timeout=6).reason
        assert time.monotonic() - begin < 4
        until_reconnected(client)


@servers
def test_refreshes_its_token() -> None:
    """Before a short token ends a new one is handed in, for the same identity, on the same socket.

    On the Go server and on the simulator at the same time, for this takes five seconds.
    """
    with (
        running(lambda: CentrifugoServer(ttl=3, grace=30)) as server,
        KickRestStub() as rest,
        KickSimulator("centrifugo", token_ttl=3) as simulator,
    ):
        real, simulated = CentrifugoStage(server, rest), SimulatedStage(simulator, "centrifugo")
        channel, other = real.add_channel(), simulated.add_channel()
        with real.client(channel) as client, simulated.client(other) as other_client:
            client.connect(timeout=10)
            other_client.connect(timeout=10)
            sockets = [connection.id for connection in simulator.connections]
            wait_until(lambda: server.stats().refreshed == 1, 9, "a refresh")
            first, second = (request.json["client_id"] for request in rest.requests_to("token"))
            assert first == second
            path = rest.requests_to("token")[0].path
            wait_until(lambda: [r.path for r in simulator.requests].count(path) == 2, 9, "a token")
            for stage, found, where in ((real, client, channel), (simulated, other_client, other)):
                stage.chat(where, "still the same socket")
                message = found.wait_for(ChatMessage, timeout=5)
                assert message.content == "still the same socket"
                assert found.stats.reconnects == 0
            assert server.stats().connected == 1
            assert [connection.id for connection in simulator.connections] == sockets


@servers
def test_takes_a_topic_again_that_was_pushed_off(centrifugo_stage: CentrifugoStage) -> None:
    """An unsubscribe push of 2500 and up is followed by a new subscription, on the same socket."""
    channel = centrifugo_stage.add_channel()
    topic = topics_of(channel)[0]
    with centrifugo_stage.client(channel) as client:
        client.connect(timeout=10)
        centrifugo_stage.wait_for_subscribers(topics_of(channel))
        sockets = centrifugo_stage.server.stats().connected
        errors: list[ErrorOccurred] = []
        client.on(ErrorOccurred, errors.append)
        centrifugo_stage.server.unsubscribe(topic, 2500, "insufficient state")
        centrifugo_stage.wait_for_subscribers([topic])
        wait_until(lambda: client.stats.topics[topic] == "subscribed", 5, "the subscription")
        centrifugo_stage.chat(channel, "back")
        assert client.wait_for(ChatMessage, timeout=5).content == "back"
        assert centrifugo_stage.server.stats().connected == sockets
        assert errors == []


@servers
def test_reports_a_topic_that_was_taken_away(centrifugo_stage: CentrifugoStage) -> None:
    """An unsubscribe push below 2500 is an error of that topic; the others go on."""
    channel = centrifugo_stage.add_channel()
    predictions = topics_of(channel)[-1]
    with centrifugo_stage.client(channel) as client:
        client.connect(timeout=10)
        centrifugo_stage.wait_for_subscribers([predictions])
        centrifugo_stage.server.unsubscribe(predictions, 2000, "not any more")
        error = client.wait_for(ErrorOccurred, timeout=5).error
        assert isinstance(error, RealtimeError)
        assert predictions in str(error)
        assert client.stats.topics[predictions] == "refused"
        centrifugo_stage.chat(channel, "still there")
        assert client.wait_for(ChatMessage, timeout=5).content == "still there"


@servers
@pytest.mark.parametrize("code", [3012, 4100])
def test_comes_back_after_a_passing_close(centrifugo_stage: CentrifugoStage, code: int) -> None:
    """A close code that allows it is followed by a new connection."""
    channel = centrifugo_stage.add_channel()
    with centrifugo_stage.client(channel) as client:
        client.connect(timeout=10)
        centrifugo_stage.server.disconnect(code, "come back")
        assert client.wait_for(Disconnected, timeout=5).code == code
        until_reconnected(client)
        centrifugo_stage.chat(channel, "back")
        assert client.wait_for(ChatMessage, timeout=5).content == "back"


def test_obeys_a_disconnect_push() -> None:
    """A disconnect push, the closing of which is left to the client, counts like a close."""
    with KickSimulator("centrifugo") as simulator:
        simulator.add_channel("amber-quokka")
        with opened(simulator.endpoints, "amber-quokka") as client:
            client.connect(timeout=10)
            simulator.disconnect_push(3001, "shutdown")
            assert client.wait_for(Disconnected, timeout=5).code == 3001
            until_reconnected(client)
