"""The servers by others behave as their recordings say, seen through a bare WebSocket."""

from __future__ import annotations

import json
import ssl
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
import websocket
from servers.centrifugo import CentrifugoServer
from servers.clients.foreign import ForeignClient
from servers.fixtures import centrifugo, kick_rest, running, soketi, tls_files
from servers.kick_rest import KickRestStub
from servers.process import ServerFailed, wait_until
from servers.soketi import DISABLED_KEY, FULL_KEY, KEY, SoketiServer
from servers.tls import TlsFiles

__all__ = ["centrifugo", "kick_rest", "soketi", "tls_files"]

TOPIC = "chatrooms.4411.v2"
CHAT = "App\\Events\\ChatMessageEvent"


@contextmanager
def opened(url: str, **options: Any) -> Iterator[websocket.WebSocket]:
    """A WebSocket without an Origin header, with a deadline of five seconds a read."""
    options.setdefault("suppress_origin", True)
    socket = websocket.create_connection(url, timeout=5, **options)
    try:
        yield socket
    finally:
        socket.shutdown()


def send(socket: websocket.WebSocket, *documents: Any) -> None:
    """Send JSON documents in one message."""
    socket.send("\n".join(json.dumps(document) for document in documents))


def receive(socket: websocket.WebSocket, count: int) -> list[Any]:
    """Read messages until they have held this many JSON documents, and give them."""
    found: list[Any] = []
    while len(found) < count:
        found += [json.loads(line) for line in socket.recv().split("\n")]
    assert len(found) == count
    return found


def close_code(socket: websocket.WebSocket) -> int:
    """Read until the close frame and give its code."""
    while True:
        opcode, frame = socket.recv_data_frame(True)
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            return int(struct.unpack("!H", frame.data[:2])[0])


def subscribe_to_pusher(socket: websocket.WebSocket) -> None:
    """Read the greeting, subscribe and read the acknowledgement."""
    assert receive(socket, 1)[0]["event"] == "pusher:connection_established"
    send(socket, {"event": "pusher:subscribe", "data": {"auth": "", "channel": TOPIC}})
    assert receive(socket, 1)[0]["event"] == "pusher_internal:subscription_succeeded"


def connect_to_centrifugo(socket: websocket.WebSocket, token: str = "t") -> dict[str, Any]:
    """Connect and subscribe in one message and give the reply to connect."""
    connect = {"id": 1, "connect": {"token": token, "name": "js"}}
    send(socket, connect, {"id": 2, "subscribe": {"channel": TOPIC}})
    first, second = receive(socket, 2)
    assert second == {"id": 2, "subscribe": {}}
    reply: dict[str, Any] = first["connect"]
    return reply


def ask(socket: websocket.WebSocket, command: dict[str, Any]) -> Any:
    """Send one command and give its reply, or its error."""
    send(socket, command)
    (reply,) = receive(socket, 1)
    return reply


