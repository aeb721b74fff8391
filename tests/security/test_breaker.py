"""A server that means harm, on both protocols: what it can do to a client, and what it cannot."""

from __future__ import annotations

import contextlib
import itertools
import json
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from breaker import TOPIC, Breaker, Peer, close_frame, frame, message, row

from kick_live import ChatMessage, Disconnected, Event, EventsDropped, KickClient, Reconnected

BOTH = pytest.mark.parametrize("transport", ["pusher", "centrifugo"])


def wait_until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for a condition, with a deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        threading.Event().wait(0.01)


def close_quickly(client: KickClient) -> None:
    """Closing takes no more than two seconds, and ends every thread of the client."""
    before = time.monotonic()
    client.close()
    assert time.monotonic() - before < 2
    assert client.closed


def settled(client: KickClient) -> None:
    """What was received is dispatched, dropped, or waits."""
    stats = client.stats
    assert stats.received == stats.dispatched + stats.dropped + stats.queued


def all_at_once(check: Callable[[str, str], None], cases: Iterable[tuple[str, str]]) -> None:
    """Check every case in a thread of its own, because most of each is waiting."""
    failed: dict[str, BaseException] = {}

    def run(transport: str, name: str) -> None:
        try:
            check(transport, name)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is shown
            failed[f"{name}, {transport}"] = error

    threads = [threading.Thread(target=run, args=case) for case in cases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(50)
        assert not thread.is_alive()
    assert failed == {}


# -- attempts


def _error(data: Any) -> Callable[[Peer, int], None]:
    def play(peer: Peer, number: int) -> None:
        if peer.transport == "pusher":
            peer.text({"event": "pusher:error", "data": data})
        else:
            peer.commands()
            peer.text({"push": {"disconnect": {"code": 3001, "reason": "storm"}}})
        with contextlib.suppress(OSError):
            peer.serve()

    return play


def _acknowledge_and_close(ending: bytes) -> Callable[[Peer, int], None]:
    def play(peer: Peer, number: int) -> None:
        peer.greet()
        peer.sock.sendall(ending)

    return play


STORMS: dict[str, Callable[[Breaker], object]] = {
    "accept, then close": lambda b: setattr(b, "instead", lambda sock, n: True),
    "half a handshake": lambda b: setattr(
        b, "instead", lambda sock, n: sock.sendall(b"HTTP/1.1 101") or True
    ),
    "open, then close": lambda b: setattr(b, "play", lambda peer, n: None),
    "acknowledge, then close": lambda b: setattr(b, "play", _acknowledge_and_close(b"")),
    "close with 4200": lambda b: setattr(
        b, "play", _acknowledge_and_close(close_frame(4200, "again"))
    ),
    "close with 4200 at once": lambda b: setattr(
        b, "play", lambda peer, n: peer.sock.sendall(close_frame(4200))
    ),
    "close with 3001": lambda b: setattr(b, "play", _acknowledge_and_close(close_frame(3001))),
    "close with 4100": lambda b: setattr(b, "play", _acknowledge_and_close(close_frame(4100))),
    "error 4200 as object": lambda b: setattr(b, "play", _error({"code": 4200, "message": "x"})),
    "error 4200 as text": lambda b: setattr(
        b, "play", _error(json.dumps({"code": 4200, "message": "x"}))
    ),
    "error with a code in words": lambda b: setattr(b, "play", _error({"code": "4200"})),
    "error without sense": lambda b: setattr(b, "play", _error([["4200"]])),
    "garbage": lambda b: setattr(b, "play", lambda peer, n: peer.sock.sendall(b"\xff" * 5000)),
    "upgrade refused": lambda b: setattr(
        b,
        "instead",
        lambda sock, n: sock.sendall(b"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n") or True,
    ),
}


def test_no_server_makes_a_client_hammer_it() -> None:
    """Whatever it does to connections: at most one attempt a second, and close is quick.

    All storms rage at the same time, for five seconds.
    """
    with contextlib.ExitStack() as stack:
        raging: list[tuple[str, Breaker, KickClient]] = []
        for transport, (name, storm) in itertools.product(("pusher", "centrifugo"), STORMS.items()):
            breaker = stack.enter_context(Breaker(transport))
            storm(breaker)
            client = breaker.client()
            raging.append((f"{name}, {transport}", breaker, client))
        connecting = [threading.Thread(target=_connect, args=(client,)) for _, _, client in raging]
        for thread in connecting:
            thread.start()
        for thread in connecting:
            thread.join(30)
        for name, breaker, client in raging:
            close_quickly(client)
            assert breaker.attempts, name
            gaps = [b - a for a, b in itertools.pairwise(breaker.attempts)]
            # The first failure may ask for another try at once, but not within the same second. With so
            # many at once, a server may notice an attempt a little late, and the next one in time.
            assert all(gap > 0.7 for gap in gaps), f"{name}: {gaps}"
            posts = [at for at, path in breaker.requests if path.endswith("realtime/connection")]
            assert len(posts) <= len(breaker.attempts) + 1, name


def _connect(client: KickClient) -> None:
    """Try for five seconds; the errors do not matter here."""
    with contextlib.suppress(Exception):
        client.connect(5)
        client.run(timeout=5)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/realtime/connection", 403),
        ("/api/v1/realtime/connection", 500),
        ("/api/v1/realtime/auth/connection", 401),
        ("/api/v1/realtime/auth/connection", 403),
        ("/api/v1/realtime/auth/connection", 500),
    ],
)
def test_a_service_that_turns_down_after_a_while_is_not_hammered(path: str, status: int) -> None:
    """Negotiation and tokens that are refused from the second connection on."""
    with Breaker("centrifugo") as breaker:
        client = breaker.client()
        client.connect(10)
        breaker.rest = lambda asked: (status, {}) if asked == path else None
        began = time.monotonic()
        breaker.peers[0].sock.close()
        client.wait_for("reconnecting", 10)
        with contextlib.suppress(Exception):
            client.run(timeout=4)
        close_quickly(client)
        took = time.monotonic() - began
        asked = [at for at, asked in breaker.requests if asked == path and at >= began]
        assert 1 <= len(asked) <= took + 1


