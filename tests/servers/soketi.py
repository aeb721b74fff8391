"""soketi, a Pusher server that others wrote."""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
import ssl
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from . import install
from .local_http import request
from .process import ServerFailed, ServerProcess
from .tls import TlsFiles

__all__ = ["DISABLED_KEY", "FULL_KEY", "KEY", "SoketiServer"]

#: The key of the ordinary application; the one that Kick's site uses.
KEY = "32cbd69e4b950bf97679"
#: An application that is switched off: connections end with 4003.
DISABLED_KEY = "offkey"
#: An application with room for one connection: the second ends with 4100.
FULL_KEY = "fullkey"

_SECRET = "testsecret"
_APPS: list[dict[str, Any]] = [
    {"id": "app1", "key": KEY, "secret": _SECRET, "enabled": True, "maxConnections": -1},
    {"id": "disabled", "key": DISABLED_KEY, "secret": _SECRET, "enabled": False},
    {"id": "full", "key": FULL_KEY, "secret": _SECRET, "enabled": True, "maxConnections": 1},
]


class SoketiServer(ServerProcess):
    """A Pusher server on the loopback interface; ``with SoketiServer() as server`` runs one.

    Args:
        tls: Certificate files; with them it speaks TLS only.

    Raises:
        NotInstalled: node is missing or ``tests/servers/install.py`` has not been run.
    """

    name = "soketi"

    def __init__(self, tls: TlsFiles | None = None) -> None:
        install.require(install.NODE)
        super().__init__()
        self._tls = tls
        self._context = ssl.create_default_context(cafile=str(tls.ca)) if tls else None
        self._config = self.directory / "config.json"
        self._config.write_text(json.dumps(self._settings()), encoding="utf-8")

    def _settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": self.port,
            # Without metrics a SIGTERM never ends the process.
            "metrics.enabled": True,
            "metrics.host": "127.0.0.1",
            "metrics.port": self.reserve_port(),
            "shutdownGracePeriod": 200,
            # Left alone, it looks for other servers by broadcasting on the network.
            "cluster.address": "127.0.0.1",
            "cluster.unicast": "127.0.0.1",
            "cluster.broadcast": "127.0.0.1",
            "cluster.port": self.reserve_port(),
            "appManager.array.apps": _APPS,
        }
        if self._tls is not None:
            settings["ssl.certPath"] = str(self._tls.cert)
            settings["ssl.keyPath"] = str(self._tls.key)
        return settings

    def command(self) -> list[str]:
        """Node with soketi's own starting script."""
        script = install.NODE / "node_modules" / "@soketi" / "soketi" / "bin" / "server.js"
        return [_node(), str(script), "start", f"--config={self._config}"]

    def is_ready(self) -> bool:
        """Whether ``/ready`` answers."""
        return request(self.port, "GET", "/ready", tls=self._context, timeout=2)[0] == 200

    @property
    def ca_file(self) -> Path | None:
        """The authority that a client must trust, if the server speaks TLS."""
        return self._tls.ca if self._tls else None

    @property
    def pusher_url(self) -> str:
        """The address of the ordinary application, without a query."""
        return self.url_for(KEY)

    def url_for(self, key: str) -> str:
        """The address of the application with this key, which need not exist."""
        return f"{'wss' if self._tls else 'ws'}://127.0.0.1:{self.port}/app/{key}"

    def publish(self, topic: str, event: str, data: str | dict[str, Any] | list[Any]) -> None:
        """Send an event to the subscribers of a topic.

        Args:
            topic: The topic.
            event: The event's wire name.
            data: The payload; a text arrives as a JSON string, as Kick's do, and anything else
                as it is.

        Raises:
            ServerFailed: The server refused it.
        """
        self._signed("POST", "events", {"name": event, "channel": topic, "data": data})

    def subscribers(self, topic: str) -> int:
        """The number of connections subscribed to a topic."""
        answer = self._signed("GET", f"channels/{topic}")
        return int(answer.get("subscription_count", 0))

    def _signed(self, method: str, what: str, content: dict[str, Any] | None = None) -> Any:
        # Pusher's REST signature, version 1.0: method, path and sorted query, joined by newlines.
        body = b"" if content is None else json.dumps(content).encode()
        path = f"/apps/app1/{what}"
        query = {"auth_key": KEY, "auth_timestamp": str(int(time.time())), "auth_version": "1.0"}
        if body:
            query["body_md5"] = hashlib.md5(body).hexdigest()
        plain = "&".join(f"{name}={query[name]}" for name in sorted(query))
        message = f"{method}\n{path}\n{plain}".encode()
        query["auth_signature"] = hmac.new(_SECRET.encode(), message, hashlib.sha256).hexdigest()
        status, answer = request(
            self.port, method, f"{path}?{urlencode(query)}", body, tls=self._context
        )
        # Its errors come with status 200 and a field of that name.
        if status != 200 or not isinstance(answer, dict) or "error" in answer:
            raise ServerFailed(f"soketi answered {status} to {method} {path}: {answer}")
        return answer


def _node() -> str:
    path = shutil.which("node")
    if path is None:
        raise install.NotInstalled("node is not on PATH; the Pusher server needs it")
    return path
