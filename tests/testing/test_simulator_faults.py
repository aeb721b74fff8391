import concurrent.futures
import json
import socket
import ssl
import time

import pytest
import requests
import trustme
import websocket
from simulator_peers import Centrifugo, Peer, Pusher, get, negotiate, token, wait_until

from kick_live.testing import KickSimulator

CHANNEL = "/api/v2/channels/amber-quokka"


def test_failures_by_prefix(simulator):
    """A scripted failure meets its prefix alone, as often as scripted."""
    simulator.fail(CHANNEL, 500, times=2)
    assert [get(simulator, CHANNEL).status_code for _ in range(3)] == [500, 500, 200]
    simulator.fail(CHANNEL, 503)
    assert get(simulator, "/emotes/amber-quokka").status_code == 200
    assert get(simulator, CHANNEL).status_code == 503
    simulator.heal()
    assert get(simulator, CHANNEL).status_code == 200


def test_failure_body_and_headers(simulator):
    """Body and headers of an answer can be scripted; markup is served as HTML."""
    simulator.fail(CHANNEL, 200, body={"data": 1}, headers={"X-Test": "yes"})
    answer = get(simulator, CHANNEL)
    assert (answer.json(), answer.headers["X-Test"]) == ({"data": 1}, "yes")
    simulator.fail(CHANNEL, 502, body="<html>bad gateway</html>")
    assert get(simulator, CHANNEL).headers["Content-Type"].startswith("text/html")


def test_rest_failures_leave_sockets_alone(simulator):
    """A failure of "/" is for REST; a socket fails where its own path is named."""
    old = token(simulator)
    simulator.fail("/", 500)
    with Pusher(simulator), Centrifugo(simulator, connected=False) as peer:
        assert "connect" in peer.call("connect", token=old)
    simulator.fail("/app", 503)
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        Pusher(simulator)
    assert caught.value.status_code == 503


@pytest.mark.parametrize("challenge", [True, False])
def test_block(simulator, channel, challenge):
    """A block meets the site's routes with a page or JSON, and not the realtime services."""
    simulator.block(challenge=challenge)
    answer = get(simulator, CHANNEL)
    assert answer.status_code == 403
    if challenge:
        assert "Just a moment" in answer.text
        assert answer.headers["Content-Type"].startswith("text/html")
    else:
        assert answer.json()["error"] == "Request blocked by security policy."
    assert negotiate(simulator)["connections"]


def test_rate_limit(simulator):
    """A rate limit is a 429 with Retry-After."""
    simulator.rate_limit(retry_after=7, times=1)
    answer = get(simulator, CHANNEL)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert get(simulator, CHANNEL).status_code == 200


def test_delay(simulator):
    """A delayed answer is late, and right."""
    simulator.delay(CHANNEL, 0.2)
    begin = time.monotonic()
    assert get(simulator, CHANNEL).status_code == 200
    assert time.monotonic() - begin >= 0.2


def test_hold(simulator):
    """A held request waits, without keeping others waiting, until it is healed."""
    simulator.hold(CHANNEL)
    with pytest.raises(requests.Timeout):
        requests.get(simulator.url + CHANNEL, timeout=0.1)
    assert get(simulator, "/emotes/amber-quokka").status_code == 200
    with concurrent.futures.ThreadPoolExecutor() as pool:
        held = pool.submit(get, simulator, CHANNEL)
        assert wait_until(lambda: len(simulator.requests) == 3)
        assert not held.done()
        simulator.heal()
        assert held.result(5).status_code == 200


def test_dropped_connections_are_reset(simulator, channel, peer_class):
    """drop_connections() ends TCP by a reset, with no close frame before it."""
    with peer_class(simulator, channel.chat_topic) as peer:
        simulator.drop_connections()
        with pytest.raises(ConnectionResetError):
            peer.frame()
    simulator.wait_for_connections(0)


def test_silence(simulator, channel, peer_class):
    """A silent server sends nothing at all until it resumes; then what waited arrives."""
    with peer_class(simulator, channel.chat_topic) as peer:
        simulator.go_silent()
        channel.chat("waits")
        simulator.ping()
        peer.ws.ping("hi")
        assert peer.hears_nothing()
        simulator.resume()
        assert peer.event()[2]["content"] == "waits"


def test_silence_meets_new_sockets(simulator):
    """During silence an upgrade succeeds and no greeting comes; resuming brings it."""
    simulator.go_silent()
    with Pusher(simulator, greeted=False) as peer:
        peer.send({"event": "pusher:ping"})
        assert peer.hears_nothing()
        simulator.heal()
        assert peer.next()["event"] == "pusher:connection_established"
        assert peer.next()["event"] == "pusher:pong"


