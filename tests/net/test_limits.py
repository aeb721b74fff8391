"""A peer that keeps sending a little cannot hold a request for longer than its limit."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
import trustme
from drip import Dripper

from kick_live import KickAPI
from kick_live.errors import TransportError, Unreachable
from kick_live.net.endpoints import Endpoints
from kick_live.net.watch import Watch
from kick_live.net.websocket import WebSocket

Make = Callable[..., Dripper]

#: Each byte comes well within it; the whole never does.
TIMEOUT = 0.3
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
PLACES = {
    "in the status": (b"HTTP/1.1 200 ", b"O"),
    "in a header": (HEAD + b"X: ", b"x"),
    "between headers": (HEAD, b"X: y\r\n"),
    "before the status": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "in a body with a length": (HEAD + b'Content-Length: 900000\r\n\r\n"', b"x"),
    "in a body without one": (HEAD + b'Connection: close\r\n\r\n"', b"x"),
    "in a chunk": (CHUNKED + b'80000\r\n"', b"x"),
    "in chunks": (CHUNKED, b"1\r\nx\r\n"),
}


@pytest.fixture
def tls(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's context whose authority requests trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "kick.example").configure_cert(context)
    return context


def ask(url: str, **options: Any) -> str:
    """Ask there; it must fail by the limit, which is three times the time-out."""
    began = time.monotonic()
    with (
        KickAPI(Endpoints.at(url), retries=0, timeout=TIMEOUT, **options) as api,
        pytest.raises(Unreachable) as caught,
    ):
        api.channel("amber-quokka")
    # The limit is 0.9 s; the drip would last for hours.
    assert time.monotonic() - began < 8
    return str(caught.value)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "TLS"])
def test_an_answer_that_drips_is_given_up(
    dripper: Make,
    tls: ssl.SSLContext,
    place: str,
    encrypted: bool,
) -> None:
    """Wherever it begins to drip, and with TLS as without."""
    start, drip = PLACES[place]
    peer = dripper(start, itertools.cycle(drip), context=tls if encrypted else None)
    words = ask(f"http{'s' if encrypted else ''}://127.0.0.1:{peer.port}")
    assert "did not finish its answer within 0.9 s" in words


@pytest.mark.parametrize("where", ["tunnel", "handshake", "answer"])
def test_a_proxy_that_drips_is_given_up(
    dripper: Make,
    tls: ssl.SSLContext,
    where: str,
) -> None:
    """In its answer to CONNECT, in the TLS handshake behind it, and in the answer behind that."""
    opened = b"HTTP/1.1 200 OK\r\n\r\n"
    peer = {
        "tunnel": lambda: dripper(b"HTTP/1.1 200 "),
        "handshake": lambda: dripper(b"\x16\x03\x03\x40\x00", itertools.repeat(0), tunnel=opened),
        "answer": lambda: dripper(HEAD, context=tls, tunnel=opened),
    }[where]()
    ask("https://kick.example", proxy=f"http://127.0.0.1:{peer.port}")


def test_the_body_in_a_session_of_ones_own_is_limited(dripper: Make) -> None:
    """Its socket is known once an answer has begun."""
    peer = dripper(*PLACES["in a chunk"][:1])
    with requests.Session() as session:
        assert "did not finish" in ask(f"http://127.0.0.1:{peer.port}", session=session)


SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"


def open_slowly(url: str, proxy: str = "") -> str:
    """Open a WebSocket; it must fail by the limit."""
    websocket = WebSocket(url, proxy=proxy, ca_bundle=os.environ["REQUESTS_CA_BUNDLE"])
    began = time.monotonic()
    with pytest.raises(TransportError) as caught:
        websocket.open(2 * TIMEOUT)
    assert time.monotonic() - began < 8
    websocket.close()
    return str(caught.value)


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize(
    ("start", "drip"),
    [(b"HTTP/1.1 1", b"0"), (SWITCHING, b"X: y\r\n"), (SWITCHING + b"X: ", b"x")],
    ids=["in the status", "between headers", "in a header"],
)
def test_a_websocket_handshake_that_drips_is_given_up(
    dripper: Make, tls: ssl.SSLContext, start: bytes, drip: bytes, encrypted: bool
) -> None:
    """With TLS as without."""
    peer = dripper(start, itertools.cycle(drip), context=tls if encrypted else None)
    words = open_slowly(f"ws{'s' if encrypted else ''}://127.0.0.1:{peer.port}/")
    assert "not open after 0.6 s" in words


def test_a_tls_handshake_that_drips_is_given_up(dripper: Make, tls: ssl.SSLContext) -> None:
    """The record that never ends belongs to the limit, too."""
    peer = dripper(b"\x16\x03\x03\x40\x00", itertools.repeat(0))
    assert "not open after 0.6 s" in open_slowly(f"wss://127.0.0.1:{peer.port}/")


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_a_step_that_ends_just_before_the_limit_is_the_limit(
    monkeypatch: pytest.MonkeyPatch, tls: ssl.SSLContext, scheme: str
) -> None:
    """A step's own time-out is as long as the limit, and may be noticed first."""
    monkeypatch.setattr("kick_live.net.websocket.Watch", lambda limit=0.0: Watch(limit + 5))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        words = open_slowly(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/")
    assert "not open after 0.6 s" in words


@pytest.mark.parametrize(
    ("kind", "start", "drip", "tunnel"),
    [
        ("http", b"HTTP/1.1 200 ", b"x", b""),
        ("http", b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", b""),
        ("http", b"\x16\x03\x03\x40\x00", b"\0", b"HTTP/1.1 200 OK\r\n\r\n"),
        ("socks5h", b"\5\0\5\0\0\3\xff", b"x", b""),
        ("socks4a", b"", b"\0", b""),
    ],
)
def test_a_proxy_that_drips_before_a_websocket_is_given_up(
    dripper: Make, tls: ssl.SSLContext, kind: str, start: bytes, drip: bytes, tunnel: bytes
) -> None:
    """In its own answer, and in the TLS handshake behind it."""
    peer = dripper(start, itertools.cycle(drip), pause=0.15, tunnel=tunnel)
    words = open_slowly("wss://kick.example/", f"{kind}://127.0.0.1:{peer.port}")
    assert "not open after 0.6 s" in words


@pytest.mark.skipif(sys.platform != "linux", reason="fills the backlog in Linux's way")
def test_abort_ends_a_websockets_connection_attempt() -> None:
    """A server that does not even accept does not hold up a closing client."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        websocket = WebSocket(f"ws://127.0.0.1:{listener.getsockname()[1]}/", proxy="")
        ended = _abort_while_opening(websocket)
    assert ended


def test_abort_ends_the_wait_for_a_proxy(dripper: Make) -> None:
    """One that says nothing, or little, does not hold up a closing client either."""
    peer = dripper(b"HTTP/1.1 ")
    assert _abort_while_opening(WebSocket("wss://kick.example/", proxy=f"127.0.0.1:{peer.port}"))


def _abort_while_opening(websocket: WebSocket) -> bool:
    """Whether opening ended soon after it was aborted; its own limit is a minute."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            websocket.open(60)
        except TransportError as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    deadline = time.monotonic() + 10
    while not websocket._opening._guards and time.monotonic() < deadline:
        threading.Event().wait(0.005)
    websocket.abort()
    thread.join(10)
    return bool(errors)


@pytest.mark.parametrize("end", ["abort", "limit"])
def test_a_lookup_that_hangs_holds_no_websocket_up(
    monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """Where no name server answers, aborting and the limit end the wait all the same."""
    asked, released = threading.Event(), threading.Event()
    real = socket.getaddrinfo

    def hanging(host: Any, *args: Any) -> Any:
        if host == "hangs.example" and not args[-1] & socket.AI_NUMERICHOST:
            asked.set()
            released.wait(30)
            raise socket.gaierror("no such name")
        return real(host, *args)

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    websocket = WebSocket("ws://hangs.example/", proxy="")
    errors: list[str] = []

    def run() -> None:
        try:
            websocket.open(60 if end == "abort" else 0.3)
        except TransportError as error:
            errors.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert asked.wait(5)
        if end == "abort":
            websocket.abort()
        thread.join(5)
        assert len(errors) == 1
        assert ("not open after 0.3 s" in errors[0]) is (end == "limit")
    finally:
        released.set()
        thread.join(10)
