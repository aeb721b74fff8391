"""Kick's units, turned into Python's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kick_live.events.units import (
    as_object,
    milliseconds,
    minutes,
    nanoseconds,
    seconds,
    snake_case,
)

UNITS = (seconds, minutes, nanoseconds, milliseconds)


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [
        (seconds, 5, timedelta(seconds=5)),
        (seconds, "1200", timedelta(minutes=20)),
        (seconds, 0, timedelta(0)),
        (seconds, 1.5, timedelta(seconds=1.5)),
        (minutes, 5, timedelta(minutes=5)),
        (minutes, "262980", timedelta(minutes=262980)),
        (nanoseconds, 600_000_000_000, timedelta(minutes=10)),
        (nanoseconds, 600, timedelta(minutes=10)),
        (nanoseconds, 999_999, timedelta(seconds=999_999)),
        (nanoseconds, 1_000_000, timedelta(milliseconds=1)),
        (nanoseconds, 0, timedelta(0)),
        (milliseconds, 1500, 1.5),
        (milliseconds, "1791223244420", 1791223244.42),
    ],
)
def test_numbers_get_their_unit(unit: Callable[[Any], Any], value: Any, expected: Any) -> None:
    """As numbers or as text."""
    assert unit(value) == expected


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(
    "value",
    [None, True, False, "", "soon", [], {}, 1e999, -1e999, float("nan"), 10**400, 10**24, "1e400"],
)
def test_what_is_no_amount_of_time_is_none(unit: Callable[[Any], Any], value: Any) -> None:
    """Absurd amounts count as not said."""
    assert unit(value) is None


@settings(max_examples=100, deadline=None)
@given(value=st.integers() | st.floats() | st.text(max_size=8) | st.none() | st.booleans())
def test_no_value_makes_a_unit_raise(value: Any) -> None:
    """Whatever Kick writes."""
    for unit in UNITS:
        unit(value)


def test_keys_become_snake_case_at_any_depth() -> None:
    """Values, and keys that are in snake case already, stay."""
    value = {"giftedUsers": [{"monthsSubscribed": 2}], "is_info": {"isSuperAdmin": "aB"}, "a1B": 1}
    assert snake_case(value) == {
        "gifted_users": [{"months_subscribed": 2}],
        "is_info": {"is_super_admin": "aB"},
        "a1_b": 1,
    }
    assert snake_case("aB") == "aB"


def test_only_an_object_is_an_object() -> None:
    """PHP writes [] for an empty one."""
    assert as_object({"a": 1}) == {"a": 1}
    assert [as_object(value) for value in ([], None, "x", 7)] == [{}, {}, {}, {}]
