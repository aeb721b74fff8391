"""The latest messages, to begin with."""

from __future__ import annotations

import pytest
from servers.process import wait_until

from kick_live import (
    Blocked,
    ChatMessage,
    Connected,
    ErrorOccurred,
    Event,
    KickClient,
    Reconnected,
)

HISTORY = "/api/v1/chat/"


def contents(events):
    return [(e.content, e.historical) for e in events if isinstance(e, ChatMessage)]


def past(channel, count):
    """Let so many messages have been said before anybody came."""
    for number in range(count):
        channel.chat(f"old {number}", live=False)


def take_until(client, text):
    """Everything up to a chat message."""
    events = []
    client.on(Event, events.append)
    client.wait_for(ChatMessage, timeout=10, where=lambda m: m.content == text)
    client.off(Event, events.append)
    return events


@pytest.mark.parametrize("count", [1, 10, 60])
def test_the_last_messages_come_first(make, transport, channel, count) -> None:
    """As many as asked for, oldest first and marked, before the first live one; it is no gap."""
    past(channel, 70)
    client = make(transport=transport, history=count)
    seen = []
    client.on(Event, seen.append)
    client.connect()
    client.wait_for(ChatMessage, timeout=10, where=lambda m: m.content == "old 69")
    channel.chat("live")
    take_until(client, "live")
    events = seen
    expected = [(f"old {number}", True) for number in range(70 - count, 70)]
    assert contents(events) == [*expected, ("live", False)]
    assert isinstance(events[0], Connected)
    assert not [e for e in events if isinstance(e, (Reconnected, ErrorOccurred))]
    assert client.stats.recovered == 0


def test_a_channel_with_fewer_messages(make, transport, channel) -> None:
    """All of them come, and that is no failure."""
    past(channel, 3)
    client = make(transport=transport, history=50)
    client.connect()
    channel.chat("live")
    events = take_until(client, "live")
    assert len(contents(events)) == 4
    assert not [e for e in events if isinstance(e, ErrorOccurred)]


def test_without_it_no_history_is_read(sim, make, transport, channel) -> None:
    """By default a client begins with live messages alone."""
    past(channel, 3)
    client = make(transport=transport)
    client.connect()
    channel.chat("live")
    assert contents(take_until(client, "live")) == [("live", False)]
    assert not [r for r in sim.requests if HISTORY in r.path]


def test_a_message_that_is_live_and_in_history_comes_once(sim, make, transport, channel) -> None:
    """What was said between the subscription and the reading of history is in both."""
    past(channel, 3)
    shown = []
    sim.hold(HISTORY)
    client = make(transport=transport, history=2)
    client.add_tap(shown.extend)
    client.connect()
    channel.chat("both")
    wait_until(lambda: any("both" in arrival.raw for arrival in shown), 5, "it to come")
    sim.heal()
    assert contents(take_until(client, "both")) == [
        ("old 1", True),
        ("old 2", True),
        ("both", False),
    ]


@pytest.mark.parametrize("status", [403, 404, 500])
def test_history_that_is_refused(sim, make, transport, channel, status) -> None:
    """The client connects all the same, says what failed, and delivers what is live."""
    past(channel, 3)
    sim.fail(HISTORY, status)
    client = make(transport=transport, history=5)
    client.connect()
    error = client.wait_for(ErrorOccurred, timeout=20)
    assert error.channel.slug == channel.slug
    assert HISTORY in (error.error.url or "")
    assert isinstance(error.error, Blocked) == (status == 403)
    channel.chat("live")
    assert contents(take_until(client, "live")) == [("live", False)]


def test_a_row_that_cannot_be_read(make, transport, channel) -> None:
    """The others come, and the loss is announced."""
    past(channel, 2)
    channel.chat("damaged", live=False)["id"] = None
    client = make(transport=transport, history=3)
    client.connect()
    events = take_until(client, "old 1")
    channel.chat("live")
    events += take_until(client, "live")
    assert contents(events) == [("old 0", True), ("old 1", True), ("live", False)]
    (error,) = [e for e in events if isinstance(e, ErrorOccurred)]
    assert "1 rows" in str(error.error)


def test_a_channel_that_is_added_later(sim, make, transport, channel) -> None:
    """It begins with its latest messages, too."""
    other = sim.add_channel("copper-finch")
    past(other, 4)
    client = make(transport=transport, history=2)
    client.connect()
    client.add_channel("copper-finch")
    client.wait_for(ChatMessage, timeout=10, where=lambda m: m.content == "old 2")
    client.wait_for(ChatMessage, timeout=10, where=lambda m: m.content == "old 3")
    other.chat("live")
    assert contents(take_until(client, "live")) == [("live", False)]


def test_a_loss_while_it_is_read(sim, make, transport, channel) -> None:
    """Afterwards the latest messages and those of the gap come, in order and once; counted apart."""
    past(channel, 3)
    sim.hold(HISTORY)
    client = make(transport=transport, history=2)
    client.connect()
    wait_until(lambda: any(HISTORY in r.path for r in sim.requests), 5, "the request")
    channel.chat("live first")
    sim.drop_connections()
    wait_until(lambda: not sim.connections, 5, "the loss")
    channel.chat("missed")
    sim.wait_for_subscribers(channel, timeout=10)
    wait_until(lambda: client.stats.topics[channel.chat_topic] == "subscribed", 5, "it back")
    sim.heal()
    seen = []
    client.on(Event, seen.append)
    reconnected = client.wait_for(Reconnected, timeout=20)
    channel.chat("end")
    client.wait_for(ChatMessage, timeout=10, where=lambda m: m.content == "end")
    found = [content for content, _ in contents(seen)]
    assert found[-3:] == ["live first", "missed", "end"]
    # What was said within a second before the loss may belong to the gap.
    old = found[:-3]
    assert old
    assert old == ["old 0", "old 1", "old 2"][-len(old) :]
    assert reconnected.complete
    assert "missed" in [content for content, historical in contents(seen) if historical]


@pytest.mark.parametrize("value", [-1, 1001])
def test_a_number_that_makes_no_sense(value) -> None:
    """It is refused at once."""
    with pytest.raises(ValueError, match="history"):
        KickClient("amber-quokka", history=value)
