"""A stand-in for Kick's REST endpoints, to put in front of a real socket server.

It plays the few routes that lead to a socket and back over a gap: channel look-up, negotiation,
tokens and history. It knows nothing of WebSockets; ``kick_live.testing`` has the full simulator.
"""

from __future__ import annotations

import base64
import json
import re
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from .tls import TlsFiles

__all__ = ["KickRestStub", "RecordedRequest", "TokenFactory", "make_token"]

#: Makes a token from the client's id and the number of tokens given before.
TokenFactory = Callable[[str, int], str]

_ROUTES: dict[str, tuple[str, re.Pattern[str]]] = {
    "channel": ("GET", re.compile(r"/api/v2/channels/([^/]+)")),
    "connection": ("POST", re.compile(r"/api/v1/realtime/connection")),
    "chat_connection": ("POST", re.compile(r"/api/v1/realtime/channels/(\d+)/chat/connection")),
    "token": ("POST", re.compile(r"/api/v1/realtime/auth/connection")),
    "history": ("GET", re.compile(r"/api/v1/chat/(\d+)/history")),
}


@dataclass(frozen=True)
class RecordedRequest:
    """A request as it came in.

    Attributes:
        route: ``channel``, ``connection``, ``chat_connection``, ``token``, ``history``, or the
            empty text for a path that is none of them.
        method: The HTTP method.
        path: The path without the query.
        query: The query's parameters, the first value of each.
        headers: The headers, with names in lower case.
        json: The body, parsed, or None.
        at: When it came, on the monotonic clock, in seconds.
    """

    route: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    json: Any
    at: float


@dataclass
class _Failure:
    status: int
    left: int | None
    headers: dict[str, str] = field(default_factory=dict)


def make_token(client_id: str, number: int, life: float = 2700.0) -> str:
    """Make a token shaped like Kick's: a JWT whose subject is the guest, signed by nobody.

    Args:
        client_id: The client's uuid.
        number: Goes into the token, so that no two are alike.
        life: Seconds until its ``exp``.
    """

    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    claims = {"sub": f"guest:{client_id}", "exp": int(time.time() + life), "jti": str(number)}
    return f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims)}.c2lnbmF0dXJl"


