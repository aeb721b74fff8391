"""decode(): from a name and a payload to an event; it never raises."""

from __future__ import annotations

import json
import pickle
import threading
from datetime import datetime, timezone
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from payloads import PAYLOADS

from kick_live import Channel, Event, UndecodableEvent, UnknownEvent, decode
from kick_live.events import ChatMessage, PinnedMessageCreated, StreamEnd
from kick_live.events.decoder import Decoder
from kick_live.events.registry import BY_WIRE_NAME

CHANNEL = Channel(slug="amber-quokka", channel_id=73, chatroom_id=71)
MESSAGE = {"id": "m", "sender": {"username": "maple", "id": 1}, "content": "hi"}
WHEN = datetime(2026, 10, 5, 18, tzinfo=timezone.utc)


def made(name: str, data: Any) -> Event:
    """An event that was received at a fixed time, so that it can be compared."""
    return Decoder().decode(name, data, received_at=WHEN)


def test_every_wire_name_has_a_payload_to_test_with() -> None:
    """No event class is left out below."""
    assert set(PAYLOADS) == set(BY_WIRE_NAME)


@pytest.mark.parametrize("name", PAYLOADS)
def test_text_bytes_and_objects_decode_alike(name: str) -> None:
    """With prefix, without, nested, as text, as bytes, already parsed: the same event."""
    payload = PAYLOADS[name]
    text = json.dumps(payload)
    first = made(name, text)
    assert type(first) is BY_WIRE_NAME[name]
    for other in (
        made(f"App\\Events\\{name}", text),
        made(f"App\\Events\\Deep\\{name}", text),
        made(name, text.encode()),
        made(name, payload),
    ):
        assert first == other


@pytest.mark.parametrize("name", PAYLOADS)
def test_unknown_fields_are_ignored_everywhere(name: str) -> None:
    """A newer server adds fields at any depth; nothing of the event changes."""

    def widened(value: Any) -> Any:
        if isinstance(value, dict):
            return {"newField": [1], **{k: widened(v) for k, v in value.items()}, "zz": {"a": 1}}
        return [widened(item) for item in value] if isinstance(value, list) else value

    free_form = {"NewActivityFeedEvent"}
    if name not in free_form:
        assert made(name, json.dumps(widened(PAYLOADS[name]))) == made(name, PAYLOADS[name])


def test_an_event_says_how_it_was_received() -> None:
    """Channel, topic, time, source and the text as received are bound to it."""
    when = datetime(2026, 10, 5, tzinfo=timezone.utc)
    text = json.dumps(MESSAGE)
    event = Decoder().decode(
        "ChatMessageEvent", text, topic="t", channel=CHANNEL, received_at=when, historical=True
    )
    assert (event.channel, event.topic, event.received_at) == (CHANNEL, "t", when)
    assert (event.historical, event.raw) == (True, text)


def test_what_is_inside_belongs_to_the_same_channel() -> None:
    """A pinned message has its pin's channel and time."""
    event = Decoder().decode(
        "PinnedMessageCreatedEvent", {"message": MESSAGE}, topic="t", channel=CHANNEL
    )
    assert isinstance(event, PinnedMessageCreated)
    inner = event.message
    assert (inner.channel, inner.topic, inner.received_at) == (CHANNEL, "t", event.received_at)


def test_now_is_the_time_where_none_is_given() -> None:
    """In UTC, with its zone."""
    before = datetime.now(timezone.utc)
    event = decode("PollDeleteEvent", "[]")
    assert before <= event.received_at <= datetime.now(timezone.utc)
    assert event.latency is None


def test_latency_is_arrival_less_kicks_time() -> None:
    """Where the event carries one."""
    when = datetime(2026, 10, 5, 18, 0, 3, tzinfo=timezone.utc)
    payload = {**MESSAGE, "created_at": "2026-10-05T18:00:01+00:00"}
    event = Decoder().decode("ChatMessageEvent", payload, received_at=when)
    assert event.latency is not None
    assert event.latency.total_seconds() == 2.0


def test_raw_is_text_whatever_came() -> None:
    """Objects and bytes are written out; odd values in some form that does not raise."""
    assert decode("X", {"a": 1}).raw == '{"a":1}'
    assert decode("X", b'{"a":"\xff"}').raw == '{"a":"\ufffd"}'
    assert decode("X", None).raw == "null"
    assert "object" in decode("X", object()).raw
    assert decode("X", {1j: 2}).raw == "{1j: 2}"
    assert decode("X", [10**400]).raw == f"[{10**400}]"
    assert decode("X", [10**5000]).raw == "<list>"


def test_a_number_beyond_all_measure_costs_its_field_alone() -> None:
    """Python refuses to read thousands of digits; whether anybody knows the field does not matter."""
    digits = "9" * 5000
    for field in ("moon_phase", "chatroom_id", "content"):
        message = {key: value for key, value in MESSAGE.items() if key != field}
        data = json.dumps(message)[:-1] + f', "{field}": {digits}}}'
        event = Decoder().decode("ChatMessageEvent", data)
        assert isinstance(event, ChatMessage)
        assert event.id == MESSAGE["id"]
        assert event.content == ("" if field == "content" else MESSAGE["content"])
    unusable = '{"sender": {"username": "Maple"}, "id": ' + digits + "}"
    assert isinstance(decode("ChatMessageEvent", unusable), UndecodableEvent)


