"""Tokens and passwords show up nowhere: not in logs, errors, reprs, figures or recordings."""

from __future__ import annotations

import logging
import pickle
import re
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from kick_live import ChatMessage, Endpoints, Event, KickAPI, KickClient, KickLiveError
from kick_live.net.negotiation import Route, Token, fetch_token
from kick_live.protocols.base import Failed
from kick_live.protocols.centrifugo import CentrifugoProtocol
from kick_live.session.connection_settings import ConnectionSettings
from kick_live.session.connector import Plan
from kick_live.session.taps import Arrival
from kick_live.testing import KickSimulator
from kick_live.words import server_words

JWT = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJndWVzdDpleGFtcGxlIn0.c2lnbmF0dXJl"


@pytest.fixture
def issued(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens that clients were given."""
    tokens: list[str] = []

    def noting(api: KickAPI, client_id: str) -> Token:
        token = fetch_token(api, client_id)
        tokens.append(token.value)
        return token

    monkeypatch.setattr("kick_live.session.connector.fetch_token", noting)
    return tokens


def _everything(caplog: pytest.LogCaptureFixture) -> str:
    format = logging.Formatter("%(name)s %(levelname)s %(message)s").format
    return "\n".join(map(format, caplog.records))


def test_a_client_at_debug_level_tells_no_token(
    sim: KickSimulator, api: KickAPI, issued: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Through connecting, refreshing, losing, expiring and closing, in every logger there is."""
    caplog.set_level(logging.DEBUG)
    for name in ("websocket", "urllib3", "kick_live"):
        caplog.set_level(logging.DEBUG, logger=name)
    seen: list[Event] = []
    arrivals: list[Arrival] = []
    shown: list[str] = []
    with KickClient("amber-quokka", transport="centrifugo", api=api) as client:
        client.on(Event, seen.append)
        client.add_tap(arrivals.extend)
        client.connect(10)
        for break_it in (sim.expire_tokens, sim.drop_connections):
            break_it()
            client.wait_for("reconnected", 20)
            sim.channel("amber-quokka").chat("hello")
            client.wait_for(ChatMessage, 10)
            shown += [repr(client), repr(client.stats), str(client.stats)]
    emitted = _everything(caplog) + "".join(shown) + "".join(map(repr, seen))
    emitted += "".join(arrival.raw + repr(arrival) for arrival in arrivals)
    assert len(issued) >= 3
    assert "kick_live" in emitted, "nothing was logged, so nothing was tested"
    assert "urllib3" in emitted
    assert not [token for token in issued if token in emitted]
    assert not re.findall(r"eyJ[\w-]+\.", emitted)


def test_a_refused_token_is_not_quoted(
    sim: KickSimulator, api: KickAPI, issued: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Where a server repeats the token in its reason, the error and the logs leave it out."""
    caplog.set_level(logging.DEBUG)
    sim.refuse_connections(3500, f"invalid token {JWT}")
    client = KickClient("amber-quokka", transport="centrifugo", api=api)
    with pytest.raises(KickLiveError) as caught:
        client.connect(1.0)
    client.close()
    told = "".join(traceback.format_exception(caught.value)) + _everything(caplog)
    assert "invalid token <token>" in told
    assert not [token for token in [JWT, *issued] if token in told]


@pytest.mark.parametrize(
    "frame",
    [
        '{"id":1,"error":{"code":101,"message":"bad ' + JWT + '"}}',
        '{"push":{"disconnect":{"code":3500,"reason":"bad ' + JWT + '"}}}',
    ],
)
def test_what_ends_a_connection_quotes_no_token(frame: str) -> None:
    """The reason that is passed on is redacted at the border."""
    protocol = CentrifugoProtocol(token=JWT)
    protocol.start(0.0)
    protocol.receive([frame], 0.0)
    (failed,) = protocol.happenings()
    assert isinstance(failed, Failed)
    assert failed.reason == "bad <token>"
    assert protocol.closed(3500, f"bye {JWT}").reason == "bye <token>"


def test_a_frame_that_makes_no_sense_is_logged_without_a_token(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Even a server's echo of the connect command tells nothing."""
    caplog.set_level(logging.DEBUG)
    protocol = CentrifugoProtocol(token=JWT)
    protocol.start(0.0)
    protocol.receive([protocol.texts_to_send()[0] + "x"], 0.0)
    assert "made no sense" in _everything(caplog)
    assert JWT not in _everything(caplog)


@pytest.mark.parametrize("cut", range(150, 215, 5))
def test_a_token_at_the_end_of_long_words_is_not_left_half(cut: int) -> None:
    """Words are shortened after the token is taken out."""
    assert "eyJ" not in server_words("x " * (cut // 2) + JWT * 3)


@pytest.mark.parametrize(
    "show",
    [
        lambda: Token(JWT),
        lambda: Plan(Route("centrifugo", "wss://kick.com/"), Token(JWT)),
        lambda: CentrifugoProtocol(token=JWT),
        lambda: ConnectionSettings(proxy="http://user:" + JWT + "@127.0.0.1:1"),
        lambda: KickAPI(proxy="http://user:" + JWT + "@127.0.0.1:1"),
        lambda: KickClient("a", proxy="http://user:" + JWT + "@127.0.0.1:1"),
    ],
)
def test_no_repr_shows_a_secret(show: Callable[[], Any]) -> None:
    """What holds a token or a proxy's password does not show it."""
    assert JWT not in repr(show())
    assert JWT not in str(show())


def test_a_proxys_password_shows_up_nowhere(
    caplog: pytest.LogCaptureFixture, raw_server: Callable[[bytes], str]
) -> None:
    """Not when the proxy refuses, when there is none, over REST and WebSocket, or makes no sense."""
    caplog.set_level(logging.DEBUG)
    refusing = raw_server(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    told = ""
    for host in (refusing, "127.0.0.1:1"):
        proxy = f"http://user:pass-{'word'}@{host}"
        for transport in ("pusher", "centrifugo"):
            client = KickClient(
                "amber-quokka" if transport == "centrifugo" else _known(),
                transport=transport,  # type: ignore[arg-type]
                endpoints=Endpoints.at("https://127.0.0.1:1"),
                proxy=proxy,
            )
            with pytest.raises(KickLiveError) as caught:
                client.connect(0.3)
            client.close()
            told += str(caught.value) + repr(caught.value) + repr(vars(caught.value))
    for make in (KickClient, KickAPI):
        with pytest.raises(ValueError, match="malformed") as refused:
            make(proxy=f"http://user:pass-{'word'}@[bad")
        told += repr(refused.value)
    assert "pass-word" not in told
    assert "pass-word" not in _everything(caplog)


def _known() -> Any:
    from kick_live import ChannelRef

    return ChannelRef("amber-quokka", 7, 8)


def test_an_event_keeps_nothing_of_the_connection(sim: KickSimulator, api: KickAPI) -> None:
    """A stored event holds what was sent to everybody, and no more."""
    with KickClient("amber-quokka", transport="centrifugo", api=api) as client:
        client.connect(10)
        sim.channel("amber-quokka").chat("hello")
        stored = pickle.dumps(client.wait_for(ChatMessage, 10))
    assert b"eyJ" not in stored