def test_silence_stops_server_pings():
    """While silent no ping is sent, so no pong is owed."""
    with (
        KickSimulator(ping_interval=0.05, pong_timeout=0.1) as simulator,
        Centrifugo(simulator) as peer,
    ):
        simulator.go_silent()
        assert wait_until(lambda: peer.documents or peer.hears_nothing(0.2))
        assert len(simulator.connections) == 1


def test_scripted_close_on_pusher(simulator):
    """A close has an error frame before it, which can be left out."""
    with Pusher(simulator) as peer:
        simulator.close_connections(4202)
        assert peer.next() == {
            "event": "pusher:error",
            "data": {"code": 4202, "message": "Closed after inactivity"},
        }
        assert peer.close_code() == (4202, "")
    with Pusher(simulator) as peer:
        simulator.close_connections(4100, "full", error_event=False)
        assert peer.close_code() == (4100, "full")


def test_scripted_close_on_centrifugo(simulator, channel):
    """A close carries the usual reason, after everything that was published before."""
    with Centrifugo(simulator, channel.chat_topic) as peer:
        channel.chat("last words")
        simulator.close_connections(3011)
        assert peer.event()[2]["content"] == "last words"
        assert peer.close_code() == (3011, "force reconnect")


def test_disconnect_push(simulator):
    """A disconnect push names code and reason and leaves the connection open."""
    with Centrifugo(simulator) as peer:
        simulator.disconnect_push(3503)
        assert peer.next()["push"]["disconnect"] == {
            "code": 3503,
            "reason": "force disconnect",
            "reconnect": False,
        }
        assert peer.call("subscribe", channel="x")["subscribe"] == {}


def test_unsubscribe_push(simulator, channel):
    """An unsubscribe push ends the topic, which can then be joined again."""
    topic = channel.chat_topic
    with Centrifugo(simulator, topic) as peer, Centrifugo(simulator) as other:
        simulator.unsubscribe_push(topic, 2500, "insufficient state")
        assert peer.next()["push"] == {
            "channel": topic,
            "unsubscribe": {"code": 2500, "reason": "insufficient state"},
        }
        channel.chat("unheard")
        assert peer.call("subscribe", channel=topic)["subscribe"] == {}
        channel.chat("heard")
        assert peer.event()[2]["content"] == "heard"
        assert other.hears_nothing(0.05)


def test_refused_topic(simulator, channel):
    """A refused topic is refused on both protocols, and others are not."""
    simulator.refuse_topic(channel.chat_topic, 100, status=403, message="no", temporary=True)
    with Pusher(simulator, channel.topics[1]) as peer:
        peer.subscribe(channel.chat_topic)
        answer = peer.next()
        assert answer["event"] == "pusher:subscription_error"
        assert answer["data"]["status"] == 403
    with Centrifugo(simulator, channel.topics[1]) as peer:
        error = peer.call("subscribe", channel=channel.chat_topic)["error"]
        assert error == {"code": 100, "message": "no", "temporary": True}


def test_topic_refused_once(simulator, channel):
    """With times=1 the second try succeeds."""
    simulator.refuse_topic(channel.chat_topic, times=1)
    with Centrifugo(simulator) as peer:
        assert peer.call("subscribe", channel=channel.chat_topic)["error"]["code"] == 103
        assert peer.call("subscribe", channel=channel.chat_topic)["subscribe"] == {}


def test_refused_connections(simulator):
    """New sockets are refused by a close code, an error reply or an HTTP status."""
    simulator.refuse_connections(4100)
    with Pusher(simulator, greeted=False) as peer:
        assert peer.next()["data"]["code"] == 4100
        assert peer.close_code()[0] == 4100
    simulator.refuse_connections(3504)
    with Centrifugo(simulator, connected=False) as peer:
        peer.send(peer.command("connect", token="x"))
        assert peer.close_code() == (3504, "connection limit")
    simulator.refuse_connections(101)
    with Centrifugo(simulator) as peer:
        assert peer.reply["error"] == {"code": 101, "message": "unauthorized"}
    simulator.refuse_connections(503)
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        Pusher(simulator)
    assert caught.value.status_code == 503
    assert len(simulator.connection_attempts) == 4


