"""An event that nobody wants yet, and is wanted after all: the same as if read at once."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from payloads import PAYLOADS

from kick_live import (
    Channel,
    ChatMessage,
    Event,
    GiftedSubscriptions,
    StreamEnd,
    StreamerIsLive,
    UndecodableEvent,
)
from kick_live.events.decoder import Decoder
from kick_live.events.registry import BY_WIRE_NAME
from kick_live.events.unread import UnreadEvent, UnreadMessage
from kick_live.session.duplicates import Duplicates

CHANNEL = Channel(slug="amber-quokka", channel_id=73, chatroom_id=71)
WHEN = datetime(2026, 10, 5, 18, tzinfo=timezone.utc)
MESSAGE = {
    "id": "m1",
    "chatroom_id": 71,
    "content": "hi",
    "type": "message",
    "created_at": "2026-10-05T18:00:01+00:00",
    "sender": {"id": 1, "username": "maple", "slug": "maple", "identity": {"badges": []}},
}

#: What may stand where something else is expected.
odd = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.just([]), st.just({})
)
#: A message with some fields missing, and some holding something else.
drifting = st.builds(
    lambda kept, changes: {**{key: MESSAGE[key] for key in kept}, **changes},
    st.sets(st.sampled_from(sorted(MESSAGE))),
    st.dictionaries(st.sampled_from([*sorted(MESSAGE), "metadata", "new"]), odd, max_size=3),
)


def both(name: str, data: Any) -> tuple[Event, Event, Decoder, Decoder]:
    """An event read at once, the same read late, and the decoders that did so."""
    at_once, late = Decoder(), Decoder()
    event = at_once.decode(name, data, "t", CHANNEL, WHEN)
    skimmed = late.skim(name, data, "t", CHANNEL, WHEN)
    if isinstance(skimmed, (UnreadMessage, UnreadEvent)):
        assert skimmed.raw == data
        skimmed = late.read(skimmed)
    return event, skimmed, at_once, late


@given(drifting.map(json.dumps) | st.text(max_size=20))
@example(json.dumps(MESSAGE))
@example(json.dumps({**MESSAGE, "sender": None}))
@example(json.dumps({**MESSAGE, "created_at": 253402300800}))
@example(json.dumps(MESSAGE)[:-1])
@example('{"id": "m1", "id": "m2"}')
@example('{"id": "m\ud800"}')
@example("[" * 100_000)
def test_reading_late_makes_no_difference(data: str) -> None:
    """Whatever a payload holds, the event and the counts are those of reading it at once."""
    event, late, first, second = both("App\\Events\\ChatMessageEvent", data)
    assert (type(event), event, event.raw) == (type(late), late, late.raw)
    assert (first.repaired, first.undecodable) == (second.repaired, second.undecodable)


#: They decide what becomes of others.
READ_AT_ONCE = {GiftedSubscriptions, StreamerIsLive, StreamEnd}


@pytest.mark.parametrize("name", PAYLOADS)
def test_every_kind_waits_but_for_those_that_decide_about_others(name: str) -> None:
    """And becomes what it would have been, whatever its kind."""
    data = json.dumps(PAYLOADS[name])
    skimmed = Decoder().skim(name, data, "t", CHANNEL, WHEN)
    waits = isinstance(skimmed, (UnreadMessage, UnreadEvent))
    assert waits == (BY_WIRE_NAME[name] not in READ_AT_ONCE)
    event, late, *_ = both(name, data)
    assert (type(event), event, event.raw) == (type(late), late, late.raw)


@pytest.mark.parametrize("name", PAYLOADS)
@pytest.mark.parametrize("unread_first", [True, False])
def test_a_repetition_is_recognised_whether_read_or_not(name: str, unread_first: bool) -> None:
    """What comes again, on another topic, is one event if it would be were both of them read."""
    data = json.dumps(PAYLOADS[name])
    decoder, read, mixed = Decoder(), Duplicates(), Duplicates()
    first, second = (decoder.decode(name, data, topic, CHANNEL, WHEN) for topic in "ab")
    expected = [read.is_new(event, 0.0) for event in (first, second)]
    if unread_first:
        first = decoder.skim(name, data, "a", CHANNEL, WHEN)
    else:
        second = decoder.skim(name, data, "b", CHANNEL, WHEN)
    assert [mixed.is_new(event, 0.0) for event in (first, second)] == expected


@pytest.mark.parametrize("name", PAYLOADS)
@given(data=st.text(max_size=20) | odd.map(json.dumps))
def test_nonsense_is_told_at_once_or_later(name: str, data: str) -> None:
    """What a payload cannot be is found however late it is read."""
    event, late, first, second = both(name, data)
    assert (type(event), event, event.raw) == (type(late), late, late.raw)
    assert first.undecodable == second.undecodable


def test_an_unread_message_has_what_ordering_needs() -> None:
    """Id, both times, channel, topic and the payload are there."""
    skimmed: Any = Decoder().skim("ChatMessageEvent", json.dumps(MESSAGE), "t", CHANNEL, WHEN)
    event = Decoder().decode("ChatMessageEvent", json.dumps(MESSAGE), "t", CHANNEL, WHEN)
    assert isinstance(event, ChatMessage)
    for name in ("id", "created_at", "channel", "topic", "received_at", "historical", "latency"):
        assert getattr(skimmed, name) == getattr(event, name)


def test_what_cannot_be_read_says_so_late() -> None:
    """A message without sender is undecodable under its own name."""
    data = json.dumps({**MESSAGE, "sender": 7})
    _, late, *_ = both("App\\Events\\ChatMessageEvent", data)
    assert isinstance(late, UndecodableEvent)
    assert (late.name, late.wire_name) == ("ChatMessageEvent", "App\\Events\\ChatMessageEvent")
