"""What connect() promises."""

import subprocess
import sys
import threading
import time

import pytest
from servers.process import wait_until

from kick_live import (
    APIError,
    Blocked,
    ChannelRef,
    ChatMessage,
    ClientClosed,
    ConnectionRejected,
    ConnectTimeout,
    Endpoints,
    InvalidChannel,
    KickAPI,
    KickClient,
    NotFound,
    RateLimited,
    Reconnected,
)


def test_constructing_starts_nothing(sim, make):
    """A client that is only made opens no socket, sends no request and starts no thread."""
    before = threading.active_count()
    make()
    assert (threading.active_count(), sim.requests, sim.connections) == (before, [], [])


def test_connect_returns_when_chat_is_acknowledged(sim, client, channel, transport):
    """connect() returns the channels, the room id and the transport in use."""
    connected = client.connect()
    assert connected.room_id == channel.chatroom_id
    assert [c.channel_id for c in connected.channels] == [channel.channel_id]
    assert connected.transport == transport
    assert client.stats.topics[f"chatrooms.{channel.chatroom_id}.v2"] == "subscribed"


def test_connecting_waits_for_the_acknowledgement(sim, make, transport):
    """An open socket without an acknowledgement is not a connection."""
    sim.acknowledge_late(30)
    with pytest.raises(ConnectTimeout) as caught:
        make(transport=transport).connect(timeout=0.5)
    assert caught.value.stage == "subscribe"


def test_offline_streamers_connect_like_any_other(client, channel):
    """Chat works while the stream is offline."""
    assert not channel.is_live
    assert client.connect().channels


def test_connecting_twice_returns_the_same(client, sim):
    """connect() on a connected client changes nothing."""
    assert client.connect() is client.connect()
    assert len(sim.connections) == 1


def test_auto_uses_what_is_negotiated(sim, make):
    """transport="auto" uses the provider that the service names."""
    assert make().connect().transport == "centrifugo"


def test_auto_falls_back_to_pusher_without_negotiation(sim, make, channel):
    """When the negotiation is blocked, auto uses Pusher with the known key."""
    sim.fail("/api/v1/realtime", status=403)
    client = make()
    assert client.connect().transport == "pusher"
    channel.chat("still here")
    assert client.wait_for(ChatMessage, timeout=5).content == "still here"


def test_auto_leaves_a_provider_that_turns_it_down(sim, make):
    """A terminal code on Centrifugo sends auto to Pusher."""
    sim.refuse_connections(3500, protocol="centrifugo")
    assert make().connect(timeout=15).transport == "pusher"


def test_blocked_negotiation_is_said_at_once(sim, make):
    """With Centrifugo alone, a 403 raises Blocked instead of waiting for the time-out."""
    sim.fail("/api/v1/realtime", status=403)
    with pytest.raises(Blocked):
        make(transport="centrifugo").connect(timeout=20)


def test_pusher_with_ids_sends_no_request(sim, make, channel):
    """Known ids and Pusher need no call to Kick at all."""
    ref = ChannelRef("amber-quokka", channel.channel_id, channel.chatroom_id)
    make(ref, transport="pusher").connect()
    assert sim.requests == []


def test_ids_alone_name_a_channel(make, channel):
    """Without a slug the ids serve as the channel's name."""
    ref = ChannelRef(channel_id=channel.channel_id, chatroom_id=channel.chatroom_id)
    connected = make(ref, transport="pusher").connect()
    assert str(channel.channel_id) in connected.channels[0].slug


def test_unknown_streamer(make):
    """An unknown name raises NotFound with the slugs that were tried."""
    with pytest.raises(NotFound) as caught:
        make("no_body").connect(timeout=10)
    assert caught.value.tried == ("no_body", "no-body")


def test_a_failed_connection_is_tried_again(sim, make):
    """Whatever is called: what failed before is not what fails now."""
    client = make("nobody")
    for call in (client.run, client.poll, client.connect):
        before = len(sim.requests)
        with pytest.raises(NotFound):
            call()
        assert len(sim.requests) > before
    sim.add_channel("nobody")
    client.run(timeout=0)
    assert client.stats.connections == 1


def test_blocked_lookup(sim, make):
    """A challenge page raises Blocked, and the message names the ways out."""
    sim.block()
    with pytest.raises(Blocked) as caught:
        make().connect(timeout=10)
    for way in ("ChannelRef", "impersonate", "session"):
        assert way in str(caught.value)


