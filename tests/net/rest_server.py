"""A small HTTP server with scripted answers, which records what it is asked."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable
from typing import Any

from attrs import field, frozen
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from kick_live.net.endpoints import Endpoints

CHANNEL = {
    "id": 7733190,
    "user_id": 9120044,
    "slug": "amber-quokka",
    "is_banned": False,
    "verified": True,
    "followers_count": 5150,
    "playback_url": "https://video.example/amber.m3u8",
    "subscriber_badges": [
        {"id": 2, "months": 6, "badge_image": {"src": "https://pictures.example/6.png"}},
        {"id": 1, "months": 1, "badge_image": {"src": "https://pictures.example/1.png"}},
    ],
    "user": {"id": 9120044, "username": "Amber_Quokka", "profile_pic": "https://p.example/a.webp"},
    "chatroom": {"id": 7712045, "channel_id": 7733190, "chat_mode": "public"},
    "livestream": {
        "id": 118204411,
        "slug": "abcd-evening-walk",
        "channel_id": 7733190,
        "created_at": "2026-10-05 18:00:00",
        "start_time": "2026-10-05 18:00:02",
        "session_title": "Evening walk",
        "is_live": True,
        "viewer_count": 4720,
        "language": "English",
        "is_mature": False,
        "thumbnail": {"url": "https://pictures.example/t.webp"},
        "categories": [{"id": 15, "name": "Walks", "slug": "walks", "tags": ["IRL"]}],
        "tags": ["rain"],
    },
}

CHALLENGE = "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>"


@frozen
class Asked:
    """A request that came in."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


@frozen
class Say:
    """An answer: JSON, text or bytes."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(factory=dict)

    def response(self) -> Response:
        """As werkzeug wants it."""
        if isinstance(self.body, (str, bytes)):
            kind = "text/html" if str(self.body).startswith("<") else "application/json"
            body: Any = self.body
        else:
            kind, body = "application/json", json.dumps(self.body)
        return Response(body, self.status, self.headers, content_type=kind)


class RestServer:
    """Answers a path with what it was told to, the last answer again and again; else with 404."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.arrived = threading.Event()
        self.released = threading.Event()
        self._script: dict[str, list[Any]] = {}
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()

        class Handler(WSGIRequestHandler):
            protocol_version = "HTTP/1.1"

            def log(self, *args: Any) -> None:
                pass

        self._server = make_server(
            "127.0.0.1", 0, self._app, threaded=True, request_handler=Handler, ssl_context=tls
        )
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_port}"
        self.endpoints = Endpoints.at(self.url)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def on(self, path: str, *answers: Say | Callable[[], Say]) -> None:
        """Answer a path with these, in turn."""
        self._script[path] = list(answers)

    def hold(self) -> Say:
        """An answer that comes only when the test ends."""
        self.arrived.set()
        self.released.wait(20)
        return Say(None)

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [request.path for request in self.asked]

    def stop(self) -> None:
        """End everything; clients must have closed their connections before."""
        self.released.set()
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()
        for thread in self._threads:
            thread.join(10)

    def _app(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        with self._lock:
            self._threads.add(threading.current_thread())
            self.asked.append(
                Asked(
                    request.method,
                    request.path,
                    request.args.to_dict(flat=False),
                    {name.lower(): value for name, value in request.headers.items()},
                    request.get_data(),
                )
            )
            script = self._script.get(request.path) or [Say({"message": "Not Found"}, 404)]
            answer = script.pop(0) if len(script) > 1 else script[0]
        answer = answer() if callable(answer) else answer
        return answer.response()(environ, start_response)


class Time:
    """A clock that only waiting moves on; to be given to KickAPI as ``clock`` and ``sleep``."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds
