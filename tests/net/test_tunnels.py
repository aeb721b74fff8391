"""WebSockets through proxies of every kind, and what proxies may answer instead."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from proxy_server import ProxyServer

from kick_live import KickAPI, KickClient
from kick_live.errors import TransportError
from kick_live.net.endpoints import Endpoints
from kick_live.net.proxies import Proxy
from kick_live.net.tunnels import open_tunnel
from kick_live.net.watch import Watch
from kick_live.net.websocket import WebSocket
from kick_live.testing import KickSimulator


@pytest.fixture
def sim() -> Iterator[KickSimulator]:
    with KickSimulator() as simulator:
        yield simulator


@pytest.fixture
def proxy_of(sim: KickSimulator) -> Iterator[Callable[..., ProxyServer]]:
    """Makes proxies to the simulator."""
    made: list[ProxyServer] = []

    def make(credentials: tuple[str, str] | None = None) -> ProxyServer:
        made.append(ProxyServer(int(sim.url.rpartition(":")[2]), credentials))
        return made[-1]

    yield make
    for proxy in made:
        proxy.stop()


def greeting(host: str, port: int, proxy: str) -> str:
    """What the server says first, through a proxy."""
    base = Endpoints.at(f"http://{host}:{port}").pusher
    websocket = WebSocket(f"{base}?protocol=7", proxy=proxy)
    try:
        websocket.open(5)
        for _ in range(500):
            if texts := websocket.receive():
                return texts[0].decode()
            threading.Event().wait(0.01)
        raise AssertionError("the server said nothing")
    finally:
        websocket.close()


@pytest.mark.parametrize(
    ("kind", "host", "asked"),
    [
        ("http", "kick.example", ("http", "kick.example")),
        ("http", "127.0.0.1", ("http", "127.0.0.1")),
        ("http", "[::1]", ("http", "[::1]")),
        ("socks5h", "kick.example", ("socks5", "kick.example")),
        ("socks5h", "[::1]", ("socks5", "::1")),
        ("socks5", "127.0.0.1", ("socks5", "127.0.0.1")),
        ("socks5", "localhost", ("socks5", "127.0.0.1")),
        ("socks4a", "kick.example", ("socks4", "kick.example")),
        ("socks4a", "127.0.0.1", ("socks4", "127.0.0.1")),
        ("socks4", "localhost", ("socks4", "127.0.0.1")),
    ],
)
@pytest.mark.parametrize("credentials", [None, ("marmot", "p:ss wörd")], ids=["open", "locked"])
def test_a_websocket_through_a_proxy(
    proxy_of: Callable[..., ProxyServer],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    host: str,
    asked: tuple[str, str],
    credentials: tuple[str, str] | None,
) -> None:
    """The proxy is asked for the host, by name where it looks names up, and gets name and password."""
    real = socket.getaddrinfo

    def looked_up(name: str, *args: int) -> object:
        return real("127.0.0.1" if name == "localhost" else name, *args)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    proxy = proxy_of(credentials)
    user = "marmot:p%3Ass%20w%C3%B6rd@" if credentials else ""
    words = greeting(host, 8123, f"{kind}://{user}127.0.0.1:{proxy.port}")
    assert "connection_established" in words
    assert proxy.asked == [(*asked, 8123)]


@pytest.mark.parametrize(
    ("kind", "user"),
    [
        *((kind, user) for kind in ("http", "socks5h") for user in ("", "marmot:wrong-s3cret@")),
        # SOCKS 4 knows names only.
        ("socks4a", ""),
        ("socks4a", "other:s3cret@"),
    ],
)
def test_a_proxy_that_wants_another_password(
    proxy_of: Callable[..., ProxyServer], kind: str, user: str
) -> None:
    """It says so, and tells nobody the password that was tried."""
    proxy = proxy_of(("marmot", "p:ss"))
    with pytest.raises(TransportError, match="proxy") as caught:
        greeting("kick.example", 8123, f"{kind}://{user}127.0.0.1:{proxy.port}")
    assert "s3cret" not in f"{caught.value!r}{vars(caught.value)}"
    # SOCKS 4 does not say what it refused.
    assert caught.value.lasting is (kind != "socks4a")


@pytest.mark.parametrize(
    ("kind", "answer", "words"),
    [
        ("http", b"HTTP/1.1 403 Forbidden\r\n\r\n", "HTTP status 403"),
        ("http", b"HTTP/1.1 302 Found\r\nLocation: ws://evil.example\r\n\r\n", "status 302"),
        ("http", b"HTTP/1.1 \x1b[2J owned\r\n\r\n", "not HTTP"),
        ("http", b"SSH-2.0-proxy\r\n\r\n", "not HTTP"),
        ("http", b"\x15\x03\x01\x00\x02\x02\x0a\r\n\r\n", "not HTTP"),
        ("http", b"", "ended the connection"),
        ("http", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000, "longer than"),
        ("socks5h", b"\5\0\5\5\0\1" + bytes(6), "connection refused .code 5"),
        ("socks5h", b"\5\0\5\xee\0\1" + bytes(6), "unknown reason .code 238"),
        ("socks5h", b"\5\xff", "name and a password"),
        ("socks5h", b"\5\2", "name and a password"),
        ("socks5h", b"\5\0\5\0\0\7" + bytes(6), "does not speak socks5h"),
        ("socks5h", b"\5\0\4\0\0\1" + bytes(6), "does not speak socks5h"),
        ("socks5h", b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak socks5h"),
        ("socks5h", b"\5", "ended the connection"),
        ("socks4a", b"\0\x5b" + bytes(6), "rejected or failed .code 91"),
        ("socks4a", b"HTTP/1.1 400", "does not speak socks4a"),
        ("socks4a", b"\0", "ended the connection"),
    ],
)
def test_an_answer_that_opens_nothing(kind: str, answer: bytes, words: str) -> None:
    """It ends in an error of ours with words for people, whatever the proxy says."""
    ours, theirs = socket.socketpair()
    with ours, theirs, Watch(10) as watch:
        writer = threading.Thread(
            target=lambda: (theirs.sendall(answer), theirs.shutdown(socket.SHUT_WR))
        )
        writer.start()
        with pytest.raises(TransportError, match=words) as caught:
            open_tunnel(watch, ours, Proxy(kind, "127.0.0.1", 1), "kick.example", 443)
        ours.close()
        writer.join(5)
    assert str(caught.value).isprintable()


def test_a_clients_proxy_leaves_requests_to_its_api(
    sim: KickSimulator, proxy_of: Callable[..., ProxyServer]
) -> None:
    """With an API that was handed in it is for the WebSocket alone; lookups go past it."""
    sim.add_channel("amber-quokka")
    proxy = proxy_of()
    address = f"http://127.0.0.1:{proxy.port}"
    with (
        KickAPI(sim.endpoints, proxy="") as api,
        KickClient("amber-quokka", api=api, proxy=address, remember_ids=False) as client,
    ):
        client.connect(10)
        assert any("channels" in request.path for request in sim.requests)
    assert len(proxy.asked) == 1


def test_a_proxy_that_is_not_there_is_named() -> None:
    """By its address alone, so that a typing error is seen."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    address = f"http://marmot:s3cret@127.0.0.1:{port}"
    with pytest.raises(TransportError, match=f"proxy 127.0.0.1:{port} could not") as caught:
        greeting("kick.example", 8123, address)
    assert "s3cret" not in f"{caught.value!r}{vars(caught.value)}"


