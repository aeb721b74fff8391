"""Payloads of which the same fields do not fit, one after the other."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from payloads import PAYLOADS

from kick_live.events import ChatMessage, Event, UndecodableEvent
from kick_live.events.decoder import Decoder
from kick_live.events.registry import BY_WIRE_NAME

WHEN = datetime(2026, 10, 5, 18, tzinfo=timezone.utc)
NAME = "App\\Events\\ChatMessageEvent"
MESSAGE: dict[str, Any] = {
    "id": "m",
    "sender": {"id": 1, "username": "maple", "identity": {"color": "#31D6C2", "badges": []}},
    "content": "hi",
    "created_at": "2026-10-05T18:00:01+00:00",
}
NAMES = sorted(BY_WIRE_NAME)


def decoded(decoder: Decoder, data: str, name: str = NAME) -> Event:
    """An event received at a fixed time."""
    return decoder.decode(name, data, "t", None, WHEN)


def counts(decoder: Decoder) -> tuple[int, int, int]:
    """What a decoder has counted."""
    return decoder.repaired, decoder.undecodable, decoder.unknown


def by_itself(data: str, name: str = NAME) -> tuple[Event, tuple[int, int, int]]:
    """What becomes of a payload that is the first of its kind, and what is counted."""
    decoder = Decoder()
    return decoded(decoder, data, name), counts(decoder)


# -- as if it were the first

_VALUES = st.sampled_from(
    [
        *(None, 0, 17, 10**30, 1.5, True, "", "yesterday", "17", "2026-10-05T18:00:01"),
        *("[]", "{}", "[1", '{"id":"x"}', [], [7], {}, {"a": 1}, [None, {}], [{"type": 3}]),
    ]
)
_CHANGES = ("drop", "rename", "replace", "wrap")


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    inside: Any = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    for key, item in inside:
        found += _paths(item, (*path, key))
    return found


def _changed(value: Any, path: tuple[Any, ...], how: str, other: Any) -> Any:
    key, rest = path[0], path[1:]
    copied = value.copy()
    if rest:
        copied[key] = _changed(copied[key], rest, how, other)
    elif how == "drop":
        del copied[key]
    elif how == "rename" and isinstance(copied, dict):
        copied[f"{key}_v2"] = copied.pop(key)
    elif how == "wrap":
        copied[key] = json.dumps(copied[key])
    else:
        copied[key] = other
    return copied


@st.composite
def _series(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A kind, and payloads of it in some of which one or two values do not fit."""
    name = draw(st.sampled_from([name for name in NAMES if PAYLOADS[name]]))
    payload = PAYLOADS[name]
    change = st.tuples(st.sampled_from(_paths(payload)), st.sampled_from(_CHANGES), _VALUES)
    texts = []
    for changes in draw(st.lists(st.lists(change, max_size=2), min_size=1, max_size=6)):
        drifted = payload
        for path, how, other in changes:
            try:
                drifted = _changed(drifted, path, how, other)
            except (KeyError, IndexError, TypeError, AttributeError):
                continue  # the first change took away what the second is about
        texts.append(json.dumps(drifted))
    return name, texts


@settings(max_examples=300, deadline=None)
@given(series=_series())
def test_what_came_before_changes_nothing(series: tuple[str, list[str]]) -> None:
    """Each payload of a series becomes what it would become alone, and counts as it would alone."""
    name, texts = series
    decoder = Decoder()
    expected = (0, 0, 0)
    for text in [*texts, *texts]:
        alone, count = by_itself(text, name)
        expected = tuple(map(sum, zip(expected, count, strict=True)))
        assert decoded(decoder, text, name) == alone
        assert counts(decoder) == expected


