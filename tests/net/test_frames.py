"""FrameReader: bytes in, messages out, held against a WebSocket implementation by others."""

from __future__ import annotations

import contextlib
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage

from kick_live.net.frames import CloseFrame, FrameError, FrameReader

TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 0x1, 0x2, 0x0, 0x8, 0x9, 0xA


def frame(opcode: int, payload: bytes = b"", *, final: bool = True) -> bytes:
    """A frame as a server writes it."""
    first, size = (0x80 if final else 0) | opcode, len(payload)
    if size < 126:
        head = bytes([first, size])
    elif size < 1 << 16:
        head = bytes([first, 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([first, 127]) + size.to_bytes(8, "big")
    return head + payload


def oracle(data: bytes) -> tuple[list[bytes], list[bytes], CloseFrame | None]:
    """What wsproto makes of the same bytes; of several pings the newest has to be answered."""
    peer = Connection(ConnectionType.CLIENT)
    peer.receive_data(data)
    texts: list[bytes] = []
    pings: list[bytes] = []
    close = None
    text, binary = "", b""
    for event in peer.events():
        if isinstance(event, TextMessage):
            text += event.data
            if event.message_finished:
                texts.append(text.encode())
                text = ""
        elif isinstance(event, BytesMessage):
            binary += event.data
            if event.message_finished:
                with contextlib.suppress(UnicodeDecodeError):
                    texts.append(binary.decode().encode())
                binary = b""
        elif isinstance(event, Ping):
            pings.append(bytes(event.payload))
        elif isinstance(event, CloseConnection):
            # wsproto writes 1005 for a close frame without a code.
            code = None if event.code == 1005 else int(event.code)
            close = CloseFrame(code, event.reason or "")
    return texts, pings[-1:], close


def fed(data: bytes, cuts: list[int]) -> tuple[list[bytes], list[bytes], CloseFrame | None]:
    """What FrameReader makes of bytes that arrive in pieces."""
    reader = FrameReader()
    texts: list[bytes] = []
    edges = [0, *sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]
    for start, end in itertools.pairwise(edges):
        texts += reader.feed(data[start:end])
    return texts, reader.pings[-1:], reader.close


_CONTROL = st.builds(
    lambda opcode, payload: frame(opcode, payload),
    st.sampled_from([PING, PONG]),
    st.binary(max_size=20) | st.just(b"x" * 125),
)


@st.composite
def _messages(draw: st.DrawFn) -> bytes:
    """A message in one or more frames, among which there may be control frames."""
    if draw(st.booleans()):
        opcode, payload = TEXT, draw(st.text(max_size=30)).encode()
    else:
        opcode, payload = BINARY, draw(st.binary(max_size=30))
    payload *= draw(st.sampled_from([1, 1, 1, 10, 3000]))
    cuts = sorted(draw(st.lists(st.integers(0, len(payload)), max_size=3)))
    edges = [0, *cuts, len(payload)]
    parts = [payload[start:end] for start, end in itertools.pairwise(edges)]
    out = b""
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        out += frame(opcode if number == 0 else CONTINUATION, part, final=last)
        if not last:
            out += b"".join(draw(st.lists(_CONTROL, max_size=1)))
    return out


_CLOSES = st.just(b"") | st.builds(
    lambda code, reason: frame(CLOSE, code.to_bytes(2, "big") + reason.encode()),
    st.sampled_from([1000, 1001, 3001, 3500, 4200, 4999]),
    st.text(max_size=20),
)


@settings(max_examples=100, deadline=None)
@given(
    items=st.lists(_messages() | _CONTROL, max_size=8),
    close=_CLOSES | st.just(frame(CLOSE)),
    cuts=st.lists(st.integers(0, 1 << 20), max_size=12),
)
def test_any_messages_cut_anywhere_read_as_others_read_them(
    items: list[bytes], close: bytes, cuts: list[int]
) -> None:
    """Texts, pings and the closing frame are those that wsproto sees in the same bytes."""
    data = b"".join(items) + close
    assert fed(data, cuts) == oracle(data)


def test_byte_by_byte_gives_the_same() -> None:
    """A slow network loses nothing."""
    data = frame(TEXT, b"one") + frame(PING, b"p") + frame(TEXT, b"x" * 70_000) + frame(CLOSE)
    assert fed(data, list(range(len(data)))) == (
        [b"one", b"x" * 70_000],
        [b"p"],
        CloseFrame(None, ""),
    )


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=60), cuts=st.lists(st.integers(0, 60), max_size=4))
def test_any_bytes_are_read_or_refused(data: bytes, cuts: list[int]) -> None:
    """Whatever a peer sends, nothing but FrameError comes out, with one of three codes."""
    try:
        fed(data, cuts)
    except FrameError as error:
        assert error.code in (1002, 1007, 1009)  # noqa: PT017 - not every example fails


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"\x81\x80mask", 1002, id="masked"),
        pytest.param(b"\xc1\x00", 1002, id="reserved-1"),
        pytest.param(b"\xa1\x00", 1002, id="reserved-2"),
        pytest.param(b"\x91\x00", 1002, id="reserved-3"),
        pytest.param(frame(0x3), 1002, id="opcode-3"),
        pytest.param(frame(0xB), 1002, id="opcode-11"),
        pytest.param(frame(CONTINUATION, b"x"), 1002, id="continuation-first"),
        pytest.param(frame(TEXT, b"x", final=False) + frame(TEXT), 1002, id="text-inside"),
        pytest.param(frame(TEXT, b"x", final=False) + frame(BINARY), 1002, id="binary-inside"),
        pytest.param(frame(PING, final=False), 1002, id="ping-in-parts"),
        pytest.param(frame(PING, b"x" * 126), 1002, id="ping-too-long"),
        pytest.param(frame(CLOSE, b"x" * 126), 1002, id="close-too-long"),
        pytest.param(frame(CLOSE, b"\x03"), 1002, id="half-a-close-code"),
        pytest.param(frame(CLOSE, b"\x03\xe8\xff"), 1007, id="close-reason"),
        pytest.param(frame(TEXT, b"\xff"), 1007, id="text"),
        pytest.param(frame(TEXT, b"\xed\xa0\x80"), 1007, id="surrogate"),
        pytest.param(
            frame(TEXT, b"\xc3", final=False) + frame(CONTINUATION, b"x"), 1007, id="text-in-parts"
        ),
        pytest.param(b"\x81\x7e\x04\x01", 1009, id="over-the-limit"),
        pytest.param(b"\x81\x7f" + b"\xff" * 8, 1009, id="absurd"),
        pytest.param(
            frame(TEXT, b"x" * 600, final=False) + frame(CONTINUATION, b"x" * 600, final=False),
            1009,
            id="over-the-limit-in-parts",
        ),
    ],
)
def test_a_broken_protocol_is_refused(data: bytes, code: int) -> None:
    """The code in the error is the one to close with; cutting the bytes does not change it."""
    for pieces in ([data], [data[i : i + 1] for i in range(len(data))]):
        reader = FrameReader(max_size=1024)
        with pytest.raises(FrameError) as caught:
            [reader.feed(piece) for piece in pieces]
        assert caught.value.code == code
        assert str(caught.value)


