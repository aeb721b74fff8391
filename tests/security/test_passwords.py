"""Names and passwords in addresses show up nowhere."""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kick_live import ChannelRef, Endpoints, KickAPI, KickClient, KickLiveError
from kick_live.errors import APIError
from kick_live.net.negotiation import negotiate
from kick_live.net.resolver import Resolver
from kick_live.words import holds_password, public_address

SECRET = "pass-word"
USER = f"marmot:{SECRET}@"


@pytest.fixture(autouse=True)
def _all_logs(caplog: pytest.LogCaptureFixture) -> None:
    for name in ("", "websocket", "urllib3", "kick_live"):
        caplog.set_level(logging.DEBUG, logger=name)


def everything(error: BaseException, caplog: pytest.LogCaptureFixture) -> str:
    """Whatever can be seen of an error: words, attributes, the whole chain, and all logs."""
    told = traceback.format_exception(error)
    link: BaseException | None = error
    for _ in range(10):
        if link is None:
            break
        told += [str(link), repr(link), repr(vars(link)), repr(link.args)]
        link = link.__cause__ or link.__context__
    told += [record.getMessage() + str(record.exc_text) for record in caplog.records]
    return "\n".join(told)


ANSWERS = {
    "nothing": b"",
    "404": b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "403": b"HTTP/1.1 403 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "407": b"HTTP/1.1 407 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "418": b"HTTP/1.1 418 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "429": b"HTTP/1.1 429 No\r\nRetry-After: 100\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "500": b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "page": b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>",
    "text": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
    "shape": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n7",
    "circle": b"HTTP/1.1 302 No\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "away": b"HTTP/1.1 302 No\r\nLocation: http://x.example/\r\nContent-Length: 0\r\n\r\n",
    "odd": b"HTTP/1.1 302 No\r\nLocation: http://[x/\r\nContent-Length: 0\r\n\r\n",
    "huge": b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 9_000_000,
}
CALLS: dict[str, Callable[[KickAPI], object]] = {
    "channel": lambda api: Resolver(api).resolve("amber-quokka"),
    "history": lambda api: api.history(7),
    "emotes": lambda api: api.emotes("amber-quokka"),
    "pinned": lambda api: api.pinned_gifts(7),
    "negotiate": lambda api: negotiate(api, "client"),
    "twice": lambda api: _twice(api),
}


def _twice(api: KickAPI) -> None:
    """The second time may be refused without a request."""
    with pytest.raises(KickLiveError):
        api.channel("amber-quokka")
    api.channel("amber-quokka")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_password_in_an_address_is_in_no_error(
    raw_server: Callable[[bytes], str], caplog: pytest.LogCaptureFixture, answer: str, call: str
) -> None:
    """Whatever goes wrong: not in the words, not in attributes, not in what is chained."""
    endpoints = Endpoints.at(f"http://{USER}{raw_server(ANSWERS[answer])}")
    with (
        KickAPI(endpoints, min_interval=0, retries=0, timeout=5) as api,
        pytest.raises(KickLiveError) as caught,
    ):
        CALLS[call](api)
    told = everything(caught.value, caplog)
    assert SECRET not in told
    assert "bWFybW90OnBhc3Mtd29yZA" not in told, "encoded is no better"
    if isinstance(caught.value, APIError):
        assert caught.value.url is not None
        assert caught.value.url.startswith("http://127.0.0.1:")


def test_the_password_is_sent_all_the_same(raw_server: Callable[[bytes], str]) -> None:
    """Without it, a server that wants it would refuse; here it answers whom it knows."""
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from threading import Thread

    seen: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers["Authorization"])
            self.send_error(404)

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        address = f"http://{USER}127.0.0.1:{server.server_port}"
        with KickAPI(Endpoints.at(address), retries=0) as api, pytest.raises(LookupError):
            api.channel("amber-quokka")
        thread.join(5)
    assert seen == ["Basic bWFybW90OnBhc3Mtd29yZA=="]


