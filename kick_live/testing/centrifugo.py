"""Centrifugo's protocol 2 in JSON, from the server's side."""

from __future__ import annotations

import json
import math
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from kick_live.testing.connection import Connection
from kick_live.testing.websocket import Message

__all__ = ["CENTRIFUGO_REASONS", "CentrifugoConnection"]

#: Seen in connect replies in October 2026.
_VERSION: Final = "6.9.6 PRO"

#: The largest message of a client, in bytes.
_MAX_MESSAGE: Final = 65536

#: How many queued frames are joined into one message at most.
_MAX_BATCH: Final = 64

#: What Centrifugo says with its close codes.
CENTRIFUGO_REASONS: Final[Mapping[int, str]] = {
    3000: "connection closed",
    3001: "shutdown",
    3004: "internal server error",
    3005: "connection expired",
    3006: "subscription expired",
    3008: "slow",
    3009: "write error",
    3010: "insufficient state",
    3011: "force reconnect",
    3012: "no pong",
    3013: "too many requests",
    3014: "state invalidated",
    3500: "invalid token",
    3501: "bad request",
    3502: "stale",
    3503: "force disconnect",
    3504: "connection limit",
    3505: "channel limit",
    3506: "inappropriate protocol",
    3507: "permission denied",
    3508: "not available",
    3509: "too many errors",
}

_ERRORS: Final[Mapping[int, str]] = {
    100: "internal server error",
    101: "unauthorized",
    102: "unknown channel",
    103: "permission denied",
    105: "already subscribed",
    106: "limit exceeded",
    107: "bad request",
    108: "not available",
    109: "token expired",
    110: "expired",
    111: "too many requests",
}


