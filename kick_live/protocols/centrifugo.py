"""Centrifugo's client protocol, version 2 in JSON, as a reader of public topics needs it.

Every WebSocket message holds one or more JSON documents, one a line.

==========  ==============================================  =====================================
state       what arrives                                    what follows
==========  ==============================================  =====================================
GREETING    reply to ``connect``                            READY; subscribe to the topics in turns
GREETING    error 109 in it                                 ENDED: new token
GREETING    error below 100, or ``temporary``               ENDED: back off
GREETING    any other error                                 ENDED: terminal
READY       reply to ``subscribe``                          the topic is subscribed
READY       error 105 in it                                 the topic is subscribed
READY       error 106                                       lost here; another connection may do
READY       error 109, or ``temporary``                     ask again after a growing wait
READY       any other error                                 the topic is lost, the others stay
any         ``{}``                                          answer ``{}`` if pongs were asked for
READY       reply to ``refresh``                            new time to live
READY       error in it                                     ENDED: new token
READY       push ``unsubscribe``, below 2500                the topic is lost
READY       push ``unsubscribe``, 2500 and up               subscribe again; after a wait if it
                                                            happens again within a minute
READY       push ``refresh``                                new time to live
any         push ``disconnect``                             ENDED: as for a close with its code
READY       push ``pub``                                    a publication
READY       nothing for ``ping`` + 10 s                     ENDED: back off
READY       15 s before the token's end                     ask for a new token
GREETING    nothing for ``greeting_timeout``                ENDED: back off
==========  ==============================================  =====================================

The ``flag`` of subscribe commands is left out, so that the server has no leave to replace topics by
numbers; should it do so all the same, the numbers are understood.

Sources: Centrifugo's documentation; exchanges with the centrifuge library, November 2026; notes of
clients that read Kick, September and October 2026.
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
    TokenWanted,
    action_for,
    as_str,
    earliest,
    sane_seconds,
)
from kick_live.words import server_words

__all__ = ["CentrifugoProtocol"]

_CLOSE_CODES: Final[CodeTable] = (
    (3005, 3005, Action.NEW_TOKEN),
    (3014, 3014, Action.NEW_TOKEN),
    (3000, 3499, Action.BACK_OFF),
    (3500, 3999, Action.TERMINAL),
    (4000, 4499, Action.BACK_OFF),
    (4500, 4999, Action.TERMINAL),
)
_ALREADY_SUBSCRIBED: Final = 105
_LIMIT_EXCEEDED: Final = 106
_TOKEN_EXPIRED: Final = 109
_RESUBSCRIBE_FROM: Final = 2500
_PONG: Final = "{}"
#: In one message; the rest of it is left out.
_MOST_BAD_LINES: Final = 1000
#: Seconds before the token's end at which a new one is asked for, and the least wait before that.
_REFRESH_BEFORE: Final = 15.0
_LEAST_REFRESH_DELAY: Final = 5.0


class _Data(msgspec.Struct, gc=False):
    event: str
    data: str


class _Pub(msgspec.Struct, gc=False):
    data: _Data


class _Push(msgspec.Struct, gc=False):
    pub: _Pub
    channel: str


class _Frame(msgspec.Struct, gc=False):
    push: _Push


_decoder = msgspec.json.Decoder(_Frame)
_decode, _decode_lines = _decoder.decode, _decoder.decode_lines


class CentrifugoProtocol(Protocol):
    """One connection to a Centrifugo server.

    Args:
        topics: What to subscribe to after the connect reply.
        token: The connection token; never logged.
        ping_margin: Seconds beyond the server's ping interval after which it counts as dead.
        greeting_timeout: Seconds to wait for the connect reply.

    Example:
        >>> protocol = CentrifugoProtocol(["chatrooms.1.v2"], token="t")
        >>> protocol.start(now=0.0)
        >>> protocol.texts_to_send()
        ['{"id":1,"connect":{"token":"t","name":"js"}}']
        >>> protocol.receive(['{"id":1,"connect":{"client":"c","ping":25,"pong":true}}'], now=0.1)
        >>> protocol.texts_to_send()
        ['{"id":2,"subscribe":{"channel":"chatrooms.1.v2"}}']
    """

    provider = "centrifugo"
    close_codes = _CLOSE_CODES

    def __init__(
        self,
        topics: Iterable[str] = (),
        *,
        token: str = "",
        ping_margin: float = 10.0,
        greeting_timeout: float = 15.0,
    ) -> None:
        super().__init__(topics)
        self._greeting_timeout = greeting_timeout
        self._token = token
        self._ping_margin = ping_margin
        self._ping = 0.0
        self._pong = False
        self._next_id = 1
        self._asked: dict[int, tuple[str, str]] = {}
        self._numbers: dict[int, str] = {}
        self._refresh_at: float | None = None
        self._answers = 0

    def _send(self, command: str, body: dict[str, Any], topic: str = "") -> str:
        number = self._next_id
        self._next_id += 1
        self._asked[number] = (command, topic)
        return msgspec.json.encode({"id": number, command: body}).decode()

    def start(self, now: float) -> None:
        """The socket is open: send the connect command."""
        super().start(now)
        body = {"token": self._token, "name": "js"} if self._token else {"name": "js"}
        self._out.append(self._send("connect", body))

    def receive(self, texts: Sequence[str | bytes], now: float) -> None:
        """Take in the texts of WebSocket messages, as ``str`` or UTF-8; nothing in them raises."""
        self.last_received = now
        self._answers = 0
        # One call for all of them takes a third less than one for each. What a server could have put
        # together so over two frames, it could as well send in one; documents without a line's end
        # between them are read as well.
        frames: Iterable[_Frame]
        try:
            frames = _decode_lines(b"\n".join(texts))  # type: ignore[arg-type]
        except (TypeError, msgspec.MsgspecError, UnicodeError, RecursionError):
            frames = self._line_by_line(texts, now)
        happened = self._happened
        for frame in frames:
            push = frame.push
            data = push.pub.data
            happened.append(Publication(push.channel, data.event, data.data))
        self._out += [_PONG] * min(self._answers, MOST_PONGS)

    def _line_by_line(self, texts: Iterable[str | bytes], now: float) -> Iterator[_Frame]:
        """Publications in their usual form; whatever else there is is taken in when its turn comes."""
        for text in texts:
            limit = self.undecodable + _MOST_BAD_LINES
            lines = text.split(b"\n") if isinstance(text, bytes) else text.split("\n")
            for line in lines:
                if not line:
                    continue
                try:
                    frame = _decode(line)
                except (msgspec.MsgspecError, UnicodeError, RecursionError):
                    self._receive_slowly(as_str(line), now)
                    if self.undecodable >= limit:
                        break  # a megabyte of such lines would take seconds
                else:
                    yield frame

    def _receive_slowly(self, line: str, now: float) -> None:
        """Whatever is not a publication in its usual form."""
        if not line or line.isspace():
            return
        try:
            message = parse_json(line)
        except ConversionError:
            message = None
        if not isinstance(message, dict):
            self._count_undecodable(line)
        elif not message:
            self._answers += self._pong
        elif isinstance(message.get("push"), dict):
            self._receive_push(message["push"], line, now)
        elif _as_code(message.get("id")) is not None:
            self._receive_reply(message, line, now)
        else:
            self._count_undecodable(line)

    # -- replies

    def _receive_reply(self, message: dict[str, Any], line: str, now: float) -> None:
        command, topic = self._asked.pop(message["id"], ("", ""))
        if not command:
            return
        if "error" in message:
            error = message["error"]
            if not isinstance(error, dict):
                self._count_undecodable(line)
                error = {}
            code, words = _as_code(error.get("code")), server_words(error.get("message"))
            self._refused(command, topic, code, words, error.get("temporary") is True, now)
            return
        body = message.get(command)
        body = body if isinstance(body, dict) else {}
        if command == "connect":
            self._greet(body, now)
        elif command == "subscribe":
            number = _as_code(body.get("id"))
            if number is not None:
                self._remember_number(number, topic)
            self._acknowledge(topic)
        elif command == "refresh":
            self._plan_refresh(body, now)

    def _refused(
        self, command: str, topic: str, code: int | None, words: str, temporary: bool, now: float
    ) -> None:
        if command == "connect":
            if code == _TOKEN_EXPIRED:
                self._fail(Action.NEW_TOKEN, code, words)
            elif temporary or code is None or code < 100:
                self._fail(Action.BACK_OFF, code, words)
            else:
                self._fail(Action.TERMINAL, code, words)
        elif command == "subscribe":
            if code == _ALREADY_SUBSCRIBED:
                self._acknowledge(topic)
            elif temporary or code == _TOKEN_EXPIRED:
                self._retry(topic, now, code, words)
            else:
                self._lose(topic, code, words, full=code == _LIMIT_EXCEEDED)
        elif command == "refresh":
            self._fail(Action.NEW_TOKEN, code, words)

    def _greet(self, body: dict[str, Any], now: float) -> None:
        if self.state is not State.GREETING:
            return
        self._ping = sane_seconds(body.get("ping")) or 0.0
        self._pong = body.get("pong") is True
        self._plan_refresh(body, now)
        self.state = State.READY
        self._happened.append(Established())
        self._ask_for(list(self._topics))

    def _plan_refresh(self, body: dict[str, Any], now: float) -> None:
        ttl = sane_seconds(body.get("ttl"))
        if ttl is not None and body.get("expires") is not False:
            self._refresh_at = now + max(_LEAST_REFRESH_DELAY, ttl - _REFRESH_BEFORE)
        else:
            self._refresh_at = None

    def _remember_number(self, number: int, topic: str) -> None:
        self._numbers = {n: t for n, t in self._numbers.items() if t != topic}
        self._numbers[number] = topic

    # -- pushes

    def _receive_push(self, push: dict[str, Any], line: str, now: float) -> None:
        topic = push.get("channel")
        if not isinstance(topic, str):
            number = _as_code(push.get("id"))
            topic = self._numbers.get(number) if number is not None else None
        if "pub" in push:
            self._receive_pub(topic, push["pub"], line, "id" in push)
        elif isinstance(push.get("disconnect"), dict):
            self._receive_disconnect(push["disconnect"])
        elif isinstance(push.get("unsubscribe"), dict) and topic is not None:
            self._receive_unsubscribe(topic, push["unsubscribe"], now)
        elif isinstance(push.get("refresh"), dict):
            self._plan_refresh(push["refresh"], now)

    def _receive_pub(self, topic: str | None, pub: Any, line: str, numbered: bool) -> None:
        data = pub.get("data") if isinstance(pub, dict) else None
        if isinstance(data, str):
            try:
                data = parse_json(data)
            except ConversionError:
                data = None
        name = data.get("event") if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(name, str) or (numbered and topic is None):
            self._count_undecodable(line)
            return
        self._happened.append(Publication(topic, name, data.get("data")))

    def _receive_disconnect(self, body: dict[str, Any]) -> None:
        code = _as_code(body.get("code"))
        self._fail(action_for(code, _CLOSE_CODES), code, server_words(body.get("reason")))

    def _receive_unsubscribe(self, topic: str, body: dict[str, Any], now: float) -> None:
        code = _as_code(body.get("code"))
        if topic not in self._topics:
            return
        if code is not None and code >= _RESUBSCRIBE_FROM:
            self._interrupt(topic, now)
        else:
            self._lose(topic, code, server_words(body.get("reason")))

    # -- going out

    def _send_subscribe(self, topics: Iterable[str]) -> None:
        commands = (self._send("subscribe", {"channel": topic}, topic) for topic in topics)
        self._out.append("\n".join(commands))

    def _give_up(self, topic: str) -> None:
        self._out.append(self._send("unsubscribe", {"channel": topic}, topic))

    def refresh(self, token: str, now: float) -> None:
        """Hand a new token to the server."""
        self._token = token
        if self.state is State.READY:
            self._out.append(self._send("refresh", {"token": token}))

    def tick(self, now: float) -> None:
        """Give up on a silent server, or ask for a new token."""
        if self.state is State.GREETING:
            if now >= self.last_received + self._greeting_timeout:
                self._fail(Action.BACK_OFF, None, "the server did not answer the connect command")
        elif self.state is State.READY:
            if self._ping and now >= self.last_received + self._ping + self._ping_margin:
                self._fail(Action.BACK_OFF, None, "the server fell silent")
                return
            if self._refresh_at is not None and now >= self._refresh_at:
                self._refresh_at = None
                self._happened.append(TokenWanted())
            self._ask_on(now)

    def deadline(self) -> float | None:
        """When ``tick`` should be called, or ``None``."""
        if self.state is State.GREETING:
            return self.last_received + self._greeting_timeout
        if self.state is not State.READY:
            return None
        silence = self.last_received + self._ping + self._ping_margin if self._ping else None
        return earliest((silence, self._refresh_at, self._asking_at()))


def _as_code(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