def test_refusal_of_one_protocol(simulator):
    """A refusal can be for one protocol and for some attempts."""
    simulator.refuse_connections(403, protocol="centrifugo", times=1)
    with Pusher(simulator) as peer:
        assert peer.greeting["event"] == "pusher:connection_established"
    with pytest.raises(websocket.WebSocketBadStatusException):
        Centrifugo(simulator)
    with Centrifugo(simulator) as peer:
        assert "connect" in peer.reply


def test_accept_then_close(simulator):
    """The upgrade succeeds and the connection ends without a frame."""
    simulator.accept_then_close()
    with (
        Pusher(simulator, greeted=False) as peer,
        pytest.raises(websocket.WebSocketConnectionClosedException),
    ):
        peer.frame()
    simulator.accept_then_close(False)
    with Pusher(simulator) as peer:
        assert peer.greeting


def test_acknowledgements_without_topic(simulator):
    """Pusher's acknowledgements can lack the topic."""
    simulator.omit_ack_topic()
    with Pusher(simulator) as peer:
        peer.subscribe("chatrooms.1.v2")
        assert peer.next() == {"event": "pusher_internal:subscription_succeeded", "data": "{}"}


def test_late_acknowledgements(simulator, channel, peer_class):
    """A late acknowledgement begins the subscription."""
    simulator.acknowledge_late(0.2)
    begin = time.monotonic()
    with peer_class(simulator, channel.chat_topic) as peer:
        assert time.monotonic() - begin >= 0.2
        channel.chat("now")
        assert peer.event()[2]["content"] == "now"


def test_literal_frames_and_bytes(simulator, peer_class):
    """Text reaches every socket literally, and bytes go past the WebSocket protocol."""
    with peer_class(simulator) as peer:
        simulator.publish_frame("{oops")
        assert peer.frame()[1] == b"{oops"
        simulator.publish_bytes(b"\x83\x00")
        with pytest.raises(websocket.WebSocketProtocolException):
            peer.frame()


def test_client_that_vanishes_is_forgotten(simulator, channel, peer_class):
    """A TCP connection that ends without a close frame is removed."""
    peer = peer_class(simulator, channel.chat_topic)
    peer.ws.shutdown()
    simulator.wait_for_connections(0)
    channel.chat("to nobody")


def test_protocol_violation_ends_one_socket_alone(simulator, channel):
    """Garbage on one socket's TCP connection closes it; its neighbour is not disturbed."""
    with Pusher(simulator) as bad, Pusher(simulator, channel.chat_topic) as good:
        bad.ws.sock.sendall(b"\xff\xff\xff\xff")
        assert bad.close_code()[0] == 1002
        channel.chat("fine")
        assert good.event()[2]["content"] == "fine"


def test_tls(tmp_path):
    """With a context the same port speaks https and wss, and a silent peer blocks nobody."""
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    roots = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(roots))
    with KickSimulator(ssl_context=server) as simulator:
        channel = simulator.add_channel("amber-quokka")
        port = int(simulator.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)):
            answer = requests.get(simulator.url + CHANNEL, timeout=5, verify=str(roots))
            assert answer.json()["id"] == channel.channel_id
            options = {"sslopt": {"ca_certs": str(roots)}}
            url = simulator.endpoints.pusher
            assert url.startswith("wss://")
            with Peer(f"{url}?protocol=7", **options) as peer:
                assert peer.next()["event"] == "pusher:connection_established"
                topic = channel.chat_topic
                peer.send({"event": "pusher:subscribe", "data": {"auth": "", "channel": topic}})
                assert peer.next()["channel"] == topic
                for number in range(200):
                    channel.chat(str(number))
                last = [peer.next() for _ in range(200)][-1]
                assert json.loads(last["data"])["content"] == "199"


def test_improper_upgrade_is_a_bad_request(simulator):
    """A request for an upgrade without a key is answered by 400."""
    headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
    assert get(simulator, "/connection/websocket", headers=headers).status_code == 400


def test_fragments_and_binary_messages_are_read(simulator):
    """A message in two fragments, and one sent as binary, are understood."""
    with Pusher(simulator) as peer:
        abnf = websocket.ABNF
        peer.ws.send_frame(abnf.create_frame('{"event":"pus', abnf.OPCODE_TEXT, 0))
        peer.ws.send_frame(abnf.create_frame('her:ping"}', abnf.OPCODE_CONT, 1))
        assert peer.next()["event"] == "pusher:pong"
        peer.ws.send_binary(b'{"event":"pusher:ping"}')
        assert peer.next()["event"] == "pusher:pong"
