"""convert() and parse_json(): a bad value costs the field."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import attrs
import msgspec
import pytest
from attrs import field, frozen, make_class
from hypothesis import given, settings
from hypothesis import strategies as st

from kick_live.events.base import Time
from kick_live.events.tolerant import ConversionError, convert, parse_json, understand


@frozen(kw_only=True)
class Inner:
    """Something inside."""

    name: str
    count: int = 0


@frozen(kw_only=True)
class Outer:
    """Something with every kind of field."""

    id: str
    inner: Inner | None = None
    items: tuple[Inner, ...] = ()
    numbers: tuple[int, ...] = ()
    flag: bool | None = None
    at: Time | None = None
    table: dict[str, int] = field(factory=dict)


def converted(**payload: Any) -> tuple[Outer, list[str]]:
    """The instance, and the paths of what was mended."""
    dropped: list[str] = []
    return convert({"id": "x", **payload}, Outer, dropped.append), dropped


@pytest.mark.parametrize(
    ("payload", "field", "value"),
    [
        ({"inner": {"name": "a", "count": "7"}}, "inner", Inner(name="a", count=7)),
        ({"inner": {"name": "a", "count": "many"}}, "inner", Inner(name="a")),
        ({"inner": {"name": "a", "count": None}}, "inner", Inner(name="a")),
        ({"inner": {"name": 5}}, "inner", Inner(name="5")),
        ({"inner": {"name": 10**5000}}, "inner", None),
        ({"inner": '{"name": "a"}'}, "inner", Inner(name="a")),
        ({"inner": "not json"}, "inner", None),
        ({"inner": "7"}, "inner", None),
        ({"inner": []}, "inner", None),
        ({"inner": {}}, "inner", None),
        ({"inner": 7}, "inner", None),
        ({"items": [{"name": "a"}, {"name": "b"}]}, "items", (Inner(name="a"), Inner(name="b"))),
        ({"items": [{"name": "a"}, 7, {"name": "b"}]}, "items", (Inner(name="a"), Inner(name="b"))),
        ({"items": [{}, {"name": "b"}]}, "items", (Inner(name="b"),)),
        ({"items": '[{"name": "a"}]'}, "items", (Inner(name="a"),)),
        ({"items": None}, "items", ()),
        ({"items": {"name": "a"}}, "items", ()),
        ({"numbers": [1, "2", "x", 3]}, "numbers", (1, 2, 3)),
        ({"flag": "true"}, "flag", True),
        ({"flag": 0}, "flag", False),
        ({"flag": {"id": 1}}, "flag", True),
        ({"flag": {}}, "flag", False),
        ({"flag": "maybe"}, "flag", None),
        ({"at": "2026-10-05T18:00:00Z"}, "at", datetime(2026, 10, 5, 18, tzinfo=timezone.utc)),
        ({"at": "2026-10-05 18:00:00"}, "at", datetime(2026, 10, 5, 18, tzinfo=timezone.utc)),
        ({"at": "2026-10-05T18:00:00"}, "at", datetime(2026, 10, 5, 18, tzinfo=timezone.utc)),
        ({"at": 1791223200}, "at", datetime.fromtimestamp(1791223200, timezone.utc)),
        ({"at": "yesterday"}, "at", None),
        ({"at": "2026-99-99T18:00:00Z"}, "at", None),
        ({"table": {"a": 1, "b": "2"}}, "table", {"a": 1, "b": 2}),
        ({"table": {"a": 1, "b": "x"}}, "table", {}),
    ],
)
def test_a_value_is_mended_or_left_out(payload: dict[str, Any], field: str, value: Any) -> None:
    """Where the meaning is plain it is kept; otherwise the field has its default."""
    assert getattr(converted(**payload)[0], field) == value


def test_what_was_mended_is_told_by_path() -> None:
    """One path for each value; a value that fits is not told."""
    _, dropped = converted(
        inner={"name": "a", "count": "many"}, items=[7, {"name": "b"}], flag="maybe", at=None
    )
    assert sorted(dropped) == ["$.flag", "$.inner.count", "$.items[0]"]


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({}, "id"),
        ({"id": None}, "id"),
        ({"id": []}, "id"),
        ([1], "object"),
        ("text", "object"),
        (7, "object"),
    ],
)
def test_a_missing_required_part_is_an_error(payload: Any, words: str) -> None:
    """The message says what and where."""
    with pytest.raises(ConversionError, match=r" @ \$") as caught:
        convert(payload, Outer)
    assert words in str(caught.value)


@pytest.mark.parametrize("payload", [None, []])
def test_nothing_counts_as_an_empty_object(payload: Any) -> None:
    """A class without required fields can be made of it; another cannot."""
    from kick_live.events import ChatroomClear

    assert isinstance(convert(payload, ChatroomClear), ChatroomClear)
    with pytest.raises(ConversionError):
        convert(payload, Outer)


def test_the_payload_is_not_changed() -> None:
    """Mending copies what it touches."""
    payload = {"id": "x", "items": [7, {"name": "a", "count": "x"}], "inner": {"name": 3}}
    before = json.dumps(payload)
    convert(payload, Outer)
    assert json.dumps(payload) == before


def test_mending_is_bounded() -> None:
    """A payload that is wrong all over is given up."""
    names = [f"field_{number}" for number in range(100)]
    fields = {name: field(default=0, type=int) for name in names}
    with pytest.raises(ConversionError, match="more than 64"):
        convert(dict.fromkeys(names, "x"), make_class("Wide", fields, frozen=True))


@pytest.mark.parametrize("items", [["x"] * 100, [*range(50), *["x"] * 100]])
def test_a_list_with_too_many_bad_values_goes_as_a_whole(items: list[Any]) -> None:
    """It costs its field, not the whole, which is a gift of a hundred perhaps."""
    made, dropped = converted(id="x", numbers=items, items=[{"name": "a"}])
    assert (made.numbers, made.items) == ((), (Inner(name="a"),))
    assert dropped[-1] == "$.numbers"


def test_a_value_that_is_no_json_is_an_error() -> None:
    """Nothing but ConversionError comes out."""
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    for value in ({1: 2, "id": "x"}, {"id": "x", "table": deep}, {"id": {1, 2}}, object()):
        try:
            convert(value, Outer)
        except ConversionError as error:
            assert str(error)  # noqa: PT017 - both outcomes are fine
    while deep:
        deep = deep.pop()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        (b'{"a": 1}', {"a": 1}),
        ('"\\ud83d\\ude00"', "😀"),
        ('"\\ud800"', "\ufffd"),
        ('{"\\udc00": ["\\ud800x"]}', {"\ufffd": ["\ufffdx"]}),
        ('"\ud800"', "\ufffd"),
        ("[1e999]", [float("inf")]),
    ],
)
def test_json_that_is_slightly_off_is_parsed(text: str | bytes, value: Any) -> None:
    """Lone surrogates become a sign that can be printed and stored."""
    assert parse_json(text) == value


@pytest.mark.parametrize("text", ["", "{", "nope", "[" * 100_000, b"\xff", "'a'", '{"a":' * 50_000])
def test_what_is_no_json_is_an_error_of_ours(text: str | bytes) -> None:
    """Even where it is nested too deeply for the parser."""
    with pytest.raises(ConversionError):
        parse_json(text)


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=40) | st.binary(max_size=40))
def test_parsing_raises_nothing_else(text: str | bytes) -> None:
    """Any text parses, or is refused in our own words; the result can be written as UTF-8."""
    try:
        value = parse_json(text)
    except ConversionError:
        return
    json.dumps(value, ensure_ascii=False).encode()


_SAMPLES: dict[type[Any], list[Any]] = {
    type(None): [None],
    bool: [True, False],
    int: [0, 1, 7, 10**30],
    float: [0.0, 1.0, 1.5],
    str: ["", "0", "7", "1.5", "true", "null", "none", "[]", "{}", "2026-10-05T18:00:01Z"],
    list: [[], [7], [{}]],
    dict: [{}, {"a": 1}],
}
_TYPES: tuple[Any, ...] = (str, int, float, bool, datetime, list[Any], dict[str, Any])


@pytest.mark.parametrize("cls", [*_TYPES, *(cls | None for cls in _TYPES)], ids=str)
@pytest.mark.parametrize("kind", list(_SAMPLES), ids=lambda kind: kind.__name__)
def test_what_is_refused_for_its_type_is_refused_whatever_its_value(
    cls: Any, kind: type[Any]
) -> None:
    """So a drift need not ask again; what another value might be read as is not counted among it."""
    shape = attrs.make_class("Shape", {"value": attrs.field(type=cls)})
    refused = []
    for value in _SAMPLES[kind]:
        try:
            msgspec.convert({"value": value}, shape, strict=False)
        except msgspec.ValidationError as error:
            refused.append(kind in understand(error, shape).never)
    if any(refused):
        assert refused == [True] * len(_SAMPLES[kind])