def test_a_failed_connect_may_be_repeated(sim, make, channel):
    """After a failure the same client connects once the cause is gone."""
    client = make()
    sim.block()
    with pytest.raises(Blocked):
        client.connect(timeout=10)
    sim.heal()
    assert client.connect().room_id == channel.chatroom_id


@pytest.mark.parametrize(
    ("prefix", "stage"), [("/api/v2/channels", "resolve"), ("/api/v1/realtime", "negotiate")]
)
def test_timeout_says_how_far_it_got(sim, make, prefix, stage):
    """ConnectTimeout names the stage, also while a server never answers."""
    sim.hold(prefix)
    client = make(api=None, endpoints=sim.endpoints, transport="centrifugo")
    started = time.monotonic()
    with pytest.raises(ConnectTimeout) as caught:
        client.connect(timeout=0.5)
    assert caught.value.stage == stage
    assert caught.value.timeout == 0.5
    assert isinstance(caught.value, TimeoutError)
    assert time.monotonic() - started < 3


def test_timeout_while_opening(sim, make, channel, silent_server):
    """A server that accepts TCP and never answers is named by the stage "open"."""
    endpoints = Endpoints(site=sim.url, web=sim.url, pusher=f"ws://127.0.0.1:{silent_server}/app/k")
    with pytest.raises(ConnectTimeout) as caught:
        make(api=None, endpoints=endpoints, transport="pusher").connect(timeout=0.5)
    assert caught.value.stage == "open"


def test_unreachable_server_is_retried(make, free_port):
    """A server that is down is retried until the time-out, which carries the last failure."""
    endpoints = Endpoints.at(f"http://127.0.0.1:{free_port}")
    with KickAPI(endpoints, min_interval=0, retries=0) as api:
        client = make(api=api)
        with pytest.raises(ConnectTimeout) as caught:
            client.connect(timeout=1.5)
        assert caught.value.last_error is not None
        assert caught.value.stage == "resolve"
        assert str(caught.value) == (
            "No connection within 1.5 s; it was still looking up the channel. The last failure: "
            f"127.0.0.1:{free_port} refused the connection: no server runs there, or a firewall is in "
            "between. Check the address, and whether the server runs."
        )


def test_a_transport_that_is_down_is_named_with_what_may_help(make, sim, free_port):
    """The address and the reason come from the WebSocket; another transport is a way out here."""
    pusher = f"ws://127.0.0.1:{free_port}/app/k"
    endpoints = Endpoints(site=sim.url, web=sim.url, pusher=pusher)
    with pytest.raises(ConnectTimeout) as caught:
        make(api=None, endpoints=endpoints, transport="pusher").connect(timeout=1)
    assert str(caught.value).endswith(
        f"because 127.0.0.1:{free_port} refused the connection: no server runs there, or a firewall "
        "is in between. Check the address, and whether the server runs. Try a longer timeout or "
        "another transport."
    )


@pytest.mark.parametrize(("prefix", "other"), [("/api/v2/ch", False), ("/api/v1/real", True)])
def test_advice_fits_the_stage(sim, make, prefix, other):
    """Another transport helps no lookup."""
    sim.hold(prefix)
    client = make(api=None, endpoints=sim.endpoints, transport="centrifugo")
    with pytest.raises(ConnectTimeout, match="Check the network, and try a longer") as caught:
        client.connect(timeout=0.5)
    assert ("another transport" in str(caught.value)) == other


@pytest.mark.parametrize("retry_after", [None, 30])
def test_a_rate_limit_is_named(sim, make, retry_after):
    """What is waited for is said, also while the wait that Kick asked for has not passed."""
    sim.rate_limit(retry_after)
    with pytest.raises(ConnectTimeout, match=r"The last failure: .* 429") as caught:
        make().connect(timeout=0.5)
    assert isinstance(caught.value.last_error, RateLimited)
    assert caught.value.last_error.retry_after == retry_after
    assert "Check the network" not in str(caught.value)


def test_a_rate_limit_of_an_earlier_attempt_is_named(sim, make):
    """The pause outlasts the attempt that met it; the next one says why it sends nothing."""
    sim.rate_limit(30, times=1)
    client = make()
    for _ in range(2):
        with pytest.raises(ConnectTimeout) as caught:
            client.connect(timeout=0.5)
        assert isinstance(caught.value.last_error, RateLimited)
    assert len(sim.requests) == 1