def test_a_message_of_exactly_the_limit_is_taken() -> None:
    """The limit is inclusive, in one frame or over several."""
    whole = frame(TEXT, b"x" * 1024)
    parts = frame(TEXT, b"x" * 1000, final=False) + frame(CONTINUATION, b"x" * 24)
    assert FrameReader(max_size=1024).feed(whole + parts) == [b"x" * 1024] * 2


def test_parts_are_counted_anew_for_each_message() -> None:
    """The limit is for a message, not for a connection."""
    message = frame(TEXT, b"x" * 600, final=False) + frame(CONTINUATION, b"x" * 400)
    assert len(FrameReader(max_size=1024).feed(message * 5)) == 5


def test_what_follows_a_closing_frame_is_ignored() -> None:
    """In the same read, and in later ones."""
    reader = FrameReader()
    close = frame(CLOSE, (4200).to_bytes(2, "big") + "später".encode())
    assert reader.feed(frame(TEXT, b"a") + close + frame(TEXT, b"b")) == [b"a"]
    assert reader.feed(frame(TEXT, b"c")) == []
    assert reader.close == CloseFrame(4200, "später")


def test_binary_that_is_no_text_is_left_out() -> None:
    """Binary frames of UTF-8 count as text; others are dropped without ending anything."""
    data = frame(BINARY, b"{}") + frame(BINARY, b"\xff\xfe") + frame(TEXT, b"after")
    assert FrameReader().feed(data) == [b"{}", b"after"]
