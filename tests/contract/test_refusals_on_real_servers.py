"""What a client does when a server turns down its topic, its key, its token or itself."""

from __future__ import annotations

import pytest
import websocket
from kick_stages import CentrifugoStage, PusherStage, SimulatedStage, opened, topics_of
from servers.centrifugo import CentrifugoServer
from servers.kick_rest import KickRestStub, make_token
from servers.process import wait_until
from servers.soketi import DISABLED_KEY, FULL_KEY, KEY, SoketiServer

from kick_live import (
    ChatMessage,
    ConnectionRejected,
    ConnectTimeout,
    Disconnected,
    Endpoints,
    ErrorOccurred,
    RealtimeError,
    TransportError,
)
from kick_live.testing import KickSimulator

servers = pytest.mark.servers


def endpoints_with(rest: KickRestStub, soketi: SoketiServer, key: str) -> Endpoints:
    """Endpoints whose Pusher application is the one with this key."""
    return Endpoints(site=rest.url, web=rest.url, pusher=soketi.url_for(key))


@pytest.mark.parametrize(
    "name", ["pusher", "centrifugo", pytest.param("real centrifugo", marks=servers)]
)
def test_a_refused_topic_does_not_end_the_others(request: pytest.FixtureRequest, name: str) -> None:
    """A refused topic is told as ErrorOccurred that names it, once; the other five go on."""
    with KickSimulator("pusher" if name == "pusher" else "centrifugo") as simulator:
        stage: SimulatedStage | CentrifugoStage = SimulatedStage(simulator, name)
        if name == "real centrifugo":
            stage = request.getfixturevalue("centrifugo_stage")
        channel = stage.add_channel()
        *rest, refused = topics_of(channel)
        if isinstance(stage, CentrifugoStage):
            stage.server.refuse(refused, 103)
        else:
            stage.simulator.refuse_topic(refused)
        with stage.client(channel) as client:
            client.connect(timeout=10)
            event = client.wait_for(ErrorOccurred, timeout=5)
            assert isinstance(event.error, RealtimeError)
            assert refused in str(event.error)
            assert event.channel is not None
            stage.wait_for_subscribers(rest)
            wait_until(
                lambda: list(client.stats.topics.values()).count("subscribed") == 5, 5, "the rest"
            )
            assert client.stats.topics[refused] == "refused"
            stage.chat(channel, "still there")
            assert client.wait_for(ChatMessage, timeout=5).content == "still there"


@servers
def test_asks_again_for_a_topic_refused_for_a_while(centrifugo_stage: CentrifugoStage) -> None:
    """A temporary refusal, even of the chat topic, is overcome without an error."""
    channel = centrifugo_stage.add_channel()
    centrifugo_stage.server.refuse(topics_of(channel)[0], 100, times=1)
    with centrifugo_stage.client(channel) as client:
        errors: list[ErrorOccurred] = []
        client.on(ErrorOccurred, errors.append)
        client.connect(timeout=10)
        centrifugo_stage.chat(channel, "hello")
        assert client.wait_for(ChatMessage, timeout=5).content == "hello"
        assert errors == []


@servers
def test_a_refused_chat_topic_fails_connect(centrifugo_stage: CentrifugoStage) -> None:
    """Without the chat topic there is nothing to connect for: connect() says so at once."""
    channel = centrifugo_stage.add_channel()
    topic = topics_of(channel)[0]
    centrifugo_stage.server.refuse(topic, 103)
    with centrifugo_stage.client(channel) as client, pytest.raises(RealtimeError, match=topic):
        client.connect(timeout=10)


@servers
@pytest.mark.parametrize("transport", ["pusher", "auto"])
def test_a_wrong_key_is_replaced_by_the_negotiated_one(
    soketi: SoketiServer, kick_rest: KickRestStub, transport: str
) -> None:
    """A key that no longer exists (4001) is replaced by the one that the negotiation names."""
    kick_rest.pusher = (KEY, "us2")
    kick_rest.add_channel("juniper-otter", 5101, 5202)
    endpoints = endpoints_with(kick_rest, soketi, "nosuchkey")
    with opened(endpoints, "juniper-otter", transport=transport) as client:
        assert client.connect(timeout=10).transport == "pusher"
        wait_until(lambda: soketi.subscribers("chatrooms.5202.v2") == 1, 5, "a subscriber")


@servers
@pytest.mark.parametrize(
    ("key", "code", "answers"),
    [("nosuchkey", 4001, "an error"), (DISABLED_KEY, 4003, "the same key")],
)
def test_without_a_good_key_connect_is_rejected(
    soketi: SoketiServer, kick_rest: KickRestStub, key: str, code: int, answers: str
) -> None:
    """Where fresh credentials are no better, or not to be had, connect() raises the code."""
    kick_rest.pusher = (key, "us2")
    if answers == "an error":
        kick_rest.fail("connection", 404)
        kick_rest.fail("chat_connection", 404)
    kick_rest.add_channel("juniper-otter", 5101, 5202)
    endpoints = endpoints_with(kick_rest, soketi, key)
    with opened(endpoints, "juniper-otter", transport="pusher") as client:
        with pytest.raises(ConnectionRejected) as caught:
            client.connect(timeout=10)
        assert (caught.value.provider, caught.value.code) == ("pusher", code)


