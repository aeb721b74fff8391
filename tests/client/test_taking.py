"""run, poll, events, iteration and wait_for."""

import threading
import time
from collections import deque

import pytest
from servers.process import wait_until

from kick_live import ChatMessage, ClientClosed, Connected, Event, Subscription, WaitTimeout


def test_run_connects_by_itself(client, channel):
    """run() without connect() connects."""
    client.on(Connected, lambda event: channel.chat("hi"))
    client.on(ChatMessage, lambda message: client.close())
    client.run()
    assert client.closed


def test_run_returns_after_its_time(client):
    """run(timeout) returns, and the client stays connected for the next run."""
    client.connect()
    started = time.monotonic()
    client.run(timeout=0.2)
    client.run(timeout=0.1)
    assert 0.3 <= time.monotonic() - started < 2
    assert not client.closed


def test_listeners_run_in_the_calling_thread(client, channel):
    """Listeners run on the thread that calls run()."""
    threads = []
    client.on(ChatMessage, lambda m: (threads.append(threading.current_thread()), client.close()))
    client.connect()
    channel.chat("x")
    client.run()
    assert threads == [threading.current_thread()]


def test_ctrl_c_ends_run_normally(client, channel):
    """KeyboardInterrupt closes the client, and run() returns."""

    def interrupt(message):
        raise KeyboardInterrupt

    client.on(ChatMessage, interrupt)
    client.connect()
    channel.chat("x")
    client.run()
    assert client.closed


def test_poll_counts_what_it_took(client, channel):
    """poll() fires what waits and says how many; with nothing there it returns 0 at once."""
    client.connect()
    assert client.poll() == 1  # Connected
    assert client.poll() == 0
    channel.chat("a")
    assert client.poll(timeout=5) == 1


def test_poll_leaves_to_its_listeners_what_they_take(client, channel):
    """A listener that waits, or polls, takes what poll() would have fired; all come once, in order."""
    contents = []

    @client.on(ChatMessage)
    def show(message):
        contents.append(message.content)
        if message.content == "a":
            client.wait_for(ChatMessage, timeout=5, where=lambda later: later.content == "b")
        if message.content == "c":
            client.poll()

    client.connect()
    for text in "abcd":
        channel.chat(text)
    wait_until(lambda: client.stats.queued == 4, 10, "the messages to arrive")
    assert client.poll() == 3  # Connected, a and c
    assert contents == ["a", "b", "c", "d"]


def test_poll_connects_by_itself(client):
    """The first poll() connects."""
    assert client.poll(timeout=5) == 1


def test_poll_after_close_returns_zero(client):
    """A closed client has nothing to fire."""
    client.connect()
    client.close()
    assert client.poll(timeout=1) == 0


def test_iterating(client, channel):
    """for event in client gives events in order."""
    client.connect()
    channel.chat("a")
    channel.chat("b")
    contents = []
    for event in client:
        if isinstance(event, ChatMessage):
            contents.append(event.content)
            if len(contents) == 2:
                break
    assert contents == ["a", "b"]


def test_what_an_iteration_leaves_is_not_lost(client, channel):
    """Leaving a loop early keeps the rest for the next call."""
    client.connect()
    for text in "abc":
        channel.chat(text)
    client.wait_for(ChatMessage, timeout=5)
    rest = []
    for event in client.events(timeout=5):
        rest.append(event.content)
        if len(rest) == 2:
            break
    assert rest == ["b", "c"]


def test_iteration_runs_listeners_too(client, channel):
    """Every event passes the listeners once, whichever call takes it."""
    seen = []
    client.on(Event, seen.append)
    client.connect()
    channel.chat("a")
    taken = []
    for event in client.events(timeout=5):
        taken.append(event)
        if isinstance(event, ChatMessage):
            break
    assert taken == seen


def test_events_ends_after_its_time(client):
    """events(timeout) ends by itself."""
    client.connect()
    assert [type(event) for event in client.events(timeout=0.2)] == [Connected]


def test_iteration_ends_at_close(client, channel):
    """Closing from the loop ends it."""
    for event in client:
        assert isinstance(event, Connected)
        client.close()
    assert client.closed


def test_wait_for_returns_the_event(client, channel):
    """wait_for() skips what does not fit, and runs the listeners of it."""
    seen = []
    client.on(ChatMessage, lambda m: seen.append(m.content))
    client.connect()
    for text in ("no", "yes", "later"):
        channel.chat(text)
    found = client.wait_for(ChatMessage, timeout=5, where=lambda m: m.content == "yes")
    assert (found.content, seen) == ("yes", ["no", "yes"])
    assert client.wait_for("chat_message", timeout=5).content == "later"