@pytest.mark.parametrize("transport", ["pusher", "centrifugo"])
@pytest.mark.parametrize("place", ["proxy", "environment", "endpoints"])
@pytest.mark.parametrize(
    "peer",
    ["407", "nothing", "text", "127.0.0.1:1", "[bad", "127.0.0.1:port", "127.0.0.1:99999", ""],
)
def test_a_client_tells_no_password(
    raw_server: Callable[[bytes], str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    transport: Any,
    place: str,
    peer: str,
) -> None:
    """Over REST and WebSocket, from an argument or the environment, well-formed or not."""
    address = f"http://{USER}{raw_server(ANSWERS[peer]) if peer in ANSWERS else peer}"
    endpoints, proxy = "https://127.0.0.1:1", None
    if place == "proxy":
        proxy = address
    elif place == "environment":
        monkeypatch.setenv("https_proxy", address)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
    else:
        endpoints = address
    with pytest.raises((KickLiveError, ValueError)) as caught:
        _connect(transport, endpoints, proxy)
    assert SECRET not in everything(caught.value, caplog)


def _connect(transport: Any, endpoints: str, proxy: str | None) -> None:
    ref = ChannelRef("amber-quokka", 7, 8)
    places = Endpoints.at(endpoints)
    with KickClient(ref, transport=transport, endpoints=places, proxy=proxy) as client:
        assert SECRET not in repr(client)
        client.connect(0.2)


def test_no_repr_of_endpoints_shows_a_password() -> None:
    """Though they keep it."""
    endpoints = Endpoints.at(f"https://{USER}staging.example")
    assert SECRET not in repr(endpoints)
    assert SECRET in endpoints.web


@pytest.mark.parametrize(
    "value", [f"ftp://{USER}h", f"http://{USER}", f"http://{USER}[h", f"http://{USER}h:port", USER]
)
def test_a_refused_address_is_quoted_without_its_password(value: str) -> None:
    """It is said what is wrong, and with which field."""
    for make in (Endpoints.at, lambda v: Endpoints(site=v), lambda v: Endpoints(pusher=v)):
        with pytest.raises(ValueError, match="address") as caught:
            make(value)
        assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where ids are remembered."""
    monkeypatch.setenv("KICK_LIVE_CACHE_DIR", str(tmp_path))
    return tmp_path


def test_no_password_is_written_to_the_disk(cache: Path) -> None:
    """Ids are remembered by site, and the site has no password there."""
    from kick_live.models.channel import Channel
    from kick_live.net.id_cache import IdCache

    class Answering(KickAPI):
        def channel(self, slug: Any) -> Any:
            from types import SimpleNamespace

            channel = Channel(slug=slug, channel_id=7, chatroom_id=8)
            return SimpleNamespace(
                channel=channel, is_banned=False, channel_id=7, chatroom_id=8, slug=slug
            )

    endpoints = Endpoints.at(f"https://{USER}staging.example")
    with Answering(endpoints) as api:
        Resolver(api, IdCache()).resolve("amber-quokka")
        assert Resolver(api, IdCache()).resolve("amber-quokka").source == "remembered"
    files = [path.read_text("utf-8") for path in cache.rglob("*") if path.is_file()]
    assert any("staging.example" in text for text in files)
    assert not any(SECRET in text for text in files)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a:b@h/x", "https://h/x"),
        ("https://a@h/x", "https://h/x"),
        ("https://a:b@c@h/x", "https://h/x"),
        ("a:b@h:1", "h:1"),
        ("https://h/x@y", "https://h/x@y"),
        ("https://h?a=b@c", "https://h?a=b@c"),
        ("https://[bad", "https://[bad"),
        ("", ""),
    ],
)
def test_what_is_shown_of_an_address(url: str, shown: str) -> None:
    """The host and what follows it, and nothing before it."""
    assert public_address(url) == shown


def test_a_chain_is_searched_for_passwords() -> None:
    """At every link, by cause or by context; a circle ends."""
    outer, inner = ValueError("outer"), ValueError(f"cannot parse http://{USER}h")
    assert not holds_password(outer)
    outer.__context__ = inner
    assert holds_password(outer)
    first, second = ValueError("1"), ValueError("2")
    first.__cause__, second.__cause__ = second, first
    assert not holds_password(first)
    assert not holds_password(None)


@pytest.mark.parametrize(
    "command",
    [
        ["doctor", "--connect-timeout", "2"],
        ["resolve", "amber-quokka"],
        ["watch", "amber-quokka", "--connect-timeout", "2"],
    ],
)
def test_the_command_line_tells_no_password(command: list[str]) -> None:
    """Whatever it prints about a server or a proxy that cannot be reached."""
    import subprocess
    import sys

    result = subprocess.run(
        [
            *(sys.executable, "-m", "kick_live", *command),
            *("--endpoints", f"http://{USER}127.0.0.1:1", "--proxy", f"http://{USER}127.0.0.1:1"),
        ],
        capture_output=True,
        text=True,
        timeout=50,
        env={**os.environ, "KICK_LIVE_CACHE_DIR": ""},
        check=False,
    )
    assert result.returncode != 0
    assert "Traceback" not in result.stderr
    assert result.stdout + result.stderr, "nothing was told at all"
    assert SECRET not in result.stdout + result.stderr
