"""The misbehaviour a test has scripted: for REST requests and for sockets."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from attrs import define, field, frozen

__all__ = ["Answer", "ConnectionRefusal", "RestFaults", "SocketFaults", "TopicRefusal"]

_CHALLENGE = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head>"
    "<body><noscript>Enable JavaScript and cookies to continue</noscript></body></html>"
)
_REFUSAL = {"error": "Request blocked by security policy.", "reference": "simulated-0000"}

#: The routes that sit behind the site's protection.
SITE_PREFIXES = (
    "/api/v2/",
    "/api/v1/channels/",
    "/api/v1/categories",
    "/api/v1/subcategories",
    "/current-viewers",
    "/emotes/",
    "/stream/",
)


@frozen(kw_only=True)
class Answer:
    """A scripted answer to a REST request.

    Attributes:
        status: The HTTP status.
        body: The text to send.
        headers: Additional headers, with the content type.
    """

    status: int
    body: str
    headers: Mapping[str, str]


@define
class _Rule:
    prefixes: tuple[str, ...]
    answer: Answer | None = None
    times: int | None = None
    delay: float = 0.0
    hold: bool = False

    def matches(self, path: str, *, rest: bool) -> bool:
        prefixes = self.prefixes if rest else tuple(p for p in self.prefixes if p != "/")
        return path.startswith(prefixes)


class RestFaults:
    """The scripted answers, delays and refusals of the REST routes.

    Every method may be called from any thread. The rule scripted last wins.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._rules: list[_Rule] = []
        self._stopping = False

    def fail(
        self,
        prefixes: Sequence[str],
        status: int,
        *,
        times: int | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer paths that begin with one of the prefixes with a status."""
        kind = "application/json"
        if body is None:
            body = {"message": f"simulated answer {status}"}
        if isinstance(body, str):
            text = body
            kind = "text/html; charset=UTF-8" if body.lstrip().startswith("<") else kind
        else:
            text = json.dumps(body)
        answer = Answer(status=status, body=text, headers={"Content-Type": kind, **(headers or {})})
        self._add(_Rule(tuple(prefixes), answer=answer, times=times))

    def block(self, *, challenge: bool) -> None:
        """Refuse the site's routes the way its protection does."""
        headers = {"Server": "cloudflare"}
        if challenge:
            headers["cf-mitigated"] = "challenge"
        self.fail(SITE_PREFIXES, 403, body=_CHALLENGE if challenge else _REFUSAL, headers=headers)

    def delay(self, prefix: str, seconds: float) -> None:
        """Answer late."""
        self._add(_Rule((prefix,), delay=seconds))

    def hold(self, prefix: str) -> None:
        """Do not answer until ``heal()``."""
        self._add(_Rule((prefix,), hold=True))

    def heal(self) -> None:
        """Forget every rule and let held requests go on."""
        with self._lock:
            self._rules.clear()
            self._changed.notify_all()

    def stop(self) -> None:
        """Release every waiting request for good."""
        with self._lock:
            self._stopping = True
            self._changed.notify_all()

    def start(self) -> None:
        """Wait and answer as scripted again, after ``stop()``."""
        self._stopping = False

    def apply(self, path: str, *, rest: bool = True) -> Answer | None:
        """Wait as scripted for a path, then say how to answer it.

        Args:
            path: The path of the request.
            rest: Whether the path is a REST route; a socket's path is only met by rules that name
                it, not by one for ``/``.

        Returns:
            The scripted answer, or ``None`` for the ordinary one.
        """
        with self._lock:
            rules = [rule for rule in self._rules if rule.matches(path, rest=rest)]
            seconds = sum(rule.delay for rule in rules)
            if seconds:
                self._changed.wait_for(lambda: self._stopping, seconds)
            if any(rule.hold for rule in rules):
                self._changed.wait_for(
                    lambda: (
                        self._stopping
                        or not any(
                            rule.hold and rule.matches(path, rest=rest) for rule in self._rules
                        )
                    )
                )
            for rule in reversed(self._rules):
                if rule.answer is None or not rule.matches(path, rest=rest) or rule.times == 0:
                    continue
                if rule.times is not None:
                    rule.times -= 1
                return rule.answer
        return None

    def _add(self, rule: _Rule) -> None:
        with self._lock:
            self._rules.append(rule)


@define
class TopicRefusal:
    """How one topic is refused.

    Attributes:
        code: The code of Centrifugo's error reply.
        message: The text of Centrifugo's error reply.
        temporary: Whether that reply invites a retry.
        status: The status in Pusher's subscription error.
        times: How many subscriptions are still refused; ``None`` for all.
    """

    code: int = 103
    message: str = "permission denied"
    temporary: bool = False
    status: int = 401
    times: int | None = None


@define
class ConnectionRefusal:
    """How new sockets are refused.

    Attributes:
        code: Under 400 an error reply to Centrifugo's connect command, 400-599 the HTTP status of
            the upgrade, from 1000 a close code.
        reason: The words that go with it.
        protocol: The protocol it applies to; ``None`` for both.
        times: How many sockets are still refused; ``None`` for all.
    """

    code: int
    reason: str = ""
    protocol: str | None = None
    times: int | None = None


_Refusal = TypeVar("_Refusal", TopicRefusal, ConnectionRefusal)


@define
class SocketFaults:
    """The scripted misbehaviour of sockets; single attributes are read without a lock."""

    silent: bool = False
    accept_then_close: bool = False
    omit_ack_topic: bool = False
    acknowledge_late: float = 0.0
    grant_compaction: bool = False
    topics: dict[str, TopicRefusal] = field(factory=dict)
    refusal: ConnectionRefusal | None = None
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def heal(self) -> None:
        """Forget everything that was scripted."""
        self.silent = self.accept_then_close = self.omit_ack_topic = self.grant_compaction = False
        self.acknowledge_late = 0.0
        self.topics.clear()
        self.refusal = None

    def refused_topic(self, topic: str) -> TopicRefusal | None:
        """Say whether this subscription is refused, and count it."""
        with self._lock:
            return _counted(self.topics.get(topic))

    def refused_connection(self, protocol: str) -> ConnectionRefusal | None:
        """Say whether this socket is refused, and count it."""
        with self._lock:
            refusal = self.refusal
            if refusal is None or refusal.protocol not in (None, protocol):
                return None
            return _counted(refusal)


def _counted(refusal: _Refusal | None) -> _Refusal | None:
    if refusal is None or refusal.times == 0:
        return None
    if refusal.times is not None:
        refusal.times -= 1
    return refusal