def test_wait_for_gives_up(client):
    """WaitTimeout is a TimeoutError and says how long it waited."""
    client.connect()
    with pytest.raises(WaitTimeout) as caught:
        client.wait_for(Subscription, timeout=0.1)
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.timeout == 0.1


def test_wait_for_ends_when_closed(client, channel):
    """A client that is closed meanwhile raises ClientClosed."""
    client.connect()
    client.on(ChatMessage, lambda m: client.close())
    channel.chat("x")
    with pytest.raises(ClientClosed):
        client.wait_for(Subscription, timeout=5)


def test_stats_add_up(client, channel):
    """received = dispatched + dropped + queued, also in the middle of a batch."""
    client.connect()
    for number in range(10):
        channel.chat(str(number))
    client.wait_for(ChatMessage, timeout=5, where=lambda m: m.content == "4")
    stats = client.stats
    assert stats.received == stats.dispatched + stats.dropped + stats.queued
    assert stats.dispatched == 5
    client.wait_for(ChatMessage, timeout=5, where=lambda m: m.content == "9")
    stats = client.stats
    assert (stats.received, stats.dispatched, stats.queued) == (10, 10, 0)
    assert stats.last_event_age.total_seconds() < 60
    assert stats.latency is not None
    client.close()
    assert client.stats.dispatched == 10


class _Emptied(deque):
    """What was taken, of which another thread takes the last one just now."""

    def __len__(self):
        return 1

    def __bool__(self):
        return True

    def popleft(self):
        self.client._taken = deque()
        raise IndexError("pop from an empty deque")


@pytest.mark.parametrize(
    "take", [lambda c: c.poll(), lambda c: c.run(0.1), lambda c: list(c.events(0.1))]
)
def test_another_thread_may_be_faster(make, take):
    """Two threads that take events get a part each; neither fails."""
    client = make(transport="pusher")
    client.connect()
    client._taken = _Emptied()
    client._taken.client = client
    take(client)
    assert not isinstance(client._taken, _Emptied)


def test_lifecycle_events_are_not_counted(sim, make, channel):
    """Also not while they wait to be dispatched."""
    for topic in channel.topics[1:4]:
        sim.refuse_topic(topic)
    client = make(transport="pusher")
    client.connect()
    seen = []

    def look(event):
        stats = client.stats
        seen.append((type(event), stats.dispatched, stats.queued))

    client.on(Event, look)
    wait_until(lambda: "refused" in client.stats.topics.values(), 5, "a refused topic")
    channel.chat("x")
    client.wait_for(ChatMessage, timeout=5)
    before = [(dispatched, queued) for cls, dispatched, queued in seen if cls is not ChatMessage]
    assert seen[-1][0] is ChatMessage
    assert len(before) >= 3
    assert all(dispatched == 0 for dispatched, _ in before)


@pytest.mark.parametrize("way", ["run", "events", "wait_for"])
def test_the_time_ends_though_events_go_on(client, channel, way):
    """More may come than the listeners keep up with: what is not taken waits for the next call."""
    client.connect()
    said = 0

    @client.on(ChatMessage)
    def answer(message):
        nonlocal said
        for _ in range(20):
            channel.chat(f"text {said}")
            said += 1
        assert said < 30_000, "it goes on for ever"

    channel.chat("begin")
    if way == "run":
        client.run(timeout=0.3)
    elif way == "events":
        assert list(client.events(timeout=0.3))
    else:
        with pytest.raises(WaitTimeout):
            client.wait_for(ChatMessage, timeout=0.3, where=lambda message: False)
    client.off(ChatMessage)
    assert client.poll(timeout=5)


def test_no_time_at_all_takes_what_waits(client, channel):
    """And nothing that comes meanwhile."""
    client.connect()
    for number in range(5):
        channel.chat(f"{number}")
    wait_until(lambda: client.stats.queued == 5, 5, "what waits")
    client.on(ChatMessage, lambda message: channel.chat("more"))
    client.run(timeout=0)
    wait_until(lambda: client.stats.queued == 5, 5, "what came meanwhile")
    client.off(ChatMessage)
    assert len(list(client.events(timeout=0))) == 5
    assert list(client.events(timeout=0)) == []
