"""Gaps of every shape: what was missed is delivered once, or announced as lost."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from servers.process import wait_until

from kick_live import (
    ChatMessage,
    Connected,
    ErrorOccurred,
    Event,
    GiftedSubscriptions,
    KickAPI,
    Reconnected,
)
from kick_live.session import connection, feed


class GatedAPI(KickAPI):
    """Holds history back until the test lets it go: after it was read, or before."""

    gate: threading.Event
    pages = 0
    requests = 0
    before = False

    def history(self, *args, **options):
        self.requests += 1
        if self.before:
            self.gate.wait(10)
        page = super().history(*args, **options)
        self.pages += 1
        self.gate.wait(10)
        return page


@pytest.fixture
def gated(sim):
    with GatedAPI(sim.endpoints, min_interval=0) as api:
        api.gate = threading.Event()
        api.gate.set()
        yield api
        api.gate.set()


def contents(events):
    return [e.content for e in events if isinstance(e, ChatMessage)]


def lose(sim):
    """Break every socket, and wait until the server has noticed."""
    sim.drop_connections()
    wait_until(lambda: not sim.connections, 5, "the loss")


def take_until(client, text, timeout=10):
    """Everything up to a chat message."""
    events = []
    client.on(Event, events.append)
    client.wait_for(ChatMessage, timeout=timeout, where=lambda m: m.content == text)
    client.off(Event, events.append)
    return events


def test_a_second_loss_during_backfill(sim, make, transport, channel, gated):
    """A gap that opens while history of the one before is being read is filled, too."""
    client = make(transport=transport, api=gated)
    seen = []
    client.on(Event, seen.append)
    client.connect()
    channel.chat("before")
    client.wait_for(ChatMessage, timeout=5)
    gated.gate.clear()
    lose(sim)
    channel.chat("missed first")
    wait_until(lambda: gated.pages == 1, 10, "history of the first gap")
    lose(sim)
    channel.chat("missed second")
    sim.wait_for_subscribers(channel, timeout=10)
    wait_until(lambda: client.stats.topics[channel.chat_topic] == "subscribed", 5, "it back")
    gated.gate.set()
    client.wait_for(Reconnected, timeout=10)
    channel.chat("end")
    client.wait_for(ChatMessage, timeout=10, where=lambda m: m.content == "end")
    assert contents(seen) == ["before", "missed first", "missed second", "end"]
    assert [e.complete for e in seen if isinstance(e, Reconnected)] == [True]


def test_three_losses_in_a_row(sim, make, transport, channel):
    """Each gap is filled, in order and once."""
    client = make(transport=transport)
    seen = []
    client.on(Event, seen.append)
    client.connect()
    expected = []
    for number in range(3):
        channel.chat(f"live {number}")
        client.wait_for(ChatMessage, timeout=5)
        lose(sim)
        channel.chat(f"missed {number}")
        client.wait_for(Reconnected, timeout=10)
        expected += [f"live {number}", f"missed {number}"]
    assert contents(seen) == expected


def test_a_loss_before_the_chat_is_acknowledged(sim, make, channel):
    """A socket that breaks between the first topic and the chat's leaves nothing held back."""
    client = make(transport="centrifugo")
    sim.refuse_topic(channel.chat_topic, 100, temporary=True, times=1)
    worker = threading.Thread(target=client.connect, args=(15,))
    worker.start()
    sim.wait_for_subscribers(channel.topics[1])
    wait_until(lambda: "subscribed" in client.stats.topics.values(), 5, "the first topic")
    sim.drop_connections()
    worker.join(15)
    channel.chat("hello")
    assert client.wait_for(ChatMessage, timeout=5).content == "hello"


def test_a_topic_that_the_server_takes_away_and_gives_back(sim, make, channel):
    """What was said between an unsubscribe push and the new subscription comes from history."""
    client = make(transport="centrifugo")
    client.connect()
    channel.chat("before")
    client.wait_for(ChatMessage, timeout=5)
    sim.acknowledge_late(0.3)
    sim.unsubscribe_push(channel.chat_topic, 2500)
    wait_until(
        lambda: channel.chat_topic not in next(iter(sim.connections)).topics, 5, "the topic's end"
    )
    channel.chat("missed")
    events = []
    client.on(Event, events.append)
    client.wait_for(Reconnected, timeout=10)
    channel.chat("after")
    client.wait_for(ChatMessage, timeout=5, where=lambda m: m.content == "after")
    assert contents(events) == ["missed", "after"]
    assert len(sim.connection_attempts) == 1