# -- unknown and unreadable


def test_an_unknown_name_keeps_its_payload() -> None:
    """As text, and parsed on request."""
    event = decode("App\\Events\\MoonPhaseChangedEvent", '{"phase": "full"}', "t")
    assert isinstance(event, UnknownEvent)
    assert (event.name, event.wire_name) == (
        "MoonPhaseChangedEvent",
        "App\\Events\\MoonPhaseChangedEvent",
    )
    assert (event.topic, event.data) == ("t", {"phase": "full"})
    assert decode("X", "not json").data == "not json"  # type: ignore[attr-defined]


@pytest.mark.parametrize("data", ["", "not json", '"text"', "7", "true", "[1]", "[" * 100_000])
def test_a_payload_that_is_no_object_is_unreadable(data: str) -> None:
    """The event says what is wrong, and keeps the text."""
    event = decode("ChatMessageEvent", data)
    assert isinstance(event, UndecodableEvent)
    assert (event.name, event.raw) == ("ChatMessageEvent", data)
    assert event.error


@pytest.mark.parametrize("data", ["[]", "null", "{}", None, [], {}])
def test_an_event_without_required_parts_takes_an_empty_payload(data: Any) -> None:
    """PHP writes [] for an empty object."""
    assert type(decode("ChatroomClearEvent", data)) is BY_WIRE_NAME["ChatroomClearEvent"]
    assert isinstance(decode("SubscriptionEvent", data), UndecodableEvent)


def test_the_error_names_the_path() -> None:
    """What is missing, and where: a sender without a name is none."""
    event = decode("ChatMessageEvent", {"id": "m", "sender": {"id": 1}})
    assert isinstance(event, UndecodableEvent)
    assert "`sender`" in event.error
    assert event.error.endswith(" @ $")


def test_the_decoder_keeps_count() -> None:
    """Of what it mended, what it could not read, and what it does not know."""
    decoder = Decoder()
    decoder.decode("ChatMessageEvent", json.dumps(MESSAGE))
    decoder.decode("ChatMessageEvent", json.dumps({**MESSAGE, "created_at": "yesterday"}))
    decoder.decode("ChatMessageEvent", "{}")
    decoder.decode("MoonPhaseChangedEvent", "{}")
    assert (decoder.repaired, decoder.undecodable, decoder.unknown) == (1, 1, 1)


def test_what_says_nothing_is_no_repair() -> None:
    """Null and empty texts stand for nothing, as thread_parent_id inside pins."""
    decoder = Decoder()
    event = decoder.decode("ChatMessageEvent", {**MESSAGE, "thread_parent_id": "", "content": None})
    assert (event.thread_parent_id, event.content, decoder.repaired) == (None, "", 0)
    pinned = json.dumps({"message": {**MESSAGE, "thread_parent_id": ""}})
    event = decoder.decode("PinnedMessageCreatedEvent", pinned)
    assert (event.message.thread_parent_id, decoder.repaired) == (None, 0)


def test_each_oddity_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """A field that changed its type does not fill the log."""
    decoder = Decoder()
    with caplog.at_level("INFO", "kick_live"):
        for _ in range(20):
            decoder.decode("ChatMessageEvent", {**MESSAGE, "created_at": "yesterday"})
            decoder.decode("ChatMessageEvent", {})
    assert len(caplog.records) == 2


def test_the_memory_of_oddities_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    """A thousand different ones are logged, then no more."""
    decoder = Decoder()
    with caplog.at_level("INFO", "kick_live"):
        for number in range(1100):
            decoder.decode("ChatMessageEvent", "x" * number + "y")
    assert len(caplog.records) <= 1000


def test_decode_may_be_called_from_any_thread() -> None:
    """The module's function gives the same everywhere."""
    seen: list[Event] = []
    threads = [
        threading.Thread(target=lambda: seen.append(decode("ChatMessageEvent", MESSAGE)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert len(seen) == 8
    assert all(isinstance(event, ChatMessage) for event in seen)


# -- anything at all

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["", "[]", "null", "{}", "2026-10-05T18:01:12Z", "1200", "\ud800", "\x1b[2J"])
)
_JSON = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "username", "sender", "message", "identity", "badges", "poll"])
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)
_NAMES = st.sampled_from(sorted(BY_WIRE_NAME)) | st.text(max_size=10)


@settings(max_examples=100, deadline=None)
@given(name=_NAMES, data=st.text(max_size=50) | st.binary(max_size=50) | _JSON)
def test_nothing_makes_decode_raise(name: str, data: Any) -> None:
    """Any name with any text, bytes or JSON becomes some event that can be shown and compared."""
    event = decode(name, data)
    assert isinstance(event, Event)
    assert repr(event)
    assert event == event
    assert isinstance(event.raw, str)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in items:
        found += _paths(item, (*path, key))
    return found


