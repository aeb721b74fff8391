"""Which provider to use, where, and with which token."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from rest_server import RestServer, Say

from kick_live import errors
from kick_live.net.api import KickAPI
from kick_live.net.endpoints import DEFAULT_PUSHER_KEY, Endpoints
from kick_live.net.negotiation import Route, fetch_token, negotiate, pusher_route

CLIENT = "33333333-3333-4333-8333-333333333333"
PATH = "/api/v1/realtime/connection"
AUTH = "/api/v1/realtime/auth/connection"
QUERY = "?protocol=7&client=js&version=8.4.0&flash=false"
CENTRIFUGO = {
    "provider": "centrifugo",
    "credentials": {"url": "wss://realtime.us-west-2.platform.kick.com/connection/websocket"},
}
PUSHER = {"provider": "pusher", "credentials": {"app_key": "abc123", "cluster": "eu"}}


class ScriptedAPI(KickAPI):
    """Answers without a network, so that the endpoints can be Kick's own."""

    def __init__(self, answer: Any, endpoints: Endpoints | None = None) -> None:
        super().__init__(endpoints or Endpoints())
        self.answer = answer
        self.asked: list[tuple[str, Any]] = []

    def realtime(self, path: str, body: object) -> object:
        self.asked.append((path, body))
        return self.answer


def offer(*connections: Any, mode: Any = "websocket") -> Any:
    return {"data": {"connections": list(connections), "mode": mode}, "message": "success"}


@pytest.fixture
def server() -> Iterator[RestServer]:
    server = RestServer()
    yield server
    server.stop()


@pytest.fixture
def api(server: RestServer) -> Iterator[KickAPI]:
    with KickAPI(server.endpoints, min_interval=0, retries=0) as api:
        yield api


def test_the_first_known_provider_is_taken() -> None:
    """Kick's order decides; unknown providers and nonsense are skipped."""
    api = ScriptedAPI(offer({"provider": "new"}, None, 5, CENTRIFUGO, PUSHER))
    assert negotiate(api, CLIENT) == Route("centrifugo", CENTRIFUGO["credentials"]["url"])  # type: ignore[index]
    api.answer = offer(PUSHER, CENTRIFUGO)
    assert negotiate(api, CLIENT).provider == "pusher"
    assert negotiate(api, CLIENT, accept=("centrifugo",)).provider == "centrifugo"


def test_what_is_asked() -> None:
    """The client and the accepted providers are named; a channel has a path of its own."""
    api = ScriptedAPI(offer(PUSHER))
    negotiate(api, CLIENT, accept=("pusher",))
    negotiate(api, CLIENT, channel_id=7733190)
    (path, body), (second, _) = api.asked
    assert path == PATH
    assert body == {
        "client": {"id": CLIENT, "type": "web"},
        "capabilities": {"accepted_providers": [{"provider": "pusher"}]},
    }
    assert second == "/api/v1/realtime/channels/7733190/chat/connection"


def test_a_pusher_offer_becomes_an_address() -> None:
    """Key and cluster make Pusher's address, complete with its query."""
    route = negotiate(ScriptedAPI(offer(PUSHER)), CLIENT)
    assert route == Route("pusher", f"wss://ws-eu.pusher.com/app/abc123{QUERY}")


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "x",
        {},
        {"data": None},
        {"data": {"connections": None}},
        offer(),
        offer({"provider": "new"}),
        offer(CENTRIFUGO, mode="sse"),
        offer({"provider": "centrifugo"}),
        offer({"provider": "centrifugo", "credentials": {"url": 5}}),
        offer({"provider": "pusher", "credentials": {"app_key": "a/../b", "cluster": "eu"}}),
        offer({"provider": "pusher", "credentials": {"app_key": "abc", "cluster": "eu.evil"}}),
        offer({"provider": "pusher", "credentials": {"app_key": 5, "cluster": "eu"}}),
    ],
)
def test_a_useless_offer_fails(answer: Any) -> None:
    """Without a provider that can be used, NegotiationFailed says what to do."""
    with pytest.raises(errors.NegotiationFailed, match=r"transport=|again"):
        negotiate(ScriptedAPI(answer), CLIENT)


@pytest.mark.parametrize(
    "url",
    [
        "ws://realtime.kick.com/connection/websocket",
        "http://realtime.kick.com/",
        "wss://evil.example/connection/websocket",
        "wss://kick.com.evil.example/",
        "wss://evilkick.com/",
        "wss://127.0.0.1/",
        "ws://localhost:8000/",
        "wss://user@kick.com/",
        "wss://kick.com@evil.example/",
        "wss://evil.example\\@kick.com/",
        "wss://kick.com:port/",
        "wss://kick.com/#x",
        "wss://kick.com/\r\nX-Evil: 1",
        "wss://[kick.com/",
        "",
    ],
)
def test_an_address_not_to_be_trusted_fails(url: str) -> None:
    """Only wss:// at Kick's or Pusher's hosts is accepted from the network."""
    api = ScriptedAPI(offer({"provider": "centrifugo", "credentials": {"url": url}}))
    with pytest.raises(errors.NegotiationFailed):
        negotiate(api, CLIENT)


