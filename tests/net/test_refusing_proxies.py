"""Proxies that open no way: who refused is told, with what to do, and only as late as need be."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
import requests
from proxy_server import ProxyServer

from kick_live import ChannelRef, Endpoints, KickAPI, KickClient
from kick_live.errors import ConnectTimeout, TransportError, Unreachable

SITE = "https://kick.example"
LOCKED = "407 Proxy Authentication Required"
IDS = ChannelRef("amber-quokka", 7, 8)
Refusing = Callable[[str], ProxyServer]


@pytest.fixture
def refusing() -> Iterator[Refusing]:
    """Makes proxies that refuse everything with one status."""
    made: list[ProxyServer] = []

    def make(status: str) -> ProxyServer:
        made.append(ProxyServer(1, refusal=status))
        return made[-1]

    yield make
    for proxy in made:
        proxy.stop()


@pytest.fixture
def locked() -> Iterator[ProxyServer]:
    """A proxy that wants a name and a password."""
    proxy = ProxyServer(1, ("marmot", "p:ss"))
    yield proxy
    proxy.stop()


@pytest.mark.parametrize("site", [SITE, "http://kick.example"], ids=["tunnel", "plain"])
def test_a_request_through_a_proxy_that_wants_a_password(refusing: Refusing, site: str) -> None:
    """The proxy is blamed, not Kick, with its status; and it is asked once."""
    proxy = refusing(LOCKED)
    address = f"http://marmot:s3cret@127.0.0.1:{proxy.port}"
    with (
        KickAPI(Endpoints.at(site), proxy=address) as api,
        pytest.raises(Unreachable, match=r"proxy.* wants a name and a password") as caught,
    ):
        api.channel("amber-quokka")
    assert (caught.value.status, caught.value.lasting) == (407, True)
    assert "http://name:password@host:3128" in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert len(proxy.asked) == 1


@pytest.mark.parametrize("status", ["403 Forbidden", "502 Bad Gateway"])
def test_a_request_through_a_proxy_that_refuses_the_host(refusing: Refusing, status: str) -> None:
    """It may have its reasons, and may change its mind."""
    proxy = refusing(status)
    address = f"http://127.0.0.1:{proxy.port}"
    with (
        KickAPI(Endpoints.at(SITE), proxy=address, retries=1, sleep=lambda _: None) as api,
        pytest.raises(Unreachable) as caught,
    ):
        api.channel("amber-quokka")
    assert str(caught.value).startswith(
        f"The proxy 127.0.0.1:{proxy.port} refused to connect to kick.example with HTTP status "
        f"{status[:3]}."
    )
    assert (caught.value.status, caught.value.lasting) == (int(status[:3]), False)
    assert len(proxy.asked) == 2


@pytest.mark.parametrize(
    "words",
    [
        "curl: (56) CONNECT tunnel failed, response 407",
        "curl: (56) Received HTTP code 407 from proxy after CONNECT",
    ],
)
def test_curl_tells_of_a_refused_tunnel_in_words_of_its_own(words: str) -> None:
    """A session of curl_cffi, which imitates browsers, is understood as well."""

    class Session:
        def request(self, *_: object, **__: object) -> None:
            raise RuntimeError(words)

    with KickAPI(session=Session()) as api, pytest.raises(Unreachable, match="407") as caught:
        api.channel("amber-quokka")
    assert caught.value.lasting


@pytest.mark.parametrize(
    ("channel", "transport", "kind"),
    [
        ("amber-quokka", "auto", Unreachable),
        (IDS, "centrifugo", Unreachable),
        (IDS, "auto", TransportError),
        (IDS, "pusher", TransportError),
    ],
)
def test_connect_does_not_try_passwords_again(
    refusing: Refusing, channel: str | ChannelRef, transport: str, kind: type[Exception]
) -> None:
    """Whichever request meets the proxy first, connect ends at once, with what it said."""
    proxy = refusing(LOCKED)
    address = f"http://127.0.0.1:{proxy.port}"
    options = {"transport": transport, "proxy": address, "remember_ids": False}
    with KickClient(channel, endpoints=Endpoints.at(SITE), **options) as client:
        began = time.monotonic()
        with pytest.raises(kind, match="wants a name and a password"):
            client.connect(30)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("user", ["", "marmot:wrong-s3cret@"], ids=["none", "wrong"])
def test_connect_does_not_try_passwords_of_socks_again(locked: ProxyServer, user: str) -> None:
    """A WebSocket through a SOCKS proxy ends at once as well, and says what is wanted."""
    with (
        KickAPI(Endpoints.at(SITE)) as api,
        KickClient(
            IDS, transport="pusher", api=api, proxy=f"socks5h://{user}127.0.0.1:{locked.port}"
        ) as client,
    ):
        began = time.monotonic()
        words = rf"proxy 127\.0\.0\.1:{locked.port} .* name and (the|a) password"
        with pytest.raises(TransportError, match=words) as caught:
            client.connect(30)
    assert time.monotonic() - began < 10
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "words",
    [
        "SOCKS5 authentication failed",
        "All offered SOCKS5 authentication methods were rejected",
        "curl: (97) User was rejected by the SOCKS5 server (1 1).",
        "curl: (97) No authentication method was acceptable.",
    ],
)
@pytest.mark.parametrize("user", ["", "marmot:wrong-s3cret@"], ids=["none", "wrong"])
def test_a_request_through_a_socks_proxy_that_wants_a_password(words: str, user: str) -> None:
    """However PySocks and curl tell it, the error is that of the WebSocket; there is no other try."""
    tries = []

    class Session:
        def request(self, *_: object, **__: object) -> None:
            tries.append(words)
            raise requests.ConnectionError(f"Max retries exceeded (Caused by: {words})")

    with (
        KickAPI(Endpoints.at(SITE), session=Session(), proxy=f"socks5h://{user}[::1]:9") as api,
        pytest.raises(Unreachable, match=r"proxy \[::1\]:9 .* name and (the|a) password") as caught,
    ):
        api.channel("amber-quokka")
    assert caught.value.lasting
    assert len(tries) == 1
    assert "s3cret" not in str(caught.value)


def test_connect_goes_on_asking_a_proxy_that_refuses_the_host(refusing: Refusing) -> None:
    """Its rules may differ by host, and it may be out of order for a moment."""
    address = f"http://127.0.0.1:{refusing('403 Forbidden').port}"
    endpoints = Endpoints.at(SITE)
    with (
        KickClient(IDS, transport="pusher", endpoints=endpoints, proxy=address) as client,
        pytest.raises(ConnectTimeout) as caught,
    ):
        client.connect(0.5)
    assert isinstance(caught.value.last_error, TransportError)
    assert caught.value.last_error.code == 403


@pytest.mark.parametrize(
    ("proxy", "words"),
    [
        ("ftp://marmot:s3cret@127.0.0.1:9", "The proxy's address has the scheme 'ftp'"),
        ("socks5://marmot:s3cret@127.0.0.1:9", r'pip install "kick-live\[socks\]"'),
    ],
)
@pytest.mark.parametrize("channel", ["amber-quokka", IDS], ids=["name", "ids"])
def test_a_proxy_of_the_environment_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, proxy: str, words: str, channel: str | ChannelRef
) -> None:
    """Connecting says so at once."""
    monkeypatch.setenv("https_proxy", proxy)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("requests.adapters.SOCKSProxyManager", _no_socks)
    with (
        KickClient(
            channel, transport="centrifugo", endpoints=Endpoints.at(SITE), remember_ids=False
        ) as client,
        pytest.raises(Unreachable, match=words) as caught,
    ):
        client.connect(30)
    assert str(caught.value).startswith("kick.example was not asked.")
    assert caught.value.lasting
    assert "s3cret" not in str(caught.value)


def _no_socks(*_: object, **__: object) -> None:
    """What requests has in place of its manager where PySocks is missing."""
    raise requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")
