"""What a hostile server may send to cost memory or time: all of it costs little, and ends."""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import attrs
import pytest

from kick_live import decode
from kick_live.events.gifts import GiftedSubscriptions
from kick_live.models.channel import Channel
from kick_live.models.content import parse_content, plain_text
from kick_live.net.frames import FrameError, FrameReader
from kick_live.protocols.base import Protocol, State, TopicLost
from kick_live.protocols.centrifugo import CentrifugoProtocol
from kick_live.protocols.pusher import PusherProtocol
from kick_live.session.duplicates import Duplicates
from kick_live.session.feed import Feed
from kick_live.session.gift_merger import GiftMerger
from kick_live.session.topics import topic_scope

ROOM = "chatrooms.71.v2"
MEGABYTE = 1 << 20


@contextmanager
def within(seconds: float, megabytes: float | None = None) -> Iterator[None]:
    """Fail if the block takes longer, or keeps more memory than it had."""
    if megabytes is not None:
        tracemalloc.start()
    start = time.process_time()
    try:
        yield
        spent = time.process_time() - start
        if megabytes is not None:
            kept, _ = tracemalloc.get_traced_memory()
            assert kept < megabytes * MEGABYTE
    finally:
        if megabytes is not None:
            tracemalloc.stop()
    assert spent < seconds


def greeted(transport: str, **reply: Any) -> Protocol:
    """A protocol that was let in and has its topic."""
    if transport == "pusher":
        protocol: Protocol = PusherProtocol([ROOM])
        hello = {"event": "pusher:connection_established", "data": reply}
        ack = {"event": "pusher_internal:subscription_succeeded", "channel": ROOM, "data": "{}"}
    else:
        protocol = CentrifugoProtocol([ROOM], token="secret")
        hello = {"id": 1, "connect": reply}
        ack = {"id": 2, "subscribe": {}}
    protocol.start(0.0)
    protocol.receive([json.dumps(hello)], 0.0)
    protocol.receive([json.dumps(ack)], 0.0)
    protocol.texts_to_send()
    protocol.happenings()
    return protocol


@pytest.mark.parametrize("transport", ["pusher", "centrifugo"])
@pytest.mark.parametrize(
    "value", [0, -1, 1e-9, 1e308, 5e8, 10**400, True, None, "1", float("nan"), float("inf")]
)
def test_no_time_that_a_server_names_makes_a_busy_loop(transport: str, value: Any) -> None:
    """After a tick the next deadline lies ahead, within reach of a selector, at any rate."""
    protocol = greeted(transport, activity_timeout=value, ttl=value, ping=value, expires=True)
    now, ticks = 0.0, 0
    while (deadline := protocol.deadline()) is not None and now < 3600:
        assert now <= deadline <= now + 86400 + 60
        now = max(now, deadline)
        protocol.tick(now)
        # As lively as a server can be: whatever was asked is answered at once.
        for _ in protocol.texts_to_send():
            pong = '{"event":"pusher:pong"}' if transport == "pusher" else "{}"
            protocol.receive([pong], now)
        if isinstance(protocol, CentrifugoProtocol):
            protocol.receive([json.dumps({"push": {"refresh": {"ttl": value}}})], now)
        after = protocol.deadline()
        assert after is None or after > now
        ticks += 1
    assert ticks <= 3600


@pytest.mark.parametrize(
    ("transport", "ping"), [("pusher", '{"event":"pusher:ping"}'), ("centrifugo", "{}")]
)
def test_a_flood_of_pings_is_not_answered_by_a_flood(transport: str, ping: str) -> None:
    """However many pings one read holds, a few answers go out."""
    protocol = greeted(transport, pong=True)
    protocol.receive([ping] * 5000, 1.0)
    if transport == "centrifugo":
        protocol.receive(["\n".join([ping] * 5000)], 1.0)
    assert 1 <= len(protocol.texts_to_send()) <= 20


def test_a_flood_of_websocket_pings_leaves_a_few_to_answer() -> None:
    """The newest pings count; the others are forgotten."""
    reader = FrameReader()
    reader.feed(b"".join(b"\x89\x04" + number.to_bytes(4, "big") for number in range(5000)))
    assert len(reader.pings) <= 10
    assert reader.pings[-1] == (4999).to_bytes(4, "big")


def test_endless_empty_fragments_cost_no_memory() -> None:
    """A message that never ends, in frames that hold nothing, keeps nothing."""
    reader = FrameReader()
    reader.feed(b"\x01\x00")
    chunk = b"\x00\x00" * 10_000
    with within(20, megabytes=1):
        for _ in range(50):
            assert reader.feed(chunk) == []


@pytest.mark.parametrize("size", [MEGABYTE + 1, 100 * MEGABYTE, 2**63, 2**64 - 1])
def test_a_frame_that_is_too_big_is_refused_by_its_header(size: int) -> None:
    """Not a byte of it is waited for."""
    with pytest.raises(FrameError, match="over the limit"):
        FrameReader().feed(b"\x81\x7f" + size.to_bytes(8, "big"))