@pytest.mark.servers
class TestSoketi:
    def test_greets_and_acknowledges(self, soketi: SoketiServer) -> None:
        """The greeting is JSON in a string and an acknowledgement carries the topic."""
        with opened(soketi.pusher_url) as socket:
            (greeting,) = receive(socket, 1)
            assert json.loads(greeting["data"])["activity_timeout"] > 0
            send(socket, {"event": "pusher:subscribe", "data": {"auth": "", "channel": TOPIC}})
            (reply,) = receive(socket, 1)
            assert reply == {"event": "pusher_internal:subscription_succeeded", "channel": TOPIC}
            assert soketi.subscribers(TOPIC) == 1

    @pytest.mark.parametrize("data", ['{"id":"a","content":"h\u00e9"}', {"id": "a"}])
    def test_publishes_text_and_objects(self, soketi: SoketiServer, data: Any) -> None:
        """A payload arrives as it was given: a text as a text, an object as an object."""
        with opened(soketi.pusher_url) as socket:
            subscribe_to_pusher(socket)
            soketi.publish(TOPIC, CHAT, data)
            assert receive(socket, 1) == [{"event": CHAT, "channel": TOPIC, "data": data}]

    def test_says_when_a_publication_is_refused(self, soketi: SoketiServer) -> None:
        """An error that the server reports with status 200 is raised all the same."""
        with pytest.raises(ServerFailed, match="soketi answered"):
            soketi.publish(TOPIC, "", "{}")

    @pytest.mark.parametrize(("key", "code"), [("nosuchkey", 4001), (DISABLED_KEY, 4003)])
    def test_refuses_a_wrong_key(self, soketi: SoketiServer, key: str, code: int) -> None:
        """An unknown and a disabled application give an error event, then a close, of one code."""
        with opened(soketi.url_for(key)) as socket:
            (error,) = receive(socket, 1)
            assert (error["event"], error["data"]["code"]) == ("pusher:error", code)
            assert close_code(socket) == code

    def test_refuses_one_connection_too_many(self, soketi: SoketiServer) -> None:
        """The second connection of an application with room for one is told 4100."""
        with opened(soketi.url_for(FULL_KEY)) as first:
            receive(first, 1)
            with opened(soketi.url_for(FULL_KEY)) as second:
                assert receive(second, 1)[0]["data"]["code"] == 4100
                assert close_code(second) == 4100

    def test_stops_with_4200_and_restarts_on_its_port(self) -> None:
        """A planned stop says 4200; meanwhile connections are refused; the port stays the same."""
        with running(SoketiServer) as server:
            url = server.pusher_url
            with opened(url) as socket:
                subscribe_to_pusher(socket)
                server.stop()
                assert receive(socket, 1)[0]["data"]["code"] == 4200
                assert close_code(socket) == 4200
            with pytest.raises(ConnectionRefusedError):
                websocket.create_connection(url, timeout=5)
            server.start()
            with opened(url) as socket:
                subscribe_to_pusher(socket)

    def test_kill_breaks_the_connection(self) -> None:
        """A crash ends the connection without a close frame."""
        with running(SoketiServer) as server, opened(server.pusher_url) as socket:
            subscribe_to_pusher(socket)
            server.kill()
            with pytest.raises((websocket.WebSocketConnectionClosedException, ConnectionError)):
                socket.recv_data_frame(True)

    def test_speaks_tls(self, tls_files: TlsFiles) -> None:
        """With certificate files it takes clients that trust the authority, and only those."""
        with running(lambda: SoketiServer(tls=tls_files)) as server:
            trust = {"ca_certs": str(tls_files.ca)}
            with opened(server.pusher_url, sslopt=trust) as socket:
                subscribe_to_pusher(socket)
                server.publish(TOPIC, CHAT, "{}")
                assert receive(socket, 1)[0]["data"] == "{}"
            with pytest.raises(ssl.SSLCertVerificationError):
                websocket.create_connection(server.pusher_url, timeout=5)