def test_what_follows_the_answer_is_left_in_the_socket() -> None:
    """It belongs to whoever reads next."""
    for kind, answer in (
        ("http", b"HTTP/1.1 200 OK\r\n\r\n"),
        ("socks5h", b"\5\0\5\0\0\1" + bytes(6)),
        ("socks4a", b"\0\x5a" + bytes(6)),
    ):
        ours, theirs = socket.socketpair()
        with ours, theirs, Watch(10) as watch:
            theirs.sendall(answer + b"next")
            open_tunnel(watch, ours, Proxy(kind, "127.0.0.1", 1), "kick.example", 443)
            assert ours.recv(10) == b"next"


def test_a_password_too_long_for_socks_is_refused() -> None:
    """One byte tells its length."""
    ours, theirs = socket.socketpair()
    proxy = Proxy("socks5h", "127.0.0.1", 1, "marmot", "x" * 256)
    with ours, theirs, Watch(10) as watch, pytest.raises(TransportError, match="longer") as caught:
        open_tunnel(watch, ours, proxy, "kick.example", 443)
    assert caught.value.lasting
    assert "xxx" not in str(caught.value)


def test_a_proxy_shows_no_password() -> None:
    """Neither name nor password is in its repr."""
    assert repr(Proxy("http", "h", 1, "marmot", "s3cret")) == "Proxy(kind='http', host='h', port=1)"