class CentrifugoConnection(Connection):
    """A socket at ``/connection/websocket``."""

    protocol = "centrifugo"

    def opened(self) -> None:
        """Wait for the connect command."""
        self._connected = False
        self._client_id: str | None = None
        self._pings_unanswered = 0
        self._numbers: dict[str, int] = {}
        self.set_timer("stale", self._settings.stale_timeout, lambda: self.fail(3502))

    def received(self, message: Message) -> None:
        """Carry out one or more commands."""
        if message.size > _MAX_MESSAGE:
            self.close(1009, "message too big")
            return
        lines = [line for line in message.text.split("\n") if line.strip()]
        if not lines:
            self.fail(3501)
        for line in lines:
            if self._closing or self._finished:
                break
            try:
                command = json.loads(line)
            except (ValueError, RecursionError):
                command = None
            if isinstance(command, dict):
                self._command(command)
            else:
                self.fail(3501)

    def publication(self, topic: str, event: str, data: str) -> str:
        """Write a publication."""
        number = self._numbers.get(topic)
        place = {"channel": topic} if number is None else {"id": number}
        return _compact({"push": {**place, "pub": {"data": {"event": event, "data": data}}}})

    def ping(self) -> None:
        """Ask for a pong, if the client has connected and nobody plays dead."""
        if not self._connected or self._faults.silent:
            return
        self._pings_unanswered += 1
        self.send("{}")
        if "pong" not in self._timers:
            self.set_timer("pong", self._settings.pong_timeout, lambda: self.fail(3012))

    def shut_down(self) -> None:
        """Announce the stop."""
        self.fail(3001)

    def combine(self, texts: list[str]) -> list[str]:
        """Join what is queued with newlines."""
        return [
            "\n".join(texts[start : start + _MAX_BATCH])
            for start in range(0, len(texts), _MAX_BATCH)
        ]

    def fail(self, code: int, reason: str = "") -> None:
        """Close with a code; what was already answered goes out first."""
        self.close(code, reason or CENTRIFUGO_REASONS.get(code, ""))

    def push_unsubscribe(self, topic: str, code: int, reason: str) -> None:
        """End a subscription from the server's side."""
        if self._hub.leave(self, topic):
            self._numbers.pop(topic, None)
            push = {"channel": topic, "unsubscribe": {"code": code, "reason": reason}}
            self.send(_compact({"push": push}))

    def push_disconnect(self, code: int, reason: str) -> None:
        """Tell the client to go, and leave the closing to it."""
        terminal = 3500 <= code <= 3999 or 4500 <= code <= 4999
        reason = reason or CENTRIFUGO_REASONS.get(code, "")
        body = {"code": code, "reason": reason, "reconnect": not terminal}
        self.send(_compact({"push": {"disconnect": body}}))

    def _command(self, command: dict[str, Any]) -> None:
        if not command:
            self._pong()
            return
        number = command.get("id")
        # Evidence (a real server, 24 November 2026): id 0, a text id and no id all end in 3501.
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            self.fail(3501)
            return
        handlers: dict[str, Callable[[int, dict[str, Any]], None]] = {
            "connect": self._connect,
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "refresh": self._refresh,
            "publish": lambda number, _: self._error(number, 103),
            "rpc": lambda number, _: self._error(number, 108),
            "history": lambda number, _: self._error(number, 108),
            "presence": lambda number, _: self._error(number, 108),
            "presence_stats": lambda number, _: self._error(number, 108),
        }
        for name, handler in handlers.items():
            if isinstance(command.get(name), dict):
                if (name == "connect") == self._connected:
                    self.fail(3501)
                else:
                    handler(number, command[name])
                return
        self.fail(3501)

    def _pong(self) -> None:
        # Evidence (the same day): a {} that answers no ping ends in 3501.
        if not self._pings_unanswered:
            self.fail(3501)
            return
        self._pings_unanswered -= 1
        if not self._pings_unanswered:
            self.cancel_timer("pong")

    def _connect(self, number: int, request: dict[str, Any]) -> None:
        if self.refusal is not None:
            if self.refusal.code >= 1000:
                self.fail(self.refusal.code, self.refusal.reason)
            else:
                self._error(number, self.refusal.code, self.refusal.reason)
            return
        accepted = self._accept_token(number, request)
        if not accepted:
            return
        self.id = str(uuid.uuid4())
        self._connected = True
        self.cancel_timer("stale")
        reply = {
            **self._session(),
            "ping": math.ceil(self._settings.ping_interval),
            "pong": True,
        }
        self._reply(number, connect=reply)
        self._schedule_ping()

    def _accept_token(self, number: int, request: dict[str, Any]) -> bool:
        text = request.get("token")
        token = self._tokens.find(text) if isinstance(text, str) else None
        if not self._settings.require_tokens:
            self._until(time.monotonic() + self._settings.token_ttl)
            return True
        if not text:
            self.fail(3501)
        elif token is None or self._client_id not in (None, token.client_id):
            self.fail(3500)
        elif token.expires_at <= time.monotonic():
            self._error(number, 109)
        else:
            self._client_id = token.client_id
            self._until(token.expires_at)
            return True
        return False

    def _until(self, expires_at: float) -> None:
        self._expires_at = expires_at
        grace = self._settings.expiry_grace
        self.set_timer("expiry", expires_at - time.monotonic() + grace, lambda: self.fail(3005))

    def _session(self) -> dict[str, Any]:
        ttl = math.ceil(self._expires_at - time.monotonic())
        return {"client": self.id, "version": _VERSION, "expires": True, "ttl": max(1, ttl)}

    def _schedule_ping(self) -> None:
        def ping() -> None:
            self.ping()
            self._schedule_ping()

        self.set_timer("ping", self._settings.ping_interval, ping)

    def _subscribe(self, number: int, request: dict[str, Any]) -> None:
        topic = request.get("channel")
        if not isinstance(topic, str) or not 0 < len(topic) <= 255:
            self._error(number, 107)
            return
        refusal = self._faults.refused_topic(topic)
        if refusal is not None:
            self._error(number, refusal.code, refusal.message, temporary=refusal.temporary)
        elif topic.startswith(("private-", "presence-")):
            self._error(number, 103)
        elif topic in self.topics:
            self._error(number, 105)
        elif len(self.topics) >= self._settings.max_topics:
            self._error(number, 106)
        else:
            flag = request.get("flag")
            reply = self._number(topic) if isinstance(flag, int) and flag & 1 else {}
            text = _compact({"id": number, "subscribe": reply})
            if self._faults.acknowledge_late:
                self.set_timer(
                    f"ack {topic}",
                    self._faults.acknowledge_late,
                    lambda: self._hub.join(self, topic, text),
                )
            else:
                self._hub.join(self, topic, text)

    def _number(self, topic: str) -> dict[str, int]:
        if not self._faults.grant_compaction:
            return {}
        return {"id": self._numbers.setdefault(topic, 42 + len(self._numbers))}

    def _unsubscribe(self, number: int, request: dict[str, Any]) -> None:
        topic = str(request.get("channel", ""))
        self._hub.leave(self, topic)
        self._numbers.pop(topic, None)
        self._reply(number, unsubscribe={})

    def _refresh(self, number: int, request: dict[str, Any]) -> None:
        if self._accept_token(number, request):
            self._reply(number, refresh=self._session())

    def _reply(self, number: int, **body: Any) -> None:
        self.send(_compact({"id": number, **body}))

    def _error(
        self, number: int, code: int, message: str = "", *, temporary: bool | None = None
    ) -> None:
        if temporary is None:
            temporary = code in (100, 111)
        error: dict[str, Any] = {"code": code, "message": message or _ERRORS.get(code, "error")}
        if temporary:
            error["temporary"] = True
        self._reply(number, error=error)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