@pytest.mark.servers
class TestCentrifugo:
    def test_connects_subscribes_and_publishes(self, centrifugo: CentrifugoServer) -> None:
        """Connect and subscribe may share a message; a push wraps the event as Kick does."""
        with opened(centrifugo.url) as socket:
            reply = connect_to_centrifugo(socket)
            assert (reply["ping"], reply["pong"]) == (25, True)
            assert "expires" not in reply
            assert centrifugo.publish(TOPIC, CHAT, '{"id":"a"}') == 1
            publication = {"data": {"event": CHAT, "data": '{"id":"a"}'}}
            assert receive(socket, 1) == [{"push": {"channel": TOPIC, "pub": publication}}]

    @pytest.mark.parametrize(
        ("topic", "error"),
        [
            ("deny:1", {"code": 103, "message": "permission denied"}),
            ("unknown:1", {"code": 102, "message": "unknown channel"}),
            ("tmp:1", {"code": 100, "message": "internal server error", "temporary": True}),
            ("tokexp:1", {"code": 109, "message": "token expired"}),
            (TOPIC, {"code": 105, "message": "already subscribed"}),
        ],
    )
    def test_refuses_a_topic(
        self, centrifugo: CentrifugoServer, topic: str, error: dict[str, Any]
    ) -> None:
        """A refused subscription is answered by an error and the connection goes on."""
        with opened(centrifugo.url) as socket:
            connect_to_centrifugo(socket)
            reply = ask(socket, {"id": 3, "subscribe": {"channel": topic}})
            assert reply == {"id": 3, "error": error}
            assert ask(socket, {"id": 4, "refresh": {"token": "t"}}) == {"id": 4, "refresh": {}}

    def test_refuses_any_topic_for_a_while(self, centrifugo: CentrifugoServer) -> None:
        """A test can have a topic of Kick's own form refused a given number of times."""
        topic = "channel_4410"
        centrifugo.refuse(topic, 109, times=1)
        with opened(centrifugo.url) as socket:
            connect_to_centrifugo(socket)
            command = {"id": 3, "subscribe": {"channel": topic}}
            assert ask(socket, command)["error"]["code"] == 109
            assert ask(socket, command) == {"id": 3, "subscribe": {}}

    @pytest.mark.parametrize("message", ["nope", "{}", '{"event":"pusher:subscribe","data":{}}'])
    def test_closes_on_a_bad_request(self, centrifugo: CentrifugoServer, message: str) -> None:
        """Text that is no JSON, a pong that answers no ping, and a Pusher frame give 3501."""
        with opened(centrifugo.url) as socket:
            connect_to_centrifugo(socket)
            socket.send(message)
            assert close_code(socket) == 3501

    def test_closes_on_a_bad_token(self, centrifugo: CentrifugoServer) -> None:
        """A token with the word "bad" is closed with 3500, and one that only contains it is not."""
        with opened(centrifugo.url) as socket:
            send(socket, {"id": 1, "connect": {"token": "a.bad.one"}})
            assert close_code(socket) == 3500
        with opened(centrifugo.url) as socket:
            connect_to_centrifugo(socket, "abadone")

    def test_takes_only_its_token(self) -> None:
        """With a token prefix, others are closed with 3500."""
        with running(lambda: CentrifugoServer(token_prefix="guest-")) as server:
            with opened(server.url) as socket:
                connect_to_centrifugo(socket, "guest-1")
            with opened(server.url) as socket:
                send(socket, {"id": 1, "connect": {"token": "other"}})
                assert close_code(socket) == 3500

    def test_pings_and_misses_a_pong(self) -> None:
        """A ping that is answered keeps the connection; one that is not ends it with 3012."""
        with (
            running(lambda: CentrifugoServer(ping=1, pong=0.5)) as server,
            opened(server.url) as socket,
        ):
            connect_to_centrifugo(socket)
            assert receive(socket, 1) == [{}]
            socket.send("{}")
            assert receive(socket, 1) == [{}]
            assert close_code(socket) == 3012

    def test_refreshes_tokens(self) -> None:
        """With a token life, connect and refresh give the ttl, and a bad token gives 109."""
        with running(lambda: CentrifugoServer(ttl=30)) as server, opened(server.url) as socket:
            reply = connect_to_centrifugo(socket)
            assert reply["expires"] is True
            assert 29 <= reply["ttl"] <= 30
            refreshed = ask(socket, {"id": 3, "refresh": {"token": "t2"}})["refresh"]
            assert refreshed["expires"] is True
            assert 29 <= refreshed["ttl"] <= 30
            refused = ask(socket, {"id": 4, "refresh": {"token": "bad"}})
            assert refused["error"] == {"code": 109, "message": "token expired"}
            assert server.stats().refreshed == 2

    def test_closes_when_the_token_ends(self) -> None:
        """Without a refresh the connection ends with 3005 after the grace."""
        with (
            running(lambda: CentrifugoServer(ttl=1, grace=0.3)) as server,
            opened(server.url) as socket,
        ):
            connect_to_centrifugo(socket)
            assert close_code(socket) == 3005

    def test_batches_a_frame(self) -> None:
        """Events published at once share one message, divided by newlines."""
        with (
            running(lambda: CentrifugoServer(write_delay=0.1)) as server,
            opened(server.url) as socket,
        ):
            connect_to_centrifugo(socket)
            assert server.batch(TOPIC, [(CHAT, f'{{"id":"{n}"}}') for n in range(3)]) == 3
            lines = [json.loads(line) for line in socket.recv().split("\n")]
            payloads = [line["push"]["pub"]["data"]["data"] for line in lines]
            assert payloads == ['{"id":"0"}', '{"id":"1"}', '{"id":"2"}']

    def test_unsubscribes_and_disconnects(self, centrifugo: CentrifugoServer) -> None:
        """A topic and a connection can be taken away with a chosen code."""
        with opened(centrifugo.url) as socket:
            connect_to_centrifugo(socket)
            centrifugo.unsubscribe(TOPIC, 2500, "insufficient state")
            (message,) = receive(socket, 1)
            assert message["push"]["unsubscribe"] == {"code": 2500, "reason": "insufficient state"}
            centrifugo.disconnect(4500, "no more")
            assert close_code(socket) == 4500

    def test_checks_the_origin(self, centrifugo: CentrifugoServer) -> None:
        """Kick's own Origin is let in and any other gets 403 at the upgrade."""
        with opened(centrifugo.url, suppress_origin=False, origin="https://kick.com") as socket:
            connect_to_centrifugo(socket)
        with pytest.raises(websocket.WebSocketBadStatusException) as refused:
            websocket.create_connection(centrifugo.url, timeout=5, origin="https://example.com")
        assert refused.value.status_code == 403

    def test_stops_with_3001_and_restarts_on_its_port(self) -> None:
        """A planned stop says 3001, and the server comes back at the same address."""
        with running(CentrifugoServer) as server:
            url = server.url
            with opened(url) as socket:
                connect_to_centrifugo(socket)
                server.restart()
                assert close_code(socket) == 3001
            with opened(url) as socket:
                connect_to_centrifugo(socket)

    def test_speaks_tls(self, tls_files: TlsFiles) -> None:
        """With certificate files it takes clients that trust the authority, and only those."""
        with running(lambda: CentrifugoServer(tls=tls_files)) as server:
            with opened(server.url, sslopt={"ca_certs": str(tls_files.ca)}) as socket:
                connect_to_centrifugo(socket)
            with pytest.raises(ssl.SSLCertVerificationError):
                websocket.create_connection(server.url, timeout=5)