def test_a_topic_that_is_taken_away_again_and_again(sim, make, channel):
    """Asking for such a topic happens at a bounded rate."""
    client = make(transport="centrifugo")
    client.connect()
    asked = []
    for _ in range(4):
        wait_until(
            lambda: channel.chat_topic in next(iter(sim.connections)).topics, 10, "the topic back"
        )
        asked.append(client.stats.last_event_age)
        sim.unsubscribe_push(channel.chat_topic, 2500)
        if len(asked) == 3:
            break
    # The first new subscription is immediate, the second waits.
    with pytest.raises(TimeoutError):
        wait_until(
            lambda: channel.chat_topic in next(iter(sim.connections)).topics, 0.5, "the topic back"
        )


def test_a_gap_before_any_message(sim, make, transport, channel):
    """Where no message was ever seen, those of the gap come, and older ones do not."""
    client = make(transport=transport)
    old = channel.chat("long ago")
    entry = channel.history[-1]
    channel.history[-1] = type(entry)(entry.when - timedelta(minutes=10), old)
    client.connect()
    lose(sim)
    channel.chat("missed")
    events = take_until(client, "missed")
    reconnected = client.wait_for(Reconnected, timeout=5)
    assert contents(events) == ["missed"]
    assert reconnected.complete


@pytest.mark.parametrize("skew", [-300, 300])
def test_a_clock_that_is_wrong(sim, make, transport, channel, monkeypatch, skew):
    """A clock of ours that is minutes off does not make the gap before any message vanish."""
    from kick_live.events import base
    from kick_live.session import recovering

    right = base.now
    monkeypatch.setattr(recovering, "now", lambda: right() + timedelta(seconds=skew))
    old = channel.chat("long ago")
    entry = channel.history[-1]
    channel.history[-1] = type(entry)(entry.when - timedelta(minutes=2), old)
    client = make(transport=transport)
    client.connect()
    lose(sim)
    channel.chat("missed")
    assert contents(take_until(client, "missed")) == ["missed"]


def test_messages_published_out_of_order(sim, make, transport, channel):
    """A message that is older than the last one seen, but was not delivered, is found."""
    client = make(transport=transport)
    client.connect()
    channel.chat("overtaken", live=False)
    for number in range(25):
        channel.chat(f"seen {number}")
    client.wait_for(ChatMessage, timeout=5, where=lambda m: m.content == "seen 24")
    lose(sim)
    assert contents(take_until(client, "overtaken")) == ["overtaken"]


def test_the_last_message_was_deleted(sim, make, transport, channel):
    """Without the last seen message in history its time tells where to stop."""
    client = make(transport=transport)
    client.connect()
    for number in range(60):
        channel.chat(f"old {number}", live=False)
    last = channel.chat("before")
    client.wait_for(ChatMessage, timeout=5)
    lose(sim)
    channel.delete_message(last)
    for number in range(40):
        channel.chat(f"missed {number}")
    seen = []
    client.on(ChatMessage, seen.append)
    reconnected = client.wait_for(Reconnected, timeout=10)
    assert reconnected.complete
    assert contents(seen)[-40:] == [f"missed {n}" for n in range(40)]
    assert len(contents(seen)) == len(set(contents(seen)))


def test_an_empty_history(sim, make, transport, channel):
    """History without a message, although some were seen, proves nothing: the gap is announced."""
    client = make(transport=transport)
    client.connect()
    channel.chat("before")
    client.wait_for(ChatMessage, timeout=5)
    channel.history.clear()
    lose(sim)
    reconnected = client.wait_for(Reconnected, timeout=10)
    assert (reconnected.complete, reconnected.recovered) == (False, 0)
    assert "empty" in reconnected.reason


def test_a_row_of_history_that_cannot_be_read(sim, make, transport, channel):
    """A damaged row costs that row, and the gap is announced as incomplete."""
    client = make(transport=transport)
    client.connect()
    channel.chat("before")
    client.wait_for(ChatMessage, timeout=5)
    lose(sim)
    damaged = channel.chat("damaged")
    damaged["id"] = None
    channel.chat("missed")
    events = []
    client.on(Event, events.append)
    reconnected = client.wait_for(Reconnected, timeout=10)
    assert contents(events) == ["missed"]
    assert not reconnected.complete