def test_a_time_out_waits_for_no_goodbye(sim, make, transport):
    """A server that went silent does not stretch the time-out by waiting for its closing frame."""
    sim.go_silent()
    overruns = []
    for _ in range(3):
        started = time.monotonic()
        with pytest.raises(ConnectTimeout):
            make(transport=transport).connect(timeout=1.0)
        overruns.append(time.monotonic() - started - 1.0)
    assert min(overruns) < 0.4


def test_unknown_key_without_fresh_credentials(sim, make):
    """A Pusher key that is refused, with no other to be had, ends in ConnectionRejected."""
    sim.refuse_connections(4001, protocol="pusher")
    with pytest.raises(ConnectionRejected) as caught:
        make(transport="pusher").connect(timeout=15)
    assert (caught.value.provider, caught.value.code) == ("pusher", 4001)


def test_connect_begins_anew_after_the_end(sim, make, channel):
    """What ended the client for good was told once; the next connect() tries again."""
    client = make(transport="pusher")
    client.connect()
    sim.refuse_connections(4001)
    sim.drop_connections()
    with pytest.raises(ConnectionRejected):
        client.run(timeout=20)
    sim.heal()
    client.connect(timeout=10)
    channel.chat("again")
    assert client.wait_for(ChatMessage, timeout=5).content == "again"


def test_a_failure_that_was_overcome_is_not_named(sim, make, channel):
    """An added channel that takes too long has nothing to do with a socket that was lost before."""
    client = make(transport="pusher")
    client.connect()
    sim.drop_connections()
    client.wait_for(Reconnected, timeout=20)
    sim.add_channel("river-otter")
    sim.acknowledge_late(60)
    client.add_channel("river-otter")
    with pytest.raises(ConnectTimeout) as caught:
        client.connect(timeout=1)
    assert caught.value.last_error is None


def test_the_newest_failure_is_named(sim, make, channel):
    """A server that could not be reached at first, and turns the client down now."""
    sim.fail("/app", status=503, times=1)
    sim.refuse_connections(4100, "over capacity")
    with pytest.raises(ConnectTimeout, match="over capacity"):
        make(transport="pusher").connect(timeout=6)


def test_a_lookup_that_fails_in_an_unexpected_way_ends_connect(sim, make):
    """An API of the user's own may raise anything; connect() does not wait out its time for it."""

    class Odd(KickAPI):
        def channel(self, *args, **options):
            raise ArithmeticError("odd")

    with Odd(sim.endpoints, min_interval=0) as api:
        client = make(api=api)
        with pytest.raises(APIError, match="odd"):
            client.connect(timeout=20)


def test_no_channel(make, api):
    """Without a channel connect() says what to do."""
    client = KickClient(api=api)
    with pytest.raises(InvalidChannel, match="add_channel"):
        client.connect()
    client.close()


@pytest.mark.parametrize("bad", ["", "two words", "https://example.org/x", 17, ChannelRef()])
def test_bad_channels_are_refused_at_once(bad):
    """What names no channel raises InvalidChannel from the constructor."""
    with pytest.raises(InvalidChannel):
        KickClient(bad)


@pytest.mark.parametrize(
    "options", [{"transport": "carrier-pigeon"}, {"overflow": "explode"}, {"queue_size": 0}]
)
def test_bad_options_are_refused_at_once(options):
    """Options that make no sense raise ValueError from the constructor."""
    with pytest.raises(ValueError, match=next(iter(options))):
        KickClient("amber-quokka", **options)


def test_closed_clients_stay_closed(client):
    """connect() after close() raises ClientClosed."""
    client.close()
    with pytest.raises(ClientClosed):
        client.connect()


def test_close_during_connect(sim, make):
    """close() from another thread ends a connect() that waits."""
    sim.acknowledge_late(60)
    client = make(transport="pusher")
    raised = []

    def connect():
        try:
            client.connect(timeout=30)
        except ClientClosed as error:
            raised.append(error)

    thread = threading.Thread(target=connect)
    thread.start()
    wait_until(lambda: sim.connections, 5, "a socket")
    client.close()
    thread.join(5)
    assert len(raised) == 1


def test_importing_is_light():
    """Importing the package imports neither requests nor websocket-client nor an extra."""
    code = (
        "import sys, kick_live; heavy = {'requests', 'websocket', 'click', 'rich', 'werkzeug', "
        "'wsproto', 'platformdirs', 'curl_cffi', 'asyncio'}; print(sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
