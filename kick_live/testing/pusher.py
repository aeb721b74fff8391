"""Pusher's protocol 7, from the server's side."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Mapping
from typing import Any, Final

from kick_live.testing.connection import Connection
from kick_live.testing.websocket import Message

__all__ = ["PUSHER_REASONS", "PusherConnection"]

_TOPIC: Final = re.compile(r"[-a-zA-Z0-9_=@,.;]{1,200}")

#: What Pusher says with its codes.
PUSHER_REASONS: Final[Mapping[int, str]] = {
    4000: "Application only accepts SSL connections, reconnect using wss://",
    4001: "App key does not exist",
    4003: "Application disabled",
    4004: "Application is over connection quota",
    4005: "Path not found",
    4006: "Invalid version string format",
    4007: "Unsupported protocol version",
    4008: "No protocol version supplied",
    4009: "Connection is unauthorized",
    4100: "Over capacity",
    4200: "Please reconnect immediately",
    4201: "Pong reply not received in time",
    4202: "Closed after inactivity",
    4301: "Client event rejected",
}


class PusherConnection(Connection):
    """A socket at ``/app/{key}``."""

    protocol = "pusher"
    key = ""
    version: str | None = None

    def opened(self) -> None:
        """Greet, or say why not."""
        if self.refusal is not None and self.refusal.code >= 1000:
            self.fail(self.refusal.code, self.refusal.reason)
        elif self.key != self._settings.pusher_key:
            self.fail(4001, f"App key {self.key} does not exist.")
        elif self.version is None:
            self.fail(4008)
        elif self.version not in ("5", "6", "7"):
            self.fail(4007)
        else:
            self._greet()

    def received(self, message: Message) -> None:
        """Answer a frame; what cannot be understood is met with silence."""
        try:
            frame = json.loads(message.text)
        except (ValueError, RecursionError):
            return
        if not isinstance(frame, dict):
            return
        data = frame.get("data")
        if isinstance(data, str):
            try:
                data = json.loads(data)
            except (ValueError, RecursionError):
                data = None
        fields = data if isinstance(data, dict) else {}
        event = frame.get("event")
        if event == "pusher:ping":
            self.send(_frame("pusher:pong", {}))
        elif event == "pusher:subscribe":
            self._subscribe(str(fields.get("channel", "")))
        elif event == "pusher:unsubscribe":
            self._hub.leave(self, str(fields.get("channel", "")))
        elif isinstance(event, str) and event.startswith("client-"):
            self.send(_error(4301, "The app does not have client messaging enabled."))

    def publication(self, topic: str, event: str, data: str) -> str:
        """Write a publication."""
        return _frame(event, data, topic)

    def ping(self) -> None:
        """Ask for a pong."""
        self.send(_frame("pusher:ping", {}))

    def shut_down(self) -> None:
        """Send every client elsewhere."""
        self.fail(4200)

    def heard(self) -> None:
        """Begin the wait for the next sign of life."""
        self.set_timer(
            "silence",
            self._settings.activity_timeout + self._settings.silence_grace,
            lambda: self.fail(4201),
        )

    def fail(self, code: int, reason: str = "", *, error_event: bool = True) -> None:
        """Close with a code; the application's own codes are announced by an error frame."""
        reason = reason or PUSHER_REASONS.get(code, "")
        if error_event and code >= 4000:
            self.send(_error(code, reason))
            reason = ""
        self.close(code, reason)

    def _greet(self) -> None:
        self.id = f"{random.randrange(10**5, 10**6)}.{random.randrange(10**6, 10**7)}"  # nosec B311  # no secret
        timeout = math.ceil(self._settings.activity_timeout)
        self.heard()
        self.send(
            _frame(
                "pusher:connection_established",
                _compact({"socket_id": self.id, "activity_timeout": timeout}),
            )
        )

    def _subscribe(self, topic: str) -> None:
        refusal = self._faults.refused_topic(topic)
        if not _TOPIC.fullmatch(topic):
            self._refuse(topic, None, f"Invalid channel name {topic}", 4009)
        elif refusal is not None:
            self._refuse(topic, "AuthError", refusal.message, refusal.status)
        elif topic.startswith(("private-", "presence-")):
            self._refuse(topic, "AuthError", "The connection is unauthorized.", 401)
        elif topic in self.topics:
            self.send(_error(None, f"Existing subscription to channel {topic}"))
        elif self._faults.acknowledge_late:
            self.set_timer(
                f"ack {topic}", self._faults.acknowledge_late, lambda: self._acknowledge(topic)
            )
        else:
            self._acknowledge(topic)

    def _acknowledge(self, topic: str) -> None:
        shown = None if self._faults.omit_ack_topic else topic
        self._hub.join(self, topic, _frame("pusher_internal:subscription_succeeded", "{}", shown))

    def _refuse(self, topic: str, kind: str | None, error: str, status: int) -> None:
        data: dict[str, Any] = {"type": kind} if kind else {}
        data.update(error=error, status=status)
        self.send(_frame("pusher:subscription_error", data, topic))


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _frame(event: str, data: Any, topic: str | None = None) -> str:
    frame: dict[str, Any] = {"event": event, "data": data}
    if topic is not None:
        frame["channel"] = topic
    return _compact(frame)


def _error(code: int | None, message: str) -> str:
    return _frame("pusher:error", {"code": code, "message": message})