def test_messages_during_backfill_come_after_what_was_missed(sim, make, transport, channel, gated):
    """Live messages wait for history, and one that is in both comes once."""
    client = make(transport=transport, api=gated)
    client.connect()
    channel.chat("before")
    client.wait_for(ChatMessage, timeout=5)
    gated.gate.clear()
    lose(sim)
    channel.chat("missed")
    sim.wait_for_subscribers(channel, timeout=10)
    channel.chat("in both")
    wait_until(lambda: gated.pages == 1, 5, "history")
    channel.chat("live")
    gated.gate.set()
    events = take_until(client, "live")
    assert next((e.content, e.historical) for e in events if isinstance(e, ChatMessage)) == (
        "missed",
        True,
    )
    assert contents(events) == ["missed", "in both", "live"]


def test_a_removed_channel_is_not_recovered(sim, make, transport, channel, gated):
    """A channel that is removed while its history is read delivers nothing more."""
    other = sim.add_channel("copper-finch")
    client = make("amber-quokka", "copper-finch", transport=transport, api=gated)
    client.connect()
    gated.gate.clear()
    lose(sim)
    channel.chat("missed")
    wait_until(lambda: gated.pages == 1, 10, "history")
    client.remove_channel("amber-quokka")
    gated.gate.set()
    other.chat("end")
    events = take_until(client, "end")
    assert contents(events) == ["end"]
    assert not [e for e in events if isinstance(e, Reconnected) and e.channel.slug == channel.slug]


def test_a_gift_divided_by_a_loss(sim, make, transport, channel):
    """A drop whose second half was lost is delivered with what is known."""
    client = make(transport=transport)
    client.connect()
    gift = channel.gift_subs(["Maple_Harbor", "Fern_Gully"], gifter="copperkite", chunks=2)
    assert gift
    assert client.wait_for(GiftedSubscriptions, timeout=10).count == 2


def test_connected_comes_once(sim, make, transport, channel):
    """However often the socket breaks, there is one Connected."""
    client = make(transport=transport)
    seen = []
    client.on(Connected, seen.append)
    client.connect()
    for _ in range(2):
        lose(sim)
        client.wait_for(Reconnected, timeout=10)
    assert len(seen) == 1


def test_a_chat_that_is_refused_after_a_loss_holds_nothing_back(sim, make, transport, channel):
    """If the chat's topic does not come back, that is reported, and other topics' events go on."""
    client = make(transport=transport)
    client.connect()
    sim.refuse_topic(channel.chat_topic)
    sim.drop_connections()
    error = client.wait_for(ErrorOccurred, timeout=10)
    assert channel.chat_topic in str(error.error)
    channel.redeem_reward("Hydrate!", username="Maple")
    assert client.wait_for("reward_redeemed", timeout=5).reward_title == "Hydrate!"


def test_what_was_announced_as_lost_stays_lost(sim, make, transport, channel):
    """History that is readable again does not bring it after newer messages."""
    client = make(transport=transport)
    client.connect()
    channel.chat("before")
    client.wait_for(ChatMessage, timeout=5)
    sim.fail("/api/v1/chat/", 403)
    lose(sim)
    channel.chat("lost")
    assert not client.wait_for(Reconnected, timeout=10).complete
    channel.chat("live")
    client.wait_for(ChatMessage, timeout=5)
    sim.heal()
    lose(sim)
    channel.chat("missed")
    events = take_until(client, "missed")
    assert contents(events) == ["missed"]


def test_what_waits_when_the_chat_is_refused_is_delivered(sim, make, transport, channel, gated):
    """Live messages that waited for history are not lost with the topic."""
    client = make(transport=transport, api=gated)
    shown, seen = [], []
    client.on(Event, seen.append)
    client.add_tap(shown.extend)
    client.connect()
    channel.chat("before")
    client.wait_for(ChatMessage, timeout=5)
    gated.gate.clear()
    lose(sim)
    wait_until(lambda: gated.pages == 1, 10, "history")
    channel.chat("waiting")
    wait_until(lambda: any("waiting" in arrival.raw for arrival in shown), 5, "it to come")
    sim.refuse_topic(channel.chat_topic)
    sim.drop_connections()
    client.wait_for(ErrorOccurred, timeout=10)
    client.poll()
    assert contents(seen) == ["before", "waiting"]


def test_a_server_that_acknowledges_nothing_is_left(sim, make, transport, channel, monkeypatch):
    """Pings alone do not keep a connection on which no topic was acknowledged."""
    monkeypatch.setattr(connection, "_SUBSCRIBE_TIMEOUT", 0.5)
    client = make(transport=transport)
    client.connect()
    sim.acknowledge_late(1000)
    sim.drop_connections()
    wait_until(lambda: len(sim.connection_attempts) >= 3, 10, "another attempt")
    sim.heal()
    channel.chat("missed")
    assert contents(take_until(client, "missed")) == ["missed"]


