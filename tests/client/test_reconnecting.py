"""Lost connections come back, gaps are filled, doubles removed."""

import threading
from itertools import pairwise

import pytest
from servers.process import wait_until

from kick_live import (
    ChatMessage,
    Disconnected,
    ErrorOccurred,
    Event,
    KickAPI,
    Reconnected,
    Reconnecting,
    Unreachable,
)
from kick_live.testing import KickSimulator


def _contents(events):
    return [(e.content, e.historical) for e in events if isinstance(e, ChatMessage)]


def test_what_was_missed_comes_from_history(sim, client, channel):
    """Messages of the gap come in order, marked, before newer ones, and once each."""
    seen = []
    client.on(Event, seen.append)
    client.connect()
    channel.chat("before")
    client.wait_for(ChatMessage, timeout=5)
    sim.drop_connections()
    wait_until(lambda: not sim.connections, 5, "the loss")
    for number in range(60):
        channel.chat(f"missed {number}")
    reconnected = client.wait_for(Reconnected, timeout=20)
    channel.chat("after")
    client.wait_for(ChatMessage, timeout=5, where=lambda m: m.content == "after")
    missed = [(f"missed {n}", True) for n in range(60)]
    assert _contents(seen) == [("before", False), *missed, ("after", False)]
    assert (reconnected.recovered, reconnected.complete, reconnected.reason) == (60, True, None)
    assert reconnected.gap.total_seconds() > 0
    order = [type(e) for e in seen if not isinstance(e, ChatMessage)]
    assert order[1:] == [Disconnected, Reconnecting, Reconnected]
    stats = client.stats
    assert (stats.reconnects, stats.recovered) == (1, 60)


def test_history_that_fails_in_an_unexpected_way_keeps_nothing_back(sim, make):
    """An API of the user's own may raise anything: the gap is incomplete, and chat goes on."""

    class Odd(KickAPI):
        def history(self, *args, **options):
            raise ArithmeticError("odd")

    with Odd(sim.endpoints, min_interval=0) as api:
        client = make(api=api, transport="pusher")
        client.connect()
        sim.drop_connections()
        reconnected = client.wait_for(Reconnected, timeout=20)
        assert not reconnected.complete
        assert "odd" in reconnected.reason
        sim.channel("amber-quokka").chat("after")
        assert client.wait_for(ChatMessage, timeout=5).content == "after"


def test_a_service_that_is_away_is_waited_for_once(sim, make):
    """Not by one channel after the other, through which live messages would be held back."""
    names = ["amber-quokka", "river-otter", "slow-snail"]
    for name in names[1:]:
        sim.add_channel(name)
    asked, over = [], threading.Event()

    class Away(KickAPI):
        def history(self, channel_id, **options):
            asked.append(channel_id)
            over.wait(10)
            raise Unreachable("away")

    with Away(sim.endpoints, min_interval=0) as api:
        client = make(*names, api=api, transport="pusher")
        client.connect()
        gone = []
        client.on(Reconnected, gone.append)
        sim.drop_connections()
        wait_until(lambda: asked, 20, "the first request")
        chats = [sim.channel(name).chat_topic for name in names]
        wait_until(
            lambda: all(client.stats.topics[topic] == "subscribed" for topic in chats), 10, "all"
        )
        over.set()
        while len(gone) < 3:
            assert client.poll(5)
        assert [event.complete for event in gone] == [False] * 3
        assert all("away" in event.reason for event in gone)
        assert len(asked) == 1
        # The next loss asks anew.
        sim.drop_connections()
        while len(gone) < 6:
            assert client.poll(20)
        assert len(asked) > 1