def test_a_large_frame_in_small_pieces_takes_linear_time() -> None:
    """A megabyte in pieces of 100 bytes is put together once."""
    reader = FrameReader()
    frame = b"\x81\x7f" + MEGABYTE.to_bytes(8, "big") + b"x" * MEGABYTE
    texts = []
    with within(2):
        for start in range(0, len(frame), 100):
            texts += reader.feed(frame[start : start + 100])
    assert [len(text) for text in texts] == [MEGABYTE]


@pytest.mark.parametrize("line", ["", "x", "0", "[]", '{"id":5}', '{"push":{"pub":1}}'])
def test_a_megabyte_of_lines_without_sense_takes_little_time(line: str) -> None:
    """The rest of such a message is left out."""
    protocol = greeted("centrifugo")
    text = (line + "\n") * (MEGABYTE // (len(line) + 1))
    with within(3):
        protocol.receive([text], 1.0)
    assert protocol.state is State.READY


@pytest.mark.parametrize("depth", [100, 900, 980, 990, 995, 1000, 5000, 400_000])
@pytest.mark.parametrize("transport", ["pusher", "centrifugo"])
def test_nothing_nested_is_too_deep(transport: str, depth: int) -> None:
    """Around the interpreter's limit and far beyond, in every place, the protocol goes on."""
    protocol = greeted(transport)
    deep = "[" * depth + "]" * depth
    texts = [deep, '{"a":' * depth + "1" + "}" * depth]
    for shape in (
        '{"event":"E","data":%s}',
        '{"event":"pusher:error","data":{"code":1,"message":%s}}',
        '{"event":"pusher:subscription_error","channel":"chatrooms.71.v2","data":{"error":%s}}',
        '{"push":{"channel":"a","pub":{"data":{"event":"E","data":%s}}}}',
        '{"push":{"channel":"chatrooms.71.v2","unsubscribe":{"code":1,"reason":%s}}}',
        '{"id":3,"error":%s}',
    ):
        texts.append(shape.replace("%s", deep))
    protocol.receive(texts, 1.0)
    assert protocol.state is State.READY


@pytest.mark.parametrize("transport", ["pusher", "centrifugo"])
def test_repeated_losses_of_a_topic_are_told_once(transport: str) -> None:
    """Each would become an event that is never dropped."""
    protocol = greeted(transport)
    if transport == "pusher":
        text = json.dumps({"event": "pusher:subscription_error", "channel": ROOM, "data": {}})
    else:
        text = json.dumps({"push": {"channel": ROOM, "unsubscribe": {"code": 2000}}})
    protocol.receive([text] * 1000, 1.0)
    assert [type(happening) for happening in protocol.happenings()] == [TopicLost]


def test_a_flood_of_unsubscribe_pushes_asks_for_the_topic_a_few_times() -> None:
    """The server's invitation to subscribe again is taken up at a bounded rate."""
    protocol = greeted("centrifugo")
    push = json.dumps({"push": {"channel": ROOM, "unsubscribe": {"code": 2500}}})
    with within(3, megabytes=1):
        for second in range(100):
            protocol.receive(["\n".join([push] * 100)], second / 10)
            protocol.tick(second / 10)
            protocol.happenings()
    assert len(protocol.texts_to_send()) < 20


@pytest.mark.parametrize("transport", ["pusher", "centrifugo"])
def test_a_hundred_thousand_unknown_topics_and_ids_are_forgotten(transport: str) -> None:
    """What nobody asked for leaves nothing behind."""
    protocol = greeted(transport)
    with within(20, megabytes=1):
        for number in range(100_000):
            if transport == "pusher":
                event = ("subscription_succeeded", "subscription_error")[number % 2]
                texts = [
                    f'{{"event":"pusher_internal:{event}","channel":"t{number}","data":"{{}}"}}'
                ]
            else:
                texts = [
                    f'{{"id":{number + 100},"subscribe":{{"id":{number}}}}}',
                    f'{{"push":{{"channel":"t{number}","unsubscribe":{{"code":2500}}}}}}',
                ]
            protocol.receive(texts, 1.0)
    assert list(protocol.topics) == [ROOM]


def _gift(number: int, **chunk: Any) -> GiftedSubscriptions:
    event = decode(
        "GiftedSubscriptionsEvent",
        {"gifted_usernames": ["Maple"], "correlation_id": str(number), "chunk_details": chunk},
    )
    assert isinstance(event, GiftedSubscriptions)
    return event


def test_a_flood_of_divided_gifts_waits_in_bounded_numbers() -> None:
    """Beyond a hundred at a time the parts are let through as they come."""
    merger = GiftMerger()
    gift = _gift(1, chunk_index=0, total_chunks=3)
    delivered = 0
    with within(30, megabytes=2):
        for number in range(20_000):
            event = attrs.evolve(gift, correlation_id=str(number))
            delivered += len(merger.add(event, 0.0))
    assert delivered + len(merger.due(1e9)) == 20_000


@pytest.mark.parametrize(
    ("index", "total"), [(0, 10**9), (5, 10**30), (-1, 3), (3, 3), (10**30, 3), (0, 0), (0, -7)]
)
def test_a_part_whose_numbers_make_no_sense_is_delivered_as_it_is(index: int, total: int) -> None:
    """It is not waited for, and loses nothing."""
    merger = GiftMerger()
    event = _gift(1, chunk_index=index, total_chunks=total)
    assert merger.add(event, 0.0) == [event]
    assert merger.deadline() is None


@pytest.mark.parametrize(
    ("make", "count"),
    [
        (lambda n: ("SubscriptionEvent", {"username": f"maple{n}"}), 50_000),
        (lambda n: ("MessageDeletedEvent", {"id": str(n), "message": {"id": str(n)}}), 50_000),
        (lambda n: ("MoonPhaseChangedEvent", {"n": n}), 50_000),
        (lambda n: ("SubscriptionEvent", {"username": str(n) * 20_000}), 500),
        (lambda n: ("MessageDeletedEvent", {"id": str(n) * 20_000, "message": {"id": "1"}}), 500),
    ],
)
def test_a_flood_of_different_events_is_remembered_within_bounds(
    make: Callable[[int], tuple[str, Any]], count: int
) -> None:
    """Recognising repetitions takes neither growing memory nor growing time."""
    duplicates = Duplicates()
    events = (
        decode(name, json.dumps(data), topic="channel_1") for name, data in map(make, range(count))
    )
    with within(60, megabytes=2):
        for event in events:
            assert duplicates.is_new(event, 1.0)
    assert duplicates.count == 0


def test_a_long_id_is_still_recognised() -> None:
    """Whatever its length, the same message is delivered once."""
    duplicates = Duplicates()
    data = {"id": "7" * 5000, "content": "hi", "sender": {"id": 1, "username": "Maple"}}
    assert duplicates.is_new(decode("ChatMessageEvent", data), 0.0)
    assert not duplicates.is_new(decode("ChatMessageEvent", data), 1.0)
    assert duplicates.is_known("7" * 5000)


def test_a_feed_that_recovers_says_when_it_holds_too_many() -> None:
    """Ten thousand events wait for history; beyond that they are to be let go, and none is lost."""
    feed = Feed(Channel(slug="amber-quokka", channel_id=1, chatroom_id=2))
    feed.recovering = True
    event = decode("MoonPhaseChangedEvent", "{}")
    assert not any(list(feed.accept(event, 0.0)) for _ in range(10_000))
    assert not feed.overfull
    feed.accept(event, 0.0)
    assert feed.overfull
    _, held = feed.release((), 0.0)
    assert len(held) == 10_001


@pytest.mark.parametrize(
    "content",
    [
        "[emote:1:" * 100_000,
        "[emote:" + "1" * MEGABYTE,
        "[emote:1:x]" + " " * MEGABYTE + "a",
        "[emote:1:" + "[" * MEGABYTE,
    ],
)
def test_a_megabyte_of_half_an_emote_takes_little_time(content: str) -> None:
    """Beginnings without an end are not looked at again and again."""
    with within(3):
        plain_text(content)
        assert "".join(map(str, parse_content(content))) == content


@pytest.mark.parametrize("number", ["1" * 5000, "9" * 20, "１２", "-1", ""])
@pytest.mark.parametrize("shape", ["chatrooms.{}", "chatroom_{}.v2", "channel_{}", "x-channel-{}"])
def test_a_topic_with_a_number_that_cannot_be_an_id_is_of_no_channel(
    number: str, shape: str
) -> None:
    """Thousands of digits would be refused by int()."""
    assert topic_scope(shape.format(number)) is None


@pytest.mark.parametrize(
    ("name", "payload", "filling"),
    [
        ("GiftsLeaderboardUpdated", '{"leaderboard":[$1]}', "1," * 300_000),
        ("ChatMessageSentEvent", '{"$":1}', "aA" * 300_000),
        ("UserBannedEvent", '{"user":{"username":"a"},"duration":"$"}', "9" * 500_000),
        ("SubscriptionEvent", '{"username":"a","months":$}', "9" * 500_000),
        ("PollUpdateEvent", '{"poll":{"options":[$1]}}', '{"label":1},' * 50_000),
        (
            "ChatMessageEvent",
            '{"id":"1","content":"x","sender":{"username":"a","identity":{"badges":[$1]}}}',
            '{"text":1},' * 50_000,
        ),
    ],
)
def test_a_large_payload_full_of_mistakes_takes_little_time(
    name: str, payload: str, filling: str
) -> None:
    """Mending ends after a bounded number of values."""
    with within(5):
        decode(name, payload.replace("$", filling))
