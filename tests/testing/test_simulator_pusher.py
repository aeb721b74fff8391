import json

import pytest
import websocket
from simulator_peers import Pusher, wait_until

from kick_live.testing import KickSimulator, Settings


def test_greeting(simulator):
    """The first frame is the greeting, whose data is a JSON document inside a string."""
    with Pusher(simulator) as peer:
        assert peer.greeting["event"] == "pusher:connection_established"
        data = json.loads(peer.greeting["data"])
        assert data["activity_timeout"] == 120
        assert data["socket_id"].count(".") == 1


def test_subscribe_is_acknowledged(simulator):
    """A subscription to a valid public topic is acknowledged, whether or not the room exists."""
    with Pusher(simulator) as peer:
        peer.subscribe("chatrooms.1.v2")
        assert peer.next() == {
            "event": "pusher_internal:subscription_succeeded",
            "data": "{}",
            "channel": "chatrooms.1.v2",
        }


def test_second_subscription_is_a_codeless_error(simulator, channel):
    """Subscribing twice gives an error without a code, and the connection stays."""
    with Pusher(simulator, channel.chat_topic) as peer:
        peer.subscribe(channel.chat_topic)
        answer = peer.next()
        assert answer["event"] == "pusher:error"
        assert answer["data"]["code"] is None
        channel.chat("still here")
        assert peer.event()[2]["content"] == "still here"


@pytest.mark.parametrize(("topic", "status"), [("private-channel_1", 401), ("bad topic!", 4009)])
def test_refused_topics(simulator, topic, status):
    """Private topics need a log-in and malformed names are refused."""
    with Pusher(simulator) as peer:
        peer.subscribe(topic)
        answer = peer.next()
        assert (answer["event"], answer["channel"]) == ("pusher:subscription_error", topic)
        assert answer["data"]["status"] == status


def test_unsubscribe_ends_delivery_silently(simulator, channel):
    """An unsubscribe has no answer, and nothing of the topic follows it."""
    with Pusher(simulator, channel.chat_topic) as peer:
        peer.send({"event": "pusher:unsubscribe", "data": {"channel": channel.chat_topic}})
        assert wait_until(lambda: not simulator.connections[0].topics)
        channel.chat("unheard")
        assert peer.hears_nothing()


@pytest.mark.parametrize("ping", [{"event": "pusher:ping", "data": {}}, {"event": "pusher:ping"}])
def test_ping_is_answered(simulator, ping):
    """A client's ping, with data or without, is answered by a pong."""
    with Pusher(simulator) as peer:
        peer.send(ping)
        assert peer.next() == {"event": "pusher:pong", "data": {}}


def test_server_ping_on_demand(simulator):
    """ping() sends the server's own ping."""
    with Pusher(simulator) as peer:
        simulator.ping()
        assert peer.next() == {"event": "pusher:ping", "data": {}}


def test_websocket_ping_is_answered(simulator):
    """A ping of the WebSocket protocol is answered as well."""
    with Pusher(simulator) as peer:
        peer.ws.ping("hi")
        assert peer.frame() == (websocket.ABNF.OPCODE_PONG, b"hi")


@pytest.mark.parametrize("junk", ["not json", "[]", '{"event": "nonsense"}', '{"foo": 1}', "1e999"])
def test_junk_meets_silence(simulator, junk):
    """What is no frame of the protocol is ignored."""
    with Pusher(simulator) as peer:
        peer.send(junk)
        peer.send({"event": "pusher:ping"})
        assert peer.next()["event"] == "pusher:pong"


def test_client_events_are_refused(simulator):
    """Events of clients are refused by 4301, and the connection stays."""
    with Pusher(simulator) as peer:
        peer.send({"event": "client-hello", "data": {}})
        assert peer.next()["data"]["code"] == 4301
        peer.send({"event": "pusher:ping"})
        assert peer.next()["event"] == "pusher:pong"


@pytest.mark.parametrize(
    ("options", "code"),
    [({"key": "0ldk3y"}, 4001), ({"query": ""}, 4008), ({"query": "?protocol=3"}, 4007)],
)
def test_wrong_requests(simulator, options, code):
    """A wrong key or version is told by an error frame and a close with the same code."""
    with Pusher(simulator, greeted=False, **options) as peer:
        error = peer.next()
        assert error["event"] == "pusher:error"
        assert error["data"]["code"] == code
        assert peer.close_code()[0] == code


def test_rotated_key(simulator):
    """After a rotation the old key is refused with 4001 and the new one is greeted."""
    simulator.rotate_pusher_key("n3wk3y")
    with Pusher(simulator, greeted=False) as peer:
        assert peer.next()["data"]["code"] == 4001
    with Pusher(simulator, key="n3wk3y") as peer:
        assert peer.greeting["event"] == "pusher:connection_established"


def test_silent_client_is_closed():
    """A client that is silent beyond the activity timeout and the grace is closed with 4201."""
    settings = Settings(activity_timeout=0.1, silence_grace=0.1)
    with KickSimulator(settings=settings) as simulator, Pusher(simulator) as peer:
        assert peer.next()["data"]["code"] == 4201
        assert peer.close_code()[0] == 4201


def test_any_sign_of_life_keeps_the_connection():
    """Pings keep a connection beyond the limit of silence."""
    settings = Settings(activity_timeout=0.3, silence_grace=0.3)
    with KickSimulator(settings=settings) as simulator, Pusher(simulator) as peer:
        for _ in range(8):
            assert peer.hears_nothing(0.12)
            peer.send({"event": "pusher:ping"})
            assert peer.next()["event"] == "pusher:pong"


def test_client_close_is_answered(simulator):
    """A close frame is answered with its code, and the connection is forgotten."""
    with Pusher(simulator) as peer:
        peer.ws.send_close(1000, b"bye")
        assert peer.close_code() == (1000, "bye")
    simulator.wait_for_connections(0)


def test_unknown_path_is_not_found(simulator):
    """An upgrade at another path is a 404."""
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        websocket.create_connection(f"ws{simulator.url[4:]}/elsewhere", timeout=5)
    assert caught.value.status_code == 404


def test_any_origin_is_welcome(simulator):
    """Pusher does not look at the Origin."""
    with Pusher(simulator, suppress_origin=False, origin="https://example.org") as peer:
        assert peer.greeting["event"] == "pusher:connection_established"


def test_one_document_a_message(simulator, channel):
    """However fast events come, each is a WebSocket message of its own."""
    with Pusher(simulator, channel.chat_topic) as peer:
        for number in range(50):
            channel.chat(str(number))
        frames = [json.loads(peer.frame()[1]) for _ in range(50)]
        contents = [json.loads(frame["data"])["content"] for frame in frames]
        assert contents == [str(number) for number in range(50)]