@servers
def test_a_full_application_is_waited_for(soketi: SoketiServer, kick_rest: KickRestStub) -> None:
    """4100 is no reason to give up: the client waits, and gets in once there is room."""
    kick_rest.add_channel("juniper-otter", 5101, 5202)
    endpoints = endpoints_with(kick_rest, soketi, FULL_KEY)
    holder = websocket.create_connection(soketi.url_for(FULL_KEY) + "?protocol=7", timeout=5)
    try:
        holder.recv()
        with opened(endpoints, "juniper-otter", transport="pusher") as client:
            with pytest.raises(ConnectTimeout) as caught:
                client.connect(timeout=0.8)
            assert isinstance(caught.value.last_error, TransportError)
            assert caught.value.last_error.code == 4100
            holder.close()
            assert client.connect(timeout=15).transport == "pusher"
    finally:
        holder.shutdown()


@servers
def test_falls_back_to_pusher_when_the_token_is_refused(
    centrifugo: CentrifugoServer, soketi: SoketiServer, kick_rest: KickRestStub
) -> None:
    """After the terminal close 3500 "auto" uses Pusher, and says so."""
    kick_rest.centrifugo_url = centrifugo.url
    kick_rest.pusher = (KEY, "us2")
    kick_rest.token_factory = lambda client_id, number: f"a.bad.{number}"
    stage = PusherStage(soketi, kick_rest)
    channel = stage.add_channel()
    with stage.client(channel) as client:
        assert client.connect(timeout=10).transport == "pusher"
        assert len(kick_rest.requests_to("token")) == 1
        stage.chat(channel, "over the other one")
        assert client.wait_for(ChatMessage, timeout=5).content == "over the other one"


@servers
def test_a_terminal_code_is_not_hammered(centrifugo_stage: CentrifugoStage) -> None:
    """Without another provider the client waits for minutes, and connect() tells the code."""
    centrifugo_stage.rest.token_factory = lambda client_id, number: f"a.bad.{number}"
    channel = centrifugo_stage.add_channel()
    with centrifugo_stage.client(channel, transport="centrifugo") as client:
        with pytest.raises(ConnectTimeout) as caught:
            client.connect(timeout=1.5)
        assert isinstance(caught.value.last_error, TransportError)
        assert caught.value.last_error.code == 3500
        assert len(centrifugo_stage.rest.requests_to("token")) == 1


@servers
def test_an_expired_token_is_replaced(centrifugo_stage: CentrifugoStage) -> None:
    """A token that has expired before it is used (109) is replaced by a new one."""
    centrifugo_stage.rest.token_factory = lambda client_id, number: (
        "an.expired.one" if number == 0 else make_token(client_id, number)
    )
    channel = centrifugo_stage.add_channel()
    with centrifugo_stage.client(channel) as client:
        assert client.connect(timeout=10).transport == "centrifugo"
        assert centrifugo_stage.rest.tokens_given == 2


@servers
def test_moves_to_pusher_after_a_terminal_close_while_running(
    centrifugo: CentrifugoServer, soketi: SoketiServer, kick_rest: KickRestStub
) -> None:
    """A running client that is sent away for good (4500) goes on over the other provider."""
    kick_rest.centrifugo_url = centrifugo.url
    kick_rest.pusher = (KEY, "us2")
    stage = PusherStage(soketi, kick_rest)
    channel = stage.add_channel()
    with stage.client(channel) as client:
        assert client.connect(timeout=10).transport == "centrifugo"
        centrifugo.disconnect(4500, "no more")
        assert client.wait_for(Disconnected, timeout=5).code == 4500
        stage.wait_for_subscribers(topics_of(channel))
        stage.chat(channel, "over the other one")
        assert client.wait_for(ChatMessage, timeout=5).content == "over the other one"
        assert client.stats.transport == "pusher"


@servers
def test_sends_no_foreign_origin(centrifugo_stage: CentrifugoStage) -> None:
    """A server that lets in Kick's own Origin or none, and meets all others with 403, lets us in."""
    channel = centrifugo_stage.add_channel()
    with centrifugo_stage.client(channel) as client:
        assert client.connect(timeout=10).transport == "centrifugo"
        with pytest.raises(websocket.WebSocketBadStatusException):
            websocket.create_connection(
                centrifugo_stage.server.url, timeout=5, origin="https://example.com"
            )