def _changed(value: Any, path: tuple[Any, ...], change: Any) -> Any:
    if not path:
        return change(value)
    key, rest = path[0], path[1:]
    copied = value.copy()
    if not rest and change is None:
        del copied[key]
    else:
        copied[key] = _changed(copied[key], rest, change)
    return copied


_PLACES = [(name, path) for name, payload in PAYLOADS.items() for path in _paths(payload)]


@settings(max_examples=100, deadline=None)
@given(
    place=st.sampled_from(_PLACES),
    how=st.sampled_from(["drop", "null", "retype", "wrap"]),
    other=_JSON,
)
def test_a_changed_value_costs_its_field_only(
    place: tuple[str, tuple[Any, ...]], how: str, other: Any
) -> None:
    """Dropped, null, of another type or wrapped as text: the fields beside it stay as they were."""
    name, path = place
    change: Any = {
        "drop": None,
        "null": lambda value: None,
        "retype": lambda value: other,
        "wrap": json.dumps,
    }[how]
    whole = made(name, PAYLOADS[name])
    event = made(name, _changed(PAYLOADS[name], path, change))
    assert isinstance(event, Event)
    if isinstance(event, UndecodableEvent) or name in _INTERWOVEN:
        return
    touched = {str(path[0]), _snake(str(path[0]))}
    changed = {
        field.name
        for field in attrs.fields(type(whole))
        if field.eq and getattr(event, field.name) != getattr(whole, field.name)
    }
    assert changed <= touched


def _snake(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() else c for c in name)


#: Payloads of which one value decides about several fields.
_INTERWOVEN = {
    *("GiftedSubscriptionsEvent", "SubscriptionGifted", "LivestreamUpdated", "UserBannedEvent"),
    *("UpdatedLiveStreamEvent", "ChatMoveToSupportedChannelEvent"),
}


@pytest.mark.parametrize(
    "name",
    sorted(name for name in BY_WIRE_NAME if name in PAYLOADS),
)
def test_the_short_way_makes_the_same_frozen_event(name: str) -> None:
    """The second event of a kind takes the short way: same class, same fields, as frozen, picklable."""
    decoder = Decoder()
    text = json.dumps(PAYLOADS[name])
    long_way = decoder.decode(name, PAYLOADS[name], "t", received_at=WHEN)
    decoder.decode(name, text)
    short_way = decoder.decode(name, text, "t", received_at=WHEN)
    assert type(short_way) is BY_WIRE_NAME[name]
    assert short_way == long_way
    assert short_way.raw == text
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        short_way.topic = "other"  # type: ignore[misc]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        del short_way.topic
    assert pickle.loads(pickle.dumps(short_way)) == short_way
    assert attrs.evolve(short_way, historical=True).historical


def test_a_drift_that_repeats_is_mended_each_time_by_its_own_value() -> None:
    """What was learnt about one payload says nothing about the values of the next."""
    decoder = Decoder()
    for number in range(3):
        text = json.dumps({**MESSAGE, "created_at": f"2026-10-05T18:00:0{number}"})
        event = decoder.decode("ChatMessageEvent", text)
        assert isinstance(event, ChatMessage)
        assert event.created_at == datetime(2026, 10, 5, 18, 0, number, tzinfo=timezone.utc)
    text = json.dumps({**MESSAGE, "created_at": "2026-10-05T18:00:09+02:00"})
    event = decoder.decode("ChatMessageEvent", text)
    assert isinstance(event, ChatMessage)
    assert event.created_at == datetime(2026, 10, 5, 16, 0, 9, tzinfo=timezone.utc)


@pytest.mark.parametrize("name", sorted(PAYLOADS))
def test_the_short_way_mends_as_the_long_way_does(name: str) -> None:
    """A field of any kind that drifts: what a first event becomes, the following ones become, too."""
    payload = PAYLOADS[name]
    if not isinstance(payload, dict):
        return
    for field in payload:
        for odd in (None, 7, "odd", [], {"odd": 1}, True):
            text = json.dumps({**payload, field: odd})
            first = Decoder().decode(name, text, received_at=WHEN)
            decoder = Decoder()
            decoder.decode(name, json.dumps(payload))
            for _ in range(3):
                again = decoder.decode(name, text, received_at=WHEN)
                assert (type(again), again) == (type(first), first), (field, odd)


@pytest.mark.parametrize("data", ['"null"', '"NULL"', '"[]"', '"{}"', "[[]]", "[null]", "7"])
def test_what_is_no_empty_object_is_none_however_often_it_comes(data: str) -> None:
    """Empty objects, lists and null stand for an event without fields; a text or another list does not."""
    decoder = Decoder()
    for text in ["[]", "{}", "null"] * 2:
        assert isinstance(decoder.decode("App\\Events\\StopStreamBroadcast", text), StreamEnd)
    for _ in range(3):
        event = decoder.decode("App\\Events\\StopStreamBroadcast", data)
        assert isinstance(event, UndecodableEvent)
        assert event.raw == data