# -- frames

HOSTILE: dict[str, bytes] = {
    "masked": b"\x81\x85\1\2\3\4" + bytes([ord("h") ^ 1] * 5),
    "reserved bit 1": b"\xc1\x01x",
    "reserved bit 3": b"\x91\x01x",
    "reserved opcode": b"\x83\x01x",
    "reserved control": b"\x8b\x00",
    "fragmented ping": b"\x09\x00",
    "long ping": b"\x89\x7e\x00\x7e" + b"x" * 126,
    "continuation of nothing": b"\x80\x01x",
    "text within text": b"\x01\x01x\x81\x01y",
    "not UTF-8": b"\x81\x02\xc3\x28",
    "half a surrogate": b"\x81\x03\xed\xa0\x80",
    "not UTF-8 over two frames": b"\x01\x01\xc3\x80\x01\x28",
    "length of 2**63": b"\x81\x7f\x80" + bytes(7),
    "length of 2**62": b"\x81\x7f\x40" + bytes(7),
    "100 MB announced": b"\x81\x7f" + struct.pack("!Q", 100 << 20) + b"x" * 1000,
    "1 MB and a byte": b"\x81\x7f" + struct.pack("!Q", (1 << 20) + 1) + b"x" * 1000,
    "close with a bad code": close_frame(1005),
    "close with code 0": close_frame(0),
    "close with half a code": b"\x88\x01\x03",
    "close not UTF-8": frame(b"\x03\xe8\xff\xff", 0x88),
    "close with a long reason": b"\x88\x7e\x00\xff" + b"\x03\xe8" + b"x" * 253,
}
HARMLESS: dict[str, bytes] = {
    "empty text": frame(""),
    "empty binary": frame(b"", 0x82),
    "binary": frame(b"\xff\xfe\x00", 0x82),
    "a pong unasked": frame(b"x" * 125, 0x8A),
    "a ping between parts": b"\x01\x01{" + frame(b"x", 0x89) + b"\x80\x01}",
    "many empty parts": b"\x01\x00" + b"\x00\x00" * 2000 + b"\x80\x02{}",
    "1 MB": frame(b'"' + b"x" * ((1 << 20) - 2) + b'"'),
    "a number without end": frame(b"9" * 100_000),
    "deep": frame(b"[" * 100_000),
    "NaN and twice the same": frame(b'{"event":NaN,"event":-Infinity,"push":1e999,"push":{}}'),
    "lone surrogates": frame(b'{"event":"\\ud800","channel":"\\udc00","data":"\\ud8ff"}'),
    "a null": frame(b"\0" * 1000),
    "lines": frame(b"\n" * 50_000),
}