def test_what_was_announced_as_lost_does_not_come_after_newer_messages(make, monkeypatch):
    """Also where the socket is lost again before anything else was said."""
    with KickSimulator(history_page_size=5) as sim, KickAPI(sim.endpoints, min_interval=0) as api:
        channel = sim.add_channel("amber-quokka")
        client = make(api=api, transport="pusher")
        seen = []
        client.on(Event, lambda e: seen.append(e))
        client.connect()
        channel.chat("before")
        client.wait_for(ChatMessage, timeout=5)
        sim.drop_connections()
        client.wait_for(Reconnecting, timeout=5)
        for number in range(8):
            channel.chat(str(number))
        history, asked = KickAPI.history, []

        def broken(self, *args, **kwargs):
            asked.append(args)
            if len(asked) == 2:
                raise Unreachable("no answer", url="")
            return history(self, *args, **kwargs)

        monkeypatch.setattr(KickAPI, "history", broken)
        assert not client.wait_for(Reconnected, timeout=20).complete
        sim.drop_connections()
        client.wait_for(Reconnected, timeout=20)
        client.close()
    assert [text for text, _ in _contents(seen)] == ["before", "3", "4", "5", "6", "7"]


def test_a_lost_socket_is_not_counted_as_open(sim, client):
    """Neither while the client waits for its next attempt, nor once it is closed."""
    client.connect()
    assert client.stats.connections == 1
    sim.stop()
    for figures in (_stats_at(client, Reconnecting), _stats_after_close(client)):
        assert figures.connections == 0
        assert set(figures.topics.values()) == {"waiting"}


def _stats_at(client, kind):
    client.wait_for(kind, timeout=10)
    return client.stats


def _stats_after_close(client):
    client.close()
    return client.stats


def test_a_closed_client_has_no_open_socket(client):
    """Its last figures say so."""
    client.connect()
    client.close()
    assert client.stats.connections == 0
    assert "subscribed" not in client.stats.topics.values()


def test_blocked_history_is_said(sim, client, channel):
    """Where history cannot be read, Reconnected says so, and live events go on."""
    client.connect()
    channel.chat("before")
    sim.fail("/api/v1/chat", status=403)
    sim.drop_connections()
    reconnected = client.wait_for(Reconnected, timeout=20)
    assert not reconnected.complete
    assert "403" in reconnected.reason or "refused" in reconnected.reason
    channel.chat("after")
    assert client.wait_for(ChatMessage, timeout=5).content == "after"


def test_backfill_can_be_switched_off(sim, make, transport, channel):
    """backfill=False asks for no history and says that the gap is open."""
    client = make(transport=transport, backfill=False)
    client.connect()
    sim.drop_connections()
    reconnected = client.wait_for(Reconnected, timeout=20)
    assert (reconnected.complete, reconnected.recovered) == (False, 0)
    assert not any("history" in request.path for request in sim.requests)


def test_doubles_are_delivered_once(client, channel, sim):
    """The same message twice, on any topic, is one event."""
    client.connect()
    message = channel.chat("once")
    channel.publish("App\\Events\\ChatMessageEvent", message)
    channel.publish("ChatMessageEvent", message, topic=f"chatroom_{channel.chatroom_id}")
    channel.chat("end")
    seen = []
    client.on(ChatMessage, lambda m: seen.append(m.content))
    client.wait_for(ChatMessage, timeout=5, where=lambda m: m.content == "end")
    assert seen == ["once", "end"]
    assert client.stats.duplicates == 2


def test_rewards_are_never_taken_for_doubles(client, channel):
    """Two equal redemptions are two events."""
    client.connect()
    for _ in range(2):
        channel.redeem_reward("Hydrate!", username="Maple")
    channel.chat("end")
    seen = []
    client.on("reward_redeemed", seen.append)
    client.wait_for(ChatMessage, timeout=5)
    assert len(seen) == 2


def test_a_silent_server_is_noticed(make, transport):
    """A peer that falls silent without closing is left for a new connection."""
    with KickSimulator(ping_interval=0.5) as sim, KickAPI(sim.endpoints, min_interval=0) as api:
        lost = sim.add_channel("lost-lemur")
        client = make(
            "lost-lemur",
            api=api,
            transport=transport,
            activity_timeout=0.5,
            pong_timeout=0.5,
            ping_margin=0.5,
        )
        client.connect()
        sim.go_silent()
        client.wait_for(Disconnected, timeout=15)
        sim.resume()
        client.wait_for(Reconnected, timeout=40)
        lost.chat("alive")
        assert client.wait_for(ChatMessage, timeout=5).content == "alive"
        client.close()