@pytest.mark.parametrize(
    "change",
    [
        {"created_at": "2026-10-05T18:00:01"},
        {"created_at": "yesterday"},
        {"id": 17},
        {"content": None},
        {"metadata": '{"message_ref":"1791223201022"}'},
        {"metadata": []},
        {"created_at": "yesterday", "metadata": 7},
        {"sender": {"username": "maple", "identity": {"badges": [{"type": "vip", "count": "x"}]}}},
        {"sender": {"username": "maple", "identity": {"badges": [{"type": None}, {"type": "og"}]}}},
        {"sender": "maple"},
        {"sender": {"username": None}},
        {"sender": {"username": "maple", "identity": {"color": 7, "badges": 7}}},
        {"id": None},
    ],
    ids=str,
)
def test_a_drift_goes_on_and_ends(change: dict[str, Any]) -> None:
    """Through many payloads, among good ones, and long after it: each is what it is alone."""
    decoder = Decoder()
    bad, good = json.dumps({**MESSAGE, **change}), json.dumps(MESSAGE)
    drifted, fine = by_itself(bad)[0], by_itself(good)[0]
    for text in [bad] * 5 + [bad, good] * 5 + [good] * 200 + [bad] * 3:
        assert decoded(decoder, text) == (drifted if text is bad else fine)


def test_a_value_of_another_type_is_judged_anew() -> None:
    """What was refused before says nothing of what fits, of other types, or of other places."""
    decoder = Decoder()
    for color in [7, 7, 7, "#31D6C2", 7, {}, None, [], "#", 7.5, True, 7]:
        for badges in [7, [{"type": "og"}], [7], [{"type": 7}], None, {}]:
            identity = {"color": color, "badges": badges}
            text = json.dumps({**MESSAGE, "sender": {"username": "maple", "identity": identity}})
            assert decoded(decoder, text) == by_itself(text)[0]


def test_many_bad_values_are_too_many_each_time() -> None:
    """The bound on repairs is the same whether the drift is known or not; the list goes then."""

    def badges(count: int) -> str:
        identity = {"badges": [{"type": "vip", "count": "x"}] * count}
        return json.dumps({**MESSAGE, "sender": {"username": "maple", "identity": identity}})

    decoder = Decoder()
    for _ in range(3):
        assert len(decoded(decoder, badges(50)).sender.badges) == 50
        assert decoded(decoder, badges(65)).sender.badges == ()


@pytest.mark.parametrize("extra", ["", "created_at"])
def test_a_key_that_comes_twice_counts_by_its_last_value(extra: str) -> None:
    """As in every JSON parser, whether the earlier value fits or not."""
    decoder = Decoder()
    decoded(decoder, json.dumps(MESSAGE))
    if extra:
        decoded(decoder, json.dumps({**MESSAGE, extra: "yesterday"}))
    for text, name in (
        ('{"id":"1","sender":5,"sender":{"username":"maple"}}', "maple"),
        ('{"id":"1","sender":{"username":"a","id":"x"},"sender":{"username":"b"}}', "b"),
        (
            '{"id":"1","sender":{"username":"a","identity":{"badges":[7]}},"sender":{"username":"b"}}',
            "b",
        ),
    ):
        event = decoded(decoder, text)
        assert isinstance(event, ChatMessage)
        assert event.sender.username == name
    event = decoded(decoder, '{"id":"1","sender":{"username":"a","id":"x"},"sender":7}')
    assert isinstance(event, UndecodableEvent)


# -- what it leaves behind


@pytest.mark.parametrize(
    "change",
    [{"created_at": "yesterday", "metadata": 7}, {"id": None}, {"sender": {"username": None}}],
    ids=["mended", "without id", "without sender"],
)
@pytest.mark.parametrize("write", [json.dumps, lambda payload: payload], ids=["text", "object"])
def test_mending_leaves_no_cycles(change: dict[str, Any], write: Callable[[Any], Any]) -> None:
    """Nothing is left for the garbage collector, whatever was raised and caught on the way."""
    decoder = Decoder()
    data = write({**MESSAGE, **change})
    for _ in range(3):
        decoder.decode(NAME, data)
    gc.collect()
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        for _ in range(20):
            decoder.decode(NAME, data)
        assert gc.collect() == 0
    finally:
        if was_enabled:
            gc.enable()


def test_each_bad_value_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """By its path, however many payloads have it; good ones between them are not told."""
    decoder = Decoder()
    bad = json.dumps({**MESSAGE, "created_at": "yesterday", "chatroom_id": "x"})
    with caplog.at_level("INFO", "kick_live"):
        for text in [json.dumps(MESSAGE), *[bad] * 10, json.dumps(MESSAGE)]:
            decoded(decoder, text)
    told = sorted(record.args[2] for record in caplog.records if record.args)  # type: ignore[index]
    assert told == ["$.chatroom_id", "$.created_at"]
    assert decoder.repaired == 10
