"""Cuts incoming WebSocket frames (RFC 6455) out of the bytes that a socket has, many at a time.

websocket-client reads a frame in at least two calls and spends 6 us on it; a read of 64 KiB holds a
hundred frames of a busy chat. Only reading is done here: the handshake, TLS, proxies, sending and
closing stay with websocket-client.
"""

from __future__ import annotations

import struct
from typing import Final

from attrs import frozen

__all__ = ["CloseFrame", "FrameError", "FrameReader"]

#: What a frame is.
TEXT: Final = 0x1
CLOSE: Final = 0x8
PONG: Final = 0xA
_CONTINUATION: Final = 0x0
_BINARY: Final = 0x2
_PING: Final = 0x9

#: Of a whole text in one frame, whose length is in the next two bytes.
_WHOLE_TEXT: Final = 0x817E
_unpack_head: Final = struct.Struct("!HH").unpack_from

_MOST_PINGS: Final = 10

PROTOCOL_ERROR: Final = 1002
INVALID_PAYLOAD: Final = 1007
TOO_BIG: Final = 1009


@frozen
class CloseFrame:
    """The peer's closing frame.

    Attributes:
        code: Its code, or ``None`` where it gave none.
        reason: Its words.
    """

    code: int | None
    reason: str


class FrameError(Exception):
    """The peer broke the protocol, or sent more than is allowed.

    Attributes:
        code: The close code that says so.
        texts: The messages that were complete before it, in order.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.texts: list[bytes] = []


class FrameReader:
    """Turns bytes, cut anywhere, into text messages.

    Args:
        max_size: The largest message in bytes, over all its frames.

    Attributes:
        pings: Payloads of the newest pings, ten at most, which are to be answered; the caller
            empties the list.
        close: The peer's closing frame, once it came.

    Example:
        >>> reader = FrameReader()
        >>> reader.feed(b"\\x81\\x02h"), reader.feed(b"i\\x89\\x00")
        ([], [b'hi'])
        >>> reader.pings
        [b'']
    """

    def __init__(self, max_size: int = 1 << 20) -> None:
        self.pings: list[bytes] = []
        self.close: CloseFrame | None = None
        self._max_size = max_size
        self._buffer = bytearray()
        self._needed = 2
        self._opcode: int | None = None
        self._message = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes in.

        Args:
            data: What the socket had.

        Returns:
            The text messages that are complete now, in order, as the UTF-8 that they are: who parses
            them needs no ``str``. Binary messages that hold UTF-8 text count as text. What comes after
            a closing frame is ignored.

        Raises:
            FrameError: The peer broke the protocol; the connection is of no more use. The error has
                the messages that were complete before.
        """
        if not self._buffer and self._opcode is None and self.close is None and len(data) > 3:
            # Nothing but one text of middle length, as an event that comes alone is.
            head, size = _unpack_head(data)
            if head == _WHOLE_TEXT and len(data) == 4 + size and size <= self._max_size:
                return [_checked(data[4:])]
        texts: list[bytes] = []
        try:
            self._feed(data, texts)
        except FrameError as error:
            error.texts = texts
            raise
        return texts

    def _feed(self, data: bytes, texts: list[bytes]) -> None:
        if self._buffer:
            self._buffer += data
            if len(self._buffer) < self._needed:
                return
            data = bytes(self._buffer)
            self._buffer.clear()
        position, available = 0, len(data)
        needed = 2
        while self.close is None:
            if self._opcode is None:
                position = self._cut_usual(data, position, texts)
            start = position + 2
            if start > available:
                break
            first, length = data[position], data[position + 1]
            if length > 125:
                if length & 0x80:
                    raise FrameError(PROTOCOL_ERROR, "a server must not mask its frames")
                start += 2 if length == 126 else 8
                if start > available:
                    needed = start - position
                    break
                length = int.from_bytes(data[position + 2 : start], "big")
                if length > self._max_size:
                    raise FrameError(TOO_BIG, f"a frame of {length} bytes is over the limit")
            end = start + length
            if end > available:
                needed = end - position
                break
            self._receive_frame(first, data[start:end], texts)
            position = end
        if position < available and self.close is None:
            self._buffer += data[position:] if position else data
            self._needed = needed

    def _cut_usual(self, data: bytes, position: int, texts: list[bytes]) -> int:
        """Cut whole texts of middle length, which nearly all are, and say where others begin."""
        unpack, available = _unpack_head, len(data)
        last = available - 4
        while position <= last:
            head, size = unpack(data, position)
            start = position + 4
            end = start + size
            if head != _WHOLE_TEXT or end > available or size > self._max_size:
                break
            text = data[start:end]
            # Asked here as well, since a call costs more than the answer.
            texts.append(text if text.isascii() else _checked(text))
            position = end
        return position

    def _receive_frame(self, first: int, payload: bytes, texts: list[bytes]) -> None:
        final, opcode = first & 0x80, first & 0x0F
        if first & 0x70:
            raise FrameError(PROTOCOL_ERROR, "a reserved bit is set without an extension")
        if opcode >= CLOSE:
            self._receive_control(final, opcode, payload)
        elif opcode == _CONTINUATION:
            if self._opcode is None:
                raise FrameError(PROTOCOL_ERROR, "a continuation without a beginning")
            self._collect(final, payload, texts)
        elif opcode in (TEXT, _BINARY):
            if self._opcode is not None:
                raise FrameError(PROTOCOL_ERROR, "a new message inside another")
            self._opcode = opcode
            self._collect(final, payload, texts)
        else:
            raise FrameError(PROTOCOL_ERROR, f"unknown opcode {opcode}")

    def _collect(self, final: int, payload: bytes, texts: list[bytes]) -> None:
        self._message += payload
        if len(self._message) > self._max_size:
            raise FrameError(TOO_BIG, f"a message of over {self._max_size} bytes")
        if final:
            opcode, message = self._opcode, bytes(self._message)
            self._opcode, self._message = None, bytearray()
            if opcode == TEXT:
                texts.append(_checked(message))
            elif _is_utf8(message):
                texts.append(message)

    def _receive_control(self, final: int, opcode: int, payload: bytes) -> None:
        if not final or len(payload) > 125:
            raise FrameError(PROTOCOL_ERROR, "a control frame is too long or fragmented")
        if opcode == CLOSE:
            self.close = _parse_close(payload)
        elif opcode == _PING:
            # RFC 6455, 5.5.3: of several pings, the newest alone may be answered. So a flood of them
            # is not answered by another.
            self.pings = [*self.pings[1 - _MOST_PINGS :], payload]
        elif opcode != PONG:
            raise FrameError(PROTOCOL_ERROR, f"unknown opcode {opcode}")


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _checked(data: bytes) -> bytes:
    if not _is_utf8(data):
        raise FrameError(INVALID_PAYLOAD, "a text is not UTF-8")
    return data


def _parse_close(payload: bytes) -> CloseFrame:
    if len(payload) < 2:
        if payload:
            raise FrameError(PROTOCOL_ERROR, "a close frame with half a code")
        return CloseFrame(None, "")
    try:
        reason = payload[2:].decode()
    except UnicodeDecodeError:
        raise FrameError(INVALID_PAYLOAD, "a close reason is not UTF-8") from None
    return CloseFrame(int.from_bytes(payload[:2], "big"), reason)
