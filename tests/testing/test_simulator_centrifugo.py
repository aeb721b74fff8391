import json
import time

import pytest
import websocket
from simulator_peers import Centrifugo, token

from kick_live.testing import KickSimulator, Settings


def test_connect_reply(simulator):
    """The reply to connect has the documented fields."""
    with Centrifugo(simulator) as peer:
        reply = peer.reply["connect"]
        assert reply.keys() == {"client", "version", "expires", "ttl", "ping", "pong"}
        assert (reply["expires"], reply["ttl"], reply["ping"], reply["pong"]) == (
            True,
            2700,
            25,
            True,
        )


def test_commands_may_travel_together(simulator, channel):
    """Two commands in one message are both carried out, and their replies travel together."""
    with Centrifugo(simulator, connected=False) as peer:
        connect = peer.command("connect", token=token(simulator))
        peer.send(connect, peer.command("subscribe", channel=channel.chat_topic))
        _, data = peer.frame()
        first, second = (json.loads(line) for line in data.decode().split("\n"))
        assert "connect" in first
        assert second == {"id": 2, "subscribe": {}}


@pytest.mark.parametrize(
    "first",
    [
        {"id": 1, "subscribe": {"channel": "chatrooms.1.v2"}},
        {},
        {"event": "pusher:subscribe", "data": {"channel": "chatrooms.1.v2"}},
    ],
)
def test_connect_must_come_first(simulator, first):
    """Anything before connect closes with 3501."""
    with Centrifugo(simulator, connected=False) as peer:
        peer.send(first)
        assert peer.close_code() == (3501, "bad request")


@pytest.mark.parametrize(
    "wrong",
    [
        "nope",
        "",
        "[1]",
        "{}",
        {"id": 0, "subscribe": {"channel": "x"}},
        {"id": "7", "subscribe": {"channel": "x"}},
        {"subscribe": {"channel": "x"}},
        {"id": 7, "bogus": {}},
        {"id": 7, "ping": {}},
        {"id": 7, "connect": {}},
    ],
)
def test_bad_requests_end_the_connection(simulator, wrong):
    """Bad JSON, bad ids, unknown methods, a second connect, an unasked pong: 3501."""
    with Centrifugo(simulator) as peer:
        peer.send(wrong)
        assert peer.close_code() == (3501, "bad request")


def test_what_precedes_a_bad_command_is_answered(simulator):
    """The good commands of a message are answered before its bad one closes the connection."""
    with Centrifugo(simulator) as peer:
        peer.send(peer.command("subscribe", channel="chatrooms.1.v2"), "nope")
        assert peer.next() == {"id": 2, "subscribe": {}}
        assert peer.close_code()[0] == 3501


@pytest.mark.parametrize(
    ("method", "fields", "code"),
    [
        ("subscribe", {"channel": "private-channel_1"}, 103),
        ("subscribe", {"channel": ""}, 107),
        ("subscribe", {"channel": "x" * 256}, 107),
        ("publish", {"channel": "x", "data": {}}, 103),
        ("rpc", {"method": "x"}, 108),
        ("history", {"channel": "x"}, 108),
        ("presence", {"channel": "x"}, 108),
    ],
)
def test_errors_keep_the_connection(simulator, method, fields, code):
    """What is refused is refused by an error reply, after which the connection works."""
    with Centrifugo(simulator) as peer:
        assert peer.call(method, **fields)["error"]["code"] == code
        assert peer.call("subscribe", channel="chatrooms.1.v2")["subscribe"] == {}


def test_second_subscription_is_error_105(simulator, channel):
    """Subscribing twice is answered by 105, and events come once."""
    with Centrifugo(simulator, channel.chat_topic) as peer:
        assert peer.call("subscribe", channel=channel.chat_topic)["error"]["code"] == 105
        channel.chat("once")
        assert peer.event()[2]["content"] == "once"
        assert peer.hears_nothing()


def test_topic_limit():
    """Beyond the limit of topics a subscription is answered by 106."""
    with (
        KickSimulator(settings=Settings(max_topics=2)) as simulator,
        Centrifugo(simulator, "a", "b") as peer,
    ):
        assert peer.call("subscribe", channel="c")["error"]["code"] == 106


def test_unsubscribe(simulator, channel):
    """An unsubscribe is acknowledged, even of what was never subscribed, and ends delivery."""
    with Centrifugo(simulator, channel.chat_topic) as peer:
        assert peer.call("unsubscribe", channel=channel.chat_topic)["unsubscribe"] == {}
        assert peer.call("unsubscribe", channel="never")["unsubscribe"] == {}
        channel.chat("unheard")
        assert peer.hears_nothing()


def test_unknown_token_is_terminal(simulator):
    """A token that was never issued closes with 3500."""
    with Centrifugo(simulator, connected=False) as peer:
        peer.send(peer.command("connect", token="a.b.c"))
        assert peer.close_code() == (3500, "invalid token")


def test_missing_token_is_refused(simulator):
    """Without a token there is no connection."""
    with Centrifugo(simulator, connected=False) as peer:
        peer.send(peer.command("connect"))
        assert peer.close_code()[0] == 3501


def test_tokens_can_be_made_optional():
    """With require_tokens=False any connect succeeds."""
    with (
        KickSimulator(require_tokens=False) as simulator,
        Centrifugo(simulator, connected=False) as peer,
    ):
        assert "client" in peer.call("connect")["connect"]


