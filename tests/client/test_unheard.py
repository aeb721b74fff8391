"""Messages that nobody listens to when they arrive are read if somebody does before their turn."""

from __future__ import annotations

import json
import time

import pytest

from kick_live import ChatMessage, Event, Reconnected, UndecodableEvent, UserUnbanned


@pytest.fixture
def wait_until_received(client):
    """Waits until the client has received some events, without taking them."""

    def wait(count):
        deadline = time.monotonic() + 10
        while client.stats.received < count:
            assert time.monotonic() < deadline, client.stats
            time.sleep(0.005)

    return wait


def contents(events):
    return [event.content for event in events if isinstance(event, ChatMessage)]


def test_they_count_as_received_and_dispatched(client, channel, wait_until_received):
    """Nobody gets them; the account is the same."""
    unbans = []
    client.on(UserUnbanned, unbans.append)
    client.connect()
    for number in range(20):
        channel.chat(str(number))
    channel.unban("big_spruce")
    wait_until_received(21)
    while not unbans:
        client.poll(1)
    assert (client.stats.dispatched, client.stats.queued, len(unbans)) == (21, 0, 1)
    assert client.stats.latency is not None


@pytest.mark.parametrize("cls", [ChatMessage, Event])
def test_a_listener_added_before_their_turn_gets_them(client, channel, wait_until_received, cls):
    """Whole, with everything that was in them."""
    client.connect()
    channel.chat("hello", username="Maple")
    wait_until_received(1)
    got = []
    client.on(cls, got.append)
    client.poll()
    message = next(event for event in got if isinstance(event, ChatMessage))
    assert type(message) is ChatMessage
    assert (message.content, message.sender.username) == ("hello", "Maple")
    assert message.channel.slug == "amber-quokka"


def test_iterating_and_waiting_get_them(client, channel, wait_until_received):
    """Without any listener."""
    client.connect()
    channel.chat("first")
    channel.chat("second")
    wait_until_received(2)
    assert client.wait_for(ChatMessage, timeout=5).content == "first"
    assert contents(client.events(timeout=0.2)) == ["second"]


def test_waiting_for_something_else_passes_them_over(client, channel):
    """They are dispatched to nobody, and what is waited for is found behind them."""
    client.connect()
    for number in range(5):
        channel.chat(str(number))
    channel.unban("big_spruce")
    assert client.wait_for(UserUnbanned, timeout=5).user.username == "big_spruce"
    assert client.stats.dispatched == 6


def test_a_listener_for_one_message_gets_the_first(client, channel, wait_until_received):
    """The ones after it have nobody again, until somebody comes."""
    got = []
    client.connect()
    for number in range(3):
        channel.chat(str(number))
    wait_until_received(3)
    client.once(ChatMessage, lambda m: client.on(UserUnbanned, got.append) and got.append(m))
    client.poll()
    assert contents(got) == ["0"]
    channel.chat("3")
    wait_until_received(4)
    client.on(ChatMessage, got.append)
    client.poll(5)
    assert contents(got) == ["0", "3"]


def test_a_listener_may_be_added_while_a_batch_is_dispatched(client, channel, wait_until_received):
    """From the next event on."""
    got = []
    client.on(UserUnbanned, lambda unban: client.on(ChatMessage, got.append))
    client.connect()
    channel.chat("before")
    channel.unban("big_spruce")
    channel.chat("after")
    wait_until_received(3)
    client.poll()
    assert contents(got) == ["after"]


def test_repetitions_are_left_out(client, channel, wait_until_received):
    """Whether they were read or not."""
    client.connect()
    message = channel.chat("once")
    channel.publish("ChatMessageEvent", message)
    channel.chat("end")
    wait_until_received(2)
    assert contents(client.events(timeout=0.2)) == ["once", "end"]
    assert client.stats.duplicates == 1


def test_a_gap_is_filled_after_them(sim, client, channel, wait_until_received):
    """The last unread message tells where history has to begin."""
    client.connect()
    channel.chat("seen")
    wait_until_received(1)
    channel.chat("missed", live=False)
    sim.drop_connections()
    got = []
    client.on(Event, got.append)
    while not any(isinstance(event, Reconnected) for event in got):
        client.poll(1)
    channel.chat("after")
    while "after" not in contents(got):
        client.poll(1)
    assert contents(got) == ["seen", "missed", "after"]


def test_an_unusable_one_reaches_who_listens_for_such(client, channel, wait_until_received):
    """A message without sender, unread when it came; and counted only when it is read."""
    client.connect()
    channel.publish("ChatMessageEvent", {"id": "m1", "content": "who?"})
    wait_until_received(1)
    assert client.stats.undecodable == 0
    got = []
    client.on(UndecodableEvent, got.append)
    client.poll()
    assert [json.loads(event.raw)["content"] for event in got] == ["who?"]
    assert client.stats.undecodable == 1


def test_a_message_without_a_topic_tells_the_latency_too(sim, make, channel):
    """A frame that does not say where it belongs is found a channel by its ids, and is as new."""
    client = make(transport="pusher")
    client.connect()
    payload = {"id": "m1", "chatroom_id": channel.chatroom_id, "sender": {"username": "Maple"}}
    data = json.dumps({**payload, "created_at": "2026-10-05T18:00:01+00:00"})
    sim.publish_frame(json.dumps({"event": "ChatMessageEvent", "data": data}))
    message = client.wait_for(ChatMessage, timeout=5)
    assert (message.id, message.channel.slug) == ("m1", "amber-quokka")
    assert client.stats.latency == message.latency
