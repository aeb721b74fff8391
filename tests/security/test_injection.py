"""What strangers write cannot reach a terminal, a log line, or a page as more than text."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kick_live import ChatMessage, Disconnected, Event, KickAPI, KickClient, decode
from kick_live.events.lifecycle import ErrorOccurred
from kick_live.protocols.base import Failed
from kick_live.protocols.centrifugo import CentrifugoProtocol
from kick_live.protocols.pusher import PusherProtocol
from kick_live.testing import KickSimulator
from kick_live.words import server_words

EVIL = "\x1b]0;owned\x07\x1b[2J\r\n2026-01-01 CRITICAL forged\x9b31m\u202e\u2028<script>"


def _messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


@given(text=st.text())
def test_a_servers_words_are_one_short_printable_line(text: str) -> None:
    """Whatever it says, nothing in it ends a line or commands a terminal."""
    words = server_words(text)
    assert len(words.splitlines()) <= 1
    assert len(words) <= 200
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in words)
    words.encode()


@pytest.mark.parametrize("transport", ["pusher", "centrifugo"])
def test_chat_that_makes_no_sense_leaves_clean_log_lines(
    sim: KickSimulator,
    api: KickAPI,
    transport: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Names, texts, topics and payloads full of escapes are logged, if at all, as one safe line."""
    caplog.set_level(logging.DEBUG)
    with KickClient("amber-quokka", transport=transport, api=api) as client:
        client.connect(10)
        topic = f"chatrooms.{sim.channel('amber-quokka').chatroom_id}.v2"
        payloads = [
            ("App\\Events\\ChatMessageEvent", {"id": EVIL, "content": EVIL, "sender": EVIL}),
            ("App\\Events\\ChatMessageEvent", {EVIL: EVIL}),
            ("App\\Events\\UserBannedEvent", {"user": {"username": EVIL, "id": EVIL}, EVIL: 1}),
            (EVIL, {"a": EVIL}),
        ]
        frames = [EVIL, json.dumps(EVIL)]
        for name, payload in payloads:
            for where in (topic, EVIL):
                data = {"event": name, "data": json.dumps(payload)}
                frames.append(json.dumps({**data, "channel": where}))
                frames.append(json.dumps({"push": {"channel": where, "pub": {"data": data}}}))
        for frame in frames:
            sim.publish_frame(frame)
        sim.channel("amber-quokka").chat("the end")
        client.wait_for(ChatMessage, 10, where=lambda message: message.content == "the end")
    assert any("could not be read" in message for message in _messages(caplog))
    assert not [message for message in _messages(caplog) if not message.isprintable()]