class KickRestStub:
    """A threaded HTTP server with a few of Kick's routes; ``with KickRestStub() as stub``.

    Everything may be changed while it runs, from any thread.

    Args:
        centrifugo_url: Offered to clients that accept Centrifugo; None offers it to nobody.
        pusher: Application key and cluster, offered to clients that accept Pusher.
        token_factory: Makes the tokens.
        tls: Certificate files; with them it speaks TLS only.

    Attributes:
        requests: All requests so far, oldest first.
        history: Rows by channel id, newest first as Kick sends them.
        page_size: Rows in one answer of the history.
        mode: The negotiation's ``mode``.
    """

    def __init__(
        self,
        centrifugo_url: str | None = None,
        pusher: tuple[str, str] | None = None,
        token_factory: TokenFactory = make_token,
        tls: TlsFiles | None = None,
    ) -> None:
        self.centrifugo_url = centrifugo_url
        self.pusher = pusher
        self.token_factory = token_factory
        self.requests: list[RecordedRequest] = []
        self.history: dict[int, Sequence[Any]] = {}
        self.page_size = 25
        self.mode = "websocket"
        self._channels: dict[str, dict[str, Any]] = {}
        self._failures: dict[str, _Failure] = {}
        self._tokens = 0
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None
        if tls is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(tls.cert, tls.key)
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The base address, for ``Endpoints(site=..., web=...)``.

        Raises:
            RuntimeError: It does not run.
        """
        if self._server is None:
            raise RuntimeError("the stub does not run: use it in a with statement")
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self._server.port}"

    @property
    def tokens_given(self) -> int:
        """How many tokens have been given out."""
        return self._tokens

    def add_channel(self, slug: str, channel_id: int, chatroom_id: int, **fields: Any) -> None:
        """Make a name resolvable.

        Args:
            slug: The name in the path.
            channel_id: The channel's id.
            chatroom_id: The chatroom's id.
            **fields: More members of the answer, or others in place of the usual ones, such as
                ``livestream={...}`` for a streamer who is live.
        """
        self._channels[slug] = {
            "id": channel_id,
            "user_id": channel_id + 1,
            "slug": slug,
            "is_banned": False,
            "verified": False,
            "followers_count": 0,
            "subscriber_badges": [],
            "livestream": None,
            "chatroom": {"id": chatroom_id, "channel_id": channel_id},
            "user": {"id": channel_id + 1, "username": slug, "profile_pic": None},
        } | fields

    def fail(
        self, route: str, status: int, times: int | None = None, retry_after: int | None = None
    ) -> None:
        """Answer a route with an error from now on.

        Args:
            route: A route's name, as in ``RecordedRequest.route``.
            status: The HTTP status; 0 works again.
            times: How many requests fail before it works again; None is for ever.
            retry_after: Seconds for a ``Retry-After`` header.
        """
        if route not in _ROUTES:
            raise ValueError(f"no route is called {route!r}; there are {', '.join(_ROUTES)}")
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        with self._lock:
            if status == 0 or times == 0:
                self._failures.pop(route, None)
            else:
                self._failures[route] = _Failure(status, times, headers)

    def requests_to(self, route: str) -> list[RecordedRequest]:
        """The requests to one route so far, oldest first."""
        return [request for request in self.requests if request.route == route]

    def start(self) -> None:
        """Listen on a free port and answer in the background."""
        self._server = make_server(
            "127.0.0.1",
            0,
            Request.application(self._answer),
            threaded=True,
            request_handler=_QuietHandler,
            ssl_context=self._context,
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="kick-rest-stub", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and wait for the thread; may be called again."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()
        self._server = None

    def __enter__(self) -> KickRestStub:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _answer(self, request: Request) -> Response:
        route, argument = _find(request.method, request.path)
        body = request.get_json(silent=True) if request.is_json else None
        self.requests.append(
            RecordedRequest(
                route=route,
                method=request.method,
                path=request.path,
                query=request.args.to_dict(),
                headers={name.lower(): value for name, value in request.headers.items()},
                json=body,
                at=time.monotonic(),
            )
        )
        failure = self._failure(route)
        if failure is not None:
            answer = _json({"message": f"the test asked for {failure.status}"}, failure.status)
            answer.headers.extend(failure.headers)
            return answer
        if route == "channel":
            known = self._channels.get(argument)
            return _json({"message": "Not Found"}, 404) if known is None else _json(known)
        if route in ("connection", "chat_connection"):
            return _success({"connections": self._offers(body), "mode": self.mode})
        if route == "token":
            return self._token(body)
        if route == "history":
            return self._history(int(argument), request.args.get("cursor", ""))
        return _json({"message": "Not Found"}, 404)

    def _failure(self, route: str) -> _Failure | None:
        with self._lock:
            failure = self._failures.get(route)
            if failure is None or failure.left is None:
                return failure
            failure.left -= 1
            if failure.left == 0:
                del self._failures[route]
            return failure

    def _offers(self, body: Any) -> list[dict[str, Any]]:
        try:
            asked = [item["provider"] for item in body["capabilities"]["accepted_providers"]]
        except (KeyError, TypeError):
            return []
        # With both accepted, Centrifugo alone is chosen (September-October 2026).
        if self.centrifugo_url is not None and "centrifugo" in asked:
            return [{"provider": "centrifugo", "credentials": {"url": self.centrifugo_url}}]
        if self.pusher is not None and "pusher" in asked:
            key, cluster = self.pusher
            return [{"provider": "pusher", "credentials": {"app_key": key, "cluster": cluster}}]
        return []

    def _token(self, body: Any) -> Response:
        client_id = body.get("client_id") if isinstance(body, dict) else None
        if not isinstance(client_id, str):
            return _json({"message": "client_id is required"}, 422)
        with self._lock:
            number = self._tokens
            self._tokens += 1
        return _success({"token": self.token_factory(client_id, number)})

    def _history(self, channel_id: int, cursor: str) -> Response:
        # A cursor is a number to the eye but means nothing to the client, so ours is a position.
        rows = list(self.history.get(channel_id, ()))
        start = int(cursor) - _FIRST_CURSOR if cursor.isdigit() else 0
        end = start + self.page_size
        following = str(_FIRST_CURSOR + end) if end < len(rows) else None
        page = {"messages": rows[start:end], "cursor": following, "pinned_message": None}
        return _json({"data": page, "message": "OK"})


_FIRST_CURSOR = 1_700_000_000_000_000


class _QuietHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Keep the test's output clean: requests are in ``KickRestStub.requests``."""


def _find(method: str, path: str) -> tuple[str, str]:
    for name, (expected, pattern) in _ROUTES.items():
        match = pattern.fullmatch(path)
        if match and method == expected:
            return name, match.group(1) if match.groups() else ""
    return "", ""


def _json(content: Any, status: int = 200) -> Response:
    return Response(json.dumps(content), status, content_type="application/json")


def _success(data: Any) -> Response:
    return _json({"data": data, "message": "success"})
