"""Addresses that a negotiation may answer, and what is made of them."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kick_live import Endpoints, KickAPI
from kick_live.errors import InvalidChannel, NegotiationFailed, NotFound
from kick_live.models.channel import Channel
from kick_live.net.negotiation import Route, Token, fetch_token, negotiate, pusher_route
from kick_live.net.resolver import parse_channel


class _Answering:
    """Stands for a KickAPI whose realtime service answers one thing."""

    def __init__(self, answer: Any, endpoints: Endpoints | None = None) -> None:
        self.endpoints = endpoints or Endpoints()
        self._answer = answer

    def realtime(self, path: str, body: object) -> Any:
        return self._answer


def _route(url: object, endpoints: Endpoints | None = None) -> Route:
    offer = {"provider": "centrifugo", "credentials": {"url": url}}
    api: Any = _Answering({"data": {"connections": [offer], "mode": "websocket"}}, endpoints)
    return negotiate(api, "client")


@pytest.mark.parametrize(
    "url",
    [
        "ws://kick.com/",
        "wss://evil.example/",
        "wss://kick.com.evil.example/",
        "wss://notkick.com/",
        "wss://kick.com:x/",
        "wss://kick.com:99999999/",
        "wss://user:secret@kick.com/",
        "wss://@kick.com/",
        "wss://kick.com@evil.example/",
        "wss://kick.com:443@evil.example/",
        "wss://evil.example\\.kick.com/",
        "wss://evil.example%2f.kick.com@evil.example/",
        "wss://evil.example#.kick.com/",
        "wss://evil.example?.kick.com",
        "wss://kick.com./",
        "wss://kick.com。evil.example/",
        "wss://kıck.com/",
        "wss://xn--kck-fpa.com/",
        "wss://ＫＩＣＫ.com/",
        "wss://127.0.0.1/",
        "wss://127.1/",
        "wss://2130706433/",
        "wss://0x7f000001/",
        "wss://0.0.0.0/",
        "wss://[::1]/",
        "wss://[::ffff:127.0.0.1]/",
        "wss://[fe80::1%25eth0]/",
        "wss://169.254.169.254/latest/meta-data",
        "wss://10.0.0.1/",
        "wss://localhost/",
        "wss://localhost.kick.com.evil.example/",
        "wss:kick.com/",
        "wss:///kick.com/",
        "wss://",
        "//kick.com/",
        "https://kick.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "wss://kick.com/\r\nHost: evil.example",
        "wss://kick.com/ x",
        "wss://kick.com/\x00",
        "wss://kick.com/" + "a" * 5000,
        "",
        None,
        7,
        ["wss://kick.com/"],
        {"href": "wss://kick.com/"},
    ],
)
def test_an_address_from_the_network_must_be_kicks_and_encrypted(url: object) -> None:
    """Everything else fails with words, and none of it is connected to."""
    with pytest.raises(NegotiationFailed) as caught:
        _route(url)
    assert "secret" not in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://192.0.2.7:8080", "ws://192.0.2.7:9000/connection/websocket"),
        ("http://kick-stand-in:8080", "ws://kick-stand-in/connection/websocket"),
        ("https://kick-stand-in", "wss://kick-stand-in/connection/websocket"),
    ],
)
def test_a_host_that_the_user_named_is_trusted_as_it_was_named(base: str, url: str) -> None:
    """Naming a host without TLS in Endpoints is the permission to go without."""
    assert _route(url, Endpoints.at(base)).url == url


def test_a_host_that_was_named_with_tls_is_not_downgraded() -> None:
    """The permission counts for the host that was named without TLS, and for no other."""
    endpoints = Endpoints(web="https://stand-in.example", site="http://other.example")
    for url in ("ws://stand-in.example/", "ws://kick.com/", "ws://third.example/"):
        with pytest.raises(NegotiationFailed):
            _route(url, endpoints)
    with pytest.raises(NegotiationFailed):
        _route("ws://127.0.0.1:1/", endpoints)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "data",
                    "connections",
                    "mode",
                    "provider",
                    "credentials",
                    "url",
                    "app_key",
                    "cluster",
                    "token",
                ]
            ),
            inner | st.sampled_from(["pusher", "centrifugo", "websocket", "us2", "abc"]),
            max_size=5,
        )
    ),
    max_leaves=15,
)


@settings(max_examples=150, deadline=None)
@given(answer=_JSON)
def test_no_answer_makes_the_negotiation_raise_anything_else(answer: Any) -> None:
    """It gives a route to a trusted host, a token, or NegotiationFailed."""
    api: Any = _Answering(answer)
    with contextlib.suppress(NegotiationFailed):
        assert negotiate(api, "client").url.startswith("wss://")
    with contextlib.suppress(NegotiationFailed):
        assert isinstance(fetch_token(api, "client"), Token)


@pytest.mark.parametrize("depth", [10, 900, 1000, 100_000])
@pytest.mark.parametrize("place", ["mode", "provider", "app_key", "cluster", "url"])
def test_an_answer_nested_to_the_limit_is_refused_with_words(place: str, depth: int) -> None:
    """What cannot even be printed is not printed."""
    deep: list[Any] = []
    for _ in range(depth):
        deep = [deep]
    offer: dict[str, Any] = {"provider": "pusher", "credentials": {"app_key": "a", "cluster": "b"}}
    data: dict[str, Any] = {"connections": [offer]}
    target = {"mode": data, "provider": offer}.get(place, offer["credentials"])
    target[place] = deep
    if place == "url":
        offer["provider"] = "centrifugo"
    api: Any = _Answering({"data": data})
    with pytest.raises(NegotiationFailed):
        negotiate(api, "client", accept=("pusher", "centrifugo"))


@pytest.mark.parametrize("key", ["", "a/../b", "a?b", "a\r\nb", "ключ", "a" * 65, 5, None, ["a"]])
def test_a_key_that_cannot_be_one_is_not_put_into_an_address(key: Any) -> None:
    """Of a key only letters and digits get through; none is the known key."""
    if key is None:
        assert "/app/32cbd69e4b950bf97679?" in pusher_route(Endpoints(), key, "eu").url
        return
    with pytest.raises(NegotiationFailed):
        pusher_route(Endpoints(), key, "eu")


@pytest.mark.parametrize("cluster", ["", "eu.evil.example/", "EU", "a b", "@evil", "x" * 33, 5])
def test_a_cluster_that_cannot_be_one_is_not_put_into_a_host(cluster: Any) -> None:
    """A cluster is a part of a host name and nothing more."""
    with pytest.raises(NegotiationFailed):
        pusher_route(Endpoints(), "abc", cluster)


@pytest.mark.parametrize(
    "slug", ["../../etc/passwd", "a/b", "a?b=c", "a#b", "a\r\nb", "a%2fb", "..", "", "a b", "ämber"]
)
def test_a_slug_is_never_a_path_unchecked(slug: str) -> None:
    """As text it is refused; in a Channel that a server named, the ids take its place."""
    with pytest.raises(InvalidChannel):
        parse_channel(slug)
    ref = parse_channel(Channel(slug=slug, channel_id=7, chatroom_id=8))
    assert (ref.slug, ref.channel_id, ref.chatroom_id) == (None, 7, 8)


def test_a_hostile_slug_from_a_server_asks_for_nothing_else(raw_server: Any) -> None:
    """The request's path holds the id, not the slug."""
    answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with KickAPI(Endpoints.at(f"http://{raw_server(answer)}"), min_interval=0, retries=0) as api:
        hostile = Channel(slug="../../admin?", channel_id=7, chatroom_id=8)
        with pytest.raises(NotFound) as caught:
            api.livestream(hostile)
    assert str(caught.value.url).endswith("/channels/7")
    assert "admin" not in str(caught.value)