@BOTH
@pytest.mark.parametrize("kind", [HOSTILE, HARMLESS], ids=["hostile", "harmless"])
def test_a_frame_that_is_odd(transport: str, kind: dict[str, bytes]) -> None:
    """It costs the connection at most, with a reason; what was sent before and later arrives."""
    all_at_once(_odd_frame, [(transport, name) for name in kind])


def _odd_frame(transport: str, name: str) -> None:
    hostile = name in HOSTILE

    def play(peer: Peer, number: int) -> None:
        peer.greet()
        if number == 0:
            peer.publish(row(1))
            peer.sock.sendall({**HOSTILE, **HARMLESS}[name])
            if not hostile:
                peer.publish(row(2))
        else:
            peer.publish(row(2))
        peer.serve()

    with Breaker(transport) as breaker:
        breaker.play = play
        client = breaker.client(backfill=False)
        seen: list[str] = []
        reasons: list[str] = []
        client.on(ChatMessage, lambda event: seen.append(event.content))
        client.on(Disconnected, lambda event: reasons.append(event.reason))
        client.connect(10)
        client.wait_for(ChatMessage, 15, where=lambda event: event.content == "2")
        assert seen == ["1", "2"]
        assert len(breaker.attempts) == (2 if hostile else 1)
        assert all(reason and reason.isprintable() for reason in reasons)
        assert len(reasons) == len(breaker.attempts) - 1
        settled(client)
        close_quickly(client)


@BOTH
@pytest.mark.parametrize(
    "start",
    [b"\x81\x7f" + struct.pack("!Q", 100 << 20), b"\x01\x00", b""],
    ids=["one frame", "parts", "frames"],
)
def test_100_mb_that_are_really_sent_are_not_taken(transport: str, start: bytes) -> None:
    """The client goes away early, whether they come in one frame or in parts without end.

    Frames of an allowed size are read; what makes no sense is dropped, and nothing is kept.
    """
    sent: list[int] = []
    block = b"x" * 50_000 if start.startswith(b"\x81") else frame(b"x" * 50_000, 0x00)
    if not start:
        block = frame(b"x" * 50_000)

    def play(peer: Peer, number: int) -> None:
        peer.greet()
        if number == 0:
            sent.append(0)
            peer.sock.settimeout(10)
            peer.sock.sendall(start)
            with contextlib.suppress(OSError):
                while sent[0] < 100 << 20:
                    peer.sock.sendall(block)
                    sent[0] += len(block)
        peer.sock.settimeout(0.2)
        peer.publish(row(2))
        peer.serve()

    with Breaker(transport) as breaker:
        breaker.play = play
        client = breaker.client(backfill=False)
        client.connect(10)
        client.wait_for(ChatMessage, 40)
        if start:
            # What fits into the buffers of the system on the way, and little more.
            assert sent[0] < 30 << 20
            assert len(breaker.attempts) == 2
        else:
            assert len(breaker.attempts) == 1
        close_quickly(client)


# -- silence

SILENCES: dict[str, Callable[[Breaker], object]] = {
    "after TCP": lambda b: setattr(b, "instead", lambda sock, n: _hush(b)),
    "in the handshake": lambda b: setattr(
        b, "instead", lambda sock, n: sock.sendall(b"HTTP/1.1 101 X\r\nUp") or _hush(b)
    ),
    "after the handshake": lambda b: setattr(b, "play", lambda peer, n: _hush(b)),
    "in the first frame": lambda b: setattr(
        b, "play", lambda peer, n: (peer.sock.sendall(b"\x81\x7e\x01\x00{"), _hush(b))
    ),
    "in negotiation": lambda b: setattr(b, "rest", lambda path: _hush(b) and None),
}


def _hush(breaker: Breaker) -> bool:
    """Say nothing until the test is over."""
    return breaker._stop.wait(60)


