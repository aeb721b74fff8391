"""How KickAPI sends requests: pace, retries, refusals, limits, closing."""

from __future__ import annotations

import contextlib
import errno
import gc
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from rest_server import CHALLENGE, CHANNEL, RestServer, Say, Time

from kick_live import errors
from kick_live.net.api import KickAPI
from kick_live.net.endpoints import Endpoints
from kick_live.net.http import _same_site
from kick_live.net.http_pace import parse_retry_after

PATH = "/api/v2/channels/amber-quokka"


@pytest.fixture
def server() -> Iterator[RestServer]:
    server = RestServer()
    yield server
    server.stop()


@pytest.fixture
def moment() -> Time:
    return Time()


@pytest.fixture
def api(server: RestServer, moment: Time) -> Iterator[KickAPI]:
    with KickAPI(
        server.endpoints, clock=moment.clock, sleep=moment.sleep, random=lambda: 0.5
    ) as api:
        yield api


@pytest.fixture
def silence() -> Iterator[socket.socket]:
    """A server that accepts connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        yield listener


def address(listener: socket.socket, scheme: str = "http") -> Endpoints:
    return Endpoints.at(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}")


class Call:
    """A call in another thread."""

    def __init__(self, call: Any, *args: Any) -> None:
        self.outcome: Any = None
        self.thread = threading.Thread(target=self._run, args=(call, *args))
        self.thread.start()

    def _run(self, call: Any, *args: Any) -> None:
        try:
            self.outcome = call(*args)
        except Exception as error:  # noqa: BLE001
            self.outcome = error

    def result(self, timeout: float = 3.0) -> Any:
        self.thread.join(timeout)
        assert not self.thread.is_alive(), "the call is still blocked"
        return self.outcome


def test_importing_does_not_import_requests() -> None:
    """Neither requests nor urllib3 is imported before the first request."""
    code = (
        "import sys; from kick_live.net.api import KickAPI; KickAPI();"
        "sys.exit('requests' in sys.modules or 'urllib3' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_user_agent_is_the_one_that_passes(server: RestServer, api: KickAPI) -> None:
    """Requests introduce themselves as Mozilla/5.0 and ask for JSON."""
    server.on(PATH, Say(CHANNEL))
    api.channel("amber-quokka")
    assert server.asked[0].headers["user-agent"] == "Mozilla/5.0"
    assert server.asked[0].headers["accept"] == "application/json"


def test_requests_to_a_host_are_spread(server: RestServer, api: KickAPI, moment: Time) -> None:
    """The second GET waits for the rest of a second, the first for nothing."""
    server.on(PATH, Say(CHANNEL))
    api.channel("amber-quokka")
    moment.now += 0.25
    api.channel("amber-quokka")
    assert moment.slept == [0.75]


def test_realtime_requests_are_not_paced(server: RestServer, api: KickAPI, moment: Time) -> None:
    """POSTs to the realtime service go out at once, each with its own answer."""
    server.on("/api/v1/realtime/connection", Say({"n": 1}), Say({"n": 2}))
    assert api.realtime("/api/v1/realtime/connection", {"a": 1}) == {"n": 1}
    assert api.realtime("/api/v1/realtime/connection", {"a": 1}) == {"n": 2}
    assert moment.slept == []
    assert server.asked[0].body == b'{"a": 1}'
    assert server.asked[0].headers["origin"] == "https://kick.com"
    assert server.asked[0].headers["x-app-platform"] == "web"
    assert server.asked[0].headers["content-type"] == "application/json"


@pytest.mark.parametrize("status", [500, 502, 503, 520])
def test_a_server_error_is_retried(server: RestServer, api: KickAPI, status: int) -> None:
    """A 5xx status is asked again, and the answer after it counts."""
    server.on(PATH, Say({}, status), Say({}, status), Say(CHANNEL))
    assert api.channel("amber-quokka").channel_id == 7733190


def test_retries_end(server: RestServer, api: KickAPI, moment: Time) -> None:
    """After two repetitions a server error is raised; the waits are jittered and paced."""
    server.on(PATH, Say({}, 500))
    with pytest.raises(errors.ServerError) as caught:
        api.channel("amber-quokka")
    assert caught.value.status == 500
    assert len(server.asked) == 3
    assert moment.slept == [0.5, 0.5, 1.0]


def test_posts_are_not_retried(server: RestServer, api: KickAPI) -> None:
    """A failed POST is raised at once: the connection's own backoff decides."""
    server.on("/api/v1/realtime/connection", Say({}, 500))
    with pytest.raises(errors.ServerError):
        api.realtime("/api/v1/realtime/connection", {})
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Say({"error": "Request blocked by security policy."}, 403), errors.Blocked),
        (Say("<html>no</html>", 403), errors.Blocked),
        (Say(CHALLENGE, 503), errors.Blocked),
        (Say(CHALLENGE, 200), errors.Blocked),
        (Say({"x": 1}, 200, {"cf-mitigated": "challenge"}), errors.Blocked),
        (Say({}, 401), errors.Blocked),
        (Say({}, 423), errors.Blocked),
        (Say({"message": "no"}, 404), errors.NotFound),
        (Say("<html>no</html>", 404), errors.NotFound),
        (Say({}, 422), errors.InvalidResponse),
        (Say({}, 419), errors.InvalidResponse),
        (Say("<html>hello</html>", 200), errors.InvalidResponse),
        (Say("{", 200), errors.InvalidResponse),
        (Say(b"", 200), errors.InvalidResponse),
        (Say([1], 200), errors.InvalidResponse),
        (Say("null", 200), errors.InvalidResponse),
        (Say("[" * 100_000, 200), errors.InvalidResponse),
        (Say({"id": 1, "slug": "a"}, 200), errors.InvalidResponse),
    ],
)
def test_an_answer_becomes_the_right_error(
    server: RestServer, api: KickAPI, answer: Say, kind: type[errors.APIError]
) -> None:
    """Status first, then content: each useless answer raises its own type, without a retry."""
    server.on(PATH, answer)
    with pytest.raises(kind) as caught:
        api.channel("amber-quokka")
    assert type(caught.value) is kind
    assert caught.value.url == server.url + PATH
    assert len(server.asked) == 1