@pytest.mark.parametrize(
    ("endpoints", "url"),
    [
        (Endpoints(), "wss://kick.com/connection/websocket"),
        (Endpoints(), "wss://realtime.eu-1.platform.kick.com:8443/x?y=1"),
        (Endpoints.at("http://127.0.0.1:8080"), "ws://127.0.0.1:9090/connection/websocket"),
        (Endpoints.at("http://localhost:8080"), "ws://[::1]:9090/connection/websocket"),
        (Endpoints(web="https://proxy.example"), "wss://proxy.example/connection/websocket"),
    ],
)
def test_trusted_addresses_are_kept(endpoints: Endpoints, url: str) -> None:
    """Kick's hosts, those in Endpoints, and this machine if Endpoints are on it, are trusted."""
    answer = offer({"provider": "centrifugo", "credentials": {"url": url}})
    assert negotiate(ScriptedAPI(answer, endpoints), CLIENT).url == url


@pytest.mark.parametrize(
    ("endpoints", "key", "cluster", "url"),
    [
        (Endpoints(), None, None, f"wss://ws-us2.pusher.com/app/{DEFAULT_PUSHER_KEY}{QUERY}"),
        (Endpoints(), "abc", None, f"wss://ws-us2.pusher.com/app/abc{QUERY}"),
        (Endpoints(), "abc", "eu", f"wss://ws-eu.pusher.com/app/abc{QUERY}"),
        (
            Endpoints.at("http://127.0.0.1:8080"),
            "abc",
            "eu",
            f"ws://127.0.0.1:8080/app/abc{QUERY}",
        ),
        (
            Endpoints(pusher="wss://proxy.example/kick/app/old?a=1"),
            "abc",
            "eu",
            f"wss://proxy.example/kick/app/abc?a=1&{QUERY[1:]}",
        ),
        (
            Endpoints(pusher="wss://proxy.example"),
            "abc",
            "eu",
            f"wss://proxy.example/app/abc{QUERY}",
        ),
    ],
)
def test_pusher_addresses(
    endpoints: Endpoints, key: str | None, cluster: str | None, url: str
) -> None:
    """Kick's own address is rebuilt; another is kept, with only the key replaced."""
    assert pusher_route(endpoints, key, cluster) == Route("pusher", url)


def test_plain_addresses_only_by_permission() -> None:
    """An unencrypted address elsewhere is used only where the user names it."""
    own = Endpoints(pusher="ws://proxy.example/app/x")
    assert pusher_route(own) == Route("pusher", f"ws://proxy.example/app/x{QUERY}")
    api = ScriptedAPI(offer({"provider": "centrifugo", "credentials": {"url": "ws://kick.com/x"}}))
    with pytest.raises(errors.NegotiationFailed):
        negotiate(api, CLIENT)


def jwt(**claims: Any) -> str:
    parts = [{"alg": "none"}, claims]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts]
    return ".".join([*(part.rstrip("=") for part in encoded), "signature"])


def test_a_token_tells_when_it_ends() -> None:
    """The end is read from the token, whose value stays out of the repr."""
    value = jwt(exp=1_791_225_944, sub=f"guest:{CLIENT}")
    api = ScriptedAPI({"data": {"token": value}, "message": "success"})
    token = fetch_token(api, CLIENT)
    assert token.value == value
    assert token.expires_at == datetime.fromtimestamp(1_791_225_944, timezone.utc)
    assert value not in repr(token)
    assert api.asked == [(AUTH, {"client_id": CLIENT})]


@pytest.mark.parametrize(
    "value",
    ["opaque", "a.b.c", jwt(), jwt(exp="soon"), jwt(exp=None), jwt(exp=1e300), jwt(exp=True)[:-40]],
)
def test_a_token_may_not_tell(value: str) -> None:
    """A token without a readable end is still a token."""
    assert fetch_token(ScriptedAPI({"token": value}), CLIENT).value == value
    if value.count(".") == 2:
        assert fetch_token(ScriptedAPI({"token": value}), CLIENT).expires_at is None


@pytest.mark.parametrize(
    "answer", [None, {}, {"data": {}}, {"token": ""}, {"token": 5}, {"data": {"token": "a\nb"}}]
)
def test_no_token_fails(answer: Any) -> None:
    """An answer without a usable token is NegotiationFailed, and does not quote it."""
    with pytest.raises(errors.NegotiationFailed) as caught:
        fetch_token(ScriptedAPI(answer), CLIENT)
    assert "a\nb" not in str(caught.value)


def test_over_the_wire(server: RestServer, api: KickAPI) -> None:
    """Negotiation and token travel as POSTs with the site's headers."""
    url = server.url.replace("http", "ws", 1) + "/connection/websocket"
    server.on(PATH, Say(offer({"provider": "centrifugo", "credentials": {"url": url}})))
    server.on(AUTH, Say({"data": {"token": "opaque"}}))
    assert negotiate(api, CLIENT).url == url
    assert fetch_token(api, CLIENT).value == "opaque"
    assert [request.method for request in server.asked] == ["POST", "POST"]
    assert server.asked[1].headers["referer"] == "https://kick.com/"


def test_a_token_is_not_in_errors_of_damaged_answers(server: RestServer, api: KickAPI) -> None:
    """An answer that is cut off is InvalidResponse; no part of it is in the error or its chain."""
    server.on(AUTH, Say('{"data": {"token": "secret-value'))
    with pytest.raises(errors.InvalidResponse) as caught:
        fetch_token(api, CLIENT)
    error: BaseException | None = caught.value
    while error is not None:
        assert "secret-value" not in repr(error) + str(vars(error))
        error = error.__cause__ or error.__context__


def test_refusals_pass_through(server: RestServer, api: KickAPI) -> None:
    """A refused negotiation is the API's own error."""
    server.on(PATH, Say({}, 403))
    with pytest.raises(errors.Blocked):
        negotiate(api, CLIENT)