def test_expired_token_is_error_109(simulator):
    """An expired token is answered by 109, after which a new one works on the same socket."""
    old = token(simulator)
    simulator.expire_tokens()
    with Centrifugo(simulator, connected=False) as peer:
        assert peer.call("connect", token=old)["error"] == {"code": 109, "message": "token expired"}
        assert "connect" in peer.call("connect", token=token(simulator))


def test_expiring_tokens_close_open_sockets(simulator):
    """expire_tokens() closes what is open with 3005."""
    with Centrifugo(simulator) as peer:
        simulator.expire_tokens()
        assert peer.close_code() == (3005, "connection expired")


def test_end_of_ttl_closes_after_grace():
    """Without a refresh a connection closes with 3005 once the grace is over, not before."""
    settings = Settings(token_ttl=0.1, expiry_grace=0.2)
    with KickSimulator(settings=settings) as simulator, Centrifugo(simulator) as peer:
        begin = time.monotonic()
        assert peer.reply["connect"]["ttl"] == 1
        assert peer.close_code()[0] == 3005
        assert time.monotonic() - begin > 0.15


def test_refresh_prolongs():
    """A refresh with a new token of the same client is answered and outlives the old ttl."""
    settings = Settings(token_ttl=0.4, expiry_grace=0.1)
    with (
        KickSimulator(settings=settings) as simulator,
        Centrifugo(simulator, client_id="c1") as peer,
    ):
        for _ in range(4):
            assert peer.hears_nothing(0.2)
            reply = peer.call("refresh", token=token(simulator, "c1"))["refresh"]
            assert reply["expires"] is True
            assert reply["client"] == peer.reply["connect"]["client"]


def test_refresh_with_another_clients_token(simulator):
    """A refresh with the token of another client closes with 3500."""
    with Centrifugo(simulator, client_id="c1") as peer:
        peer.send(peer.command("refresh", token=token(simulator, "c2")))
        assert peer.close_code()[0] == 3500


def test_refresh_with_an_expired_token():
    """A refresh with an expired token is answered by 109 while the grace lasts."""
    settings = Settings(token_ttl=0.1, expiry_grace=5)
    with (
        KickSimulator(settings=settings) as simulator,
        Centrifugo(simulator, client_id="c1") as peer,
    ):
        old = token(simulator, "c1")
        assert peer.hears_nothing(0.15)
        assert peer.call("refresh", token=old)["error"]["code"] == 109


def test_ping_wants_a_pong():
    """A client that does not answer pings is closed with 3012, one that does is not."""
    with (
        KickSimulator(ping_interval=0.1, pong_timeout=0.3) as simulator,
        Centrifugo(simulator) as good,
        Centrifugo(simulator) as bad,
    ):
        for _ in range(6):
            assert good.next() == {}
            good.send("{}")
        assert bad.close_code() == (3012, "no pong")
        simulator.wait_for_connections(1)


def test_pong_is_owed_once(simulator):
    """A second answer to one ping is a bad request."""
    with Centrifugo(simulator) as peer:
        simulator.ping()
        assert peer.next() == {}
        peer.send("{}")
        peer.send("{}")
        assert peer.close_code()[0] == 3501


@pytest.mark.parametrize("origin", ["https://example.org", "null", "http://kick.com"])
def test_foreign_origin_is_forbidden(simulator, origin):
    """Any Origin but the site's own is a 403 at the upgrade."""
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        Centrifugo(simulator, suppress_origin=False, origin=origin)
    assert caught.value.status_code == 403


def test_the_sites_origin_is_welcome(simulator):
    """The site's Origin connects."""
    with Centrifugo(simulator, suppress_origin=False, origin="https://kick.com") as peer:
        assert "connect" in peer.reply


def test_big_message_closes(simulator):
    """A message above 64 KB closes with 1009; one below is read."""
    with Centrifugo(simulator) as peer:
        assert peer.call("subscribe", channel="x" * 60_000)["error"]["code"] == 107
        peer.send(peer.command("subscribe", channel="x" * 70_000))
        assert peer.close_code()[0] == 1009


def test_pushes_are_batched_with_newlines(simulator, channel):
    """What is queued while the server cannot send arrives as one message of several documents."""
    with Centrifugo(simulator, channel.chat_topic) as peer:
        simulator.go_silent()
        for number in range(3):
            channel.chat(str(number))
        simulator.resume()
        lines = peer.frame()[1].decode().split("\n")
        contents = [
            json.loads(json.loads(line)["push"]["pub"]["data"]["data"])["content"] for line in lines
        ]
        assert contents == ["0", "1", "2"]


def test_compaction_only_where_granted(simulator, channel):
    """Flag 1 is ignored by default; once granted, pushes carry the number of the reply."""
    with Centrifugo(simulator) as peer:
        assert peer.call("subscribe", channel=channel.chat_topic, flag=1)["subscribe"] == {}
        simulator.grant_compaction()
        number = peer.call("subscribe", channel=channel.topics[1], flag=1)["subscribe"]["id"]
        channel.publish("X", {}, channel.topics[1])
        push = peer.next()["push"]
        assert push["id"] == number
        assert "channel" not in push