def test_blocked_names_the_ways_out(server: RestServer, api: KickAPI) -> None:
    """The message of Blocked holds the console recipe, the extra, the session and the wait."""
    server.on(PATH, Say(CHALLENGE, 403))
    with pytest.raises(errors.Blocked) as caught:
        api.channel("amber-quokka")
    message = str(caught.value)
    assert "fetch(`/api/v2/channels/NAME`).then(r=>r.json())" in message
    assert "c.chatroom.id" in message
    for way in ("ChannelRef", 'pip install "kick-live[impersonate]"', "session=", "minutes"):
        assert way in message


def test_retry_after_is_waited_for(server: RestServer, api: KickAPI, moment: Time) -> None:
    """After a 429 the next request leaves when Retry-After has passed."""
    server.on(PATH, Say({}, 429, {"Retry-After": "7"}), Say(CHANNEL))
    assert api.channel("amber-quokka").slug == "amber-quokka"
    assert moment.slept == [7.0]


def test_a_long_retry_after_is_raised(server: RestServer, api: KickAPI, moment: Time) -> None:
    """More than a minute is not waited for, and no request is sent before it has passed."""
    server.on(PATH, Say({}, 429, {"Retry-After": "90"}), Say(CHANNEL))
    with pytest.raises(errors.RateLimited) as caught:
        api.channel("amber-quokka")
    assert caught.value.retry_after == 90
    with pytest.raises(errors.RateLimited):
        api.channel("amber-quokka")
    assert len(server.asked) == 1
    moment.now += 91
    assert api.channel("amber-quokka").slug == "amber-quokka"


def test_a_limit_on_posts_is_reported(server: RestServer, api: KickAPI, moment: Time) -> None:
    """A 429 for a POST is raised with its wait, which GETs to that host then keep."""
    server.on("/api/v1/realtime/connection", Say({}, 429, {"Retry-After": "5"}))
    server.on(PATH, Say(CHANNEL))
    with pytest.raises(errors.RateLimited) as caught:
        api.realtime("/api/v1/realtime/connection", {})
    assert caught.value.retry_after == 5
    api.channel("amber-quokka")
    assert moment.slept == [5.0]


