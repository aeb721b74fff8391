"""Pusher's protocol, version 7, as a reader of public topics needs it.

==========  ==============================================  =====================================
state       what arrives                                    what follows
==========  ==============================================  =====================================
GREETING    ``pusher:connection_established``               READY; subscribe to the topics in turns
READY       ``pusher_internal:subscription_succeeded``      the topic is subscribed
READY       ``pusher:subscription_error``                   the topic is lost, the others stay
any         ``pusher:ping``                                 answer ``pusher:pong``
any         ``pusher:error``, 4000-4099                     ENDED: renegotiate
any         ``pusher:error``, 4100-4199                     ENDED: back off
any         ``pusher:error``, 4200-4299                     ENDED: reconnect
any         ``pusher:error``, other or no code              log; stay
READY       nothing for ``activity_timeout``                send ``pusher:ping``
READY       nothing for 30 s after that                     ENDED: back off
GREETING    nothing for ``greeting_timeout``                ENDED: back off
READY       any other name                                  a publication
==========  ==============================================  =====================================

Sources: Pusher's protocol pages; frames of Kick's channels, September 2026.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from kick_live.events.tolerant import ConversionError, parse_json
from kick_live.protocols.base import (
    MOST_PONGS,
    Action,
    CodeTable,
    Established,
    Protocol,
    Publication,
    State,
    TopicState,
    action_for,
    as_str,
    sane_seconds,
)
from kick_live.words import server_words

__all__ = ["PusherProtocol"]

_ERROR_EVENTS: Final[CodeTable] = (
    (4000, 4099, Action.RENEGOTIATE),
    (4100, 4199, Action.BACK_OFF),
    (4200, 4299, Action.RECONNECT),
)
#: Seconds: a server that asks for less would be pinged in a loop.
_LEAST_ACTIVITY_TIMEOUT: Final = 1.0
_PING: Final = '{"event":"pusher:ping","data":{}}'
_PONG: Final = '{"event":"pusher:pong","data":{}}'


_decode = msgspec.json.Decoder(Publication).decode
_decode_all = msgspec.json.Decoder(list[Publication]).decode


def _encode(event: str, data: dict[str, Any]) -> str:
    return msgspec.json.encode({"event": event, "data": data}).decode()


class PusherProtocol(Protocol):
    """One connection to a Pusher server.

    Args:
        topics: What to subscribe to after the greeting.
        activity_timeout: Seconds of silence after which to ask for a sign of life; the server's own
            value counts if it is smaller.
        pong_timeout: Seconds to wait for that sign.
        greeting_timeout: Seconds to wait for the greeting.

    Example:
        >>> protocol = PusherProtocol(["chatrooms.1.v2"])
        >>> protocol.start(now=0.0)
        >>> protocol.receive(['{"event":"pusher:connection_established","data":"{}"}'], now=0.1)
        >>> protocol.texts_to_send()
        ['{"event":"pusher:subscribe","data":{"auth":"","channel":"chatrooms.1.v2"}}']
    """

    provider = "pusher"
    close_codes = _ERROR_EVENTS

    def __init__(
        self,
        topics: Iterable[str] = (),
        *,
        activity_timeout: float = 120.0,
        pong_timeout: float = 30.0,
        greeting_timeout: float = 15.0,
    ) -> None:
        super().__init__(topics)
        self._greeting_timeout = greeting_timeout
        self.activity_timeout = activity_timeout
        self._pong_timeout = pong_timeout
        self._pinged_at: float | None = None
        self._answers = 0

    def receive(self, texts: Sequence[str | bytes], now: float) -> None:
        """Take in the texts of WebSocket messages, as ``str`` or UTF-8; nothing in them raises."""
        self.last_received = now
        self._pinged_at = None
        self._answers = 0
        # One call for all of them takes a quarter less than one for each. What a server could have put
        # together so over two frames, it could as well send in one.
        try:
            frames = _decode_all(b"[" + b",".join(texts) + b"]")  # type: ignore[arg-type]
        except (TypeError, msgspec.MsgspecError, UnicodeError, RecursionError):
            frames = []
        happened = self._happened
        for frame in frames if len(frames) == len(texts) else self._one_by_one(texts):
            if frame.name[:6] == "pusher":
                self._housekeeping(frame.name, frame.data, frame.topic)
            else:
                happened.append(frame)
        self._out += [_PONG] * min(self._answers, MOST_PONGS)

    def _one_by_one(self, texts: Iterable[str | bytes]) -> Iterator[Publication]:
        """Frames in their usual form; those in another are taken in when their turn comes."""
        for text in texts:
            try:
                frame = _decode(text)
            except (msgspec.MsgspecError, UnicodeError, RecursionError):
                self._receive_slowly(as_str(text))
            else:
                yield frame

    def _receive_slowly(self, text: str) -> None:
        """A frame without a topic or data, or that is off in some other way."""
        try:
            frame = parse_json(text)
        except ConversionError:
            frame = None
        name = frame.get("event") if isinstance(frame, dict) else None
        if not isinstance(frame, dict) or not isinstance(name, str):
            self._count_undecodable(text)
            return
        topic = frame.get("channel")
        topic = topic if isinstance(topic, str) else None
        if name.startswith("pusher"):
            self._housekeeping(name, frame.get("data"), topic)
        else:
            self._happened.append(Publication(topic, name, frame.get("data")))

    def _housekeeping(self, name: str, data: Any, topic: str | None) -> None:
        if name == "pusher:ping":
            self._answers += 1
        elif name == "pusher:connection_established":
            self._greet(_as_object(data))
        elif name == "pusher_internal:subscription_succeeded":
            self._succeed(topic)
        elif name == "pusher:subscription_error":
            self._refuse(topic, _as_object(data))
        elif name == "pusher:error":
            self._error(_as_object(data))

    def _greet(self, data: dict[str, Any]) -> None:
        if self.state is not State.GREETING:
            return
        timeout = sane_seconds(data.get("activity_timeout"))
        if timeout is not None:
            timeout = max(timeout, _LEAST_ACTIVITY_TIMEOUT)
            self.activity_timeout = min(self.activity_timeout, timeout)
        self.state = State.READY
        self._happened.append(Established())
        self._ask_for(list(self._topics))

    def _succeed(self, topic: str | None) -> None:
        if topic is None:
            # One observer saw acknowledgements without a topic (July 2026); the server answers in
            # order, so the oldest question is meant.
            topic = next((t for t, s in self._topics.items() if s is TopicState.SUBSCRIBING), None)
        if topic is not None:
            self._acknowledge(topic)

    def _refuse(self, topic: str | None, data: dict[str, Any]) -> None:
        if topic is not None:
            message = data.get("error") or data.get("type")
            status = data.get("status")
            self._lose(topic, status if isinstance(status, int) else None, server_words(message))

    def _error(self, data: dict[str, Any]) -> None:
        code = _as_code(data.get("code"))
        message = data.get("message")
        message = message if isinstance(message, str) else ""
        action = action_for(code, (*_ERROR_EVENTS, (0, 9999, Action.IGNORE)))
        if code is not None and action is not Action.IGNORE:
            self._fail(action, code, message)
            return
        # "Existing subscription to channel X": asked for twice, so it is ours already.
        for topic, state in self._topics.items():
            if state is TopicState.SUBSCRIBING and message.endswith(topic):
                self._acknowledge(topic)
                return

    def _send_subscribe(self, topics: Iterable[str]) -> None:
        for topic in topics:
            self._out.append(_encode("pusher:subscribe", {"auth": "", "channel": topic}))

    def _give_up(self, topic: str) -> None:
        self._out.append(_encode("pusher:unsubscribe", {"channel": topic}))

    def alive(self, now: float) -> None:
        """Something arrived, if only a part of a frame, or a WebSocket ping."""
        super().alive(now)
        self._pinged_at = None

    def tick(self, now: float) -> None:
        """Ask for a sign of life, or give up waiting for one."""
        if self.state is State.GREETING:
            if now >= self.last_received + self._greeting_timeout:
                self._fail(Action.BACK_OFF, None, "the server sent no greeting")
        elif self.state is State.READY:
            if self._pinged_at is not None:
                if now >= self._pinged_at + self._pong_timeout:
                    self._fail(Action.BACK_OFF, None, "the server fell silent")
            elif now >= self.last_received + self.activity_timeout:
                self._pinged_at = now
                self._out.append(_PING)
            self._ask_on(now)

    def deadline(self) -> float | None:
        """When ``tick`` should be called, or ``None``."""
        if self.state is State.GREETING:
            return self.last_received + self._greeting_timeout
        if self.state is not State.READY:
            return None
        if self._pinged_at is not None:
            silence = self._pinged_at + self._pong_timeout
        else:
            silence = self.last_received + self.activity_timeout
        asking = self._asking_at()
        return silence if asking is None else min(silence, asking)


def _as_object(data: Any) -> dict[str, Any]:
    if isinstance(data, str):
        try:
            data = parse_json(data)
        except ConversionError:
            return {}
    return data if isinstance(data, dict) else {}


def _as_code(code: Any) -> int | None:
    if isinstance(code, str) and code.isdecimal() and len(code) < 6:
        return int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else None
