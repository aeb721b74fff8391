"""Coverage-guided fuzzing of everything that a server's bytes reach.

Run one target at a time, for as long as there is patience::

    pip install atheris
    python tests/fuzz/fuzz_protocols.py TARGET -max_total_time=60

TARGET is one of ``pusher``, ``centrifugo``, ``frames``, ``decode``, ``content``. What follows is
passed to libFuzzer. An input that fails is written to the working directory; once the fault is
mended, keep it in ``tests/fuzz/corpus`` as ``TARGET-what-it-is``, and ``test_corpus.py`` replays it.
"""

from __future__ import annotations

import logging
import sys
from typing import Final

from kick_live.events.decoder import Decoder
from kick_live.events.registry import BY_WIRE_NAME
from kick_live.models.content import parse_content, plain_text
from kick_live.net.frames import FrameError, FrameReader
from kick_live.protocols.base import Protocol, Publication, State
from kick_live.protocols.centrifugo import CentrifugoProtocol
from kick_live.protocols.pusher import PusherProtocol

__all__ = ["TARGETS"]

_NAMES: Final = sorted(BY_WIRE_NAME)
_TOPICS: Final = ("chatrooms.7712045.v2", "channel_7733190")
_MOST_TICKS: Final = 50


def _drive(protocol: Protocol, data: bytes) -> None:
    """Feed texts separated by zero bytes; judge deadlines, and decode what is published."""
    now = 0.0
    protocol.start(now)
    decoder = Decoder()
    for piece in data.split(b"\0"):
        now += 1.0
        protocol.receive([_text(piece)], now)
        for happening in protocol.happenings():
            if isinstance(happening, Publication):
                repr(decoder.decode(happening.name, happening.data, topic=happening.topic))
            else:
                repr(happening)
        protocol.texts_to_send()
    for _ in range(_MOST_TICKS):
        deadline = protocol.deadline()
        if deadline is None:
            return
        now = max(now, deadline)
        protocol.tick(now)
        after = protocol.deadline()
        assert after is None or after > now or protocol.state is State.ENDED, "a busy loop"


def _text(data: bytes) -> str:
    """As UTF-8, lone surrogates included, which the parsers must bear as well."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def pusher(data: bytes) -> None:
    """Texts for a Pusher connection, after a greeting that the first byte asks for."""
    protocol = PusherProtocol(_TOPICS)
    if data[:1] != b"-":
        data = b'{"event":"pusher:connection_established","data":"{}"}\0' + data
    _drive(protocol, data)


def centrifugo(data: bytes) -> None:
    """Texts for a Centrifugo connection, after a reply that the first byte asks for."""
    protocol = CentrifugoProtocol(_TOPICS, token="secret")
    if data[:1] != b"-":
        data = b'{"id":1,"connect":{"ping":25,"pong":true,"ttl":60}}\0' + data
    _drive(protocol, data)


def frames(data: bytes) -> None:
    """Bytes for the frame reader: whole, and cut, which must give the same."""
    limit = 4096
    whole, pieces = FrameReader(limit), FrameReader(limit)
    step = data[0] % 16 + 1 if data else 1
    texts: list[str] = []
    failed = False
    try:
        for start in range(0, len(data), step):
            texts += pieces.feed(data[start : start + step])
    except FrameError:
        failed = True
    try:
        together = whole.feed(data)
    except FrameError:
        assert failed, "refused together, taken in pieces"
        return
    assert not failed, "taken together, refused in pieces"
    assert together == texts
    assert whole.close == pieces.close
    assert all(len(text) <= limit for text in texts)


def decode(data: bytes) -> None:
    """A payload for the event that the first byte chooses."""
    name = _NAMES[data[0] % len(_NAMES)] if data else ""
    decoder = Decoder()
    for payload in (_text(data[1:]), data[1:]):
        event = decoder.decode(name, payload)
        repr(event)
        hash(event)
        assert event == event


def content(data: bytes) -> None:
    """A message's text: joining its parts gives it back."""
    text = _text(data)
    assert "".join(map(str, parse_content(text))) == text
    plain_text(text)


TARGETS: Final = {
    function.__name__: function for function in (pusher, centrifugo, frames, decode, content)
}


def main() -> None:
    """Run libFuzzer on one target."""
    import atheris

    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        raise SystemExit(f"usage: {sys.argv[0]} {'|'.join(TARGETS)} [libFuzzer options]")
    logging.disable(logging.CRITICAL)
    target = TARGETS[sys.argv.pop(1)]
    for function in (
        Protocol._lose,
        PusherProtocol.receive,
        PusherProtocol._receive_slowly,
        PusherProtocol._housekeeping,
        PusherProtocol._error,
        CentrifugoProtocol.receive,
        CentrifugoProtocol._receive_slowly,
        CentrifugoProtocol._receive_reply,
        CentrifugoProtocol._receive_push,
        CentrifugoProtocol._receive_pub,
        FrameReader.feed,
        FrameReader._receive_frame,
        FrameReader._collect,
        FrameReader._receive_control,
        Decoder.decode,
        Decoder._decode_slowly,
    ):
        atheris.instrument_func(function)
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