def test_a_lasting_limit_is_raised(server: RestServer, api: KickAPI) -> None:
    """When the repetitions are used up, a 429 without Retry-After is raised."""
    server.on(PATH, Say({}, 429))
    with pytest.raises(errors.RateLimited) as caught:
        api.channel("amber-quokka")
    assert caught.value.retry_after is None
    assert len(server.asked) == 3


@pytest.mark.parametrize("value", ["", "soon", "-1", "1e9", None])
def test_an_unreadable_retry_after_is_none(value: str | None) -> None:
    """Only seconds and dates are read."""
    assert parse_retry_after(value) is None


@pytest.mark.parametrize("value", ["99999999999", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_retry_after_of_centuries_is_a_day(value: str) -> None:
    """Nothing can wait for so long."""
    assert parse_retry_after(value) == 86400


def test_retry_after_may_be_a_date() -> None:
    """An HTTP date is turned into seconds from now; one in the past into none at all."""
    now = datetime(2026, 10, 5, 18, 0, tzinfo=timezone.utc)
    later = format_datetime(now + timedelta(seconds=42), usegmt=True)
    assert parse_retry_after(later, now) == 42
    assert parse_retry_after(later, now + timedelta(hours=1)) == 0


def test_a_failure_is_no_work_for_the_garbage_collector() -> None:
    """It goes when it is let go of, and with it what its traceback holds, such as sockets."""

    def fail() -> list[weakref.ref[BaseException]]:
        with KickAPI(Endpoints.at("http://127.0.0.1:1"), min_interval=0) as api:
            try:
                api.channel("amber-quokka")
            except errors.Unreachable as error:
                return [weakref.ref(one) for one in (error, error.__cause__) if one is not None]
        return []

    gc.collect()
    gc.disable()
    try:
        assert [gone() for gone in fail()] == [None, None]
    finally:
        gc.enable()


def test_an_answer_that_is_too_large_is_refused(server: RestServer, api: KickAPI) -> None:
    """Nothing larger than eight megabytes is read."""
    server.on(PATH, Say('"' + "x" * (9 * 1024 * 1024) + '"'))
    with pytest.raises(errors.InvalidResponse, match="more than"):
        api.channel("amber-quokka")


def test_redirects_on_the_site_are_followed(server: RestServer, api: KickAPI) -> None:
    """A redirect to the same host leads to the answer."""
    server.on(PATH, Say({}, 302, {"Location": "/elsewhere"}))
    server.on("/elsewhere", Say(CHANNEL))
    assert api.channel("amber-quokka").channel_id == 7733190


@pytest.mark.parametrize(
    "target", ["http://localhost:1/", "//portal.example/x", "ftp://127.0.0.1/"]
)
def test_redirects_to_another_host_are_not_followed(
    server: RestServer, api: KickAPI, target: str
) -> None:
    """A redirect that leaves the site is an error, not a request."""
    server.on(PATH, Say({}, 302, {"Location": target}))
    with pytest.raises(errors.InvalidResponse, match="another host"):
        api.channel("amber-quokka")


def test_redirects_end(server: RestServer, api: KickAPI) -> None:
    """A circle of redirects is left."""
    server.on(PATH, Say({}, 302, {"Location": PATH}))
    with pytest.raises(errors.InvalidResponse, match="redirects more than"):
        api.channel("amber-quokka")


def test_redirects_of_posts_are_not_followed(server: RestServer, api: KickAPI) -> None:
    """The realtime service's answer must come from where the question went."""
    server.on("/api/v1/realtime/connection", Say({}, 307, {"Location": "/elsewhere"}))
    server.on("/elsewhere", Say({}))
    with pytest.raises(errors.InvalidResponse):
        api.realtime("/api/v1/realtime/connection", {})
    assert server.paths == ["/api/v1/realtime/connection"]


def test_nobody_there_is_unreachable(moment: Time) -> None:
    """A refused connection is retried, then raised as Unreachable with its cause."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with (
        KickAPI(Endpoints.at(f"http://127.0.0.1:{port}"), sleep=moment.sleep) as api,
        pytest.raises(errors.Unreachable) as caught,
    ):
        api.channel("amber-quokka")
    assert isinstance(caught.value, ConnectionError)
    assert isinstance(caught.value.__cause__, requests.RequestException)
    assert len(moment.slept) >= 2


REASONS = {
    "refused the connection": ConnectionRefusedError(111, "Connection refused"),
    "could not be found": socket.gaierror(-2, "Name or service not known"),
    "did not answer in time": TimeoutError("timed out"),
    "ended the connection without an answer": ConnectionResetError(104, "reset by peer"),
    "no way leads there from here": OSError(errno.ENETUNREACH, "Network is unreachable"),
    "check the network, name resolution": OSError(5, "Input/output error"),
}


@pytest.mark.parametrize("words", REASONS)
def test_unreachable_says_why(words: str) -> None:
    """As far as the system tells it, however deep requests hides it, with the port that was asked."""

    class Session:
        def request(self, *_: object, **__: object) -> None:
            try:
                raise REASONS[words]
            except OSError as error:
                raise requests.ConnectionError("pool") from error

    with (
        KickAPI(Endpoints.at("https://kick.example:8443"), session=Session(), retries=0) as api,
        pytest.raises(errors.Unreachable, match=words) as caught,
    ):
        api.channel("amber-quokka")
    assert str(caught.value).startswith("kick.example:8443 ")


def test_a_socks_proxy_is_blamed_for_what_lies_behind_it() -> None:
    """What it refuses looks as if the host had."""
    session = FakeSession(requests.ConnectionError(ConnectionRefusedError(111, "refused")))
    with (
        KickAPI(session=session, proxy="socks5h://me:s3cret@127.0.0.1:9", retries=0) as api,
        pytest.raises(errors.Unreachable, match=r"through the proxy 127\.0\.0\.1:9; check"),
    ):
        api.channel("amber-quokka")


def test_silence_is_unreachable(silence: socket.socket) -> None:
    """A server that does not answer in time is Unreachable, and the message says how long."""
    with (
        KickAPI(address(silence), timeout=0.2, retries=0) as api,
        pytest.raises(errors.Unreachable, match=r"within 0\.2 s"),
    ):
        api.channel("amber-quokka")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_close_ends_a_blocked_request(silence: socket.socket, scheme: str) -> None:
    """A request that waits for an answer, or in the TLS handshake, fails at once on close."""
    api = KickAPI(address(silence, scheme), timeout=20)
    call = Call(api.channel, "amber-quokka")
    connection, _ = silence.accept()
    with connection:
        connection.settimeout(5)
        assert connection.recv(1)
        started = time.monotonic()
        api.close()
        assert isinstance(call.result(), errors.ClientClosed)
        assert time.monotonic() - started < 2


def test_close_ends_a_request_on_a_reused_connection(silence: socket.socket) -> None:
    """A connection kept alive from an earlier request is interrupted like a new one."""
    body = json.dumps(CHANNEL).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    api = KickAPI(address(silence), min_interval=0, timeout=20)
    call = Call(api.channel, "amber-quokka")
    connection, _ = silence.accept()
    with connection:
        connection.settimeout(5)
        assert connection.recv(65536)
        connection.sendall(head.encode() + b"\r\n" + body)
        assert call.result().channel_id == 7733190
        call = Call(api.channel, "amber-quokka")
        assert connection.recv(65536), "the connection was not reused"
        api.close()
        assert isinstance(call.result(), errors.ClientClosed)


@pytest.mark.skipif(sys.platform != "linux", reason="fills the backlog in Linux's way")
def test_close_ends_a_connection_attempt() -> None:
    """A server that does not even accept does not hold up a closing client."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        api = KickAPI(address(listener), timeout=20)
        call = Call(api.channel, "amber-quokka")
        wait_until(lambda: bool(api._http._session._sockets._live))
        api.close()
        assert isinstance(call.result(), errors.ClientClosed)


def test_close_ends_waiting_for_the_pace(server: RestServer) -> None:
    """A request that waits for its turn fails at once on close, unsent."""
    server.on(PATH, Say(CHANNEL))
    api = KickAPI(server.endpoints, min_interval=30)
    api.channel("amber-quokka")
    call = Call(api.channel, "amber-quokka")
    api.close()
    assert isinstance(call.result(), errors.ClientClosed)
    assert len(server.asked) == 1


def test_after_close_everything_is_refused(server: RestServer, api: KickAPI) -> None:
    """Calls after close raise ClientClosed; closing again does nothing."""
    api.close()
    api.close()
    assert api.closed
    with pytest.raises(errors.ClientClosed):
        api.channel("amber-quokka")
    with pytest.raises(errors.ClientClosed):
        api.realtime("/api/v1/realtime/connection", {})
    assert server.asked == []


def test_threads_share_the_pace(server: RestServer) -> None:
    """Calls of several threads start one interval after another."""
    server.on(PATH, Say(CHANNEL))
    with KickAPI(server.endpoints, min_interval=0.1) as api:
        started = time.monotonic()
        calls = [Call(api.channel, "amber-quokka") for _ in range(4)]
        assert {call.result(5).channel_id for call in calls} == {7733190}
        assert time.monotonic() - started >= 0.29


def test_a_proxy_is_used(server: RestServer) -> None:
    """With proxy= the request goes to the proxy, naming the whole address."""
    server.on(PATH, Say(CHANNEL))
    endpoints = Endpoints.at("http://kick.invalid")
    with KickAPI(endpoints, proxy=server.url) as api:
        assert api.channel("amber-quokka").channel_id == 7733190
    assert server.asked[0].headers["host"] == "kick.invalid"


@pytest.mark.parametrize("given", [True, False], ids=["argument", "environment"])
def test_a_proxy_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, given: bool) -> None:
    """By its address alone, wherever that comes from."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    address = f"http://marmot:s3cret@127.0.0.1:{port}"
    monkeypatch.setenv("https_proxy", "" if given else address)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    endpoints = Endpoints.at("https://kick.example")
    with (
        KickAPI(endpoints, retries=0, proxy=address if given else None) as api,
        pytest.raises(errors.Unreachable, match=f"proxy 127.0.0.1:{port};") as caught,
    ):
        api.channel("amber-quokka")
    assert "s3cret" not in f"{caught.value!r}{vars(caught.value)}"


def test_the_environment_names_a_proxy(server: RestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without proxy= the environment decides; an empty one switches that off."""
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    server.on(PATH, Say(CHANNEL))
    with KickAPI(Endpoints.at("http://kick.invalid"), retries=0) as api:
        assert api.channel("amber-quokka").channel_id == 7733190
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = f"http://127.0.0.1:{listener.getsockname()[1]}"
    monkeypatch.setenv("http_proxy", nobody)
    with KickAPI(server.endpoints, retries=0, proxy="") as api:
        assert api.channel("amber-quokka").channel_id == 7733190


def test_a_session_of_ones_own_is_used(server: RestServer) -> None:
    """A given session sends the requests, with its own headers, and stays open."""
    server.on(PATH, Say(CHANNEL))
    with requests.Session() as session:
        session.headers["User-Agent"] = "own/1"
        session.headers["X-Own"] = "yes"
        with KickAPI(server.endpoints, session=session) as api:
            api.channel("amber-quokka")
        assert server.asked[0].headers["user-agent"] == "own/1"
        assert server.asked[0].headers["x-own"] == "yes"
        assert session.get(server.url + PATH, timeout=5).status_code == 200


def test_a_plain_session_gets_the_user_agent_that_passes(server: RestServer) -> None:
    """The default name of requests, which Kick refuses, is replaced."""
    server.on(PATH, Say(CHANNEL))
    with requests.Session() as session, KickAPI(server.endpoints, session=session) as api:
        api.channel("amber-quokka")
    assert server.asked[0].headers["user-agent"] == "Mozilla/5.0"


class FakeSession:
    """No more than a request method."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def request(self, method: str, url: str, **options: Any) -> Any:
        if self.error is not None:
            raise self.error

        return SimpleNamespace(
            status_code=200,
            headers={"Content-Type": "application/json"},
            content=b'{"id": 1, "slug": "a", "chatroom": {"id": 2}}',
        )


def test_a_session_needs_only_request() -> None:
    """Anything with a request method will do."""
    with KickAPI(session=FakeSession()) as api:
        assert api.channel("a").chatroom_id == 2


def test_foreign_errors_are_translated() -> None:
    """Whatever a session raises leaves as Unreachable, chained."""
    failure = RuntimeError("something of its own")
    with (
        KickAPI(session=FakeSession(failure), retries=0) as api,
        pytest.raises(errors.Unreachable) as caught,
    ):
        api.channel("a")
    assert caught.value.__cause__ is failure


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (requests.exceptions.SSLError, "TLS"),
        (requests.exceptions.ProxyError, "proxy"),
        (requests.exceptions.InvalidSchema, "socks"),
        (requests.exceptions.ReadTimeout, "within 10 s"),
        (requests.exceptions.ConnectionError, "network"),
    ],
)
def test_unreachable_says_what_to_look_at(kind: type[Exception], words: str) -> None:
    """The message of Unreachable differs by cause, and does not quote the foreign error."""
    failure = kind("foreign words")
    with (
        KickAPI(session=FakeSession(failure), retries=0) as api,
        pytest.raises(errors.Unreachable, match=words) as caught,
    ):
        api.channel("a")
    assert "foreign words" not in str(caught.value)


def test_every_foreign_error_has_its_twin() -> None:
    """Each exception of requests leaves as an APIError."""
    kinds = [
        kind
        for kind in vars(requests.exceptions).values()
        if isinstance(kind, type) and issubclass(kind, requests.RequestException)
    ]
    assert len(kinds) > 15
    for kind in kinds:
        failure = kind("x", "y", 0) if kind is requests.exceptions.JSONDecodeError else kind("x")
        with (
            KickAPI(session=FakeSession(failure), retries=0) as api,
            pytest.raises(errors.APIError),
        ):
            api.channel("a")


@pytest.mark.parametrize(
    ("start", "target", "is_followed"),
    [
        ("https://kick.com/a", "https://www.kick.com/a", True),
        ("https://web.kick.com/a", "https://kick.com/a", True),
        ("http://kick.com/a", "https://kick.com/a", True),
        ("https://kick.com/a", "http://kick.com/a", False),
        ("https://kick.com/a", "https://kick.com.example/a", False),
        ("https://10.0.0.1/a", "https://11.0.0.1/a", False),
        ("https://com/a", "https://example.com/a", False),
    ],
)
def test_which_redirects_stay_on_the_site(start: str, target: str, is_followed: bool) -> None:
    """Sub-domains are the same site; other domains, addresses and plain HTTP are not."""
    assert _same_site(start, target) is is_followed


def test_impersonation_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, impersonate=True says at once how to install it."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(errors.MissingExtra, match=r"kick-live\[impersonate\]") as caught:
        KickAPI(impersonate=True)
    assert caught.value.extra == "impersonate"


def test_half_an_installation_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is there but cannot be imported, the first call says so."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: True)
    monkeypatch.setitem(sys.modules, "curl_adapter", None)
    with KickAPI(impersonate=True) as api, pytest.raises(errors.MissingExtra):
        api.channel("amber-quokka")


def test_requests_work_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer over TLS is read, and a blocked request over TLS is ended by close."""
    trustme = pytest.importorskip("trustme")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server = RestServer(context)
    try:
        server.on(PATH, Say(CHANNEL), server.hold)
        endpoints = Endpoints.at(server.url.replace("127.0.0.1", "localhost"))
        api = KickAPI(endpoints, min_interval=0, timeout=20)
        assert api.channel("amber-quokka").channel_id == 7733190
        call = Call(api.channel, "amber-quokka")
        assert server.arrived.wait(5)
        api.close()
        assert isinstance(call.result(), errors.ClientClosed)
    finally:
        server.stop()


def wait_until(condition: Any, timeout: float = 5.0) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        threading.Event().wait(0.005)
