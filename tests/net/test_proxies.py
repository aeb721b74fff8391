"""find_proxy: which proxy a WebSocket takes."""

from __future__ import annotations

import pytest

from kick_live.errors import TransportError
from kick_live.net.proxies import Proxy, find_proxy

WSS, WS = "wss://realtime.example/socket", "ws://realtime.example/socket"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("proxy", "expected"),
    [
        ("", None),
        ("http://proxy.example:3128", Proxy("http", "proxy.example", 3128)),
        ("proxy.example:3128", Proxy("http", "proxy.example", 3128)),
        ("http://proxy.example", Proxy("http", "proxy.example", 80)),
        ("socks5://proxy.example", Proxy("socks5", "proxy.example", 1080)),
        ("socks5h://proxy.example:9", Proxy("socks5h", "proxy.example", 9)),
        ("socks4a://proxy.example:9", Proxy("socks4a", "proxy.example", 9)),
        ("http://[::1]:3128", Proxy("http", "::1", 3128)),
        ("http://me:p%40ss@proxy.example:1", Proxy("http", "proxy.example", 1, "me", "p@ss")),
        ("http://me@proxy.example:1", Proxy("http", "proxy.example", 1, "me")),
    ],
)
def test_a_given_proxy_is_taken(proxy: str, expected: Proxy | None) -> None:
    """Schemes, ports, names and passwords are understood."""
    assert find_proxy(WSS, proxy) == expected


@pytest.mark.parametrize(
    "proxy",
    [
        "https://proxy.example:3128",
        "ftp://proxy.example",
        "http://",
        "http://:3128",
        "socks5://",
        "http://h:port",
        "http://[::1",
    ],
)
def test_a_proxy_that_makes_no_sense_is_refused(proxy: str) -> None:
    """The error is the library's own and says what to write instead."""
    with pytest.raises(TransportError, match="proxy"):
        find_proxy(WSS, proxy)


def test_a_password_is_in_no_error() -> None:
    """An address that is refused may hold a secret."""
    for proxy in ("ftp://me:s3cret@proxy.example", "http://me:s3cret"):
        with pytest.raises(TransportError) as caught:
            find_proxy(WSS, proxy)
        assert "s3cret" not in str(caught.value)
        assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("environment", "url", "host"),
    [
        ({}, WSS, None),
        ({"https_proxy": "http://a:1"}, WSS, "a"),
        ({"https_proxy": "http://a:1"}, WS, None),
        ({"http_proxy": "http://b:1"}, WS, "b"),
        ({"http_proxy": "http://b:1"}, WSS, None),
        ({"all_proxy": "http://c:1"}, WSS, "c"),
        ({"all_proxy": "http://c:1", "https_proxy": "http://a:1"}, WSS, "a"),
        ({"https_proxy": "http://a:1", "no_proxy": "realtime.example"}, WSS, None),
        ({"https_proxy": "http://a:1", "no_proxy": "other.example"}, WSS, "a"),
        ({"https_proxy": "http://a:1", "no_proxy": "*"}, WSS, None),
    ],
)
def test_without_a_proxy_the_environment_decides(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], url: str, host: str | None
) -> None:
    """HTTPS_PROXY is for wss, HTTP_PROXY for ws, ALL_PROXY for the rest, NO_PROXY for none."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = find_proxy(url, None)
    assert (None if found is None else found.host) == host


def test_an_empty_proxy_overrules_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The empty text means a direct connection."""
    monkeypatch.setenv("https_proxy", "http://a:1")
    assert find_proxy(WSS, "") is None


def test_a_given_proxy_is_taken_for_hosts_that_the_environment_spares(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who names a proxy means it, whatever NO_PROXY says."""
    monkeypatch.setenv("no_proxy", "*")
    assert find_proxy(WSS, "http://a:1") == Proxy("http", "a", 1)
