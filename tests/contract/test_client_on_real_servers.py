"""What a client does on any Kick: simulated or by others, Pusher or Centrifugo."""

from __future__ import annotations

import time

import pytest
from kick_stages import CHAT, Stage, chat_payload, topics_of
from servers.process import wait_until

from kick_live import ChannelRef, ChatMessage, ClientClosed, KickClient, UnknownEvent


def contents(client: KickClient, count: int, timeout: float = 10) -> list[str]:
    """The texts of so many chat messages, as they come."""
    found: list[str] = []
    for event in client.events(timeout=timeout):
        if isinstance(event, ChatMessage):
            found.append(event.content)
            if len(found) == count:
                break
    return found


def test_connects_by_name(stage: Stage) -> None:
    """A name is looked up, the provider negotiated, and the event tells what came of it."""
    channel = stage.add_channel()
    with stage.client(channel.slug) as client:
        connected = client.connect(timeout=10)
        assert connected.transport == stage.provider
        assert [found.slug for found in connected.channels] == [channel.slug]
        assert connected.room_id == channel.chatroom_id
        client.poll()
        assert client.stats.transport == stage.provider


def test_subscribes_to_six_topics_of_each_channel(stage: Stage) -> None:
    """All six topics of several channels are subscribed over one socket, once each."""
    channels = stage.add_channels(3)
    with stage.client(*channels) as client:
        client.connect(timeout=10)
        every_topic = [topic for channel in channels for topic in topics_of(channel)]
        stage.wait_for_subscribers(every_topic)
        wait_until(lambda: set(client.stats.topics.values()) == {"subscribed"}, 5, "all topics")
        assert sorted(client.stats.topics) == sorted(every_topic)
        assert client.stats.connections == 1


def test_receives_on_each_topic(stage: Stage) -> None:
    """What is published on a topic arrives with that topic, its channel and its payload's text."""
    channels = stage.add_channels(2)
    with stage.client(*channels) as client:
        client.connect(timeout=10)
        for channel in channels:
            stage.wait_for_subscribers(topics_of(channel))
            for topic in topics_of(channel):
                stage.publish(topic, "TideTurned", f'{{"at":"{topic}"}}')
        expected = {topic: channel.slug for channel in channels for topic in topics_of(channel)}
        found: dict[str | None, str | None] = {}
        while len(found) < len(expected):
            event = client.wait_for(UnknownEvent, timeout=5)
            assert event.raw == f'{{"at":"{event.topic}"}}'
            found[event.topic] = event.channel.slug if event.channel else None
        assert found == expected


def test_spreads_many_channels_over_sockets(stage: Stage) -> None:
    """Twenty channels, 120 topics, need two sockets, and each channel is heard exactly once."""
    channels = stage.add_channels(20)
    with stage.client(*channels) as client:
        client.connect(timeout=15)
        assert client.stats.connections == 2
        for channel in channels:
            stage.chat(channel, f"from {channel.slug}")
        found = contents(client, len(channels))
        assert sorted(found) == sorted(f"from {channel.slug}" for channel in channels)


def test_keeps_the_order(stage: Stage) -> None:
    """Messages of a channel come in the order in which they were published."""
    channel = stage.add_channel()
    with stage.client(channel) as client:
        client.connect(timeout=10)
        for number in range(150):
            stage.chat(channel, str(number))
        assert contents(client, 150) == [str(number) for number in range(150)]


@pytest.mark.parametrize("text", ["日本語 👩‍👩‍👧 שלום", 'line\nbreak \\ " / \x00', "x" * 9000])
def test_texts_arrive_as_they_were_sent(stage: Stage, text: str) -> None:
    """Any script, control characters, quotes and long texts survive the way."""
    channel = stage.add_channel()
    with stage.client(channel) as client:
        client.connect(timeout=10)
        stage.chat(channel, text)
        assert contents(client, 1) == [text]


def test_drops_a_message_delivered_twice(stage: Stage) -> None:
    """A message that the server sends again is delivered once and counted."""
    channel = stage.add_channel()
    with stage.client(channel) as client:
        client.connect(timeout=10)
        payload = chat_payload(channel, "twice")
        for _ in range(2):
            stage.publish(topics_of(channel)[0], CHAT, payload)
        stage.chat(channel, "after")
        assert contents(client, 2) == ["twice", "after"]
        assert client.stats.duplicates == 1


def test_adds_and_removes_channels_while_running(stage: Stage) -> None:
    """A channel added is subscribed over the same socket; one removed is given up there."""
    first, second = stage.add_channels(2)
    with stage.client(first) as client:
        client.connect(timeout=10)
        client.add_channel(second.slug or "")
        stage.wait_for_subscribers(topics_of(second))
        stage.chat(second, "second")
        assert contents(client, 1) == ["second"]
        assert client.stats.connections == 1
        client.remove_channel(first)
        stage.wait_for_subscribers(topics_of(first), 0)
        stage.chat(first, "nobody listens")
        stage.chat(second, "still there")
        assert contents(client, 1) == ["still there"]


def test_closes_from_a_listener(stage: Stage) -> None:
    """close() inside a listener ends run(), and the server sees the socket go."""
    channel = stage.add_channel()
    with stage.client(channel) as client:
        heard: list[str] = []

        @client.on(ChatMessage)
        def listen(message: ChatMessage) -> None:
            heard.append(message.content)
            client.close()

        client.connect(timeout=10)
        stage.chat(channel, "stop")
        stage.chat(channel, "too late")
        client.run(timeout=10)
        assert heard == ["stop"]
        assert client.closed
        stage.wait_for_subscribers(topics_of(channel)[:1], 0)


def test_closes_within_two_seconds(stage: Stage) -> None:
    """close() with two sockets takes less than two seconds; afterwards nothing is left."""
    channels = stage.add_channels(17)
    with stage.client(*channels) as client:
        client.connect(timeout=15)
        begin = time.monotonic()
        client.close()
        assert time.monotonic() - begin < 2
        stage.wait_for_subscribers([topics_of(channel)[0] for channel in channels], 0)
        with pytest.raises(ClientClosed):
            client.connect()


def test_ids_alone_are_enough(stage: Stage) -> None:
    """With both ids and no name a channel is received without being looked up."""
    known = stage.add_channel()
    with stage.client(
        ChannelRef(channel_id=known.channel_id, chatroom_id=known.chatroom_id)
    ) as client:
        client.connect(timeout=10)
        stage.chat(known, "by number")
        assert contents(client, 1) == ["by number"]