def test_garbage_does_not_end_the_connection(sim, client, channel):
    """Frames that make no sense are counted, and the next message arrives."""
    client.connect()
    for text in ("not json", "[1,2,3]", "null", '{"event": 5}', "[" * 5000):
        sim.publish_frame(text)
    channel.publish("App\\Events\\ChatMessageEvent", {"content": "no sender"})
    channel.chat("fine")
    assert client.wait_for(ChatMessage, timeout=5).content == "fine"
    assert client.stats.undecodable >= 5
    assert len(sim.connection_attempts) == 1


def test_a_refused_topic_leaves_the_others(sim, make, transport, channel):
    """A refused topic is reported once; the rest goes on."""
    topic = f"channel_{channel.channel_id}"
    sim.refuse_topic(topic)
    client = make(transport=transport)
    client.connect()
    error = client.wait_for(ErrorOccurred, timeout=5).error
    assert topic in str(error)
    channel.chat("x")
    assert client.wait_for(ChatMessage, timeout=5).content == "x"
    assert client.stats.topics[topic] == "refused"


def test_accept_then_close_is_not_hammered(sim, client):
    """A server that accepts and closes gets about an attempt a second at first, not a hot loop."""
    client.connect()
    sim.accept_then_close()
    sim.drop_connections()
    client.wait_for(Reconnecting, timeout=5)
    client.run(timeout=4)
    gaps = [later - earlier for earlier, later in pairwise(sim.connection_attempts[1:])]
    assert all(gap >= 0.9 for gap in gaps)
    sim.accept_then_close(False)


def test_tokens_are_refreshed(make, channel):
    """A token that runs out is replaced on the same socket."""
    with KickSimulator(token_ttl=6) as sim, KickAPI(sim.endpoints, min_interval=0) as api:
        other = sim.add_channel("token-fox")
        client = make("token-fox", api=api, transport="centrifugo")
        client.connect()
        wait_until(
            lambda: sum("auth/connection" in r.path for r in sim.requests) >= 2, 15, "a new token"
        )
        other.chat("still here")
        assert client.wait_for(ChatMessage, timeout=10).content == "still here"
        assert len(sim.connection_attempts) == 1
        client.close()


def test_tokens_do_not_wait_for_history(make):
    """While history is slow to come, a token that runs out is replaced on the same socket."""
    with KickSimulator(token_ttl=8) as sim, KickAPI(sim.endpoints, min_interval=0) as api:
        sim.add_channel("token-fox")
        client = make("token-fox", api=api, transport="centrifugo")
        client.connect()
        sim.hold("/api/v1/chat/")
        sim.drop_connections()
        wait_until(lambda: any("/chat/" in r.path for r in sim.requests), 10, "history asked for")
        wait_until(
            lambda: sum("auth/connection" in r.path for r in sim.requests) >= 3, 15, "a new token"
        )
        assert len(sim.connection_attempts) == 2
        client.close()
        sim.heal()


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_message_from_the_ends_of_time_does_not_end_recovery(sim, client, channel, time):
    """Nothing can be told by such a time, but the gap is closed and messages go on."""
    client.connect()
    odd = {"id": "m1", "sender": {"username": "Maple"}, "content": "odd", "created_at": time}
    channel.publish("ChatMessageEvent", odd)
    assert client.wait_for(ChatMessage, timeout=10).content == "odd"
    channel.chat("missed", live=False)
    sim.drop_connections()
    assert client.wait_for(Reconnected, timeout=20).recovered == 1
    channel.chat("after")
    client.wait_for(ChatMessage, timeout=10, where=lambda message: message.content == "after")
