"""A peer that keeps sending a little cannot hold a request for longer than its limit."""

from __future__ import annotations

import itertools
import ssl
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
import trustme
from drip import Dripper

from kick_live import KickAPI
from kick_live.errors import Unreachable
from kick_live.net.endpoints import Endpoints

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
