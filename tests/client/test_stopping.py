"""close() works from everywhere, at any time."""

import contextlib
import subprocess
import sys
import textwrap
import threading
import time

import pytest
from servers.process import wait_until

from kick_live import ChatMessage, ClientClosed, Disconnected, Endpoints, KickClient


def _ours():
    return [
        t
        for t in threading.enumerate()
        if t.name.startswith(("kick-live-conn", "kick-live-rest", "kick-live-tokens"))
    ]


def _close_quickly(client):
    started = time.monotonic()
    client.close()
    assert time.monotonic() - started < 2
    wait_until(lambda: not _ours(), 2, "the threads to end")


def test_before_connect():
    """Closing a client that never connected is fine."""
    _close_quickly(KickClient("amber-quokka"))


def test_twice(client):
    """Closing again is fine."""
    client.connect()
    _close_quickly(client)
    _close_quickly(client)


def test_from_two_threads(client):
    """Two threads may close at once."""
    client.connect()
    threads = [threading.Thread(target=client.close) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(3)
        assert not thread.is_alive()
    assert not _ours()


def test_says_goodbye(client, sim):
    """The socket is closed with code 1000, not just dropped."""
    client.connect()
    client.close()
    wait_until(lambda: not sim.connections, 3, "the simulator to notice")


def test_while_run_waits(client, sim):
    """close() from another thread ends run()."""
    client.connect()
    timer = threading.Timer(0.1, client.close)
    timer.start()
    started = time.monotonic()
    client.run()
    timer.join()
    assert time.monotonic() - started < 2


def test_context_manager(client):
    """Leaving the with block closes."""
    with client:
        client.connect()
    assert client.closed
    assert not _ours()


def test_no_event_after_close_from_a_listener(client, channel):
    """A listener that closes is the last to get an event, but for Disconnected."""
    seen = []

    def listener(message):
        seen.append(message.content)
        client.close()

    client.on(ChatMessage, listener)
    client.on(Disconnected, lambda event: seen.append("bye"))
    client.connect()
    for text in "abc":
        channel.chat(text)
    client.run()
    client.poll(timeout=0.1)
    assert seen == ["a", "bye"]


@pytest.mark.parametrize("prefix", ["/api/v2/channels", "/api/v1/realtime"])
@pytest.mark.parametrize("is_handed_in", [False, True], ids=["own", "handed in"])
def test_while_a_server_never_answers(sim, make, prefix, is_handed_in):
    """Lookup and negotiation that hang do not hold close() up, whosever API asks."""
    sim.hold(prefix)
    options = {} if is_handed_in else {"api": None, "endpoints": sim.endpoints}
    client = make(transport="centrifugo", **options)
    _connect_in_background(client)
    wait_until(lambda: any(r.path.startswith(prefix) for r in sim.requests), 5, "the request")
    _close_quickly(client)


def test_while_opening(sim, make, silent_server):
    """A server that accepts TCP and never answers does not hold close() up."""
    endpoints = Endpoints(site=sim.url, web=sim.url, pusher=f"ws://127.0.0.1:{silent_server}/app/k")
    client = make(api=None, endpoints=endpoints, transport="pusher")
    _connect_in_background(client)
    wait_until(lambda: any("connection" in t.name for t in _ours()), 5, "the thread")
    _close_quickly(client)


def test_while_opening_with_tls(sim, make, silent_server):
    """Nor does one that never answers the TLS handshake."""
    endpoints = Endpoints(
        site=sim.url, web=sim.url, pusher=f"wss://127.0.0.1:{silent_server}/app/k"
    )
    client = make(api=None, endpoints=endpoints, transport="pusher")
    _connect_in_background(client)
    wait_until(lambda: any("connection" in t.name for t in _ours()), 5, "the thread")
    _close_quickly(client)


def test_during_backoff(sim, client):
    """close() ends the wait before a reconnection."""
    client.connect()
    sim.refuse_connections(4100)
    sim.refuse_connections(3008, protocol="centrifugo")
    sim.drop_connections()
    client.wait_for("reconnecting", timeout=5)
    _close_quickly(client)


def test_while_the_server_is_silent(sim, client):
    """A server that answers nothing any more cannot hold close() up."""
    client.connect()
    sim.go_silent()
    _close_quickly(client)


def test_during_backfill(sim, make, transport):
    """Reading history does not hold close() up."""
    client = make(api=None, endpoints=sim.endpoints, transport=transport)
    client.connect()
    sim.hold("/api/v1/chat")
    sim.drop_connections()
    wait_until(lambda: any("history" in r.path for r in sim.requests), 15, "history to be asked")
    _close_quickly(client)


def test_with_a_full_inbox(sim, make, channel, transport):
    """A connection that waits for room ends as well."""
    client = make(transport=transport, queue_size=5, overflow="block")
    client.connect()
    for number in range(50):
        channel.chat(str(number))
    wait_until(lambda: client.stats.queued >= 5, 5, "a full inbox")
    _close_quickly(client)


def test_at_interpreter_exit(sim):
    """A script that forgets to close ends without a traceback."""
    code = textwrap.dedent(f"""
        from kick_live import KickClient, Endpoints
        client = KickClient("amber-quokka", endpoints=Endpoints.at({sim.url!r}))
        print(client.connect().transport)
    """)
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=False
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "centrifugo\n", "")


def _connect_in_background(client):
    def connect():
        with contextlib.suppress(ClientClosed):
            client.connect(timeout=30)

    threading.Thread(target=connect, daemon=True).start()