@pytest.mark.parametrize(("transport", "code"), [("pusher", 4200), ("centrifugo", 3001)])
def test_a_reason_full_of_escapes_is_quoted_with_care(
    sim: KickSimulator,
    api: KickAPI,
    transport: Any,
    code: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Close reasons come out of events, errors and logs as one printable line."""
    caplog.set_level(logging.DEBUG)
    with KickClient("amber-quokka", transport=transport, api=api) as client:
        client.connect(10)
        sim.close_connections(code, EVIL)
        lost = client.wait_for(Disconnected, 10)
    assert "forged" in lost.reason
    assert lost.reason.isprintable()
    assert not [message for message in _messages(caplog) if not message.isprintable()]


@pytest.mark.parametrize("transport", ["pusher", "centrifugo"])
def test_a_refusal_full_of_escapes_is_quoted_with_care(
    sim: KickSimulator, api: KickAPI, transport: Any
) -> None:
    """The error about a refused topic holds the server's words, made harmless."""
    room = sim.channel("amber-quokka").chatroom_id
    sim.refuse_topic(f"chatroom_{room}", 103, message=EVIL)
    with KickClient("amber-quokka", transport=transport, api=api) as client:
        client.connect(10)
        error = client.wait_for(ErrorOccurred, 10).error
    assert "forged" in str(error)
    assert str(error).isprintable()


def test_a_servers_words_in_the_protocols_are_harmless() -> None:
    """Whatever the place, the words that are passed on are printable."""
    centrifugo = CentrifugoProtocol(["a"])
    centrifugo.start(0.0)
    centrifugo.receive([json.dumps({"id": 1, "error": {"code": 1, "message": EVIL}})], 0.0)
    pusher = PusherProtocol(["a"])
    pusher.start(0.0)
    error = {"event": "pusher:error", "data": {"code": 4001, "message": EVIL}}
    pusher.receive([json.dumps(error)], 0.0)
    for protocol in (centrifugo, pusher):
        (failed,) = protocol.happenings()
        assert isinstance(failed, Failed)
        assert failed.reason
        assert failed.reason.isprintable()
        assert protocol.closed(4999, EVIL).reason.isprintable()


def test_the_text_of_chat_itself_is_kept_as_it_was_written() -> None:
    """Making it harmless is for whoever shows it; an event says what was sent."""
    event = decode(
        "ChatMessageEvent",
        {"id": "1", "content": EVIL, "sender": {"id": 1, "username": "=cmd|' /C calc'!A0"}},
    )
    assert isinstance(event, ChatMessage)
    assert (event.content, event.sender.username) == (EVIL, "=cmd|' /C calc'!A0")
    assert repr(event).isprintable()


@pytest.mark.parametrize("name", ["../../x", "a/b", "E\x00", "\\..\\..\\x", "__class__", "decode"])
def test_a_wire_name_is_looked_up_and_nothing_else(name: str) -> None:
    """No name reaches an attribute, a module or a file."""
    event: Event = decode(name, "{}")
    assert type(event).__name__ == "UnknownEvent"


def test_an_emotes_address_stays_on_kicks_cdn() -> None:
    """Only digits of a token get into the address."""
    content = "[emote:1/../../x:a] [emote:1:../../b] [emote:https://evil.example:x]"
    event = decode(
        "ChatMessageEvent",
        {"id": "1", "content": content, "sender": {"id": 1, "username": "Maple"}},
    )
    assert isinstance(event, ChatMessage)
    assert [emote.url for emote in event.emotes] == ["https://files.kick.com/emotes/1/fullsize"]


@pytest.mark.parametrize("transport", ["pusher", "centrifugo"])
def test_frames_without_sense_do_not_end_the_connection(
    sim: KickSimulator, api: KickAPI, transport: Any
) -> None:
    """Through long nonsense, deep nesting and huge numbers the same socket goes on."""
    frames = [
        "x" * 200_000,
        "[" * 200_000,
        '{"a":' * 30_000,
        json.dumps({"event": "E", "channel": "chatrooms." + "1" * 5000, "data": "{}"}),
        '{"push":{"channel":"chatrooms.%s","pub":{"data":{"event":"E","data":{}}}}}'.replace(
            "%s", "1" * 5000
        ),
        '{"event":"E","data":' + "9" * 50_000 + "}",
        '{"event":"\\ud800","data":"\\udc00","event":1}',
        "NaN",
        "{}\n" * 10_000,
        "\0",
        "",
    ]
    with KickClient("amber-quokka", transport=transport, api=api) as client:
        client.connect(10)
        for frame in frames:
            sim.publish_frame(frame)
        sim.channel("amber-quokka").chat("still here")
        client.wait_for(ChatMessage, 20)
        assert client.stats.reconnects == 0


@pytest.mark.parametrize("transport", ["pusher", "centrifugo"])
@pytest.mark.parametrize(
    "data",
    [
        b"\x81\x7f" + (100 << 20).to_bytes(8, "big") + b"x" * 100_000,
        b"\x81\x02\xff\xfe",
        b"\xf1\x00",
        b"\x88\x01\x00",
    ],
    ids=["100 MB", "not UTF-8", "reserved bits", "half a code"],
)
def test_a_broken_frame_costs_the_socket_and_nothing_else(
    sim: KickSimulator, api: KickAPI, transport: Any, data: bytes
) -> None:
    """The client reconnects and goes on."""
    with KickClient("amber-quokka", transport=transport, api=api) as client:
        client.connect(10)
        sim.publish_bytes(data)
        client.wait_for("reconnected", 20)
        sim.channel("amber-quokka").chat("still here")
        client.wait_for(ChatMessage, 10)


def test_a_server_that_is_full_for_every_topic_gets_no_crowd_of_connections(
    sim: KickSimulator, api: KickAPI
) -> None:
    """Where not a single topic was taken, another connection would not help: it is a refusal."""
    channel = sim.channel("amber-quokka")
    for topic in (
        *(f"chatroom{shape.format(channel.chatroom_id)}" for shape in ("s.{}", "_{}", "s.{}.v2")),
        *(f"channel{mark}{channel.channel_id}" for mark in "._"),
        f"predictions-channel-{channel.channel_id}",
    ):
        sim.refuse_topic(topic, 106)
    client = KickClient("amber-quokka", transport="centrifugo", api=api)
    with pytest.raises(Exception, match="refused the topic"):
        client.connect(5)
    client.close()
    posts = [request for request in sim.requests if "realtime/connection" in request.path]
    assert len(posts) == 1


def test_a_flood_of_frames_does_not_delay_close(sim: KickSimulator, api: KickAPI) -> None:
    """Closing is heard between two reads."""
    with KickClient("amber-quokka", transport="centrifugo", api=api) as client:
        client.connect(10)
        for _ in range(20):
            sim.publish_frame("x\n" * 300_000)
        start = time.monotonic()
        client.close()
        assert time.monotonic() - start < 3


def test_a_close_frames_reason_is_harmless_in_the_error() -> None:
    """The lowest layer quotes with care already."""
    from kick_live.net.frames import CloseFrame
    from kick_live.net.websocket import _closed

    error = _closed(CloseFrame(4200, EVIL))
    assert str(error).isprintable()
    assert error.reason.isprintable()