@pytest.mark.servers
class TestForeignClients:
    @pytest.mark.parametrize("script", ["pusher_js.mjs", "pysher_client.py"])
    def test_pusher_clients_report_events(self, soketi: SoketiServer, script: str) -> None:
        """The Pusher clients subscribe, report an event and end well."""
        with running(
            lambda: ForeignClient(script, port=soketi.port, key=KEY, topics=["channel_9"], events=1)
        ) as client:
            client.wait_for("subscribed", topic="channel_9")
            soketi.publish("channel_9", "KicksGifted", '{"amount":5}')
            assert client.finish() == 0
            assert client.wait_for("event")["event"] == "KicksGifted"

    @pytest.mark.parametrize("script", ["centrifuge_js.mjs", "centrifuge_python_client.py"])
    def test_centrifugo_clients_report_events(
        self, centrifugo: CentrifugoServer, kick_rest: KickRestStub, script: str
    ) -> None:
        """The Centrifugo clients fetch a token, subscribe, report an event and end well."""
        token_url = f"{kick_rest.url}/api/v1/realtime/auth/connection"
        options = {"url": centrifugo.url, "token_url": token_url, "topics": ["channel_9", "deny:1"]}
        with running(lambda: ForeignClient(script, **options, events=1)) as client:
            client.wait_for("subscribed", topic="channel_9")
            client.wait_for("unsubscribed", topic="deny:1", code=103)
            centrifugo.publish("channel_9", "KicksGifted", '{"amount":5}')
            assert client.finish() == 0
            assert client.wait_for("event")["data"] == '{"amount":5}'

    @pytest.mark.parametrize("script", ["pusher_js.mjs", "pysher_client.py"])
    def test_a_refused_client_ends_badly(self, soketi: SoketiServer, script: str) -> None:
        """A client that never gets its topic ends with status 1."""
        with running(
            lambda: ForeignClient(
                script, port=soketi.port, key="nosuchkey", topics=["a"], seconds=1
            )
        ) as client:
            client.wait_for("error")
            assert client.finish() == 1