@BOTH
@pytest.mark.parametrize("place", SILENCES)
def test_a_server_that_goes_silent_before_it_said_anything(transport: str, place: str) -> None:
    """connect() ends in time, and so does close() after it and during it."""
    with Breaker(transport) as breaker:
        SILENCES[place](breaker)
        client = breaker.client()
        if place == "in negotiation" and transport == "pusher":
            client.connect(5)  # which asks nobody
        else:
            with pytest.raises(TimeoutError):
                client.connect(0.5)
            thread = threading.Thread(target=_connect, args=(client,))
            thread.start()
            wait_until(lambda: len(breaker.attempts) + len(breaker.requests) >= 2)
            close_quickly(client)
            thread.join(5)
            assert not thread.is_alive()
        close_quickly(client)


@BOTH
def test_a_server_that_goes_silent_is_left(transport: str) -> None:
    """Within the time-outs; and a server that trickles half a frame is no better."""

    def play(peer: Peer, number: int) -> None:
        peer.greet()
        if number == 0:
            _hush(breaker)
        elif number == 1:
            peer.sock.sendall(b"\x81\x7e\x10\x00{")
            _hush(breaker)
        peer.publish(row(number))
        peer.serve()

    with Breaker(transport) as breaker:
        breaker.play = play
        if transport == "centrifugo":
            # Its ping interval is the server's word, which counts with a margin.
            original = Peer.text

            def text(peer: Peer, value: Any) -> None:
                if isinstance(value, dict) and "connect" in value:
                    value["connect"]["ping"] = 1
                original(peer, value)

            breaker_text = text
        client = breaker.client(
            backfill=False, activity_timeout=0.5, pong_timeout=0.5, ping_margin=0.2
        )
        with pytest.MonkeyPatch.context() as patch:
            if transport == "centrifugo":
                patch.setattr(Peer, "text", breaker_text)
            client.connect(10)
            assert client.wait_for(ChatMessage, 30).content == "2"
            close_quickly(client)


# -- floods


@BOTH
@pytest.mark.parametrize("overflow", ["drop_oldest", "drop_newest", "block"])
def test_a_flood_with_a_slow_listener_is_accounted_for(transport: str, overflow: Any) -> None:
    """Received = dispatched + dropped + queued, all along; the announcements add up."""
    total = 6000

    def play(peer: Peer, number: int) -> None:
        peer.greet()
        peer.sock.settimeout(30)
        for start in range(0, total, 100):
            block = b"".join(message(transport, row(n)) for n in range(start, start + 100))
            peer.sock.sendall(block)
        peer.sock.settimeout(0.2)
        peer.serve()

    with Breaker(transport) as breaker:
        breaker.play = play
        client = breaker.client(queue_size=500, overflow=overflow)
        seen: list[int] = []
        dropped: list[int] = []
        client.on(EventsDropped, lambda event: dropped.append(event.count))

        @client.on(ChatMessage)
        def slow(event: ChatMessage) -> None:
            seen.append(int(event.content))
            if len(seen) % 50 == 0:
                threading.Event().wait(0.01)
                settled(client)
                # The queue, what was taken from it to be dispatched, and what was read in one go.
                assert client.stats.queued <= 500 + 500 + 1000

        client.connect(10)
        deadline = time.monotonic() + 30
        while len(seen) + sum(dropped) < total:
            assert time.monotonic() < deadline, (len(seen), sum(dropped))
            client.poll(0.2)
        assert seen == sorted(set(seen))
        assert len(seen) + sum(dropped) == total
        stats = client.stats
        assert (stats.received, stats.dispatched, stats.dropped) == (
            total,
            len(seen),
            sum(dropped),
        )
        if overflow == "block":
            assert dropped == []
        close_quickly(client)


@BOTH
@pytest.mark.parametrize("overflow", ["drop_oldest", "drop_newest"])
def test_pings_are_answered_while_a_listener_sleeps(transport: str, overflow: Any) -> None:
    """All of them, though the program takes nothing and the inbox is full."""

    def play(peer: Peer, number: int) -> None:
        peer.greet()
        for n in range(200):
            peer.publish(row(n))
            if n % 20 == 0:
                peer.ping()
                for command in peer.commands():
                    peer.answer(command)
        peer.serve()

    with Breaker(transport) as breaker:
        breaker.play = play
        client = breaker.client(queue_size=10, overflow=overflow)
        client.connect(10)
        wait_until(lambda: breaker.peers[0].pongs == 10)
        assert client.stats.queued <= 11
        close_quickly(client)


