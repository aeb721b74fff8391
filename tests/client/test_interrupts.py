"""Ctrl-C at any moment leaves nothing locked."""

import contextlib
import random
import signal
import sys
import threading

import pytest
from servers.process import wait_until

from kick_live import ChannelRef, ChatMessage, KickClient
from kick_live.session.inbox import Inbox

if not hasattr(signal, "setitimer"):
    pytest.skip("no timer signals here", allow_module_level=True)

INTERRUPTS = 300


class Interrupter:
    """Calls a function again and again until a signal comes up somewhere in it."""

    def __init__(self):
        self._random = random.Random(1)

    def interrupt(self, function):
        with contextlib.suppress(KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, self._random.uniform(0.0002, 0.0007))
            while True:
                function()


@contextlib.contextmanager
def handling(handler):
    """A signal is taken by a handler."""
    before = signal.signal(signal.SIGALRM, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def interrupter():
    """What ``signal`` delivers here is what Ctrl-C delivers: an exception between two bytecodes."""
    with handling(signal.default_int_handler):
        yield Interrupter()
        signal.setitimer(signal.ITIMER_REAL, 0)


def in_another_thread(function):
    """Call a function on a thread; whether it came back."""
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    thread.join(10)
    return not thread.is_alive()


def test_an_interrupt_leaves_the_client_usable(client, channel, interrupter):
    """Wherever it comes, other threads get on, the next message arrives, and closing ends all."""
    client.connect()

    def use():
        client.stats  # noqa: B018
        client.poll()

    for _ in range(INTERRUPTS):
        interrupter.interrupt(use)
        assert in_another_thread(lambda: client.stats)
    channel.chat("still here")
    assert client.wait_for(ChatMessage, timeout=10).content == "still here"
    client.close()  # which every test checks to leave no thread


def test_a_handler_may_close_the_client_while_it_begins(make, monkeypatch):
    """As the recipe for services has it for SIGTERM: wherever that comes, closing waits for nothing."""
    client = make()
    start = threading.Thread.start

    def interrupted(thread):
        start(thread)
        if thread.name.startswith("kick-live-rest"):
            signal.raise_signal(signal.SIGALRM)

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with handling(lambda *_: client.close()):
        client.run(timeout=5)
    assert client.closed


def test_a_handler_may_close_the_client_while_it_hands_a_backlog_on(
    make, channel, monkeypatch, caplog
):
    """The threads cannot end before what it interrupted goes on, so closing does not wait for them."""
    client = make(queue_size=5, overflow="block")
    client.connect()
    put = Inbox.put

    def interrupted(inbox, events, **kwargs):
        if threading.current_thread() is threading.main_thread() and not client.closed:
            signal.raise_signal(signal.SIGALRM)
        return put(inbox, events, **kwargs)

    for number in range(50):
        channel.chat(str(number))
    wait_until(lambda: client.stats.queued > 5, 5, "a backlog")
    monkeypatch.setattr(Inbox, "put", interrupted)
    with handling(lambda *_: client.close()):
        client.run(timeout=20)
    assert client.closed
    assert "did not end" not in caplog.text


def _interrupted_at(point, handler, function):
    """Call a function, and a signal's handler at its n-th call of ours; false if it has fewer."""
    calls = 0

    def look(frame, event, argument):
        nonlocal calls
        if event in ("call", "c_return") and "kick_live" in frame.f_code.co_filename:
            calls += 1
            if calls == point:
                signal.raise_signal(signal.SIGALRM)

    def handle(*_):
        sys.setprofile(None)
        handler()

    with handling(handle):
        sys.setprofile(look)
        try:
            function()
        finally:
            sys.setprofile(None)
    return calls >= point


@pytest.mark.parametrize("name", ["stats", "close", "poll", "remove_channel"])
def test_a_handler_may_close_the_client_anywhere(sim, api, channel, name, caplog):
    """In the middle of any call, of ``close`` itself, too: neither waits for the other."""
    ref = ChannelRef("amber-quokka", channel.channel_id, channel.chatroom_id)
    calls = {
        "stats": lambda client: client.stats,
        "close": lambda client: client.close(),
        "poll": lambda client: client.poll(),
        "remove_channel": lambda client: client.remove_channel(ref),
    }
    point, more = 0, True
    while more:
        point += 1
        client = KickClient(ref, api=api, transport="pusher")
        client.connect()
        more = _interrupted_at(point, client.close, lambda: calls[name](client))  # noqa: B023
        client.close()
        assert client.closed
    assert point > 5
    assert "did not end" not in caplog.text
