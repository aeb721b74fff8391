"""A Centrifugo protocol server: the library by others inside the small program beside this file."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from . import install
from .local_http import request
from .process import ServerFailed, ServerProcess
from .tls import TlsFiles

__all__ = ["CentrifugoServer", "CentrifugoStats"]

Payload = str | dict[str, Any] | list[Any]


@dataclass(frozen=True)
class CentrifugoStats:
    """What the server has counted since its last start.

    Attributes:
        clients: Connections now.
        subscribers: Connections subscribed to the topic asked for.
        connected: Connect commands accepted so far.
        refreshed: Refresh commands received so far.
    """

    clients: int
    subscribers: int
    connected: int
    refreshed: int


class CentrifugoServer(ServerProcess):
    """A Centrifugo server on the loopback interface; ``with CentrifugoServer() as server``.

    Tokens and topics steer it. A token with the word ``bad`` is refused on connect (close 3500)
    and on refresh (error 109); ``expired`` gives 109 on connect and close 3005 on refresh; ``perm``
    gives 103 and ``tmp`` a temporary 100 on connect; ``invalid`` gives close 3500 on refresh.
    Topics that begin with ``deny:``, ``unknown:``, ``tmp:`` and ``tokexp:`` are refused with 103,
    102, 100 and 109; ``refuse()`` does it for any other name.

    Args:
        ping: Seconds between pings, more than ``pong``.
        pong: Seconds a client has to answer one before close 3012.
        ttl: Life of a token in whole seconds, or 0 for ever.
        grace: Seconds between a token's end and close 3005.
        stale: Seconds a client has to send its connect command before close 3502.
        write_delay: Seconds for which replies and pushes are gathered into one frame.
        token: The only token accepted, if given.
        token_prefix: What accepted tokens begin with.
        check_origin: Refuse an Origin other than Kick's with 403.
        channel_limit: Topics a connection may have; one more gives 106.
        tls: Certificate files; with them it speaks TLS only.

    Raises:
        NotInstalled: Go is missing or ``tests/servers/install.py`` has not been run.
    """

    name = "centrifugo"

    def __init__(
        self,
        *,
        ping: float = 25.0,
        pong: float = 10.0,
        ttl: int = 0,
        grace: float = 25.0,
        stale: float = 15.0,
        write_delay: float = 0.0,
        token: str = "",
        token_prefix: str = "",
        check_origin: bool = True,
        channel_limit: int = 128,
        tls: TlsFiles | None = None,
    ) -> None:
        install.require(install.CENTRIFUGO)
        if pong >= ping:
            raise ValueError("pong must be shorter than ping: the library checks no pong otherwise")
        super().__init__()
        self._tls = tls
        self._context = ssl.create_default_context(cafile=str(tls.ca)) if tls else None
        self._flags = {
            "address": f"127.0.0.1:{self.port}",
            "ping": f"{ping}s",
            "pong": f"{pong}s",
            "ttl": f"{ttl}s",
            "grace": f"{grace}s",
            "stale": f"{stale}s",
            "write-delay": f"{write_delay}s",
            "token": token,
            "token-prefix": token_prefix,
            "check-origin": str(check_origin).lower(),
            "channel-limit": str(channel_limit),
            "tls-cert": str(tls.cert) if tls else "",
            "tls-key": str(tls.key) if tls else "",
        }

    def command(self) -> list[str]:
        """The built program with its flags."""
        return [
            str(install.CENTRIFUGO),
            *(f"-{name}={value}" for name, value in self._flags.items()),
        ]

    def is_ready(self) -> bool:
        """Whether ``/healthz`` answers."""
        return request(self.port, "GET", "/healthz", tls=self._context, timeout=2)[0] == 200

    @property
    def ca_file(self) -> Path | None:
        """The authority that a client must trust, if the server speaks TLS."""
        return self._tls.ca if self._tls else None

    @property
    def url(self) -> str:
        """The address of the WebSocket."""
        return f"{'wss' if self._tls else 'ws'}://127.0.0.1:{self.port}/connection/websocket"

    def publish(self, topic: str, event: str, data: Payload) -> int:
        """Send an event to the subscribers of a topic, wrapped as Kick wraps it.

        Args:
            topic: The topic.
            event: The event's wire name.
            data: The payload; a text arrives as a JSON string, as Kick's do, and anything else
                as it is.

        Returns:
            The number of subscribers.
        """
        return self.publish_raw(topic, {"event": event, "data": data})

    def publish_raw(self, topic: str, publication: Any) -> int:
        """Send any JSON value as a publication's ``data`` and give the number of subscribers."""
        body = json.dumps(publication, separators=(",", ":")).encode()
        return int(self._post("publish", body, channel=topic)["subscribers"])

    def batch(self, topic: str, events: Iterable[tuple[str, Payload]]) -> int:
        """Send many events at once, so that several share a frame, and give their number.

        They surely share one frame if the server has a ``write_delay``.

        Args:
            topic: The topic.
            events: Pairs of wire name and payload.
        """
        items = [{"event": event, "data": data} for event, data in events]
        body = json.dumps(items, separators=(",", ":")).encode()
        answer = self._post("publish", body, channel=topic, split="1")
        return int(answer["published"])

    def refuse(self, topic: str, code: int, times: int | None = None) -> None:
        """Answer subscriptions of a topic with an error from now on.

        Args:
            topic: The topic.
            code: The error's code, for example 100, 103 or 109; 0 accepts it again.
            times: How many subscriptions to refuse before it is accepted again; None is for ever.
        """
        limit = -1 if times is None else times
        self._post("refuse", channel=topic, code=str(code), times=str(limit))

    def unsubscribe(self, topic: str, code: int = 2000, reason: str = "") -> None:
        """Take a topic from all its subscribers."""
        self._post("unsubscribe", channel=topic, code=str(code), reason=reason)

    def disconnect(self, code: int = 3000, reason: str = "") -> None:
        """Close every connection with a code."""
        self._post("disconnect", code=str(code), reason=reason)

    def stats(self, topic: str = "") -> CentrifugoStats:
        """Give the counts, with the subscribers of one topic."""
        path = f"/stats?{urlencode({'channel': topic})}"
        status, answer = request(self.port, "GET", path, tls=self._context)
        if status != 200:
            raise ServerFailed(f"centrifugo answered {status} to {path}: {answer}")
        return CentrifugoStats(**answer)

    def subscribers(self, topic: str) -> int:
        """The number of connections subscribed to a topic."""
        return self.stats(topic).subscribers

    def _post(self, what: str, body: bytes = b"", **query: str) -> Any:
        path = f"/{what}?{urlencode(query)}"
        status, answer = request(self.port, "POST", path, body, tls=self._context)
        if status != 200:
            raise ServerFailed(f"centrifugo answered {status} to {path}: {answer}")
        return answer