# -- history


def _lost_once(after: int) -> Callable[[Peer, int], None]:
    def play(peer: Peer, number: int) -> None:
        peer.greet()
        if number == 0:
            peer.publish(row(1))
            return
        peer.publish(row(after))
        peer.serve()

    return play


def _page(numbers: list[int], cursor: str | None = None) -> tuple[int, Any]:
    return 200, {"data": {"messages": [row(n) for n in numbers], "cursor": cursor}}


HISTORIES: dict[str, tuple[Callable[[int], tuple[int, Any]], list[int], bool]] = {
    "overlaps": (lambda page: _page([5, 4, 3, 2, 1]), [1, 2, 3, 4, 5, 9], True),
    "is out of order": (lambda page: _page([3, 1, 5, 2, 4]), [1, 2, 3, 4, 5, 9], True),
    "repeats": (lambda page: _page([3, 3, 2, 2, 1, 1, 3]), [1, 2, 3, 9], True),
    "overlaps from page to page": (
        lambda page: (_page([5, 4, 3], "a"), _page([4, 3, 2, 1]))[min(page, 1)],
        [1, 2, 3, 4, 5, 9],
        True,
    ),
    "goes round in a circle": (lambda page: _page([5, 4], "same"), [1, 4, 5, 9], False),
    "is blocked": (
        lambda page: (403, {"error": "Request blocked by security policy."}),
        [1, 9],
        False,
    ),
    "is blocked later": (
        lambda page: (_page([5, 4], "a"), (403, {}))[min(page, 1)],
        [1, 4, 5, 9],
        False,
    ),
    "is a page": (lambda page: (200, b"<html>no</html>"), [1, 9], False),
    "is no list": (
        lambda page: (200, {"data": {"messages": {"1": 2}, "cursor": 5}}),
        [1, 9],
        False,
    ),
    "has rows without sense": (
        lambda page: (200, {"data": {"messages": [None, 5, [], {"id": 3}, row(2), row(1)]}}),
        [1, 2, 9],
        False,
    ),
}


@BOTH
def test_history_that_lies(transport: str) -> None:
    """Nothing comes twice, what can be had comes in order, and what is missing is said."""
    all_at_once(_lying_history, [(transport, name) for name in HISTORIES])


def _lying_history(transport: str, name: str) -> None:
    answer, expected, complete = HISTORIES[name]
    with Breaker(transport) as breaker:
        pages = itertools.count()
        breaker.rest = lambda path: answer(next(pages)) if "/history" in path else None
        breaker.play = _lost_once(9)
        client = breaker.client()
        seen: list[Event] = []
        client.on(ChatMessage, seen.append)
        client.connect(10)
        back = client.wait_for(Reconnected, 20)
        while not any(isinstance(e, ChatMessage) and e.content == "9" for e in seen):
            client.wait_for(ChatMessage, 10)
        assert [int(e.content) for e in seen if isinstance(e, ChatMessage)] == expected
        assert back.complete is complete
        assert bool(back.reason) is not complete
        settled(client)
        close_quickly(client)


@BOTH
def test_history_without_end_is_left(transport: str) -> None:
    """Page after page of what is new each time is read for a bounded number of pages."""
    with Breaker(transport) as breaker:
        pages = itertools.count()

        def endless(path: str) -> tuple[int, Any] | None:
            if "/history" not in path:
                return None
            page = next(pages)
            first = 1_000_000 - page * 25
            return _page([first - n for n in range(25)], f"c{page}")

        breaker.rest = endless
        breaker.play = _lost_once(2_000_000)
        client = breaker.client()
        seen: list[str] = []
        client.on(ChatMessage, lambda event: seen.append(event.id))
        client.connect(10)
        back = client.wait_for(Reconnected, 40)
        assert not back.complete
        assert back.reason
        assert next(pages) <= 200
        assert max(Counter(seen).values()) == 1
        close_quickly(client)


def test_the_breaker_speaks_of_the_right_topic() -> None:
    """Else every test here would wait for what never comes, or pass for nothing."""
    with Breaker("pusher") as breaker:
        client = breaker.client()
        client.connect(10)
        assert client.stats.topics[TOPIC] == "subscribed"
        close_quickly(client)