@pytest.mark.parametrize("history_fails", [False, True])
def test_order_over_two_losses(sim, make, transport, channel, gated, history_fails):
    """A message that waited for history when the second loss came stays between the two gaps."""
    client = make(transport=transport, api=gated)
    seen, shown = [], []
    client.on(Event, seen.append)
    client.add_tap(shown.extend)
    client.connect()
    channel.chat("before")
    client.wait_for(ChatMessage, timeout=5)
    gated.gate.clear()
    lose(sim)
    channel.chat("missed first")
    wait_until(lambda: gated.pages == 1, 10, "history of the first gap")
    channel.chat("live between")
    wait_until(lambda: any("live between" in arrival.raw for arrival in shown), 5, "it to come")
    lose(sim)
    channel.chat("missed second")
    wait_until(lambda: client.stats.topics[channel.chat_topic] == "subscribed", 5, "it back")
    if history_fails:
        sim.fail("/api/v1/chat/", 403)
    gated.gate.set()
    reconnected = client.wait_for(Reconnected, timeout=10)
    channel.chat("end")
    client.wait_for(ChatMessage, timeout=10, where=lambda m: m.content == "end")
    if history_fails:
        assert contents(seen) == ["before", "live between", "end"]
        assert (reconnected.recovered, reconnected.complete) == (0, False)
    else:
        order = ["before", "missed first", "live between", "missed second", "end"]
        assert contents(seen) == order
        assert (reconnected.recovered, reconnected.complete) == (2, True)


def say_late(channel, content):
    """A message that history has at once; publish what is returned to let it arrive as well."""
    payload = channel.chat(content, live=False)
    return lambda: channel.publish("App\\Events\\ChatMessageEvent", payload)


def test_history_that_is_ahead_of_the_socket(sim, make, transport, channel, gated):
    """A message that is read from history before the socket brings it comes in its place, once."""
    client = make(transport=transport, api=gated)
    seen, shown = [], []
    client.on(Event, seen.append)
    client.add_tap(shown.extend)
    client.connect()
    channel.chat("before")
    client.wait_for(ChatMessage, timeout=5)
    gated.before = True
    gated.gate.clear()
    lose(sim)
    channel.chat("missed")
    wait_until(lambda: gated.requests == 1, 10, "history being asked for")
    channel.chat("waiting")
    wait_until(lambda: any("waiting" in arrival.raw for arrival in shown), 5, "it to come")
    arrive = say_late(channel, "ahead")
    gated.gate.set()
    client.wait_for(Reconnected, timeout=10)
    arrive()
    channel.chat("end")
    client.wait_for(ChatMessage, timeout=10, where=lambda m: m.content == "end")
    assert contents(seen) == ["before", "missed", "waiting", "ahead", "end"]


@pytest.mark.parametrize("limit", [("_MOST_HELD", 5), ("_MOST_HELD_TEXT", 2000)])
def test_more_live_messages_than_may_wait(sim, make, transport, channel, gated, monkeypatch, limit):
    """Then history is given up, which is announced: order is kept, and what arrived is delivered."""
    monkeypatch.setattr(feed, *limit)
    client = make(transport=transport, api=gated)
    seen = []
    client.on(Event, seen.append)
    client.connect()
    channel.chat("before")
    client.wait_for(ChatMessage, timeout=5)
    gated.gate.clear()
    lose(sim)
    channel.chat("missed")
    wait_until(lambda: gated.pages == 1, 10, "history")
    for number in range(12):
        channel.chat(f"live {number}")
    client.wait_for(ChatMessage, timeout=10, where=lambda m: m.content == "live 11")
    gated.gate.set()
    channel.chat("end")
    client.wait_for(ChatMessage, timeout=10, where=lambda m: m.content == "end")
    assert contents(seen) == ["before", *(f"live {n}" for n in range(12)), "end"]
    (reconnected,) = [event for event in seen if isinstance(event, Reconnected)]
    assert (reconnected.recovered, reconnected.complete) == (0, False)
    assert "kept waiting" in reconnected.reason
    stats = client.stats
    assert stats.received == stats.dispatched + stats.dropped + stats.queued
    lose(sim)
    channel.chat("missed again")
    assert contents(take_until(client, "missed again")) == ["missed again"]