class TestKickRestStub:
    def test_resolves_known_names(self, kick_rest: KickRestStub) -> None:
        """A name that was added gives its ids, another gives 404, and both are recorded."""
        kick_rest.add_channel("mira-fields", 4410, 4411)
        known = requests.get(f"{kick_rest.url}/api/v2/channels/mira-fields", timeout=5).json()
        assert (known["id"], known["chatroom"]["id"]) == (4410, 4411)
        unknown = requests.get(f"{kick_rest.url}/api/v2/channels/nobody", timeout=5)
        assert unknown.status_code == 404
        assert [request.path for request in kick_rest.requests_to("channel")] == [
            "/api/v2/channels/mira-fields",
            "/api/v2/channels/nobody",
        ]

    @pytest.mark.parametrize("path", ["connection", "channels/4410/chat/connection"])
    @pytest.mark.parametrize(
        ("accepted", "offered"),
        [(["pusher", "centrifugo"], ["centrifugo"]), (["pusher"], ["pusher"]), (["other"], [])],
    )
    def test_negotiates(
        self, kick_rest: KickRestStub, path: str, accepted: list[str], offered: list[str]
    ) -> None:
        """The answer offers the first provider that both sides know."""
        kick_rest.centrifugo_url = "ws://127.0.0.1:1/connection/websocket"
        kick_rest.pusher = (KEY, "us2")
        body = {"capabilities": {"accepted_providers": [{"provider": name} for name in accepted]}}
        answer = requests.post(f"{kick_rest.url}/api/v1/realtime/{path}", json=body, timeout=5)
        connections = answer.json()["data"]["connections"]
        assert [connection["provider"] for connection in connections] == offered

    def test_gives_tokens_and_fails_when_told(self, kick_rest: KickRestStub) -> None:
        """A failure lasts as many requests as asked for, and only tokens given are counted."""
        url = f"{kick_rest.url}/api/v1/realtime/auth/connection"
        kick_rest.token_factory = lambda client_id, number: f"{client_id}/{number}"
        kick_rest.fail("token", 429, times=1, retry_after=7)
        refused = requests.post(url, json={"client_id": "c"}, timeout=5)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
        tokens = [requests.post(url, json={"client_id": "c"}, timeout=5).json() for _ in range(2)]
        assert [token["data"]["token"] for token in tokens] == ["c/0", "c/1"]
        assert kick_rest.tokens_given == 2
        assert len(kick_rest.requests_to("token")) == 3

    def test_pages_the_history(self, kick_rest: KickRestStub) -> None:
        """Rows come in pages in the order given; the last page has no cursor; others are empty."""
        kick_rest.page_size = 2
        kick_rest.history[4410] = [{"id": "c"}, {"id": "b"}, {"id": "a"}]
        url = f"{kick_rest.url}/api/v1/chat/4410/history"
        first = requests.get(url, timeout=5).json()["data"]
        second = requests.get(url, params={"cursor": first["cursor"]}, timeout=5).json()["data"]
        assert [row["id"] for row in first["messages"] + second["messages"]] == ["c", "b", "a"]
        assert second["cursor"] is None
        other = requests.get(f"{kick_rest.url}/api/v1/chat/4411/history", timeout=5).json()["data"]
        assert other["messages"] == []


def test_waiting_says_what_for() -> None:
    """A wait that ends in vain names what it waited for."""
    with pytest.raises(TimeoutError, match="in vain for rain"):
        wait_until(lambda: False, 0.05, "rain")
