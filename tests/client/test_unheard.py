"""What nobody listens to when it arrives is read if somebody does before its turn."""

from __future__ import annotations

import json
import time

import pytest
from servers.process import wait_until

from kick_live import (
    ChatMessage,
    Event,
    PinnedMessageCreated,
    Reconnected,
    UndecodableEvent,
    UserBanned,
    UserUnbanned,
)


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


def test_a_pin_without_a_topic_gives_its_message_a_channel(sim, make, channel):
    """What is inside an event belongs to the same channel."""
    client = make(transport="pusher")
    client.connect()
    message = {"id": "m1", "chatroom_id": channel.chatroom_id, "sender": {"username": "Maple"}}
    data = json.dumps({"message": message, "duration": "20"})
    sim.publish_frame(json.dumps({"event": "PinnedMessageCreatedEvent", "data": data}))
    pinned = client.wait_for(PinnedMessageCreated, timeout=5)
    assert pinned.channel.slug == "amber-quokka"
    assert pinned.message.channel == pinned.channel


def evening(channel):
    """Something of nearly every kind; the siblings of some come on other topics as well."""
    message = channel.chat("hello", username="Maple")
    channel.pin(message)
    channel.unpin()
    channel.delete_message(message)
    channel.ban("big_spruce", minutes=5)
    channel.unban("big_spruce")
    channel.subscribe("copperkite", months=3)
    channel.gift_subs(["yuzu_cha", "drumline99"], gifter="copperkite")
    channel.gift_kicks(100, "copperkite")
    channel.redeem_reward("copperkite")
    channel.host("tidal-tom", 12)
    channel.go_live()
    channel.poll("Which way?", ["left", "right"])
    channel.update_settings(slow_mode_seconds=10)
    channel.clear()
    channel.chat("end")


def test_every_kind_waits_for_who_comes_before_its_turn(make, transport, channel):
    """The same events, whole and each once, as for a client whose listener was there before."""
    early, late = (make(transport=transport) for _ in range(2))
    seen, seen_late = [], []
    early.on(Event, seen.append)
    for client in (early, late):
        client.connect()
    evening(channel)
    early.wait_for(ChatMessage, timeout=10, where=lambda message: message.content == "end")
    wait_until(lambda: late.stats.received == early.stats.received, 10, "the events to arrive")
    late.on(Event, seen_late.append)
    late.poll()
    assert [(type(e), e.raw) for e in seen_late[1:]] == [(type(e), e.raw) for e in seen[1:]]
    assert len({type(event) for event in seen}) > 20
    assert late.stats.duplicates == early.stats.duplicates


def test_only_what_is_waited_for_is_read(client, channel):
    """A ban without a user is told as such to who waits for bans, and passed over by others."""
    client.connect()
    channel.publish("UserBannedEvent", {"id": "b1"})
    channel.chat("end")
    assert client.wait_for(ChatMessage, timeout=5).content == "end"
    assert client.stats.undecodable == 0
    channel.publish("UserBannedEvent", {"id": "b2"})
    channel.ban("big_spruce")
    assert client.wait_for(UserBanned, timeout=5).user.username == "big_spruce"
    assert client.stats.undecodable == 1
