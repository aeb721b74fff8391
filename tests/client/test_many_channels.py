"""Hundreds of channels in one client, on several sockets."""

from __future__ import annotations

import time
from collections import defaultdict

from kick_live import ChannelRef, ChatMessage
from kick_live.session.lookup import Lookup

COUNT = 300
#: 16 channels of six topics share a socket.
SOCKETS = 19


def _follow(sim, count):
    channels = [sim.add_channel(f"channel-{number}") for number in range(count)]
    refs = [
        ChannelRef(slug=c.slug, channel_id=c.channel_id, chatroom_id=c.chatroom_id)
        for c in channels
    ]
    return channels, refs


def test_each_of_many_channels_gets_its_own_messages(sim, make, transport):
    """Every message of 300 channels arrives once, in order, under its own channel."""
    channels, refs = _follow(sim, COUNT)
    client = make(*refs, transport=transport)
    client.connect(timeout=60)
    assert client.stats.connections == SOCKETS
    seen = defaultdict(list)
    client.on(ChatMessage, lambda m: seen[m.channel.slug].append(m.content))
    for turn in range(3):
        for channel in channels:
            channel.chat(f"{channel.slug} {turn}")
    deadline = time.monotonic() + 30
    while sum(map(len, seen.values())) < 3 * COUNT and time.monotonic() < deadline:
        client.poll(timeout=1.0)
    assert seen == {c.slug: [f"{c.slug} {turn}" for turn in range(3)] for c in channels}


def test_coming_and_going_channels_leave_the_others_alone(sim, make, transport):
    """While channels are added and removed, another one misses nothing and no socket is lost."""
    channels, refs = _follow(sim, 40)
    client = make(*refs[:20], transport=transport)
    client.connect(timeout=60)
    seen = []

    def note(message):
        if message.channel.slug == "channel-0":
            seen.append(message.content)

    client.on(ChatMessage, note)
    sent = 0
    for ref in refs[20:]:
        client.add_channel(ref)
        client.remove_channel(client.channels[1].slug)
        channels[0].chat(str(sent))
        sent += 1
        client.poll()
    channels[0].chat("last")
    client.wait_for(ChatMessage, timeout=20, where=lambda m: m.content == "last")
    assert seen == [*(str(number) for number in range(sent)), "last"]
    assert client.stats.reconnects == 0
    assert len(client.channels) == 20


def test_connect_waits_for_channels_whose_turn_comes_late(sim, make, transport, monkeypatch):
    """The first channel may be subscribed before the second is begun, on a busy machine."""
    _, refs = _follow(sim, 2)
    begin = Lookup.begin

    def begin_and_wait(self, followed):
        begin(self, followed)
        deadline = time.monotonic() + 10
        while not followed.ready and time.monotonic() < deadline:
            time.sleep(0.01)

    monkeypatch.setattr(Lookup, "begin", begin_and_wait)
    connected = make(*refs, transport=transport).connect(timeout=30)
    assert [channel.slug for channel in connected.channels] == ["channel-0", "channel-1"]
